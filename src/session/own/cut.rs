//! Cuts: a run that finished does not own what an earlier, dead run left.
//!
//! Comes in: runs with all units that their digests claim. Goes out: the units from before the sign of
//! a new run. Never: a cut inside an upload, or where the client was only waiting to try again.

use crate::event::{Second, Seconds};
use crate::session::own::anew::{
    asks_all_again, begun_at_once, is_new_begin, left_just_before, tries_too_late,
};
use crate::session::own::assignment::Assignment;
use crate::session::own::broken::{BrokenByLane, count};
use crate::session::own::lane::Lane;
use crate::session::own::party::PartyWork;
use crate::session::own::pause::{Pause, pauses};
use crate::session::own::run::CutOff;
use crate::session::own::thresholds::{LULL, RECENT, RETRY_WAIT};
use crate::session::own::unit::{Unit, UnitKind};

/// Takes back from each run what an earlier run of the same login had done.
///
/// # Complexity
/// O(n log n) in the claims, times the pauses looked at.
pub(super) fn cut(work: &PartyWork<'_>, assignment: &mut Assignment) -> CutOff {
    // An open upload of the login excuses a silence, whichever run it will turn out to be of.
    let broken = BrokenByLane::new(&work.units, work.window);
    let mut cut_off = CutOff::new();
    for run in assignment.run_ids() {
        // Units were claimed by what lists them, and pauses need them by time.
        assignment.sort_units(run);
        let row = assignment.run(run);
        let puts = || row.puts.iter().map(|&put| &work.puts[put]);
        let first_put = puts().map(|put| put.time).min().unwrap_or(row.end);
        // Cuts after the first put made a false alarm of 11 to 39 % of the pushes of two tags in a row,
        // by a model of their times: the checks for the second tag look like those of a new run.
        let granted = puts().filter(|put| put.granted).map(|put| put.time);
        // What was put stands: no pause after that parts a blob from it.
        let until = granted.min().unwrap_or(Second::MAX);
        let begun = |unit: &&Unit<'_>| unit.first <= until;
        let units: Vec<&Unit<'_>> = work.units_of(row).take_while(begun).collect();
        let Some(last) = units.last() else {
            continue;
        };
        // A pause between two puts with no unit after it parts nothing.
        let last = first_put.max(last.first);
        let puts = puts().map(|put| put.time).filter(|&put| put <= last);
        let busy = units.iter().map(|unit| (unit.first, unit.last));
        let pauses = pauses(busy.chain(puts.map(|put| (put, put))).collect());
        let lane = work.lane(row);
        // The latest sign decides: all before it is of runs that died, however many there were.
        // A client that retries all day has a pause for each try, so only so many are looked at.
        let mut latest = pauses.iter().rev().take(RECENT);
        let sign = latest.find(|pause| is_new_run(work, &units, **pause, lane, &broken));
        if let Some(&Pause { to, .. }) = sign {
            for owned in assignment.take_back(work, run, to) {
                cut_off.insert(owned.unit, (run, owned));
            }
        }
    }
    cut_off
}

/// Whether what follows a pause is a new run.
///
/// The strongest sign is work done again; where there is none, a silence that no open upload
/// excuses. Within a client's retry wait after an upload was left open, a run goes on.
fn is_new_run(
    work: &PartyWork<'_>,
    units: &[&Unit<'_>],
    pause: Pause,
    lane: Lane,
    broken: &BrokenByLane,
) -> bool {
    let (before, after) = units.split_at(units.partition_point(|unit| unit.first < pause.to));
    let wait = pause.to - pause.from;
    // Clocks that differ by so much may have made the pause; only a client that asks for everything
    // again shows a new begin.
    if wait <= work.idle {
        return asks_all_again(before, after);
    }
    let start = before.first().map_or(pause.from, |unit| unit.first) - work.idle;
    // The last second of the pause does not count, for what begins there is what follows it.
    let excused = broken.open_until(lane, start, pause.to - Seconds(1));
    // Silence counts from when the last open upload was heard of: its client may have been sending
    // until then.
    let silence = pause.to - excused.map_or(pause.from, |until| until.max(pause.from));
    // A run that begins anew asks for what was finished, as far as the log shows what is asked; one
    // that only asked before had nothing finished.
    let only_asked = !before.iter().any(|unit| unit.is_upload());
    // Where checks are logged a new begin shows by them, and a long pause is only a slow build.
    let is_silent = (!work.shows_checks || only_asked) && silence > LULL;
    // It also asks or sends something before it puts.
    if after.is_empty() {
        return is_silent;
    }
    // What the login left open before the pause is what it may try again after it.
    let left = broken.between(lane, start, pause.from);
    let n_just_left = left_just_before(work, before, wait);
    if is_new_begin(before, after, pause.from, n_just_left) {
        return true;
    }
    // Within a client's longest wait the count of uploads tells a retry from a new begin.
    if silence <= RETRY_WAIT {
        let n_refused = count(before, |unit| unit.kind == UnitKind::Refused);
        // A refused begin has no id and may be claimed by no run, so the run's own refusals count
        // as well.
        let n_left = left.count().max(n_refused);
        let n_begun = begun_at_once(left, after);
        if left.were_given_up(n_begun) {
            return true;
        }
        // A client that left something and begins no more than that is trying it again.
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
    // A client that left an upload open, waited longer than any client waits and then went on is a
    // new one.
    is_silent || (!work.shows_checks && left.any())
}
