//! Ownership: which run every event belongs to.
//!
//! Comes in: the event log by repository. Goes out: a forest, each event joined to another of its
//! run by the evidence that decided; the runs are its trees. Never: one event in two runs.
//!
//! What is exact comes first and time last: uploads by their id, then runs from their manifests,
//! then what only one run lists, then what several list, then cuts, then what no manifest names.

mod activity;
mod broken;
mod claim;
mod cut;
mod lane;
mod leftover;
mod listing;
mod run;
mod skew;
mod thresholds;
mod unit;

use std::iter;
use std::ops::Range;

use crate::event::{DigestId, EventId, EventLog, IdMap, ManifestId};
use crate::graph::Evidence;
use crate::graph::component::components;
use crate::graph::index::{Call, Index};
use crate::threads;
use activity::Activity;
use broken::BrokenByLane;
use cut::CutOff;
use lane::{Callers, Lane};
pub use lane::{PrincipalId, Principals};
use leftover::Cluster;
use run::{Puts, Run};
pub(in crate::session) use skew::skew;
pub(in crate::session) use thresholds::RETRY_WAIT;
use unit::{ByDigest, Unit};

/// An event, and the event of the same run that it is joined to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::session) struct Owned {
    /// The event.
    pub(in crate::session) event: EventId,
    /// What joins it to which other; `None` for the one that the others are joined to.
    pub(in crate::session) link: Option<(EventId, Evidence)>,
}

/// Who owns what.
#[derive(Clone, Debug, Default)]
pub(in crate::session) struct Ownership {
    /// Every push event but logins, once, run by run.
    pub(in crate::session) owned: Vec<Owned>,
    /// Where each run stands in `owned`.
    pub(in crate::session) runs: Vec<Range<usize>>,
    /// Events that another run could own as well: the event, one of the other run, and by what.
    pub(in crate::session) contested: Vec<(EventId, EventId, Evidence)>,
    /// An event of each run that put children without their index.
    pub(in crate::session) index_missing: Vec<EventId>,
}

impl Ownership {
    /// Takes what was assigned elsewhere behind what there is.
    fn append(&mut self, other: Self) {
        let n_before = self.owned.len();
        let runs = other.runs.into_iter();
        self.runs
            .extend(runs.map(|run| n_before + run.start..n_before + run.end));
        self.owned.extend(other.owned);
        self.contested.extend(other.contested);
        self.index_missing.extend(other.index_missing);
    }

    /// The runs by their first events, the events of each by rank.
    pub(in crate::session) fn by_first_event(&mut self) -> impl Iterator<Item = &[Owned]> + '_ {
        for run in &self.runs {
            self.owned[run.clone()].sort_unstable_by_key(|owned| owned.event);
        }
        let owned = &self.owned;
        self.runs.sort_unstable_by_key(|run| owned[run.start].event);
        self.runs.iter().map(|run| &owned[run.clone()])
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
    index: &Index,
    principals: &Principals,
    skew_seconds: i64,
    window_seconds: i64,
) -> Ownership {
    let repositories: Vec<&[Call]> = index.repositories().collect();
    let owned = threads::map(repositories, |calls| {
        own_in_repository(log, principals, calls, skew_seconds, window_seconds)
    });
    let mut ownership = Ownership::default();
    for owned in owned {
        ownership.append(owned);
    }
    ownership
}

/// Assigns the calls of one repository.
fn own_in_repository(
    log: &EventLog,
    principals: &Principals,
    calls: &[Call],
    skew: i64,
    window: i64,
) -> Ownership {
    let mut ownership = Ownership::default();
    let idle = thresholds::IDLE + skew;
    let (mut callers, mut lanes) = Callers::new(log, principals, calls);
    let units = unit::units(log, &mut callers, &mut lanes, calls);
    let puts = unit::puts(log, &mut callers, &lanes, calls);
    let by_digest = ByDigest::new(&units);
    let contents: IdMap<DigestId, ManifestId> = puts
        .iter()
        .filter_map(|put| Some((put.digest?, put.manifest?)))
        .collect();
    let activity = Activity::new(&units, &puts, idle);
    let puts = Puts {
        log,
        lanes: &lanes,
        units: &units,
        puts: &puts,
        by_digest: &by_digest,
        activity: &activity,
        skew,
        idle,
        window,
        shows_checks: units.iter().any(|unit| !unit.is_upload()),
        contents: &contents,
    };
    assign(&puts, &mut ownership);
    ownership
}

/// Joins the units and manifests of a repository to runs.
fn assign(puts: &Puts<'_>, ownership: &mut Ownership) {
    let mut runs = puts.runs();
    let mut owner = vec![None; puts.units.len()];
    let mut contested = Vec::new();
    let listings = claim::claim(puts, &mut runs, &mut owner, &mut contested);
    let mut cut_off = CutOff::new();
    let broken = BrokenByLane::new(puts.units);
    for (index, run) in runs.iter_mut().enumerate() {
        let lane = puts.lane(run);
        for claim in cut::cut(puts, run, |from, to| broken.between(lane, from, to)) {
            owner[claim.unit] = None;
            cut_off.insert(claim.unit, (index, claim));
        }
    }
    claim::claim_again(puts, &listings, &mut runs, &mut owner, &cut_off);
    leftover::take_unnamed(puts, &mut runs, &mut owner);
    leftover::place_inside(puts, &mut runs, &mut owner, &cut_off, &mut contested);
    let clusters = leftover::cluster(puts, &owner, puts.window);
    let given = leftover::give_refused(puts, &mut runs, &clusters);
    let clusters: Vec<Cluster> = clusters
        .into_iter()
        .zip(given)
        .filter(|(_, given)| !given)
        .map(|(cluster, _)| cluster)
        .collect();
    let adopted = adopt(puts, &mut runs, &clusters);
    for run in runs.iter_mut().filter(|run| puts.is_orphan(run)) {
        run.index_missing |= puts.asks_for_more(run);
    }
    for run in &runs {
        write_run(puts, run, ownership);
    }
    for (cluster, adopted) in clusters.iter().zip(adopted) {
        if !adopted {
            write_cluster(puts, cluster, ownership);
        }
    }
    for (unit, others) in contested {
        let event = puts.units[unit].calls[0].event;
        for run in others.into_iter().filter(|&run| owner[unit] != Some(run)) {
            let with = puts.puts[runs[run].puts[0]].event;
            let digest = puts.units[unit].digests.first().copied();
            let evidence = digest.map_or(Evidence::Credential, Evidence::Layer);
            ownership.contested.push((event, with, evidence));
        }
    }
}

/// An image put by digest that is followed at once by more work was a child, and that work is the
/// rest of its run. Tells which clusters were taken.
fn adopt(puts: &Puts<'_>, runs: &mut [Run], clusters: &[Cluster]) -> Vec<bool> {
    let mut orphans: Vec<(Lane, i64, usize)> = Vec::new();
    if !clusters.is_empty() {
        let all = runs.iter().enumerate();
        let alone = all.filter(|(_, run)| puts.is_orphan(run));
        orphans.extend(alone.map(|(index, run)| (puts.lane(run), run.end, index)));
        orphans.sort_unstable();
    }
    let adopts = clusters.iter().map(|cluster| {
        let lane = puts.units[cluster.units[0]].lane;
        let before = orphans.partition_point(|&(of, end, _)| (of, end) <= (lane, cluster.start));
        let Some(&(of, end, run)) = before.checked_sub(1).and_then(|at| orphans.get(at)) else {
            return false;
        };
        if of != lane || cluster.start - end > puts.idle {
            return false;
        }
        runs[run].index_missing = true;
        runs[run].end = runs[run].end.max(cluster.end);
        for &unit in &cluster.units {
            let put = runs[run].puts[0];
            runs[run].units.push(run::Claim {
                unit,
                evidence: Evidence::Credential,
                put,
            });
        }
        true
    });
    adopts.collect()
}

/// The event that stands for a unit: the one that ends it.
fn face(unit: &Unit<'_>) -> EventId {
    let last = unit.calls.last();
    last.expect("a unit is made of at least one call").event
}

fn write_unit(unit: &Unit<'_>, link: Option<(EventId, Evidence)>, ownership: &mut Ownership) {
    let anchor = face(unit);
    let others = unit.calls.iter().filter(|call| call.event != anchor);
    let others = others.map(|call| Owned {
        event: call.event,
        link: Some((
            anchor,
            call.upload.map_or(Evidence::Retry, Evidence::Upload),
        )),
    });
    let of_face = Owned {
        event: anchor,
        link,
    };
    ownership.owned.extend(iter::once(of_face).chain(others));
}

/// Closes the run whose events were owned since `start`.
fn close_run(start: usize, ownership: &mut Ownership) {
    let run = start..ownership.owned.len();
    debug_assert!(is_tree(&ownership.owned[run.clone()]), "a run is one tree");
    ownership.runs.push(run);
}

/// Whether links lead from each event of a run, but one, to another of the same run.
fn is_tree(run: &[Owned]) -> bool {
    let mut events: Vec<EventId> = run.iter().map(|owned| owned.event).collect();
    events.sort_unstable();
    let position = |event: EventId| events.binary_search(&event).ok();
    let ends: Option<Vec<_>> = run
        .iter()
        .filter_map(|owned| Some((owned.event, owned.link?.0)))
        .map(|(event, with)| Some((position(event)?, position(with)?)))
        .collect();
    ends.is_some_and(|ends| ends.len() + 1 == run.len() && components(run.len(), ends).len() == 1)
}

fn write_run(puts: &Puts<'_>, run: &Run, ownership: &mut Ownership) {
    let start = ownership.owned.len();
    let event = |put: usize| puts.puts[put].event;
    for (&put, joined) in run.puts.iter().zip(&run.joined) {
        let link = joined.map(|(with, evidence)| (event(with), evidence));
        ownership.owned.push(Owned {
            event: event(put),
            link,
        });
    }
    for claim in &run.units {
        let link = Some((event(claim.put), claim.evidence));
        write_unit(&puts.units[claim.unit], link, ownership);
    }
    if run.index_missing {
        ownership.index_missing.push(event(run.puts[0]));
    }
    close_run(start, ownership);
}

fn write_cluster(puts: &Puts<'_>, cluster: &Cluster, ownership: &mut Ownership) {
    let start = ownership.owned.len();
    let anchor = cluster
        .units
        .iter()
        .copied()
        .find(|&unit| puts.units[unit].is_upload());
    let anchor = anchor.unwrap_or(cluster.units[0]);
    for &unit in &cluster.units {
        let shared = puts.units[unit]
            .digests
            .iter()
            .copied()
            .find(|digest| puts.units[anchor].digests.contains(digest));
        let evidence = shared.map_or(Evidence::Credential, Evidence::Availability);
        let link = (unit != anchor).then(|| (face(&puts.units[anchor]), evidence));
        write_unit(&puts.units[unit], link, ownership);
    }
    close_run(start, ownership);
}
