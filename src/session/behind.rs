//! Who stands behind a role session: the chain of role assumptions, back to its origin.
//!
//! Comes in: the assumptions of the log, and a push. Goes out: the calls from the push's own role
//! outwards, each with the evidence for it. Never: a step forward in time, or a second visit to a call,
//! so every chain ends. If several calls fit, the others are named.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use crate::event::assume::Assumption;
use crate::event::{Credential, EventLog, Identity, Principal, TextId};
use crate::graph::Strength;
use crate::session::Session;

/// The longest life of a role session (STS API, `AssumeRole`, `DurationSeconds`).
const SESSION_LIFE: TimeDelta = TimeDelta::hours(12);

/// How far the clocks of two services can differ.
const SKEW: TimeDelta = TimeDelta::seconds(5);

/// How far a session's `creationDate` can be from the call that made it. Inferred: both are in whole
/// seconds from one service.
const CREATED: TimeDelta = TimeDelta::seconds(2);

/// The longest chain that is followed; people use two or three roles.
const MOST_STEPS: usize = 16;

/// The assumptions of a log, prepared for look-ups.
#[derive(Debug)]
pub struct Assumptions<'a> {
    log: &'a EventLog,
    assumptions: &'a [Assumption],
    by_key: HashMap<TextId, Vec<usize>>,
    by_session: HashMap<TextId, Vec<usize>>,
}

/// Who stands behind a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// From the push's own role outwards; empty if the log does not show who assumed it.
    pub steps: Vec<TakenRole>,
    /// Why the chain ends.
    pub end: End,
}

/// A role that was assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenRole {
    /// The call, by its position among the log's assumptions.
    pub assumption: usize,
    /// The evidence for that.
    pub by: By,
    /// Other calls that could have made the session.
    pub alternatives: Vec<usize>,
}

/// The evidence that joins a call to the session it made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The access key that it issued.
    Key,
    /// The session's ARN, and the second of the session's creation.
    Created,
    /// The session's ARN, and the time.
    Session,
}

/// Why a chain ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The caller of the last step is no role session.
    Origin,
    /// The call that assumed the last role is not in the log.
    NotInLog,
    /// It leads back to a call that it already contains, or is endless.
    Loop,
}

impl TakenRole {
    /// How sure it is.
    #[must_use]
    pub fn strength(&self) -> Strength {
        match self.by {
            _ if !self.alternatives.is_empty() => Strength::Hint,
            By::Key => Strength::Proof,
            By::Created | By::Session => Strength::Inference,
        }
    }
}

/// What is known about a session whose origin is looked for.
struct RoleSession<'w> {
    identity: &'w Identity,
    credentials: Vec<&'w Credential>,
    before: DateTime<Utc>,
}

impl<'a> Assumptions<'a> {
    /// Prepares the look-ups; `None` if the log was read without assumptions.
    #[must_use]
    pub fn new(log: &'a EventLog) -> Option<Self> {
        let assumptions = log.assumptions.as_deref()?;
        let mut roles = Self {
            log,
            assumptions,
            by_key: HashMap::new(),
            by_session: HashMap::new(),
        };
        for (place, assumption) in assumptions.iter().enumerate() {
            if let Some(key) = assumption.key {
                roles.by_key.entry(key).or_default().push(place);
            }
            if let Some(session) = assumption.session {
                roles.by_session.entry(session).or_default().push(place);
            }
        }
        Some(roles)
    }

    /// The call at a place.
    #[must_use]
    pub fn assumption(&self, place: usize) -> &'a Assumption {
        &self.assumptions[place]
    }

    /// Who stands behind a push; `None` if its caller is no role session.
    ///
    /// # Complexity
    /// O(k log a) for a chain of k steps and a assumptions, and O(s) for s sessions with one name
    /// within half a day.
    #[must_use]
    pub fn behind(&self, session: &Session) -> Option<Behind> {
        let tables = &self.log.tables;
        let credentials = session.credentials.iter();
        let mut wanted = RoleSession {
            identity: tables.identities.get(session.identity),
            credentials: credentials.map(|&id| tables.credentials.get(id)).collect(),
            before: session.first,
        };
        let mut steps: Vec<TakenRole> = Vec::new();
        let mut visited = BTreeSet::new();
        let end = loop {
            let Some(step) = self.step(&wanted) else {
                break match (is_role(wanted.identity), steps.is_empty()) {
                    (true, _) => End::NotInLog,
                    (false, true) => return None,
                    (false, false) => End::Origin,
                };
            };
            if steps.len() == MOST_STEPS || !visited.insert(step.assumption) {
                break End::Loop;
            }
            let assumption = self.assumption(step.assumption);
            steps.push(step);
            wanted = RoleSession {
                identity: tables.identities.get(assumption.caller),
                credentials: vec![tables.credentials.get(assumption.credential)],
                before: assumption.time,
            };
        };
        Some(Behind { steps, end })
    }

    /// The call that made a session, found by its key, or else by its name and time.
    fn step(&self, wanted: &RoleSession<'_>) -> Option<TakenRole> {
        let keys = wanted.credentials.iter();
        let keys = keys.filter_map(|credential| credential.access_key_id.as_deref());
        let latest = wanted.before.checked_add_signed(SKEW)?;
        for key in keys {
            let of_key = self.find(&self.by_key, key).iter().copied();
            let of_key = of_key.filter(|&place| self.assumption(place).time <= latest);
            if let Some(step) = self.choose(of_key.collect(), By::Key) {
                return Some(step);
            }
        }
        if !is_role(wanted.identity) {
            return None;
        }
        let of_session = self.find(&self.by_session, wanted.identity.arn.as_deref()?);
        let time = |place: &usize| self.assumption(*place).time;
        let earliest = wanted.before.checked_sub_signed(SESSION_LIFE)?;
        // They are in order of time, like the log's assumptions.
        let from = of_session.partition_point(|place| time(place) < earliest);
        let to = of_session.partition_point(|place| time(place) <= latest);
        let recent = of_session.get(from..to)?;
        let created: Vec<_> = wanted
            .credentials
            .iter()
            .filter_map(|of| of.created)
            .collect();
        if created.is_empty() {
            return self.choose(recent.to_vec(), By::Session);
        }
        let is_near = |place: &&usize| {
            let mut created = created.iter();
            created.any(|&created| (time(place) - created).abs() <= CREATED)
        };
        let near: Vec<usize> = recent.iter().filter(is_near).copied().collect();
        self.choose(near, By::Created)
    }

    fn find<'s>(&self, table: &'s HashMap<TextId, Vec<usize>>, text: &str) -> &'s [usize] {
        let id = self.log.tables.texts.find(text);
        id.and_then(|id| table.get(&id)).map_or(&[], Vec::as_slice)
    }

    /// The latest of some calls in order of time; the two records of one call count as one.
    fn choose(&self, candidates: Vec<usize>, by: By) -> Option<TakenRole> {
        let mut calls: Vec<usize> = Vec::new();
        for place in candidates {
            let shared = self.assumption(place).shared_event_id;
            let is_twin = |other: &usize| {
                shared.is_some() && self.assumption(*other).shared_event_id == shared
            };
            match calls.iter().position(is_twin) {
                Some(at) if self.says_more(place, calls[at]) => calls[at] = place,
                Some(_) => {}
                None => calls.push(place),
            }
        }
        let assumption = calls.pop()?;
        Some(TakenRole {
            assumption,
            by,
            alternatives: calls,
        })
    }

    /// Whether the first of two records says more about the caller. The caller's own account names it;
    /// the role's account may show only the other account.
    fn says_more(&self, one: usize, other: usize) -> bool {
        let has_arn = |place: usize| {
            let caller = self.assumption(place).caller;
            self.log.tables.identities.get(caller).arn.is_some()
        };
        has_arn(one) && !has_arn(other)
    }
}

fn is_role(identity: &Identity) -> bool {
    matches!(identity.principal, Principal::AssumedRole { .. })
}
