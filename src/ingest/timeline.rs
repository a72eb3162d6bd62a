//! When an account and region had records, as a set of intervals, and where there was silence.
//!
//! Comes in: the times of records in any order, and what digest files say. Goes out: a [`Covered`] with its holes.
//! Never: a result that depends on the order or the files in which the times came.

mod heard_by;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::event::PrincipalKey;
use crate::ingest::coverage::{Covered, Hole, HoleReason};
use crate::ingest::interval::{HeardRun, Interval, SecondRange};
use crate::ingest::timeline::heard_by::HeardBy;

/// Times no further apart than this count as one stretch, in seconds.
const JOINED_SECONDS: i64 = 60;

/// The shortest silence that counts as missing log, in seconds.
const LEAST_QUIET_SECONDS: i64 = 30 * 60;

/// How many times longer than usual such a silence must be.
const QUIET_FACTOR: i64 = 8;

/// The fewest spacings that show what is usual.
const LEAST_SPACINGS: i64 = 12;

/// This many other silences of similar length are a habit, such as nights, and not missing log.
const HABIT: usize = 3;

/// How many intervals are collected before they are joined.
const MAX_LOOSE: usize = 4096;

/// The times of some records.
#[derive(Clone, Debug, Default)]
struct Heard {
    /// Seconds since 1970, ends included; joined up to `n_joined`, loose after it.
    stretches: Vec<SecondRange>,
    n_joined: usize,
}

/// When one account and region had records, and what is known to be missing.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline {
    /// The times of records.
    heard: Heard,
    /// Whose they are.
    by: HeardBy,
    /// The time that digest files vouch for.
    vouched: Vec<SecondRange>,
    /// The times of missing log files that digest files list.
    absent: Vec<SecondRange>,
}

impl Heard {
    fn hear(&mut self, first: i64, last: i64) {
        if let Some(newest) = self
            .stretches
            .get_mut(self.n_joined..)
            .and_then(<[_]>::last_mut)
            && first <= newest.1 + JOINED_SECONDS
            && last >= newest.0 - JOINED_SECONDS
        {
            *newest = (newest.0.min(first), newest.1.max(last));
            return;
        }
        self.stretches.push((first, last));
        if self.stretches.len() - self.n_joined > MAX_LOOSE.max(self.n_joined) {
            self.join();
        }
    }

    fn join(&mut self) {
        join(&mut self.stretches, JOINED_SECONDS);
        self.n_joined = self.stretches.len();
    }
}

impl Timeline {
    /// Adds the time of a record, in seconds since 1970, and its caller, who is asked for only if it matters.
    pub(super) fn hear_second(
        &mut self,
        second: i64,
        caller: impl FnOnce() -> Option<PrincipalKey>,
    ) {
        self.heard.hear(second, second);
        self.by.hear(second, caller);
    }

    /// Adds the time of a record and its caller, who is asked for only if it matters.
    pub(super) fn hear_time(
        &mut self,
        time: DateTime<Utc>,
        caller: impl FnOnce() -> Option<PrincipalKey>,
    ) {
        let (first, last) = of_time(time);
        self.heard.hear(first, last);
        self.by.hear(first, caller);
    }

    /// Adds a stretch that a digest file vouches for: all its log files are there.
    pub(super) fn vouch(&mut self, seconds: SecondRange) {
        self.vouched.push(seconds);
    }

    /// Adds the stretch of a missing log file.
    pub(super) fn miss(&mut self, seconds: SecondRange) {
        self.absent.push(seconds);
    }

    /// A timeline of records, of the callers that were alone, and of the time that digest files vouch for, in seconds
    /// since 1970.
    pub(super) fn of(
        heard: Vec<SecondRange>,
        alone: Vec<HeardRun>,
        vouched: Vec<SecondRange>,
    ) -> Self {
        Self {
            by: HeardBy::of(alone, &heard),
            heard: Heard {
                stretches: heard,
                n_joined: 0,
            },
            vouched,
            ..Self::default()
        }
    }

    /// The times of records, the callers that were alone, and the time vouched for, in as few intervals as possible.
    pub(super) fn stretches(mut self) -> (Vec<SecondRange>, Vec<HeardRun>, Vec<SecondRange>) {
        join(&mut self.vouched, 1);
        let heard = self.heard();
        let alone = self.by.runs().into_iter();
        let alone = alone.filter(|run| run.whose.is_some());
        (heard, alone.collect(), self.vouched)
    }

    /// The stretches of time with records, as few as possible.
    pub(super) fn heard(&self) -> Vec<SecondRange> {
        let mut heard = self.heard.stretches.clone();
        join(&mut heard, JOINED_SECONDS);
        heard
    }

    /// Adds another timeline of the same account and region.
    pub(super) fn absorb(&mut self, other: Self) {
        self.gather(other);
        self.heard.n_joined = 0;
        self.heard.join();
    }

    /// Adds another timeline without joining stretches. However many small ones there are, the cost is only their
    /// number; they are joined when the timeline is asked.
    pub(super) fn gather(&mut self, other: Self) {
        self.heard.stretches.extend(other.heard.stretches);
        self.by.gather(other.by);
        self.vouched.extend(other.vouched);
        self.absent.extend(other.absent);
    }

    /// The span with its holes; `None` if there were no records and nothing is vouched for.
    ///
    /// # Complexity
    /// O(n log n) in the number of separate stretches.
    pub(super) fn span(mut self) -> Option<Covered> {
        let heard = self.heard();
        let silences = silences(&heard).unwrap_or_default();
        let mut covered = heard.clone();
        covered.extend(&self.vouched);
        join(&mut covered, JOINED_SECONDS);
        let (from, to) = (covered.first()?.0, covered.last()?.1);
        // A silence that a digest file vouches for is not a hole; nothing happened.
        join(&mut self.vouched, 1);
        let is_vouched = |&(first, last): &SecondRange| {
            let within = |&(from, to): &SecondRange| from <= first && last <= to;
            self.vouched.iter().any(within)
        };
        let quiet = silences.into_iter().filter(|silence| !is_vouched(silence));
        let mut holes: Vec<(i64, i64, HoleReason)> = quiet
            .map(|(first, last)| (first, last, HoleReason::Quiet))
            .collect();
        let absent = self
            .absent
            .iter()
            .filter(|&&(first, last)| first <= to && last >= from);
        holes.extend(absent.map(|&(first, last)| {
            (
                first.max(from),
                last.min(to),
                HoleReason::DigestListsAbsentFile,
            )
        }));
        holes.sort_unstable();
        holes.dedup_by(|next, kept| {
            let overlaps = next.0 <= kept.1;
            if overlaps {
                kept.1 = kept.1.max(next.1);
                kept.2 = kept.2.min(next.2);
            }
            overlaps
        });
        let holes = holes.into_iter().filter_map(|(first, last, reason)| {
            let interval = Interval::of_seconds((first, last))?;
            Some(Hole { interval, reason })
        });
        let holes: Vec<Hole> = holes.collect();
        let is_quiet = holes.iter().any(|hole| hole.reason == HoleReason::Quiet);
        let (heard, by) = match is_quiet {
            true => (heard, self.by.runs()),
            false => (Vec::new(), Vec::new()),
        };
        Some(Covered {
            interval: Interval::of_seconds((from, to))?,
            holes,
            heard,
            by,
        })
    }
}

impl Covered {
    /// The silences that would be far longer than usual without the minutes in which one of these callers alone was
    /// heard; `None` if there is too little left to show what is usual.
    ///
    /// # Complexity
    /// O(n log n) in the stretches, for each caller.
    pub(crate) fn quiet_without(&self, callers: &BTreeSet<PrincipalKey>) -> Option<Vec<Interval>> {
        quiet(heard_by::without(&self.heard, &self.by, callers))
    }

    /// The callers that were heard alone, each with how many minutes; and all minutes in which anybody was.
    pub(crate) fn alone(&self) -> (BTreeMap<PrincipalKey, u64>, u64) {
        let (mut alone, mut all) = (BTreeMap::new(), 0);
        for run in &self.by {
            let n = u64::from(run.last - run.first) + 1;
            all += n;
            if let Some(whose) = run.whose {
                *alone.entry(whose).or_default() += n;
            }
        }
        (alone, all)
    }
}

/// The silences between joined stretches that are far longer than usual; `None` if there are too few to show what
/// is usual.
///
/// "Usual" is the 95th percentile of the other spacings; inside an interval the spacing counts as a minute.
/// Inferred: CloudTrail delivers nothing if nothing happened, so no rule can distinguish a quiet account from
/// missing files for certain.
fn silences(heard: &[SecondRange]) -> Option<Vec<SecondRange>> {
    let gaps = || heard.windows(2).map(|pair| (pair[0].1, pair[1].0));
    let mut lengths: Vec<i64> = gaps().map(|(from, to)| to - from).collect();
    lengths.sort_unstable();
    let n_minutes: i64 = heard.iter().map(|(from, to)| (to - from) / 60).sum();
    let n_spacings = n_minutes + heard.len() as i64;
    let mut silences = Vec::new();
    if n_spacings < LEAST_SPACINGS {
        return None;
    }
    for (from, to) in gaps() {
        let length = to - from;
        let n_alike = lengths.len() - lengths.partition_point(|&other| other < length / 2) - 1;
        if length < LEAST_QUIET_SECONDS || n_alike >= HABIT {
            continue;
        }
        if length >= QUIET_FACTOR * usual(&lengths, n_minutes, length) {
            silences.push((from, to));
        }
    }
    Some(silences)
}

/// The silences between times in any order that are far longer than usual; `None` if there are too few times to
/// show what is usual.
///
/// # Complexity
/// O(n log n).
pub(super) fn quiet(mut heard: Vec<SecondRange>) -> Option<Vec<Interval>> {
    join(&mut heard, JOINED_SECONDS);
    let silences = silences(&heard)?.into_iter();
    Some(silences.filter_map(Interval::of_seconds).collect())
}

/// The 95th percentile of `n_minutes` spacings of a minute and of all `sorted` except one of `length`.
fn usual(sorted: &[i64], n_minutes: i64, length: i64) -> i64 {
    let without = sorted.partition_point(|&other| other < length);
    let n_others = n_minutes + sorted.len() as i64 - 1;
    let rank = n_others * 95 / 100 - n_minutes;
    match usize::try_from(rank) {
        Ok(rank) => {
            let rank = if rank >= without { rank + 1 } else { rank };
            sorted
                .get(rank)
                .or(sorted.last())
                .copied()
                .unwrap_or(JOINED_SECONDS)
        }
        Err(_) => JOINED_SECONDS,
    }
}

/// Sorts intervals and joins those that are less than `apart` seconds apart.
fn join(intervals: &mut Vec<SecondRange>, apart: i64) {
    intervals.sort_unstable();
    intervals.dedup_by(|next, kept| {
        let is_near = next.0 <= kept.1 + apart;
        if is_near {
            kept.1 = kept.1.max(next.1);
        }
        is_near
    });
}

/// The whole seconds around an instant.
fn of_time(time: DateTime<Utc>) -> SecondRange {
    let (from, to) = (time, time);
    Interval { from, to }.seconds()
}

#[cfg(test)]
mod tests;
