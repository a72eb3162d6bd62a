//! What groups say to each other, and what they are told.
//!
//! Comes in: values of earlier rooms. Goes out: the same, as JSON on one line. Never: anything that a step works out.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::facts::SharedFact;
use crate::session::beyond::PushShown;

/// What a group says to others with the same key, or to the conclusion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Saying<'a> {
    /// A fact, or a question for one.
    #[serde(borrow)]
    Fact(SharedFact<'a>),
    /// A push.
    Push(PushShown),
    /// A login that is in the group, by its number.
    Login(u64),
    /// A blob of a registry by its number, and whether the group shows where it came from.
    Blob(u64, bool),
    /// To the conclusion: the records of a group.
    Records(GroupRecords),
    /// To the conclusion: the log of an account holds a login or a check.
    #[serde(borrow)]
    Reader(Cow<'a, str>),
    /// To the conclusion: what a group reports.
    Counts(GroupTotals),
}

/// The records of a group by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupRecords {
    pub(super) seen: u64,
    pub(super) push: u64,
    pub(super) other: u64,
    pub(super) duplicate: u64,
    pub(super) malformed: u64,
    pub(super) network_activity: u64,
}

/// What a group reports, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupTotals {
    /// Pushes by their group.
    pub(super) pushes: Vec<u64>,
    /// Pushes by the account whose log they are in.
    pub(super) of_account: BTreeMap<String, usize>,
    pub(super) unplaced: u64,
    /// The name of the worst severity among its findings.
    pub(super) worst: Option<String>,
    pub(super) conflicts: u64,
}

/// What a group is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Reply<'a> {
    /// A fact.
    #[serde(borrow)]
    Fact(SharedFact<'a>),
    /// The session with this id is a probe.
    Probe(u64),
    /// The login with this number served so many pushes.
    Served(u64, u64),
    /// What is new about the client of the push with this id.
    New(u64, String),
    /// The blob with this number was brought to its registry.
    Brought(u64),
}
