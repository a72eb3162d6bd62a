//! Leftovers: what no manifest names.
//!
//! Comes in: the units without an owner. Goes out: each in a run that really contains it, or in an
//! unfinished run with its like. Never: back to the run that it was cut from.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::event::DigestId;
use crate::graph::Evidence;
use crate::session::own::lane::Lane;
use crate::session::own::run::{Claim, Puts, Run};
use crate::session::own::thresholds::{CHECKED_AFTER, IDLE, RETRY_WAIT};
use crate::session::own::unit::{Unit, UnitKind};

/// A run that put nothing: an unfinished push, or one that found all in place.
#[derive(Clone, Debug, Default)]
pub(super) struct Cluster {
    /// Its units by position, in order of time.
    pub(super) units: Vec<usize>,
    /// The earliest second.
    pub(super) start: i64,
    /// The latest second.
    pub(super) end: i64,
    finished: HashMap<DigestId, i64>,
    checked: HashSet<DigestId>,
    /// Uploads begun and not finished.
    broken: usize,
}

/// Places the units without an owner into runs that contain them.
///
/// `cut_from` holds the run that a unit was cut from. Units that several runs contain are noted in
/// `contested`.
///
/// # Complexity
/// O((u + r) log r) for u units and r runs, times the runs of one login that overlap.
pub(super) fn place_inside(
    puts: &Puts<'_>,
    runs: &mut [Run],
    owner: &mut [Option<usize>],
    cut_from: &HashMap<usize, usize>,
    contested: &mut Vec<(usize, Vec<usize>)>,
) {
    let mut by_lane: BTreeMap<Lane, Vec<usize>> = BTreeMap::new();
    for (index, run) in runs.iter().enumerate() {
        by_lane
            .entry(puts.puts[run.puts[0]].lane)
            .or_default()
            .push(index);
    }
    let mut open: HashMap<Lane, Sweep> = HashMap::new();
    for (lane, mut of_lane) in by_lane {
        of_lane.sort_unstable_by_key(|&run| (runs[run].start, run));
        open.insert(
            lane,
            Sweep {
                starts: of_lane,
                next: 0,
                open: Vec::new(),
            },
        );
    }
    for (unit, row) in puts.units.iter().enumerate() {
        if owner[unit].is_some() {
            continue;
        }
        let Some(sweep) = open.get_mut(&row.lane) else {
            continue;
        };
        let inside = sweep.at(runs, row, cut_from.get(&unit).copied());
        let fits: Vec<usize> = inside
            .into_iter()
            .filter(|&run| belongs(puts, &runs[run], row))
            .collect();
        let Some(&best) = fits
            .iter()
            .min_by_key(|&&run| nearness(puts, &runs[run], row))
        else {
            continue;
        };
        if fits.len() > 1 {
            contested.push((
                unit,
                fits.iter().copied().filter(|&run| run != best).collect(),
            ));
        }
        let evidence = if row.kind == UnitKind::Check {
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
struct Sweep {
    starts: Vec<usize>,
    next: usize,
    open: Vec<usize>,
}

impl Sweep {
    /// The runs that contain a unit: begun before it ends, at most a wait after it began, and not
    /// yet ended.
    fn at(&mut self, runs: &[Run], row: &Unit, cut_from: Option<usize>) -> Vec<usize> {
        while let Some(&run) = self
            .starts
            .get(self.next)
            .filter(|&&run| runs[run].start <= row.first + RETRY_WAIT)
        {
            self.open.push(run);
            self.next += 1;
        }
        self.open.retain(|&run| runs[run].end >= row.first);
        self.open
            .iter()
            .copied()
            .filter(|&run| {
                Some(run) != cut_from
                    && (runs[run].start <= row.last + IDLE || waits_for(runs, run, row))
            })
            .collect()
    }
}

/// Whether a run began when a client would have tried a refused call again.
fn waits_for(runs: &[Run], run: usize, row: &Unit) -> bool {
    row.kind == UnitKind::Refused && runs[run].start - row.last <= RETRY_WAIT
}

/// Whether a unit may be a part of a run that contains it.
///
/// A finished upload that no manifest lists is of another run, unless the manifest is unknown.
fn belongs(puts: &Puts<'_>, run: &Run, row: &Unit) -> bool {
    let opaque = run.puts.iter().any(|&put| puts.puts[put].opaque);
    let last = run
        .puts
        .iter()
        .map(|&put| puts.puts[put].time)
        .max()
        .unwrap_or(run.end);
    row.first <= last && (row.kind != UnitKind::Finished || opaque)
}

/// How near a unit lies to a run's own: smaller is nearer.
fn nearness(puts: &Puts<'_>, run: &Run, row: &Unit) -> (i64, i64) {
    let distance = run
        .units
        .iter()
        .map(|claim| &puts.units[claim.unit])
        .filter(|unit| unit.is_upload())
        .map(|unit| (unit.first - row.last).max(row.first - unit.last).max(0))
        .min();
    (distance.unwrap_or(i64::MAX), run.start)
}

/// Puts what is left into unfinished runs.
///
/// # Complexity
/// O(u log u) in the units left.
pub(super) fn cluster(puts: &Puts<'_>, owner: &[Option<usize>], window: i64) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = Vec::new();
    let mut latest: HashMap<Lane, usize> = HashMap::new();
    for unit in (0..puts.units.len()).filter(|&unit| owner[unit].is_none()) {
        let row = &puts.units[unit];
        let last = latest.get(&row.lane).copied();
        let current = match last.filter(|&cluster| clusters[cluster].continues(row, window)) {
            Some(cluster) => cluster,
            None => {
                clusters.push(Cluster {
                    start: row.first,
                    end: row.last,
                    ..Cluster::default()
                });
                latest.insert(row.lane, clusters.len() - 1);
                clusters.len() - 1
            }
        };
        clusters[current].add(unit, row);
    }
    clusters
}

impl Cluster {
    /// Whether the next unit of the same login continues this run.
    fn continues(&self, row: &Unit, window: i64) -> bool {
        let pause = row.first - self.end;
        if pause > window {
            return false;
        }
        if pause <= IDLE {
            return true;
        }
        let again = row.digests.iter().any(|digest| {
            self.finished
                .get(digest)
                .is_some_and(|&at| row.is_upload() || row.first - at > CHECKED_AFTER)
        });
        let recheck = !row.is_upload()
            && row
                .digests
                .iter()
                .any(|digest| self.checked.contains(digest));
        let waits = self.broken > 0 && pause <= RETRY_WAIT;
        waits && !again && !(recheck && self.finished.is_empty())
    }

    fn add(&mut self, unit: usize, row: &Unit) {
        self.units.push(unit);
        self.end = self.end.max(row.last);
        match row.kind {
            UnitKind::Finished => {
                self.finished
                    .extend(row.digests.iter().map(|&digest| (digest, row.last)));
                self.broken = self.broken.saturating_sub(1);
            }
            UnitKind::Unfinished | UnitKind::Refused => self.broken += 1,
            UnitKind::Check => self.checked.extend(row.digests.iter().copied()),
        }
    }
}
