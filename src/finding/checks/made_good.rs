//! Whether what came to nothing was done later.
//!
//! Comes in: the pushes. Goes out: for a push, or for one refused call of it, whether a later run of
//! the same principal did what was refused. Never: harmless later work taken for that, such as a
//! check, or another image or tag.

use chrono::{DateTime, Utc};

use crate::event::{DigestId, EventId, IdMap, IdSet, RepositoryId, TextId};
use crate::finding::{Context, Severity};
use crate::session::{FailedCall, PrincipalId, PutState, Session, Status, UploadState};

/// Who put which manifest where, under which tag.
type Put = (PrincipalId, (RepositoryId, DigestId, Option<TextId>));

/// What was done later, made ready to be asked.
pub(super) struct MadeGood<'c> {
    context: &'c Context<'c>,
    /// When the last push began that put what was refused somewhere.
    puts: IdMap<Put, DateTime<Utc>>,
    /// Of each push whether a later one did its work.
    pushes: Vec<bool>,
}

impl<'c> MadeGood<'c> {
    /// # Complexity
    /// O(n) in the pushes and their manifests: a chain of re-runs goes forward in time and is read
    /// from its end.
    pub(super) fn new(context: &'c Context<'c>) -> Self {
        let sessions = &context.sessions.sessions;
        let mut made_good = Self {
            context,
            puts: puts(context),
            pushes: vec![false; sessions.len()],
        };
        for (index, session) in sessions.iter().enumerate().rev() {
            made_good.pushes[index] = match session.status {
                // Each refusal has to be: one that is easily made good hides none of the others.
                Status::Failed { event, .. } => {
                    let mut refused = session.unresolved(context.log);
                    refused.push(event);
                    let mut refused = refused.into_iter();
                    refused.all(|event| made_good.of_refusal(index, event))
                }
                Status::Incomplete { .. } => {
                    made_good.is_next(index, |next| next.has_stored(context.log))
                }
                Status::Complete | Status::Unchanged | Status::Undetermined { .. } => false,
            };
        }
        made_good
    }

    /// Whether the push that did this one again did it, or was made good itself.
    fn is_next(&self, index: usize, did: impl Fn(&Session) -> bool) -> bool {
        let sessions = &self.context.sessions.sessions;
        let next = sessions[index].superseded_by.filter(|&next| next > index);
        next.is_some_and(|next| self.pushes[next] || did(&sessions[next]))
    }

    /// Whether a call of a push that was refused was made good.
    fn of_refusal(&self, index: usize, event: EventId) -> bool {
        match FailedCall::of(self.context.log.event(event).action.stage()) {
            FailedCall::PutImage => self.of_put(index, event),
            kind @ (FailedCall::Check
            | FailedCall::Initiate
            | FailedCall::Part
            | FailedCall::Complete) => {
                self.is_next(index, |next| did(self.context, (kind, event), next))
            }
        }
    }

    /// How bad it is that a push came to nothing: an error, or a warning where it was made good.
    pub(super) fn severity_of_push(&self, index: usize) -> Severity {
        severity(self.pushes.get(index).is_some_and(|is_good| *is_good))
    }

    /// How bad it is that a push did not get a tag, likewise.
    pub(super) fn severity_of_put(&self, index: usize, event: EventId) -> Severity {
        severity(self.of_put(index, event))
    }

    /// Whether that manifest was put under that tag by a run of the same principal that began after
    /// the refusal.
    fn of_put(&self, index: usize, id: EventId) -> bool {
        let Context { log, sessions, .. } = self.context;
        let refused = log.event(id);
        let whose = sessions.principals.of(sessions.sessions[index].identity);
        let put = refused.action.put();
        let what = put.and_then(|put| Some((refused.repository?, put.digest.best()?, put.tag)));
        let begun = what.and_then(|what| self.puts.get(&(whose, what)));
        begun.is_some_and(|&begun| begun >= refused.time)
    }
}

fn severity(is_made_good: bool) -> Severity {
    match is_made_good {
        true => Severity::Warning,
        false => Severity::Error,
    }
}

/// When the last push began that put each manifest that was refused somewhere, under each of its
/// tags and under any.
fn puts(context: &Context<'_>) -> IdMap<Put, DateTime<Utc>> {
    let sessions = &context.sessions.sessions;
    let mut wanted: IdSet<DigestId> = IdSet::default();
    for put in sessions.iter().flat_map(|session| &session.manifests) {
        if put.state == PutState::Refused || !put.refused.is_empty() {
            wanted.extend(put.digest);
        }
    }
    let mut puts: IdMap<Put, DateTime<Utc>> = IdMap::default();
    for session in sessions.iter().filter(|_| !wanted.is_empty()) {
        let whose = context.sessions.principals.of(session.identity);
        for put in &session.manifests {
            let what = session.repository.zip(put.digest);
            let what = what.filter(|(_, digest)| wanted.contains(digest));
            // A put that found its image in place made nothing good.
            let stored = what.filter(|_| put.is_stored(context.log));
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

/// Whether a later push did what a refused call of an earlier one was for.
///
/// A refused `InitiateLayerUpload` names no layer, so uploads and a completed push have to do.
fn did(context: &Context<'_>, (kind, event): (FailedCall, EventId), later: &Session) -> bool {
    let event = context.log.event(event);
    let is_sent = |state| matches!(state, UploadState::Complete | UploadState::AlreadyExists);
    let digest = event.action.completed_digest();
    let brought = match (kind, digest) {
        (FailedCall::Check | FailedCall::PutImage, _) => true,
        (_, Some(digest)) => {
            let mut uploads = later.uploads.iter();
            uploads.any(|upload| is_sent(upload.state) && upload.digest == Some(digest))
                || later.listed_blobs(context.log).any(|blob| blob == digest)
        }
        (_, None) => later.uploads.iter().any(|upload| is_sent(upload.state)),
    };
    let is_asked = kind == FailedCall::Check && later.status == Status::Unchanged;
    later.first >= event.time && brought && (is_asked || later.has_stored(context.log))
}
