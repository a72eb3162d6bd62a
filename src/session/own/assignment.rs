//! The assignment: which run owns which units, written in one place only.
//!
//! Comes in: decisions of the other rooms. Goes out: runs with their units, and the owner of each
//! unit. Never: an owner whose run does not list the unit, or a unit in two runs.

use crate::event::Second;
use crate::session::own::id_vec::IdVec;
use crate::session::own::lane::Lane;
use crate::session::own::party::PartyWork;
use crate::session::own::run::{OwnedUnit, Run, RunIx, Witness};
use crate::session::own::unit::{PutIx, UnitIx};

/// The start of a run of a login.
pub(super) type Start = (Lane, Second, RunIx);

/// Who owns what in a repository.
#[derive(Clone, Debug, Default)]
pub(super) struct Assignment {
    runs: IdVec<RunIx, Run>,
    owner: IdVec<UnitIx, Option<RunIx>>,
}

impl Assignment {
    /// Nothing is owned yet.
    pub(super) fn new(work: &PartyWork<'_>) -> Self {
        Self {
            runs: IdVec::default(),
            owner: work.units.iter().map(|_| None).collect::<Vec<_>>().into(),
        }
    }

    /// The run with an id.
    pub(super) fn run(&self, run: RunIx) -> &Run {
        &self.runs[run]
    }

    /// Every run, except those that were merged into another.
    pub(super) fn runs(&self) -> impl Iterator<Item = (RunIx, &Run)> {
        self.runs.entries().filter(|(_, run)| run.into.is_none())
    }

    /// The ids of these runs.
    pub(super) fn run_ids(&self) -> Vec<RunIx> {
        self.runs().map(|(id, _)| id).collect()
    }

    /// The starts of all runs, in order.
    pub(super) fn starts(&self, work: &PartyWork<'_>) -> Vec<Start> {
        let runs = self.runs();
        let mut starts: Vec<Start> = runs
            .map(|(id, run)| (work.lane(run), run.start, id))
            .collect();
        starts.sort_unstable();
        starts
    }

    /// The owner of a unit.
    pub(super) fn owner(&self, unit: UnitIx) -> Option<RunIx> {
        self.owner[unit]
    }

    /// The units that no run owns, in order.
    pub(super) fn unowned(&self) -> impl Iterator<Item = UnitIx> + '_ {
        let units = self.owner.entries();
        units.filter_map(|(unit, owner)| owner.is_none().then_some(unit))
    }

    /// Starts a run with a put.
    pub(super) fn begin(&mut self, work: &PartyWork<'_>, put: PutIx) -> RunIx {
        let time = work.puts[put].time;
        self.runs.push(Run {
            puts: vec![put],
            joined: vec![None],
            start: time,
            end: time,
            ..Run::default()
        })
    }

    /// Starts a run without a put, with a unit that nobody owns.
    pub(super) fn begin_unfinished(&mut self, work: &PartyWork<'_>, unit: UnitIx) -> RunIx {
        let row = &work.units[unit];
        let run = self.runs.push(Run {
            start: row.first,
            end: row.last,
            ..Run::default()
        });
        self.give(work, unit, run, None);
        run
    }

    /// Adds a put to a run.
    pub(super) fn add_put(
        &mut self,
        work: &PartyWork<'_>,
        put: PutIx,
        to: RunIx,
        witness: Witness,
    ) {
        let run = &mut self.runs[to];
        run.puts.push(put);
        run.joined.push(Some(witness));
        run.end = run.end.max(work.puts[put].time);
    }

    /// Gives a unit that nobody owns to a run.
    pub(super) fn give(
        &mut self,
        work: &PartyWork<'_>,
        unit: UnitIx,
        to: RunIx,
        witness: Option<Witness>,
    ) {
        debug_assert!(self.owner[unit].is_none(), "a unit has one owner");
        let (run, row) = (&mut self.runs[to], &work.units[unit]);
        run.units.push(OwnedUnit { unit, witness });
        run.start = run.start.min(row.first);
        if run.puts.is_empty() {
            run.end = run.end.max(row.last);
        }
        self.owner[unit] = Some(to);
    }

    /// Sorts the units of a run, which puts them by first second.
    pub(super) fn sort_units(&mut self, run: RunIx) {
        self.runs[run].units.sort_by_key(|claim| claim.unit);
    }

    /// Takes back from a run with puts, whose units come by first second, those units that started
    /// before a second.
    pub(super) fn take_back(
        &mut self,
        work: &PartyWork<'_>,
        run: RunIx,
        before: Second,
    ) -> Vec<OwnedUnit> {
        let row = &mut self.runs[run];
        let kept = (row.units).partition_point(|owned| work.units[owned.unit].first < before);
        let kept = row.units.split_off(kept);
        let taken = std::mem::replace(&mut row.units, kept);
        let puts = row.puts.iter().map(|&put| work.puts[put].time);
        let units = row.units.iter().map(|claim| work.units[claim.unit].first);
        row.start = puts.chain(units).fold(Second::MAX, Second::min);
        for claim in &taken {
            self.owner[claim.unit] = None;
        }
        taken
    }

    /// Moves everything of a run into another. `witness` joins what had no link yet; only a run
    /// without a put has none to give.
    pub(super) fn move_into(&mut self, from: RunIx, into: RunIx, witness: Option<Witness>) {
        let taken = std::mem::take(&mut self.runs[from]);
        self.runs[from].into = Some(into);
        for claim in &taken.units {
            self.owner[claim.unit] = Some(into);
        }
        let into = &mut self.runs[into];
        let joined = taken.joined.into_iter();
        into.joined.extend(joined.map(|joined| joined.or(witness)));
        into.puts.extend(taken.puts);
        let units = taken.units.into_iter().map(|claim| OwnedUnit {
            unit: claim.unit,
            witness: claim.witness.or(witness),
        });
        into.units.extend(units);
        into.start = into.start.min(taken.start);
        into.end = into.end.max(taken.end);
    }

    /// The run into which a run was merged, or itself.
    pub(super) fn resolve(&self, mut run: RunIx) -> RunIx {
        while let Some(into) = self.runs[run].into {
            run = into;
        }
        run
    }

    /// Notes that a run put children but no index over them.
    pub(super) fn note_missing_index(&mut self, run: RunIx) {
        self.runs[run].index_missing = true;
    }
}
