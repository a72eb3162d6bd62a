//! Availability: a check of a blob.

use crate::event::{Action, Event, EventId, EventLog};
use crate::graph::rules::{Rule, Run};
use crate::graph::{Blob, Edge, Evidence, Leads};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "availability",
    doc: "The check names the digest that the run uploads or its manifest lists. Clients check \
          before an upload, after it, twice, or never (observed), so a check joins and does not \
          order.",
    run: Run::Event(run),
};

/// Joins a check to the blobs that it asks for.
fn run(_: &EventLog, id: EventId, event: &Event, edges: &mut Vec<Edge>) {
    let (Some(repository), Action::BatchCheckLayerAvailability { digests, .. }) =
        (event.repository, &event.action)
    else {
        return;
    };
    edges.extend(digests.iter().map(|&digest| Edge {
        event: id,
        leads: Leads::ToBlob(Blob { repository, digest }),
        evidence: Evidence::Availability(digest),
    }));
}
