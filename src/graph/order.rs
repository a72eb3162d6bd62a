//! The causal order of a session's events.
//!
//! Comes in: the evidence digraph and the events of one session. Goes out: the events so that every
//! cause stands before its effect, ties by time, stage, bytes and `eventID`. Never: an order that
//! time alone gives where a cause says otherwise.

mod causes;
mod checks;
mod sequence;

use crate::event::{EventId, EventLog};
use crate::graph::{Contradiction, EventGraph};
use causes::Causes;

/// How far the clocks of AWS's hosts were seen to differ, in seconds; beyond it a cause that is
/// logged after its effect is no cause.
pub const CLOCK_SKEW_SECONDS: i64 = 5;

/// A causal order, and where the log disagrees with itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Every event once, causes first.
    pub sequence: Vec<EventId>,
    /// The cycles that had to be broken.
    pub contradictions: Vec<Contradiction>,
}

impl EventGraph {
    /// Orders the events of one session: a topological order that takes, of the events that may
    /// come next, the one smallest by time, stage, bytes and `eventID`.
    ///
    /// Events on a cycle are named in [`Order::contradictions`] and stand in the order of time.
    ///
    /// # Complexity
    /// O((V + E) log V) for V events and E edges at them; edges of other sessions at a shared blob
    /// are not visited.
    #[must_use]
    pub fn order(&self, log: &EventLog, events: &[EventId]) -> Order {
        let causes = Causes::among(self, log, events);
        if causes.arrows.lead_on() {
            return Order {
                sequence: causes.ranked.iter().map(causes::event).collect(),
                contradictions: Vec::new(),
            };
        }
        let (places, cycles) = sequence::sequence(causes.arrows);
        let event = |place: &usize| causes.ranked.get(*place).map(causes::event);
        let mut contradictions: Vec<Contradiction> = cycles
            .iter()
            .map(|cycle| {
                let mut events: Vec<EventId> = cycle.iter().filter_map(event).collect();
                events.sort_unstable();
                Contradiction { events }
            })
            .collect();
        contradictions.sort_by(|a, b| a.events.cmp(&b.events));
        Order {
            sequence: places.iter().filter_map(event).collect(),
            contradictions,
        }
    }
}
