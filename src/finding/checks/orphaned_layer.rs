//! Uploaded layers that no manifest in the log lists.

use crate::event::{Bytes, DigestId, IdSet, RepositoryId};
use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::{each_push, n};
use crate::session::{LayerUpload, PutState, Session, UploadState};
use crate::words;

const CODE: Code = Code {
    code: "orphaned-layer",
    name: "Layers uploaded for no image",
    severity: Severity::Note,
    doc: "Uploads were completed, and no accepted manifest of the log lists their digests in this \
repository. A later push may still use them; a client checks before it uploads.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Push(run));

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    let unlisted = unlisted(context);
    each_push(move |index, session| {
        let repository = session.repository?;
        // A manifest that was left out of the log may list them.
        let mut puts = session.manifests.iter();
        if unlisted.is_empty() || puts.any(|put| put.state == PutState::Omitted) {
            return None;
        }
        let is_unlisted = |digest| unlisted.contains(&(repository, digest));
        let orphans = finished(session).filter(|upload| upload.digest.is_some_and(is_unlisted));
        let orphans: Vec<&LayerUpload> = orphans.collect();
        if orphans.is_empty() {
            return None;
        }
        let bytes = orphans.iter().map(|upload| upload.received_bytes);
        let size = match bytes.sum() {
            Bytes(0) => String::new(),
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

/// The uploaded digests that no accepted manifest of their repository lists.
fn unlisted(context: &Context<'_>) -> IdSet<(RepositoryId, DigestId)> {
    let log = context.log;
    let sessions = || {
        let sessions = context.sessions.sessions.iter();
        sessions.filter_map(|session| Some((session.repository?, session)))
    };
    let mut unlisted = IdSet::default();
    let mut own = Vec::new();
    // Most are listed by the push that brought them, so few must be looked up in others.
    for (repository, session) in sessions() {
        own.clear();
        own.extend(session.listed_blobs(log));
        own.sort_unstable();
        let brought = finished(session).filter_map(|upload| upload.digest);
        let not_own = brought.filter(|digest| own.binary_search(digest).is_err());
        unlisted.extend(not_own.map(|digest| (repository, digest)));
    }
    if unlisted.is_empty() {
        return unlisted;
    }
    for (repository, session) in sessions() {
        for digest in session.listed_blobs(log) {
            unlisted.remove(&(repository, digest));
        }
    }
    unlisted
}

/// The uploads of a push that succeeded.
fn finished(session: &Session) -> impl Iterator<Item = &LayerUpload> {
    let uploads = session.uploads.iter();
    uploads.filter(|upload| upload.state == UploadState::Complete)
}
