//! Upload: the begin and the end of one `uploadId`.

use crate::event::{EventLog, Stage};
use crate::graph::index::{Index, rank};
use crate::graph::rules::{Edge, Rule};
use crate::graph::{Evidence, Node};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "upload",
    doc: "Both calls name one `uploadId` of one repository: it was begun, then ended. ECR makes the \
          id when `InitiateLayerUpload` is granted (ECR API reference), so nothing that names it \
          came before.",
    run,
};

/// Joins the begin to each end; between them [`byte_order`](super::byte_order) chains the parts.
fn run(log: &EventLog, index: &Index, edges: &mut Vec<Edge>) {
    for (upload, events) in index.uploads() {
        let of = |stage| {
            events
                .iter()
                .copied()
                .filter(move |&id| log.event(id).action.stage() == stage)
        };
        let Some(begin) = of(Stage::Initiate).max_by_key(|&id| rank(log, id)) else {
            continue;
        };
        for end in of(Stage::Complete) {
            let (source, target) = (Node::Event(begin), Node::Event(end));
            edges.push(Edge {
                source,
                target,
                evidence: Evidence::Upload(upload),
            });
        }
    }
}
