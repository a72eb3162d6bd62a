//! The causal order of a session's events.
//!
//! Comes in: the event graph and the events of one session. Goes out: the events in an order in
//! which every cause is before its effect; ties are broken by time, stage, bytes and `eventID`.
//! Never: an order by time alone if a cause contradicts it.

mod causes;
mod checks;
mod sequence;

use crate::event::{EventId, EventLog};
use crate::graph::edge::Contradiction;
use crate::graph::link::EventGraph;
use causes::Causes;

pub use causes::CLOCK_SKEW;

/// A causal order, and where the log contradicts itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Every event once, causes first.
    pub sequence: Vec<EventId>,
    /// The events that must each come before the others.
    pub contradictions: Vec<Contradiction>,
}

impl EventGraph {
    /// Orders the events of one session topologically. Of the events that may come next, it takes
    /// the smallest by time, stage, bytes and `eventID`.
    ///
    /// Events on a cycle are listed in [`Order::contradictions`] and are ordered by time. The
    /// events of the session must come in canonical order.
    ///
    /// # Complexity
    /// O((V + E) log V) for V events and E edges at them; edges of other sessions at a shared blob
    /// are not visited.
    #[must_use]
    pub fn order(&self, log: &EventLog, events: &[EventId]) -> Order {
        let Causes { ranked, digraph } = Causes::among(self, log, events);
        let mut contradictions: Vec<Contradiction> =
            self.contradictions_among(events).cloned().collect();
        if digraph.follows_ranks() {
            return Order {
                sequence: ranked.iter().map(|row| row.event).collect(),
                contradictions,
            };
        }
        let (places, cycles) = sequence::sequence(digraph);
        let event = |place: &usize| ranked.get(*place).map(|row| row.event);
        contradictions.extend(cycles.iter().map(|cycle| {
            let mut events: Vec<EventId> = cycle.iter().filter_map(event).collect();
            events.sort_unstable();
            Contradiction { events }
        }));
        contradictions.sort_unstable();
        Order {
            sequence: places.iter().filter_map(event).collect(),
            contradictions,
        }
    }
}
