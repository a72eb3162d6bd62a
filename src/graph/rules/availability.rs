//! Availability: a check of a blob.

use crate::event::{Action, EventLog};
use crate::graph::index::Index;
use crate::graph::rules::{Edge, Rule};
use crate::graph::{Evidence, Node};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "availability",
    doc: "The check names the digest that the run uploads or its manifest lists. Clients check \
          before an upload, after it, twice, or never (observed), so a check joins and does not \
          order.",
    run,
};

/// Joins each check to the blobs that it asks for.
fn run(log: &EventLog, _: &Index, edges: &mut Vec<Edge>) {
    for (id, event) in log.iter() {
        let (Some(repository), Action::BatchCheckLayerAvailability { digests, .. }) =
            (event.repository, &event.action)
        else {
            continue;
        };
        for &digest in digests {
            let (source, target) = (Node::Event(id), Node::Blob(repository, digest));
            edges.push(Edge {
                source,
                target,
                evidence: Evidence::Availability(digest),
            });
        }
    }
}
