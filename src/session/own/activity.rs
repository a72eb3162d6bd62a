//! When each login was at work at a repository.
//!
//! Comes in: the units and puts. Goes out: whether a login paused between two seconds. Never: a
//! pause while an upload was in flight; a client that waits for bytes is not idle.

use crate::event::IdMap;
use crate::session::own::lane::Lane;
use crate::session::own::unit::{Put, Unit};

/// Stretches of work of each login, in order, at least an idle pause apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Activity {
    stretches: IdMap<Lane, Vec<(i64, i64)>>,
    idle: i64,
}

impl Activity {
    /// Joins what lies no more than an idle pause apart.
    ///
    /// # Complexity
    /// O(n log n) in units and puts.
    pub(super) fn new(units: &[Unit], puts: &[Put], idle: i64) -> Self {
        let mut busy: Vec<(Lane, i64, i64)> = units
            .iter()
            .map(|unit| (unit.lane, unit.first, unit.last))
            .chain(puts.iter().map(|put| (put.lane, put.time, put.time)))
            .collect();
        busy.sort_unstable();
        let mut stretches: IdMap<Lane, Vec<(i64, i64)>> = IdMap::default();
        for (lane, first, last) in busy {
            let of_lane = stretches.entry(lane).or_default();
            match of_lane.last_mut() {
                Some(stretch) if first - stretch.1 <= idle => stretch.1 = stretch.1.max(last),
                _ => of_lane.push((first, last)),
            }
        }
        Self { stretches, idle }
    }

    /// Whether a login was at work without an idle pause from one second to another.
    pub(super) fn bridges(&self, lane: Lane, from: i64, to: i64) -> bool {
        let of_lane = self.stretches.get(&lane).map_or(&[][..], Vec::as_slice);
        let after = of_lane.partition_point(|stretch| stretch.0 <= from + self.idle);
        to - from <= self.idle
            || after.checked_sub(1).is_some_and(|at| {
                from - of_lane[at].1 <= self.idle && to - of_lane[at].1 <= self.idle
            })
    }
}
