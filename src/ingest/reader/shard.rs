//! What readers gather, and what they share.
//!
//! Comes in: what was found in files, one after the other. Goes out: a [`Shard`], which the merge takes
//! apart. Never: a reading of its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::assume::Assumption;
use crate::event::log::ContextEvent;
use crate::event::{Callers, Event, Mark, Tables};
use crate::ingest::carried::{Carried, DigestClaim};
use crate::ingest::coverage::{FileTally, RecordTally, SetAside, Source};
use crate::ingest::options::Roles;
use crate::ingest::prefilter::Prefilter;
use crate::ingest::timeline::Timeline;
use crate::ingest::verify::Testimony;
use crate::location::{FileId, Location, RecordAt};
use crate::problem::{Problem, ProblemKind};

/// What was read from some of the files.
#[derive(Default)]
pub struct Shard {
    /// The files read.
    pub(in crate::ingest) file_ids: Vec<FileId>,
    /// Push events, file by file.
    pub(in crate::ingest) events: Vec<Event>,
    /// Calls beside them.
    pub(in crate::ingest) context: Vec<ContextEvent>,
    /// Roles taken on, where they are asked for.
    pub(in crate::ingest) assumptions: Vec<Assumption>,
    /// Records for an extract, in place of all these.
    pub(in crate::ingest) kept: Vec<Kept>,
    /// What their ids point into.
    pub(in crate::ingest) tables: Tables,
    /// Whose `userIdentity` need not be read again.
    pub(super) callers: Callers,
    /// The files by what became of them.
    pub(in crate::ingest) files: FileTally,
    /// Those of them that hold nothing but records one by one.
    pub(in crate::ingest) loose: FileTally,
    /// The files that give no records.
    pub(in crate::ingest) set_aside: Vec<(SetAside, FileId)>,
    /// The records by what became of them; duplicates are not yet known.
    pub(in crate::ingest) records: RecordTally,
    /// What was wrapped like a record and is none.
    pub(in crate::ingest) n_skipped: u64,
    /// What was wrong, but for kept records.
    pub(in crate::ingest) problems: Vec<Problem>,
    /// Kept records of which something is wrong.
    pub(in crate::ingest) defective: Vec<Defective>,
    /// Problems of each file that are only counted.
    pub(in crate::ingest) more: BTreeMap<FileId, u64>,
    /// When each account and region was heard of.
    pub(in crate::ingest) timelines: BTreeMap<Source, Timeline>,
    /// What the check against digest files asks for.
    pub(in crate::ingest) testimony: Testimony,
    /// What digest files say of log files that are not there.
    pub(in crate::ingest) claims: Vec<DigestClaim>,
    /// Whether archives may hold more files.
    pub(in crate::ingest) has_archives: bool,
    /// What extracts tell of their logs.
    pub(in crate::ingest) carried: Vec<Carried>,
}

/// A kept record of which fields are wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ingest) struct Defective {
    /// The record.
    pub(in crate::ingest) at: RecordAt,
    /// What tells it from others; an extract that holds it has its problems by this.
    pub(in crate::ingest) fingerprint: u64,
    /// What is wrong, as far as it is listed.
    pub(in crate::ingest) problems: Vec<Problem>,
    /// What else is wrong, counted.
    pub(in crate::ingest) n_counted: u64,
}

/// A record that an extract is to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ingest) struct Kept {
    /// Where it was read.
    pub(in crate::ingest) at: RecordAt,
    /// What is equal for copies only.
    pub(in crate::ingest) mark: Mark,
    /// How it counts.
    pub(in crate::ingest) counts_as: CountsAs,
    /// Its line, without the line break.
    pub(in crate::ingest) line: Box<str>,
    /// Its fingerprint, where something is wrong with it.
    pub(in crate::ingest) defective: Option<u64>,
}

/// How a record counts that an extract holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) enum CountsAs {
    /// As a push event.
    Push,
    /// As a call beside them.
    Other,
}

/// What to keep of a record that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) enum KeepAs {
    /// The event.
    Events,
    /// Its line, for an extract.
    Lines,
}

/// What all readers share, and nobody changes.
pub(in crate::ingest) struct Shared<'a> {
    pub(in crate::ingest) keep: KeepAs,
    pub(in crate::ingest) limit: u64,
    pub(in crate::ingest) roles: Roles,
    /// Whether the content of files is hashed.
    pub(in crate::ingest) hashes: bool,
    pub(in crate::ingest) prefilter: Prefilter,
    /// The names of the files of the input, without folders and without `.gz`.
    pub(in crate::ingest) present: BTreeSet<&'a str>,
    /// Whether archives may hold more files than these.
    pub(in crate::ingest) has_archives: bool,
}

impl Shard {
    pub(super) fn unreadable(&mut self, file: FileId, reason: String) {
        self.files.unreadable += 1;
        self.problems.push(Problem {
            kind: ProblemKind::Unreadable { reason },
            at: Location::file(file),
            excerpt: None,
        });
    }

    pub(super) fn empty(&mut self, file: FileId) {
        self.files.empty += 1;
        self.problems.push(Problem {
            kind: ProblemKind::Empty,
            at: Location::file(file),
            excerpt: None,
        });
    }

    /// Counts a file that gives no records.
    pub(super) fn set_aside(&mut self, file: FileId, why: SetAside) {
        let counter = match why {
            SetAside::NotCloudTrail => &mut self.files.not_cloudtrail,
            SetAside::Hidden => &mut self.files.hidden,
            SetAside::Insight => &mut self.files.insight,
            SetAside::Digest => &mut self.files.digest,
        };
        *counter += 1;
        self.set_aside.push((why, file));
    }

    pub(super) fn timeline(&mut self, account: &str, region: &str) -> &mut Timeline {
        let source = Source {
            account: account.into(),
            region: region.into(),
        };
        self.timelines.entry(source).or_default()
    }
}
