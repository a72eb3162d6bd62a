//! Ownership: the run that every event belongs to.
//!
//! Comes in: the event graph, one party at one repository at a time. Goes out: a forest in which each event
//! is joined to another of its run by the evidence that decided; the trees are the runs. Never: one event in
//! two runs.
//!
//! Ownership reads the graph: the calls of an upload are one unit, and the edges of a `PutImage` show what
//! its run can own. It finds by itself whatever needs more than two events: logins, pauses, and where checks
//! and unfinished uploads belong.
//!
//! Exact evidence comes first and time last: uploads by their id, then runs from their manifests, then units
//! that only one run lists, then units that several list, then cuts, then units that no manifest names.

mod activity;
mod anew;
mod apart;
mod assignment;
mod broken;
mod claim;
mod cluster;
mod cut;
mod doubt;
mod form;
mod id_vec;
mod lane;
mod listing;
mod nameless;
mod ownership;
mod party;
mod pause;
mod place;
mod run;
mod skew;
mod thresholds;
mod unit;
mod write;

use crate::event::EventLog;
use crate::graph::EventGraph;
use crate::graph::index::PushCall;
use crate::threads;
use assignment::Assignment;
use ownership::Ownership;
use party::PartyWork;

pub(in crate::session) use ownership::{Owned, OwnedRun};
pub(in crate::session) use party::Tolerance;
pub use skew::clocks;
pub(in crate::session) use skew::skew;
pub(in crate::session) use thresholds::{MOST_QUESTIONS, RETRY_WAIT};

/// Assigns every event except logins to a run.
///
/// # Complexity
/// O(n log n) in events and listed blobs; runs of one login that overlap in time are compared with each
/// other, no more than sixteen at a time.
#[must_use]
pub(in crate::session) fn own(
    log: &EventLog,
    graph: &EventGraph,
    tolerance: Tolerance,
) -> Ownership {
    let parties = nameless::placed(log, &graph.index, tolerance.window);
    let parties: Vec<&[PushCall]> = parties.iter().map(AsRef::as_ref).collect();
    let owned = threads::map(parties, |calls| {
        let calls = apart::apart(log, calls, tolerance);
        let work = PartyWork::new(log, graph, &calls, tolerance);
        own_in_party(&work)
    });
    let mut ownership = Ownership::default();
    for owned in owned {
        ownership.append(owned);
    }
    ownership
}

/// Joins the units and manifests of a party at a repository to runs, in the order given at the head of this
/// file.
fn own_in_party(work: &PartyWork<'_>) -> Ownership {
    let mut assignment = Assignment::new(work);
    let mut contested = Vec::new();
    form::form(work, &mut assignment);
    let listings = claim::claim(work, &mut assignment, &mut contested);
    let cut_off = cut::cut(work, &mut assignment);
    claim::claim_again(work, &listings, &mut assignment, &cut_off);
    place::take_unnamed(work, &mut assignment);
    place::place_inside(work, &mut assignment, &cut_off, &mut contested);
    let finished = assignment.starts(work);
    let mut clusters = cluster::cluster(work, &mut assignment);
    cluster::give_left_open(work, &mut assignment, &mut clusters, &finished);
    cluster::give_renewed(work, &mut assignment, &mut clusters);
    cluster::adopt(work, &mut assignment, &mut clusters);
    cluster::give_permission_checks(work, &mut assignment, &mut clusters);
    for run in assignment.run_ids() {
        let row = assignment.run(run);
        if work.is_orphan(row) && work.asks_for_more(row) {
            assignment.note_missing_index(run);
        }
    }
    write::write(work, &assignment, &contested)
}
