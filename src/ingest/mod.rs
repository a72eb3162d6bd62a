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
pub mod pool;
mod prefetch;
mod prefilter;
mod progress;
mod pruned;
mod reader;
mod redact;
mod timeline;

pub use coverage::Coverage;
pub use extract::{Extracted, extract};
pub use progress::{Progress, Reached};
pub use pruned::Pruned;
pub use reader::Shard;
pub use redact::redact;

use crate::event::EventLog;
use crate::problem::Problem;
use crate::source::SourceFile;

/// How to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Threads; `None` for as many as the machine has cores.
    pub jobs: Option<usize>,
    /// The most decoded bytes of one file.
    pub max_decoded_bytes: u64,
    /// Whether to read who took on which role.
    pub roles: Roles,
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
    ingest_observed(files, options, &Progress::default())
}

/// The same, with `progress` telling another thread how far it has come.
#[must_use]
pub fn ingest_observed(files: &[SourceFile], options: &Options, progress: &Progress) -> Ingest {
    let shards = pool::map_files(files, options, progress);
    let mut ingest = merge::merge(files, shards);
    if options.roles == Roles::Ignored {
        ingest.log.assumptions = None;
    }
    ingest
}
