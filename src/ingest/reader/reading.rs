//! The state while one file is read, and how each of its documents is counted.
//!
//! Comes in: a shard to fill, and what is found in a document. Goes out: the document's share of the
//! tallies. Never: an effect of one member of an archive on the next, apart from the positions of
//! records and the number of problems, which belong to the whole file.

use crate::event::Defect;
use crate::ingest::coverage::{SetAside, Source};
use crate::ingest::reader::document::Document;
use crate::ingest::reader::shard::{Shard, Shared};
use crate::ingest::timeline::Timeline;
use crate::ingest::verify::Bearer;
use crate::location::{FileId, Span};
use crate::problem::ProblemKind;

/// The longest record of a file that is read in pieces.
pub(super) const MAX_RECORD_BYTES: usize = 64 << 20;

/// The place of a problem with the whole file.
pub(super) const HEAD: Span = Span { start: 0, len: 0 };

/// One file being read.
pub(super) struct Reading<'a> {
    pub(super) shard: &'a mut Shard,
    pub(super) shared: &'a Shared<'a>,
    pub(super) file: FileId,
    /// Problems found, listed or not.
    pub(super) n_problems: u64,
    /// Records that were wrapped in objects of their own, plus all records of an archive's earlier
    /// members.
    pub(super) n_unwrapped: u32,
    /// Positions given to records.
    pub(super) n_positions: u32,
    /// The parser's objections to one record; empty between records, and kept to reuse its memory.
    pub(super) defects: Vec<Defect>,
    /// The timeline written to last, which saves a look-up for each record.
    pub(super) newest: Option<(Source, Timeline)>,
    /// The document being read.
    pub(super) document: Document,
}

impl<'a> Reading<'a> {
    pub(super) fn new(shard: &'a mut Shard, shared: &'a Shared<'a>, file: FileId) -> Self {
        Self {
            shard,
            shared,
            file,
            n_problems: 0,
            n_unwrapped: 0,
            n_positions: 0,
            defects: Vec::new(),
            newest: None,
            document: Document::new(Bearer::file(file), 0),
        }
    }

    /// Whether the document being read has a problem.
    pub(super) fn has_problems(&self) -> bool {
        self.n_problems > self.document.n_problems_before
    }

    /// Counts the document that was read.
    pub(super) fn count(&mut self) {
        self.put_back_newest();
        let digests = std::mem::take(&mut self.document.digests);
        for digest in &digests {
            self.digest(digest);
        }
        let document = &self.document;
        // The files behind an extract are counted by what the extract says.
        let files = match document.is_loose() && digests.is_empty() {
            true => &mut self.shard.ledger.loose,
            false => &mut self.shard.ledger.files,
        };
        let has_records = document.has_records();
        match (has_records, document.counts) {
            _ if document.n_carried > 0 => {}
            (true, true) => files.read += 1,
            (true, false) => files.without_push_events += 1,
            (false, _) if !digests.is_empty() || document.signature.is_some() => {
                self.shard.ledger.set_aside(self.file, SetAside::Digest);
            }
            (false, _) if document.is_empty => {
                self.shard.ledger.files.empty += 1;
                self.problem(ProblemKind::Empty, None, HEAD);
            }
            (false, _) if self.has_problems() && document.first_foreign.is_none() => {
                self.shard.ledger.files.unreadable += 1;
            }
            (false, _) => {
                let span = document.first_foreign.unwrap_or(HEAD);
                self.shard
                    .ledger
                    .set_aside(self.file, SetAside::NotCloudTrail);
                let form = self.document.form;
                self.problem(ProblemKind::NotCloudTrail { form }, None, span);
            }
        }
        if self.document.counts {
            self.shard.ledger.records.add(self.document.tally);
        }
        self.shard.ledger.n_skipped += self.document.n_skipped;
        let opened = std::mem::take(&mut self.document.opened);
        self.shard.ledger.open(opened);
        self.testify(digests, has_records);
        self.n_unwrapped = self.n_positions;
    }
}
