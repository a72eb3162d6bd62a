//! Cuts: what an earlier, dead run left is no part of the run that finished.
//!
//! Comes in: a run with all that its digests claim. Goes out: the claims from before the sign of a
//! new run. Never: a cut inside an upload, or where the client was only waiting to try again.

use std::collections::BTreeMap;

use crate::event::{DigestId, IdSet, Second, Seconds};
use crate::session::own::assignment::{Assignment, Claim, RunIx};
use crate::session::own::broken::BrokenByLane;
use crate::session::own::cluster::{begun_at_once, is_new_begin, left_just_before};
use crate::session::own::lane::Lane;
use crate::session::own::repository::Repository;
use crate::session::own::thresholds::{IDLE, LULL, RECENT, RETRY_WAIT};
use crate::session::own::unit::{Unit, UnitIx, UnitKind};

/// The claims that were cut off, by their units, each with the run that it was cut from.
pub(super) type CutOff = BTreeMap<UnitIx, (RunIx, Claim)>;

/// Takes back from each run what an earlier run of the same login had done.
///
/// # Complexity
/// O(n log n) in the claims, times the pauses looked at.
pub(super) fn cut(facts: &Repository<'_>, assignment: &mut Assignment) -> CutOff {
    let broken = BrokenByLane::new(&facts.units, facts.window);
    let mut cut_off = CutOff::new();
    for run in assignment.run_ids() {
        assignment.sort_claims(run);
        let row = assignment.run(run);
        let puts = || row.puts.iter().map(|&put| &facts.puts[put]);
        let first_put = puts().map(|put| put.time).min().unwrap_or(row.end);
        // Cuts after the first put made a false alarm of 11 to 39 % of the pushes of two tags in a row,
        // by a model of their times: the checks for the second tag look like those of a new run.
        let granted = puts().filter(|put| put.granted).map(|put| put.time);
        // What was put stands: no pause after that parts a blob from it.
        let until = granted.min().unwrap_or(Second::MAX);
        let begun = |unit: &&Unit<'_>| unit.first <= until;
        let units: Vec<&Unit<'_>> = facts.units_of(row).take_while(begun).collect();
        let mut puts: Vec<Second> = puts().map(|put| put.time).collect();
        puts.sort_unstable();
        let pauses = pauses(&units, &puts, first_put);
        if pauses.is_empty() {
            continue;
        }
        let lane = facts.lane(row);
        // The latest sign decides: all before it is of runs that died, however many there were.
        let mut latest = pauses.iter().rev().take(RECENT);
        let sign = latest.find(|pause| is_new_run(facts, &units, pause, lane, &broken));
        let n_before = sign.map_or(0, |pause| pause.at);
        for claim in assignment.take_back(facts, run, n_before) {
            cut_off.insert(claim.unit, (run, claim));
        }
    }
    cut_off
}

/// An idle pause: nothing in flight from one second to another.
struct Pause {
    /// The position of the first unit after it.
    at: usize,
    from: Second,
    to: Second,
}

/// The idle pauses between units and puts up to the first put that was granted, or up to the last
/// unit where none was; `puts` come in order.
fn pauses(units: &[&Unit<'_>], puts: &[Second], first_put: Second) -> Vec<Pause> {
    let mut pauses = Vec::new();
    let Some(first) = units.first() else {
        return pauses;
    };
    // A pause is measured from the end of all that was in flight: a client that sends a large layer is
    // silent for minutes and not idle.
    let mut reach = first.last;
    let mut puts = puts.iter().copied().peekable();
    let mut note = |at: usize, from: Second, to: Second| {
        if to - from > IDLE {
            pauses.push(Pause { at, from, to });
        }
    };
    for (at, unit) in units.iter().enumerate() {
        while let Some(put) = puts.next_if(|&put| put < unit.first) {
            note(at, reach, put);
            reach = reach.max(put);
        }
        note(at, reach, unit.first);
        reach = reach.max(unit.last);
    }
    note(units.len(), reach, first_put);
    pauses
}

/// Whether what follows a pause is a new run.
///
/// The strongest sign is work done again; where there is none, a silence that no open upload
/// excuses. Within a client's retry wait after an upload was left open, a run goes on.
fn is_new_run(
    facts: &Repository<'_>,
    units: &[&Unit<'_>],
    pause: &Pause,
    lane: Lane,
    broken: &BrokenByLane,
) -> bool {
    let (before, after) = units.split_at(pause.at);
    let wait = pause.to - pause.from;
    if wait <= facts.idle {
        return asks_all_again(before, after);
    }
    let start = before.first().map_or(pause.from, |unit| unit.first) - facts.idle;
    let excused = broken.open_until(lane, start, pause.to - Seconds(1));
    let silence = pause.to - excused.map_or(pause.from, |until| until.max(pause.from));
    // A run that begins anew asks for what was finished, as far as the log shows what is asked; one
    // that only asked before had nothing finished.
    let only_asked = !before.iter().any(|unit| unit.is_upload());
    let is_silent = (!facts.shows_checks || only_asked) && silence > LULL;
    // It also asks or sends something before it puts.
    if after.is_empty() {
        return is_silent;
    }
    let left = broken.between(lane, start, pause.from);
    let n_just_left = left_just_before(facts, before, wait);
    if is_new_begin(before, after, pause.from, n_just_left) {
        return true;
    }
    if silence <= RETRY_WAIT {
        let refused = before.iter().filter(|unit| unit.kind == UnitKind::Refused);
        let n_left = left.count().max(refused.count());
        let n_begun = begun_at_once(left, after);
        if left.were_given_up(n_begun) {
            return true;
        }
        if n_left > 0 {
            return false;
        }
    } else if !broken
        .between(lane, pause.from + Seconds(1), pause.to - Seconds(1))
        .any()
        && tries_too_late(before, after)
    {
        return true;
    }
    is_silent || (!facts.shows_checks && left.any())
}

/// Whether a layer that was refused is sent again only after the pause.
fn tries_too_late(before: &[&Unit<'_>], after: &[&Unit<'_>]) -> bool {
    let mut open: IdSet<DigestId> = IdSet::default();
    for unit in before {
        match unit.kind {
            UnitKind::Refused => open.extend(unit.digests),
            UnitKind::Finished => open.retain(|digest| !unit.digests.contains(digest)),
            UnitKind::Unfinished | UnitKind::Check | UnitKind::RefusedCheck => {}
        }
    }
    let mut sent = after.iter().filter(|unit| unit.is_upload());
    sent.any(|unit| unit.digests.iter().any(|digest| open.contains(digest)))
}

/// Whether a client that asks before it sends begins with all that it had dealt with, two blobs at
/// the least: a sign of a new run where the pause before it is no longer than clocks differ.
fn asks_all_again(before: &[&Unit<'_>], after: &[&Unit<'_>]) -> bool {
    let digests = |units: &[&Unit<'_>], of_kind: &dyn Fn(&Unit<'_>) -> bool| -> IdSet<DigestId> {
        let units = units.iter().filter(|unit| of_kind(unit));
        units
            .flat_map(|unit| unit.digests.iter().copied())
            .collect()
    };
    let is_finished = |unit: &Unit<'_>| unit.kind == UnitKind::Finished;
    let dealt_with = digests(before, &|unit| {
        is_finished(unit) || matches!(unit.kind, UnitKind::Refused | UnitKind::RefusedCheck)
    });
    let is_check = |unit: &Unit<'_>| !unit.is_upload();
    let (asked, again) = (digests(before, &is_check), digests(after, &is_check));
    dealt_with.len() > 1
        && before.iter().any(|unit| is_finished(unit))
        && dealt_with.is_subset(&asked)
        && dealt_with.is_subset(&again)
}
