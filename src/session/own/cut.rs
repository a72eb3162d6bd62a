//! Cuts: what an earlier, dead run left is no part of the run that finished.
//!
//! Comes in: a run with all that its digests claim. Goes out: the claims from before the sign of a
//! new run. Never: a cut inside an upload, or where the client was only waiting to try again.

use crate::session::own::leftover::is_new_begin;
use crate::session::own::run::{Claim, Puts, Run};
use crate::session::own::thresholds::{RECENT, RETRY_WAIT, SILENCE};
use crate::session::own::unit::{Unit, UnitKind};

/// Removes and returns the claims of a run that an earlier run of the same login made.
///
/// `broken` tells how many uploads of the login were begun and not finished between two seconds.
///
/// # Complexity
/// O(n log n) in the claims, times the pauses looked at.
pub(super) fn cut(
    puts: &Puts<'_>,
    run: &mut Run,
    broken: impl Fn(i64, i64) -> usize,
) -> Vec<Claim> {
    let mut claims = std::mem::take(&mut run.units);
    claims.sort_by_key(|claim| claim.unit);
    let first_put = run
        .puts
        .iter()
        .map(|&put| puts.puts[put].time)
        .min()
        .unwrap_or(run.end);
    let units: Vec<&Unit> = claims.iter().map(|claim| &puts.units[claim.unit]).collect();
    let at = pauses(&units, first_put, puts.idle)
        .into_iter()
        .rev()
        .take(RECENT)
        .find(|pause| is_new_run(puts, &units, pause, &broken))
        .map_or(0, |pause| pause.at);
    let kept = claims.split_off(at);
    run.start = kept
        .iter()
        .map(|claim| puts.units[claim.unit].first)
        .fold(first_put, i64::min);
    run.units = kept;
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
fn pauses(units: &[&Unit], first_put: i64, idle: i64) -> Vec<Pause> {
    let mut pauses = Vec::new();
    let Some(first) = units.first() else {
        return pauses;
    };
    let mut reach = first.last;
    for (at, unit) in units.iter().enumerate() {
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
            at: units.len(),
            from: reach,
            to: first_put,
        });
    }
    pauses
}

fn is_new_run(
    puts: &Puts<'_>,
    units: &[&Unit],
    pause: &Pause,
    broken: impl Fn(i64, i64) -> usize,
) -> bool {
    let (before, after) = units.split_at(pause.at);
    if is_new_begin(before, after, pause.from) {
        return true;
    }
    let start = before.first().map_or(pause.from, |unit| unit.first);
    let refused = before.iter().any(|unit| unit.kind == UnitKind::Refused);
    if pause.to - pause.from <= RETRY_WAIT && (refused || broken(start, pause.from) > 0) {
        return false;
    }
    // A run that begins anew asks for what was finished, as far as the log shows what is asked.
    !puts.shows_checks && pause.to - pause.from > SILENCE
}
