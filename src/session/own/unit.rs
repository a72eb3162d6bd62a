//! Units: calls that an id joins are owned together; any other call is a unit by itself.
//!
//! Comes in: the events of one party at a repository. Goes out: one unit for each `uploadId`, each check
//! and each refused call without an id; `PutImage`s are separate. Never: a join that an id does not prove.

use crate::event::intern::id_type;
use crate::event::{Action, DigestId, EventId, EventLog, Field, ManifestId, Second, Stage, TextId};
use crate::graph::index::{self, PushCall};
use crate::session::own::id_vec::IdVec;
use crate::session::own::lane::{CredentialLanes, Lane, Lanes};

id_type! {
    /// A unit of a repository, by first second.
    pub(super) UnitIx
}
id_type! {
    /// A `PutImage` of a repository, by second.
    pub(super) PutIx
}

/// Calls that are owned together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit<'a> {
    /// The calls, by stage, then by rank; at least one.
    pub(super) calls: &'a [PushCall],
    /// The kind.
    pub(super) kind: UnitKind,
    /// The login.
    pub(super) lane: Lane,
    /// The earliest second.
    pub(super) first: Second,
    /// The latest second.
    pub(super) last: Second,
    /// The digest that an upload ended in or claims, or those of a check.
    pub(super) digests: &'a [DigestId],
}

/// The kinds of units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnitKind {
    /// An upload that was completed.
    Finished,
    /// An upload that was started and neither completed nor refused.
    Unfinished,
    /// An upload, or a call without an id, that was refused. The code does not show whether the client
    /// tries again: ECR answers many refusals by closing the connection, and then it does.
    Refused,
    /// A check.
    Check,
    /// A check that was refused.
    RefusedCheck,
}

impl Unit<'_> {
    /// Whether it is an upload, however it ended.
    pub(super) fn is_upload(&self) -> bool {
        !matches!(self.kind, UnitKind::Check | UnitKind::RefusedCheck)
    }

    /// Whether it is an upload that was started or requested and not completed.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.kind, UnitKind::Unfinished | UnitKind::Refused)
    }

    /// Whether a client would retry it: an open upload or a refused check.
    pub(super) fn is_left(&self) -> bool {
        self.is_open() || self.kind == UnitKind::RefusedCheck
    }

    /// The event that represents it: the one that ends it.
    pub(super) fn face(&self) -> EventId {
        let last = self.calls.last();
        last.expect("a unit is made of at least one call").event
    }

    /// Whether it is a completed upload whose layer was not there already.
    pub(super) fn has_stored(&self) -> bool {
        let mut calls = self.calls.iter();
        calls.any(|call| call.stage == Stage::Complete && call.failure.is_none())
    }

    /// Whether an upload was granted and nothing was sent: a check of permission, an attempt to mount, or
    /// a client that stopped at once.
    pub(super) fn sent_nothing(&self) -> bool {
        self.kind == UnitKind::Unfinished
            && self.calls.iter().all(|call| call.stage == Stage::Initiate)
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
    pub(super) time: Second,
    /// The manifest's digest.
    pub(super) digest: Option<DigestId>,
    /// Its content.
    pub(super) manifest: Option<ManifestId>,
    /// Whether the content was left out or cannot be read.
    pub(super) opaque: bool,
    /// The tag.
    pub(super) tag: Option<TextId>,
    /// Whether it was accepted, or was there already.
    pub(super) accepted: bool,
    /// Whether it was accepted and was not there already.
    pub(super) granted: bool,
    /// Whether its form was refused, so that an older form may be accepted.
    pub(super) for_form: bool,
}

/// The units of a repository by the digests that they name: every unit once for each digest, by digest,
/// then by first second.
#[derive(Clone, Debug)]
pub(super) struct ByDigest(Vec<(DigestId, UnitIx)>);

impl ByDigest {
    /// Sorts the units, which must come by first second.
    pub(super) fn new(units: &IdVec<UnitIx, Unit<'_>>) -> Self {
        let named = units.entries();
        let named = named.flat_map(|(at, unit)| unit.digests.iter().map(move |&of| (of, at)));
        let mut named: Vec<(DigestId, UnitIx)> = named.collect();
        named.sort_unstable();
        Self(named)
    }

    /// The units that name a digest, by first second: those before a unit, and those from it on.
    ///
    /// # Complexity
    /// O(log n) for n units, until the first.
    pub(super) fn around(
        &self,
        digest: DigestId,
        is_before: impl Fn(UnitIx) -> bool,
    ) -> (
        impl Iterator<Item = UnitIx> + '_,
        impl Iterator<Item = UnitIx> + '_,
    ) {
        let at = self
            .0
            .partition_point(|&(of, unit)| (of, !is_before(unit)) < (digest, true));
        let (before, after) = self.0.split_at(at);
        let of_digest = move |named: &&(DigestId, UnitIx)| named.0 == digest;
        let before = before.iter().rev().take_while(of_digest);
        let after = after.iter().take_while(of_digest);
        (before.map(|named| named.1), after.map(|named| named.1))
    }
}

/// The units among the calls of one party at a repository, by first second.
///
/// Joins lanes that one upload used.
pub(super) fn units<'a>(
    log: &'a EventLog,
    callers: &mut CredentialLanes,
    lanes: &mut Lanes,
    calls: &'a [PushCall],
) -> IdVec<UnitIx, Unit<'a>> {
    let of_calls: Vec<Lane> = calls.iter().map(|call| callers.lane(call)).collect();
    let mut rest = &of_calls[..];
    let wholes: Vec<(&[PushCall], &[Lane])> = index::wholes(calls)
        .filter_map(|calls| Some((calls, rest.split_off(..calls.len())?)))
        .filter(|(calls, _)| calls[0].stage != Stage::Manifest)
        .collect();
    // If an upload continued under another key, its client renewed the key.
    for (_, of_calls) in &wholes {
        for &lane in *of_calls {
            lanes.join(of_calls[0], lane);
        }
    }
    let units = wholes.into_iter().map(|(calls, of_calls)| {
        let (kind, digests) = judge(log, calls);
        let seconds = calls.iter().map(|call| call.second);
        // A vague first record must not hide the login that a later one shows.
        let mut seen = of_calls.iter().map(|&lane| lanes.resolve(lane));
        let known = seen.clone().find(|&lane| !lanes.is_vague(lane));
        Unit {
            calls,
            kind,
            lane: known.or_else(|| seen.next()).expect("a whole is not empty"),
            first: seconds.clone().fold(Second::MAX, Second::min),
            last: seconds.fold(Second::MIN, Second::max),
            digests,
        }
    });
    let mut units: Vec<Unit<'_>> = units.collect();
    units.sort_by_key(|unit| (unit.first, unit.last, unit.calls[0].event));
    units.into()
}

/// The `PutImage`s among the calls of one party at a repository, by second.
pub(super) fn puts(
    log: &EventLog,
    callers: &mut CredentialLanes,
    lanes: &Lanes,
    calls: &[PushCall],
) -> IdVec<PutIx, Put> {
    let mut puts = Vec::new();
    for call in calls {
        // There are few, so the others are not looked up in the log.
        if call.stage == Stage::Manifest
            && let Action::PutImage(put) = &log.event(call.event).action
        {
            puts.push(Put {
                event: call.event,
                lane: lanes.resolve(callers.lane(call)),
                time: call.second,
                digest: put.digest.best(),
                manifest: put.manifest.known().copied(),
                opaque: matches!(
                    put.manifest,
                    Field::Omitted { .. } | Field::Unreadable | Field::Absent
                ),
                tag: put.tag,
                accepted: log.leaves_as_wanted(call.stage, call.failure),
                granted: call.failure.is_none(),
                for_form: call
                    .failure
                    .is_some_and(|failure| log.is_about_form(failure)),
            });
        }
    }
    // Within a second a refused put comes first, since what is put after a refusal is the answer to it. Of
    // several tags, the first by name comes first, as an eventID says nothing about what happened.
    let content = |put: &Put| {
        let digest = put.digest.map(|digest| log.tables.digests.get(digest));
        (put.tag.map(|tag| log.text(tag)), digest, put.event)
    };
    puts.sort_by(|a, b| {
        let ends = (a.time, a.accepted).cmp(&(b.time, b.accepted));
        ends.then_with(|| content(a).cmp(&content(b)))
    });
    puts.into()
}

/// The kind of a unit, and the digests that it names.
fn judge<'a>(log: &'a EventLog, calls: &'a [PushCall]) -> (UnitKind, &'a [DigestId]) {
    let mut digests: &[DigestId] = &[];
    let (mut finished, mut refused) = (false, false);
    for call in calls {
        let holds = log.leaves_as_wanted(call.stage, call.failure);
        match call.stage {
            // A check is a unit of its own: only its digest shows which upload it was for.
            Stage::Check => return judge_check(log, call),
            Stage::Complete => {
                // The first accepted end decides, even if the upload is completed again.
                if call.digest.is_some() && !finished {
                    digests = call.digest.as_slice();
                }
                finished |= holds;
            }
            Stage::Authorization | Stage::Initiate | Stage::Part | Stage::Manifest => {}
        }
        refused |= !holds;
    }
    let kind = match (finished, refused) {
        (true, _) => UnitKind::Finished,
        (false, true) => UnitKind::Refused,
        (false, false) => UnitKind::Unfinished,
    };
    (kind, digests)
}

/// The kind of a check, and the digests that it asks for.
fn judge_check<'a>(log: &'a EventLog, call: &'a PushCall) -> (UnitKind, &'a [DigestId]) {
    let kind = match call.failure {
        None => UnitKind::Check,
        Some(_) => UnitKind::RefusedCheck,
    };
    let event = call.digest.is_none().then(|| log.event(call.event));
    let digests = match event.map(|event| &event.action) {
        Some(Action::BatchCheckLayerAvailability { digests, .. }) => digests,
        Some(_) | None => call.digest.as_slice(),
    };
    (kind, digests)
}
