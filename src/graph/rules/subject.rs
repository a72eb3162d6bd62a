//! Subject: a manifest that another is about.

use crate::event::{Action, Descriptor, Event, EventId, EventLog};
use crate::graph::rules::{Rule, Run};
use crate::graph::{Blob, Edge, Evidence, Leads};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "subject",
    doc: "The manifest names the other as its `subject`, as signatures, SBOMs and attestations do \
          (OCI image specification, `manifest.md`). Clients put the subject first.",
    run: Run::Event(run),
};

/// Joins a manifest to the digest that it is about.
fn run(log: &EventLog, id: EventId, event: &Event, edges: &mut Vec<Edge>) {
    let (Some(repository), Action::PutImage(put)) = (event.repository, &event.action) else {
        return;
    };
    let manifest = put.manifest.known();
    let manifest = manifest.map(|&manifest| log.tables.manifests.get(manifest));
    if let Some(&Descriptor { digest, .. }) = manifest.and_then(|manifest| manifest.subject()) {
        edges.push(Edge {
            event: id,
            leads: Leads::FromBlob(Blob { repository, digest }),
            evidence: Evidence::Subject(digest),
        });
    }
}
