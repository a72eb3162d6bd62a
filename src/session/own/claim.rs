//! Claims: which run owns an upload or check whose digest its manifests list.
//!
//! Comes in: runs with their manifests, and the units. Goes out: each unit given to at most one
//! run. First what one run alone can own, which gives each run a reliable span; then what several
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

/// What runs own already: the run, the digest, and whether it is an upload of it or a check.
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
    /// The unit ended after the put, by no more than clocks differ.
    late: bool,
}

/// Gives units to the runs that list their digests; what several runs could own as well is noted
/// in `contested` with the other runs.
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
    // What one run alone lists comes first: it gives each run a begin that can be relied on.
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
    // Most repositories share no layer in flight, and need no table of what is held.
    if !shared.is_empty() {
        hold(work, assignment, &mut held);
    }
    // Backwards, for a run is known to have been at work no earlier than the units that it has: each
    // that it gets makes it a candidate for the ones before.
    for (unit, of_unit) in shared.into_iter().rev() {
        let candidates = &of_shared[of_unit];
        let (chosen, others) = choose(work, assignment, &held, unit, candidates);
        // What else could own it is told in the report and lowers the confidence of both.
        if !others.is_empty() {
            contested.push((unit, others));
        }
        give(work, assignment, unit, &chosen);
        held.insert((chosen.run, chosen.digest, work.units[unit].is_upload()));
    }
    listings
}

/// Gives what was cut from a run to an earlier one that lists it too and ended only just before, as
/// far as clocks differ.
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
    // A run does not get again what was cut off from it.
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
            // Only a unit logged after the put that it was for can be an earlier run's: its clock
            // was late.
            to.run != from && to.late && lacks_it && assignment.run(to.run).end <= start
        });
        if let Some(earlier) = earlier {
            give(work, assignment, unit, earlier);
            held.insert((earlier.run, earlier.digest, is_upload));
        }
    }
}

/// Notes what runs own.
fn hold(work: &PartyWork<'_>, assignment: &Assignment, held: &mut HeldDigests) {
    for (id, run) in assignment.runs() {
        let claims = run.units.iter();
        held.extend(claims.filter_map(|claim| holds(work, id, claim)));
    }
}

/// What a run owns by a unit, where a digest says so.
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
                // Beyond the clocks that were ever seen an effect is no cause.
                || row.last > deadline + SKEW
                // An upload that begins after the manifest was accepted is for another manifest.
                || row.first > deadline + work.skew && row.is_upload()
                // Of several digests of one check the first that a run lists is enough.
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
    // Of two manifests of one second the one that came through has the layers for certain.
    found.sort_by_key(|candidate| {
        let is_refused = !work.puts[candidate.put].accepted;
        (
            candidate.late,
            candidate.deadline,
            is_refused,
            candidate.run,
        )
    });
    // A check after the put is the run's own only as far as clocks differ.
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

/// Chooses among several runs that list a unit's digest; gives the others that fit as well.
fn choose(
    work: &PartyWork<'_>,
    assignment: &Assignment,
    held: &HeldDigests,
    unit: UnitIx,
    candidates: &[Candidate],
) -> (Candidate, Vec<RunIx>) {
    let row = &work.units[unit];
    let start = |candidate: &Candidate| assignment.run(candidate.run).start;
    // A run is at work from its first unit on, an idle pause before that included.
    let inside = |candidate: &Candidate| start(candidate) <= row.first + work.idle;
    let (timely, late) = candidates.split_at(candidates.partition_point(|one| !one.late));
    // What ended after a run's put is another's that was at work, and only else that run's own.
    let late_best = late.first().filter(|_| !timely.iter().any(inside));
    let Some(first) = timely.first().filter(|_| late_best.is_none()) else {
        let best = late_best.expect("several runs list the digest");
        let others = candidates.iter().filter(|other| other.run != best.run);
        return (*best, others.map(|other| other.run).collect());
    };
    // Each run sends a layer once: one that has its own needs no second.
    let spare =
        |candidate: &Candidate| !held.contains(&(candidate.run, candidate.digest, row.is_upload()));
    // Units come latest first: this one goes to the latest run that lacks one, as long as the
    // earliest is left with another.
    let passes_on =
        !spare(first) || has_earlier(work, assignment.run(first.run), unit, first.digest);
    // A later run can own it only where it was at work before the earlier one put its manifest.
    let is_concurrent = |candidate: &Candidate| start(candidate) <= first.deadline;
    let mut latest = timely[1..].iter().rev().filter(|_| passes_on);
    let later = latest.find(|one| is_concurrent(one) && inside(one) && spare(one));
    let best = later.unwrap_or(first);
    // Within an idle pause of one another the clocks do not say which run was at work.
    let could = |other: &&Candidate| {
        inside(other) && is_concurrent(other) || (start(other) - first.deadline).abs() <= work.idle
    };
    let others = timely.iter().filter(|other| other.run != best.run);
    let others = others.filter(could).chain(late);
    (*best, others.map(|other| other.run).collect())
}

/// Whether a run could own an earlier unit of the same kind and digest instead of this one.
fn has_earlier(work: &PartyWork<'_>, run: &Run, unit: UnitIx, digest: DigestId) -> bool {
    let row = &work.units[unit];
    let (latest, _) = work.by_digest.around(digest, |other| other < unit);
    let mut latest = latest.take(CANDIDATES).map(|other| &work.units[other]);
    // What lies before the begin of the run cannot be its own.
    latest.any(|other| {
        other.is_upload() == row.is_upload()
            && other.first >= run.start - work.idle
            && work.lanes.compatible(other.lane, row.lane)
    })
}
