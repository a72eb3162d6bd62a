//! Places: a finished run owns the units that no run owns and that lie inside it.
//!
//! Comes in: the units without an owner. Goes out: each in a run that contains it, or still without an
//! owner. Never: a unit back in the run that it was cut from.

use crate::event::{DigestId, IdMap, IdSet, Second, Seconds};
use crate::graph::Evidence;
use crate::session::own::assignment::{Assignment, Start};
use crate::session::own::lane::Lane;
use crate::session::own::party::PartyWork;
use crate::session::own::run::{Contested, CutOff, Run, RunIx};
use crate::session::own::thresholds::CANDIDATES;
use crate::session::own::unit::{Unit, UnitIx, UnitKind};

/// Gives runs whose manifest is not in the log what the same login did just before, with at most an idle
/// pause between: nothing else is known about their blobs.
///
/// # Complexity
/// O(u) for each such run among u units of its login inside the window.
pub(super) fn take_unnamed(work: &PartyWork<'_>, assignment: &mut Assignment) {
    // CloudTrail leaves out parameters of more than 100 kB; few repositories have such a manifest.
    if !work.puts.iter().any(|put| put.opaque) {
        return;
    }
    let mut of_lane: IdMap<Lane, Vec<UnitIx>> = IdMap::default();
    for (unit, row) in work.units.entries() {
        of_lane.entry(row.lane).or_default().push(unit);
    }
    for run in assignment.run_ids() {
        let mut puts = assignment.run(run).puts.iter();
        let Some(&put) = puts.find(|&&put| work.puts[put].opaque) else {
            continue;
        };
        let units = of_lane.get(&work.puts[put].lane);
        let units = units.map_or(&[][..], Vec::as_slice);
        // A unit that started after the put was not for it.
        let until = work.puts[put].time + work.skew;
        let end = units.partition_point(|&unit| work.units[unit].first <= until);
        // Backwards, so that the next pause is measured from the last unit given.
        for &unit in units[..end].iter().rev() {
            let row = &work.units[unit];
            let start = assignment.run(run).start;
            // The inactivity window is the outer limit for joining by time alone.
            if row.first < start - work.window {
                break;
            }
            // A unit that a digest gave to another run stays there.
            if assignment.owner(unit).is_none() && start - row.last <= work.idle {
                assignment.give(work, unit, run, Some((put, Evidence::Credential)));
            }
        }
    }
}

/// Puts the units without an owner into runs that contain them.
///
/// `cut_off` holds the run that a unit was cut from. Units inside several runs are noted in `contested`.
///
/// # Complexity
/// O((u + r) log r) for u units and r runs; of the runs of one login that overlap, a few are checked.
pub(super) fn place_inside(
    work: &PartyWork<'_>,
    assignment: &mut Assignment,
    cut_off: &CutOff,
    contested: &mut Vec<Contested>,
) {
    let unowned: Vec<UnitIx> = assignment.unowned().collect();
    if unowned.is_empty() {
        return;
    }
    let starts = assignment.starts(work);
    // A layer that was sent and is in no manifest shows another run at work; its checks belong to that
    // run.
    let finished = unowned.iter().map(|&unit| &work.units[unit]);
    let finished = finished.filter(|unit| unit.kind == UnitKind::Finished);
    let elsewhere: IdSet<(Lane, DigestId)> = finished
        .flat_map(|unit| unit.digests.iter().map(|&digest| (unit.lane, digest)))
        .collect();
    // Both units and runs are visited in order of time, so that each run is met once.
    let mut open: IdMap<Lane, Sweep<'_>> = IdMap::default();
    for starts in starts.chunk_by(|a, b| a.0 == b.0) {
        let sweep = Sweep {
            starts,
            open: Vec::new(),
        };
        open.insert(starts[0].0, sweep);
    }
    // A run may have put one image under any number of tags, and own any number of uploads.
    let mut ends: IdMap<RunIx, RunPuts> = IdMap::default();
    let mut busy: IdMap<RunIx, Busy> = IdMap::default();
    for unit in unowned {
        let row = &work.units[unit];
        // A check goes with the upload of its digest, whose run put no manifest.
        let mut digests = row.digests.iter();
        if digests.any(|&digest| elsewhere.contains(&(row.lane, digest))) {
            continue;
        }
        let Some(sweep) = open.get_mut(&row.lane) else {
            continue;
        };
        // If a sign of a new run separated a unit from a run, time does not return it.
        let cut_from = cut_off.get(&unit).map(|&(run, _)| run);
        let inside = sweep.at(work, assignment, row, cut_from);
        let fits = inside.into_iter().filter(|&run| {
            let ends = ends
                .entry(run)
                .or_insert_with(|| RunPuts::of(work, assignment.run(run)));
            ends.take(work, row)
        });
        let fits: Vec<RunIx> = fits.collect();
        let best = match fits.as_slice() {
            [] => continue,
            [only] => *only,
            several => {
                // Of simultaneous runs of one login, the nearest in time is as good a guess as any; the
                // others are noted.
                let near = several.iter().map(|&run| {
                    let of_run = assignment.run(run);
                    let busy = busy.entry(run).or_insert_with(|| Busy::new(work, of_run));
                    ((busy.distance(row), of_run.start), run)
                });
                let nearest = near.reduce(|a, b| if b.0 < a.0 { b } else { a });
                nearest.expect("there are several").1
            }
        };
        if fits.len() > 1 {
            let others = fits.iter().copied().filter(|&run| run != best);
            contested.push((unit, others.collect()));
        }
        // A started upload without a digest is a try that another one replaced; a check shows no more than
        // its login.
        let evidence = if row.is_upload() {
            Evidence::Retry
        } else {
            Evidence::Credential
        };
        if let Some(busy) = busy.get_mut(&best) {
            busy.add(row);
        }
        // A unit that no digest joins hangs on the first put, which stands for the run.
        let put = assignment.run(best).puts[0];
        assignment.give(work, unit, best, Some((put, evidence)));
    }
}

/// The runs of one login that are open at a second, updated as time advances.
struct Sweep<'a> {
    /// The runs that have not started yet, by their start.
    starts: &'a [Start],
    open: Vec<RunIx>,
}

impl Sweep<'_> {
    /// The runs that contain a unit: started before it ends, and not ended yet. They are the latest of
    /// those started before it, and the first of those started during it.
    ///
    /// # Complexity
    /// O(1) in the runs, apart from ended runs, each of which is met once.
    fn at(
        &mut self,
        work: &PartyWork<'_>,
        assignment: &Assignment,
        row: &Unit<'_>,
        cut_from: Option<RunIx>,
    ) -> Vec<RunIx> {
        let begun = |run: RunIx, at: Second| assignment.run(run).start <= at + work.idle;
        // Units come by their first second, so runs that one unit has met are open for the next.
        while let [(.., run), later @ ..] = self.starts
            && begun(*run, row.first)
        {
            self.open.push(*run);
            self.starts = later;
        }
        let mut inside: Vec<RunIx> = Vec::new();
        for at in (0..self.open.len()).rev() {
            let run = self.open[at];
            // Ended runs are dropped for good, since units come by their first second.
            if assignment.run(run).end < row.first - work.skew {
                self.open.remove(at);
            } else if inside.len() < CANDIDATES {
                inside.push(run);
            } else {
                break;
            }
        }
        inside.reverse();
        // A unit that was long in flight may have started before the run that it belongs to.
        let next = self.starts.iter().take(CANDIDATES).map(|&(.., run)| run);
        inside.extend(next.take_while(|&run| begun(run, row.last)));
        inside.retain(|&run| Some(run) != cut_from);
        inside
    }
}

/// What a run put.
struct RunPuts {
    /// The second of the last put.
    last: Second,
    /// Whether the content of a manifest is unknown.
    opaque: bool,
}

impl RunPuts {
    fn of(work: &PartyWork<'_>, run: &Run) -> Self {
        let puts = || run.puts.iter().map(|&put| &work.puts[put]);
        Self {
            last: puts().map(|put| put.time).max().unwrap_or(run.end),
            opaque: puts().any(|put| put.opaque),
        }
    }

    /// Whether a unit inside the run may belong to it.
    ///
    /// A finished upload that no manifest lists belongs to another run, unless a manifest is unknown.
    fn take(&self, work: &PartyWork<'_>, row: &Unit<'_>) -> bool {
        // After its last put a client has nothing left to send.
        row.first <= self.last + work.skew && (row.kind != UnitKind::Finished || self.opaque)
    }
}

/// The times at which a run was sending.
struct Busy {
    /// The start of each upload, and the last second of all that started until then; by start.
    uploads: Vec<(Second, Second)>,
    /// The last second of the uploads given to it since; they come by their start.
    added: Option<Second>,
}

impl Busy {
    fn new(work: &PartyWork<'_>, run: &Run) -> Self {
        // Checks do not count, as clients check all blobs at the start and send them much later.
        let uploads = work.units_of(run).filter(|unit| unit.is_upload());
        let mut uploads: Vec<(Second, Second)> =
            uploads.map(|unit| (unit.first, unit.last)).collect();
        uploads.sort_unstable();
        let mut reach = Second::MIN;
        for (_, last) in &mut uploads {
            reach = reach.max(*last);
            *last = reach;
        }
        Self {
            uploads,
            added: None,
        }
    }

    fn add(&mut self, row: &Unit<'_>) {
        if row.is_upload() {
            self.added = Some(self.added.map_or(row.last, |last| last.max(row.last)));
        }
    }

    /// How far a unit is from the nearest upload.
    ///
    /// # Complexity
    /// O(log u) for u uploads.
    fn distance(&self, row: &Unit<'_>) -> Seconds {
        let next = self.uploads.partition_point(|upload| upload.0 <= row.last);
        let before = next.checked_sub(1).map(|at| self.uploads[at].1);
        let before = before.into_iter().chain(self.added);
        let before = before.map(|last| (row.first - last).max(Seconds::ZERO));
        let after = self.uploads.get(next).map(|upload| upload.0 - row.last);
        before.chain(after).min().unwrap_or(Seconds::MAX)
    }
}
