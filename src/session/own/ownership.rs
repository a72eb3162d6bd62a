//! Ownership as the result: events joined to runs.
//!
//! Comes in: the assignment of each party. Goes out: all of them together, ordered by the first
//! event of each run. Never: one event in two runs.

use std::ops::Range;

use crate::event::{EventId, RepositoryId};
use crate::graph::{Evidence, Strength};

/// An event, and the event of the same run that it is joined to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::session) struct Owned {
    /// The event.
    pub(in crate::session) event: EventId,
    /// The other event and the evidence; `None` for the event that the others are joined to.
    pub(in crate::session) link: Option<(EventId, Evidence)>,
}

/// A run with the events that it owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::session) struct OwnedRun {
    /// The range of its events among all that are owned.
    pub(super) place: Range<usize>,
    /// The repository, also if none of its calls names it.
    pub(in crate::session) repository: Option<RepositoryId>,
    /// Whether it put children without their index.
    pub(in crate::session) lacks_index: bool,
    /// The call that is least sure to belong to this run, and how sure it is; `None` if everything
    /// is proven.
    pub(in crate::session) doubt: Option<DoubtfulCall>,
}

/// A call that may belong to another run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::session) struct DoubtfulCall {
    /// How sure it is that it belongs to this one.
    pub(in crate::session) strength: Strength,
    /// The call.
    pub(in crate::session) event: EventId,
}

/// Who owns what.
#[derive(Clone, Debug, Default)]
pub(in crate::session) struct Ownership {
    /// Every push event except logins, once, run by run.
    pub(super) owned: Vec<Owned>,
    /// The runs.
    pub(super) runs: Vec<OwnedRun>,
    /// Events that another run could own as well: the event, one of the other run, and the
    /// evidence.
    pub(in crate::session) contested: Vec<(EventId, EventId, Evidence)>,
}

impl Ownership {
    /// Appends another assignment.
    pub(super) fn append(&mut self, other: Self) {
        let n_before = self.owned.len();
        let runs = other.runs.into_iter();
        self.runs.extend(runs.map(|run| OwnedRun {
            place: n_before + run.place.start..n_before + run.place.end,
            ..run
        }));
        self.owned.extend(other.owned);
        self.contested.extend(other.contested);
    }

    /// The runs by their first events; the events of each by rank.
    pub(in crate::session) fn by_first_event(
        &mut self,
    ) -> impl Iterator<Item = (&OwnedRun, &[Owned])> + '_ {
        for run in &self.runs {
            self.owned[run.place.clone()].sort_unstable_by_key(|owned| owned.event);
        }
        let owned = &self.owned;
        self.runs
            .sort_unstable_by_key(|run| owned[run.place.start].event);
        self.runs.iter().map(|run| (run, &owned[run.place.clone()]))
    }
}
