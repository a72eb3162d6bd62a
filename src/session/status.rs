//! The verdict on a push: the decision table of `docs/report.md`, "Status".
//!
//! Comes in: a session without a verdict, and what the log covers. Goes out: its [`Status`]. Never: certainty
//! beyond the reach of the log.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::event::{Action, DigestId, EventId, EventLog, IdMap, IdSet, Stage};
use crate::graph::principals::Principals;
use crate::ingest::Coverage;
use crate::ingest::coverage::{Hole, HoleReason};
use crate::session::own::{MOST_QUESTIONS, RETRY_WAIT};
use crate::session::quiet::Quiet;
use crate::session::{
    FailedCall, Horizon, IncompleteKind, LayerUpload, MissingPiece, PutState, Session, Status,
    UploadState,
};

/// What the log shows, as needed for one push.
pub(super) struct View<'a> {
    /// What it covers.
    pub(super) coverage: &'a Coverage,
    /// The silences that count even without the calls of a principal.
    pub(super) quiet: Quiet<'a>,
    /// Which identities are one principal.
    pub(super) principals: &'a Principals,
}

/// Decides; the first rule that applies wins.
pub(super) fn decide(
    log: &EventLog,
    view: &View<'_>,
    window: Duration,
    session: &Session,
    index_missing: bool,
) -> Status {
    if let Some(root) = session.root().filter(|_| !index_missing) {
        // An accepted call that shows neither manifest nor digest may have put anything.
        return match root.digest {
            Some(_) => Status::Complete,
            None => Status::Undetermined {
                horizon: Horizon::FieldOmitted(root.event),
            },
        };
    }
    // An accepted root outweighs every earlier refusal: the client tried again and succeeded.
    let refusal = refusal(log, session);
    // A refusal stands, whatever is missing later; only an immediate retry may have succeeded unseen.
    let is_past = refusal.is_some_and(|(_, event)| goes_on(log, view.coverage, session, event));
    // Beyond the edge the client may have succeeded, so a verdict there would be a guess.
    if !is_past && let Some(horizon) = horizon(log, view, window, session) {
        return Status::Undetermined { horizon };
    }
    if let Some((kind, event)) = refusal {
        return Status::Failed { kind, event };
    }
    let wrote = session
        .sequence
        .iter()
        .any(|&id| log.event(id).action.stage() != Stage::Check);
    // A client that finds every blob and its manifest in place has nothing to send (BuildKit puts nothing then).
    if !wrote {
        return Status::Unchanged;
    }
    incomplete(log, session, index_missing)
}

/// The edge or hole of the log within the window of a push, for the accounts and regions that recorded it.
fn horizon(
    log: &EventLog,
    view: &View<'_>,
    window: Duration,
    session: &Session,
) -> Option<Horizon> {
    let window = TimeDelta::from_std(window).unwrap_or(TimeDelta::MAX);
    let before = session
        .first
        .checked_sub_signed(window)
        .unwrap_or(DateTime::<Utc>::MIN_UTC);
    let after = session
        .last
        .checked_add_signed(window)
        .unwrap_or(DateTime::<Utc>::MAX_UTC);
    // A registry's log may end later than the caller's, and only it shows the calls of others.
    let sources = sources(log, view.coverage, session);
    let spans: Vec<_> = sources
        .iter()
        .map(|&(account, region)| ((account, region), view.coverage.span(account, region)))
        .collect();
    let ends = |span: &crate::ingest::coverage::Covered| span.interval.to;
    if let Some(end) = spans
        .iter()
        .map(|(_, span)| span.map_or(session.last, ends))
        .find(|&end| end < after)
    {
        return Some(Horizon::LogEnds(end));
    }
    // A silence that is unusual only because of the pusher's own calls must not hide its push.
    let whose = view.principals.of(session.identity);
    let known = || {
        let spans = spans.iter();
        spans.filter_map(|&(source, span)| Some((source, span?)))
    };
    let mut holes = known().flat_map(|(source, span)| {
        let near = span
            .holes
            .iter()
            .filter(|hole| hole.interval.from <= after && hole.interval.to >= before);
        near.filter(move |hole| view.quiet.stands(source, whose, hole))
    });
    if let Some(Hole { interval, .. }) = holes.next() {
        return Some(Horizon::LogHole(interval.from, interval.to));
    }
    // The start of the log comes last: what follows a push decides more than what precedes it.
    let begins = known()
        .map(|(_, span)| span.interval.from)
        .find(|&begin| begin > before);
    begins.map(Horizon::LogBegins)
}

/// Whether the log continues after a refusal for longer than a client waits before a retry.
///
/// A silence is no hole here, since a caller can cause one by calling all day and then stopping. Files that are
/// known to be missing are.
fn goes_on(log: &EventLog, coverage: &Coverage, session: &Session, event: EventId) -> bool {
    let refused = log.event(event).time;
    let again = refused.checked_add_signed(TimeDelta::seconds(RETRY_WAIT.0));
    let again = again.unwrap_or(DateTime::<Utc>::MAX_UTC);
    sources(log, coverage, session)
        .iter()
        .filter_map(|(account, region)| coverage.span(account, region))
        .all(|span| {
            let known = |hole: &&Hole| hole.reason == HoleReason::DigestListsAbsentFile;
            let mut holes = span.holes.iter().filter(known).map(|hole| hole.interval);
            // A refusal is certain if the log shows that no retry followed.
            span.interval.to > again && !holes.any(|hole| hole.from <= again && hole.to >= refused)
        })
}

/// The accounts and regions whose logs show how a push ended: those of the registry, if its log is here at all. A
/// caller's account records only the caller's own calls.
fn sources<'a>(
    log: &'a EventLog,
    coverage: &Coverage,
    session: &Session,
) -> BTreeSet<(&'a str, &'a str)> {
    let events = session.sequence.iter().map(|&id| log.event(id));
    let repository = session.repository;
    let repository = repository.map(|repository| log.tables.repositories.get(repository));
    let recorded = events.clone();
    let recorded = recorded.map(|event| (log.text(event.recipient), log.text(event.region)));
    let at_home = repository.into_iter().flat_map(|repository| {
        let events = events.clone();
        events.map(|event| (&*repository.registry, log.text(event.region)))
    });
    // If the registry's log is not here it cannot decide, and only the caller's own log is left.
    let at_home: BTreeSet<(&str, &str)> = at_home
        .filter(|(account, region)| coverage.span(account, region).is_some())
        .collect();
    match at_home.is_empty() {
        true => recorded.collect(),
        false => at_home,
    }
}

impl Session {
    /// The last instant of the log that shows how the push ended; `None` if a part of that log is not here at all.
    #[must_use]
    pub fn log_ends(&self, log: &EventLog, coverage: &Coverage) -> Option<DateTime<Utc>> {
        let sources = sources(log, coverage, self).into_iter();
        let ends =
            sources.map(|(account, region)| Some(coverage.span(account, region)?.interval.to));
        ends.min()?
    }

    /// The last refusals of layers, manifests and checks that never succeeded later in the push, in no order.
    #[must_use]
    pub fn unresolved(&self, log: &EventLog) -> Vec<EventId> {
        let mut unresolved = refused_writes(log, self);
        unresolved.extend(refused_check(log, self));
        unresolved
    }
}

/// The refusals of layers and manifests.
fn refused_writes(log: &EventLog, session: &Session) -> Vec<EventId> {
    let mut refused = refused_layers(log, session);
    let puts = session.manifests.iter();
    // A manifest that was accepted under one tag and refused under another has succeeded.
    let puts = puts.filter(|put| put.state == PutState::Refused);
    refused.extend(puts.map(|put| put.event));
    refused
}

/// The refusal that ended a push: the last one whose layer or manifest never succeeded afterwards.
fn refusal(log: &EventLog, session: &Session) -> Option<(FailedCall, EventId)> {
    let position: IdMap<EventId, usize> = session
        .sequence
        .iter()
        .enumerate()
        .map(|(at, &id)| (id, at))
        .collect();
    let last = refused_writes(log, session)
        .into_iter()
        // Within one second, the eventIDs do not show which was the last.
        .max_by_key(|&id| {
            let event = log.event(id);
            let code = log.error_code(event);
            (event.time, Reverse(code), position.get(&id).copied())
        });
    // A refused check ends a push only if nothing else was refused: many clients continue without an answer.
    let event = last.or_else(|| refused_check(log, session))?;
    Some((FailedCall::of(log.event(event).action.stage()), event))
}

/// The last refused check of a digest that was neither found nor uploaded afterwards.
fn refused_check(log: &EventLog, session: &Session) -> Option<EventId> {
    let mut wanted: IdSet<DigestId> = session
        .uploads
        .iter()
        .filter(|upload| is_finished(upload))
        .filter_map(|upload| upload.digest)
        .collect();
    session.sequence.iter().rev().copied().find(|&id| {
        let event = log.event(id);
        let Action::BatchCheckLayerAvailability { digests, .. } = &event.action else {
            return false;
        };
        // A blob that is in place afterwards gave the answer that the check was for.
        let met = !digests.is_empty() && digests.iter().all(|digest| wanted.contains(digest));
        if event.succeeded() {
            wanted.extend(digests.iter().copied());
        }
        !event.succeeded() && !met
    })
}

/// Successive refused tries of one layer.
struct RefusedTries {
    /// The last refusal.
    event: EventId,
    /// Its second.
    at: i64,
    /// The layer, if the refused call names it.
    digest: Option<DigestId>,
}

/// The last refusal of each layer that was never uploaded afterwards.
///
/// Most refused calls name no digest. A later upload counts as another try of the layer if it starts within a
/// client's wait, and if no check shows that the client had moved on to a layer it had not checked before.
fn refused_layers(log: &EventLog, session: &Session) -> Vec<EventId> {
    let checks = checks(log, session);
    let mut order: Vec<&LayerUpload> = session.uploads.iter().collect();
    // Tries of one layer follow each other in time, however their ids sort.
    order.sort_by_key(|upload| (upload.first, upload.last));
    let finished: IdSet<DigestId> = order
        .iter()
        .filter(|upload| is_finished(upload))
        .filter_map(|upload| upload.digest)
        .collect();
    let mut chains: Vec<RefusedTries> = Vec::new();
    for upload in order {
        let begin = upload.first.timestamp();
        // Crane and BuildKit check a layer just before they send it, so a first check shows a new layer.
        let turned = upload.digest.is_some_and(|digest| {
            let of_digest = checks.get(&digest).map_or(&[][..], Vec::as_slice);
            let before = |at: i64| of_digest.iter().any(|&check| check <= at);
            chains.iter().all(|chain| !before(chain.at)) && before(begin)
        });
        let earlier = chains.iter().position(|chain| {
            let same =
                chain.digest.is_none() || upload.digest.is_none() || chain.digest == upload.digest;
            // Layers started in one second are in flight at once, and none of them is a retry of another.
            same && !turned && begin > chain.at && begin - chain.at <= RETRY_WAIT.0
        });
        if is_finished(upload) {
            // The layer succeeded, so all of its refusals are past.
            earlier.map(|at| chains.remove(at));
        } else if let Some(event) = refused_event(log, upload) {
            let chain = RefusedTries {
                event,
                at: upload.last.timestamp(),
                digest: upload.digest,
            };
            // A further refusal of a layer replaces the one before, as the last is what the client saw.
            match earlier {
                Some(at) => chains[at] = chain,
                None => chains.push(chain),
            }
        }
    }
    // A layer that was finished in any other upload is there.
    chains.retain(|chain| {
        chain
            .digest
            .is_none_or(|digest| !finished.contains(&digest))
    });
    chains.into_iter().map(|chain| chain.event).collect()
}

/// The seconds at which each digest was checked.
fn checks(log: &EventLog, session: &Session) -> IdMap<DigestId, Vec<i64>> {
    let mut checks: IdMap<DigestId, Vec<i64>> = IdMap::default();
    for &id in &session.sequence {
        let event = log.event(id);
        if let Action::BatchCheckLayerAvailability { digests, .. } = &event.action {
            for &digest in digests {
                checks
                    .entry(digest)
                    .or_default()
                    .push(event.time.timestamp());
            }
        }
    }
    checks
}

fn is_finished(upload: &LayerUpload) -> bool {
    matches!(
        upload.state,
        UploadState::Complete | UploadState::AlreadyExists
    )
}

/// The last refused call of a refused upload.
fn refused_event(log: &EventLog, upload: &LayerUpload) -> Option<EventId> {
    let events = upload
        .initiate
        .iter()
        .chain(&upload.parts)
        .chain(&upload.complete)
        .copied();
    events
        .filter(|_| upload.state == UploadState::Refused)
        // Of several refused calls of an upload, the last one ended it.
        .rfind(|&id| !log.is_benign(log.event(id)))
}

fn incomplete(log: &EventLog, session: &Session, index_missing: bool) -> Status {
    let mut missing = Vec::new();
    let mut abandoned = false;
    for upload in session
        .uploads
        .iter()
        .filter(|upload| upload.state == UploadState::Unfinished)
    {
        abandoned = true;
        // Without an id in the log, its other calls cannot be told from others'.
        if let Some(id) = upload.upload {
            if upload.initiate.is_none() {
                missing.push(MissingPiece::Initiate(id));
            }
            missing.extend(
                upload
                    .holes
                    .iter()
                    .map(|&hole| MissingPiece::Bytes(id, hole)),
            );
            missing.push(MissingPiece::Complete(id));
        }
    }
    missing.push(if index_missing {
        MissingPiece::Index
    } else {
        MissingPiece::Manifest
    });
    let began = |&id: &EventId| log.event(id).action.stage() == Stage::Initiate;
    // Kaniko and buildpacks ask for an upload when the build starts, to see that they may push.
    let asked = session.sequence.len() <= MOST_QUESTIONS && session.sequence.iter().all(began);
    let kind = match (index_missing, abandoned) {
        _ if asked => IncompleteKind::NothingSent,
        (true, _) => IncompleteKind::IndexMissing,
        (false, true) => IncompleteKind::UploadAbandoned,
        (false, false) => IncompleteKind::NoPutImage,
    };
    Status::Incomplete { kind, missing }
}
