//! Subject: a manifest that another is about.

use crate::event::{Action, EventLog};
use crate::graph::index::Index;
use crate::graph::rules::{Edge, Rule};
use crate::graph::{Evidence, Node};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "subject",
    doc: "The manifest names the other as its `subject`, as signatures, SBOMs and attestations do \
          (OCI image specification, `manifest.md`). Clients put the subject first.",
    run,
};

/// Joins the subject's digest to the manifests about it.
fn run(log: &EventLog, _: &Index, edges: &mut Vec<Edge>) {
    for (id, event) in log.iter() {
        let (Some(repository), Action::PutImage(put)) = (event.repository, &event.action) else {
            continue;
        };
        let manifest = put
            .manifest
            .known()
            .map(|&manifest| log.tables.manifests.get(manifest));
        if let Some(subject) = manifest.and_then(|manifest| manifest.subject()) {
            let (source, target) = (Node::Blob(repository, subject.digest), Node::Event(id));
            edges.push(Edge {
                source,
                target,
                evidence: Evidence::Subject(subject.digest),
            });
        }
    }
}
