//! Byte order: the parts of one upload, by their bounds.

use crate::event::EventLog;
use crate::event::Stage;
use crate::graph::index::{Index, rank};
use crate::graph::rules::{Edge, Rule};
use crate::graph::{Evidence, Node};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "byte-order",
    doc: "Parts of one upload arrive in the order of their bytes: ECR refuses one that does not \
          continue the last (ECR API reference, `InvalidLayerPartException`). The begin stands \
          before the first part, the end after the last.",
    run,
};

/// Chains begin, parts by first byte and time, and end: n + 1 edges for n parts.
fn run(log: &EventLog, index: &Index, edges: &mut Vec<Edge>) {
    for (upload, mut events) in index.uploads() {
        let stage = |id| log.event(id).action.stage();
        events.sort_by_key(|&id| {
            let (time, _, first_byte, position) = rank(log, id);
            (stage(id), first_byte, time, position)
        });
        let begun = events.iter().rposition(|&id| stage(id) == Stage::Initiate);
        let chain = &events[begun.unwrap_or(0)..];
        let ended = chain.iter().position(|&id| stage(id) == Stage::Complete);
        let chain = &chain[..ended.map_or(chain.len(), |end| end + 1)];
        if !chain.iter().any(|&id| stage(id) == Stage::Part) {
            continue;
        }
        for pair in chain.windows(2) {
            let (source, target) = (Node::Event(pair[0]), Node::Event(pair[1]));
            edges.push(Edge {
                source,
                target,
                evidence: Evidence::ByteOrder(upload),
            });
        }
    }
}
