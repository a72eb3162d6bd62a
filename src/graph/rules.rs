//! The rules: which edges follow from an event, or from the calls of one upload.
//!
//! Comes in: one event, or one upload. Goes out: edges with their evidence, and contradictions.
//! Never: an edge that depends on another edge, so the order of the rules does not matter.

use crate::event::{Action, Event, EventId, EventLog, Stage};
use crate::graph::edge::{Blob, Contradiction, Edge, Endpoint};
use crate::graph::evidence::Evidence;
use crate::graph::index::Upload;

/// Joins a blob or manifest to the events that make it, and a manifest to what it lists and its
/// subject.
pub(super) fn look_at_event(log: &EventLog, event: EventId, row: &Event, edges: &mut Vec<Edge>) {
    let repository = row.repository;
    // A refused call made nothing.
    let makes = |digest| log.is_benign(row).then_some(digest);
    let blob = |digest| Blob { repository, digest };
    let edge = |end, evidence| Edge {
        event,
        end,
        evidence,
    };
    match &row.action {
        Action::CompleteLayerUpload { .. } => {
            let made = row.action.completed_digest().and_then(makes);
            let made = made.map(|made| edge(Endpoint::Makes(blob(made)), Evidence::Layer(made)));
            edges.extend(made);
        }
        Action::PutImage(put) => {
            let made = put.digest.best().and_then(makes);
            let made = made.map(|made| edge(Endpoint::Makes(blob(made)), Evidence::Child(made)));
            edges.extend(made);
            let Some(&manifest) = put.manifest.known() else {
                return;
            };
            let manifest = log.tables.manifests.get(manifest);
            let blobs = manifest.blobs().map(|of| Evidence::Layer(of.digest));
            let children = manifest.children().iter();
            let children = children.map(|of| Evidence::Child(of.digest));
            let subject = manifest.subject().map(|of| Evidence::Subject(of.digest));
            let needed = blobs.chain(children).chain(subject);
            edges.extend(needed.filter_map(|evidence| {
                Some(edge(Endpoint::Needs(blob(evidence.witness()?)), evidence))
            }));
        }
        Action::GetAuthorizationToken
        | Action::BatchCheckLayerAvailability { .. }
        | Action::InitiateLayerUpload { .. }
        | Action::UploadLayerPart { .. } => {}
    }
}

/// Joins the start of each upload to each of its ends, and chains the start, the parts by their
/// bytes and the end: n + 1 edges for n parts. An upload that ended in several digests is a
/// contradiction.
pub(super) fn look_at_uploads(
    uploads: &[Upload<'_>],
    edges: &mut Vec<Edge>,
    contradictions: &mut Vec<Contradiction>,
) {
    let mut steps = Vec::new();
    for &(upload, calls) in uploads {
        let join = |event, next, evidence| Edge {
            event,
            end: Endpoint::Event(next),
            evidence,
        };
        let of = |stage| calls.iter().filter(move |call| call.stage == stage);
        if let Some(begin) = of(Stage::Initiate).next_back() {
            let ends = of(Stage::Complete);
            let ends = ends.map(|end| join(begin.event, end.event, Evidence::Upload(upload)));
            edges.extend(ends);
        }
        let accepted = of(Stage::Complete).filter(|call| call.failure.is_none());
        let mut ends = accepted.filter_map(|call| Some((call.digest?, call.event)));
        if let Some((first, _)) = ends.clone().next()
            && ends.clone().any(|(digest, _)| digest != first)
        {
            let mut events: Vec<EventId> = ends.by_ref().map(|(_, event)| event).collect();
            events.sort_unstable();
            contradictions.push(Contradiction { events });
        }
        steps.clear();
        steps.extend(
            calls
                .iter()
                .map(|call| (call.stage, call.first_byte, call.second, call.event)),
        );
        steps.sort_unstable();
        let begun = steps.iter().rposition(|step| step.0 == Stage::Initiate);
        let chain = &steps[begun.unwrap_or(0)..];
        let ended = chain.iter().position(|step| step.0 == Stage::Complete);
        let chain = &chain[..ended.map_or(chain.len(), |end| end + 1)];
        if chain.iter().any(|step| step.0 == Stage::Part) {
            let pairs = chain.windows(2);
            let pairs = pairs.map(|pair| join(pair[0].3, pair[1].3, Evidence::ByteOrder(upload)));
            edges.extend(pairs);
        }
    }
}
