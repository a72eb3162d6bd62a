//! Child manifest: a manifest that an index lists.

use crate::event::{Action, Descriptor, Event, EventId, EventLog};
use crate::graph::rules::{Rule, Run};
use crate::graph::{Blob, Edge, Evidence, Leads};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "child-manifest",
    doc: "The manifest put is listed by the index. A registry accepts an index only when its \
          manifests exist (ECR API reference, `ReferencedImagesNotFoundException`), so the child \
          came first. The digest is the witness.",
    run: Run::Event(run),
};

/// Joins an accepted manifest to its digest, and an index to the digests that it lists.
fn run(log: &EventLog, id: EventId, event: &Event, edges: &mut Vec<Edge>) {
    let (Some(repository), Action::PutImage(put)) = (event.repository, &event.action) else {
        return;
    };
    if let Some(digest) = put.digest.best().filter(|_| log.is_benign(event)) {
        edges.push(Edge {
            event: id,
            leads: Leads::ToBlob(Blob { repository, digest }),
            evidence: Evidence::Child(digest),
        });
    }
    let manifest = put.manifest.known();
    let manifest = manifest.map(|&manifest| log.tables.manifests.get(manifest));
    let children = manifest.map_or(&[][..], |manifest| manifest.children());
    edges.extend(children.iter().map(|&Descriptor { digest, .. }| Edge {
        event: id,
        leads: Leads::FromBlob(Blob { repository, digest }),
        evidence: Evidence::Child(digest),
    }));
}
