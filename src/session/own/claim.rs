//! Claims: which run owns an upload or check whose digest its manifests list.
//!
//! Comes in: runs with their manifests, and the units. Goes out: each unit given to at most one
//! run. First what one run alone can own, which gives each run a reliable span; then what several
//! list, the latest first, so that spans grow backwards. Never: one upload for two runs.

use std::ops::Range;

use crate::event::{DigestId, IdSet};
use crate::graph::Evidence;
use crate::session::own::cut::CutOff;
use crate::session::own::listing::{Listing, Listings};
use crate::session::own::run::{Claim, Puts, Run};
use crate::session::own::thresholds::{CANDIDATES, SKEW};

/// What runs hold: the run, the digest, and whether it is an upload of it or a check.
type Held = IdSet<(usize, DigestId, bool)>;

/// Where a unit could go.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    /// The run.
    run: usize,
    /// The put whose manifest lists the digest.
    put: usize,
    /// The digest.
    digest: DigestId,
    /// The second of that put.
    deadline: i64,
    /// The unit ended after the put, by no more than clocks differ.
    late: bool,
}

/// Gives units to the runs that list their digests; what several runs could own as well is noted
/// in `contested` with the other runs.
///
/// # Complexity
/// O((u + l) log l) for u units and l listed digests.
pub(super) fn claim(
    puts: &Puts<'_>,
    runs: &mut [Run],
    owner: &mut [Option<usize>],
    contested: &mut Vec<(usize, Vec<usize>)>,
) -> Listings {
    let listings = Listings::new(puts, runs);
    let mut shared: Vec<(usize, Range<usize>)> = Vec::new();
    let mut of_shared: Vec<Candidate> = Vec::new();
    let mut candidates = Vec::new();
    for unit in 0..puts.units.len() {
        find(puts, &listings, unit, &mut candidates);
        match candidates.as_slice() {
            [] => {}
            [only] => give(puts, runs, owner, unit, only),
            several => {
                let start = of_shared.len();
                of_shared.extend_from_slice(several);
                shared.push((unit, start..of_shared.len()));
            }
        }
    }
    let mut held = Held::default();
    if !shared.is_empty() {
        hold(puts, runs, &mut held);
    }
    for (unit, of_unit) in shared.into_iter().rev() {
        let candidates = &of_shared[of_unit];
        let (chosen, others) = choose(puts, runs, &held, unit, candidates);
        if !others.is_empty() {
            contested.push((unit, others));
        }
        let chosen = &candidates[chosen];
        give(puts, runs, owner, unit, chosen);
        held.insert((chosen.run, chosen.digest, puts.units[unit].is_upload()));
    }
    listings
}

/// Gives what was cut from a run to an earlier one that lists it too and ended only just before, as
/// far as clocks differ.
///
/// # Complexity
/// O(c log l) for c units and l listed digests.
pub(super) fn claim_again(
    puts: &Puts<'_>,
    listings: &Listings,
    runs: &mut [Run],
    owner: &mut [Option<usize>],
    cut_off: &CutOff,
) {
    if cut_off.is_empty() {
        return;
    }
    let mut held = Held::default();
    hold(puts, runs, &mut held);
    // A run does not get again what was cut off from it.
    let claims = cut_off.values();
    held.extend(claims.filter_map(|(run, claim)| holds(puts, *run, claim)));
    let mut candidates = Vec::new();
    for (&unit, &(from, _)) in cut_off {
        let is_upload = puts.units[unit].is_upload();
        find(puts, listings, unit, &mut candidates);
        let earlier = candidates.iter().find(|to| {
            let lacks_it = !is_upload || !held.contains(&(to.run, to.digest, is_upload));
            to.run != from && to.late && lacks_it && runs[to.run].end <= runs[from].start
        });
        if let Some(earlier) = earlier {
            give(puts, runs, owner, unit, earlier);
            held.insert((earlier.run, earlier.digest, is_upload));
        }
    }
}

/// Notes what runs hold.
fn hold(puts: &Puts<'_>, runs: &[Run], held: &mut Held) {
    for (index, run) in runs.iter().enumerate() {
        let claims = run.units.iter();
        held.extend(claims.filter_map(|claim| holds(puts, index, claim)));
    }
}

/// What a run holds by a claim.
fn holds(puts: &Puts<'_>, run: usize, claim: &Claim) -> Option<(usize, DigestId, bool)> {
    let digest = claim.evidence.witness()?;
    Some((run, digest, puts.units[claim.unit].is_upload()))
}

/// Finds the runs that a unit could belong to, by the second of the put that lists its digest.
fn find(puts: &Puts<'_>, listings: &Listings, unit: usize, found: &mut Vec<Candidate>) {
    let row = &puts.units[unit];
    found.clear();
    for &digest in row.digests {
        let listed = listings.of(puts.lanes, digest, row.lane, row.last - SKEW);
        for &Listing {
            run,
            put,
            accepted,
            last,
            ..
        } in listed.take(CANDIDATES)
        {
            let deadline = if row.is_upload() { accepted } else { last };
            if !puts.lanes.compatible(puts.puts[put].lane, row.lane)
                || row.last > deadline + SKEW
                || row.first > deadline + puts.skew && row.is_upload()
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
    found.sort_by_key(|candidate| (candidate.late, candidate.deadline, candidate.run));
    // A check after the put is the run's own only as far as clocks differ.
    found.retain(|candidate| row.is_upload() || row.last - candidate.deadline <= puts.skew);
}

fn give(
    puts: &Puts<'_>,
    runs: &mut [Run],
    owner: &mut [Option<usize>],
    unit: usize,
    to: &Candidate,
) {
    let row = &puts.units[unit];
    let run = &mut runs[to.run];
    let evidence = if row.is_upload() {
        Evidence::Layer(to.digest)
    } else {
        Evidence::Availability(to.digest)
    };
    run.units.push(Claim {
        unit,
        evidence,
        put: to.put,
    });
    run.start = run.start.min(row.first);
    owner[unit] = Some(to.run);
}

/// Chooses among several runs that list a unit's digest; gives the others that fit as well.
fn choose(
    puts: &Puts<'_>,
    runs: &[Run],
    held: &Held,
    unit: usize,
    candidates: &[Candidate],
) -> (usize, Vec<usize>) {
    let row = &puts.units[unit];
    // What ended after a run's put is another's that was at work, and only else that run's own.
    let at_work = |candidate: &Candidate| {
        !candidate.late && runs[candidate.run].start <= row.first + puts.idle
    };
    let any_at_work = candidates.iter().any(at_work);
    let n_late = candidates.iter().filter(|candidate| candidate.late).count();
    if n_late > 0 && !any_at_work {
        return (candidates.len() - n_late, Vec::new());
    }
    let candidates = &candidates[..candidates.len() - n_late];
    let first = &candidates[0];
    // A later run can own it only where it was at work before the earlier one put its manifest.
    let concurrent: Vec<usize> = (0..candidates.len())
        .filter(|&at| at == 0 || runs[candidates[at].run].start <= first.deadline)
        .collect();
    let spare = |at: usize| {
        let candidate = &candidates[at];
        !held.contains(&(candidate.run, candidate.digest, row.is_upload()))
    };
    let inside = |at: usize| runs[candidates[at].run].start <= row.first + puts.idle;
    // Units come latest first: this one goes to the latest run that lacks one, as long as the
    // earliest is left with another.
    let passes_on = !spare(0) || has_earlier(puts, &runs[first.run], unit, first.digest);
    let later = concurrent
        .iter()
        .copied()
        .rev()
        .find(|&at| at > 0 && inside(at) && spare(at));
    let best = later.filter(|_| passes_on).unwrap_or(0);
    let mut others = Vec::new();
    for &at in &concurrent {
        if at != best && runs[candidates[at].run].start <= row.first + puts.idle {
            others.push(candidates[at].run);
        }
    }
    (best, others)
}

/// Whether a run could own an earlier unit of the same kind and digest instead of this one.
fn has_earlier(puts: &Puts<'_>, run: &Run, unit: usize, digest: DigestId) -> bool {
    let row = &puts.units[unit];
    let units = puts.by_digest.of(digest);
    let before = units.partition_point(|&other| other < unit);
    units[..before]
        .iter()
        .rev()
        .take(CANDIDATES)
        .map(|&other| &puts.units[other])
        .any(|other| {
            other.is_upload() == row.is_upload()
                && other.first >= run.start - puts.idle
                && puts.lanes.compatible(other.lane, row.lane)
        })
}
