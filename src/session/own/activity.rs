//! When each login was at work at a repository.
//!
//! Comes in: the units and puts. Goes out: whether a login paused between two seconds. Never: a
//! pause while an upload was in flight; a client that waits for bytes is not idle.

use crate::event::{Second, Seconds};
use crate::session::own::id_vec::IdVec;
use crate::session::own::lane::Lane;
use crate::session::own::unit::{Put, PutIx, Unit, UnitIx};

/// Stretches of work of each login, in order, at least an idle pause apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Activity {
    /// From second to second, by login.
    stretches: Vec<(Lane, Second, Second)>,
    idle: Seconds,
}

impl Activity {
    /// Joins what lies no more than an idle pause apart.
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
        // What lies less than an idle pause apart is one stretch, so that a question takes one
        // look.
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

    /// Whether a login was at work without an idle pause from one second to another.
    pub(super) fn bridges(&self, lane: Lane, from: Second, to: Second) -> bool {
        // Only the last stretch that begins by then can reach over the time asked for: those before it end
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
