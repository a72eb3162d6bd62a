//! Which found session stands for which push.
//!
//! In: truth and findings of one world. Out: the best match both ways, by the number of events in common; those that
//! can be told decide before those that cannot.

use std::collections::{BTreeMap, BTreeSet};

use super::super::simulate::truth::Truth;
use super::{Found, FoundSession};

/// Which found session stands for which push, and the other way round.
pub(crate) struct Matching {
    /// The events of each found session under the names that the truth has for them.
    pub(crate) sessions: Vec<Vec<String>>,
    /// The session that each event was found in.
    pub(crate) session_of: BTreeMap<String, usize>,
    /// By push: the session that holds most of its events.
    pub(crate) session_of_push: Vec<Option<usize>>,
    /// How many events of each session the truth knows nothing of: records of no call, or that no push made.
    pub(crate) n_foreign: Vec<usize>,
    /// How many sessions hold the event, under whatever twin's name.
    pub(crate) n_holders: BTreeMap<String, usize>,
    /// By session: the push that most of its events belong to.
    pub(crate) push_of_session: Vec<Option<usize>>,
}

impl Matching {
    /// Matches what was found with the truth. Events unknown to the truth are left out.
    pub(crate) fn new(truth: &Truth, found: &Found) -> Self {
        let sessions: Vec<Vec<String>> = found
            .sessions
            .iter()
            .map(|session| known(truth, session))
            .collect();
        let mut session_of = BTreeMap::new();
        let mut n_holders = BTreeMap::new();
        for (number, session) in sessions.iter().enumerate() {
            for event_id in session {
                session_of.entry(event_id.clone()).or_insert(number);
                *n_holders.entry(event_id.clone()).or_default() += 1;
            }
        }
        let decidable = |event_id: &String| truth.events[event_id].is_decidable;
        let session_of_push = truth.pushes.iter().map(|push| {
            let events = push.events.iter();
            most(events.filter_map(|id| Some((*session_of.get(id)?, decidable(id)))))
        });
        let push_of_session = sessions
            .iter()
            .map(|session| most((session.iter()).map(|id| (truth.events[id].push, decidable(id)))));
        let foreign = |session: &FoundSession| {
            let ids = session.events.iter();
            ids.filter(|id| {
                let id = truth.twins.get(*id).unwrap_or(id);
                !truth.events.contains_key(id)
            })
            .count()
        };
        Matching {
            n_foreign: found.sessions.iter().map(foreign).collect(),
            session_of_push: session_of_push.collect(),
            n_holders,
            push_of_session: push_of_session.collect(),
            sessions,
            session_of,
        }
    }
}

/// A session's events under the first name of twins, each once.
fn known(truth: &Truth, session: &FoundSession) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let names = session
        .events
        .iter()
        .map(|event_id| truth.twins.get(event_id).unwrap_or(event_id));
    names
        .filter(|id| truth.events.contains_key(*id) && seen.insert(id.as_str()))
        .cloned()
        .collect()
}

/// The most frequent number among events that can be told, else among all; the least of several.
fn most(numbers: impl Iterator<Item = (usize, bool)>) -> Option<usize> {
    let mut counts: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for (number, is_decidable) in numbers {
        let (n_decidable, n) = counts.entry(number).or_default();
        *n_decidable += usize::from(is_decidable);
        *n += 1;
    }
    let most = |&(number, n): &(usize, (usize, usize))| (n, usize::MAX - number);
    counts
        .into_iter()
        .max_by_key(most)
        .map(|(number, _)| number)
}
