//! Ownership as it is handed on: events joined to runs.
//!
//! Comes in: what was assigned party by party. Goes out: all of it, by the first event of each run.
//! Never: one event in two runs.

use std::ops::Range;

use crate::event::{EventId, RepositoryId};
use crate::graph::{Evidence, Strength};

/// An event, and the event of the same run that it is joined to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::session) struct Owned {
    /// The event.
    pub(in crate::session) event: EventId,
    /// What joins it to which other; `None` for the one that the others are joined to.
    pub(in crate::session) link: Option<(EventId, Evidence)>,
}

/// A run, as what it owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::session) struct OwnedRun {
    /// Where its events stand among all that is owned.
    pub(super) place: Range<usize>,
    /// The repository, also where none of its calls names it.
    pub(in crate::session) repository: Option<RepositoryId>,
    /// It put children without their index.
    pub(in crate::session) lacks_index: bool,
    /// The call that is least sure to be of this run, and how sure it is; `None` where everything
    /// is proven.
    pub(in crate::session) doubt: Option<DoubtfulCall>,
}

/// A call that may be of another run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::session) struct DoubtfulCall {
    /// How sure it is that it is of this one.
    pub(in crate::session) strength: Strength,
    /// The call.
    pub(in crate::session) event: EventId,
}

/// Who owns what.
#[derive(Clone, Debug, Default)]
pub(in crate::session) struct Ownership {
    /// Every push event but logins, once, run by run.
    pub(super) owned: Vec<Owned>,
    /// The runs.
    pub(super) runs: Vec<OwnedRun>,
    /// Events that another run could own as well: the event, one of the other run, and by what.
    pub(in crate::session) contested: Vec<(EventId, EventId, Evidence)>,
}

impl Ownership {
    /// Takes what was assigned elsewhere behind what there is.
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

    /// The runs by their first events, the events of each by rank.
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
