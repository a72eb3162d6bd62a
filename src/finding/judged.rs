//! What a policy says of a log: decided once, by the true names, and worded as often as names change.
//!
//! Comes in: nothing; these are the types. Goes out: which rule is about which push, and where one is broken or cannot be
//! told to be kept, by events and positions. Never: a name.

use chrono::{DateTime, Utc};

use crate::event::{EventId, RepositoryId};
use crate::policy::Right;

/// What a policy says of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// The rule about each push, by its position.
    pub(crate) rules: Vec<Option<usize>>,
    /// Where pushes break rules, or may; in the order of pushes.
    pub(crate) breaches: Vec<Breach>,
    /// Where calls beside pushes do, in the order of the log.
    pub(crate) calls: Vec<CallBreach>,
    /// The repositories into which somebody pushed and that no rule is about, by name.
    pub(crate) unruled: Vec<RepositoryId>,
    /// How many pushes went there.
    pub(crate) n_unruled: u64,
    /// Rules that are about no repository of the log.
    pub(crate) idle: Vec<usize>,
}

/// A push that breaks a rule, or may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Breach {
    /// The push.
    pub(crate) session: usize,
    /// The rule; `None` if it cannot be told which is about it.
    pub(crate) rule: Option<usize>,
    /// What the rule asks for.
    pub(crate) demand: Demand,
    /// Whether it is broken.
    pub(crate) told: BreachTold,
}

/// What a rule asks of pushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Demand {
    Repository,
    Callers,
    Accounts,
    Addresses,
    Endpoints,
    Clients,
    Regions,
    Hours,
    MovingTags,
    Login,
    Index,
    Provenance,
    Signature,
}

/// What the log shows of a demand that is not known to be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BreachTold {
    /// It is broken, by an event and in view of another.
    Broken(EventId, Option<EventId>),
    /// It cannot be told, at an event.
    Open(Open, EventId),
}

/// Why the log cannot tell whether a demand is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    /// Nothing in the log shows what is asked for.
    NotShown,
    /// Another login fits the push as well, and does not meet it.
    OtherLogin(EventId),
    /// The login may stand in a part of the logs that is not here.
    LoginElsewhere,
    /// The manifest was left out of the log.
    ManifestOmitted,
    /// The log ends at an instant before it is due.
    LogEnds(DateTime<Utc>),
    /// The log has a hole before it is due.
    LogHole(DateTime<Utc>),
}

/// A call beside pushes that breaks a rule, or may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallBreach {
    /// The call, by its position among the calls outside pushes.
    pub(crate) call: usize,
    /// The rule.
    pub(crate) rule: usize,
    /// The right that the call needs.
    pub(crate) right: Right,
    /// Whether it is broken.
    pub(crate) told: CallTold,
}

/// What the log shows of a call that a rule does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallTold {
    /// It was granted.
    Broken,
    /// It was refused, and changed nothing.
    Refused,
    /// It was granted to somebody whom the log does not name.
    Open,
}
