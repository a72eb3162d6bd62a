//! Reads one file after the other into a shard.
//!
//! Comes in: files, with the buffers to decode them in. Goes out: a [`Shard`] with what they hold,
//! each file's share independent of the others'. Never: a failure; a file that cannot be read is
//! counted, with a problem that says why.

mod call;
mod digests;
mod first;
mod form;
mod piece;
mod problems;
mod shard;

use std::collections::BTreeMap;
use std::io;

use crate::event::Defect;
use crate::ingest::coverage::{RecordTally, SetAside, Source};
use crate::ingest::prefetch::Fetched;
use crate::ingest::timeline::Timeline;
use crate::ingest::verify::{Bearer, Content};
use crate::location::{FileId, Span};
use crate::problem::ProblemKind;
use crate::source::{
    ContentHash, Decoded, Decoder, DigestFile, FileKind, Found, LogName, SourceFile,
};

pub use shard::Shard;
pub(super) use shard::{Keep, Shared, bare_name};

/// Problems of one file that are listed; the rest are counted.
pub(super) const MAX_PROBLEMS: usize = 20;

/// The longest record of a file that is read in pieces.
const MAX_RECORD_BYTES: usize = 64 << 20;

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
        Found::Readable(FileKind::Insight) => return shard.set_aside(id, SetAside::Insight),
        Found::Readable(kind) => *kind,
        Found::Unreadable { reason } => {
            shard.evidence.unused(Bearer::file(id), Content::Absent);
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
            shard.evidence.unused(Bearer::file(id), Content::Absent);
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
    /// The times of this file's own records, where its content is hashed: it is judged by them.
    own: BTreeMap<Source, Timeline>,
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
            own: BTreeMap::new(),
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
                self.problem(ProblemKind::Empty, None, HEAD);
            }
            (false, _) if self.n_problems > self.n_earlier && self.first_foreign.is_none() => {
                self.shard.files.unreadable += 1;
            }
            (false, _) => {
                self.shard.set_aside(self.file, SetAside::NotCloudTrail);
                let span = self.first_foreign.unwrap_or(HEAD);
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
}

/// The place of what is wrong with a file as a whole.
const HEAD: Span = Span { start: 0, len: 0 };

#[cfg(test)]
mod tests;
