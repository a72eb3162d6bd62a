//! What readers collect, and what they share.
//!
//! Comes in: what was found in files, one after the other. Goes out: a [`Shard`], which the merge takes
//! apart. Never: any reading.

use std::collections::BTreeSet;

use crate::event::assume::Assumption;
use crate::event::log::ContextEvent;
use crate::event::{Callers, Event, Fetch, Mark, Pulls, Tables};
use crate::ingest::ledger::Ledger;
use crate::ingest::options::Roles;
use crate::ingest::prefilter::Prefilter;
use crate::ingest::verify::Testimony;
use crate::location::{FileId, RecordAt};

/// What was read from some of the files.
#[derive(Default)]
pub struct Shard {
    /// The files read.
    pub(in crate::ingest) file_ids: Vec<FileId>,
    /// Push events, file by file.
    pub(in crate::ingest) events: Vec<Event>,
    /// Calls outside pushes.
    pub(in crate::ingest) context: Vec<ContextEvent>,
    /// Role assumptions, if they are asked for.
    pub(in crate::ingest) assumptions: Vec<Assumption>,
    /// Reads of images and layers, if they are asked for.
    pub(in crate::ingest) reads: Vec<Fetch>,
    /// Records for an extract, in place of all these.
    pub(in crate::ingest) kept: Vec<Kept>,
    /// Records that were looked for, in place of all these.
    pub(in crate::ingest) sought: Vec<SoughtRecord>,
    /// The tables that their ids point into.
    pub(in crate::ingest) tables: Tables,
    /// Callers whose `userIdentity` need not be parsed again.
    pub(super) callers: Callers,
    /// What is known besides the events.
    pub(in crate::ingest) ledger: Ledger,
    /// What the check against digest files needs.
    pub(in crate::ingest) testimony: Testimony,
}

/// A record to put into an extract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ingest) struct Kept {
    /// Where it was read.
    pub(in crate::ingest) at: RecordAt,
    /// A mark that is equal only for copies.
    pub(in crate::ingest) mark: Mark,
    /// How it is counted.
    pub(in crate::ingest) counts_as: CountsAs,
    /// Its line, without the line break.
    pub(in crate::ingest) line: Box<str>,
    /// Its fingerprint, if something is wrong with it.
    pub(in crate::ingest) defective: Option<u64>,
}

/// A record that was looked for. They sort by id, then by place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::ingest) struct SoughtRecord {
    /// Its `eventID`.
    pub(in crate::ingest) event_id: Box<str>,
    /// Where it was read.
    pub(in crate::ingest) at: RecordAt,
    /// Its text.
    pub(in crate::ingest) text: Box<str>,
}

/// How a record in an extract is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) enum CountsAs {
    /// As a push event.
    Push,
    /// As another call.
    Other,
}

/// What to keep of a used record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) enum KeepAs {
    /// The event.
    Events,
    /// Its line, for an extract.
    Lines,
}

/// What all readers share and none changes.
pub(in crate::ingest) struct Shared<'a> {
    pub(in crate::ingest) keep: KeepAs,
    pub(in crate::ingest) limit: u64,
    pub(in crate::ingest) roles: Roles,
    pub(in crate::ingest) pulls: Pulls,
    /// Whether the content of files is hashed.
    pub(in crate::ingest) hashes: bool,
    pub(in crate::ingest) prefilter: Prefilter,
    /// The names of the files of the input, without folders and without `.gz`.
    pub(in crate::ingest) present: BTreeSet<&'a str>,
    /// Whether archives may hold more files than these.
    pub(in crate::ingest) has_archives: bool,
}
