//! Relations between sessions: which did another's work again, and which made what another reused.
//!
//! Comes in: the sessions by time. Goes out: `retry_of` and `superseded_by`, and for each blob and manifest
//! that was there already the session that made it. Never: a change to a verdict.

use chrono::{DateTime, TimeDelta, Utc};

use crate::event::{Action, DigestId, EventLog, Id, IdMap, IdSet, RepositoryId};
use crate::graph::principals::{PrincipalId, Principals};
use crate::session::{PutState, Reused, ReusedManifest, Session, Status, UploadState};
use crate::threads;

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
    let known = &*sessions;
    let (reuses, reruns) = threads::both(
        || reuses(log, known),
        || reruns(log, principals, window, known),
    );
    for reuse in reuses {
        let session = &mut sessions[reuse.session];
        (session.reused, session.reused_manifests) = (reuse.blobs, reuse.manifests);
    }
    for Rerun { earlier, later, .. } in reruns {
        sessions[earlier].superseded_by = Some(later);
        sessions[later].retry_of = Some(earlier);
    }
}

/// What a session lists and did not bring itself.
struct Reuse {
    session: usize,
    blobs: Vec<Reused>,
    manifests: Vec<ReusedManifest>,
}

/// A session that did another's work again, and how many digests show it. Sorted by the later session, then
/// by what they have in common, the most last.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rerun {
    later: usize,
    n_shared: usize,
    earlier: usize,
}

/// A value for some digests, such as marks, without hashing, and without clearing the values of an earlier
/// round.
struct Notes<T> {
    /// The last value of each digest, and the round in which it was noted.
    notes: Vec<(u32, T)>,
    round: u32,
}

impl<T: Copy + Default> Notes<T> {
    /// Empty notes for the digests of a log.
    fn new(log: &EventLog) -> Self {
        Self {
            notes: vec![(0, T::default()); log.tables.digests.len()],
            round: 1,
        }
    }

    /// Removes all notes.
    fn forget(&mut self) {
        self.round += 1;
    }

    /// Notes a value for a digest; returns whether it had none.
    fn note(&mut self, digest: DigestId, value: T) -> bool {
        std::mem::replace(&mut self.notes[digest.index()], (self.round, value)).0 != self.round
    }

    /// The value noted for a digest.
    fn of(&self, digest: DigestId) -> Option<T> {
        let (round, value) = self.notes[digest.index()];
        (round == self.round).then_some(value)
    }
}

/// The blobs and manifests that a push lists and did not bring itself, each with the latest session before
/// it that did.
fn reuses(log: &EventLog, sessions: &[Session]) -> Vec<Reuse> {
    let mut reuses = Vec::new();
    // The session that brought each digest to the repository, by its number.
    let (mut uploaded, mut put_by) = (Notes::<u32>::new(log), Notes::<u32>::new(log));
    let (mut own, mut own_manifests) = (Notes::<()>::new(log), Notes::<()>::new(log));
    let mut seen = Notes::<()>::new(log);
    let mut order: Vec<(RepositoryId, DateTime<Utc>, u32)> = Vec::new();
    for (number, session) in (0..).zip(sessions) {
        let of = session.repository;
        order.extend(of.map(|repository| (repository, session.last, number)));
    }
    order.sort_unstable();
    for of_repository in order.chunk_by(|a, b| a.0 == b.0) {
        uploaded.forget();
        put_by.forget();
        for &(.., number) in of_repository {
            let session = &sessions[number as usize];
            let (uploads, puts) = (session.uploads.iter(), session.manifests.iter());
            own.forget();
            let sent = uploads.clone();
            let sent = sent.filter(|upload| upload.state != UploadState::Unfinished);
            for digest in sent.filter_map(|upload| upload.digest) {
                own.note(digest, ());
            }
            own_manifests.forget();
            for digest in puts.clone().filter_map(|put| put.digest) {
                own_manifests.note(digest, ());
            }
            seen.forget();
            let (mut blobs, mut manifests) = (Vec::new(), Vec::new());
            for content in puts.clone().filter_map(|put| put.manifest) {
                let content = log.tables.manifests.get(content);
                for blob in content.blobs() {
                    if own.of(blob.digest).is_none() && seen.note(blob.digest, ()) {
                        let uploaded_by = uploaded.of(blob.digest).map(|by| by as usize);
                        blobs.push(Reused {
                            digest: blob.digest,
                            size: blob.size,
                            uploaded_by,
                        });
                    }
                }
                for child in content.children() {
                    if own_manifests.of(child.digest).is_none() && seen.note(child.digest, ()) {
                        let put_by = put_by.of(child.digest).map(|by| by as usize);
                        manifests.push(ReusedManifest {
                            digest: child.digest,
                            put_by,
                        });
                    }
                }
            }
            let finished = uploads.filter(|upload| upload.state == UploadState::Complete);
            for digest in finished.filter_map(|upload| upload.digest) {
                uploaded.note(digest, number);
            }
            let stored = puts.filter(|put| put.is_stored(log));
            // A second put names what is there and stores nothing new.
            for digest in stored.filter_map(|put| put.digest) {
                if put_by.of(digest).is_none() {
                    put_by.note(digest, number);
                }
            }
            if !blobs.is_empty() || !manifests.is_empty() {
                reuses.push(Reuse {
                    session: number as usize,
                    blobs,
                    manifests,
                });
            }
        }
    }
    reuses
}

/// The digests of a push that did not succeed, by which a later push is recognised as its retry.
struct Pending {
    session: usize,
    /// The digests that it finished or, if none, checked, and those of its refused manifests.
    digests: Vec<DigestId>,
}

/// The pushes of one principal to one repository that did not succeed, by one of their digests.
type ByDigest = IdMap<Option<DigestId>, Vec<Pending>>;

/// Links each push that did not succeed to the next push of the same principal that does its work again:
/// one that lists, uploads or checks everything the first was about. If nothing is known about that, it is
/// the next push within the window.
fn reruns(
    log: &EventLog,
    principals: &Principals,
    window: TimeDelta,
    sessions: &[Session],
) -> Vec<Rerun> {
    let mut reruns = Vec::new();
    let mut pending: IdMap<(Option<RepositoryId>, PrincipalId), ByDigest> = IdMap::default();
    for (index, session) in sessions.iter().enumerate() {
        let whose = (session.repository, principals.of(session.identity));
        let mut again = Vec::new();
        let waiting = pending.get_mut(&whose);
        if let Some(pending) = waiting.filter(|pending| !pending.is_empty()) {
            take_up(log, window, sessions, session, pending, &mut again);
        }
        if matches!(
            session.status,
            Status::Failed { .. } | Status::Incomplete { .. }
        ) {
            let digests = digests_of(log, session);
            // Any of them would do; the one whose first occurrence is last is named by the fewest pushes.
            let key = digests.last().copied();
            let pending = pending.entry(whose).or_default();
            pending.entry(key).or_default().push(Pending {
                session: index,
                digests,
            });
        }
        let again = again.into_iter().map(|(earlier, n_shared)| Rerun {
            later: index,
            n_shared,
            earlier,
        });
        reruns.extend(again);
    }
    reruns.sort_unstable();
    reruns
}

/// How many unsuccessful pushes that share a digest are considered as the one that a push did again.
const MOST_UNFIT: usize = 256;

/// Moves the pushes whose work a push does again from `pending` to `again`, and removes those that are too
/// old for it.
fn take_up(
    log: &EventLog,
    window: TimeDelta,
    sessions: &[Session],
    session: &Session,
    pending: &mut ByDigest,
    again: &mut Vec<(usize, usize)>,
) {
    let about = about(log, session);
    // Another login of the principal did it again only if it started afterwards and succeeded: what it was
    // refused, or checked, is no second try of this one's work.
    let came = session.has_stored(log);
    let is_own = |earlier: &Session| {
        let mut shown = earlier.credentials.iter();
        (came && earlier.last <= session.first)
            || shown.any(|credential| session.credentials.contains(credential))
    };
    let mut keys: Vec<DigestId> = about.iter().copied().collect();
    keys.sort_unstable();
    for key in keys.into_iter().map(Some).chain([None]) {
        let Some(waiting) = pending.get_mut(&key) else {
            continue;
        };
        // The latest come first, until too many do not fit, as anybody may leave any number behind.
        let mut n_unfit = 0;
        for at in (0..waiting.len()).rev() {
            let earlier = &waiting[at];
            let end = sessions[earlier.session].last;
            let in_time = key.is_some() || session.first - end <= window;
            let fits = end <= session.last
                && in_time
                && is_own(&sessions[earlier.session])
                && earlier.digests.iter().all(|digest| about.contains(digest));
            if fits {
                again.push((earlier.session, earlier.digests.len()));
            }
            if fits || !in_time {
                waiting.remove(at);
            } else {
                n_unfit += 1;
                if n_unfit == MOST_UNFIT {
                    break;
                }
            }
        }
        if waiting.is_empty() {
            pending.remove(&key);
        }
    }
}

/// Every digest that a push uploaded, checked or listed.
fn about(log: &EventLog, session: &Session) -> IdSet<DigestId> {
    let contents = session.manifests.iter().filter_map(|put| put.manifest);
    let listed = contents.flat_map(|content| {
        let content = log.tables.manifests.get(content);
        let children = content.children().iter().map(|child| child.digest);
        content.blobs().map(|blob| blob.digest).chain(children)
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

/// The digests that a retry of a push must contain; for children without an index, the children themselves,
/// which the index lists.
fn digests_of(log: &EventLog, session: &Session) -> Vec<DigestId> {
    let put = |is_refused: bool| {
        let puts = session.manifests.iter();
        let puts = puts.filter(move |put| (put.state == PutState::Refused) == is_refused);
        puts.filter_map(|put| put.digest)
    };
    let is_left = matches!(session.status, Status::Incomplete { .. });
    let mut digests: Vec<DigestId> = put(false).filter(|_| is_left).collect();
    if digests.is_empty() {
        let finished = session.uploads.iter();
        let finished = finished.filter(|upload| upload.state == UploadState::Complete);
        digests.extend(finished.filter_map(|upload| upload.digest));
        if digests.is_empty() {
            for &id in &session.sequence {
                if let Action::BatchCheckLayerAvailability { digests: asked, .. } =
                    &log.event(id).action
                {
                    digests.extend(asked.iter().copied());
                }
            }
        }
        digests.extend(put(true));
    }
    digests.sort_unstable();
    digests.dedup();
    digests
}
