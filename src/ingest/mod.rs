//! ALL FILES, IN PARALLEL -> ONE EVENT LOG.
//!
//! Comes in: the sorted list of files. Goes out: the event log in canonical order, what the files
//! cover, and every problem met. Never: a failure, or a trace of how many threads read.

mod assumed;
mod clock;
pub mod coverage;
pub mod extract;
mod ledger;
pub mod merge;
mod places;
pub mod pool;
mod prefetch;
mod prefilter;
mod progress;
mod pruned;
mod reader;
mod redact;
mod timeline;
pub mod verify;

pub use coverage::Coverage;
pub use extract::{Extracted, extract};
pub use progress::{Progress, Reached};
pub use pruned::Pruned;
pub use reader::Shard;
pub use redact::{name_buckets, redact};
pub use verify::Verification;

use crate::event::EventLog;
use crate::problem::Problem;
use crate::source::{PublicKeys, Reach, SourceFile};
use crate::threads::Threads;

/// How to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Threads; `None` for as many as the machine has cores.
    pub jobs: Option<usize>,
    /// The most decoded bytes of one file.
    pub max_decoded_bytes: u64,
    /// Whether to read who took on which role.
    pub roles: Roles,
    /// Hashes every file, checks log files against digest files, and their signatures with these keys,
    /// if there are any: [`Coverage::verification`] tells the outcome; `None` to hash and check nothing.
    pub verify: Option<PublicKeys>,
}

/// Whether to read the records of STS that say who took on which role; they are many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Roles {
    /// Leave them out.
    #[default]
    Ignored,
    /// Read them.
    Traced,
}

/// What reading all files gives.
#[derive(Debug, Default)]
pub struct Ingest {
    /// The push events.
    pub log: EventLog,
    /// What was read and what time it covers.
    pub coverage: Coverage,
    /// The defects met, by file and place.
    pub problems: Vec<Problem>,
}

/// Reads every file and merges what they hold.
#[must_use]
pub fn ingest(files: &[SourceFile], options: &Options) -> Ingest {
    ingest_observed(files, options, &Reach::default(), &Progress::default())
}

/// The same, of log files of the reach, with `progress` telling another thread how far it has come.
///
/// Files are checked before they are merged: no record takes the place of one that is vouched for.
///
/// # Complexity
/// O(n log n) in the push events, and in the files and the log files that digest files list.
#[must_use]
pub fn ingest_observed(
    files: &[SourceFile],
    options: &Options,
    reach: &Reach,
    progress: &Progress,
) -> Ingest {
    let threads = Threads::new(options.jobs);
    let mut shards = pool::map_files(files, options, &threads, progress);
    let mut evidence = verify::Evidence::default();
    for shard in &mut shards {
        evidence.absorb(std::mem::take(&mut shard.evidence));
    }
    let keys = options.verify.as_ref();
    let (checked, mut problems) = keys
        .map(|keys| verify::verify(files, evidence, keys, reach))
        .unzip();
    let mut ingest = threads.within(|| merge::merge_checked(files, shards, checked));
    ingest.problems.append(problems.get_or_insert_default());
    ingest
        .problems
        .sort_by(|a, b| (a.at, &a.kind).cmp(&(b.at, &b.kind)));
    if options.roles == Roles::Ignored {
        ingest.log.assumptions = None;
    }
    ingest
}
