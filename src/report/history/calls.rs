//! The calls that histories are told from, by repository.
//!
//! Comes in: a report and the repositories asked for. Goes out: their puts, pushes and other calls, each list in the
//! order of the log. Never: a look at what a call did.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::event::log::ContextEvent;
use crate::event::{EventId, EventLog, Repository, RepositoryId, Service, Stage, TextId};
use crate::report::parts::Report;

/// A call, or the end of a push.
#[derive(Clone, Copy, Debug)]
pub(super) enum Happening {
    /// A `PutImage`.
    Put(EventId),
    /// A push, at its deciding call.
    Push(usize, EventId),
    /// A call outside pushes.
    Beside(usize),
}

/// What happened in some repositories.
#[derive(Debug, Default)]
pub(super) struct Calls {
    puts: BTreeMap<RepositoryId, Vec<EventId>>,
    /// The selected pushes.
    pushes: BTreeMap<RepositoryId, Vec<usize>>,
    beside: BTreeMap<RepositoryId, Vec<usize>>,
    of_registries: Vec<usize>,
    /// The push of each `PutImage`, selected or not.
    push_of: HashMap<EventId, usize>,
}

impl Calls {
    /// # Complexity
    /// O(n log R) in the events of the log, for R repositories.
    pub(super) fn of(report: &Report<'_>, repositories: &BTreeSet<RepositoryId>) -> Self {
        let mut calls = Self::default();
        if repositories.is_empty() {
            return calls;
        }
        let asked = |id: Option<RepositoryId>| id.filter(|id| repositories.contains(id));
        let log = report.parts.log;
        for (id, event) in log.iter() {
            if event.action.stage() == Stage::Manifest
                && let Some(repository) = asked(event.repository)
            {
                calls.puts.entry(repository).or_default().push(id);
            }
        }
        let mut twins: BTreeMap<TextId, usize> = BTreeMap::new();
        for (place, event) in log.context.iter().enumerate() {
            if let Some(repository) = asked(event.repository) {
                let of = calls.beside.entry(repository).or_default();
                match event.shared_event_id.and_then(|id| twins.insert(id, place)) {
                    Some(other) if names_more(log, &log.context[other], event) => {
                        twins.extend(event.shared_event_id.map(|id| (id, other)));
                    }
                    Some(other) if names_more(log, event, &log.context[other]) => {
                        of.retain(|place| *place != other);
                        of.push(place);
                    }
                    Some(_) | None => of.push(place),
                }
            } else if event.repository.is_none() && event.deed.is_of_registry() {
                calls.of_registries.push(place);
            }
        }
        for (position, session) in report.parts.sessions.sessions.iter().enumerate() {
            let Some(repository) = asked(session.repository) else {
                continue;
            };
            let puts = session.sequence.iter();
            let puts = puts.filter(|&&id| log.event(id).action.stage() == Stage::Manifest);
            calls.push_of.extend(puts.map(|&id| (id, position)));
            if report.selected.binary_search(&position).is_ok() {
                calls.pushes.entry(repository).or_default().push(position);
            }
        }
        calls
    }

    /// The puts into a repository.
    pub(super) fn puts(&self, repository: RepositoryId) -> impl Iterator<Item = EventId> + '_ {
        self.puts.get(&repository).into_iter().flatten().copied()
    }

    /// The selected pushes into a repository.
    pub(super) fn pushes(&self, repository: RepositoryId) -> impl Iterator<Item = usize> + '_ {
        self.pushes.get(&repository).into_iter().flatten().copied()
    }

    /// The calls outside pushes that name a repository.
    pub(super) fn beside(&self, repository: RepositoryId) -> impl Iterator<Item = usize> + '_ {
        self.beside.get(&repository).into_iter().flatten().copied()
    }

    /// The calls about registries.
    pub(super) fn of_registries(&self) -> impl Iterator<Item = usize> + '_ {
        self.of_registries.iter().copied()
    }

    /// The push of a `PutImage`, selected or not.
    pub(super) fn push_of(&self, put: EventId) -> Option<usize> {
        self.push_of.get(&put).copied()
    }
}

/// Whether a record tells of the same call as its twin in another account, and of the caller too, whose name only the
/// caller's own account records (CloudTrail user guide, "CloudTrail record contents", `sharedEventID`).
fn names_more(log: &EventLog, one: &ContextEvent, twin: &ContextEvent) -> bool {
    let names_caller = |of: &ContextEvent| log.tables.identities.get(of.identity).arn.is_some();
    let call = |of: &ContextEvent| (of.time, of.deed, of.repository, of.failure.is_some());
    names_caller(one)
        && !names_caller(twin)
        && one.recipient != twin.recipient
        && call(one) == call(twin)
        && (&one.tags, &one.digests) == (&twin.tags, &twin.digests)
}

/// Whether a call about a registry is about that of a repository.
pub(super) fn is_of(
    event: &ContextEvent,
    (account, region): (&str, &str),
    of: &Repository,
) -> bool {
    let is_same_region = of.service == Service::EcrPublic || region == &*of.region;
    event.service == of.service && account == &*of.registry && is_same_region
}
