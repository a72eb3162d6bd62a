//! Who was heard in each minute, as far as it was one caller alone.
//!
//! Comes in: the minutes of records and their callers, in any order. Goes out: runs of minutes in which one caller alone was
//! heard. Never: a run that depends on the order or the files in which the records came.
//!
//! A minute in which two callers were heard needs no more looks: it counts as heard whoever is left out. So a busy log costs
//! a few looks a minute.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::PrincipalKey;
use crate::ingest::interval::{HeardRun, LAST_MINUTE, SecondRange};

/// How many of the newest minutes are at hand: more than a log file holds, whose records are in no order.
const N_RECENT: usize = 16;

/// How many runs are collected before they are put in order.
const MAX_LOOSE: usize = 4096;

/// The minutes of records, and their callers.
#[derive(Clone, Debug, Default)]
pub(super) struct HeardBy {
    /// The newest minutes, each in the place that its number gives it; empty before the first.
    recent: Vec<Option<HeardRun>>,
    /// In order and joined up to `n_joined`, loose after it.
    runs: Vec<HeardRun>,
    n_joined: usize,
}

impl HeardBy {
    /// Adds a record. `caller` is asked only if its answer matters.
    pub(super) fn hear(&mut self, second: i64, caller: impl FnOnce() -> Option<PrincipalKey>) {
        let minute = minute(second);
        if self.recent.is_empty() {
            self.recent.resize(N_RECENT, None);
        }
        let Some(place) = self.recent.get_mut(minute as usize % N_RECENT) else {
            return;
        };
        match place {
            Some(HeardRun { first, whose, .. }) if *first == minute => {
                if whose.is_some() && *whose != caller() {
                    *whose = None;
                }
            }
            Some(_) | None => {
                let (first, last, whose) = (minute, minute, caller());
                let before = place.replace(HeardRun { first, last, whose });
                self.runs.extend(before);
                self.join_if_many();
            }
        }
    }

    /// Adds runs. However many small lots there are, the cost is only their number.
    pub(super) fn gather(&mut self, mut other: Self) {
        other.put_away();
        self.runs.extend(other.runs);
        self.join_if_many();
    }

    fn join_if_many(&mut self) {
        if self.runs.len() - self.n_joined > MAX_LOOSE.max(self.n_joined) {
            self.join();
        }
    }

    /// What an extract says: runs of callers that were alone, and stretches in seconds when anybody was heard.
    pub(super) fn of(alone: Vec<HeardRun>, heard: &[SecondRange]) -> Self {
        let mut runs = alone;
        runs.sort_unstable();
        let mut rest = Vec::new();
        let mut ahead = runs.iter().peekable();
        for &(first, last) in heard {
            let (mut from, to) = (minute(first), minute(last));
            while let Some(run) = ahead.next_if(|run| run.first <= to) {
                if run.first > from {
                    rest.push(several(from, run.first - 1));
                }
                from = from.max(run.last + 1);
            }
            if from <= to {
                rest.push(several(from, to));
            }
        }
        runs.extend(rest);
        Self {
            runs,
            ..Self::default()
        }
    }

    /// The runs, in order, as few as possible.
    pub(super) fn runs(mut self) -> Vec<HeardRun> {
        self.put_away();
        self.join();
        self.runs
    }

    fn put_away(&mut self) {
        let recent = std::mem::take(&mut self.recent);
        self.runs.extend(recent.into_iter().flatten());
    }

    /// # Complexity
    /// O(n log n) in the runs.
    fn join(&mut self) {
        let runs = std::mem::take(&mut self.runs).into_iter();
        let mut edges: Vec<(u32, Option<PrincipalKey>, i32)> = runs
            .flat_map(|run| [(run.first, run.whose, 1), (run.last + 1, run.whose, -1)])
            .collect();
        edges.sort_unstable();
        let mut heard: BTreeMap<Option<PrincipalKey>, i32> = BTreeMap::new();
        let mut from = 0;
        for at in edges.chunk_by(|one, other| one.0 == other.0) {
            let minute = at[0].0;
            let mut callers = heard.keys();
            if let Some(&first) = callers.next() {
                let whose = first.filter(|_| callers.next().is_none());
                push(&mut self.runs, from, minute - 1, whose);
            }
            for &(_, whose, change) in at {
                *heard.entry(whose).or_default() += change;
            }
            heard.retain(|_, n| *n > 0);
            from = minute;
        }
        self.n_joined = self.runs.len();
    }
}

/// Adds a run after the last one, or makes that longer.
fn push(runs: &mut Vec<HeardRun>, first: u32, last: u32, whose: Option<PrincipalKey>) {
    match runs.last_mut() {
        Some(before) if before.whose == whose && before.last + 1 == first => before.last = last,
        Some(_) | None => runs.push(HeardRun { first, last, whose }),
    }
}

fn several(first: u32, last: u32) -> HeardRun {
    let whose = None;
    HeardRun { first, last, whose }
}

fn minute(second: i64) -> u32 {
    let minute = second.div_euclid(60).clamp(0, i64::from(LAST_MINUTE));
    u32::try_from(minute).unwrap_or(LAST_MINUTE)
}

/// Stretches, in seconds, without the minutes in which one of these callers alone was heard.
///
/// # Complexity
/// O(n) in the stretches and runs, which are in order.
pub(super) fn without(
    stretches: &[SecondRange],
    runs: &[HeardRun],
    callers: &BTreeSet<PrincipalKey>,
) -> Vec<SecondRange> {
    let mut left = Vec::new();
    let is_own = |run: &&HeardRun| run.whose.is_some_and(|whose| callers.contains(&whose));
    let own = runs.iter().filter(is_own);
    let mut own = own
        .map(|run| (i64::from(run.first) * 60, i64::from(run.last) * 60 + 59))
        .peekable();
    for &(mut from, to) in stretches {
        while let Some(&(first, last)) = own.peek()
            && first <= to
        {
            if first > from {
                left.push((from, first - 1));
            }
            from = from.max(last + 1);
            if last > to {
                break;
            }
            own.next();
        }
        if from <= to {
            left.push((from, to));
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Option<PrincipalKey> = Some(PrincipalKey(1));
    const TWO: Option<PrincipalKey> = Some(PrincipalKey(2));

    fn runs(heard: &[(i64, Option<PrincipalKey>)]) -> Vec<(u32, u32, Option<PrincipalKey>)> {
        let mut callers = HeardBy::default();
        for &(second, caller) in heard {
            callers.hear(second, || caller);
        }
        shown(callers)
    }

    fn shown(callers: HeardBy) -> Vec<(u32, u32, Option<PrincipalKey>)> {
        let runs = callers.runs().into_iter();
        runs.map(|run| (run.first, run.last, run.whose)).collect()
    }

    #[test]
    fn a_caller_is_alone_where_nobody_else_is_heard() {
        let heard = [
            (0, ONE),
            (59, ONE),
            (60, ONE),
            (120, TWO),
            (121, ONE),
            (180, TWO),
        ];
        let expected = [(0, 1, ONE), (2, 2, None), (3, 3, TWO)];
        assert_eq!(runs(&heard), expected);
        let mut backwards = heard;
        backwards.reverse();
        assert_eq!(runs(&backwards), expected);
        assert_eq!(runs(&[(0, ONE), (1, None)]), [(0, 0, None)]);
    }

    #[test]
    fn lots_give_the_runs_of_all_together() {
        let heard: Vec<(i64, Option<PrincipalKey>)> = (0..20_000)
            .map(|n| (n * 37 % 90_000, [ONE, ONE, TWO, None][n as usize % 7 % 4]))
            .collect();
        let whole = runs(&heard);
        assert!(whole.len() > 100, "{}", whole.len());
        for size in [1, 13, 5_000] {
            let mut all = HeardBy::default();
            for lot in heard.chunks(size) {
                let mut callers = HeardBy::default();
                for &(second, caller) in lot {
                    callers.hear(second, || caller);
                }
                all.gather(callers);
            }
            assert_eq!(shown(all), whole, "lots of {size}");
        }
    }

    #[test]
    fn what_an_extract_says_gives_the_runs_again() {
        let heard = [
            (0, ONE),
            (60, TWO),
            (61, ONE),
            (125, ONE),
            (600, TWO),
            (700, None),
        ];
        let mut callers = HeardBy::default();
        for (second, caller) in heard {
            callers.hear(second, || caller);
        }
        let runs = callers.clone().runs();
        let alone = runs.iter().filter(|run| run.whose.is_some()).copied();
        let again = HeardBy::of(alone.collect(), &[(0, 125), (600, 600), (700, 700)]);
        assert_eq!(shown(again), shown(callers));
    }

    #[test]
    fn what_is_left_is_what_others_were_heard_in() {
        let run = |first, last| HeardRun {
            first,
            last,
            whose: ONE,
        };
        let runs = [run(1, 2), run(4, 4), run(10, 11)];
        let left = without(&[(30, 310), (600, 720)], &runs, &[PrincipalKey(1)].into());
        assert_eq!(left, [(30, 59), (180, 239), (300, 310), (720, 720)]);
        assert_eq!(
            without(&[(30, 310)], &runs, &[PrincipalKey(2)].into()),
            [(30, 310)]
        );
    }
}
