//! Which events came before which among the events of one session.
//!
//! Comes in: the event graph and the events of one session. Goes out: the events by rank, and the
//! digraph from each cause to its effects. Never: an edge from or to another session's event.

use crate::event::{EventId, EventLog, Seconds, Stage};
use crate::graph::edge::{Blob, Endpoint};
use crate::graph::evidence::Relation;
use crate::graph::index::Rank;
use crate::graph::link::EventGraph;
use crate::graph::order::checks;
use crate::graph::order::sequence::Digraph;

/// How far the clocks of AWS's hosts were observed to differ. If a cause is logged later than its
/// effect by more than this, it is no cause.
pub const CLOCK_SKEW: Seconds = Seconds(5);

/// The events of a session, and which came before which.
pub(super) struct Causes {
    /// The events by rank; a place in this list identifies an event.
    pub(super) ranked: Vec<Rank>,
    /// From causes to effects.
    pub(super) digraph: Digraph,
}

/// The place of an event at a blob; makers of the blob sort before users.
type AtBlob = (Blob, Role, usize);

/// The role of an event for a blob.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Makes,
    Needs,
}

impl Causes {
    /// The causes among some events.
    pub(super) fn among(graph: &EventGraph, log: &EventLog, events: &[EventId]) -> Self {
        let mut ranked: Vec<Rank> = events.iter().map(|&event| Rank::of(log, event)).collect();
        ranked.sort_unstable();
        let mut places: Vec<(EventId, usize)> =
            ranked.iter().map(|row| row.event).zip(0..).collect();
        places.sort_unstable();
        let place_of = |event: EventId| {
            let known = places.binary_search_by_key(&event, |place| place.0);
            known.ok().map(|at| places[at].1)
        };
        let mut digraph = Digraph::new(ranked.len());
        let mut at_blobs: Vec<AtBlob> = Vec::with_capacity(ranked.len());
        for (place, row) in ranked.iter().enumerate() {
            let edges = graph.edges_of(row.event).iter();
            for edge in edges.filter(|edge| edge.evidence.about().relation == Relation::Causes) {
                match edge.end {
                    Endpoint::Event(effect) => {
                        if let Some(effect) = place_of(effect) {
                            digraph.add(place, effect);
                        }
                    }
                    Endpoint::Makes(blob) => at_blobs.push((blob, Role::Makes, place)),
                    Endpoint::Needs(blob) if waits(log, row.event) => {
                        at_blobs.push((blob, Role::Needs, place));
                    }
                    Endpoint::Needs(_) => {}
                }
            }
        }
        at_blobs.sort_unstable();
        for of_blob in at_blobs.chunk_by(|a, b| a.0 == b.0) {
            let n_makers = of_blob.partition_point(|row| row.1 == Role::Makes);
            let (makers, users) = of_blob.split_at(n_makers);
            connect(&ranked, makers, users, &mut digraph);
        }
        checks::place(log, &ranked, &mut digraph);
        Self { ranked, digraph }
    }
}

/// Puts events that make a blob before events that need it; both come by rank.
///
/// A blob made again long after its first use is no cause of that use. Of several accepted puts of
/// a manifest, only the first makes it.
fn connect(ranked: &[Rank], makers: &[AtBlob], users: &[AtBlob], digraph: &mut Digraph) {
    // Nothing waits for a blob that is only made, or only needed.
    let (Some(&(.., first)), Some(&(.., first_user))) = (makers.first(), users.first()) else {
        return;
    };
    let first_use = ranked[first_user].second;
    let makes = |&maker: &usize| {
        let soon = ranked[maker].second <= first_use + CLOCK_SKEW;
        maker == first || (soon && ranked[maker].stage != Stage::Manifest)
    };
    let makers = makers.iter().map(|row| row.2).filter(makes);
    let users = users.iter().map(|row| row.2);
    digraph.add_all(makers, users.filter(|&user| user != first));
}

/// Whether a manifest had to wait for what it lists; not if it was refused because that was
/// missing.
fn waits(log: &EventLog, id: EventId) -> bool {
    !matches!(
        log.error_code(log.event(id)),
        Some("LayersNotFoundException" | "ReferencedImagesNotFoundException")
    )
}
