//! Units: what is joined by proof or stands alone, and so is owned as a whole.
//!
//! Comes in: the events of one repository. Goes out: one unit an `uploadId`, one a check, one a
//! refused call without an id, and the `PutImage`s apart. Never: a join that an id does not prove.

use std::ops::Range;

use crate::event::{Action, DigestId, EventId, EventLog, Field, IdMap, ManifestId, Stage, TextId};
use crate::graph::index::rank;
use crate::session::own::lane::{Lane, Lanes, Principals};

/// What is owned as a whole.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    /// The events, by stage, then as they are ranked.
    pub(super) events: Vec<EventId>,
    /// The kind.
    pub(super) kind: UnitKind,
    /// The login.
    pub(super) lane: Lane,
    /// The earliest second.
    pub(super) first: i64,
    /// The latest second.
    pub(super) last: i64,
    /// The digest that an upload ended in or claims, or those of a check.
    pub(super) digests: Vec<DigestId>,
}

/// The kinds of units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnitKind {
    /// An upload that was completed.
    Finished,
    /// An upload that was begun and neither completed nor refused.
    Unfinished,
    /// An upload, or a call without an id, that was refused.
    Refused,
    /// The same, refused for good: no client tries again what it may not do, or where nothing is.
    Denied,
    /// A check.
    Check,
    /// A check that was refused.
    RefusedCheck,
}

impl Unit {
    /// Whether it is an upload, of whatever end.
    pub(super) fn is_upload(&self) -> bool {
        !matches!(self.kind, UnitKind::Check | UnitKind::RefusedCheck)
    }
}

/// A `PutImage`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Put {
    /// The event.
    pub(super) event: EventId,
    /// The login.
    pub(super) lane: Lane,
    /// The second.
    pub(super) time: i64,
    /// The manifest's digest.
    pub(super) digest: Option<DigestId>,
    /// Its content.
    pub(super) manifest: Option<ManifestId>,
    /// Whether the content was left out or cannot be read.
    pub(super) opaque: bool,
    /// The tag.
    pub(super) tag: Option<TextId>,
    /// Whether it was accepted, or there already.
    pub(super) accepted: bool,
}

/// The units of a repository by the digests that they name.
#[derive(Clone, Debug)]
pub(super) struct ByDigest {
    /// Every unit once for each digest, by digest, then by first second.
    units: Vec<usize>,
    /// Where the units of each digest stand.
    places: IdMap<DigestId, Range<usize>>,
}

impl ByDigest {
    /// Sorts the units, which come by first second.
    pub(super) fn new(units: &[Unit]) -> Self {
        let mut named: Vec<(DigestId, usize)> = Vec::new();
        for (position, unit) in units.iter().enumerate() {
            named.extend(unit.digests.iter().map(|&digest| (digest, position)));
        }
        named.sort_unstable();
        let mut places = IdMap::default();
        let mut start = 0;
        for of_digest in named.chunk_by(|a, b| a.0 == b.0) {
            let end = start + of_digest.len();
            places.insert(of_digest[0].0, start..end);
            start = end;
        }
        Self {
            units: named.into_iter().map(|(_, unit)| unit).collect(),
            places,
        }
    }

    /// The units that name a digest, by first second.
    pub(super) fn of(&self, digest: DigestId) -> &[usize] {
        let place = self.places.get(&digest).cloned().unwrap_or_default();
        &self.units[place]
    }
}

/// Folds the events of one repository.
pub(super) fn fold(
    log: &EventLog,
    principals: &Principals,
    lanes: &mut Lanes,
    events: &[EventId],
) -> (Vec<Unit>, Vec<Put>) {
    let mut units: Vec<Unit> = Vec::new();
    let mut puts = Vec::new();
    let mut of_upload = IdMap::default();
    for &id in events {
        let event = log.event(id);
        let lane = lanes.of(principals.of(event.identity), event.credential);
        let time = event.time.timestamp();
        if let Action::PutImage(put) = &event.action {
            puts.push(Put {
                event: id,
                lane,
                time,
                digest: put.digest.best(),
                manifest: put.manifest.known().copied(),
                opaque: matches!(
                    put.manifest,
                    Field::Omitted { .. } | Field::Unreadable | Field::Absent
                ),
                tag: put.tag,
                accepted: log.is_benign(event),
            });
            continue;
        }
        let index = match event.action.upload() {
            Some(upload) => *of_upload.entry(upload).or_insert(units.len()),
            None => units.len(),
        };
        if let Some(unit) = units.get_mut(index) {
            lanes.join(unit.lane, lane);
            unit.events.push(id);
            (unit.first, unit.last) = (unit.first.min(time), unit.last.max(time));
        } else {
            let (kind, digests) = (UnitKind::Check, Vec::new());
            units.push(Unit {
                events: vec![id],
                kind,
                lane,
                first: time,
                last: time,
                digests,
            });
        }
    }
    for unit in &mut units {
        unit.events
            .sort_by_key(|&id| (log.event(id).action.stage(), rank(log, id)));
        (unit.kind, unit.digests) = judge(log, &unit.events);
        // A vague first record must not hide the login that a later one shows.
        let shown = |&id: &EventId| {
            let event = log.event(id);
            lanes.of(principals.of(event.identity), event.credential)
        };
        let mut seen = unit.events.iter().map(shown);
        unit.lane = seen
            .clone()
            .find(|&lane| !lanes.is_vague(lane))
            .or_else(|| seen.next())
            .unwrap_or(unit.lane);
    }
    for put in &mut puts {
        let event = log.event(put.event);
        put.lane = lanes.of(principals.of(event.identity), event.credential);
    }
    // Within a second a refused put stands first: what is put after a refusal is the answer to it.
    puts.sort_by_key(|put| (put.time, put.accepted, put.event));
    let order = |unit: &Unit| (unit.first, unit.last, unit.events[0]);
    units.sort_by_key(order);
    (units, puts)
}

/// Whether no client tries again after this error.
///
/// Source: moby `distribution/errors.go`, `retryOnError`: `DENIED`, `NAME_UNKNOWN`, `UNSUPPORTED`.
fn is_final(error: &str) -> bool {
    let error = error.strip_suffix("Exception").unwrap_or(error);
    matches!(
        error,
        "AccessDenied" | "RepositoryNotFound" | "RegistryNotFound" | "UnsupportedCommand"
    )
}

/// The kind of a unit, and the digests that it names.
fn judge(log: &EventLog, events: &[EventId]) -> (UnitKind, Vec<DigestId>) {
    let mut digests = Vec::new();
    let (mut finished, mut refused, mut denied) = (false, false, false);
    for &id in events {
        let event = log.event(id);
        match &event.action {
            Action::BatchCheckLayerAvailability { digests, .. } => {
                let kind = if event.succeeded() {
                    UnitKind::Check
                } else {
                    UnitKind::RefusedCheck
                };
                return (kind, digests.to_vec());
            }
            Action::CompleteLayerUpload { .. } => {
                let holds = log.is_benign(event);
                if let Some(digest) = event.action.completed_digest()
                    && (holds || !finished)
                {
                    digests = vec![digest];
                }
                finished |= holds;
            }
            Action::GetAuthorizationToken
            | Action::InitiateLayerUpload { .. }
            | Action::UploadLayerPart { .. }
            | Action::PutImage(_) => {}
        }
        refused |= !log.is_benign(event) && event.action.stage() != Stage::Check;
        denied |= log.error_code(event).is_some_and(is_final);
    }
    let kind = match (finished, denied, refused) {
        (true, _, _) => UnitKind::Finished,
        (false, true, _) => UnitKind::Denied,
        (false, false, true) => UnitKind::Refused,
        (false, false, false) => UnitKind::Unfinished,
    };
    (kind, digests)
}
