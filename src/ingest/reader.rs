//! Reads one file after the other into a shard.
//!
//! Comes in: files, with the buffers to decode them in. Goes out: a [`Shard`] with what they hold,
//! each file's share independent of the others'. Never: a failure; a file that cannot be read is
//! counted, with a problem that says why.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::event::log::{ContextEvent, Tables};
use crate::event::{Callers, Defect, Event, Parsed, parse, stamp};
use crate::ingest::clock::Clock;
use crate::ingest::coverage::{FileTally, Interval, RecordTally, SetAside, Source};
use crate::ingest::prefilter::{Mentions, Prefilter, STRETCH};
use crate::ingest::timeline::Timeline;
use crate::ingest::verify::{Content, DigestSeen, Evidence, LogSeen};
use crate::location::{FileId, Location, Span};
use crate::problem::{Problem, ProblemKind};
use crate::record::{Piece, RawRecord, Splitter, excerpt, split};
use crate::source::decode::Pieces;
use crate::source::seal::{Hasher, side_signature};
use crate::source::{ContentHash, Decoded, Decoder, DigestFile, Found, Kind, LogName, SourceFile};

/// Problems of one file that are listed; the rest are counted.
pub(super) const MAX_PROBLEMS: usize = 20;

/// Bytes of a piece that a large file is read in.
const PIECE_BYTES: usize = 4 << 20;

/// The longest record of a file that is read in pieces.
const MAX_RECORD_BYTES: usize = 64 << 20;

/// What was read from some of the files.
#[derive(Default)]
pub struct Shard {
    /// The files read.
    pub(super) file_ids: Vec<FileId>,
    /// Push events, file by file.
    pub(super) events: Vec<Event>,
    /// Calls beside them.
    pub(super) context: Vec<ContextEvent>,
    /// What their ids point into.
    pub(super) tables: Tables,
    /// Whose `userIdentity` need not be read again.
    callers: Callers,
    /// The files by what became of them.
    pub(super) files: FileTally,
    /// The files that give no records.
    pub(super) set_aside: Vec<(SetAside, FileId)>,
    /// The records by what became of them; duplicates are not yet known.
    pub(super) records: RecordTally,
    /// What was wrong.
    pub(super) problems: Vec<Problem>,
    /// When each account and region was heard of.
    pub(super) timelines: BTreeMap<Source, Timeline>,
    /// What the check against digest files asks for.
    pub(super) evidence: Evidence,
}

/// What all readers share, and nobody changes.
pub(super) struct Shared<'a> {
    pub(super) limit: u64,
    /// Whether the content of files is hashed.
    pub(super) hashes: bool,
    pub(super) prefilter: Prefilter,
    pub(super) clock: Clock,
    /// The names of the files of the input, without folders and without `.gz`.
    pub(super) present: BTreeSet<&'a str>,
}

/// A name without its folders and without `.gz`, which people unpack.
pub(super) fn bare_name(path: &str) -> &str {
    let name = crate::source::digest_file::file_name(path);
    name.strip_suffix(".gz").unwrap_or(name)
}

/// Reads a file into a shard.
pub(super) fn read(
    shard: &mut Shard,
    decoder: &mut Decoder,
    shared: &Shared<'_>,
    id: FileId,
    file: &SourceFile,
) {
    shard.file_ids.push(id);
    let kind = match &file.found {
        Found::Empty => {
            shard
                .evidence
                .unused(id, Content::Whole(ContentHash::of(b"")));
            return shard.empty(id);
        }
        Found::Hidden => return shard.set_aside(id, SetAside::Hidden),
        Found::Readable(Kind::Insight) => return shard.set_aside(id, SetAside::Insight),
        Found::Readable(kind) => *kind,
        Found::Unreadable { reason } => {
            shard.evidence.unused(id, Content::Unread);
            return shard.unreadable(id, reason.clone());
        }
    };
    let name = LogName::parse(&file.name);
    match decoder.decode(file, shared.limit) {
        Err(error) => {
            shard.evidence.unused(id, Content::Unread);
            shard.unreadable(id, error.to_string());
        }
        Ok(Decoded::Whole { bytes, defect }) => {
            let mut reading = Reading::new(shard, shared, id);
            reading.whole(bytes, defect, kind, name);
            reading.finish();
        }
        Ok(Decoded::Pieces(pieces)) => {
            let mut reading = Reading::new(shard, shared, id);
            reading.pieces(pieces);
            reading.finish();
        }
    }
}

impl Shard {
    fn unreadable(&mut self, file: FileId, reason: String) {
        self.files.unreadable += 1;
        self.problems.push(Problem {
            kind: ProblemKind::Unreadable { reason },
            at: Location::file(file),
            excerpt: None,
        });
    }

    fn empty(&mut self, file: FileId) {
        self.files.empty += 1;
        self.problems.push(Problem {
            kind: ProblemKind::Empty,
            at: Location::file(file),
            excerpt: None,
        });
    }

    /// Counts a file that gives no records.
    fn set_aside(&mut self, file: FileId, why: SetAside) {
        let counter = match why {
            SetAside::NotCloudTrail => &mut self.files.not_cloudtrail,
            SetAside::Hidden => &mut self.files.hidden,
            SetAside::Insight => &mut self.files.insight,
            SetAside::Digest => &mut self.files.digest,
        };
        *counter += 1;
        self.set_aside.push((why, file));
    }

    fn timeline(&mut self, account: &str, region: &str) -> &mut Timeline {
        let source = Source {
            account: account.into(),
            region: region.into(),
        };
        self.timelines.entry(source).or_default()
    }
}

/// The reading of one file.
struct Reading<'a> {
    shard: &'a mut Shard,
    shared: &'a Shared<'a>,
    file: FileId,
    /// Problems met, listed or not.
    n_problems: u64,
    /// Whether records are stamped one by one.
    stamps: bool,
    /// Whether records count as seen.
    counts: bool,
    tally: RecordTally,
    /// `Records` arrays.
    n_arrays: u64,
    /// The first object by itself that is no record, or text that is no JSON object.
    first_foreign: Option<Span>,
    /// Whether the file decodes to nothing.
    is_empty: bool,
    /// Where the JSON broke off, if it did.
    breaks: Vec<(usize, Option<(u32, Span)>)>,
    digests: Vec<DigestFile>,
    /// The signature of a digest file, if the file is one that holds it.
    signature: Option<String>,
    /// The hash of the content, if it is asked for.
    content: Option<Content>,
    defects: Vec<Defect>,
    /// The newest timeline written to, to spare a look-up for each record.
    newest: Option<(Source, Timeline)>,
}

impl<'a> Reading<'a> {
    fn new(shard: &'a mut Shard, shared: &'a Shared<'a>, file: FileId) -> Self {
        Self {
            shard,
            shared,
            file,
            n_problems: 0,
            stamps: true,
            counts: true,
            tally: RecordTally::default(),
            n_arrays: 0,
            first_foreign: None,
            is_empty: false,
            breaks: Vec::new(),
            digests: Vec::new(),
            signature: None,
            content: None,
            defects: Vec::new(),
            newest: None,
        }
    }

    /// Reads a file that lies in memory.
    fn whole(
        &mut self,
        bytes: &[u8],
        defect: Option<ProblemKind>,
        kind: Kind,
        name: Option<LogName<'_>>,
    ) {
        let is_defective = defect.is_some();
        if self.shared.hashes {
            self.content = Some(content(ContentHash::of(bytes), defect.as_ref()));
        }
        if let Some(kind) = defect {
            self.problem(kind, None, end_of(bytes));
        }
        if kind == Kind::Digest {
            if let Some(digest) = DigestFile::parse(bytes) {
                return self.digests.push(digest);
            }
            self.signature = side_signature(bytes);
            if self.signature.is_some() {
                return;
            }
        }
        self.is_empty = !is_defective && bytes.trim_ascii().is_empty();
        let shared = self.shared;
        let mut mentions = shared.prefilter.mentions(bytes);
        let times = self.look_through(bytes, name.as_ref(), &mut mentions);
        if let (Some(name), Some(timeline)) = (name, times) {
            self.shard
                .timeline(name.account, name.region)
                .absorb(timeline);
            self.stamps = false;
            if !self.counts && is_closed(bytes) {
                self.n_arrays += 1;
                return;
            }
        }
        split(bytes, &mut |piece| self.piece(piece, 0, &mut mentions));
        // What the decoder already told of is not told again.
        if !is_defective {
            self.report_breaks();
        }
    }

    /// Looks for mentions and for times in one pass over a file; its times, if they bear out what its
    /// name says.
    fn look_through(
        &mut self,
        bytes: &[u8],
        name: Option<&LogName<'_>>,
        mentions: &mut Mentions<'_>,
    ) -> Option<Timeline> {
        let mut times = name.and_then(|name| self.shared.clock.start(bytes, name));
        self.counts = false;
        for start in (0..bytes.len()).step_by(STRETCH) {
            let end = bytes.len().min(start + STRETCH);
            self.counts = mentions.any_before(end);
            if times
                .as_mut()
                .is_some_and(|times| times.read_to(end).is_none())
            {
                times = None;
            }
        }
        times?.finish()
    }

    /// Reads a file a piece at a time.
    fn pieces(&mut self, mut pieces: Pieces) {
        let shared = self.shared;
        let mut splitter = Splitter::default();
        let mut buffer = vec![0; PIECE_BYTES];
        let (mut filled, mut start) = (0, 0);
        let mut defect = None;
        let mut hasher = shared.hashes.then(Hasher::default);
        self.counts = true;
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
            let mut mentions = shared.prefilter.mentions(&buffer);
            let mut done = splitter.feed(&buffer, &mut |piece| {
                self.piece(piece, start, &mut mentions);
            });
            if done == 0 && buffer.len() >= MAX_RECORD_BYTES {
                splitter.give_up(&buffer, &mut |piece| {
                    self.piece(piece, start, &mut mentions);
                });
                done = buffer.len();
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
        self.content = hasher.map(|hasher| content(hasher.finish(), defect.as_ref()));
        match defect {
            Some(kind) => self.problem(kind, None, end),
            None => self.report_breaks(),
        }
    }

    /// Takes a piece of the file; `start` is the offset of the bytes that `mentions` looks through.
    fn piece(&mut self, piece: Piece<'_>, start: usize, mentions: &mut Mentions<'_>) {
        match piece {
            Piece::Records => self.n_arrays += 1,
            Piece::Record { bytes, span, index } => {
                let is_candidate = self.counts
                    && mentions.any_in(span.start - start, span.start - start + span.len)
                    && self.shared.prefilter.may_be_read(bytes);
                self.tally.seen += 1;
                if !is_candidate && !self.stamps && bytes.is_ascii() {
                    self.tally.other += 1;
                    return;
                }
                match std::str::from_utf8(bytes) {
                    Ok(text) => self.record(RawRecord { text, span, index }, is_candidate),
                    Err(error) => {
                        let at = span.start + error.valid_up_to();
                        let reason = "invalid UTF-8".to_owned();
                        self.bad_record(index, Span { start: at, len: 1 }, reason);
                    }
                }
            }
            Piece::NotAnObject { span, index } => {
                self.tally.seen += 1;
                self.bad_record(index, span, "expected an object".to_owned());
            }
            Piece::TooLong { span, index } => {
                self.tally.seen += 1;
                let reason = format!("longer than {} MiB", MAX_RECORD_BYTES >> 20);
                self.bad_record(index, span, reason);
            }
            Piece::Foreign { bytes, span } => match DigestFile::parse(bytes) {
                Some(digest) => self.digests.push(digest),
                None => {
                    self.first_foreign.get_or_insert(span);
                }
            },
            Piece::Garbage { span } => {
                self.first_foreign.get_or_insert(span);
            }
            Piece::Break { at, record } => {
                if record.is_some() {
                    self.tally.seen += 1;
                    self.tally.malformed += 1;
                }
                if self.breaks.len() <= MAX_PROBLEMS {
                    self.breaks.push((at, record));
                } else {
                    self.n_problems += 1;
                }
            }
        }
    }

    fn record(&mut self, record: RawRecord<'_>, is_candidate: bool) {
        if self.stamps
            && let Some(stamp) = stamp(record.text)
        {
            self.hear(&stamp.account, &stamp.region, stamp.time);
        }
        if !is_candidate {
            self.tally.other += 1;
            return;
        }
        let Shard {
            tables, callers, ..
        } = &mut *self.shard;
        let mut defects = std::mem::take(&mut self.defects);
        let is_malformed = match parse(self.file, &record, tables, callers, &mut defects) {
            Parsed::Push(event) => {
                self.shard.events.push(event);
                self.tally.push += 1;
                false
            }
            Parsed::Context(event) => {
                self.shard.context.push(*event);
                self.tally.other += 1;
                false
            }
            Parsed::Other => {
                self.tally.other += 1;
                false
            }
            Parsed::Malformed => {
                self.tally.malformed += 1;
                true
            }
        };
        for defect in defects.drain(..) {
            self.defect(&record, defect, is_malformed);
        }
        self.defects = defects;
    }

    /// Turns what the parser objected to into a problem with an excerpt.
    fn defect(&mut self, record: &RawRecord<'_>, defect: Defect, skipped: bool) {
        if self.n_problems >= MAX_PROBLEMS as u64 {
            self.n_problems += 1;
            return;
        }
        let kind = match defect.syntax {
            Some(reason) => ProblemKind::BadRecord { reason },
            None => ProblemKind::BadField {
                field: defect.field,
                expected: defect.expected,
                skipped,
            },
        };
        let span = match crate::record::locate(record.text, defect.pointer) {
            Some(field) if !defect.pointer.is_empty() => Span {
                start: record.span.start + field.start,
                len: field.len,
            },
            Some(_) | None => record.span,
        };
        self.n_problems += 1;
        self.shard.problems.push(Problem {
            kind,
            at: Location {
                file: self.file,
                record: Some(record.index),
                span,
            },
            excerpt: Some(excerpt(record.text, defect.pointer)),
        });
    }

    fn bad_record(&mut self, index: u32, span: Span, reason: String) {
        self.tally.malformed += 1;
        self.problem(ProblemKind::BadRecord { reason }, Some(index), span);
    }

    fn problem(&mut self, kind: ProblemKind, record: Option<u32>, span: Span) {
        self.n_problems += 1;
        if self.n_problems > MAX_PROBLEMS as u64 {
            return;
        }
        self.shard.problems.push(Problem {
            kind,
            at: Location {
                file: self.file,
                record,
                span,
            },
            excerpt: None,
        });
    }

    fn hear(&mut self, account: &str, region: &str, time: DateTime<Utc>) {
        if let Some((source, timeline)) = &mut self.newest
            && *source.account == *account
            && *source.region == *region
        {
            return timeline.hear_time(time);
        }
        self.put_back_newest();
        let source = Source {
            account: account.into(),
            region: region.into(),
        };
        let mut timeline = self.shard.timelines.remove(&source).unwrap_or_default();
        timeline.hear_time(time);
        self.newest = Some((source, timeline));
    }

    fn put_back_newest(&mut self) {
        if let Some((source, timeline)) = self.newest.take() {
            self.shard.timelines.insert(source, timeline);
        }
    }

    /// Takes what a digest file says of the log files it lists.
    fn digest(&mut self, digest: &DigestFile) {
        if digest.region.is_empty() {
            return;
        }
        let whole = Interval {
            from: digest.start,
            to: digest.end,
        };
        let timeline = self.shard.timeline(&digest.account, &digest.region);
        let mut is_whole = true;
        for file in &digest.log_files {
            if self.shared.present.contains(bare_name(&file.object)) {
                continue;
            }
            is_whole = false;
            timeline.miss(match (file.oldest, file.newest) {
                (Some(from), Some(to)) if from <= to => Interval { from, to },
                _ => whole,
            });
        }
        if is_whole && whole.from <= whole.to {
            timeline.vouch(whole);
        }
    }

    /// Whether the file holds anything of CloudTrail's.
    fn is_cloudtrail(&self) -> bool {
        self.n_arrays > 0 || self.tally.seen > 0 || !self.digests.is_empty()
    }

    fn report_breaks(&mut self) {
        if !self.is_cloudtrail() {
            return;
        }
        let kept_records = self.tally.seen - self.tally.malformed;
        for (at, record) in std::mem::take(&mut self.breaks) {
            let span = Span { start: at, len: 0 };
            let index = record.map(|(index, _)| index);
            self.problem(ProblemKind::Truncated { kept_records }, index, span);
        }
    }

    /// Counts the file.
    fn finish(mut self) {
        self.put_back_newest();
        let digests = std::mem::take(&mut self.digests);
        for digest in &digests {
            self.digest(digest);
        }
        let has_records = self.n_arrays > 0 || self.tally.seen > 0;
        let is_signature = self.signature.is_some();
        match (has_records, self.counts) {
            (true, true) => self.shard.files.read += 1,
            (true, false) => self.shard.files.without_push_events += 1,
            (false, _) if !digests.is_empty() || is_signature => {
                self.shard.set_aside(self.file, SetAside::Digest);
            }
            (false, _) if self.is_empty => self.shard.empty(self.file),
            (false, _) if self.n_problems > 0 && self.first_foreign.is_none() => {
                self.shard.files.unreadable += 1;
            }
            (false, _) => {
                self.shard.set_aside(self.file, SetAside::NotCloudTrail);
                let span = self.first_foreign.unwrap_or(Span { start: 0, len: 0 });
                self.problem(ProblemKind::NotCloudTrail, None, span);
            }
        }
        if self.counts {
            self.shard.records.add(&self.tally);
        }
        self.testify(digests, has_records);
        let n_more = self.n_problems.saturating_sub(MAX_PROBLEMS as u64);
        if n_more > 0 {
            self.shard.problems.push(Problem {
                kind: ProblemKind::More { count: n_more },
                at: Location::file(self.file),
                excerpt: None,
            });
        }
    }

    /// Keeps what the check against digest files asks for.
    fn testify(&mut self, mut digests: Vec<DigestFile>, has_records: bool) {
        let (file, Some(content)) = (self.file, self.content) else {
            return;
        };
        let evidence = &mut self.shard.evidence;
        if let Some(signature) = self.signature.take() {
            return evidence.signatures.push((file, signature));
        }
        let is_digest = digests.len() == 1 && !has_records;
        if let (true, Some(digest), Some(hash)) = (is_digest, digests.pop(), content.hash()) {
            return evidence.digests.push(DigestSeen { file, hash, digest });
        }
        evidence.logs.push(LogSeen {
            file,
            content,
            has_records,
        });
    }
}

/// What was hashed of a file.
fn content(hash: ContentHash, defect: Option<&ProblemKind>) -> Content {
    match defect {
        None => Content::Whole(hash),
        Some(ProblemKind::Undecodable { .. }) => Content::BeforeDefect(hash),
        Some(_) => Content::Unread,
    }
}

/// The place after the last byte.
fn end_of(bytes: &[u8]) -> Span {
    Span {
        start: bytes.len(),
        len: 0,
    }
}

/// Whether a file ends as JSON does.
fn is_closed(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start().first();
    let end = bytes.trim_ascii_end().last();
    matches!(
        (start, end),
        (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']'))
    )
}

#[cfg(test)]
mod tests;
