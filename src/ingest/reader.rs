//! Reads one file after the other into a shard.
//!
//! Comes in: files, with the buffers to decode them in. Goes out: a [`Shard`] with what they hold,
//! each file's share independent of the others'. Never: a failure; a file that cannot be read is
//! counted, with a problem that says why.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use chrono::{DateTime, Utc};

use crate::event::assume::{self, Assumption};
use crate::event::log::{ContextEvent, Tables};
use crate::event::{Callers, Defect, Event, Fault, Mark, Parsed, parse, stamp};
use crate::ingest::Roles;
use crate::ingest::clock::Clock;
use crate::ingest::coverage::{FileTally, Interval, RecordTally, SetAside, Source};
use crate::ingest::extract::{self, Carried, CountsAs, Kept};
use crate::ingest::ledger::{Claim, Defective, Missing};
use crate::ingest::prefetch::Fetched;
use crate::ingest::prefilter::{Mentions, Prefilter, STRETCH};
use crate::ingest::timeline::{Timeline, seconds};
use crate::ingest::verify::{Bearer, Content, DigestSeen, Evidence};
use crate::location::{FileId, Location, RecordAt, Span};
use crate::problem::{Problem, ProblemKind};
use crate::record::line::{OwnLine, fingerprint, is_own, line, own};
use crate::record::{Array, Piece, RawRecord, Row, Splitter, Table, Unwrapped};
use crate::record::{excerpt, split, unwrap};
use crate::source::archive::Archive;
use crate::source::decode::Pieces;
use crate::source::digest_file::file_name;
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
    /// Roles taken on, where they are asked for.
    pub(super) assumptions: Vec<Assumption>,
    /// Records for an extract, in place of all these.
    pub(super) kept: Vec<Kept>,
    /// What their ids point into.
    pub(super) tables: Tables,
    /// Whose `userIdentity` need not be read again.
    callers: Callers,
    /// The files by what became of them.
    pub(super) files: FileTally,
    /// Those of them that hold nothing but records one by one.
    pub(super) loose: FileTally,
    /// The files that give no records.
    pub(super) set_aside: Vec<(SetAside, FileId)>,
    /// The records by what became of them; duplicates are not yet known.
    pub(super) records: RecordTally,
    /// What was wrapped like a record and is none.
    pub(super) n_skipped: u64,
    /// What was wrong, but for kept records.
    pub(super) problems: Vec<Problem>,
    /// Kept records of which something is wrong.
    pub(super) defective: Vec<Defective>,
    /// Problems of each file that are only counted.
    pub(super) more: BTreeMap<FileId, u64>,
    /// When each account and region was heard of.
    pub(super) timelines: BTreeMap<Source, Timeline>,
    /// What the check against digest files asks for.
    pub(super) evidence: Evidence,
    /// What digest files say of log files that are not there.
    pub(super) claims: Vec<Claim>,
    /// Whether archives may hold more files.
    pub(super) has_archives: bool,
    /// What extracts tell of their logs.
    pub(super) carried: Vec<Carried>,
}

/// What to keep of a record that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// The event.
    Events,
    /// Its line, for an extract.
    Lines,
}

/// A record that is used, read.
enum Call {
    Push(Event),
    Context(Box<ContextEvent>),
    Assumption(Assumption),
}

/// What all readers share, and nobody changes.
pub(super) struct Shared<'a> {
    pub(super) keep: Keep,
    pub(super) limit: u64,
    pub(super) roles: Roles,
    /// Whether the content of files is hashed.
    pub(super) hashes: bool,
    pub(super) prefilter: Prefilter,
    pub(super) clock: Clock,
    /// The names of the files of the input, without folders and without `.gz`.
    pub(super) present: BTreeSet<&'a str>,
    /// Whether archives may hold more files than these.
    pub(super) has_archives: bool,
}

/// A name without its folders and without `.gz`, which people unpack.
pub(super) fn bare_name(path: &str) -> &str {
    let name = file_name(path);
    name.strip_suffix(".gz").unwrap_or(name)
}

/// Reads a file into a shard, from its content if that was fetched.
pub(super) fn read(
    shard: &mut Shard,
    decoder: &mut Decoder,
    shared: &Shared<'_>,
    id: FileId,
    file: &SourceFile,
    fetched: Option<io::Result<Fetched>>,
) {
    shard.file_ids.push(id);
    shard.has_archives |= shared.has_archives;
    let kind = match &file.found {
        Found::Empty => {
            let nothing = Content::Whole(ContentHash::of(b""));
            shard.evidence.unused(Bearer::file(id), nothing);
            return shard.empty(id);
        }
        Found::Hidden => return shard.set_aside(id, SetAside::Hidden),
        Found::Pruned(_) => return shard.files.pruned += 1,
        Found::Readable(Kind::Insight) => return shard.set_aside(id, SetAside::Insight),
        Found::Readable(kind) => *kind,
        Found::Unreadable { reason } => {
            shard.evidence.unused(Bearer::file(id), Content::Unread);
            return shard.unreadable(id, reason.clone());
        }
    };
    let name = LogName::parse(&file.name);
    let mut signature = None;
    let decoded = match fetched {
        Some(fetched) => fetched.and_then(|object| {
            signature = object.signature;
            decoder.decode_fetched(object.bytes, shared.limit)
        }),
        None => decoder.decode(file, shared.limit),
    };
    match decoded {
        Err(error) => {
            shard.evidence.unused(Bearer::file(id), Content::Unread);
            shard.unreadable(id, error.to_string());
        }
        Ok(Decoded::Whole { bytes, defect }) => {
            let mut reading = Reading::new(shard, shared, id);
            reading.own_signature = signature;
            reading.whole(bytes, defect, kind, name);
            reading.finish();
        }
        Ok(Decoded::Pieces(pieces)) => {
            let mut reading = Reading::new(shard, shared, id);
            reading.pieces(pieces);
            reading.finish();
        }
        Ok(Decoded::Archive(archive)) => {
            let mut reading = Reading::new(shard, shared, id);
            reading.archive(archive);
            reading.list_more();
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
    /// How many of them are of earlier members of the archive.
    n_earlier: u64,
    /// Whether records are stamped one by one.
    stamps: bool,
    /// Whether records count as seen.
    counts: bool,
    tally: RecordTally,
    /// `Records` arrays.
    n_arrays: u64,
    /// Other arrays that wrap records.
    n_wrapping: u64,
    /// Records that were wrapped in objects of their own.
    n_wrapped: u64,
    /// Lines that tell what an extract was made of.
    n_carried: u64,
    /// Records that were wrapped in objects of their own, and all of an archive's earlier members.
    n_unwrapped: u32,
    /// Positions given to records.
    n_positions: u32,
    /// What was wrapped alike and is no record.
    n_skipped: u64,
    /// The first object by itself that is no record, or text that is no JSON object.
    first_foreign: Option<Span>,
    /// Whether the file decodes to nothing.
    is_empty: bool,
    /// Where the JSON broke off, if it did.
    breaks: Vec<(usize, Option<(u32, Span)>)>,
    digests: Vec<DigestFile>,
    /// The file or member that is read.
    bearer: Bearer,
    /// The hash of its content, if it is asked for.
    content: Option<Content>,
    /// The signature of a digest file, if that is all it holds.
    signature: Option<String>,
    /// Its own signature, which the metadata of an object hold.
    own_signature: Option<String>,
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
            n_earlier: 0,
            stamps: true,
            counts: true,
            tally: RecordTally::default(),
            n_arrays: 0,
            n_wrapping: 0,
            n_wrapped: 0,
            n_carried: 0,
            n_unwrapped: 0,
            n_positions: 0,
            n_skipped: 0,
            first_foreign: None,
            is_empty: false,
            breaks: Vec::new(),
            digests: Vec::new(),
            bearer: Bearer::file(file),
            content: None,
            signature: None,
            own_signature: None,
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
            self.content = Some(Content::of(ContentHash::of(bytes), defect.as_ref()));
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
        if let Some(table) = Table::of(bytes) {
            return self.table(&table);
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

    /// Reads the rows of a table of events, each a record that was wrapped by itself.
    fn table(&mut self, table: &Table<'_>) {
        let missing = table.missing();
        if !missing.is_empty() {
            let names: Vec<_> = missing.iter().map(|name| format!("`{name}`")).collect();
            let reason = format!("there is no column {}", names.join(", "));
            return self.problem(ProblemKind::BadTable { reason }, None, HEAD);
        }
        self.n_wrapping += 1;
        table.rows(&mut |row| {
            let index = self.position(0);
            self.n_unwrapped = self.n_unwrapped.saturating_add(1);
            match row {
                Row::Record { text, span } => {
                    self.n_wrapped += 1;
                    let text = &*text;
                    self.unwrapped(RawRecord { text, span, index });
                }
                Row::Broken { reason, span } => {
                    self.tally.seen += 1;
                    self.tally.malformed += 1;
                    self.problem(ProblemKind::BadTable { reason }, Some(index), span);
                }
            }
        });
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

    /// Reads every member of an archive, which count as files; the limit is on all of them together.
    fn archive(&mut self, mut archive: Archive) {
        let mut left = self.shared.limit;
        // A member that is cut tells of the limit; one that just fits leaves that to the next.
        let mut is_told = false;
        for index in 0..archive.n_members() {
            let name = archive.name(index).unwrap_or_default();
            self.bearer = Bearer::member(self.file, self.n_unwrapped, index, &name);
            if index > 0 && left == 0 {
                self.unread();
                if !is_told {
                    is_told = true;
                    let limit = self.shared.limit;
                    self.shard.files.unreadable += 1;
                    self.problem(ProblemKind::TooLarge { limit }, None, HEAD);
                }
                continue;
            }
            let member = match archive.member(index, left) {
                Ok(Some(member)) => member,
                Ok(None) => continue,
                Err(kind) => {
                    self.unread();
                    self.shard.files.unreadable += 1;
                    self.problem(kind, None, Span { start: 0, len: 0 });
                    continue;
                }
            };
            let name = member.name.as_str();
            let kind = Kind::of(name);
            if file_name(name).starts_with('.') {
                self.shard.set_aside(self.file, SetAside::Hidden);
                continue;
            }
            if kind == Kind::Insight {
                self.shard.set_aside(self.file, SetAside::Insight);
                continue;
            }
            let n_told = self.n_problems;
            let is_cut = |defect: &Option<_>| matches!(defect, Some(ProblemKind::TooLarge { .. }));
            let n_decoded;
            (n_decoded, is_told) = match member.content {
                Decoded::Whole { bytes, defect } => {
                    let is_cut = is_cut(&defect);
                    self.whole(bytes, defect, kind, LogName::parse(name));
                    (bytes.len(), is_cut)
                }
                Decoded::Pieces(pieces) => (self.pieces(pieces), self.n_problems > n_told),
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

    /// Notes a member that is not read.
    fn unread(&mut self) {
        let evidence = &mut self.shard.evidence;
        evidence.unused(self.bearer.clone(), Content::Unread);
    }

    /// Reads a file a piece at a time; the number of bytes that it decodes to.
    fn pieces(&mut self, mut pieces: Pieces<'_>) -> usize {
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
        self.content = hasher.map(|hasher| Content::of(hasher.finish(), defect.as_ref()));
        match defect {
            Some(kind) => self.problem(kind, None, end),
            None => self.report_breaks(),
        }
        end.start
    }

    /// Takes a piece of the file; `start` is the offset of the bytes that `mentions` looks through.
    fn piece(&mut self, piece: Piece<'_>, start: usize, mentions: &mut Mentions<'_>) {
        match piece {
            Piece::Array(Array::Records) => self.n_arrays += 1,
            Piece::Array(Array::Events | Array::LogEvents) => self.n_wrapping += 1,
            Piece::Record { bytes, span, index } => {
                let is_candidate = self.counts
                    && mentions.any_in(span.start - start, span.start - start + span.len)
                    && self.shared.prefilter.may_be_read(bytes);
                self.tally.seen += 1;
                if !is_candidate && !self.stamps && bytes.is_ascii() {
                    self.tally.other += 1;
                    return;
                }
                let index = self.position(index);
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
                let index = self.position(index);
                self.bad_record(index, span, "expected an object".to_owned());
            }
            Piece::TooLong { span, index } => {
                self.tally.seen += 1;
                let reason = format!("longer than {} MiB", MAX_RECORD_BYTES >> 20);
                let index = self.position(index);
                self.bad_record(index, span, reason);
            }
            Piece::Foreign {
                bytes,
                span,
                within,
                index,
            } => self.foreign(bytes, span, within, index),
            Piece::Garbage { span } => {
                self.first_foreign.get_or_insert(span);
            }
            Piece::Break { at, record } => {
                let record = record.map(|(index, span)| (self.position(index), span));
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

    /// A record's position in the file, from that among the records which are not wrapped one by one.
    fn position(&mut self, index: u32) -> u32 {
        let position = index.saturating_add(self.n_unwrapped);
        self.n_positions = position.saturating_add(1);
        position
    }

    /// Takes an object that is no record: one that wraps a record, a digest file, or neither.
    fn foreign(&mut self, bytes: &[u8], span: Span, within: Option<Array>, index: u32) {
        if within.is_none() && is_own(bytes) {
            return self.own_line(bytes, span, index);
        }
        match unwrap(bytes, within) {
            Unwrapped::Record { text, at } => {
                self.n_wrapped += 1;
                let span = match at {
                    Some(at) => Span {
                        start: span.start + at,
                        len: text.len(),
                    },
                    None => span,
                };
                let index = self.position(index);
                self.n_unwrapped = self.n_unwrapped.saturating_add(1);
                let text = &*text;
                self.unwrapped(RawRecord { text, span, index });
            }
            Unwrapped::Broken => {
                let index = self.position(index);
                self.n_unwrapped = self.n_unwrapped.saturating_add(1);
                self.tally.seen += 1;
                let reason = "what its wrapper holds is cut or no record".to_owned();
                self.bad_record(index, span, reason);
            }
            Unwrapped::Other => self.n_skipped += 1,
            Unwrapped::Unknown => match DigestFile::parse(bytes) {
                Some(digest) => self.digests.push(digest),
                None => {
                    self.first_foreign.get_or_insert(span);
                }
            },
        }
    }

    /// Takes a line that an extract holds beside records.
    fn own_line(&mut self, bytes: &[u8], span: Span, index: u32) {
        let carried = match own(bytes) {
            Ok(OwnLine::Record(text)) => {
                let index = self.position(index);
                self.n_unwrapped = self.n_unwrapped.saturating_add(1);
                return self.unwrapped(RawRecord { text, span, index });
            }
            Ok(OwnLine::Coverage(value)) => extract::read(value),
            Err(_) => Err("it is cut, or holds more than it should".to_owned()),
        };
        match carried {
            Ok(carried) => {
                self.n_carried += 1;
                self.shard.carried.push(carried);
            }
            Err(reason) => self.problem(ProblemKind::BadCoverage { reason }, None, span),
        }
    }

    /// Takes a record whose text was not looked through with the rest of the file.
    fn unwrapped(&mut self, record: RawRecord<'_>) {
        let bytes = record.text.as_bytes();
        let shared = self.shared;
        let is_candidate = self.counts
            && shared.prefilter.mentions(bytes).any_before(bytes.len())
            && shared.prefilter.may_be_read(bytes);
        self.tally.seen += 1;
        if !self.stamps {
            // What the whole file was looked through for may have missed this one's time.
            self.stamp(record.text);
        }
        self.record(record, is_candidate);
    }

    /// Notes when the account and region of a record were heard of.
    fn stamp(&mut self, record: &str) {
        if let Some(stamp) = stamp(record) {
            self.hear(&stamp.account, &stamp.region, stamp.time);
        }
    }

    fn record(&mut self, record: RawRecord<'_>, is_candidate: bool) {
        if self.stamps {
            self.stamp(record.text);
        }
        if !is_candidate {
            self.tally.other += 1;
            return;
        }
        let Shard {
            tables, callers, ..
        } = &mut *self.shard;
        if self.shared.roles == Roles::Traced
            && let Some(assumption) = assume::parse(record.text, tables)
        {
            self.tally.other += 1;
            return self.keep(&record, Call::Assumption(assumption));
        }
        let mut defects = std::mem::take(&mut self.defects);
        let call = match parse(self.file, &record, tables, callers, &mut defects) {
            Parsed::Push(event) => {
                self.tally.push += 1;
                Some(Call::Push(event))
            }
            Parsed::Context(event) => {
                self.tally.other += 1;
                Some(Call::Context(event))
            }
            Parsed::Other => {
                self.tally.other += 1;
                None
            }
            Parsed::Malformed => {
                self.tally.malformed += 1;
                None
            }
        };
        let is_defective = !defects.is_empty();
        let (n_listed, n_before) = (self.shard.problems.len(), self.n_problems);
        for defect in defects.drain(..) {
            self.defect(&record, defect, call.is_none());
        }
        self.defects = defects;
        let Some(call) = call else {
            return;
        };
        if is_defective {
            let problems = self.shard.problems.split_off(n_listed);
            self.shard.defective.push(Defective {
                at: self.place(&record),
                fingerprint: fingerprint(&line(record.text)),
                n_counted: self.n_problems - n_before - problems.len() as u64,
                problems,
            });
        }
        self.keep(&record, call);
    }

    /// Keeps a record that is used, as an event or as a line.
    fn keep(&mut self, record: &RawRecord<'_>, call: Call) {
        if !self.stamps {
            self.stamp_call(record, &call);
        }
        let at = self.place(record);
        let shard = &mut *self.shard;
        match self.shared.keep {
            Keep::Events => match call {
                Call::Push(event) => shard.events.push(event),
                Call::Context(event) => shard.context.push(*event),
                Call::Assumption(assumption) => shard.assumptions.push(assumption),
            },
            Keep::Lines => {
                let line = line(record.text);
                let (counts_as, mark) = match &call {
                    Call::Push(event) => (CountsAs::Push, Mark::of_event(event, &shard.tables)),
                    Call::Context(_) | Call::Assumption(_) => {
                        (CountsAs::Other, Mark::of_text(&line))
                    }
                };
                let known = shard
                    .defective
                    .last()
                    .filter(|defective| defective.at == at);
                shard.kept.push(Kept {
                    at,
                    mark,
                    counts_as,
                    defective: known.map(|defective| defective.fingerprint),
                    line: line.into(),
                });
            }
        }
    }

    /// Notes when whose log was heard of, by a record of a file whose times were found as text. An
    /// extract holds the record without the file's name, so both have to be known.
    fn stamp_call(&mut self, record: &RawRecord<'_>, call: &Call) {
        let Call::Push(event) = call else {
            return self.stamp(record.text);
        };
        let texts = &self.shard.tables.texts;
        let (account, region) = (texts.get(event.recipient), texts.get(event.region));
        match &mut self.newest {
            Some((source, timeline)) if source.account == *account && source.region == *region => {
                timeline.hear_time(event.time);
            }
            Some(_) | None => self.stamp(record.text),
        }
    }

    fn place(&self, record: &RawRecord<'_>) -> RecordAt {
        RecordAt {
            file: self.file,
            index: record.index,
        }
    }

    /// Turns what the parser objected to into a problem with an excerpt.
    fn defect(&mut self, record: &RawRecord<'_>, defect: Defect, skipped: bool) {
        if self.n_problems >= MAX_PROBLEMS as u64 {
            self.n_problems += 1;
            return;
        }
        let kind = match defect.fault {
            Fault::Syntax(reason) => ProblemKind::BadRecord { reason },
            Fault::HalfPair => ProblemKind::HalfPair,
            Fault::Value => ProblemKind::BadField {
                field: defect.field.into(),
                expected: defect.expected.into(),
                skipped,
            },
        };
        let is_verbatim = record.span.len == record.text.len();
        let span = match crate::record::locate(record.text, defect.pointer) {
            Some(field) if is_verbatim && !defect.pointer.is_empty() => Span {
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
        if digest.region.is_empty() || digest.start > digest.end {
            return;
        }
        let whole = Interval {
            from: digest.start,
            to: digest.end,
        };
        let log_files = digest.log_files.iter();
        let missing =
            log_files.filter(|file| !self.shared.present.contains(bare_name(&file.object)));
        let missing = missing.map(|file| Missing {
            name: fingerprint(bare_name(&file.object)),
            time: seconds(match (file.oldest, file.newest) {
                (Some(from), Some(to)) if from <= to => Interval { from, to },
                _ => whole,
            }),
        });
        let claim = Claim {
            source: Source {
                account: digest.account.as_str().into(),
                region: digest.region.as_str().into(),
            },
            whole: seconds(whole),
            missing: missing.collect(),
        };
        match claim.missing.is_empty() {
            true => {
                let timeline = self.shard.timelines.entry(claim.source).or_default();
                timeline.vouch(claim.whole);
            }
            false => self.shard.claims.push(claim),
        }
    }

    /// Whether the file holds anything of CloudTrail's.
    fn is_cloudtrail(&self) -> bool {
        self.has_records() || !self.digests.is_empty()
    }

    /// Whether the file holds records, or is of a form that may hold them.
    fn has_records(&self) -> bool {
        self.n_arrays > 0
            || self.tally.seen > 0
            || self.n_skipped > 0
            || (self.n_wrapping > 0 && self.first_foreign.is_none())
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
        self.count();
        self.list_more();
    }

    /// Counts a file, or a member of one, and is ready for the next.
    fn count(&mut self) {
        self.put_back_newest();
        let digests = std::mem::take(&mut self.digests);
        for digest in &digests {
            self.digest(digest);
        }
        // What extracts are made of is counted by what they tell.
        let is_loose = self.n_arrays + self.n_wrapping + self.n_wrapped + self.n_skipped == 0
            && digests.is_empty();
        let has_records = self.has_records();
        let files = match is_loose {
            true => &mut self.shard.loose,
            false => &mut self.shard.files,
        };
        match (has_records, self.counts) {
            _ if self.n_carried > 0 => {}
            (true, true) => files.read += 1,
            (true, false) => files.without_push_events += 1,
            (false, _) if !digests.is_empty() || self.signature.is_some() => {
                self.shard.set_aside(self.file, SetAside::Digest);
            }
            (false, _) if self.is_empty => {
                self.shard.files.empty += 1;
                self.problem(ProblemKind::Empty, None, Span { start: 0, len: 0 });
            }
            (false, _) if self.n_problems > self.n_earlier && self.first_foreign.is_none() => {
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
        self.shard.n_skipped += self.n_skipped;
        self.n_unwrapped = self.n_positions;
        self.n_earlier = self.n_problems;
        (self.stamps, self.counts, self.is_empty) = (true, true, false);
        self.tally = RecordTally::default();
        (self.n_arrays, self.n_wrapping, self.n_skipped) = (0, 0, 0);
        (self.n_wrapped, self.n_carried) = (0, 0);
        self.first_foreign = None;
        self.breaks.clear();
    }

    /// Keeps what the check against digest files asks for.
    fn testify(&mut self, mut digests: Vec<DigestFile>, has_records: bool) {
        let (signature, own_signature) = (self.signature.take(), self.own_signature.take());
        let Some(content) = self.content.take() else {
            return;
        };
        let bearer = self.bearer.clone();
        let evidence = &mut self.shard.evidence;
        if let Some(signature) = signature {
            return evidence.signatures.push((bearer, signature));
        }
        let is_digest = digests.len() == 1 && !has_records;
        match (digests.pop().filter(|_| is_digest), content.hash()) {
            (Some(digest), Some(hash)) => evidence.digests.push(DigestSeen {
                bearer,
                hash,
                digest,
                own_signature,
            }),
            (Some(_) | None, _) if has_records => evidence.used(bearer, content),
            (Some(_) | None, _) => evidence.unused(bearer, content),
        }
    }

    /// Says how many problems there are beyond those listed.
    fn list_more(&mut self) {
        let n_more = self.n_problems.saturating_sub(MAX_PROBLEMS as u64);
        if n_more > 0 {
            self.shard.more.insert(self.file, n_more);
        }
    }
}

/// The place of what is wrong with a file as a whole.
const HEAD: Span = Span { start: 0, len: 0 };

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
