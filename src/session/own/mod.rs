//! Ownership: which run every event belongs to.
//!
//! Comes in: the event log by repository. Goes out: a forest, each event joined to another of its
//! run by the evidence that decided; the runs are its trees. Never: one event in two runs.
//!
//! What is exact comes first and time last: uploads by their id, then runs from their manifests,
//! then what only one run lists, then what several list, then cuts, then what no manifest names.

mod activity;
mod apart;
mod assignment;
mod broken;
mod claim;
mod cluster;
mod cut;
mod doubt;
mod form;
mod lane;
mod listing;
mod nameless;
mod place;
mod repository;
mod rows;
mod skew;
mod thresholds;
mod unit;
mod write;

use std::ops::Range;

use crate::event::{EventId, EventLog, RepositoryId};
use crate::graph::index::{CallIndex, PushCall};
use crate::graph::{Evidence, Strength};
use crate::threads;
use assignment::Assignment;
use repository::Repository;
pub(in crate::session) use repository::Tolerance;
pub(in crate::session) use skew::skew;
pub(in crate::session) use thresholds::{MOST_QUESTIONS, RETRY_WAIT};

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
    place: Range<usize>,
    /// The repository, also where none of its calls names it.
    pub(in crate::session) repository: Option<RepositoryId>,
    /// It put children without their index.
    pub(in crate::session) lacks_index: bool,
    /// The call that is least sure to be of this run, and how sure it is; `None` where everything
    /// is proven.
    pub(in crate::session) doubt: Option<Doubt>,
}

/// A call that may be of another run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::session) struct Doubt {
    /// How sure it is that it is of this one.
    pub(in crate::session) strength: Strength,
    /// The call.
    pub(in crate::session) event: EventId,
}

/// Who owns what.
#[derive(Clone, Debug, Default)]
pub(in crate::session) struct Ownership {
    /// Every push event but logins, once, run by run.
    owned: Vec<Owned>,
    /// The runs.
    runs: Vec<OwnedRun>,
    /// Events that another run could own as well: the event, one of the other run, and by what.
    pub(in crate::session) contested: Vec<(EventId, EventId, Evidence)>,
}

impl Ownership {
    /// Takes what was assigned elsewhere behind what there is.
    fn append(&mut self, other: Self) {
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

/// Assigns every event but logins to a run.
///
/// # Complexity
/// O(n log n) in events and listed blobs; runs of one login that overlap in time are compared with
/// one another, no more than sixteen at a time.
#[must_use]
pub(in crate::session) fn own(
    log: &EventLog,
    index: &CallIndex,
    tolerance: Tolerance,
) -> Ownership {
    let parties = nameless::placed(log, index, tolerance.window);
    let parties: Vec<&[PushCall]> = parties.iter().map(AsRef::as_ref).collect();
    let owned = threads::map(parties, |calls| {
        let calls = apart::apart(log, calls, tolerance);
        let facts = Repository::new(log, &calls, tolerance);
        own_in_repository(&facts)
    });
    let mut ownership = Ownership::default();
    for owned in owned {
        ownership.append(owned);
    }
    ownership
}

/// Joins the units and manifests of a party at a repository to runs, in the order that the head of this file
/// gives.
fn own_in_repository(facts: &Repository<'_>) -> Ownership {
    let mut assignment = Assignment::new(facts.units.len());
    let mut contested = Vec::new();
    form::form(facts, &mut assignment);
    let listings = claim::claim(facts, &mut assignment, &mut contested);
    let cut_off = cut::cut(facts, &mut assignment);
    claim::claim_again(facts, &listings, &mut assignment, &cut_off);
    place::take_unnamed(facts, &mut assignment);
    place::place_inside(facts, &mut assignment, &cut_off, &mut contested);
    let finished = place::starts(facts, &assignment);
    let mut clusters = cluster::cluster(facts, &mut assignment);
    cluster::give_left_open(facts, &mut assignment, &mut clusters, &finished);
    cluster::give_renewed(facts, &mut assignment, &mut clusters);
    cluster::adopt(facts, &mut assignment, &mut clusters);
    cluster::give_permission_checks(facts, &mut assignment, &mut clusters);
    for run in assignment.run_ids() {
        let row = assignment.run(run);
        if facts.is_orphan(row) && facts.asks_for_more(row) {
            assignment.lacks_index(run);
        }
    }
    write::write(facts, &assignment, &contested)
}
