//! Reads what lies in AWS, by its own SDK: buckets of S3, and the event history of CloudTrail.
//!
//! Comes in: names of buckets and regions, and the user's setup. Goes out: a client for each bucket, with which the
//! library lists and reads, and a reader for each event history. Never: a request that writes, or a future that leaves
//! this room.

mod bucket;
mod credentials;
mod failure;
mod gateway;
mod history;
mod http;
mod listing;
mod lookup;
mod object;
mod patience;
mod profiles;
mod regions;
mod runtime;

use std::collections::BTreeMap;

use crate::source::Waits;

pub use failure::{Answer, AwsError, AwsService, Login};
pub use gateway::Gateway;
pub use history::histories;
pub use lookup::HistoryQuestion;
pub use object::connect;
pub use regions::REGIONS;

/// The user's setup, and how to make requests.
#[derive(Clone, Default)]
pub struct Setup {
    /// The environment: all variables that are text and not empty.
    pub variables: BTreeMap<String, String>,
    /// The profile that was named for this run; it goes before keys in the environment.
    pub profile: Option<String>,
    /// How many requests to make at once, at least 1.
    pub connections: usize,
    /// Who pays for requests to a bucket.
    pub payer: Payer,
    /// How long to wait.
    pub waits: Waits,
}

/// Who pays for requests to a bucket (S3 user guide, "Using Requester Pays general purpose buckets").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Payer {
    /// Its owner.
    #[default]
    Owner,
    /// The requester, who agrees to it.
    Requester,
}

impl Setup {
    /// The first variable that is set.
    fn variable(&self, names: &[&str]) -> Option<&str> {
        let set = |name: &&str| self.variables.get(*name);
        names.iter().find_map(set).map(String::as_str)
    }
}
