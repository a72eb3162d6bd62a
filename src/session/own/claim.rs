//! Claims: which run owns an upload or check whose digest its manifests list.
//!
//! Comes in: runs with their manifests, and the units. Goes out: each unit given to at most one
//! run. First what one run alone can own, which gives each run a reliable span; then what several
//! list, the latest first, so that spans grow backwards. Never: one upload for two runs.

use std::collections::BTreeMap;

use crate::event::{DigestId, IdSet, OrderedMap};
use crate::graph::Evidence;
use crate::session::own::lane::{Lane, PrincipalId};
use crate::session::own::run::{Claim, Puts, Run};
use crate::session::own::thresholds::{CANDIDATES, SKEW};
use crate::session::own::unit::Put;

/// A digest that a run lists, and until when it could still be uploaded or checked for it.
#[derive(Clone, Copy, Debug)]
struct Listing {
    run: usize,
    /// The put whose manifest lists it.
    put: usize,
    /// The second of the first accepted put of that manifest, else of the last refused one.
    accepted: i64,
    /// The second of the last put of that manifest; the next name is checked for before it.
    last: i64,
}

/// What runs hold: the run, the digest, and whether it is an upload of it or a check.
type Held = IdSet<(usize, DigestId, bool)>;

/// Who lists what, and who holds it.
pub(super) struct Claimed {
    listings: Listings,
    held: Held,
}

/// Who lists what.
struct Listings {
    of_lane: OrderedMap<(DigestId, Lane), Vec<Listing>>,
    of_principal: OrderedMap<(DigestId, PrincipalId), Vec<Listing>>,
}

/// Where a unit could go.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// The run.
    pub(super) run: usize,
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
) -> Claimed {
    let listings = Listings::new(puts, runs);
    let mut held = Held::default();
    let mut shared: Vec<(usize, Vec<Candidate>)> = Vec::new();
    for unit in 0..puts.units.len() {
        let candidates = listings.candidates(puts, unit);
        match candidates.as_slice() {
            [] => {}
            [only] => give(puts, runs, owner, &mut held, unit, only),
            _ => shared.push((unit, candidates)),
        }
    }
    for (unit, candidates) in shared.into_iter().rev() {
        let (chosen, others) = choose(puts, runs, &held, unit, &candidates);
        if !others.is_empty() {
            contested.push((unit, others));
        }
        give(puts, runs, owner, &mut held, unit, &candidates[chosen]);
    }
    Claimed { listings, held }
}

/// Gives what was cut from a run to an earlier one that lists it too and ended only just before, as
/// far as clocks differ.
///
/// `cut_from` holds the run that a unit was cut from.
///
/// # Complexity
/// O(c log l) for c units and l listed digests.
pub(super) fn claim_again(
    puts: &Puts<'_>,
    claimed: &mut Claimed,
    runs: &mut [Run],
    owner: &mut [Option<usize>],
    cut_from: &BTreeMap<usize, usize>,
) {
    for (&unit, &from) in cut_from {
        let is_upload = puts.units[unit].is_upload();
        let mut candidates = claimed.listings.candidates(puts, unit).into_iter();
        let earlier = candidates.find(|to| {
            let lacks_it = !is_upload || !claimed.held.contains(&(to.run, to.digest, is_upload));
            to.run != from && to.late && lacks_it && runs[to.run].end <= runs[from].start
        });
        if let Some(earlier) = earlier {
            give(puts, runs, owner, &mut claimed.held, unit, &earlier);
        }
    }
}

impl Listings {
    fn new(puts: &Puts<'_>, runs: &[Run]) -> Self {
        let mut of_lane: OrderedMap<(DigestId, Lane), Vec<Listing>> = OrderedMap::default();
        for (run, row) in runs.iter().enumerate() {
            // Of each manifest: the first put, the last second, the first accepted second.
            let mut manifests: OrderedMap<Option<DigestId>, (usize, i64, Option<i64>)> =
                OrderedMap::default();
            for &put in &row.puts {
                let Put {
                    digest,
                    time,
                    accepted,
                    ..
                } = puts.puts[put];
                let known = manifests.entry(digest).or_insert((put, time, None));
                known.1 = known.1.max(time);
                if accepted {
                    known.2 = Some(known.2.map_or(time, |earliest| earliest.min(time)));
                }
            }
            let mut listed: OrderedMap<DigestId, Listing> = OrderedMap::default();
            for (put, last, accepted) in manifests.into_values() {
                let accepted = accepted.unwrap_or(last);
                for digest in puts.blobs(&puts.puts[put]) {
                    let listing = Listing {
                        run,
                        put,
                        accepted,
                        last,
                    };
                    let known = listed.entry(digest).or_insert(listing);
                    // The first manifest to list a blob is the one that it was uploaded for.
                    if listing.accepted < known.accepted {
                        (known.put, known.accepted) = (put, accepted);
                    }
                    known.last = known.last.max(last);
                }
            }
            let lane = puts.puts[row.puts[0]].lane;
            for (digest, listing) in listed {
                of_lane.entry((digest, lane)).or_default().push(listing);
            }
        }
        let mut of_principal: OrderedMap<(DigestId, PrincipalId), Vec<Listing>> =
            OrderedMap::default();
        for (&(digest, lane), list) in &mut of_lane {
            list.sort_unstable_by_key(|listing| (listing.last, listing.run));
            let principal = puts.lanes.principal(lane);
            of_principal
                .entry((digest, principal))
                .or_default()
                .extend(&*list);
        }
        for list in of_principal.values_mut() {
            list.sort_unstable_by_key(|listing| (listing.last, listing.run));
        }
        Self {
            of_lane,
            of_principal,
        }
    }

    /// The runs that a unit could belong to, by the second of the put that lists its digest.
    fn candidates(&self, puts: &Puts<'_>, unit: usize) -> Vec<Candidate> {
        let row = &puts.units[unit];
        let mut found: Vec<Candidate> = Vec::new();
        for &digest in &row.digests {
            let of_lane = self.of_lane.get(&(digest, row.lane));
            let principal = puts.lanes.principal(row.lane);
            let list = match of_lane {
                Some(list) if !puts.lanes.is_vague(row.lane) => list,
                _ => match self.of_principal.get(&(digest, principal)) {
                    Some(list) => list,
                    None => continue,
                },
            };
            let start = list.partition_point(|listing| listing.last < row.last - SKEW);
            for listing in list[start..].iter().take(CANDIDATES) {
                let lane = puts.puts[listing.put].lane;
                let deadline = if row.is_upload() {
                    listing.accepted
                } else {
                    listing.last
                };
                if !puts.lanes.compatible(lane, row.lane)
                    || row.last > deadline + SKEW
                    || row.first > deadline + puts.skew && row.is_upload()
                    || found.iter().any(|candidate| candidate.run == listing.run)
                {
                    continue;
                }
                let (run, put, late) = (listing.run, listing.put, row.last > deadline);
                found.push(Candidate {
                    run,
                    put,
                    digest,
                    deadline,
                    late,
                });
            }
        }
        found.sort_by_key(|candidate| (candidate.late, candidate.deadline, candidate.run));
        // A check after the put is the run's own only as far as clocks differ.
        found.retain(|candidate| row.is_upload() || row.last - candidate.deadline <= puts.skew);
        found
    }
}

fn give(
    puts: &Puts<'_>,
    runs: &mut [Run],
    owner: &mut [Option<usize>],
    held: &mut Held,
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
    held.insert((to.run, to.digest, row.is_upload()));
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
