//! What came before what among the events of one session.
//!
//! Comes in: the evidence digraph and the events of one session. Goes out: the events by rank, and
//! arrows from each cause to its effects. Never: an arrow from or to another session's event.

use crate::event::{EventId, EventLog, Id, Stage};
use crate::graph::index::{Rank, rank};
use crate::graph::order::CLOCK_SKEW_SECONDS;
use crate::graph::order::checks;
use crate::graph::order::sequence::Arrows;
use crate::graph::{Blob, EventGraph, Evidence, Leads, Relation};

/// The events of a session, and what came before what.
pub(super) struct Causes {
    /// The events by rank; a place among them stands for the event.
    pub(super) ranked: Vec<Rank>,
    /// From causes to effects.
    pub(super) arrows: Arrows,
}

/// The event of a rank.
pub(super) fn event(rank: &Rank) -> EventId {
    EventId::from_index(rank.3)
}

/// Whether an event is of a stage.
pub(super) fn is_of(rank: &Rank, stage: Stage) -> bool {
    rank.1 == stage as u8
}

/// The place of an event at a blob: what makes it, then what needs it.
type AtBlob = (Blob, Role, usize);

/// What an event is to a blob.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Makes,
    Needs,
}

impl Causes {
    /// The causes among some events.
    pub(super) fn among(graph: &EventGraph, log: &EventLog, events: &[EventId]) -> Self {
        let mut ranked: Vec<Rank> = events.iter().map(|&event| rank(log, event)).collect();
        ranked.sort_unstable();
        let mut places: Vec<(EventId, usize)> = ranked.iter().map(event).zip(0..).collect();
        places.sort_unstable();
        let place_of = |event: EventId| {
            let known = places.binary_search_by_key(&event, |place| place.0);
            known.ok().map(|at| places[at].1)
        };
        let mut arrows = Arrows::new(ranked.len());
        let mut at_blobs: Vec<AtBlob> = Vec::with_capacity(ranked.len());
        for (place, row) in ranked.iter().enumerate() {
            let event = event(row);
            for edge in graph
                .edges_of(event)
                .iter()
                .filter(|edge| orders(edge.evidence))
            {
                match edge.leads {
                    Leads::ToEvent(effect) => {
                        if let Some(effect) = place_of(effect) {
                            arrows.add(place, effect);
                        }
                    }
                    Leads::ToBlob(blob) => at_blobs.push((blob, Role::Makes, place)),
                    Leads::FromBlob(blob) if waits(log, event) => {
                        at_blobs.push((blob, Role::Needs, place));
                    }
                    Leads::FromBlob(_) => {}
                }
            }
        }
        at_blobs.sort_unstable();
        for of_blob in at_blobs.chunk_by(|a, b| a.0 == b.0) {
            let n_makers = of_blob.partition_point(|row| row.1 == Role::Makes);
            let (makers, users) = of_blob.split_at(n_makers);
            connect(&ranked, makers, users, &mut arrows);
        }
        checks::place(log, &ranked, &mut arrows);
        Self { ranked, arrows }
    }
}

/// Puts what makes a blob before what needs it; both come by rank.
///
/// Something made again long after it was first used is no cause of that use. Of several accepted
/// puts of a manifest only the first makes it.
fn connect(ranked: &[Rank], makers: &[AtBlob], users: &[AtBlob], arrows: &mut Arrows) {
    // Nothing waits for a blob that is only made, or only needed.
    let (Some(&(.., first)), Some(&(.., first_user))) = (makers.first(), users.first()) else {
        return;
    };
    let first_use = ranked[first_user].0;
    let makes = |&maker: &usize| {
        let soon = ranked[maker].0 <= first_use + CLOCK_SKEW_SECONDS;
        maker == first || (soon && !is_of(&ranked[maker], Stage::Manifest))
    };
    let makers = makers.iter().map(|row| row.2).filter(makes);
    let users = users.iter().map(|row| row.2);
    arrows.add_all(makers, users.filter(|&user| user != first));
}

fn orders(evidence: Evidence) -> bool {
    evidence.relation() == Relation::Causes
}

/// Whether a manifest had to wait for what it lists: not when it was refused for lack of it.
fn waits(log: &EventLog, id: EventId) -> bool {
    !matches!(
        log.error_code(log.event(id)),
        Some("LayersNotFoundException" | "ReferencedImagesNotFoundException")
    )
}
