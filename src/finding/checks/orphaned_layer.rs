//! Layers that were uploaded and that no manifest of the log lists.

use crate::event::{DigestId, IdSet, RepositoryId};
use crate::finding::checks::{each_push, n};
use crate::finding::{Ask, Check, Code, Context, Run, Severity};
use crate::session::{PutState, UploadState};
use crate::words;

const CODE: Code = Code {
    code: "orphaned-layer",
    name: "Layers uploaded for no image",
    severity: Severity::Note,
    doc: "Uploads were completed, and no accepted manifest of the log lists their digests in this \
repository. A later push may still use them; a client checks before it uploads.",
};

/// The check.
pub(super) const CHECK: Check = Check {
    codes: &[CODE],
    run: Run::Push(run),
};

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
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
    each_push(move |index, session| {
        let repository = session.repository?;
        // A manifest left out of the log may list them.
        let omitted = session
            .manifests
            .iter()
            .any(|put| put.state == PutState::Omitted);
        let orphaned = |digest: DigestId| !omitted && !listed.contains(&(repository, digest));
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
        let bytes = orphans.iter().map(|upload| upload.received_bytes);
        let size = match bytes.fold(0, u64::saturating_add) {
            0 => String::new(),
            bytes => format!(" ({})", words::size(bytes)),
        };
        let events = orphans.iter().filter_map(|upload| upload.complete);
        let message = format!(
            "{}{size} uploaded that no accepted manifest of this log lists",
            words::count(n(orphans.len()), "blob")
        );
        Some(CODE.of(index, events.collect(), message))
    })
}
