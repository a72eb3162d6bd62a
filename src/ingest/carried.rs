//! What an extract says about the logs that it was made from.
//!
//! Comes in: sums and lists of what was read besides the records in the extract. Goes out: one line
//! of JSON with these, or the content of such a line ([`wire`]). Never: an event.

mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use crate::ingest::coverage::{FileTally, RecordTally, SetAside, Source};
use crate::ingest::interval::SecondRange;
use crate::ingest::timeline::Timeline;
use crate::location::FileId;
use crate::problem::Problem;
use crate::record::line::COVERAGE;

pub(super) use wire::{read, write};

/// What an extract says about the logs it was made from, beyond the records that it holds.
///
/// It adds up: two extracts together say what one extract of both logs would.
#[derive(Debug, Default)]
pub(super) struct Carried {
    /// The names of files, sorted; a [`FileId`] here is a position in this list.
    pub(super) names: Vec<String>,
    /// All files.
    pub(super) files: FileTally,
    /// The first files of each kind that give no records, sorted.
    pub(super) set_aside: Vec<(SetAside, FileId)>,
    /// How many more such files there are.
    pub(super) set_aside_more: u64,
    /// The records that the extract does not hold; none of them counts as a push event.
    pub(super) records: RecordTally,
    /// How many objects were wrapped like a record but are none.
    pub(super) n_skipped: u64,
    /// By which members records were found in wrappers of any shape, and how many.
    pub(super) opened: BTreeMap<String, u64>,
    /// Whether there were archives, which may hold any file.
    pub(super) has_archives: bool,
    /// When each account and region had records, including the records in the extract.
    pub(super) timelines: BTreeMap<Source, Timeline>,
    /// What digest files say about missing log files.
    pub(super) claims: Vec<DigestClaim>,
    /// The fingerprints of the bare names of all log files, sorted.
    pub(super) present: Vec<u64>,
    /// The fingerprints of those records in the extract whose problems are in `problems`.
    pub(super) told: Vec<u64>,
    /// What was wrong, except for records in conflict, which are all in the extract.
    pub(super) problems: Vec<Problem>,
}

/// What a digest file says about log files that were not found beside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DigestClaim {
    /// The account and region of the digest file.
    pub(super) source: Source,
    /// The time that it covers, in seconds since 1970.
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

/// The value of a line that is a coverage line, as this program writes it.
#[must_use]
pub fn coverage_of(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("{\"")?.strip_prefix(COVERAGE)?;
    rest.strip_prefix("\":")?.strip_suffix('}')
}

fn carried(line: &str) -> io::Result<Carried> {
    let value = coverage_of(line).ok_or_else(|| io::Error::other("this is no coverage line"))?;
    read(value).map_err(|reason| io::Error::other(format!("a coverage line is wrong: {reason}")))
}

/// A coverage line that tells of no records beside it, and the fingerprints of those that it told of.
///
/// # Errors
/// The first rule that the line breaks.
pub fn untold(line: &str) -> io::Result<(String, BTreeSet<u64>)> {
    let mut carried = carried(line)?;
    let told = std::mem::take(&mut carried.told);
    Ok((write(&carried)?, told.into_iter().collect()))
}

/// A coverage line that says nothing, but that the problems of records with these fingerprints are listed elsewhere.
///
/// # Errors
/// None; the JSON library does not know that.
pub fn telling(fingerprints: impl IntoIterator<Item = u64>) -> io::Result<String> {
    write(&Carried {
        told: fingerprints.into_iter().collect(),
        ..Carried::default()
    })
}

/// For each account and region, a coverage line with what the line says of its time.
///
/// # Errors
/// The first rule that the line breaks.
pub fn by_source(line: &str) -> io::Result<Vec<(Source, String)>> {
    let whole = carried(line)?;
    let mut parts: BTreeMap<Source, Carried> = BTreeMap::new();
    let has_archives = whole.has_archives;
    let blank = || Carried {
        has_archives,
        ..Carried::default()
    };
    for (source, timeline) in whole.timelines {
        let part = parts.entry(source.clone()).or_insert_with(blank);
        part.timelines.insert(source, timeline);
    }
    for claim in whole.claims {
        let part = parts.entry(claim.source.clone()).or_insert_with(blank);
        part.claims.push(claim);
    }
    let parts = parts.into_iter();
    parts
        .map(|(source, part)| Ok((source, write(&part)?)))
        .collect()
}
