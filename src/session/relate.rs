//! Relations between sessions: who did whose work again, and who made what another reused.
//!
//! Comes in: the sessions by time. Goes out: `retry_of` and `superseded_by`, and for each blob and
//! manifest that was there already the session that made it. Never: a change of a verdict.

use chrono::TimeDelta;

use crate::event::{Action, DigestId, EventLog, Id, IdMap, IdSet, RepositoryId};
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

/// Digests of which some are marked.
struct Marks {
    /// The last round that each was marked in.
    rounds: Vec<u32>,
    round: u32,
}

impl Marks {
    /// None is marked.
    fn new(log: &EventLog) -> Self {
        Self {
            rounds: vec![0; log.tables.digests.len()],
            round: 1,
        }
    }

    /// Takes all marks away, then marks some.
    fn renew(&mut self, digests: impl Iterator<Item = DigestId>) {
        self.round += 1;
        for digest in digests {
            self.mark(digest);
        }
    }

    /// Marks a digest; whether it was not.
    fn mark(&mut self, digest: DigestId) -> bool {
        std::mem::replace(&mut self.rounds[digest.index()], self.round) != self.round
    }

    fn has(&self, digest: DigestId) -> bool {
        self.rounds[digest.index()] == self.round
    }
}

/// What was there already: the blobs and manifests that a push lists and did not bring itself,
/// with the latest session before it that did.
fn reuse(log: &EventLog, sessions: &mut [Session]) {
    let mut uploaded: IdMap<(RepositoryId, DigestId), usize> = IdMap::default();
    let mut put: IdMap<(RepositoryId, DigestId), usize> = IdMap::default();
    let mut own = Marks::new(log);
    let mut own_manifests = Marks::new(log);
    let mut seen = Marks::new(log);
    let mut order: Vec<usize> = (0..sessions.len()).collect();
    order.sort_by_key(|&index| (sessions[index].last, index));
    for index in order {
        let session = &sessions[index];
        let Some(repository) = session.repository else {
            continue;
        };
        let (uploads, puts) = (session.uploads.iter(), session.manifests.iter());
        let sent = uploads
            .clone()
            .filter(|upload| upload.state != UploadState::Unfinished);
        own.renew(sent.filter_map(|upload| upload.digest));
        own_manifests.renew(puts.clone().filter_map(|put| put.digest));
        seen.renew(std::iter::empty());
        let (mut blobs, mut manifests) = (Vec::new(), Vec::new());
        for content in puts.clone().filter_map(|put| put.manifest) {
            let content = log.tables.manifests.get(content);
            for blob in content.blobs() {
                if !own.has(blob.digest) && seen.mark(blob.digest) {
                    let uploaded_by = uploaded.get(&(repository, blob.digest)).copied();
                    blobs.push(Reused {
                        digest: blob.digest,
                        size: blob.size,
                        uploaded_by,
                    });
                }
            }
            for child in content.children() {
                if !own_manifests.has(child.digest) && seen.mark(child.digest) {
                    let put_by = put.get(&(repository, child.digest)).copied();
                    manifests.push(ReusedManifest {
                        digest: child.digest,
                        put_by,
                    });
                }
            }
        }
        let finished = uploads.filter(|upload| upload.state == UploadState::Complete);
        let finished = finished.filter_map(|upload| upload.digest);
        uploaded.extend(finished.map(|digest| ((repository, digest), index)));
        let accepted = puts.filter(|put| put.state != PutState::Refused);
        let accepted = accepted.filter_map(|put| put.digest);
        put.extend(accepted.map(|digest| ((repository, digest), index)));
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

/// The pushes of one principal to one repository that came to nothing, by one of their digests.
type ByDigest = IdMap<Option<DigestId>, Vec<Pending>>;

/// Links each push that came to nothing to the next of the same principal that does it again: one
/// that lists, uploads or asks for all that the first was about. Where nothing is known of that,
/// it is the next push inside the window.
fn supersede(log: &EventLog, principals: &Principals, window: TimeDelta, sessions: &mut [Session]) {
    let mut pending: IdMap<(Option<RepositoryId>, PrincipalId), ByDigest> = IdMap::default();
    for index in 0..sessions.len() {
        let session = &sessions[index];
        let principal = principals.of(session.identity);
        let pending = pending.entry((session.repository, principal)).or_default();
        let mut again = Vec::new();
        if !pending.is_empty() {
            take_up(log, window, sessions, session, pending, &mut again);
        }
        if matches!(
            session.status,
            Status::Failed { .. } | Status::Incomplete { .. }
        ) {
            let digests = digests_of(log, session);
            // Any of them would do; the one seen first last is named by the fewest pushes.
            let key = digests.last().copied();
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

/// Takes out of `pending` the pushes that a push does again, into `again`, and those that are too
/// old for it.
fn take_up(
    log: &EventLog,
    window: TimeDelta,
    sessions: &[Session],
    session: &Session,
    pending: &mut ByDigest,
    again: &mut Vec<usize>,
) {
    let about = about(log, session);
    let mut keys: Vec<DigestId> = about.iter().copied().collect();
    keys.sort_unstable();
    for key in keys.into_iter().map(Some).chain([None]) {
        let Some(waiting) = pending.get_mut(&key) else {
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
        if waiting.is_empty() {
            pending.remove(&key);
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
