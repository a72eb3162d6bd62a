//! Why an event is in its push: `--explain EVENT_ID`.
//!
//! Comes in: an `eventID` or its first digits. Goes out: the event, the pushes that hold it, and
//! the chain of evidence to the event that the push starts from. Never: a filter; the whole log is
//! searched.

use crate::event::EventId;
use crate::report::event;
use crate::report::parts::{self, Report};
use crate::report::row::{BecauseRow, EventRow, SessionRow};
use crate::report::session;

/// The shortest prefix of an `eventID` that is looked up.
pub const LEAST_PREFIX: usize = 6;

/// How many pushes of a login are listed at most.
const MOST_PUSHES: usize = 10;

/// The result of looking up an event.
#[derive(Debug)]
pub enum Lookup {
    /// The event; several if different records carry its id.
    Found(Vec<EventId>),
    /// Events whose ids start with the prefix, one for each id, sorted by id.
    Ambiguous(Vec<EventId>),
    /// No push event has the id.
    Absent,
}

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
    /// Looks up an event by its `eventID`, or by a prefix that is long enough.
    #[doc(hidden)]
    #[must_use]
    pub fn look_up(&self, wanted: &str) -> Lookup {
        let wanted = wanted.trim().to_lowercase();
        let (mut exact, mut begins) = (Vec::new(), Vec::new());
        for (id, _) in self.parts.log.iter() {
            let text = parts::id_text(self.parts.log, id).to_lowercase();
            match text.starts_with(&wanted) {
                true if text == wanted => exact.push(id),
                true if wanted.len() >= LEAST_PREFIX => begins.push((text, id)),
                true | false => {}
            }
        }
        if exact.is_empty() {
            begins.sort();
            let is_one = begins.windows(2).all(|pair| pair[0].0 == pair[1].0);
            if !is_one {
                begins.dedup_by(|one, other| one.0 == other.0);
                return Lookup::Ambiguous(begins.into_iter().map(|(_, id)| id).collect());
            }
            exact.extend(begins.iter().map(|(_, id)| *id));
        }
        match exact.is_empty() {
            true => Lookup::Absent,
            false => Lookup::Found(exact),
        }
    }

    /// The `eventID`s of events.
    #[doc(hidden)]
    #[must_use]
    pub fn event_ids(&self, ids: &[EventId]) -> Vec<String> {
        let log = self.parts.log;
        let texts = ids.iter().map(|&id| parts::id_text(log, id).to_lowercase());
        texts.collect()
    }

    /// Why events are in their pushes.
    #[doc(hidden)]
    #[must_use]
    pub fn why(&self, ids: &[EventId]) -> Vec<WhyRow<'a>> {
        ids.iter().map(|&id| self.why_row(id)).collect()
    }

    fn why_row(&self, id: EventId) -> WhyRow<'a> {
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
