//! Child manifest: a manifest that an index lists.

use crate::event::{Action, EventLog};
use crate::graph::index::Index;
use crate::graph::rules::{Edge, Rule};
use crate::graph::{Evidence, Node};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "child-manifest",
    doc: "The manifest put is listed by the index. A registry accepts an index only when its \
          manifests exist (ECR API reference, `ReferencedImagesNotFoundException`), so the child \
          came first. The digest is the witness.",
    run,
};

/// Joins each accepted manifest to its digest, and the digest to the indexes that list it.
fn run(log: &EventLog, _: &Index, edges: &mut Vec<Edge>) {
    for (id, event) in log.iter() {
        let (Some(repository), Action::PutImage(put)) = (event.repository, &event.action) else {
            continue;
        };
        if let Some(digest) = put.digest.best().filter(|_| log.is_benign(event)) {
            let (source, target) = (Node::Event(id), Node::Blob(repository, digest));
            edges.push(Edge {
                source,
                target,
                evidence: Evidence::Child(digest),
            });
        }
        let manifest = put
            .manifest
            .known()
            .map(|&manifest| log.tables.manifests.get(manifest));
        for child in manifest.map_or(&[][..], |manifest| manifest.children()) {
            let (source, target) = (Node::Blob(repository, child.digest), Node::Event(id));
            edges.push(Edge {
                source,
                target,
                evidence: Evidence::Child(child.digest),
            });
        }
    }
}
