//! Claims: which run owns an upload or check whose digest its manifests list.
//!
//! Comes in: runs with their manifests, and the units. Goes out: each unit given to at most one
//! run. First what one run alone can own, which gives each run a reliable span; then what several
//! list, the latest first, so that spans grow backwards. Never: one upload for two runs.

use std::ops::Range;

use crate::event::{DigestId, IdSet, Second};
use crate::graph::Evidence;
use crate::session::own::assignment::{Assignment, Claim, Run, RunIx};
use crate::session::own::cut::CutOff;
use crate::session::own::listing::{Listing, Listings};
use crate::session::own::repository::Repository;
use crate::session::own::thresholds::{CANDIDATES, SKEW};
use crate::session::own::unit::{PutIx, UnitIx};

/// What runs hold: the run, the digest, and whether it is an upload of it or a check.
type Held = IdSet<(RunIx, DigestId, bool)>;

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

/// A unit that several runs list, and the others that could own it.
pub(super) type Contested = (UnitIx, Vec<RunIx>);

/// Gives units to the runs that list their digests; what several runs could own as well is noted
/// in `contested` with the other runs.
///
/// # Complexity
/// O((u + l) log l) for u units and l listed digests.
pub(super) fn claim(
    facts: &Repository<'_>,
    assignment: &mut Assignment,
    contested: &mut Vec<Contested>,
) -> Listings {
    let listings = Listings::new(facts, assignment);
    let mut shared: Vec<(UnitIx, Range<usize>)> = Vec::new();
    let mut of_shared: Vec<Candidate> = Vec::new();
    let mut candidates = Vec::new();
    for unit in facts.units.ids() {
        find(facts, &listings, unit, &mut candidates);
        match candidates.as_slice() {
            [] => {}
            [only] => give(facts, assignment, unit, only),
            several => {
                let start = of_shared.len();
                of_shared.extend_from_slice(several);
                shared.push((unit, start..of_shared.len()));
            }
        }
    }
    let mut held = Held::default();
    if !shared.is_empty() {
        hold(facts, assignment, &mut held);
    }
    // Backwards, for a run is known to have been at work no earlier than the units that it has: each
    // that it gets makes it a candidate for the ones before.
    for (unit, of_unit) in shared.into_iter().rev() {
        let candidates = &of_shared[of_unit];
        let (chosen, others) = choose(facts, assignment, &held, unit, candidates);
        if !others.is_empty() {
            contested.push((unit, others));
        }
        let chosen = &candidates[chosen];
        give(facts, assignment, unit, chosen);
        held.insert((chosen.run, chosen.digest, facts.units[unit].is_upload()));
    }
    listings
}

/// Gives what was cut from a run to an earlier one that lists it too and ended only just before, as
/// far as clocks differ.
///
/// # Complexity
/// O(c log l) for c units and l listed digests.
pub(super) fn claim_again(
    facts: &Repository<'_>,
    listings: &Listings,
    assignment: &mut Assignment,
    cut_off: &CutOff,
) {
    if cut_off.is_empty() {
        return;
    }
    let mut held = Held::default();
    hold(facts, assignment, &mut held);
    // A run does not get again what was cut off from it.
    let claims = cut_off.values();
    held.extend(claims.filter_map(|(run, claim)| holds(facts, *run, claim)));
    let mut candidates = Vec::new();
    for (&unit, &(from, _)) in cut_off {
        let is_upload = facts.units[unit].is_upload();
        find(facts, listings, unit, &mut candidates);
        let start = assignment.run(from).start;
        let earlier = candidates.iter().find(|to| {
            let lacks_it = !is_upload || !held.contains(&(to.run, to.digest, is_upload));
            to.run != from && to.late && lacks_it && assignment.run(to.run).end <= start
        });
        if let Some(earlier) = earlier {
            give(facts, assignment, unit, earlier);
            held.insert((earlier.run, earlier.digest, is_upload));
        }
    }
}

/// Notes what runs hold.
fn hold(facts: &Repository<'_>, assignment: &Assignment, held: &mut Held) {
    for (id, run) in assignment.runs() {
        let claims = run.claims.iter();
        held.extend(claims.filter_map(|claim| holds(facts, id, claim)));
    }
}

/// What a run holds by a claim.
fn holds(facts: &Repository<'_>, run: RunIx, claim: &Claim) -> Option<(RunIx, DigestId, bool)> {
    let (_, evidence) = claim.witness?;
    Some((
        run,
        evidence.witness()?,
        facts.units[claim.unit].is_upload(),
    ))
}

/// Finds the runs that a unit could belong to, by the second of the put that lists its digest.
fn find(facts: &Repository<'_>, listings: &Listings, unit: UnitIx, found: &mut Vec<Candidate>) {
    let row = &facts.units[unit];
    found.clear();
    for &digest in row.digests {
        let listed = listings.of(&facts.lanes, digest, row.lane, row.last - SKEW);
        for &Listing {
            run,
            put,
            accepted,
            last,
            ..
        } in listed.take(CANDIDATES)
        {
            // A layer is there before its manifest is accepted; a client checks again before its next tag.
            let deadline = if row.is_upload() { accepted } else { last };
            if !facts.lanes.compatible(facts.puts[put].lane, row.lane)
                || row.last > deadline + SKEW
                || row.first > deadline + facts.skew && row.is_upload()
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
        let is_refused = !facts.puts[candidate.put].accepted;
        (
            candidate.late,
            candidate.deadline,
            is_refused,
            candidate.run,
        )
    });
    // A check after the put is the run's own only as far as clocks differ.
    found.retain(|candidate| row.is_upload() || row.last - candidate.deadline <= facts.skew);
}

fn give(facts: &Repository<'_>, assignment: &mut Assignment, unit: UnitIx, to: &Candidate) {
    let evidence = if facts.units[unit].is_upload() {
        Evidence::Layer(to.digest)
    } else {
        Evidence::Availability(to.digest)
    };
    assignment.give(facts, unit, to.run, Some((to.put, evidence)));
}

/// Chooses among several runs that list a unit's digest; gives the others that fit as well.
fn choose(
    facts: &Repository<'_>,
    assignment: &Assignment,
    held: &Held,
    unit: UnitIx,
    candidates: &[Candidate],
) -> (usize, Vec<RunIx>) {
    let row = &facts.units[unit];
    let start = |candidate: &Candidate| assignment.run(candidate.run).start;
    let inside = |candidate: &Candidate| start(candidate) <= row.first + facts.idle;
    // What ended after a run's put is another's that was at work, and only else that run's own.
    let any_at_work = (candidates.iter()).any(|candidate| !candidate.late && inside(candidate));
    let n_late = candidates.iter().filter(|candidate| candidate.late).count();
    if n_late > 0 && !any_at_work {
        let best = candidates.len() - n_late;
        let others = (0..candidates.len()).filter(|&at| at != best);
        return (best, others.map(|at| candidates[at].run).collect());
    }
    let (candidates, late) = candidates.split_at(candidates.len() - n_late);
    let first = &candidates[0];
    // A later run can own it only where it was at work before the earlier one put its manifest.
    let concurrent: Vec<usize> = (0..candidates.len())
        .filter(|&at| at == 0 || start(&candidates[at]) <= first.deadline)
        .collect();
    let spare =
        |candidate: &Candidate| !held.contains(&(candidate.run, candidate.digest, row.is_upload()));
    // Units come latest first: this one goes to the latest run that lacks one, as long as the
    // earliest is left with another.
    let passes_on =
        !spare(first) || has_earlier(facts, assignment.run(first.run), unit, first.digest);
    let mut latest = concurrent.iter().copied().rev();
    let later = latest.find(|&at| at > 0 && inside(&candidates[at]) && spare(&candidates[at]));
    let best = later.filter(|_| passes_on).unwrap_or(0);
    // Within an idle pause of one another the clocks do not say which run was at work.
    let could = |other: &&Candidate| {
        inside(other) && start(other) <= first.deadline || {
            (start(other) - first.deadline).abs() <= facts.idle
        }
    };
    let others = candidates.iter().enumerate().filter(|&(at, _)| at != best);
    let others = others.map(|(_, other)| other).filter(could).chain(late);
    (best, others.map(|other| other.run).collect())
}

/// Whether a run could own an earlier unit of the same kind and digest instead of this one.
fn has_earlier(facts: &Repository<'_>, run: &Run, unit: UnitIx, digest: DigestId) -> bool {
    let row = &facts.units[unit];
    let units = facts.by_digest.of(digest);
    let before = units.partition_point(|&other| other < unit);
    let latest = units[..before].iter().rev().take(CANDIDATES);
    latest.map(|&other| &facts.units[other]).any(|other| {
        other.is_upload() == row.is_upload()
            && other.first >= run.start - facts.idle
            && facts.lanes.compatible(other.lane, row.lane)
    })
}
