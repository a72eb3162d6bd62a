//! Cuts: a run that finished does not own the remains of an earlier, dead run.
//!
//! Comes in: runs with all units that their digests claim. Goes out: the units from before the sign of
//! a new run. Never: a cut inside an upload, or where the client was only waiting to retry.

use crate::event::{Second, Seconds};
use crate::session::own::anew::{
    asks_all_again, begun_at_once, left_just_before, starts_anew, tries_too_late,
};
use crate::session::own::assignment::Assignment;
use crate::session::own::broken::{BrokenByLane, count};
use crate::session::own::lane::Lane;
use crate::session::own::party::PartyWork;
use crate::session::own::pause::{Pause, pauses};
use crate::session::own::run::CutOff;
use crate::session::own::thresholds::{LULL, RECENT, RETRY_WAIT};
use crate::session::own::unit::{Unit, UnitKind};

/// Takes away from each run what an earlier run of the same login had done.
///
/// # Complexity
/// O(n log n) in the claims, times the pauses looked at.
pub(super) fn cut(work: &PartyWork<'_>, assignment: &mut Assignment) -> CutOff {
    // An open upload of the login excuses silence, whichever run it turns out to belong to.
    let broken = BrokenByLane::new(&work.units, work.window);
    let mut cut_off = CutOff::new();
    for run in assignment.run_ids() {
        // Units were claimed in order of listings, and pauses need them in order of time.
        assignment.sort_units(run);
        let row = assignment.run(run);
        let puts = || row.puts.iter().map(|&put| &work.puts[put]);
        let first_put = puts().map(|put| put.time).min().unwrap_or(row.end);
        // Cuts after the first put gave a false alarm for 11 to 39 % of pushes of two tags in a row, by
        // a model of their times, since the checks for the second tag look like those of a new run.
        let granted = puts().filter(|put| put.granted).map(|put| put.time);
        // A granted put counts as done: no pause after it separates a blob from it.
        let until = granted.min().unwrap_or(Second::MAX);
        let begun = |unit: &&Unit<'_>| unit.first <= until;
        let units: Vec<&Unit<'_>> = work.units_of(row).take_while(begun).collect();
        let Some(last) = units.last() else {
            continue;
        };
        // A pause between two puts with no unit after it separates nothing.
        let last = first_put.max(last.first);
        let puts = puts().map(|put| put.time).filter(|&put| put <= last);
        let busy = units.iter().map(|unit| (unit.first, unit.last));
        let pauses = pauses(busy.chain(puts.map(|put| (put, put))).collect());
        let lane = work.lane(row);
        // The latest sign decides: everything before it belongs to runs that died, however many. A
        // client that retries all day has a pause for each try, so only the latest pauses are checked.
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

/// Whether the work after a pause is a new run.
///
/// The strongest sign is work done again; without it, a silence that no open upload excuses. A run
/// continues within a client's retry wait after an upload was left open.
fn is_new_run(
    work: &PartyWork<'_>,
    units: &[&Unit<'_>],
    pause: Pause,
    lane: Lane,
    broken: &BrokenByLane,
) -> bool {
    let (before, after) = units.split_at(units.partition_point(|unit| unit.first < pause.to));
    let wait = pause.to - pause.from;
    // Clocks that differ by so much may have made the pause; only a client that checks everything again
    // shows a new start.
    if wait <= work.idle {
        return asks_all_again(before, after);
    }
    let start = before.first().map_or(pause.from, |unit| unit.first) - work.idle;
    // The last second of the pause does not count, since work that starts in it comes after the pause.
    let excused = broken.open_until(lane, start, pause.to - Seconds(1));
    // Silence counts from the last call of the last open upload, since its client may have been sending
    // until then.
    let silence = pause.to - excused.map_or(pause.from, |until| until.max(pause.from));
    // A run that starts anew asks for what was finished, if the log shows checks; one that only checked
    // before had finished nothing.
    let only_asked = !before.iter().any(|unit| unit.is_upload());
    // If checks are logged they show a new start, and a long pause is only a slow build.
    let is_silent = (!work.shows_checks || only_asked) && silence > LULL;
    // A run that starts anew also checks or sends something before it puts.
    if after.is_empty() {
        return is_silent;
    }
    // Uploads that the login left open before the pause may be retried after it.
    let left = broken.between(lane, start, pause.from);
    let n_just_left = left_just_before(work, before, wait);
    if starts_anew(before, after, pause.from, n_just_left) {
        return true;
    }
    // Within a client's longest wait, the number of uploads distinguishes a retry from a new start.
    if silence <= RETRY_WAIT {
        let n_refused = count(before, |unit| unit.kind == UnitKind::Refused);
        // The run's own refusals count as well, where another lane made them.
        let n_left = left.count().max(n_refused);
        let n_begun = begun_at_once(left, after);
        if left.were_given_up(n_begun) {
            return true;
        }
        // A client that left something and starts no more than that is retrying it.
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
    // If an upload was left open and the wait was longer than any client's, the client is a new one.
    is_silent || (!work.shows_checks && left.any())
}
