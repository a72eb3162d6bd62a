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
pub use redact::redact;
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
    /// Hashes every file, for [`Ingest::verify`] to check log files against digest files, and their
    /// signatures with these keys, if there are any; `None` to hash and check nothing.
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
    /// What checking the files asks for.
    evidence: verify::Evidence,
}

/// Reads every file and merges what they hold.
#[must_use]
pub fn ingest(files: &[SourceFile], options: &Options) -> Ingest {
    ingest_observed(files, options, &Progress::default())
}

/// The same, with `progress` telling another thread how far it has come.
#[must_use]
pub fn ingest_observed(files: &[SourceFile], options: &Options, progress: &Progress) -> Ingest {
    let threads = Threads::new(options.jobs);
    let mut shards = pool::map_files(files, options, &threads, progress);
    let mut evidence = verify::Evidence::default();
    for shard in &mut shards {
        evidence.absorb(std::mem::take(&mut shard.evidence));
    }
    let mut ingest = threads.within(|| merge::merge(files, shards));
    ingest.evidence = evidence;
    if options.roles == Roles::Ignored {
        ingest.log.assumptions = None;
    }
    ingest
}

impl Ingest {
    /// Checks the log files of the reach against the digest files, and those against each other and
    /// the keys: [`Coverage::verification`] tells the outcome, and problems which files failed.
    ///
    /// # Complexity
    /// O(n log n) in the files and the log files that digest files list.
    pub fn verify(&mut self, files: &[SourceFile], keys: &PublicKeys, reach: &Reach) {
        let evidence = std::mem::take(&mut self.evidence);
        let (verification, problems) = verify::verify(files, evidence, keys, reach);
        self.coverage.verification = Some(verification);
        self.problems.extend(problems);
        self.problems
            .sort_by(|a, b| (a.at, &a.kind).cmp(&(b.at, &b.kind)));
    }
}
