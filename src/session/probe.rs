//! Probes: checks of a blob in a repository from which a client would mount it.
//!
//! Comes in: the sessions. Goes out: those that are no push, because they only checked blobs that the
//! same principal pushed elsewhere at that time. Never: the push of an image that was in place.

use std::hash::Hash;

use chrono::{DateTime, TimeDelta, Utc};

use crate::event::{Action, DigestId, EventLog, IdMap, IdSet};
use crate::graph::principals::{PrincipalId, Principals};
use crate::session::Session;

/// How far before or after a push's calls its client checks another repository for a blob: skopeo,
/// podman and buildah check just before they send it (observed), and seconds are whole.
const NEAR: TimeDelta = TimeDelta::seconds(3);

/// How many sessions that check a blob during a push are looked at.
const MOST_ASKERS: usize = 256;

/// A session, as far as this needs to know it.
pub(super) trait Visit {
    /// Who made it.
    type Who: Copy + Eq + Hash;
    /// A blob.
    type Blob: Copy + Eq + Hash;

    /// Who made it.
    fn who(&self) -> Self::Who;
    /// The times of its earliest and latest event.
    fn stay(&self) -> (DateTime<Utc>, DateTime<Utc>);
    /// The blobs that it checked, if it did nothing else.
    fn asks(&self) -> Vec<Self::Blob>;
    /// The blobs that it uploaded, or that its manifests list.
    fn brings(&self) -> Vec<Self::Blob>;
    /// Whether another is about another repository of the same registry. A blob is mounted within a
    /// registry, so a push elsewhere is no reason to check.
    fn is_beside(&self, other: &Self) -> bool;
}

/// A session of a log.
pub(super) struct OfLog<'a> {
    /// The log.
    pub(super) log: &'a EventLog,
    /// Who is who.
    pub(super) principals: &'a Principals,
    /// The session.
    pub(super) session: &'a Session,
}

impl Visit for OfLog<'_> {
    type Who = PrincipalId;
    type Blob = DigestId;

    fn who(&self) -> PrincipalId {
        self.principals.of(self.session.identity)
    }

    fn stay(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        (self.session.first, self.session.last)
    }

    fn asks(&self) -> Vec<DigestId> {
        let does_more = !self.session.uploads.is_empty() || !self.session.manifests.is_empty();
        match does_more {
            true => Vec::new(),
            false => checked(self.log, self.session).collect(),
        }
    }

    fn brings(&self) -> Vec<DigestId> {
        let sent = self.session.uploads.iter();
        let sent = sent.filter_map(|upload| upload.digest);
        let manifests = self.session.manifests.iter();
        let manifests = manifests.filter_map(|put| put.manifest);
        let listed = manifests.flat_map(|id| self.log.tables.manifests.get(id).blobs());
        sent.chain(listed.map(|blob| blob.digest)).collect()
    }

    fn is_beside(&self, other: &Self) -> bool {
        let registry = |session: &Session| {
            let repository = self.log.tables.repositories.get(session.repository?);
            Some((repository.service, &repository.registry, &repository.region))
        };
        self.session.repository != other.session.repository
            && registry(self.session) == registry(other.session)
    }
}

/// A session that consists only of checks.
struct Asking<B> {
    session: usize,
    digests: IdSet<B>,
    /// Those of its blobs that were pushed elsewhere at that time.
    met: IdSet<B>,
}

/// The sessions that are probes, in order; they come in order of time.
///
/// # Complexity
/// O(n log a) for n blobs that pushes bring or list, and a sessions that check one of them.
pub(super) fn probes<V: Visit>(sessions: &[V]) -> Vec<usize> {
    let mut asking: Vec<Asking<V::Blob>> = Vec::new();
    // In order of time, as sessions are.
    let mut askers: IdMap<(V::Who, V::Blob), Vec<usize>> = IdMap::default();
    for (session, row) in sessions.iter().enumerate() {
        let mut digests: IdSet<V::Blob> = IdSet::default();
        for digest in row.asks() {
            if digests.insert(digest) {
                let of_digest = askers.entry((row.who(), digest)).or_default();
                of_digest.push(asking.len());
            }
        }
        if !digests.is_empty() {
            asking.push(Asking {
                session,
                digests,
                met: IdSet::default(),
            });
        }
    }
    if asking.is_empty() {
        return Vec::new();
    }
    for push in sessions {
        let (first, last) = push.stay();
        for digest in push.brings() {
            let of_digest = askers
                .get(&(push.who(), digest))
                .map_or(&[][..], Vec::as_slice);
            let begun = |asker: usize| sessions[asking[asker].session].stay().0;
            let from = of_digest.partition_point(|&asker| begun(asker) < first - NEAR);
            for &asker in of_digest[from..].iter().take(MOST_ASKERS) {
                let asker = &mut asking[asker];
                let session = &sessions[asker.session];
                let (begun, ended) = session.stay();
                if begun > last + NEAR {
                    break;
                }
                if ended <= last + NEAR && session.is_beside(push) {
                    asker.met.insert(digest);
                }
            }
        }
    }
    let probes = asking
        .into_iter()
        .filter(|asker| asker.met.len() == asker.digests.len());
    probes.map(|asker| asker.session).collect()
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
