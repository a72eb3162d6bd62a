//! Usual durations and sizes, and which of them changed much.
//!
//! Comes in: the completed pushes of both sides. Goes out: the middle of each measure for each repository. Never: a
//! change of a middle that rests on few pushes.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::report::compare::RULES;
use crate::report::compare::facts::{Compared, PlaceId};
use crate::report::compare::half::Held;
use crate::report::row::{Measure, MedianRow, MiddleRow, PushGroup};
use crate::session::SessionId;

/// The measures of a repository's pushes, each with the push.
type Values = BTreeMap<PlaceId, Vec<(u64, u64)>>;

/// Repositories whose usual duration or size changed much, the largest change first.
pub(super) fn rows(held: &Held) -> Vec<MedianRow> {
    let mut rows = Vec::new();
    for measure in Measure::ALL {
        let [before, now] = [&held.base.pushes, &held.now.pushes].map(|side| values(side, measure));
        for (place, now) in now {
            let before = before.get(&place).cloned().unwrap_or_default();
            if let (Some(base), Some(now)) = (middle(before), middle(now))
                && is_large(measure, &base, &now)
            {
                let to = held.place(place);
                rows.push(MedianRow {
                    measure,
                    to,
                    base,
                    now,
                });
            }
        }
    }
    rows.sort_by_cached_key(|row| {
        let (base, now) = (row.base.median, row.now.median);
        let times = u128::from(base.max(now)) * 1_000 / u128::from(base.min(now).max(1));
        (row.measure, Reverse(times), row.to.clone())
    });
    rows
}

fn values(pushes: &[Compared], measure: Measure) -> Values {
    let mut values = Values::new();
    for push in pushes {
        if let Some(value) = value(push, measure) {
            values.entry(push.place).or_default().push((value, push.id));
        }
    }
    values
}

/// The measure of a completed push.
pub(super) fn value(push: &Compared, measure: Measure) -> Option<u64> {
    match (push.group, measure) {
        (PushGroup::Complete, Measure::Duration) => Some(push.duration_s),
        (PushGroup::Complete, Measure::Size) => push.size_bytes,
        (
            PushGroup::Incomplete
            | PushGroup::Failed
            | PushGroup::Undetermined
            | PushGroup::Unchanged
            | PushGroup::NothingSent,
            Measure::Duration | Measure::Size,
        ) => None,
    }
}

/// The middle of some values, each with its push; `None` of none.
pub(super) fn middle(mut values: Vec<(u64, u64)>) -> Option<MiddleRow> {
    values.sort_unstable();
    let (least, most) = (values.first()?.0, values.last()?.0);
    let (median, push) = *values.get((values.len() - 1) / 2)?;
    Some(MiddleRow {
        pushes: values.len() as u64,
        median,
        least,
        most,
        push: SessionId(push).to_string(),
    })
}

/// Whether enough pushes show a change that is large, by factor and by amount.
fn is_large(measure: Measure, base: &MiddleRow, now: &MiddleRow) -> bool {
    let (less, more) = (base.median.min(now.median), base.median.max(now.median));
    let amount = match measure {
        Measure::Duration => RULES.median_seconds,
        Measure::Size => RULES.median_bytes,
    };
    base.pushes.min(now.pushes) >= RULES.median_pushes
        && more >= less.saturating_mul(RULES.median_factor)
        && more - less >= amount
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[u64]) -> MiddleRow {
        let numbered = values.iter().map(|&value| (value, value));
        middle(numbered.collect()).expect("some values")
    }

    #[test]
    fn the_middle_is_that_of_a_push() {
        let row = of(&[9, 1, 4, 2]);
        assert_eq!((row.median, row.least, row.most, row.pushes), (2, 1, 9, 4));
        assert_eq!(row.push, "000000000002");
        assert_eq!(middle(Vec::new()), None);
    }

    #[test]
    fn a_change_is_told_of_enough_pushes_by_factor_and_amount() {
        let told = |base: &[u64], now: &[u64]| is_large(Measure::Duration, &of(base), &of(now));
        assert!(told(&[10; 5], &[20; 5]) && told(&[20; 5], &[10; 5]));
        assert!(!told(&[10; 4], &[20; 5]) && !told(&[10; 5], &[20; 4]));
        assert!(!told(&[11; 5], &[21; 5]), "not the double");
        assert!(!told(&[1; 5], &[9; 5]), "8 seconds");
    }
}
