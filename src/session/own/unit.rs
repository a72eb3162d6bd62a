//! Units: what is joined by proof or stands alone, and so is owned as a whole.
//!
//! Comes in: the events of one repository. Goes out: one unit an `uploadId`, one a check, one a
//! refused call without an id, and the `PutImage`s apart. Never: a join that an id does not prove.

use std::slice;

use crate::event::{
    Action, DigestId, EventId, EventLog, Field, Id, IdMap, ManifestId, Stage, TextId,
};
use crate::graph::grouped::Grouped;
use crate::graph::index::{Rank, rank};
use crate::session::own::lane::{Callers, Lane, Lanes};

/// What is owned as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit<'a> {
    /// The events, by stage, then as they are ranked.
    pub(super) events: &'a [EventId],
    /// The kind.
    pub(super) kind: UnitKind,
    /// The login.
    pub(super) lane: Lane,
    /// The earliest second.
    pub(super) first: i64,
    /// The latest second.
    pub(super) last: i64,
    /// The digest that an upload ended in or claims, or those of a check.
    pub(super) digests: &'a [DigestId],
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

impl Unit<'_> {
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
    /// Where the units of each digest begin, by digest.
    starts: Vec<(DigestId, usize)>,
}

impl ByDigest {
    /// Sorts the units, which come by first second.
    pub(super) fn new(units: &[Unit<'_>]) -> Self {
        let mut named: Vec<(DigestId, usize)> = Vec::new();
        for (position, unit) in units.iter().enumerate() {
            named.extend(unit.digests.iter().map(|&digest| (digest, position)));
        }
        named.sort_unstable();
        let mut starts: Vec<(DigestId, usize)> = Vec::new();
        for (at, &(digest, _)) in named.iter().enumerate() {
            if starts.last().is_none_or(|last| last.0 != digest) {
                starts.push((digest, at));
            }
        }
        Self {
            units: named.into_iter().map(|(_, unit)| unit).collect(),
            starts,
        }
    }

    /// The units that name a digest, by first second.
    pub(super) fn of(&self, digest: DigestId) -> &[usize] {
        let Ok(at) = self.starts.binary_search_by_key(&digest, |start| start.0) else {
            return &[];
        };
        let end = self.starts.get(at + 1);
        &self.units[self.starts[at].1..end.map_or(self.units.len(), |end| end.1)]
    }
}

/// An event that is a part of a unit, with what orders it among the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    /// The unit, by the order in which they appear.
    unit: usize,
    rank: Rank,
    lane: Lane,
}

/// The events of one repository by the unit that they are of, in order, and the `PutImage`s apart.
///
/// Lanes that one upload used are joined. The events of a repository lie all over a large log, so
/// that to look at them once more for the `PutImage`s would take as long as all the rest.
pub(super) fn group(
    log: &EventLog,
    callers: &mut Callers<'_>,
    lanes: &mut Lanes,
    events: &[EventId],
) -> (Grouped<Call>, Vec<EventId>) {
    let mut calls: Vec<Call> = Vec::with_capacity(events.len());
    let mut puts = Vec::new();
    let mut of_upload = IdMap::default();
    let mut n_units = 0;
    for &id in events {
        let action = &log.event(id).action;
        if action.stage() == Stage::Manifest {
            puts.push(id);
            continue;
        }
        let unit = match action.upload() {
            Some(upload) => *of_upload.entry(upload).or_insert(n_units),
            None => n_units,
        };
        n_units = n_units.max(unit + 1);
        calls.push(Call {
            unit,
            rank: rank(log, id),
            lane: callers.lane(id),
        });
    }
    let mut grouped = Grouped::new(calls, n_units, |call| call.unit);
    for calls in grouped.groups_mut() {
        if let [first, others @ ..] = &*calls {
            for other in others {
                lanes.join(first.lane, other.lane);
            }
        }
        calls.sort_unstable_by_key(|call| (call.rank.1, call.rank));
    }
    (grouped, puts)
}

/// The events of calls, in their order.
pub(super) fn ids(calls: &Grouped<Call>) -> Vec<EventId> {
    let calls = calls.groups().flatten();
    calls.map(|call| EventId::from_index(call.rank.3)).collect()
}

/// The units of one repository, by first second; `ids` are those of `calls`.
pub(super) fn units<'a>(
    log: &'a EventLog,
    lanes: &Lanes,
    calls: &Grouped<Call>,
    mut ids: &'a [EventId],
) -> Vec<Unit<'a>> {
    let mut units = Vec::with_capacity(calls.groups().count());
    for calls in calls.groups() {
        let Some(events) = ids.split_off(..calls.len()) else {
            break;
        };
        let (kind, digests) = judge(log, events);
        let seconds = || calls.iter().map(|call| call.rank.0);
        // A vague first record must not hide the login that a later one shows.
        let seen = || calls.iter().map(|call| lanes.resolve(call.lane));
        let known = seen().find(|&lane| !lanes.is_vague(lane));
        units.push(Unit {
            events,
            kind,
            lane: known.unwrap_or(lanes.resolve(calls[0].lane)),
            first: seconds().fold(i64::MAX, i64::min),
            last: seconds().fold(i64::MIN, i64::max),
            digests,
        });
    }
    units.sort_by_key(|unit| (unit.first, unit.last, unit.events[0]));
    units
}

/// The `PutImage`s of one repository, by second.
pub(super) fn puts(
    log: &EventLog,
    callers: &mut Callers<'_>,
    lanes: &Lanes,
    events: &[EventId],
) -> Vec<Put> {
    let mut puts = Vec::with_capacity(events.len());
    for &id in events {
        let event = log.event(id);
        if let Action::PutImage(put) = &event.action {
            puts.push(Put {
                event: id,
                lane: lanes.resolve(callers.lane(id)),
                time: event.time.timestamp(),
                digest: put.digest.best(),
                manifest: put.manifest.known().copied(),
                opaque: matches!(
                    put.manifest,
                    Field::Omitted { .. } | Field::Unreadable | Field::Absent
                ),
                tag: put.tag,
                accepted: log.is_benign(event),
            });
        }
    }
    // Within a second a refused put stands first: what is put after a refusal is the answer to it.
    puts.sort_by_key(|put| (put.time, put.accepted, put.event));
    puts
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
fn judge<'a>(log: &'a EventLog, events: &[EventId]) -> (UnitKind, &'a [DigestId]) {
    let mut digests: &[DigestId] = &[];
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
                return (kind, digests);
            }
            Action::CompleteLayerUpload {
                claimed, confirmed, ..
            } => {
                let holds = log.is_benign(event);
                let digest = confirmed.as_ref().or_else(|| claimed.first());
                if let Some(digest) = digest.filter(|_| holds || !finished) {
                    digests = slice::from_ref(digest);
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
