//! How files are to be read.
//!
//! Comes in: what the caller chose. Goes out: the choice, for every stage of reading. Never: a default for a bound;
//! the caller sets it.

use crate::event::Pulls;
use crate::source::PublicKeys;

/// How to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// Threads; `None` for as many as the machine has cores.
    pub jobs: Option<usize>,
    /// The most decoded bytes of one file.
    pub max_decoded_bytes: u64,
    /// Whether to read who assumed which role.
    pub roles: Roles,
    /// Whether to read the calls that take images.
    pub pulls: Pulls,
    /// If set, every file is hashed, and log files are checked against digest files, and signatures against these
    /// keys, if there are any; [`Coverage::verification`](crate::ingest::Coverage::verification) has the result.
    /// `None`: nothing is hashed or checked.
    pub verify: Option<PublicKeys>,
}

/// Whether to read the records of STS that say who assumed which role; there are many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Roles {
    /// Leave them out.
    #[default]
    Ignored,
    /// Read them.
    Traced,
}
