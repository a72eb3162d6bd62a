//! Layer: a blob uploaded that a manifest lists.

use crate::event::{Action, Descriptor, Event, EventId, EventLog, Manifest};
use crate::graph::rules::{Rule, Run};
use crate::graph::{Blob, Edge, Evidence, Leads};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "layer",
    doc: "The upload ended in the digest that the manifest lists as config or layer. A registry \
          accepts a manifest only when its blobs exist (OCI distribution specification, \"Pushing \
          manifests\"), so the upload came first. The digest is the witness.",
    run: Run::Event(run),
};

/// Joins an accepted end of an upload to its blob, and a manifest to the blobs that it lists.
fn run(log: &EventLog, id: EventId, event: &Event, edges: &mut Vec<Edge>) {
    let Some(repository) = event.repository else {
        return;
    };
    match &event.action {
        Action::CompleteLayerUpload { .. } => {
            let digest = event.action.completed_digest();
            let digest = digest.filter(|_| log.is_benign(event));
            edges.extend(digest.map(|digest| Edge {
                event: id,
                leads: Leads::ToBlob(Blob { repository, digest }),
                evidence: Evidence::Layer(digest),
            }));
        }
        Action::PutImage(put) => {
            let manifest = put.manifest.known();
            let manifest = manifest.map(|&manifest| log.tables.manifests.get(manifest));
            let blobs = manifest.into_iter().flat_map(Manifest::blobs);
            edges.extend(blobs.map(|&Descriptor { digest, .. }| Edge {
                event: id,
                leads: Leads::FromBlob(Blob { repository, digest }),
                evidence: Evidence::Layer(digest),
            }));
        }
        Action::GetAuthorizationToken
        | Action::BatchCheckLayerAvailability { .. }
        | Action::InitiateLayerUpload { .. }
        | Action::UploadLayerPart { .. } => {}
    }
}
