//! ALL FILES, IN PARALLEL -> ONE EVENT LOG.
//!
//! Comes in: the sorted list of files. Goes out: the event log in canonical order, what the files
//! cover, and every problem met. Never: a failure, or a trace of how many threads read.

mod clock;
pub mod coverage;
pub mod merge;
pub mod pool;
mod prefilter;
mod reader;
mod timeline;
pub mod verify;

pub use coverage::Coverage;
pub use reader::Shard;
pub use verify::Verification;

use crate::event::EventLog;
use crate::problem::Problem;
use crate::source::PublicKeys;
use crate::source::SourceFile;

/// How to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Threads; `None` for as many as the machine has cores.
    pub jobs: Option<usize>,
    /// The most decoded bytes of one file.
    pub max_decoded_bytes: u64,
    /// Checks the log files against digest files, their signatures with these keys, if there are
    /// any; `None` to hash no file and check nothing.
    pub verify: Option<PublicKeys>,
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
    let mut shards = pool::map_files(files, options);
    let mut evidence = verify::Evidence::default();
    for shard in &mut shards {
        evidence.absorb(std::mem::take(&mut shard.evidence));
    }
    let mut ingest = merge::merge(files.len(), shards);
    if let Some(keys) = &options.verify {
        let (verification, problems) = verify::verify(files, evidence, keys);
        ingest.coverage.verification = Some(verification);
        ingest.problems.extend(problems);
        ingest
            .problems
            .sort_by(|a, b| (a.at, &a.kind).cmp(&(b.at, &b.kind)));
    }
    ingest
}
