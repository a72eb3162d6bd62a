//! Says whether a push that failed, or one refused call, was followed by a run of the same principal that succeeded.
//!
//! The pushes come in; yes or no goes out. Other later work, such as a check or a push of another image or tag, never
//! counts.
//!
//! A later run is looked up by what was refused, not by which run is nearest: somebody can add calls in between,
//! which changes the nearest run but not what was done.

use chrono::{DateTime, Utc};

use crate::event::{Action, DigestId, EventId, EventLog, IdMap, IdSet, RepositoryId, TextId};
use crate::session::{FailedCall, PrincipalId, PutState, Session, Sessions, Status};

/// A put: by whom, where, which manifest, under which tag.
type PutKey = (PrincipalId, (RepositoryId, DigestId, Option<TextId>));

/// A layer sent or listed in a push that succeeded: by whom, where, which; without a layer, that any was sent.
type LayerKey = (PrincipalId, RepositoryId, Option<DigestId>);

/// Later work, prepared for look-ups.
#[derive(Debug)]
pub(super) struct MadeGood<'c> {
    log: &'c EventLog,
    sessions: &'c Sessions,
    /// When the last push started that put a manifest which some push was refused.
    puts: IdMap<PutKey, DateTime<Utc>>,
    /// When the last push started that brought a layer whose check, start or end was refused.
    layers: IdMap<LayerKey, DateTime<Utc>>,
    /// For each push, whether a later one did its work.
    pushes: Vec<bool>,
}

impl<'c> MadeGood<'c> {
    /// # Complexity
    /// O(n) in the pushes and their manifests: a chain of re-runs goes forward in time and is read from its end.
    pub(super) fn new(log: &'c EventLog, all: &'c Sessions) -> Self {
        let sessions = &all.sessions;
        let refused = |session: &Session| match session.status.refusal() {
            Some(_) => session.unresolved(log),
            None => Vec::new(),
        };
        let refused: Vec<Vec<EventId>> = sessions.iter().map(refused).collect();
        let mut made_good = Self {
            log,
            sessions: all,
            puts: puts(log, all),
            layers: layers(log, all, refused.iter().flatten().copied()),
            pushes: vec![false; sessions.len()],
        };
        for (index, session) in sessions.iter().enumerate().rev() {
            let is_incomplete = matches!(session.status, Status::Incomplete { .. });
            made_good.pushes[index] = match session.status.refusal() {
                // Every refusal must be made good, so that one that is easily made good hides none of the others.
                Some(_) => {
                    let mut refused = refused[index].iter();
                    refused.all(|&event| made_good.of_refusal(index, event))
                }
                None => is_incomplete && made_good.is_next(index, |next| next.has_stored(log)),
            };
        }
        made_good
    }

    /// Whether the push that repeated this one succeeded with it, or was made good itself.
    fn is_next(&self, index: usize, did: impl Fn(&Session) -> bool) -> bool {
        let sessions = &self.sessions.sessions;
        let next = sessions[index].superseded_by.filter(|&next| next > index);
        next.is_some_and(|next| self.pushes[next] || did(&sessions[next]))
    }

    /// Whether a refused call of a push was made good.
    fn of_refusal(&self, index: usize, id: EventId) -> bool {
        let Self { log, sessions, .. } = self;
        let event = log.event(id);
        match asked_for(log, id) {
            None if FailedCall::of(event.action.stage()) == FailedCall::PutImage => {
                self.of_put(index, id)
            }
            // A refused part names no layer, so the push must be the same.
            None => self.is_next(index, |next| {
                next.first >= event.time && next.has_stored(log) && next.sent().next().is_some()
            }),
            Some(layers) => {
                let whose = sessions.principals.of(sessions.sessions[index].identity);
                let mut layers = layers.into_iter();
                event.repository.is_some_and(|repository| {
                    layers.all(|layer| {
                        let begun = self.layers.get(&(whose, repository, layer));
                        begun.is_some_and(|&begun| begun >= event.time)
                    })
                })
            }
        }
    }

    /// Whether a later run did the work of a push that did not succeed.
    pub(super) fn of_push(&self, index: usize) -> bool {
        self.pushes.get(index).is_some_and(|is_good| *is_good)
    }

    /// Whether this manifest was put under this tag by a run of the same principal that started after the refusal.
    pub(super) fn of_put(&self, index: usize, id: EventId) -> bool {
        let Self { log, sessions, .. } = self;
        let refused = log.event(id);
        let whose = sessions.principals.of(sessions.sessions[index].identity);
        let put = refused.action.put();
        let what = put.and_then(|put| Some((refused.repository?, put.digest.best()?, put.tag)));
        let begun = what.and_then(|what| self.puts.get(&(whose, what)));
        begun.is_some_and(|&begun| begun >= refused.time)
    }
}

/// When the last push started that put each manifest that was refused somewhere, under each of its tags and under
/// any.
fn puts(log: &EventLog, all: &Sessions) -> IdMap<PutKey, DateTime<Utc>> {
    let sessions = &all.sessions;
    let mut wanted: IdSet<DigestId> = IdSet::default();
    for put in sessions.iter().flat_map(|session| &session.manifests) {
        if put.state == PutState::Refused || !put.refused.is_empty() {
            wanted.extend(put.digest);
        }
    }
    let mut puts: IdMap<PutKey, DateTime<Utc>> = IdMap::default();
    for session in sessions.iter().filter(|_| !wanted.is_empty()) {
        let whose = all.principals.of(session.identity);
        for put in &session.manifests {
            let what = session.repository.zip(put.digest);
            let what = what.filter(|(_, digest)| wanted.contains(digest));
            // A put that found its image in place makes nothing good.
            let stored = what.filter(|_| put.is_stored(log));
            let Some((repository, digest)) = stored else {
                continue;
            };
            for tag in put.tags.iter().copied().map(Some).chain([None]) {
                let begun = puts.entry((whose, (repository, digest, tag))).or_default();
                *begun = session.first.max(*begun);
            }
        }
    }
    puts
}

/// The layers that a refused call was for; `None` if it cannot be looked up by layers.
///
/// A refused `InitiateLayerUpload` names no layer, nor does a call without parameters, so any layer that was sent
/// counts.
fn asked_for(log: &EventLog, id: EventId) -> Option<Vec<Option<DigestId>>> {
    match &log.event(id).action {
        Action::BatchCheckLayerAvailability { digests, .. } if !digests.is_empty() => {
            Some(digests.iter().copied().map(Some).collect())
        }
        Action::BatchCheckLayerAvailability { .. } | Action::InitiateLayerUpload { .. } => {
            Some(vec![None])
        }
        action @ Action::CompleteLayerUpload { .. } => Some(vec![action.completed_digest()]),
        Action::GetAuthorizationToken | Action::UploadLayerPart { .. } | Action::PutImage(_) => {
            None
        }
    }
}

/// When the last successful push started that sent or listed each layer of a refused call.
fn layers(
    log: &EventLog,
    all: &Sessions,
    refused: impl Iterator<Item = EventId>,
) -> IdMap<LayerKey, DateTime<Utc>> {
    let sessions = &all.sessions;
    let wanted = refused.filter_map(|id| asked_for(log, id)).flatten();
    let wanted: IdSet<Option<DigestId>> = wanted.collect();
    let mut layers: IdMap<LayerKey, DateTime<Utc>> = IdMap::default();
    for session in sessions.iter().filter(|_| !wanted.is_empty()) {
        let Some(repository) = session.repository.filter(|_| session.has_stored(log)) else {
            continue;
        };
        let whose = all.principals.of(session.identity);
        let listed = session.listed_blobs(log).map(Some);
        let sent = session.sent().map(|upload| upload.digest);
        let any = session.sent().next().map(|_| None);
        for layer in listed
            .chain(sent)
            .chain(any)
            .filter(|layer| wanted.contains(layer))
        {
            let begun = layers.entry((whose, repository, layer)).or_default();
            *begun = session.first.max(*begun);
        }
    }
    layers
}
