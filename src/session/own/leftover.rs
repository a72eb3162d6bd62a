//! Leftovers: what no manifest names.
//!
//! Comes in: the units without an owner. Goes out: each in a run that really contains it, or in an
//! unfinished run with its like. Never: back to the run that it was cut from.

use crate::event::{DigestId, IdMap, IdSet};
use crate::graph::Evidence;
use crate::session::own::broken::Broken;
use crate::session::own::cut::CutOff;
use crate::session::own::lane::Lane;
use crate::session::own::run::{Claim, Puts, Run};
use crate::session::own::thresholds::{CHECKED_AFTER, RECENT, RETRY_WAIT};
use crate::session::own::unit::{Unit, UnitKind};

/// A run that put nothing: an unfinished push, or one that found all in place.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    /// Its units by position, in order of time.
    pub(super) units: Vec<usize>,
    /// The earliest second.
    pub(super) start: i64,
    /// The latest second.
    pub(super) end: i64,
}

/// Gives to runs whose manifest is not in the log what the same login did just before, an idle
/// pause at most between: of their blobs nothing else is known.
///
/// # Complexity
/// O(u) for each such run among u units of its login inside the window.
pub(super) fn take_unnamed(puts: &Puts<'_>, runs: &mut [Run], owner: &mut [Option<usize>]) {
    if !puts.puts.iter().any(|put| put.opaque) {
        return;
    }
    let mut of_lane: IdMap<Lane, Vec<usize>> = IdMap::default();
    for (unit, row) in puts.units.iter().enumerate() {
        of_lane.entry(row.lane).or_default().push(unit);
    }
    for (index, run) in runs.iter_mut().enumerate() {
        let Some(&put) = run.puts.iter().find(|&&put| puts.puts[put].opaque) else {
            continue;
        };
        let units = of_lane
            .get(&puts.puts[put].lane)
            .map_or(&[][..], Vec::as_slice);
        let end = units
            .partition_point(|&unit| puts.units[unit].first <= puts.puts[put].time + puts.skew);
        for &unit in units[..end].iter().rev() {
            let row = &puts.units[unit];
            if row.first < run.start - puts.window {
                break;
            }
            if owner[unit].is_none() && run.start - row.last <= puts.idle {
                run.units.push(Claim {
                    unit,
                    evidence: Evidence::Credential,
                    put,
                });
                run.start = run.start.min(row.first);
                owner[unit] = Some(index);
            }
        }
    }
}

/// Places the units without an owner into runs that contain them.
///
/// `cut_off` holds the run that a unit was cut from. Units that several runs contain are noted in
/// `contested`.
///
/// # Complexity
/// O((u + r) log r) for u units and r runs, times the runs of one login that overlap.
pub(super) fn place_inside(
    puts: &Puts<'_>,
    runs: &mut [Run],
    owner: &mut [Option<usize>],
    cut_off: &CutOff,
    contested: &mut Vec<(usize, Vec<usize>)>,
) {
    if owner.iter().all(Option::is_some) {
        return;
    }
    let starts = starts(puts, runs);
    let unowned =
        |unit: &usize| owner[*unit].is_none() && puts.units[*unit].kind == UnitKind::Finished;
    let elsewhere: IdSet<(Lane, DigestId)> = (0..puts.units.len())
        .filter(unowned)
        .flat_map(|unit| {
            puts.units[unit]
                .digests
                .iter()
                .map(move |&digest| (puts.units[unit].lane, digest))
        })
        .collect();
    let mut open: IdMap<Lane, Sweep<'_>> = IdMap::default();
    for starts in starts.chunk_by(|a, b| a.0 == b.0) {
        let sweep = Sweep {
            starts,
            open: Vec::new(),
        };
        open.insert(starts[0].0, sweep);
    }
    for (unit, row) in puts.units.iter().enumerate() {
        if owner[unit].is_some() {
            continue;
        }
        // A check goes with the upload of its digest, and that one's run put no manifest.
        if row
            .digests
            .iter()
            .any(|&digest| elsewhere.contains(&(row.lane, digest)))
        {
            continue;
        }
        let Some(sweep) = open.get_mut(&row.lane) else {
            continue;
        };
        let cut_from = cut_off.get(&unit).map(|&(run, _)| run);
        let inside = sweep.at(puts, runs, row, cut_from);
        let fits: Vec<usize> = inside
            .filter(|&run| belongs(puts, &runs[run], row))
            .collect();
        let best = match fits.as_slice() {
            [] => continue,
            // Weighing one alone would look at all it owns again for every unit that it gets.
            [only] => *only,
            [first, others @ ..] => {
                let near = |run: usize| nearness(puts, &runs[run], row);
                let nearer = |a, b| if near(b) < near(a) { b } else { a };
                others.iter().copied().fold(*first, nearer)
            }
        };
        if fits.len() > 1 {
            contested.push((
                unit,
                fits.iter().copied().filter(|&run| run != best).collect(),
            ));
        }
        let evidence = if !row.is_upload() {
            Evidence::Credential
        } else {
            Evidence::Retry
        };
        let put = runs[best].puts[0];
        runs[best].units.push(Claim {
            unit,
            evidence,
            put,
        });
        runs[best].start = runs[best].start.min(row.first);
        owner[unit] = Some(best);
    }
}

/// The runs of one login that are open at a second, kept up while seconds go by.
struct Sweep<'a> {
    /// The runs still to come, by their start.
    starts: &'a [Start],
    open: Vec<usize>,
}

/// When a run of a login began.
type Start = (Lane, i64, usize);

/// The starts of all runs, in order.
fn starts(puts: &Puts<'_>, runs: &[Run]) -> Vec<Start> {
    let runs = runs.iter().enumerate();
    let mut starts: Vec<Start> = runs
        .map(|(index, run)| (puts.lane(run), run.start, index))
        .collect();
    starts.sort_unstable();
    starts
}

impl Sweep<'_> {
    /// The runs that contain a unit: begun before it ends, and not yet ended.
    fn at(
        &mut self,
        puts: &Puts<'_>,
        runs: &[Run],
        row: &Unit<'_>,
        cut_from: Option<usize>,
    ) -> impl Iterator<Item = usize> {
        while let [(.., run), later @ ..] = self.starts
            && runs[*run].start <= row.last + puts.idle
        {
            self.open.push(*run);
            self.starts = later;
        }
        self.open
            .retain(|&run| runs[run].end >= row.first - puts.skew);
        self.open
            .iter()
            .copied()
            .filter(move |&run| Some(run) != cut_from && runs[run].start <= row.last + puts.idle)
    }
}

/// Whether a unit may be a part of a run that contains it.
///
/// A finished upload that no manifest lists is of another run, unless the manifest is unknown.
fn belongs(puts: &Puts<'_>, run: &Run, row: &Unit<'_>) -> bool {
    let opaque = run.puts.iter().any(|&put| puts.puts[put].opaque);
    let last = run
        .puts
        .iter()
        .map(|&put| puts.puts[put].time)
        .max()
        .unwrap_or(run.end);
    row.first <= last + puts.skew && (row.kind != UnitKind::Finished || opaque)
}

/// How near a unit lies to a run's own: smaller is nearer.
fn nearness(puts: &Puts<'_>, run: &Run, row: &Unit<'_>) -> (i64, i64) {
    let distance = run
        .units
        .iter()
        .map(|claim| &puts.units[claim.unit])
        .filter(|unit| unit.is_upload())
        .map(|unit| (unit.first - row.last).max(row.first - unit.last).max(0))
        .min();
    (distance.unwrap_or(i64::MAX), run.start)
}

/// Puts what is left into unfinished runs: bursts of each login, joined where the client was only
/// waiting to try again.
///
/// # Complexity
/// O(u log u) in the units left.
pub(super) fn cluster(puts: &Puts<'_>, owner: &[Option<usize>], window: i64) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = Vec::new();
    let mut latest: IdMap<Lane, usize> = IdMap::default();
    for burst in bursts(puts, owner) {
        let lane = puts.units[burst.units[0]].lane;
        let before = latest.get(&lane).copied();
        match before.filter(|&cluster| clusters[cluster].is_continued_by(puts, &burst, window)) {
            Some(cluster) => {
                let cluster = &mut clusters[cluster];
                cluster.end = cluster.end.max(burst.end);
                cluster.units.extend(burst.units);
            }
            None => {
                latest.insert(lane, clusters.len());
                clusters.push(burst);
            }
        }
    }
    clusters
}

/// Gives to a run what was refused just before it began: the client waited and tried again. Tells
/// which clusters were taken.
///
/// # Complexity
/// O((c + r) log r) for c clusters and r runs.
pub(super) fn give_refused(puts: &Puts<'_>, runs: &mut [Run], clusters: &[Cluster]) -> Vec<bool> {
    if clusters.is_empty() {
        return Vec::new();
    }
    let starts = starts(puts, runs);
    let gives = clusters.iter().map(|cluster| {
        let units: Vec<&Unit<'_>> = cluster
            .units
            .iter()
            .map(|&unit| &puts.units[unit])
            .collect();
        let left = Broken::of(&units);
        let finished = units.iter().any(|unit| unit.kind == UnitKind::Finished);
        let lane = units[0].lane;
        let next = starts.partition_point(|&(of, start, _)| (of, start) < (lane, cluster.end));
        let Some(&(_, start, run)) = starts.get(next).filter(|start| start.0 == lane) else {
            return false;
        };
        if left.n_refused == 0 || finished || start - cluster.end > RETRY_WAIT {
            return false;
        }
        let mut after: Vec<&Unit<'_>> = runs[run]
            .units
            .iter()
            .map(|claim| &puts.units[claim.unit])
            .collect();
        after.retain(|unit| unit.first - start <= puts.idle);
        let n_begun = after.iter().filter(|unit| unit.is_upload()).count();
        if left.were_given_up(n_begun) || is_new_begin(&units, &after, cluster.end) {
            return false;
        }
        let put = runs[run].puts[0];
        let claims = cluster.units.iter().map(|&unit| Claim {
            unit,
            evidence: Evidence::Retry,
            put,
        });
        runs[run].units.extend(claims);
        runs[run].start = runs[run].start.min(cluster.start);
        true
    });
    gives.collect()
}

/// The stretches of work of each login, an idle pause apart, by their begin.
fn bursts(puts: &Puts<'_>, owner: &[Option<usize>]) -> Vec<Cluster> {
    let mut bursts: Vec<Cluster> = Vec::new();
    let mut latest: IdMap<Lane, usize> = IdMap::default();
    for (unit, row) in puts
        .units
        .iter()
        .enumerate()
        .filter(|&(unit, _)| owner[unit].is_none())
    {
        let near = latest
            .get(&row.lane)
            .copied()
            .filter(|&at| row.first - bursts[at].end <= puts.idle);
        let at = near.unwrap_or_else(|| {
            bursts.push(Cluster {
                units: Vec::new(),
                start: row.first,
                end: row.last,
            });
            bursts.len() - 1
        });
        latest.insert(row.lane, at);
        bursts[at].units.push(unit);
        bursts[at].end = bursts[at].end.max(row.last);
    }
    bursts
}

impl Cluster {
    /// Whether the next burst of the same login is more of this run: another try of what was left
    /// open, and no sign of a new begin.
    fn is_continued_by(&self, puts: &Puts<'_>, burst: &Cluster, window: i64) -> bool {
        let pause = burst.start - self.end;
        if pause > RETRY_WAIT.min(window) {
            return false;
        }
        let units = |positions: &[usize]| -> Vec<&Unit<'_>> {
            positions.iter().map(|&unit| &puts.units[unit]).collect()
        };
        let recent = self.units.len().saturating_sub(RECENT);
        let (before, after) = (units(&self.units[recent..]), units(&burst.units));
        let open = |unit: &&&Unit<'_>| {
            matches!(
                unit.kind,
                UnitKind::Unfinished | UnitKind::Refused | UnitKind::RefusedCheck
            )
        };
        let n_open = before.iter().filter(open).count();
        let n_new = after
            .iter()
            .filter(|unit| unit.is_upload() && unit.first - burst.start <= puts.idle)
            .count();
        n_open > 0
            && n_new <= n_open
            && !Broken::of(&before).were_given_up(n_new)
            && !is_new_begin(&before, &after, self.end)
    }
}

/// Whether what follows an idle pause begins anew: it asks for or sends what was finished, or, where
/// nothing was, repeats every earlier check in one burst.
pub(super) fn is_new_begin(before: &[&Unit<'_>], after: &[&Unit<'_>], pause_from: i64) -> bool {
    let finished: IdSet<DigestId> = before
        .iter()
        .filter(|unit| unit.kind == UnitKind::Finished)
        .flat_map(|unit| unit.digests.iter().copied())
        .collect();
    let again = after.iter().any(|unit| {
        let own = !unit.is_upload() && unit.first - pause_from <= CHECKED_AFTER;
        !own && unit.digests.iter().any(|digest| finished.contains(digest))
    });
    let checks = |units: &[&Unit<'_>]| -> IdSet<DigestId> {
        let checks = units.iter().filter(|unit| !unit.is_upload());
        checks
            .flat_map(|unit| unit.digests.iter().copied())
            .collect()
    };
    let earlier = checks(before);
    let sent = before.iter().any(|unit| unit.is_upload());
    again
        || (finished.is_empty()
            && !earlier.is_empty()
            && (!sent || earlier.is_subset(&checks(after))))
}
