//! Sorts many large values.
//!
//! Comes in: values, a number that almost decides their order, and a function that decides the rest. Goes out: their
//! order. Never: a value moved more than once.
//!
//! An event is large, and its `eventID` may be in a table. Sorting the events themselves would move them and read the
//! table at every comparison. Instead, a 64-bit key and a 32-bit position are compared as one number.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};

use crate::threads;

/// The positions of some values, sorted by a key and then by `rest`. If neither distinguishes two values, they keep
/// their order.
///
/// Sorting keys alone is several times as fast as sorting by a function that reads the values.
pub(super) fn sorted<T: Sync>(
    values: &[&T],
    key: impl Fn(&T) -> u64 + Sync + Send,
    rest: impl Fn(&T, &T) -> Ordering,
) -> Vec<u32> {
    groups_sorted(values, key, rest, 1)
}

/// The positions of values that share their key with another, in that order; the others are not looked at again.
pub(super) fn sorted_alike<T: Sync>(
    values: &[&T],
    key: impl Fn(&T) -> u64 + Sync + Send,
    rest: impl Fn(&T, &T) -> Ordering,
) -> Vec<u32> {
    groups_sorted(values, key, rest, 2)
}

/// The positions of values whose key at least `n_least` values share.
fn groups_sorted<T: Sync>(
    values: &[&T],
    key: impl Fn(&T) -> u64 + Sync + Send,
    rest: impl Fn(&T, &T) -> Ordering,
    n_least: usize,
) -> Vec<u32> {
    let value = |position: u32| values[position as usize];
    // The position in the low bits makes every key distinct, so an unstable sort gives a stable order.
    let keyed = |position| u128::from(key(value(position))) << 32 | u128::from(position);
    let mut keys: Vec<u128> = threads::map((0..).take(values.len()).collect(), keyed);
    threads::sort_unstable(&mut keys);
    let mut positions = Vec::new();
    for group in keys.chunk_by(|a, b| a >> 32 == b >> 32) {
        if group.len() < n_least {
            continue;
        }
        let start = positions.len();
        positions.extend(group.iter().map(|&key| key as u32));
        if group.len() > 1 {
            positions[start..].sort_by(|&a, &b| rest(value(a), value(b)));
        }
    }
    positions
}

/// Makes keys of times and numbers, in as few bits as the times need.
pub(super) struct Clock {
    first: i64,
    n_bits_of_nanos: u32,
    n_unused: u32,
}

impl Clock {
    /// A clock for these times.
    pub(super) fn new(times: impl Iterator<Item = DateTime<Utc>>) -> Self {
        let (mut first, mut last, mut n_bits_of_nanos) = (i64::MAX, i64::MIN, 0);
        for time in times {
            first = first.min(time.timestamp());
            last = last.max(time.timestamp());
            if time.timestamp_subsec_nanos() > 0 {
                // A leap second can have up to two thousand million of them.
                n_bits_of_nanos = 31;
            }
        }
        Self {
            first,
            n_bits_of_nanos,
            n_unused: last.abs_diff(first).leading_zeros(),
        }
    }

    /// A key that sorts by one of the times and then by the number. Keys may be equal if there are too few bits for
    /// both.
    pub(super) fn key(&self, time: DateTime<Utc>, number: u64) -> u64 {
        // The time counts from the first second and is shifted up past the unused bits, which leaves as many bits as
        // possible for the number: a log of a day needs 17 bits for its seconds.
        let second = u128::from(time.timestamp().abs_diff(self.first));
        let nanos = u128::from(time.timestamp_subsec_nanos());
        let number = u128::from(number >> self.n_bits_of_nanos);
        let rest = nanos << (64 - self.n_bits_of_nanos) | number;
        ((second << 64 | rest) << self.n_unused >> 64) as u64
    }
}

/// Brings values into an order, given as the position that each comes from among all of them.
///
/// They are copied. Swapping in place would need no second buffer, but each step would wait for the one before it,
/// which takes a few times as long.
pub(super) fn permuted<T: Send + 'static>(values: Vec<Vec<T>>, order: &[u32]) -> Vec<T> {
    let some = |values: Vec<T>| values.into_iter().map(Some).collect();
    let mut values: Vec<Vec<Option<T>>> = values.into_iter().map(some).collect();
    let mut slots: Vec<_> = values.iter_mut().flatten().map(Some).collect();
    let wanted = order.iter();
    let wanted = wanted.filter_map(|&place| slots[place as usize].take());
    let permuted = threads::map(wanted.collect(), |slot: &mut Option<T>| {
        slot.take().expect("filled until it is wanted")
    });
    drop(slots);
    threads::free(values);
    permuted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::numbers;

    #[test]
    fn values_come_in_the_order_of_all_that_is_compared() {
        // Spans from nothing to all of time, with and without fractions of a second, many of them equal.
        for (span, nanos) in [
            (1, 1),
            (1, 3),
            (60, 1),
            (3_000, 2_000_000_000),
            (1 << 40, 5),
        ] {
            let mut random = numbers(span + nanos);
            let mut next = |below: u64| random(below as usize) as u64;
            let values: Vec<(DateTime<Utc>, u64, u64)> = (0..500)
                .map(|_| {
                    let second = next(span) as i64 - (span / 2) as i64;
                    let time = DateTime::from_timestamp(second, next(nanos) as u32);
                    (time.unwrap_or_default(), next(4) << 62 | next(90), next(5))
                })
                .collect();
            let clock = Clock::new(values.iter().map(|value| value.0));
            let mut slow: Vec<u32> = (0..500).collect();
            slow.sort_by_key(|&position| values[position as usize]);
            let seen: Vec<&(DateTime<Utc>, u64, u64)> = values.iter().collect();
            let fast = sorted(&seen, |value| clock.key(value.0, value.1), Ord::cmp);
            assert_eq!(fast, slow, "{span} {nanos}");
            let n_of_key = |key| values.iter().filter(|value| value.1 == key).count();
            slow.sort_by_key(|&position| (values[position as usize].1, values[position as usize]));
            slow.retain(|&position| n_of_key(values[position as usize].1) > 1);
            assert_eq!(sorted_alike(&seen, |value| value.1, Ord::cmp), slow);
            let (one, other) = values.split_at(span as usize % values.len());
            let permuted = permuted(vec![one.to_vec(), other.to_vec()], &fast);
            assert!(permuted.len() == values.len() && permuted.is_sorted());
        }
    }
}
