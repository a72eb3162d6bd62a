//! Upload: the begin and the end of one `uploadId`.

use crate::event::{DigestId, EventId, EventLog, Stage};
use crate::graph::index::{Index, rank};
use crate::graph::rules::{Edge, Rule};
use crate::graph::{Evidence, Node};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "upload",
    doc: "Both calls name one `uploadId` of one repository: it was begun, then ended. ECR makes the \
          id when `InitiateLayerUpload` is granted (ECR API reference), so nothing that names it \
          came before. An upload ends in one digest; of several that were accepted each had to \
          come before the others, which is reported as a contradiction (inferred: an id that has \
          ended answers with `UploadNotFoundException`).",
    run,
};

/// Joins the begin to each end; between them [`byte_order`](super::byte_order) chains the parts.
/// Ends in several digests are joined in a ring.
fn run(log: &EventLog, index: &Index, edges: &mut Vec<Edge>) {
    for (upload, events) in index.uploads() {
        let of = |stage| {
            events
                .iter()
                .copied()
                .filter(move |&id| log.event(id).action.stage() == stage)
        };
        let mut join = |source: EventId, target: EventId| {
            edges.push(Edge {
                source: Node::Event(source),
                target: Node::Event(target),
                evidence: Evidence::Upload(upload),
            });
        };
        let ends: Vec<(EventId, DigestId)> = of(Stage::Complete)
            .filter(|&id| log.event(id).succeeded())
            .filter_map(|id| Some((id, log.event(id).action.completed_digest()?)))
            .collect();
        if ends.windows(2).any(|pair| pair[0].1 != pair[1].1) {
            for (end, next) in ends.iter().zip(ends.iter().cycle().skip(1)) {
                join(end.0, next.0);
            }
        }
        let Some(begin) = of(Stage::Initiate).max_by_key(|&id| rank(log, id)) else {
            continue;
        };
        for end in of(Stage::Complete) {
            join(begin, end);
        }
    }
}
