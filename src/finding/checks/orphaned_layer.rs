//! Layers that were uploaded and that no manifest of the log lists.

use crate::event::{DigestId, IdSet, RepositoryId};
use crate::finding::checks::{count, each_session};
use crate::finding::{Check, Context, Finding, Severity};
use crate::session::{PutState, UploadState};

/// The check.
pub(super) const CHECK: Check = Check {
    code: "orphaned-layer",
    name: "Layers uploaded for no image",
    severity: Severity::Note,
    doc: "Uploads were completed, and no accepted manifest of the log lists their digests in this \
repository. A later push may still use them; a client checks before it uploads.",
    run,
};

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut listed: IdSet<(RepositoryId, DigestId)> = IdSet::default();
    for session in &context.sessions.sessions {
        let Some(repository) = session.repository else {
            continue;
        };
        let accepted = session
            .manifests
            .iter()
            .filter(|put| put.state == PutState::Put);
        for manifest in accepted.filter_map(|put| put.manifest) {
            let blobs = context.log.tables.manifests.get(manifest).blobs();
            listed.extend(blobs.map(|blob| (repository, blob.digest)));
        }
    }
    each_session(context, findings, |index, session| {
        let repository = session.repository?;
        let orphaned = |digest: DigestId| !listed.contains(&(repository, digest));
        let orphans: Vec<_> = session
            .uploads
            .iter()
            .filter(|upload| {
                upload.state == UploadState::Complete && upload.digest.is_some_and(orphaned)
            })
            .collect();
        if orphans.is_empty() {
            return None;
        }
        Some(Finding {
            code: CHECK.code,
            severity: CHECK.severity,
            session: Some(index),
            events: orphans
                .iter()
                .filter_map(|upload| upload.complete)
                .collect(),
            message: format!(
                "{} uploaded that no accepted manifest of this log lists",
                count(orphans.len(), "blob")
            ),
            help: None,
        })
    });
}
