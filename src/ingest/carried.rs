//! What an extract tells of the logs that it was made of.
//!
//! Comes in: sums and lists of what was read beside the records that the extract holds. Goes out: one
//! line of JSON that says them, or what such a line says ([`wire`]). Never: an event.

mod wire;

use std::collections::BTreeMap;

use crate::ingest::coverage::{FileTally, RecordTally, SetAside, Source};
use crate::ingest::interval::SecondRange;
use crate::ingest::timeline::Timeline;
use crate::location::FileId;
use crate::problem::Problem;

pub(super) use wire::{read, write};

/// What an extract tells of the logs it was made of, beyond the records that it holds.
///
/// It adds up: what two extracts tell together is what one of both logs would.
#[derive(Debug, Default)]
pub(super) struct Carried {
    /// The files that are named, sorted; a [`FileId`] here is a place in this list.
    pub(super) names: Vec<String>,
    /// All files.
    pub(super) files: FileTally,
    /// The first files of each kind that give no records, sorted.
    pub(super) set_aside: Vec<(SetAside, FileId)>,
    /// How many more there are.
    pub(super) set_aside_more: u64,
    /// The records that the extract does not hold; none of them counts as a push event.
    pub(super) records: RecordTally,
    /// What was wrapped like a record and is none.
    pub(super) n_skipped: u64,
    /// Whether there were archives, which may hold any file.
    pub(super) has_archives: bool,
    /// When each account and region was heard of, the records of the extract included.
    pub(super) timelines: BTreeMap<Source, Timeline>,
    /// What digest files say of log files that are not there.
    pub(super) claims: Vec<DigestClaim>,
    /// The fingerprints of the bare names of all log files, sorted.
    pub(super) present: Vec<u64>,
    /// The fingerprints of the records in the extract whose problems are among these.
    pub(super) told: Vec<u64>,
    /// What was wrong, but for records in conflict: those are all in the extract.
    pub(super) problems: Vec<Problem>,
}

/// What a digest file says of log files that were not found beside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DigestClaim {
    /// Whose digest file it is.
    pub(super) source: Source,
    /// The time that it speaks of, in seconds since 1970.
    pub(super) whole: SecondRange,
    /// The log files.
    pub(super) missing: Vec<MissingLog>,
}

/// A log file that a digest file lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct MissingLog {
    /// The fingerprint of its bare name.
    pub(super) name: u64,
    /// The time of its records, in seconds since 1970.
    pub(super) time: SecondRange,
}
