//! Claims: which run owns an upload or check whose digest its manifests list.
//!
//! Comes in: runs with their manifests, and the units. Goes out: each unit given to at most one run. Units
//! that only one run can own come first, which gives each run a reliable span; then units that several
//! list, the latest first, so that spans grow backwards. Never: one upload for two runs.

use std::ops::Range;

use crate::event::{DigestId, IdSet, Second};
use crate::graph::Evidence;
use crate::session::own::assignment::Assignment;
use crate::session::own::listing::{ListedBlob, ListedBlobs};
use crate::session::own::party::PartyWork;
use crate::session::own::run::{Contested, CutOff, OwnedUnit, Run, RunIx};
use crate::session::own::thresholds::{CANDIDATES, SKEW};
use crate::session::own::unit::{PutIx, UnitIx};

/// What runs already own: the run, the digest, and whether it is an upload or a check.
type HeldDigests = IdSet<(RunIx, DigestId, bool)>;

/// Where a unit could go.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    /// The run.
    run: RunIx,
    /// The put whose manifest lists the digest.
    put: PutIx,
    /// The digest.
    digest: DigestId,
    /// The second of that put.
    deadline: Second,
    /// Whether the unit ended after the put, by no more than clocks differ.
    late: bool,
}

/// Gives units to the runs that list their digests. If several runs could own a unit, the others are noted
/// in `contested`.
///
/// # Complexity
/// O((u + l) log l) for u units and l listed digests.
pub(super) fn claim(
    work: &PartyWork<'_>,
    assignment: &mut Assignment,
    contested: &mut Vec<Contested>,
) -> ListedBlobs {
    let listings = ListedBlobs::new(work, assignment);
    let mut shared: Vec<(UnitIx, Range<usize>)> = Vec::new();
    let mut of_shared: Vec<Candidate> = Vec::new();
    let mut candidates = Vec::new();
    // Units that only one run lists come first, as they give each run a reliable start.
    for unit in work.units.ids() {
        find(work, &listings, unit, &mut candidates);
        match candidates.as_slice() {
            [] => {}
            [only] => give(work, assignment, unit, only),
            several => {
                let start = of_shared.len();
                of_shared.extend_from_slice(several);
                shared.push((unit, start..of_shared.len()));
            }
        }
    }
    let mut held = HeldDigests::default();
    // Most repositories share no layer in flight, and need no table of owned digests.
    if !shared.is_empty() {
        hold(work, assignment, &mut held);
    }
    // Backwards: a run is known to have worked no earlier than its earliest unit, and each unit it gets
    // makes it a candidate for the ones before.
    for (unit, of_unit) in shared.into_iter().rev() {
        let candidates = &of_shared[of_unit];
        let (chosen, others) = choose(work, assignment, &held, unit, candidates);
        // The report names the other candidates, which lowers the confidence of both.
        if !others.is_empty() {
            contested.push((unit, others));
        }
        give(work, assignment, unit, &chosen);
        held.insert((chosen.run, chosen.digest, work.units[unit].is_upload()));
    }
    listings
}

/// Gives units that were cut from a run to an earlier run that also lists them and ended only just before,
/// as far as clocks differ.
///
/// # Complexity
/// O(c log l) for c units and l listed digests.
pub(super) fn claim_again(
    work: &PartyWork<'_>,
    listings: &ListedBlobs,
    assignment: &mut Assignment,
    cut_off: &CutOff,
) {
    if cut_off.is_empty() {
        return;
    }
    let mut held = HeldDigests::default();
    hold(work, assignment, &mut held);
    // A run does not get back units that were cut off from it.
    let claims = cut_off.values();
    held.extend(claims.filter_map(|(run, claim)| holds(work, *run, claim)));
    let mut candidates = Vec::new();
    for (&unit, &(from, _)) in cut_off {
        let is_upload = work.units[unit].is_upload();
        find(work, listings, unit, &mut candidates);
        let start = assignment.run(from).start;
        let earlier = candidates.iter().find(|to| {
            // No run sends one layer twice, but clients may check it any number of times.
            let lacks_it = !is_upload || !held.contains(&(to.run, to.digest, is_upload));
            // Only a unit logged after the put that it was for can belong to an earlier run: its clock was
            // late.
            to.run != from && to.late && lacks_it && assignment.run(to.run).end <= start
        });
        if let Some(earlier) = earlier {
            give(work, assignment, unit, earlier);
            held.insert((earlier.run, earlier.digest, is_upload));
        }
    }
}

/// Notes which digests runs own.
fn hold(work: &PartyWork<'_>, assignment: &Assignment, held: &mut HeldDigests) {
    for (id, run) in assignment.runs() {
        let claims = run.units.iter();
        held.extend(claims.filter_map(|claim| holds(work, id, claim)));
    }
}

/// Which digest a run owns by a unit, if a digest joins them.
fn holds(work: &PartyWork<'_>, run: RunIx, claim: &OwnedUnit) -> Option<(RunIx, DigestId, bool)> {
    let (_, evidence) = claim.witness?;
    Some((run, evidence.witness()?, work.units[claim.unit].is_upload()))
}

/// Finds the runs that a unit could belong to, by the second of the put that lists its digest.
fn find(work: &PartyWork<'_>, listings: &ListedBlobs, unit: UnitIx, found: &mut Vec<Candidate>) {
    let row = &work.units[unit];
    found.clear();
    for &digest in row.digests {
        let listed = listings.of(&work.lanes, digest, row.lane, row.last - SKEW);
        for &ListedBlob {
            run,
            put,
            accepted,
            last,
            ..
        } in listed.take(CANDIDATES)
        {
            // A layer is there before its manifest is accepted; a client checks again before its next tag.
            let deadline = if row.is_upload() { accepted } else { last };
            if !work.lanes.compatible(work.puts[put].lane, row.lane)
                // An effect logged earlier than clocks ever differed has another cause.
                || row.last > deadline + SKEW
                // An upload that starts after the manifest was accepted is for another manifest.
                || row.first > deadline + work.skew && row.is_upload()
                // If a check has several digests, the first that a run lists is enough.
                || found.iter().any(|candidate| candidate.run == run)
            {
                continue;
            }
            found.push(Candidate {
                run,
                put,
                digest,
                deadline,
                late: row.last > deadline,
            });
        }
    }
    // Of two manifests in one second, the one that succeeded certainly has the layers.
    found.sort_by_key(|candidate| {
        let is_refused = !work.puts[candidate.put].accepted;
        (
            candidate.late,
            candidate.deadline,
            is_refused,
            candidate.run,
        )
    });
    // A check after the put belongs to the run only as far as clocks differ.
    found.retain(|candidate| row.is_upload() || row.last - candidate.deadline <= work.skew);
}

fn give(work: &PartyWork<'_>, assignment: &mut Assignment, unit: UnitIx, to: &Candidate) {
    let evidence = if work.units[unit].is_upload() {
        Evidence::Layer(to.digest)
    } else {
        Evidence::Availability(to.digest)
    };
    assignment.give(work, unit, to.run, Some((to.put, evidence)));
}

/// Chooses among several runs that list a unit's digest; also returns the others that fit.
fn choose(
    work: &PartyWork<'_>,
    assignment: &Assignment,
    held: &HeldDigests,
    unit: UnitIx,
    candidates: &[Candidate],
) -> (Candidate, Vec<RunIx>) {
    let row = &work.units[unit];
    let start = |candidate: &Candidate| assignment.run(candidate.run).start;
    // A run works from its first unit on, including an idle pause before it.
    let inside = |candidate: &Candidate| start(candidate) <= row.first + work.idle;
    let (timely, late) = candidates.split_at(candidates.partition_point(|one| !one.late));
    // A unit that ended after a run's put belongs to another run that was working; if there is none, to
    // that run.
    let late_best = late.first().filter(|_| !timely.iter().any(inside));
    let Some(first) = timely.first().filter(|_| late_best.is_none()) else {
        let best = late_best.expect("several runs list the digest");
        let others = candidates.iter().filter(|other| other.run != best.run);
        return (*best, others.map(|other| other.run).collect());
    };
    // Each run sends a layer once, so one that has its own needs no second.
    let spare =
        |candidate: &Candidate| !held.contains(&(candidate.run, candidate.digest, row.is_upload()));
    // Units come latest first: this one goes to the latest run that lacks one, if another is left for the
    // earliest run.
    let passes_on =
        !spare(first) || has_earlier(work, assignment.run(first.run), unit, first.digest);
    // A later run can own it only if it was working before the earlier one put its manifest.
    let is_concurrent = |candidate: &Candidate| start(candidate) <= first.deadline;
    let mut latest = timely[1..].iter().rev().filter(|_| passes_on);
    let later = latest.find(|one| is_concurrent(one) && inside(one) && spare(one));
    let best = later.unwrap_or(first);
    // Within an idle pause, the clocks do not show which run was working.
    let could = |other: &&Candidate| {
        inside(other) && is_concurrent(other) || (start(other) - first.deadline).abs() <= work.idle
    };
    let others = timely.iter().filter(|other| other.run != best.run);
    let others = others.filter(could).chain(late);
    (*best, others.map(|other| other.run).collect())
}

/// Whether a run could own an earlier unit of this kind and digest instead of this one.
fn has_earlier(work: &PartyWork<'_>, run: &Run, unit: UnitIx, digest: DigestId) -> bool {
    let row = &work.units[unit];
    let (latest, _) = work.by_digest.around(digest, |other| other < unit);
    let mut latest = latest.take(CANDIDATES).map(|other| &work.units[other]);
    // A unit before the start of the run cannot belong to it.
    latest.any(|other| {
        other.is_upload() == row.is_upload()
            && other.first >= run.start - work.idle
            && work.lanes.compatible(other.lane, row.lane)
    })
}
