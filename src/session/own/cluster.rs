//! Leftovers that no run of a manifest contains: unfinished runs, or the beginnings of others.
//!
//! Comes in: the units without an owner. Goes out: each in an unfinished run with its like, or in
//! the run that went on from there. Never: back to the run that it was cut from.

use crate::event::{DigestId, IdMap, IdSet, Second};
use crate::graph::Evidence;
use crate::session::own::assignment::{Assignment, Run, RunIx};
use crate::session::own::broken::Broken;
use crate::session::own::lane::Lane;
use crate::session::own::place::Start;
use crate::session::own::repository::Repository;
use crate::session::own::thresholds::{CHECKED_AFTER, RECENT, RETRY_WAIT};
use crate::session::own::unit::{Unit, UnitIx, UnitKind};

/// Puts what is left into unfinished runs: bursts of each login, joined where the client was only
/// waiting to try again.
///
/// # Complexity
/// O(u log u) in the units left.
pub(super) fn cluster(facts: &Repository<'_>, assignment: &mut Assignment) -> Vec<RunIx> {
    let mut clusters: Vec<RunIx> = Vec::new();
    let mut latest: IdMap<Lane, RunIx> = IdMap::default();
    for burst in bursts(facts, assignment) {
        let before = latest.get(&burst.lane).copied();
        let before = before.filter(|&run| continues(facts, assignment.run(run), &burst));
        let (run, units) = match (before, burst.units.as_slice()) {
            (Some(run), units) => (run, units),
            (None, [first, others @ ..]) => {
                let run = assignment.begin_unfinished(facts, *first);
                clusters.push(run);
                latest.insert(burst.lane, run);
                (run, others)
            }
            (None, []) => continue,
        };
        for &unit in units {
            assignment.give(facts, unit, run, None);
        }
    }
    clusters
}

/// A stretch of work of a login, an idle pause at most between its units.
struct Burst {
    lane: Lane,
    units: Vec<UnitIx>,
    start: Second,
    end: Second,
}

/// The stretches of work of each login, an idle pause apart, by their begin.
fn bursts(facts: &Repository<'_>, assignment: &Assignment) -> Vec<Burst> {
    let mut bursts: Vec<Burst> = Vec::new();
    let mut latest: IdMap<Lane, usize> = IdMap::default();
    for unit in assignment.unowned() {
        let row = &facts.units[unit];
        let near = latest.get(&row.lane).copied();
        let near = near.filter(|&at| row.first - bursts[at].end <= facts.idle);
        let at = near.unwrap_or_else(|| {
            bursts.push(Burst {
                lane: row.lane,
                units: Vec::new(),
                start: row.first,
                end: row.last,
            });
            bursts.len() - 1
        });
        latest.insert(row.lane, at);
        bursts[at].units.push(unit);
        bursts[at].end = bursts[at].end.max(row.last);
    }
    bursts
}

/// Whether the next burst of the same login is more of an unfinished run: another try of what was
/// left open, and no sign of a new begin.
fn continues(facts: &Repository<'_>, run: &Run, burst: &Burst) -> bool {
    let pause = burst.start - run.end;
    if pause > RETRY_WAIT.min(facts.window) {
        return false;
    }
    let recent = run.claims.len().saturating_sub(RECENT);
    let before: Vec<&Unit<'_>> = facts.units_of(run).skip(recent).collect();
    let after: Vec<&Unit<'_>> = burst.units.iter().map(|&unit| &facts.units[unit]).collect();
    let is_open = |unit: &&&Unit<'_>| {
        matches!(
            unit.kind,
            UnitKind::Unfinished | UnitKind::Refused | UnitKind::RefusedCheck
        )
    };
    let n_open = before.iter().filter(is_open).count();
    let is_new = |unit: &&&Unit<'_>| unit.is_upload() && unit.first - burst.start <= facts.idle;
    let n_new = after.iter().filter(is_new).count();
    n_open > 0
        && n_new <= n_open
        && !Broken::of(&before).were_given_up(n_new)
        && !is_new_begin(&before, &after, run.end)
}

/// Gives to a run what was refused just before it began: the client waited and tried again.
///
/// # Complexity
/// O((c + r) log r) for c clusters and r runs.
pub(super) fn give_refused(
    facts: &Repository<'_>,
    assignment: &mut Assignment,
    clusters: &mut Vec<RunIx>,
    starts: &[Start],
) {
    clusters.retain(|&cluster| {
        let next = next_try(facts, assignment, cluster, starts);
        if let Some(run) = next {
            let put = assignment.run(run).puts[0];
            assignment.move_into(cluster, run, (put, Evidence::Retry));
        }
        next.is_none()
    });
}

/// The run in which a client tried again what was refused to it.
fn next_try(
    facts: &Repository<'_>,
    assignment: &Assignment,
    cluster: RunIx,
    starts: &[Start],
) -> Option<RunIx> {
    let row = assignment.run(cluster);
    let lane = facts.lane(row);
    let units: Vec<&Unit<'_>> = facts.units_of(row).collect();
    let left = Broken::of(&units);
    let finished = units.iter().any(|unit| unit.kind == UnitKind::Finished);
    let next = starts.partition_point(|&(of, start, _)| (of, start) < (lane, row.end));
    let &(_, start, run) = starts.get(next).filter(|start| start.0 == lane)?;
    if left.n_refused == 0 || finished || start - row.end > RETRY_WAIT {
        return None;
    }
    let mut after: Vec<&Unit<'_>> = facts.units_of(assignment.run(run)).collect();
    after.retain(|unit| unit.first - start <= facts.idle);
    let n_begun = after.iter().filter(|unit| unit.is_upload()).count();
    let is_new = left.were_given_up(n_begun) || is_new_begin(&units, &after, row.end);
    (!is_new).then_some(run)
}

/// An image put by digest that is followed at once by more work was a child, and that work is the
/// rest of its run.
pub(super) fn adopt(
    facts: &Repository<'_>,
    assignment: &mut Assignment,
    clusters: &mut Vec<RunIx>,
) {
    let mut orphans: Vec<(Lane, Second, RunIx)> = Vec::new();
    if !clusters.is_empty() {
        let alone = assignment.runs().filter(|(_, run)| facts.is_orphan(run));
        orphans.extend(alone.map(|(id, run)| (facts.lane(run), run.end, id)));
        orphans.sort_unstable();
    }
    clusters.retain(|&cluster| {
        let row = assignment.run(cluster);
        let (lane, start) = (facts.lane(row), row.start);
        let before = orphans.partition_point(|&(of, end, _)| (of, end) <= (lane, start));
        let before = before.checked_sub(1).and_then(|at| orphans.get(at));
        let adopts = before.filter(|&&(of, end, _)| of == lane && start - end <= facts.idle);
        if let Some(&(.., run)) = adopts {
            let put = assignment.run(run).puts[0];
            assignment.move_into(cluster, run, (put, Evidence::Credential));
            assignment.lacks_index(run);
        }
        adopts.is_none()
    });
}

/// Whether what follows an idle pause begins anew: it asks for or sends what was finished, or, where
/// nothing was, repeats every earlier check in one burst.
pub(super) fn is_new_begin(before: &[&Unit<'_>], after: &[&Unit<'_>], pause_from: Second) -> bool {
    let finished = before.iter().filter(|unit| unit.kind == UnitKind::Finished);
    let finished: IdSet<DigestId> = finished
        .flat_map(|unit| unit.digests.iter().copied())
        .collect();
    let again = after.iter().any(|unit| {
        let own = !unit.is_upload() && unit.first - pause_from <= CHECKED_AFTER;
        !own && unit.digests.iter().any(|digest| finished.contains(digest))
    });
    let checks = |units: &[&Unit<'_>]| -> IdSet<DigestId> {
        let checks = units.iter().filter(|unit| !unit.is_upload());
        checks
            .flat_map(|unit| unit.digests.iter().copied())
            .collect()
    };
    let earlier = checks(before);
    let sent = before.iter().any(|unit| unit.is_upload());
    again
        || (finished.is_empty()
            && !earlier.is_empty()
            && (!sent || earlier.is_subset(&checks(after))))
}
