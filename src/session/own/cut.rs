//! Cuts: what an earlier, dead run left is no part of the run that finished.
//!
//! Comes in: a run with all that its digests claim. Goes out: the claims from before the sign of a
//! new run. Never: a cut inside an upload, or where the client was only waiting to try again.

use std::collections::BTreeMap;

use crate::event::{DigestId, IdSet};
use crate::session::own::broken::Broken;
use crate::session::own::leftover::is_new_begin;
use crate::session::own::run::{Claim, Puts, Run};
use crate::session::own::thresholds::{IDLE, RECENT, RETRY_WAIT, SILENCE};
use crate::session::own::unit::{Unit, UnitKind};

/// The claims that were cut off, by their units, each with the run that it was cut from.
pub(super) type CutOff = BTreeMap<usize, (usize, Claim)>;

/// Removes and returns the claims of a run that an earlier run of the same login made.
///
/// `broken` tells which uploads of the login were begun between two seconds and not finished.
///
/// # Complexity
/// O(n log n) in the claims, times the pauses looked at.
pub(super) fn cut(
    puts: &Puts<'_>,
    run: &mut Run,
    broken: impl Fn(i64, i64) -> Broken,
) -> Vec<Claim> {
    let mut claims = std::mem::take(&mut run.units);
    claims.sort_by_key(|claim| claim.unit);
    let first_put = run
        .puts
        .iter()
        .map(|&put| puts.puts[put].time)
        .min()
        .unwrap_or(run.end);
    let unit = |claim: &Claim| &puts.units[claim.unit];
    let pauses = pauses(claims.iter().map(unit), first_put, IDLE);
    let mut at = 0;
    if !pauses.is_empty() {
        let units: Vec<&Unit<'_>> = claims.iter().map(unit).collect();
        let mut latest = pauses.iter().rev().take(RECENT);
        let sign = latest.find(|pause| is_new_run(puts, &units, pause, &broken));
        at = sign.map_or(0, |pause| pause.at);
    }
    run.units = claims.split_off(at);
    let firsts = run.units.iter().map(|claim| unit(claim).first);
    run.start = firsts.fold(first_put, i64::min);
    claims
}

/// An idle pause: nothing in flight from one second to another.
struct Pause {
    /// The position of the first unit after it.
    at: usize,
    from: i64,
    to: i64,
}

/// The idle pauses between units, and the one before the first put where it is one.
fn pauses<'a>(
    units: impl ExactSizeIterator<Item = &'a Unit<'a>> + Clone,
    first_put: i64,
    idle: i64,
) -> Vec<Pause> {
    let mut pauses = Vec::new();
    let Some(first) = units.clone().next() else {
        return pauses;
    };
    let n_units = units.len();
    let mut reach = first.last;
    for (at, unit) in units.enumerate() {
        if unit.first - reach > idle {
            pauses.push(Pause {
                at,
                from: reach,
                to: unit.first,
            });
        }
        reach = reach.max(unit.last);
    }
    if first_put - reach > idle {
        pauses.push(Pause {
            at: n_units,
            from: reach,
            to: first_put,
        });
    }
    pauses
}

fn is_new_run(
    puts: &Puts<'_>,
    units: &[&Unit<'_>],
    pause: &Pause,
    broken: impl Fn(i64, i64) -> Broken,
) -> bool {
    let (before, after) = units.split_at(pause.at);
    let wait = pause.to - pause.from;
    if wait <= puts.idle {
        return asks_all_again(before, after);
    }
    let is_over = before.iter().any(|unit| unit.kind == UnitKind::Denied);
    if is_over || is_new_begin(before, after, pause.from) {
        return true;
    }
    let start = before.first().map_or(pause.from, |unit| unit.first);
    let left = broken(start - puts.idle, pause.from);
    if wait <= RETRY_WAIT {
        let n_begun = after
            .iter()
            .filter(|unit| unit.is_upload() && unit.first - pause.to <= puts.idle)
            .count();
        if left.were_given_up(n_begun) {
            return true;
        }
        let refused = before.iter().any(|unit| unit.kind == UnitKind::Refused);
        if refused || left.any() {
            return false;
        }
    } else if !broken(pause.from + 1, pause.to - 1).any() && tries_too_late(before, after) {
        return true;
    }
    // A run that begins anew asks for what was finished, as far as the log shows what is asked.
    !puts.shows_checks && wait > SILENCE
}

/// Whether a layer that was refused is sent again only after the pause.
fn tries_too_late(before: &[&Unit<'_>], after: &[&Unit<'_>]) -> bool {
    let mut open: IdSet<DigestId> = IdSet::default();
    for unit in before {
        match unit.kind {
            UnitKind::Refused => open.extend(unit.digests),
            UnitKind::Finished => open.retain(|digest| !unit.digests.contains(digest)),
            UnitKind::Unfinished | UnitKind::Denied | UnitKind::Check | UnitKind::RefusedCheck => {}
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
