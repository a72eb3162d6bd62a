//! Broken uploads: begun and not finished.
//!
//! Comes in: the units. Goes out: how many broke where, and whether the client gave up over them.
//! Never: a look at error codes, which do not tell whether a client tries again.

use crate::event::{IdMap, Second};
use crate::session::own::lane::Lane;
use crate::session::own::rows::Rows;
use crate::session::own::unit::{Unit, UnitIx, UnitKind};

/// Uploads that were begun and not finished.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Broken {
    /// Those refused.
    pub(super) n_refused: usize,
    /// Those without any end.
    pub(super) n_unfinished: usize,
}

impl Broken {
    /// Counts.
    pub(super) fn of(units: &[&Unit<'_>]) -> Self {
        let n_of = |kind| units.iter().filter(|unit| unit.kind == kind).count();
        Self {
            n_refused: n_of(UnitKind::Refused),
            n_unfinished: n_of(UnitKind::Unfinished),
        }
    }

    /// Whether there are any.
    pub(super) fn any(self) -> bool {
        self.n_refused + self.n_unfinished > 0
    }

    /// Whether the client gave up, if after a pause it begins so many uploads: where it tries a
    /// refused one again, it goes on with the others.
    pub(super) fn were_given_up(self, n_begun: usize) -> bool {
        self.n_refused > 0 && self.n_unfinished > 0 && n_begun > self.n_refused
    }
}

/// When uploads that were not finished were begun, by login.
#[derive(Clone, Debug, Default)]
pub(super) struct BrokenByLane {
    refused: IdMap<Lane, Vec<Second>>,
    unfinished: IdMap<Lane, Vec<Second>>,
}

impl BrokenByLane {
    /// Sorts the units, which come by first second.
    ///
    /// # Complexity
    /// O(n) in the units.
    pub(super) fn new(units: &Rows<UnitIx, Unit<'_>>) -> Self {
        let mut broken = Self::default();
        for unit in units.iter() {
            let of_kind = match unit.kind {
                UnitKind::Refused => &mut broken.refused,
                UnitKind::Unfinished => &mut broken.unfinished,
                UnitKind::Finished | UnitKind::Check | UnitKind::RefusedCheck => continue,
            };
            of_kind.entry(unit.lane).or_default().push(unit.first);
        }
        broken
    }

    /// Those of a login that began between two seconds, both included.
    pub(super) fn between(&self, lane: Lane, from: Second, to: Second) -> Broken {
        let n_of = |of_kind: &IdMap<Lane, Vec<Second>>| {
            let of_lane = of_kind.get(&lane).map_or(&[][..], Vec::as_slice);
            let end = of_lane.partition_point(|&at| at <= to);
            end.saturating_sub(of_lane.partition_point(|&at| at < from))
        };
        Broken {
            n_refused: n_of(&self.refused),
            n_unfinished: n_of(&self.unfinished),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn broken(n_refused: usize, n_unfinished: usize) -> Broken {
        Broken {
            n_refused,
            n_unfinished,
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
