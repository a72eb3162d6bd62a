//! The time that each side of a comparison covers, by account and region.
//!
//! Comes in: spans and holes, and the stretches that a side is about. Goes out: seconds, and what one side covers
//! beyond the other. Never: a push.

use std::collections::BTreeMap;

use crate::ingest::SecondRange;
use crate::ingest::coverage::Source;
use crate::report::filter::Period;

/// Seconds since 1970; the first belongs to it, the last does not.
type OpenRange = (i64, i64);

/// Stretches in order that do not touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stretches(Vec<OpenRange>);

impl Stretches {
    /// Puts stretches in order and joins those that meet.
    pub(super) fn new(mut parts: Vec<OpenRange>) -> Self {
        parts.retain(|(from, to)| from < to);
        parts.sort_unstable();
        let mut joined: Vec<OpenRange> = Vec::with_capacity(parts.len());
        for (from, to) in parts {
            match joined.last_mut() {
                Some((_, end)) if from <= *end => *end = to.max(*end),
                Some(_) | None => joined.push((from, to)),
            }
        }
        Self(joined)
    }

    /// All time.
    pub(super) fn always() -> Self {
        Self(vec![(i64::MIN, i64::MAX)])
    }

    /// The seconds of a period.
    pub(super) fn of(period: Period) -> Self {
        Self::new(vec![(
            period.since.map_or(i64::MIN, |since| since.timestamp()),
            period.until.map_or(i64::MAX, |until| until.timestamp()),
        )])
    }

    /// What is in both.
    pub(super) fn and(&self, other: &Self) -> Self {
        self.but(&Self::always().but(other))
    }

    /// What is not in the other.
    ///
    /// # Complexity
    /// O(n + m), since both are in order.
    pub(super) fn but(&self, other: &Self) -> Self {
        let (mut left, mut cuts) = (Vec::new(), other.0.iter().copied().peekable());
        for &(mut from, to) in &self.0 {
            while let Some(&(cut_from, cut_to)) = cuts.peek().filter(|cut| cut.0 < to) {
                if from < cut_from {
                    left.push((from, cut_from));
                }
                from = from.max(cut_to);
                // A cut that goes on concerns the next stretch, too.
                if cut_to > to {
                    break;
                }
                cuts.next();
            }
            if from < to {
                left.push((from, to));
            }
        }
        Self(left)
    }

    /// How many seconds they have.
    pub(super) fn seconds(&self) -> u64 {
        let lengths = self.0.iter().map(|(from, to)| from.abs_diff(*to));
        lengths.fold(0, u64::saturating_add)
    }
}

/// A stretch of the log of an account and region; both ends belong to it.
pub(super) type SourceSpan = (Source, SecondRange);

/// What the log of an account and region covers of a side.
#[derive(Clone, Debug, Default)]
pub(super) struct Covers {
    /// The time covered, without holes.
    pub(super) known: Stretches,
    /// The time that is missing in between.
    pub(super) holes: Stretches,
}

/// What a side covers.
#[derive(Clone, Debug, Default)]
pub(super) struct Extent(pub(super) BTreeMap<Source, Covers>);

impl Extent {
    /// What is covered of `of`, by the first and last second of each span and of each hole.
    pub(super) fn new(spans: Vec<SourceSpan>, holes: Vec<SourceSpan>, of: &Stretches) -> Self {
        let mut parts: BTreeMap<Source, [Vec<OpenRange>; 2]> = BTreeMap::new();
        for (kind, named) in [spans, holes].into_iter().enumerate() {
            for (source, (first, last)) in named {
                let stretch = (first, last.saturating_add(1));
                if let Some(part) = parts.entry(source).or_default().get_mut(kind) {
                    part.push(stretch);
                }
            }
        }
        let covers = parts.into_iter().map(|(source, [spans, holes])| {
            let span = Stretches::new(spans).and(of);
            let holes = Stretches::new(holes).and(&span);
            let known = span.but(&holes);
            (source, Covers { known, holes })
        });
        Self(covers.collect())
    }

    /// The time that the log of any account and region covers.
    pub(super) fn whole(&self) -> Stretches {
        let parts = self.0.values().map(|covers| covers.known.0.clone());
        Stretches::new(parts.flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: &[OpenRange]) -> Stretches {
        Stretches::new(parts.to_vec())
    }

    #[test]
    fn stretches_that_meet_are_one() {
        assert_eq!(of(&[(5, 7), (0, 2), (2, 5), (9, 9)]), of(&[(0, 7)]));
        assert_eq!(of(&[(0, 2), (4, 6), (1, 3)]).seconds(), 5);
    }

    #[test]
    fn what_is_cut_out_is_gone_from_every_stretch() {
        let all = of(&[(0, 10), (20, 30), (40, 50)]);
        assert_eq!(
            all.but(&of(&[(5, 25), (45, 60)])),
            of(&[(0, 5), (25, 30), (40, 45)])
        );
        assert_eq!(all.but(&of(&[(2, 3), (4, 5)])).seconds(), 28);
        assert_eq!(all.but(&all), of(&[]));
        assert_eq!(all.but(&of(&[])), all);
        assert_eq!(
            all.and(&of(&[(8, 22), (49, 99)])),
            of(&[(8, 10), (20, 22), (49, 50)])
        );
        assert_eq!(all.and(&Stretches::always()), all);
    }

    #[test]
    fn a_hole_is_no_time_covered() {
        let source = || Source {
            account: "1".into(),
            region: "r".into(),
        };
        let (span, hole) = ((source(), (0, 99)), (source(), (10, 19)));
        let extent = Extent::new(vec![span], vec![hole], &of(&[(0, 50)]));
        assert_eq!(extent.whole().seconds(), 40);
        assert_eq!(extent.0[&source()].holes.seconds(), 10);
    }
}
