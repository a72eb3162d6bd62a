//! Layer: a blob uploaded that a manifest lists.

use crate::event::{Action, EventLog};
use crate::graph::index::Index;
use crate::graph::rules::{Edge, Rule};
use crate::graph::{Evidence, Node};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "layer",
    doc: "The upload ended in the digest that the manifest lists as config or layer. A registry \
          accepts a manifest only when its blobs exist (OCI distribution specification, \"Pushing \
          manifests\"), so the upload came first. The digest is the witness.",
    run,
};

/// Joins each accepted end of an upload to its blob, and each blob to the manifests that list it.
fn run(log: &EventLog, _: &Index, edges: &mut Vec<Edge>) {
    for (id, event) in log.iter() {
        let Some(repository) = event.repository else {
            continue;
        };
        match &event.action {
            Action::CompleteLayerUpload { .. } => {
                let digest = event.action.completed_digest();
                if let Some(digest) = digest.filter(|_| log.is_benign(event)) {
                    let (source, target) = (Node::Event(id), Node::Blob(repository, digest));
                    edges.push(Edge {
                        source,
                        target,
                        evidence: Evidence::Layer(digest),
                    });
                }
            }
            Action::PutImage(put) => {
                let manifest = put
                    .manifest
                    .known()
                    .map(|&manifest| log.tables.manifests.get(manifest));
                for blob in manifest.into_iter().flat_map(crate::event::Manifest::blobs) {
                    let source = Node::Blob(repository, blob.digest);
                    let evidence = Evidence::Layer(blob.digest);
                    edges.push(Edge {
                        source,
                        target: Node::Event(id),
                        evidence,
                    });
                }
            }
            Action::GetAuthorizationToken
            | Action::BatchCheckLayerAvailability { .. }
            | Action::InitiateLayerUpload { .. }
            | Action::UploadLayerPart { .. } => {}
        }
    }
}
