//! Relations between sessions: who did whose work again, and who made what another reused.
//!
//! Comes in: the sessions by time. Goes out: `retry_of` and `superseded_by`, and for each blob and
//! manifest that was there already the session that made it. Never: a change of a verdict.

use std::collections::{HashMap, HashSet};

use crate::event::{Action, DigestId, EventLog, RepositoryId, Stage, TextId};
use crate::session::own::{PrincipalId, Principals};
use crate::session::{PutState, Reused, ReusedManifest, Session, Status, UploadState};

/// Fills in the relations.
///
/// # Complexity
/// O(n) in events and listed blobs.
pub(super) fn relate(log: &EventLog, principals: &Principals, sessions: &mut [Session]) {
    reuse(log, sessions);
    supersede(log, principals, sessions);
}

/// What was there already: the blobs and manifests that a push lists and did not bring itself,
/// with the latest session before it that did.
fn reuse(log: &EventLog, sessions: &mut [Session]) {
    let mut uploaded: HashMap<(RepositoryId, DigestId), usize> = HashMap::new();
    let mut put: HashMap<(RepositoryId, DigestId), usize> = HashMap::new();
    let mut order: Vec<usize> = (0..sessions.len()).collect();
    order.sort_by_key(|&index| (sessions[index].last, index));
    for index in order {
        let session = &sessions[index];
        let Some(repository) = session.repository else {
            continue;
        };
        let own: HashSet<DigestId> = session
            .uploads
            .iter()
            .filter(|upload| upload.state != UploadState::Unfinished)
            .filter_map(|upload| upload.digest)
            .collect();
        let own_manifests: HashSet<DigestId> = session
            .manifests
            .iter()
            .filter_map(|put| put.digest)
            .collect();
        let (mut blobs, mut manifests) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        for content in session.manifests.iter().filter_map(|put| put.manifest) {
            let content = log.tables.manifests.get(content);
            for blob in content
                .blobs()
                .filter(|blob| !own.contains(&blob.digest) && seen.insert(blob.digest))
            {
                let uploaded_by = uploaded.get(&(repository, blob.digest)).copied();
                blobs.push(Reused {
                    digest: blob.digest,
                    size: blob.size,
                    uploaded_by,
                });
            }
            for child in content.children() {
                if !own_manifests.contains(&child.digest) && seen.insert(child.digest) {
                    let put_by = put.get(&(repository, child.digest)).copied();
                    manifests.push(ReusedManifest {
                        digest: child.digest,
                        put_by,
                    });
                }
            }
        }
        for upload in session
            .uploads
            .iter()
            .filter(|upload| upload.state == UploadState::Complete)
        {
            if let Some(digest) = upload.digest {
                uploaded.insert((repository, digest), index);
            }
        }
        for manifest in session
            .manifests
            .iter()
            .filter(|put| put.state != PutState::Refused)
        {
            if let Some(digest) = manifest.digest {
                put.insert((repository, digest), index);
            }
        }
        sessions[index].reused = blobs;
        sessions[index].reused_manifests = manifests;
    }
}

/// What a push that came to nothing was about, by which a later push is known to do it again.
struct Pending {
    session: usize,
    /// Digests that it finished, else checked, else its refused manifest's.
    digests: Vec<DigestId>,
    /// Tags that were refused.
    tags: Vec<TextId>,
}

/// A key that a later push must share.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Digest(DigestId),
    Tag(TextId),
    /// Nothing is known of what it was about but who and where.
    Any,
}

/// Links each push that came to nothing to the next of the same principal that does it again.
fn supersede(log: &EventLog, principals: &Principals, sessions: &mut [Session]) {
    let mut pending: HashMap<(Option<RepositoryId>, PrincipalId, Key), Vec<Pending>> =
        HashMap::new();
    for index in 0..sessions.len() {
        let session = &sessions[index];
        let principal = principals.of(session.identity);
        let place = |key| (session.repository, principal, key);
        let about = about(log, session);
        let tags: HashSet<TextId> = session
            .manifests
            .iter()
            .flat_map(|put| put.tags.iter().copied())
            .collect();
        let mut keys: Vec<Key> = about.iter().copied().map(Key::Digest).collect();
        keys.sort_unstable_by_key(|key| match key {
            Key::Digest(digest) => Some(*digest),
            Key::Tag(_) | Key::Any => None,
        });
        keys.extend(tags.iter().copied().map(Key::Tag));
        keys.push(Key::Any);
        let mut again = Vec::new();
        for key in keys {
            let Some(waiting) = pending.get_mut(&place(key)) else {
                continue;
            };
            waiting.retain(|earlier| {
                let fits = sessions[earlier.session].last <= session.last
                    && (earlier.digests.iter().all(|digest| about.contains(digest))
                        || earlier.tags.iter().any(|tag| tags.contains(tag)));
                if fits {
                    again.push(earlier.session);
                }
                !fits
            });
        }
        if matches!(
            session.status,
            Status::Failed { .. } | Status::Incomplete { .. } | Status::Undetermined { .. }
        ) {
            let row = pending_of(log, session, index);
            let key = match (row.digests.first(), row.tags.first()) {
                (_, Some(&tag)) => Key::Tag(tag),
                (Some(&digest), None) => Key::Digest(digest),
                (None, None) => Key::Any,
            };
            pending.entry(place(key)).or_default().push(row);
        }
        for earlier in again {
            sessions[earlier].superseded_by = Some(index);
            sessions[index].retry_of = Some(earlier);
        }
    }
}

/// Every digest that a push uploaded, checked or listed.
fn about(log: &EventLog, session: &Session) -> HashSet<DigestId> {
    let contents = session.manifests.iter().filter_map(|put| put.manifest);
    let listed = contents.flat_map(|content| {
        log.tables
            .manifests
            .get(content)
            .blobs()
            .map(|blob| blob.digest)
    });
    let put = session.manifests.iter().filter_map(|put| put.digest);
    let uploaded = session.uploads.iter().filter_map(|upload| upload.digest);
    let mut about: HashSet<DigestId> = listed.chain(put).chain(uploaded).collect();
    for &id in &session.sequence {
        if let Action::BatchCheckLayerAvailability { digests, .. } = &log.event(id).action {
            about.extend(digests.iter().copied());
        }
    }
    about
}

fn pending_of(log: &EventLog, session: &Session, index: usize) -> Pending {
    let finished = session
        .uploads
        .iter()
        .filter(|upload| upload.state == UploadState::Complete);
    let mut digests: Vec<DigestId> = finished.filter_map(|upload| upload.digest).collect();
    if digests.is_empty() {
        for &id in &session.sequence {
            let event = log.event(id);
            if event.action.stage() == Stage::Check
                && let Action::BatchCheckLayerAvailability { digests: asked, .. } = &event.action
            {
                digests.extend(asked.iter().copied());
            }
        }
    }
    digests.extend(
        session
            .manifests
            .iter()
            .filter(|put| put.state == PutState::Refused)
            .filter_map(|put| put.digest),
    );
    digests.sort_unstable();
    digests.dedup();
    let refused = session
        .manifests
        .iter()
        .filter(|put| put.state == PutState::Refused);
    let tags = refused.flat_map(|put| put.tags.iter().copied()).collect();
    Pending {
        session: index,
        digests,
        tags,
    }
}
