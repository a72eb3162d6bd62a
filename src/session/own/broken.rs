//! Broken uploads: started and not finished.
//!
//! Comes in: the units. Goes out: how many broke where, and whether the client gave up on them.
//! Never: a look at error codes, which do not show whether a client tries again.

use crate::event::{IdMap, Second, Seconds};
use crate::session::own::id_vec::IdVec;
use crate::session::own::lane::Lane;
use crate::session::own::thresholds::RECENT;
use crate::session::own::unit::{Unit, UnitIx, UnitKind};

/// Uploads that were started and not finished.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Broken {
    /// How many were refused.
    pub(super) n_refused: u32,
    /// How many have no end.
    pub(super) n_unfinished: u32,
    /// Whether two of them were started in one second: the client does not wait for one before it
    /// starts the next.
    pub(super) at_once: bool,
}

impl Broken {
    /// Counts them.
    pub(super) fn of(units: &[&Unit<'_>]) -> Self {
        let n_of = |kind| count(units, |unit| unit.kind == kind);
        let open = units.iter().filter(|unit| unit.is_open());
        Self {
            n_refused: n_of(UnitKind::Refused),
            n_unfinished: n_of(UnitKind::Unfinished),
            at_once: any_twice(open.map(|unit| unit.first)),
        }
    }

    /// How many there are.
    pub(super) fn count(self) -> u32 {
        self.n_refused + self.n_unfinished
    }

    /// Whether there are any.
    pub(super) fn any(self) -> bool {
        self.count() > 0
    }

    /// Whether the client gave up, if it starts this many uploads after a pause: a client that
    /// retries a refused upload also continues the others.
    pub(super) fn were_given_up(self, n_begun: u32) -> bool {
        self.n_refused > 0 && self.n_unfinished > 0 && n_begun > self.n_refused
    }
}

/// How many of some units are of a kind; a `u32` is enough, as events have ids of that size.
pub(super) fn count<'a>(units: &[&Unit<'a>], is_counted: impl Fn(&Unit<'a>) -> bool) -> u32 {
    let counted = units.iter().filter(|unit| is_counted(unit));
    counted.map(|_| 1).sum()
}

/// Unfinished uploads, by login and first second.
#[derive(Clone, Debug, Default)]
pub(super) struct BrokenByLane {
    refused: IdMap<Lane, Vec<OpenSpan>>,
    unfinished: IdMap<Lane, Vec<OpenSpan>>,
}

/// When an upload was started, and until when it excuses silence.
type OpenSpan = (Second, Second);

impl BrokenByLane {
    /// Sorts the units, which must come by first second.
    ///
    /// An open upload excuses silence until its last call, since the client may be sending. One that
    /// never sent a byte excuses silence for the window, since its first bytes may be on their way.
    ///
    /// # Complexity
    /// O(n) in the units.
    pub(super) fn new(units: &IdVec<UnitIx, Unit<'_>>, window: Seconds) -> Self {
        let mut broken = Self::default();
        for unit in units.iter() {
            match unit.kind {
                UnitKind::Refused => {
                    let of_lane = broken.refused.entry(unit.lane).or_default();
                    of_lane.push((unit.first, unit.last));
                }
                UnitKind::Unfinished => {
                    let until = match unit.sent_nothing() {
                        true => unit.first + window,
                        false => unit.last,
                    };
                    let of_lane = broken.unfinished.entry(unit.lane).or_default();
                    of_lane.push((unit.first, until));
                }
                UnitKind::Finished | UnitKind::Check | UnitKind::RefusedCheck => {}
            }
        }
        broken
    }

    /// The broken uploads of a login that started between two seconds, both included.
    pub(super) fn between(&self, lane: Lane, from: Second, to: Second) -> Broken {
        let refused = between(&self.refused, lane, from, to);
        let unfinished = between(&self.unfinished, lane, from, to);
        let latest = [refused, unfinished].map(|kind| kind.iter().rev().take(RECENT));
        Broken {
            n_refused: refused.len() as u32,
            n_unfinished: unfinished.len() as u32,
            at_once: any_twice(latest.into_iter().flatten().map(|open| open.0)),
        }
    }

    /// Until when silence is excused by those uploads of a login that started between two seconds,
    /// both included, and were refused or left open.
    pub(super) fn open_until(&self, lane: Lane, from: Second, to: Second) -> Option<Second> {
        let kinds = [&self.refused, &self.unfinished];
        let latest = kinds.map(|kind| between(kind, lane, from, to).iter().rev().take(RECENT));
        latest.into_iter().flatten().map(|open| open.1).max()
    }
}

/// Whether a second occurs more than once.
fn any_twice(seconds: impl Iterator<Item = Second>) -> bool {
    let mut seconds: Vec<Second> = seconds.collect();
    seconds.sort_unstable();
    seconds.windows(2).any(|pair| pair[0] == pair[1])
}

/// The spans of a login's uploads that started between two seconds, both included.
fn between(kind: &IdMap<Lane, Vec<OpenSpan>>, lane: Lane, from: Second, to: Second) -> &[OpenSpan] {
    let of_lane = kind.get(&lane).map_or(&[][..], Vec::as_slice);
    let end = of_lane.partition_point(|open| open.0 <= to);
    let start = of_lane.partition_point(|open| open.0 < from);
    of_lane.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn broken(n_refused: u32, n_unfinished: u32) -> Broken {
        Broken {
            n_refused,
            n_unfinished,
            at_once: false,
        }
    }

    #[test]
    fn one_more_try_of_what_was_refused_goes_on_with_the_run() {
        assert!(!broken(1, 2).were_given_up(1));
    }

    #[test]
    fn what_broke_without_a_refusal_may_all_be_tried_again() {
        assert!(!broken(0, 3).were_given_up(3));
    }

    #[test]
    fn uploads_left_beside_a_refused_one_and_begun_with_it_are_a_new_run() {
        assert!(broken(1, 2).were_given_up(3));
    }
}
