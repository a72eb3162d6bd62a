//! What lies in AWS: a room of its own reads it, which is not in every build.
//!
//! Comes in: the buckets and event histories that the arguments name. Goes out: clients and readers, or how to get a program
//! that has them. Never: a request in a build without the feature `aws`, which holds no network code.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::address::HistoryOf;
use crate::source::{Bucket, Handed};

#[cfg(feature = "aws")]
mod sdk;
#[cfg(not(feature = "aws"))]
mod without;

#[cfg(feature = "aws")]
pub(super) use sdk::{help, reach};
#[cfg(not(feature = "aws"))]
pub(super) use without::{help, reach};

/// What the arguments name in AWS.
#[derive(Debug, Default)]
pub(super) struct CloudNames<'a> {
    /// The names of buckets.
    pub(super) buckets: BTreeSet<&'a str>,
    /// Event histories.
    pub(super) histories: BTreeSet<&'a HistoryOf>,
}

/// What was reached.
#[derive(Debug, Default)]
pub(super) struct CloudInputs {
    /// Buckets with their clients.
    pub(super) buckets: BTreeMap<String, Bucket>,
    /// Readers of event histories.
    pub(super) histories: Vec<Handed>,
    /// What to say before reading.
    pub(super) notices: Vec<String>,
}

impl CloudNames<'_> {
    /// Whether the arguments name nothing in AWS, so that no setup is read.
    pub(super) fn is_empty(&self) -> bool {
        self.buckets.is_empty() && self.histories.is_empty()
    }
}
