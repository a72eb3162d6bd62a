//! ALL FILES, IN PARALLEL -> ONE EVENT LOG.
//!
//! Comes in: the sorted list of files. Goes out: the event log in canonical order, what the files
//! cover, and every problem met. Never: a failure, or a trace of how many threads read.

mod assumed;
mod carried;
mod clock;
pub mod coverage;
pub mod extract;
mod interval;
mod ledger;
pub mod merge;
mod missing;
mod options;
mod places;
pub mod pool;
mod prefetch;
mod prefilter;
mod progress;
mod pruned;
mod reader;
mod redact;
pub mod seek;
mod sought;
mod timeline;
pub mod verify;

pub use carried::{by_source, coverage_of, telling, untold};
pub use coverage::{Coverage, Pruned};
pub use extract::{Extracted, extract, merged};
pub use interval::{Interval, SecondRange};
pub use options::{ReadOptions, Roles};
pub use progress::{Doing, Progress, Reached};
pub use reader::Shard;
pub use redact::{name_buckets, redact};
pub use seek::{Searched, seek};
pub use verify::Verification;

use crate::event::EventLog;
use crate::facts::Facts;
use crate::problem::Problem;
use crate::source::{Reach, SourceFile};
use crate::threads::Threads;

/// The result of reading all files.
#[derive(Debug, Default)]
pub struct Ingest {
    /// The push events.
    pub log: EventLog,
    /// What was read and what time it covers.
    pub coverage: Coverage,
    /// The defects found, by file and place.
    pub problems: Vec<Problem>,
}

/// Reads every file and merges what they hold.
#[must_use]
pub fn ingest(files: &[SourceFile], options: &ReadOptions) -> Ingest {
    let (reach, told) = (Reach::default(), Facts::default());
    ingest_observed(files, options, &reach, &told, &Progress::default())
}

/// Reads and merges the log files within reach, with what is `told` of other logs; `progress` lets another thread see
/// how far this is.
///
/// Files are verified before they are merged, so that no record replaces one that is vouched for.
///
/// # Complexity
/// O(n log n) in the push events, in the files, and in the log files that digest files list.
#[must_use]
pub fn ingest_observed(
    files: &[SourceFile],
    options: &ReadOptions,
    reach: &Reach,
    told: &Facts<'_>,
    progress: &Progress,
) -> Ingest {
    let threads = Threads::new(options.jobs);
    let mut shards = pool::map_files(files, options, &threads, progress);
    progress.enter(Doing::Merging);
    let mut testimony = verify::Testimony::default();
    for shard in &mut shards {
        testimony.absorb(std::mem::take(&mut shard.testimony));
    }
    let keys = options.verify.as_ref();
    let (checked, mut problems) = keys
        .map(|keys| verify::verify(files, testimony, keys, reach))
        .unzip();
    let mut ingest = threads.within(|| merge::merge_checked(files, shards, told, checked));
    ingest.problems.append(problems.get_or_insert_default());
    ingest
        .problems
        .sort_by(|a, b| (a.at, &a.kind).cmp(&(b.at, &b.kind)));
    if options.roles == Roles::Ignored {
        ingest.log.assumptions = None;
    }
    ingest
}
