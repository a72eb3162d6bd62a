//! How files are to be read.
//!
//! Comes in: what the caller chose. Goes out: the choice, for every stage of the reading. Never: a default for
//! a bound; the caller names it.

use crate::source::PublicKeys;

/// How to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// Threads; `None` for as many as the machine has cores.
    pub jobs: Option<usize>,
    /// The most decoded bytes of one file.
    pub max_decoded_bytes: u64,
    /// Whether to read who took on which role.
    pub roles: Roles,
    /// Hashes every file, checks log files against digest files, and their signatures with these keys,
    /// if there are any: [`Coverage::verification`](crate::ingest::Coverage::verification) tells the outcome; `None` to hash and check nothing.
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
