//! Doubt: how sure it is that a run's calls are its own.
//!
//! Comes in: what is assigned. Goes out: for each run the call that is least sure. Never: proof where
//! another reading of the log was weighed.

use crate::event::{IdMap, IdSet, Second};
use crate::graph::Strength;
use crate::session::own::assignment::{Assignment, Run, RunIx};
use crate::session::own::claim::Contested;
use crate::session::own::lane::Lane;
use crate::session::own::place::starts;
use crate::session::own::repository::Repository;
use crate::session::own::unit::UnitIx;
use crate::session::own::write::face;
use crate::session::own::{Doubt, thresholds::IDLE};

/// What could speak for another reading of a repository's log.
pub(super) struct Doubts {
    /// Runs of whose login nothing else is in view inside the window.
    alone: IdSet<RunIx>,
    /// Units that several runs could own.
    contested: IdSet<UnitIx>,
}

impl Doubts {
    /// Looks for them.
    ///
    /// # Complexity
    /// O(r log r) for r runs.
    pub(super) fn new(
        facts: &Repository<'_>,
        assignment: &Assignment,
        contested: &[Contested],
    ) -> Self {
        let is_other = |(unit, others): &&Contested| {
            let owner = assignment.owner(*unit);
            let mut others = others.iter().map(|&other| Some(assignment.resolve(other)));
            others.any(|other| other != owner)
        };
        let contested = contested.iter().filter(is_other).map(|(unit, _)| *unit);
        Self {
            alone: alone(facts, assignment),
            contested: contested.collect(),
        }
    }

    /// The call of a run that is least sure; of several the first.
    ///
    /// A unit that hangs on an id or a digest is proven, unless others could own it as well; so is
    /// what a login did of which nothing else is in view. A put whose manifest is not in the log, and
    /// a run that paused with nothing in flight, may be read otherwise.
    pub(super) fn of(&self, facts: &Repository<'_>, id: RunIx, run: &Run) -> Option<Doubt> {
        let is_alone = self.alone.contains(&id);
        let paused = pauses(facts, run);
        let puts = run.puts.iter().zip(&run.joined).map(|(&put, joined)| {
            let row = &facts.puts[put];
            let weak = joined.is_some_and(|(_, evidence)| !evidence.shares_content());
            let strength = match (facts.lanes.is_vague(row.lane), is_alone) {
                (true, _) if weak => Strength::Hint,
                (false, true) if !row.opaque => Strength::Proof,
                _ if weak || row.opaque || paused => Strength::Inference,
                _ if joined.is_some_and(|(_, evidence)| evidence.repeats()) => Strength::Inference,
                _ => Strength::Proof,
            };
            Doubt {
                strength,
                event: row.event,
            }
        });
        let units = run.claims.iter().map(|claim| {
            let row = &facts.units[claim.unit];
            let weak = claim
                .witness
                .is_none_or(|(_, evidence)| !evidence.shares_content());
            let single = run.puts.is_empty() && run.claims.len() == 1 && !row.sent_nothing();
            let strength = match (facts.lanes.is_vague(row.lane), is_alone) {
                _ if self.contested.contains(&claim.unit) => Strength::Inference,
                (true, _) if weak && !single => Strength::Hint,
                (false, true) => Strength::Proof,
                _ if weak || paused => Strength::Inference,
                _ => Strength::Proof,
            };
            Doubt {
                strength,
                event: face(row),
            }
        });
        let doubts = puts.chain(units);
        doubts
            .filter(|doubt| doubt.strength != Strength::Proof)
            .min()
    }
}

/// Whether a run paused with nothing in flight, which a new run could have done as well.
fn pauses(facts: &Repository<'_>, run: &Run) -> bool {
    let puts = run.puts.iter().map(|&put| facts.puts[put].time);
    let units = facts.units_of(run).map(|unit| (unit.first, unit.last));
    let mut busy: Vec<(Second, Second)> = puts.map(|put| (put, put)).chain(units).collect();
    busy.sort_unstable();
    let mut reach = busy.first().map_or(Second::MAX, |first| first.1);
    busy.into_iter().any(|(first, last)| {
        let is_pause = first - reach > IDLE;
        reach = reach.max(last);
        is_pause
    })
}

/// The runs of whose login nothing else is in view inside the window before and after.
fn alone(facts: &Repository<'_>, assignment: &Assignment) -> IdSet<RunIx> {
    let starts = starts(facts, assignment);
    let mut ends: IdMap<Lane, Second> = IdMap::default();
    let mut alone = IdSet::default();
    for (at, &(lane, start, id)) in starts.iter().enumerate() {
        let run = assignment.run(id);
        let end = facts
            .units_of(run)
            .map(|unit| unit.last)
            .fold(run.end, Second::max);
        let before = ends.get(&lane).copied();
        let next = starts.get(at + 1).filter(|next| next.0 == lane);
        let is_after = before.is_none_or(|before| start - before > facts.window);
        let is_before = next.is_none_or(|next| next.1 - end > facts.window);
        if is_after && is_before {
            alone.insert(id);
        }
        ends.insert(lane, before.map_or(end, |before| before.max(end)));
    }
    alone
}
