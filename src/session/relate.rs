//! Relations between sessions: who did whose work again, and who made what another reused.
//!
//! Comes in: the sessions by time. Goes out: `retry_of` and `superseded_by`, and for each blob and
//! manifest that was there already the session that made it. Never: a change of a verdict.

use chrono::TimeDelta;

use crate::event::{Action, DigestId, EventLog, IdMap, IdSet, RepositoryId};
use crate::session::own::{PrincipalId, Principals};
use crate::session::{PutState, Reused, ReusedManifest, Session, Status, UploadState};

/// Fills in the relations.
///
/// # Complexity
/// O(n) in events and listed blobs.
pub(super) fn relate(
    log: &EventLog,
    principals: &Principals,
    window: TimeDelta,
    sessions: &mut [Session],
) {
    reuse(log, sessions);
    supersede(log, principals, window, sessions);
}

/// What was there already: the blobs and manifests that a push lists and did not bring itself,
/// with the latest session before it that did.
fn reuse(log: &EventLog, sessions: &mut [Session]) {
    let mut uploaded: IdMap<(RepositoryId, DigestId), usize> = IdMap::default();
    let mut put: IdMap<(RepositoryId, DigestId), usize> = IdMap::default();
    let mut order: Vec<usize> = (0..sessions.len()).collect();
    order.sort_by_key(|&index| (sessions[index].last, index));
    for index in order {
        let session = &sessions[index];
        let Some(repository) = session.repository else {
            continue;
        };
        let own: IdSet<DigestId> = session
            .uploads
            .iter()
            .filter(|upload| upload.state != UploadState::Unfinished)
            .filter_map(|upload| upload.digest)
            .collect();
        let own_manifests: IdSet<DigestId> = session
            .manifests
            .iter()
            .filter_map(|put| put.digest)
            .collect();
        let (mut blobs, mut manifests) = (Vec::new(), Vec::new());
        let mut seen = IdSet::default();
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
    /// Digests that it finished, else checked, and those of its refused manifests.
    digests: Vec<DigestId>,
}

/// Links each push that came to nothing to the next of the same principal that does it again: one
/// that lists, uploads or asks for all that the first was about. Where nothing is known of that,
/// it is the next push inside the window.
fn supersede(log: &EventLog, principals: &Principals, window: TimeDelta, sessions: &mut [Session]) {
    let mut pending: IdMap<(Option<RepositoryId>, PrincipalId, Option<DigestId>), Vec<Pending>> =
        IdMap::default();
    for index in 0..sessions.len() {
        let session = &sessions[index];
        let principal = principals.of(session.identity);
        let about = about(log, session);
        let mut keys: Vec<DigestId> = about.iter().copied().collect();
        keys.sort_unstable();
        let mut again = Vec::new();
        for key in keys.into_iter().map(Some).chain([None]) {
            let Some(waiting) = pending.get_mut(&(session.repository, principal, key)) else {
                continue;
            };
            waiting.retain(|earlier| {
                let end = sessions[earlier.session].last;
                let in_time = key.is_some() || session.first - end <= window;
                let fits = end <= session.last
                    && in_time
                    && earlier.digests.iter().all(|digest| about.contains(digest));
                if fits {
                    again.push(earlier.session);
                }
                !fits && in_time
            });
        }
        if matches!(
            session.status,
            Status::Failed { .. } | Status::Incomplete { .. }
        ) {
            let digests = digests_of(log, session);
            // Any of them would do; the one seen first last is named by the fewest pushes.
            let key = (session.repository, principal, digests.last().copied());
            pending.entry(key).or_default().push(Pending {
                session: index,
                digests,
            });
        }
        again.sort_unstable();
        for earlier in again {
            sessions[earlier].superseded_by = Some(index);
            sessions[index].retry_of = Some(earlier);
        }
    }
}

/// Every digest that a push uploaded, checked or listed.
fn about(log: &EventLog, session: &Session) -> IdSet<DigestId> {
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
    let mut about: IdSet<DigestId> = listed.chain(put).chain(uploaded).collect();
    for &id in &session.sequence {
        if let Action::BatchCheckLayerAvailability { digests, .. } = &log.event(id).action {
            about.extend(digests.iter().copied());
        }
    }
    about
}

/// What must come again for a push to be done again.
fn digests_of(log: &EventLog, session: &Session) -> Vec<DigestId> {
    let finished = session
        .uploads
        .iter()
        .filter(|upload| upload.state == UploadState::Complete);
    let mut digests: Vec<DigestId> = finished.filter_map(|upload| upload.digest).collect();
    if digests.is_empty() {
        for &id in &session.sequence {
            if let Action::BatchCheckLayerAvailability { digests: asked, .. } =
                &log.event(id).action
            {
                digests.extend(asked.iter().copied());
            }
        }
    }
    let refused = session
        .manifests
        .iter()
        .filter(|put| put.state == PutState::Refused);
    digests.extend(refused.filter_map(|put| put.digest));
    digests.sort_unstable();
    digests.dedup();
    digests
}
