//! ALL FILES, IN PARALLEL -> ONE EVENT LOG.
//!
//! Comes in: the sorted list of files. Goes out: the event log in canonical order, what the files
//! cover, and every problem met. Never: a failure, or a trace of how many threads read.

mod clock;
pub mod coverage;
pub mod merge;
pub mod pool;
mod prefetch;
mod prefilter;
mod pruned;
mod reader;
mod timeline;

pub use coverage::Coverage;
pub use pruned::Pruned;
pub use reader::Shard;

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
    merge::merge(files.len(), pool::map_files(files, options))
}
