//! Probes: checks of a blob in a repository from which a client would mount it.
//!
//! Comes in: the sessions. Goes out: those that are no push, because they only checked blobs that the
//! same principal pushed elsewhere at that time. Never: the push of an image that was in place.

use chrono::TimeDelta;

use crate::event::{Action, DigestId, EventLog, IdMap, IdSet};
use crate::graph::principals::{PrincipalId, Principals};
use crate::session::Session;

/// How far before or after a push's calls its client checks another repository for a blob: skopeo,
/// podman and buildah check just before they send it (observed), and seconds are whole.
const NEAR: TimeDelta = TimeDelta::seconds(3);

/// How many sessions that check a blob during a push are looked at.
const MOST_ASKERS: usize = 256;

/// A session that consists only of checks.
struct Asking {
    session: usize,
    digests: IdSet<DigestId>,
    /// Those of its blobs that were pushed elsewhere at that time.
    met: IdSet<DigestId>,
}

/// The sessions that are probes, in order.
///
/// # Complexity
/// O(n log a) for n blobs that pushes bring or list, and a sessions that check one of them.
pub(super) fn probes(log: &EventLog, principals: &Principals, sessions: &[Session]) -> Vec<usize> {
    let mut asking: Vec<Asking> = Vec::new();
    // In order of time, as sessions are.
    let mut askers: IdMap<(PrincipalId, DigestId), Vec<usize>> = IdMap::default();
    for (session, row) in sessions.iter().enumerate() {
        if !row.uploads.is_empty() || !row.manifests.is_empty() {
            continue;
        }
        let whose = principals.of(row.identity);
        let mut digests: IdSet<DigestId> = IdSet::default();
        for digest in checked(log, row) {
            if digests.insert(digest) {
                let of_digest = askers.entry((whose, digest)).or_default();
                of_digest.push(asking.len());
            }
        }
        asking.push(Asking {
            session,
            digests,
            met: IdSet::default(),
        });
    }
    if asking.is_empty() {
        return Vec::new();
    }
    for push in sessions {
        let manifests = push.manifests.iter().filter_map(|put| put.manifest);
        let manifests: Vec<_> = manifests.map(|id| log.tables.manifests.get(id)).collect();
        let sent = push.uploads.iter().filter_map(|upload| upload.digest);
        let listed = manifests.iter().flat_map(|manifest| manifest.blobs());
        let whose = principals.of(push.identity);
        for digest in sent.chain(listed.map(|blob| blob.digest)) {
            let of_digest = askers.get(&(whose, digest)).map_or(&[][..], Vec::as_slice);
            let begun = |asker: usize| sessions[asking[asker].session].first;
            let from = of_digest.partition_point(|&asker| begun(asker) < push.first - NEAR);
            for &asker in of_digest[from..].iter().take(MOST_ASKERS) {
                let asker = &mut asking[asker];
                let session = &sessions[asker.session];
                if session.first > push.last + NEAR {
                    break;
                }
                if is_near(log, session, push) {
                    asker.met.insert(digest);
                }
            }
        }
    }
    let probes = asking
        .into_iter()
        .filter(|asker| !asker.digests.is_empty() && asker.met.len() == asker.digests.len());
    probes.map(|asker| asker.session).collect()
}

/// Whether a push to another repository of the registry was under way. A blob is mounted within a
/// registry, so a push elsewhere is no reason to check.
fn is_near(log: &EventLog, asker: &Session, push: &Session) -> bool {
    let registry = |session: &Session| {
        let repository = log.tables.repositories.get(session.repository?);
        Some((repository.service, &repository.registry, &repository.region))
    };
    asker.repository != push.repository
        && registry(asker) == registry(push)
        && asker.first >= push.first - NEAR
        && asker.last <= push.last + NEAR
}

/// The digests that a session checked.
fn checked<'a>(log: &'a EventLog, session: &'a Session) -> impl Iterator<Item = DigestId> + 'a {
    let actions = session.sequence.iter().map(|&id| &log.event(id).action);
    actions.flat_map(|action| match action {
        Action::BatchCheckLayerAvailability { digests, .. } => digests.iter().copied(),
        Action::GetAuthorizationToken
        | Action::InitiateLayerUpload { .. }
        | Action::UploadLayerPart { .. }
        | Action::CompleteLayerUpload { .. }
        | Action::PutImage(_) => [].iter().copied(),
    })
}
