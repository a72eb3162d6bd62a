//! Failures that are new, that go on, and that are gone.
//!
//! Comes in: both sides. Goes out: a row for each cause of each pusher at each repository. Never: a failure called gone
//! where nobody tried again.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::event::Stage;
use crate::report::compare::RULES;
use crate::report::compare::claim;
use crate::report::compare::facts::{Compared, FailureCause, PlaceId, PusherId};
use crate::report::compare::half::Held;
use crate::report::compare::stat::Stat;
use crate::report::row::{Change, FailureRow, PushGroup, ReasonKind, SeenRow};

/// Who pushed where.
type Route = (PusherId, PlaceId);

/// What became of the pushes of one pusher to one repository.
#[derive(Clone, Copy, Debug, Default)]
struct Tries {
    /// All of them.
    all: u64,
    /// Those that completed, or found everything in place.
    came_through: u64,
}

/// How pushes came to nothing, on either side.
pub(super) fn rows(held: &Held) -> Vec<FailureRow> {
    let key = |push: &Compared| Some((push.cause?, (push.pusher, push.place)));
    let [before, now] = held.tallies(key);
    let [_, unresolved] = held.tallies(|push| key(push).filter(|_| push.is_unresolved));
    let [tries_before, tries] = [&held.base.pushes, &held.now.pushes].map(|side| tries(side));
    let row = |failure: &(FailureCause, Route)| {
        let (cause, route) = *failure;
        let (base, now) = (before.get(failure), now.get(failure));
        let of = |tries: &BTreeMap<Route, Tries>| tries.get(&route).copied().unwrap_or_default();
        let (tried, tried_before) = (of(&tries), of(&tries_before));
        let code = cause.code.map(|code| held.tables.get(code));
        FailureRow {
            change: match (base, now) {
                (Some(base), None) => absent(held, base, tried.all, tried_before.all),
                (None, Some(now)) => claim::of_new(&held.sources, now),
                (Some(_), Some(_)) | (None, None) => Change::Continuing,
            },
            cause: code.unwrap_or_else(|| cause.kind.name().to_owned()),
            kind: cause.kind,
            call: call(cause.kind),
            by: held.pusher(route.0),
            to: held.place(route.1),
            unresolved: unresolved.get(failure).map_or(0, |stat| stat.pushes),
            tried: tried.all,
            came_through: tried.came_through,
            base: base.map(Stat::row),
            now: now.map(Stat::row),
        }
    };
    let failures: BTreeSet<&(FailureCause, Route)> = before.keys().chain(now.keys()).collect();
    let mut rows: Vec<FailureRow> = failures.into_iter().map(row).collect();
    rows.sort_by_cached_key(order);
    rows
}

/// By change, then what is unresolved, then the most pushes first, then by name.
fn order(row: &FailureRow) -> impl Ord + use<> {
    let pushes = |seen: &Option<SeenRow>| Reverse(seen.as_ref().map(|seen| seen.pushes));
    let unresolved = Reverse(row.unresolved);
    (
        (row.change, unresolved, pushes(&row.now), pushes(&row.base)),
        (row.cause.clone(), row.kind, row.by.clone(), row.to.clone()),
    )
}

fn tries(pushes: &[Compared]) -> BTreeMap<Route, Tries> {
    let mut tries: BTreeMap<Route, Tries> = BTreeMap::new();
    for push in pushes {
        let of_route = tries.entry((push.pusher, push.place)).or_default();
        of_route.all += 1;
        of_route.came_through += u64::from(came_through(push.group));
    }
    tries
}

fn came_through(group: PushGroup) -> bool {
    match group {
        PushGroup::Complete | PushGroup::Unchanged => true,
        PushGroup::Incomplete
        | PushGroup::Failed
        | PushGroup::Undetermined
        | PushGroup::NothingSent => false,
    }
}

/// What to say of a failure that only the base has. It is gone if it was due often enough among what was tried since.
fn absent(held: &Held, base: &Stat, tried: u64, tried_before: u64) -> Change {
    let is_due = tried.saturating_mul(base.pushes) >= RULES.due_pushes.saturating_mul(tried_before);
    match (claim::of_absent(&held.sources, base), tried) {
        (Change::NotCovered, _) => Change::NotCovered,
        (_, 0) => Change::NotTried,
        (_, _) if is_due => Change::Gone,
        (_, _) => Change::NotDue,
    }
}

/// The call that was refused.
fn call(kind: ReasonKind) -> Option<Stage> {
    match kind {
        ReasonKind::CheckFailed => Some(Stage::Check),
        ReasonKind::InitiateFailed => Some(Stage::Initiate),
        ReasonKind::PartFailed => Some(Stage::Part),
        ReasonKind::CompleteFailed => Some(Stage::Complete),
        ReasonKind::PutImageFailed => Some(Stage::Manifest),
        ReasonKind::NoPutImage
        | ReasonKind::UploadAbandoned
        | ReasonKind::IndexMissing
        | ReasonKind::NothingSent
        | ReasonKind::LogBegins
        | ReasonKind::LogEnds
        | ReasonKind::LogHole
        | ReasonKind::FieldOmitted => None,
    }
}
