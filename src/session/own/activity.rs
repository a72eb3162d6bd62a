//! When each login was working at a repository.
//!
//! Comes in: the units and puts. Goes out: whether a login paused between two seconds. Never: a pause
//! while an upload was in flight, since a client that waits for bytes is not idle.

use crate::event::{Second, Seconds};
use crate::session::own::id_vec::IdVec;
use crate::session::own::lane::Lane;
use crate::session::own::unit::{Put, PutIx, Unit, UnitIx};

/// Stretches of work of each login, in order, separated by idle pauses.
#[derive(Clone, Debug, Default)]
pub(super) struct Activity {
    /// First and last second of each, by login.
    stretches: Vec<(Lane, Second, Second)>,
    idle: Seconds,
}

impl Activity {
    /// Joins work that is separated by no more than an idle pause.
    ///
    /// # Complexity
    /// O(n log n) in units and puts.
    pub(super) fn new(
        units: &IdVec<UnitIx, Unit<'_>>,
        puts: &IdVec<PutIx, Put>,
        idle: Seconds,
    ) -> Self {
        let mut busy: Vec<(Lane, Second, Second)> = units
            .iter()
            .map(|unit| (unit.lane, unit.first, unit.last))
            .chain(puts.iter().map(|put| (put.lane, put.time, put.time)))
            .collect();
        busy.sort_unstable();
        // Work separated by less than an idle pause is one stretch, so that a query needs one look.
        busy.dedup_by(|next, stretch| {
            let is_near = next.0 == stretch.0 && next.1 - stretch.2 <= idle;
            if is_near {
                stretch.2 = stretch.2.max(next.2);
            }
            is_near
        });
        Self {
            stretches: busy,
            idle,
        }
    }

    /// Whether a login worked without an idle pause from one second to another.
    pub(super) fn bridges(&self, lane: Lane, from: Second, to: Second) -> bool {
        // Only the last stretch that has started by then can cover the time asked for; those before it end
        // an idle pause earlier.
        let latest = (lane, from + self.idle);
        let after = self
            .stretches
            .partition_point(|&(of, first, _)| (of, first) <= latest);
        to - from <= self.idle
            || after.checked_sub(1).is_some_and(|at| {
                let (of, _, last) = self.stretches[at];
                of == lane && from - last <= self.idle && to - last <= self.idle
            })
    }
}
