//! The forms of a file: whole in memory, in pieces, a table, an archive.
//!
//! Comes in: decoded bytes. Goes out: pieces of JSON and rows of tables, taken one by one. Never: a file
//! in memory that is larger than the decoder's bound.

use crate::ingest::clock::Times;
use crate::ingest::coverage::SetAside;
use crate::ingest::prefilter::Mentions;
use crate::ingest::reader::document::Document;
use crate::ingest::reader::first::Sequence;
use crate::ingest::reader::reading::{HEAD, MAX_RECORD_BYTES, Reading};
use crate::ingest::timeline::Timeline;
use crate::ingest::verify::{Bearer, ContentSeen};
use crate::location::Span;
use crate::problem::{KnownForm, ProblemKind};
use crate::record::{Export, ExportRow, RawRecord, Splitter, known_form, split_into};
use crate::source::archive::{Archive, is_tar};
use crate::source::decode::PieceReader;
use crate::source::digest_file::file_name;
use crate::source::seal::{Hasher, side_signature};
use crate::source::{ContentHash, Decoded, Decoder, DigestFile, FileKind, LogName};

/// The size of the pieces in which a large file is read.
pub(super) const PIECE_BYTES: usize = 4 << 20;

impl Reading<'_> {
    /// Reads a file that is in memory.
    pub(super) fn whole(
        &mut self,
        bytes: &[u8],
        defect: Option<ProblemKind>,
        kind: FileKind,
        name: Option<LogName<'_>>,
    ) {
        let is_defective = defect.is_some();
        if self.shared.hashes {
            self.document.content = Some(ContentSeen::of(ContentHash::of(bytes), defect.as_ref()));
        }
        if let Some(kind) = defect {
            self.problem(kind, None, end_of(bytes));
        }
        if kind == FileKind::Digest {
            if let Some(digest) = DigestFile::parse(bytes) {
                return self.document.digests.push(digest);
            }
            self.document.signature = side_signature(bytes);
            if self.document.signature.is_some() {
                return;
            }
        }
        let text = utf_16(bytes);
        let bytes = text.as_ref().map_or(bytes, |text| text.as_bytes());
        if let Some(table) = Export::of(bytes) {
            return self.table(&table, None);
        }
        self.document.is_empty = !is_defective && bytes.trim_ascii().is_empty();
        let shared = self.shared;
        let mut mentions = shared.prefilter.mentions(bytes);
        let times = self.look_through(bytes, name.as_ref(), &mut mentions);
        if let (Some(name), Some(timeline)) = (name, times) {
            if shared.hashes {
                self.own(name.account, name.region).absorb(timeline.clone());
            }
            self.shard
                .ledger
                .timeline(name.account, name.region)
                .absorb(timeline);
            self.document.stamps = false;
            if !self.document.counts && is_closed(bytes) {
                self.document.n_arrays += 1;
                return;
            }
        }
        split_into(bytes, &mut Sequence::new(self, bytes, mentions));
        if !self.document.is_cloudtrail() {
            self.document.form = known_form(bytes);
        }
        // What the decoder already reported is not reported again.
        if !is_defective {
            self.report_breaks();
        }
    }

    /// Reads the rows of a table of events, each of which wraps a record. A table that was made of something else is
    /// all in one place.
    pub(super) fn table(&mut self, table: &Export<'_>, place: Option<Span>) {
        let missing = table.missing();
        if !missing.is_empty() {
            let names: Vec<_> = missing.iter().map(|name| format!("`{name}`")).collect();
            let reason = format!("there is no column {}", names.join(", "));
            return self.problem(ProblemKind::BadTable { reason }, None, HEAD);
        }
        self.document.n_wrapping += 1;
        table.rows(&mut |row| {
            let index = self.position(0);
            self.n_unwrapped = self.n_unwrapped.saturating_add(1);
            match row {
                ExportRow::Record { text, span } => {
                    self.document.n_wrapped += 1;
                    let (text, span) = (&*text, place.unwrap_or(span));
                    self.unwrapped(RawRecord { text, span, index });
                }
                ExportRow::Wrapper { text, span } => {
                    if !self.open(text.as_bytes(), place.unwrap_or(span), 0) {
                        self.document.n_skipped += 1;
                    }
                }
                ExportRow::Broken { reason, span } => {
                    self.document.tally.seen += 1;
                    self.document.tally.malformed += 1;
                    let span = place.unwrap_or(span);
                    self.problem(ProblemKind::BadTable { reason }, Some(index), span);
                }
            }
        });
    }

    /// Looks for mentions and times in one pass over a file; returns its times if they agree with the
    /// file's name.
    fn look_through(
        &mut self,
        bytes: &[u8],
        name: Option<&LogName<'_>>,
        mentions: &mut Mentions<'_>,
    ) -> Option<Timeline> {
        let mut times = name.and_then(|name| Times::start(bytes, name));
        while let Some(places) = mentions.next_times() {
            times = times.and_then(|mut times| times.read(places).map(|()| times));
        }
        // Of a search every record counts, whatever its file holds.
        let is_search = self.shared.prefilter.sought().is_some();
        self.document.counts = is_search || mentions.any();
        times?.finish()
    }

    /// Reads every member of an archive, each of which counts as a file; the limit applies to all of
    /// them together.
    pub(super) fn archive(&mut self, mut archive: Archive) {
        let (mut decoder, mut left) = (Decoder::default(), self.shared.limit);
        // A member that is cut reports the limit; if one just fits, the next one reports it.
        let mut is_told = false;
        for index in 0..archive.n_members() {
            let name = archive.name(index).unwrap_or_default();
            let bearer = Bearer::member(self.file, self.n_unwrapped, index, &name);
            self.document = Document::new(bearer, self.n_problems);
            if index > 0 && left == 0 {
                self.unread();
                if !is_told {
                    is_told = true;
                    let limit = self.shared.limit;
                    self.shard.ledger.files.unreadable += 1;
                    self.problem(ProblemKind::TooLarge { limit }, None, HEAD);
                }
                continue;
            }
            let member = match decoder.decode_member(&mut archive, index, left) {
                Ok(Some(member)) => member,
                Ok(None) => continue,
                Err(kind) => {
                    self.unread();
                    self.shard.ledger.files.unreadable += 1;
                    self.problem(kind, None, HEAD);
                    continue;
                }
            };
            let name = member.name.as_str();
            let kind = FileKind::of(name);
            if file_name(name).starts_with('.') {
                self.shard.ledger.set_aside(self.file, SetAside::Hidden);
                continue;
            }
            if kind == FileKind::Insight {
                self.shard.ledger.set_aside(self.file, SetAside::Insight);
                continue;
            }
            let is_cut = |defect: &Option<_>| matches!(defect, Some(ProblemKind::TooLarge { .. }));
            let n_decoded;
            (n_decoded, is_told) = match member.content {
                Decoded::Whole { bytes, defect } => {
                    let is_cut = is_cut(&defect);
                    self.whole(bytes, defect, kind, LogName::parse(name));
                    (bytes.len(), is_cut)
                }
                Decoded::Pieces(pieces) => (self.pieces(pieces), self.has_problems()),
                // The decoder opens no archive in an archive.
                Decoded::Archive(_) => (0, false),
            };
            self.count();
            left = left.saturating_sub(n_decoded as u64);
        }
        if archive.n_members() == 0 {
            self.count();
        }
    }

    /// Notes a member that is left unread.
    fn unread(&mut self) {
        let testimony = &mut self.shard.testimony;
        testimony.unused(self.document.bearer.clone(), ContentSeen::Unread);
    }

    /// Reads a file piece by piece; returns the number of bytes that it decodes to.
    pub(super) fn pieces(&mut self, mut pieces: PieceReader<'_>) -> usize {
        let shared = self.shared;
        let mut splitter = Splitter::default();
        let mut buffer = vec![0; PIECE_BYTES];
        let (mut filled, mut start) = (0, 0);
        let mut defect = None;
        let mut hasher = shared.hashes.then(Hasher::default);
        self.document.counts = true;
        loop {
            match pieces.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(n_read) => {
                    if let Some(hasher) = &mut hasher {
                        hasher.update(&buffer[filled..filled + n_read]);
                    }
                    filled += n_read;
                }
                Err(kind) => {
                    defect = Some(kind);
                    break;
                }
            }
            if filled < buffer.len() {
                continue;
            }
            if start == 0 {
                let is_tar = is_tar(&buffer).then_some(KnownForm::LargeTar);
                self.document.form = is_tar.or_else(|| known_form(&buffer));
            }
            let mut mentions = shared.prefilter.mentions(&buffer);
            let mut done = splitter.feed(&buffer, &mut |piece| {
                self.piece(piece, start, &mut mentions);
            });
            if done == 0 && buffer.len() >= MAX_RECORD_BYTES {
                done = splitter.give_up(&buffer, &mut |piece| {
                    self.piece(piece, start, &mut mentions);
                });
            }
            buffer.copy_within(done.., 0);
            filled -= done;
            start += done;
            if filled > buffer.len() / 2 {
                buffer.resize(buffer.len() * 2, 0);
            }
        }
        let rest = &buffer[..filled];
        let mut mentions = shared.prefilter.mentions(rest);
        splitter.finish(rest, &mut |piece| {
            self.piece(piece, start, &mut mentions);
        });
        let end = Span {
            start: start + filled,
            len: 0,
        };
        self.document.content =
            hasher.map(|hasher| ContentSeen::of(hasher.finish(), defect.as_ref()));
        match defect {
            Some(kind) => self.problem(kind, None, end),
            None => self.report_breaks(),
        }
        end.start
    }
}

/// A text in UTF-16 that begins with a byte order mark, as PowerShell writes it; what is no text is U+FFFD.
fn utf_16(bytes: &[u8]) -> Option<String> {
    let (units, _) = bytes.get(2..)?.as_chunks::<2>();
    let units: Vec<u16> = match bytes.first_chunk()? {
        b"\xff\xfe" => units.iter().map(|unit| u16::from_le_bytes(*unit)).collect(),
        b"\xfe\xff" => units.iter().map(|unit| u16::from_be_bytes(*unit)).collect(),
        _ => return None,
    };
    Some(String::from_utf16_lossy(&units))
}

/// The place after the last byte.
fn end_of(bytes: &[u8]) -> Span {
    Span {
        start: bytes.len(),
        len: 0,
    }
}

/// Whether a file ends the way JSON does.
fn is_closed(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start().first();
    let end = bytes.trim_ascii_end().last();
    matches!(
        (start, end),
        (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']'))
    )
}
