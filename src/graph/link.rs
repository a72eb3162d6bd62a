//! The event graph: the edges that the rules find in a log, by event.
//!
//! Comes in: the event log. Goes out: its graph. Never: an edge that a rule did not find.

use crate::event::{EventId, EventLog, Id};
use crate::facts::Facts;
use crate::graph::buckets::Buckets;
use crate::graph::edge::{Contradiction, Edge};
use crate::graph::index::{CallIndex, PORTION, Upload};
use crate::graph::principals::Principals;
use crate::graph::rules;
use crate::threads;

/// The event graph.
#[derive(Clone, Debug, Default)]
pub struct EventGraph {
    /// The edges, by event.
    edges: Buckets<Edge>,
    /// Contradictions that show without a look at the order, by first event; an event is in one at
    /// most.
    contradictions: Vec<Contradiction>,
    /// The look-up tables that the rules used.
    pub index: CallIndex,
    /// Who made the calls.
    pub principals: Principals,
}

/// Finds the evidence in a log.
///
/// # Complexity
/// O(n log m) for n events, m of them in one repository, which name as many blobs and uploads.
#[must_use]
pub fn link(log: &EventLog, facts: &Facts<'_>) -> EventGraph {
    let of_events = |events| {
        let mut edges = Vec::new();
        for (id, event) in events {
            rules::look_at_event(log, id, event, &mut edges);
        }
        edges
    };
    let principals = Principals::new(log, facts);
    let (index, of_events) = threads::both(
        || CallIndex::new(log, &principals),
        || threads::map(log.portions(PORTION).collect(), of_events),
    );
    let uploads: Vec<Upload<'_>> = index.uploads().collect();
    let of_uploads = threads::map(uploads.chunks(PORTION).collect(), |uploads| {
        let (mut edges, mut contradictions) = (Vec::new(), Vec::new());
        rules::look_at_uploads(uploads, &mut edges, &mut contradictions);
        (edges, contradictions)
    });
    drop(uploads);
    let (of_uploads, contradictions): (Vec<Vec<Edge>>, Vec<_>) = of_uploads.into_iter().unzip();
    let mut contradictions: Vec<Contradiction> = contradictions.into_iter().flatten().collect();
    contradictions.sort_unstable();
    let edges = of_events.iter().chain(&of_uploads).flatten().copied();
    EventGraph {
        edges: Buckets::new(edges, log.events.len(), |edge| edge.event.index()),
        contradictions,
        index,
        principals,
    }
}

impl EventGraph {
    /// Every edge, by its event.
    pub fn edges(&self) -> impl Iterator<Item = &Edge> + '_ {
        self.edges.groups().flatten()
    }

    /// The edges of an event.
    #[must_use]
    pub fn edges_of(&self, event: EventId) -> &[Edge] {
        self.edges.of(event.index())
    }

    /// The contradictions whose events are all among the given ones, which come in canonical order.
    pub(super) fn contradictions_among(
        &self,
        events: &[EventId],
    ) -> impl Iterator<Item = &Contradiction> {
        let all = &self.contradictions;
        // Hardly any log has a contradiction.
        let events = if all.is_empty() { &[] } else { events };
        let begun = events.iter().filter_map(|event| {
            let at = all.binary_search_by_key(event, |one| one.events[0]);
            at.ok().map(|at| &all[at])
        });
        begun.filter(|one| {
            let mut of_one = one.events.iter();
            of_one.all(|event| events.binary_search(event).is_ok())
        })
    }
}
