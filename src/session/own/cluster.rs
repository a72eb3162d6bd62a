//! Clusters: units inside no run with a manifest form an unfinished run, or are the start of another
//! run.
//!
//! Comes in: the units without an owner. Goes out: each in an unfinished run, or in the run that
//! continued from there. Never: a unit back in the run that it was cut from.

use crate::event::intern::id_type;
use crate::event::{DigestId, IdMap, IdSet, Second};
use crate::graph::Evidence;
use crate::session::own::anew::{begun_at_once, left_just_before, starts_anew};
use crate::session::own::assignment::{Assignment, Start};
use crate::session::own::broken::{Broken, count};
use crate::session::own::id_vec::IdVec;
use crate::session::own::lane::Lane;
use crate::session::own::party::PartyWork;
use crate::session::own::run::{Run, RunIx};
use crate::session::own::thresholds::{
    CANDIDATES, CHECKED_AFTER, MOST_QUESTIONS, PERMISSION_CHECK, RECENT, RETRY_WAIT, SILENCE,
};
use crate::session::own::unit::{Unit, UnitIx, UnitKind};

/// Puts the remaining units into unfinished runs: bursts of each login, joined if the client was only
/// waiting to retry.
///
/// # Complexity
/// O(u log u) in the remaining units.
pub(super) fn cluster(work: &PartyWork<'_>, assignment: &mut Assignment) -> Vec<RunIx> {
    let mut clusters: Vec<RunIx> = Vec::new();
    let mut latest: IdMap<Lane, RunIx> = IdMap::default();
    // The work of one login without an idle pause is one run: a client with nothing in flight acts at
    // once.
    for burst in bursts(work, assignment) {
        let before = latest.get(&burst.lane).copied();
        // A client that retries pauses, so a pause alone does not end an unfinished run.
        let before = before.filter(|&run| continues(work, assignment.run(run), &burst));
        let (run, units) = match (before, burst.units.as_slice()) {
            (Some(run), units) => (run, units),
            (None, [first, others @ ..]) => {
                let run = assignment.begin_unfinished(work, *first);
                clusters.push(run);
                latest.insert(burst.lane, run);
                (run, others)
            }
            (None, []) => continue,
        };
        for &unit in units {
            assignment.give(work, unit, run, None);
        }
    }
    clusters
}

id_type! {
    /// A burst, by its start.
    BurstIx
}

/// A stretch of work of a login, with at most an idle pause between its units.
struct Burst {
    lane: Lane,
    units: Vec<UnitIx>,
    start: Second,
    end: Second,
}

/// The stretches of work of each login, separated by idle pauses, by their start.
fn bursts(work: &PartyWork<'_>, assignment: &Assignment) -> IdVec<BurstIx, Burst> {
    let mut bursts: IdVec<BurstIx, Burst> = IdVec::default();
    let mut latest: IdMap<Lane, BurstIx> = IdMap::default();
    for unit in assignment.unowned() {
        let row = &work.units[unit];
        let near = latest.get(&row.lane).copied();
        let near = near.filter(|&at| row.first - bursts[at].end <= work.idle);
        let at = near.unwrap_or_else(|| {
            bursts.push(Burst {
                lane: row.lane,
                units: Vec::new(),
                start: row.first,
                end: row.last,
            })
        });
        latest.insert(row.lane, at);
        bursts[at].units.push(unit);
        bursts[at].end = bursts[at].end.max(row.last);
    }
    bursts
}

/// Whether the next burst of the same login belongs to an unfinished run: it retries what was left
/// open, and shows no sign of a new start.
fn continues(work: &PartyWork<'_>, run: &Run, burst: &Burst) -> bool {
    let pause = burst.start - run.end;
    // No client was seen to wait longer before it retries.
    if pause > RETRY_WAIT.min(work.window) {
        return false;
    }
    // A client that retries all day makes a run of any length; its last units show what it left.
    let recent = run.units.len().saturating_sub(RECENT);
    let before = run.units[recent..].iter();
    let before: Vec<&Unit<'_>> = before.map(|claim| &work.units[claim.unit]).collect();
    let after: Vec<&Unit<'_>> = burst.units.iter().map(|&unit| &work.units[unit]).collect();
    let n_open = count(&before, Unit::is_left);
    let n_new = count(&after, |unit| {
        unit.is_upload() && unit.first - burst.start <= work.idle
    });
    // Only open or refused uploads are retried; a run that left none has ended.
    n_open > 0
        && n_new <= n_open
        && !Broken::of(&before).were_given_up(n_new)
        && !starts_anew(
            &before,
            &after,
            run.end,
            left_just_before(work, &before, pause),
        )
}

/// Gives a run the uploads left open just before it started, since the client waited and retried.
///
/// # Complexity
/// O((c + r) log r) for c clusters and r runs.
pub(super) fn give_left_open(
    work: &PartyWork<'_>,
    assignment: &mut Assignment,
    clusters: &mut Vec<RunIx>,
    starts: &[Start],
) {
    clusters.retain(|&cluster| {
        let next = next_try(work, assignment, cluster, starts);
        stays(assignment, cluster, next, Evidence::Retry)
    });
}

/// Moves a cluster into the run that it belongs to, if there is one; what was finished next to an open
/// upload belongs to the same run. Returns whether the cluster stays.
fn stays(
    assignment: &mut Assignment,
    cluster: RunIx,
    run: Option<RunIx>,
    evidence: Evidence,
) -> bool {
    if let Some(run) = run {
        // A run without a put has none to join the units to; they are joined when all are known.
        let put = assignment.run(run).puts.first();
        let witness = put.map(|&put| (put, evidence));
        assignment.move_into(cluster, run, witness);
    }
    run.is_none()
}

/// The run in which a client retried what it had left open.
///
/// A client that retries starts no more uploads at once than it had left; one that starts anew starts
/// as many as it sends in parallel.
fn next_try(
    work: &PartyWork<'_>,
    assignment: &Assignment,
    cluster: RunIx,
    starts: &[Start],
) -> Option<RunIx> {
    let row = assignment.run(cluster);
    let lane = work.lane(row);
    let units: Vec<&Unit<'_>> = work.units_of(row).collect();
    let n_open = count(&units, Unit::is_open);
    let finished = units.iter().any(|unit| unit.kind == UnitKind::Finished);
    let next = starts.partition_point(|&(of, start, _)| (of, start) < (lane, row.end));
    // Only the next run of the login can be the retry.
    let &(_, start, run) = starts.get(next).filter(|start| start.0 == lane)?;
    let wait = start - row.end;
    // A run that continues after a finished layer lists it, and has claimed it by its digest.
    if n_open == 0 || finished || wait > RETRY_WAIT {
        return None;
    }
    let after: Vec<&Unit<'_>> = work.units_of(assignment.run(run)).collect();
    // Later bursts of a run say nothing about how it started.
    let is_first = |unit: &&&Unit<'_>| unit.first - start <= work.idle;
    let first_burst: Vec<&Unit<'_>> = after.iter().filter(is_first).copied().collect();
    let left = Broken::of(&units);
    let n_begun = begun_at_once(left, &after);
    let is_new = n_begun > n_open
        || left.were_given_up(n_begun)
        || starts_anew(
            &units,
            &first_burst,
            row.end,
            left_just_before(work, &units, wait),
        );
    (!is_new).then_some(run)
}

/// Gives a run the work that the same principal had done for it with another key. A key may be renewed
/// while a client is working, and no upload shows this if none was in flight.
///
/// # Complexity
/// O((c + r) log r) for c clusters and r runs, times the blobs of a cluster.
pub(super) fn give_renewed(
    work: &PartyWork<'_>,
    assignment: &mut Assignment,
    clusters: &mut Vec<RunIx>,
) {
    // The manifest is the evidence that a new key continued the work of the old one.
    let with_puts = assignment.runs().filter(|(_, run)| !run.puts.is_empty());
    let mut starts: Vec<(Second, RunIx)> = with_puts.map(|(id, run)| (run.start, id)).collect();
    starts.sort_unstable();
    let mut renewed: IdMap<Lane, RunIx> = IdMap::default();
    clusters.retain(|&cluster| {
        let row = assignment.run(cluster);
        let from = starts.partition_point(|&(start, _)| start < row.start);
        // A renewal follows at once, so the next runs of the principal are enough.
        let mut near = starts[from..].iter().take(CANDIDATES).map(|&(_, run)| run);
        let next = near.find(|&run| is_renewed(work, row, assignment.run(run)));
        renewed.extend(next.map(|run| (work.lane(assignment.run(run)), run)));
        stays(assignment, cluster, next, Evidence::Credential)
    });
    // With the new key the client checked a layer that it had sent with the old one.
    clusters.retain(|&cluster| {
        let row = assignment.run(cluster);
        let run = renewed.get(&work.lane(row)).copied().filter(|&run| {
            let of_run = assignment.run(run);
            let is_inside = (of_run.start..=of_run.end).contains(&row.start);
            is_inside && digests(work, row, |_| true).is_subset(&listed(work, of_run))
        });
        stays(assignment, cluster, run, Evidence::Credential)
    });
}

/// Whether a run continues what an unfinished one had done with another key. Its manifest must list
/// everything that was finished with the old key. It must not ask again for what was asked for or
/// finished, nor send again what was finished, as another client would have to.
fn is_renewed(work: &PartyWork<'_>, before: &Run, run: &Run) -> bool {
    let is_next = match work.shows_checks {
        // Whatever the old key had in flight ends with it.
        true => run.start - before.end <= RETRY_WAIT,
        false => (-work.skew..=SILENCE).contains(&(run.start - before.end)),
    };
    if !is_next || work.lane(before) == work.lane(run) {
        return false;
    }
    let finished = digests(work, before, |unit| unit.kind == UnitKind::Finished);
    let asked = digests(work, before, |unit| !unit.is_upload());
    let is_again = |unit: &Unit<'_>| {
        // Docker checks each blob once after its upload has ended.
        let is_late = unit.is_upload() || unit.first - before.end > CHECKED_AFTER;
        let done = unit.digests.iter().any(|digest| finished.contains(digest));
        // Another job checks each of its blobs, also those that are there; a client that continues does
        // not.
        let known = !unit.is_upload() && unit.digests.iter().any(|digest| asked.contains(digest));
        is_late && (done || known)
    };
    // An upload that found its layer in place sent nothing that the run could continue from.
    let mut ended = work
        .units_of(before)
        .filter(|unit| unit.kind == UnitKind::Finished);
    !finished.is_empty()
        && ended.all(Unit::has_stored)
        && finished.is_subset(&listed(work, run))
        && !work.units_of(run).any(is_again)
}

/// The digests that some units of a run name.
fn digests(work: &PartyWork<'_>, run: &Run, wanted: impl Fn(&Unit<'_>) -> bool) -> IdSet<DigestId> {
    let units = work.units_of(run).filter(|unit| wanted(unit));
    units
        .flat_map(|unit| unit.digests.iter().copied())
        .collect()
}

/// The blobs of a run's accepted manifests; a manifest refused to one key says nothing about another.
fn listed(work: &PartyWork<'_>, run: &Run) -> IdSet<DigestId> {
    let puts = run.puts.iter().map(|&put| &work.puts[put]);
    let puts = puts.filter(|put| put.accepted);
    puts.flat_map(|put| work.tree(put)).collect()
}

/// Gives a run the uploads that its login requested before and did not use: the client asked whether it
/// may push, built, and then pushed.
///
/// Only if the login is known; otherwise the request may be anybody's.
///
/// # Complexity
/// O((c + r) log r) for c clusters and r runs.
pub(super) fn give_permission_checks(
    work: &PartyWork<'_>,
    assignment: &mut Assignment,
    clusters: &mut Vec<RunIx>,
) {
    let asks = |run: &Run| {
        // A push that died at its first layers requests as many uploads as it sends at once.
        let few = run.units.len() <= MOST_QUESTIONS && run.puts.is_empty();
        few && work.units_of(run).all(Unit::sent_nothing)
    };
    // A run that only checked is not a push that somebody asked for.
    let pushes = |run: &Run| {
        let mut units = work.units_of(run);
        !run.puts.is_empty() || units.any(|unit| unit.is_upload() && !unit.sent_nothing())
    };
    let mut starts = assignment.starts(work);
    starts.retain(|&(.., run)| pushes(assignment.run(assignment.resolve(run))));
    // The latest come first, so that an earlier request finds the run that took the later one.
    for &cluster in clusters.iter().rev() {
        let row = assignment.run(cluster);
        let lane = work.lane(row);
        // An hour is long, so this is likely only for a known login.
        if work.lanes.is_vague(lane) || !asks(row) {
            continue;
        }
        let next = starts.partition_point(|&(of, start, _)| (of, start) <= (lane, row.end));
        let next = starts.get(next).filter(|&&(of, ..)| of == lane);
        let next = next.map(|&(.., run)| assignment.resolve(run));
        let Some(run) = next.filter(|&run| {
            let wait = assignment.run(run).start - row.end;
            wait <= PERMISSION_CHECK
        }) else {
            continue;
        };
        stays(assignment, cluster, Some(run), Evidence::Credential);
    }
    clusters.retain(|&cluster| assignment.resolve(cluster) == cluster);
}

/// If an image put by digest is followed at once by more work, it was a child, and that work is the
/// rest of its run.
pub(super) fn adopt(work: &PartyWork<'_>, assignment: &mut Assignment, clusters: &mut Vec<RunIx>) {
    let mut orphans: Vec<(Lane, Second, RunIx)> = Vec::new();
    // If nothing is left, an image put by digest has nothing to adopt.
    if !clusters.is_empty() {
        let alone = assignment.runs().filter(|(_, run)| work.is_orphan(run));
        orphans.extend(alone.map(|(id, run)| (work.lane(run), run.end, id)));
        orphans.sort_unstable();
    }
    clusters.retain(|&cluster| {
        let row = assignment.run(cluster);
        let (lane, start) = (work.lane(row), row.start);
        let before = orphans.partition_point(|&(of, end, _)| (of, end) <= (lane, start));
        let before = before.checked_sub(1).and_then(|at| orphans.get(at));
        let adopts = before.filter(|&&(of, end, _)| of == lane && start - end <= work.idle);
        let run = adopts.map(|&(.., run)| run);
        if let Some(run) = run {
            // Work after an image without a tag is for another platform, and the index over both never
            // came.
            assignment.note_missing_index(run);
        }
        stays(assignment, cluster, run, Evidence::Credential)
    });
}
