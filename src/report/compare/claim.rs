//! What can be said of something that one side alone has.
//!
//! Comes in: the seconds that both sides cover, and how often one side has something. Goes out: whether it is new, or
//! gone, or whether that cannot be known. Never: a claim about an account and region of which there is no log.

use crate::report::compare::RULES;
use crate::report::compare::sources::{LogSeconds, Sources};
use crate::report::compare::stat::Stat;
use crate::report::row::Change;

/// What to say of something that this side alone has.
pub(super) fn of_new(sources: &Sources, now: &Stat) -> Change {
    let mut numbers = now.by_source.keys();
    match numbers.any(|&number| sources.seconds(number).base > 0) {
        true => Change::New,
        false => Change::Unknown,
    }
}

/// What to say of something that the base alone has. It is gone if enough pushes were due in the time beyond the base,
/// at the rate of the base and rounded. However long that time is, no more are due than were seen: what came once may have been
/// meant once.
pub(super) fn of_absent(sources: &Sources, base: &Stat) -> Change {
    let (mut is_covered, mut thousandths) = (false, 0u64);
    for (&number, &n_pushes) in &base.by_source {
        let LogSeconds { base, beyond, .. } = sources.seconds(number);
        is_covered |= beyond > 0;
        let share = beyond.min(base).saturating_mul(1_000) / base.max(1);
        thousandths = thousandths.saturating_add(n_pushes.saturating_mul(share));
    }
    let due = thousandths.saturating_add(500) / 1_000;
    match (is_covered, due >= RULES.due_pushes) {
        (false, _) => Change::NotCovered,
        (true, true) => Change::Gone,
        (true, false) => Change::NotDue,
    }
}
