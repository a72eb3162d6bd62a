//! Why an event is in its push: `--explain ID`.
//!
//! Comes in: an event. Goes out: the event, the pushes that hold it, and the chain of evidence to the event that the push
//! starts from. Never: a filter.

use crate::event::EventId;
use crate::report::event;
use crate::report::parts::Report;
use crate::report::row::{BecauseRow, EventRow, SessionRow};
use crate::report::session;

/// How many pushes of a login are listed at most.
const MOST_PUSHES: usize = 10;

/// An event and why it is in its push.
#[derive(Debug)]
pub struct WhyRow<'a> {
    /// The event, with its evidence and its alternatives.
    pub event: EventRow<'a>,
    /// The pushes that hold it: one, none, or the first of those that a login serves.
    pub pushes: Vec<SessionRow<'a>>,
    /// How many more pushes a login serves.
    pub pushes_more: u64,
    /// From the event to the one that its push starts from; empty for that one, and for a login.
    pub chain: Vec<LinkRow<'a>>,
    /// Pushes that the login was considered for but that are linked to another login.
    pub considered_for: Vec<String>,
}

/// One link of a chain.
#[derive(Debug)]
pub struct LinkRow<'a> {
    /// The evidence.
    pub because: BecauseRow<'a>,
    /// What the evidence says.
    pub words: &'static str,
    /// The event that it joins to.
    pub to: EventRow<'a>,
}

impl<'a> Report<'a> {
    /// Why an event is in its push.
    #[doc(hidden)]
    #[must_use]
    pub fn why(&self, id: EventId) -> WhyRow<'a> {
        let sessions = &self.parts.sessions.sessions;
        let owner = sessions.iter().enumerate().find_map(|(position, session)| {
            let place = session.sequence.iter().position(|&event| event == id)?;
            Some((position, place))
        });
        match owner {
            Some((position, place)) => self.why_of_push(position, place, id),
            None => self.why_of_login(id),
        }
    }

    /// An event that belongs to a push.
    fn why_of_push(&self, position: usize, place: usize, id: EventId) -> WhyRow<'a> {
        let session = &self.parts.sessions.sessions[position];
        let row = session::row(self, position);
        // The login stands before the push's own events.
        let shift = usize::from(session.authorization.is_some());
        let mut chain = Vec::new();
        let mut at = place;
        // A chain is no longer than its push.
        while chain.len() < session.sequence.len()
            && let Some(with) = session.because.get(at).and_then(|because| because.with)
            && let Some(because) = row
                .events
                .get(at + shift)
                .and_then(|event| event.because.into_iter().next())
            && let Some(next) = session.sequence.iter().position(|&event| event == with)
        {
            chain.push(LinkRow {
                words: because.evidence.about().sentence(),
                because,
                to: event::row(&self.parts, with),
            });
            at = next;
        }
        WhyRow {
            event: row
                .events
                .get(place + shift)
                .unwrap_or_else(|| event::row(&self.parts, id)),
            pushes: vec![row],
            pushes_more: 0,
            chain,
            considered_for: Vec::new(),
        }
    }

    /// A login, or an event that is in no push.
    fn why_of_login(&self, id: EventId) -> WhyRow<'a> {
        let sessions = &self.parts.sessions.sessions;
        let links = || {
            sessions
                .iter()
                .enumerate()
                .filter_map(|(position, session)| Some((position, session.authorization.as_ref()?)))
        };
        let served: Vec<usize> = links()
            .filter(|(_, link)| link.event == id)
            .map(|(position, _)| position)
            .collect();
        let considered = links().filter(|(_, link)| link.alternatives.contains(&id));
        let shown = served.iter().take(MOST_PUSHES);
        let pushes: Vec<_> = shown
            .map(|&position| session::row(self, position))
            .collect();
        WhyRow {
            event: event::row(&self.parts, id),
            pushes_more: (served.len() - pushes.len()) as u64,
            pushes,
            chain: Vec::new(),
            considered_for: considered
                .take(MOST_PUSHES)
                .map(|(position, _)| self.session_id(position))
                .collect(),
        }
    }
}
