//! Doubt: how sure it is that a run's calls are its own.
//!
//! Comes in: the assignment. Goes out: for each run the call that is least sure. Never: proof if
//! another reading of the log was considered.

use crate::event::{IdMap, IdSet, Second};
use crate::graph::Strength;
use crate::graph::index::Rank;
use crate::session::own::assignment::Assignment;
use crate::session::own::lane::Lane;
use crate::session::own::ownership::DoubtfulCall;
use crate::session::own::party::PartyWork;
use crate::session::own::pause::pauses;
use crate::session::own::run::{Contested, Run, RunIx};
use crate::session::own::unit::UnitIx;

/// What could support another reading of a repository's log.
pub(super) struct Doubts {
    neighbours: Neighbours,
    /// Units that several runs could own.
    contested: IdSet<UnitIx>,
    /// For each run, such a unit that another run owns.
    elsewhere: IdMap<RunIx, UnitIx>,
}

impl Doubts {
    /// Looks for these doubts.
    ///
    /// # Complexity
    /// O(r log r) for r runs.
    pub(super) fn new(
        work: &PartyWork<'_>,
        assignment: &Assignment,
        contested: &[Contested],
    ) -> Self {
        let mut doubts = Self {
            neighbours: Neighbours::new(work, assignment),
            contested: IdSet::default(),
            elsewhere: IdMap::default(),
        };
        // A run that was merged into another is not another reading.
        for (unit, others) in contested {
            let others = others.iter().map(|&other| assignment.resolve(other));
            for other in others.filter(|&other| assignment.owner(*unit) != Some(other)) {
                doubts.contested.insert(*unit);
                doubts.elsewhere.entry(other).or_insert(*unit);
            }
        }
        doubts
    }

    /// The call of a run that is least sure; the first if there are several.
    ///
    /// A unit that an id or a digest joins is proven, unless others could own it as well. A login's
    /// work is also proven if nothing else of that login is in view. Other readings exist for a put
    /// whose manifest is not in the log, for a run that paused with nothing in flight, and for a run
    /// whose neighbour owns what could be its own.
    pub(super) fn of(&self, work: &PartyWork<'_>, id: RunIx, run: &Run) -> Option<DoubtfulCall> {
        let paused = paused(work, run);
        let is_alone = self.neighbours.alone.contains(&id) && !paused;
        // A pause may be the start of another run, and a run without a put may be two at once.
        let is_unclear = paused || (run.puts.is_empty() && run.units.len() > 1);
        let puts = run.puts.iter().zip(&run.joined).map(|(&put, joined)| {
            let row = &work.puts[put];
            let evidence = joined.map(|(_, evidence)| evidence);
            // A digest proves what a put is about, but another run may also put an equal manifest.
            let is_weak = evidence.is_some_and(|one| !one.shares_content() || one.repeats());
            let is_vague = is_weak && work.lanes.is_vague(row.lane);
            // A manifest that was there may have been put again by another run or, if put by digest,
            // may be a child of an index.
            let found_it =
                row.accepted && !row.granted && (evidence.is_some() || row.tag.is_none());
            // The contents of an omitted manifest are unknown, so nothing can prove its blobs.
            let is_open = row.opaque || found_it || is_weak && !is_alone;
            (row.event, is_open, is_vague)
        });
        let units = run.units.iter().map(|claim| {
            let row = &work.units[claim.unit];
            let evidence = claim.witness.map(|(_, evidence)| evidence);
            let is_weak = evidence.is_none_or(|one| !one.shares_content());
            let is_vague = is_weak && run.units.len() > 1 && work.lanes.is_vague(row.lane);
            let is_contested = self.contested.contains(&claim.unit);
            // The open uploads of a run may be all that another run left.
            let is_left = is_weak && row.is_open() && run.units.len() > 1;
            let is_unsure = is_left || (is_weak || is_contested) && !is_alone;
            (row.face(), is_unsure, is_vague)
        });
        let of_run = puts
            .chain(units)
            .map(|(event, is_open, is_vague)| DoubtfulCall {
                event,
                // If the log hides logins, only principal and time support a call, which is a hint.
                strength: match (is_vague, is_open || is_unclear) {
                    (true, _) => Strength::Hint,
                    (false, true) => Strength::Inference,
                    (false, false) => Strength::Proof,
                },
            });
        // A neighbour that owns what could belong to this run allows another reading of both.
        let beside = [&self.elsewhere, &self.neighbours.left_before].map(|units| units.get(&id));
        let elsewhere = beside.into_iter().flatten().map(|&unit| DoubtfulCall {
            event: work.units[unit].face(),
            strength: Strength::Inference,
        });
        let doubts = of_run.chain(elsewhere);
        let doubts = doubts.filter(|doubt| doubt.strength != Strength::Proof);
        doubts.min_by_key(|doubt| (doubt.strength, Rank::of(work.log, doubt.event)))
    }
}

/// Whether a run paused with nothing in flight before its last put was granted, as a run does that
/// takes up what another left.
fn paused(work: &PartyWork<'_>, run: &Run) -> bool {
    let puts = || run.puts.iter().map(|&put| &work.puts[put]);
    // After the last granted put a pause separates nothing, since everything the run was for is
    // there.
    let granted = puts().filter(|put| put.granted).map(|put| put.time);
    let until = granted.max().unwrap_or(Second::MAX);
    let units = work.units_of(run).map(|unit| (unit.first, unit.last));
    let busy = puts().map(|put| (put.time, put.time)).chain(units);
    !pauses(busy.filter(|(first, _)| *first <= until).collect()).is_empty()
}

/// What the same login did next to each run.
struct Neighbours {
    /// Runs for whose login nothing else is in view within the window before and after.
    alone: IdSet<RunIx>,
    /// For each run that put its root, the last unit that the login left unfinished within the window
    /// before it; the run may have taken that up.
    left_before: IdMap<RunIx, UnitIx>,
}

impl Neighbours {
    /// Looks at each login's runs in order.
    ///
    /// # Complexity
    /// O(r log r) for r runs.
    fn new(work: &PartyWork<'_>, assignment: &Assignment) -> Self {
        let mut found = Self {
            alone: IdSet::default(),
            left_before: IdMap::default(),
        };
        let starts = assignment.starts(work);
        let mut ends: IdMap<Lane, Second> = IdMap::default();
        let mut left: IdMap<Lane, (Second, UnitIx)> = IdMap::default();
        for (at, &(lane, start, id)) in starts.iter().enumerate() {
            let run = assignment.run(id);
            let end = work
                .units_of(run)
                .map(|unit| unit.last)
                .fold(run.end, Second::max);
            // Ends are kept by the latest, as a long run may outlast one that started after it.
            let before = ends.get(&lane).copied();
            let next = starts.get(at + 1).filter(|next| next.0 == lane);
            let is_after = before.is_none_or(|before| start - before > work.window);
            let is_before = next.is_none_or(|next| next.1 - end > work.window);
            if is_after && is_before {
                found.alone.insert(id);
            }
            ends.insert(lane, before.map_or(end, |before| before.max(end)));
            match run.units.last() {
                // A later run of the login may have taken up what a run without its root left.
                Some(claim) if run.puts.is_empty() || run.index_missing => {
                    left.insert(lane, (end, claim.unit));
                }
                _ => {
                    let near = left.get(&lane).filter(|left| start - left.0 <= work.window);
                    found.left_before.extend(near.map(|left| (id, left.1)));
                }
            }
        }
        found
    }
}
