//! The assignment: which run owns which units, written by one hand.
//!
//! Comes in: decisions of the rooms beside this one. Goes out: runs with what they own, and of each
//! unit its owner. Never: an owner that its run does not know of, or a unit in two runs.

use crate::event::Second;
use crate::event::intern::id_type;
use crate::graph::Evidence;
use crate::session::own::repository::Repository;
use crate::session::own::rows::Rows;
use crate::session::own::unit::{PutIx, UnitIx};

id_type! {
    /// A run of a repository.
    pub(super) RunIx
}

/// What one client did on its way to one root manifest; without a put it is unfinished.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    /// Its `PutImage`s, in order of time; the first others are joined to.
    pub(super) puts: Vec<PutIx>,
    /// What joins each of `puts` to the one before it in the run's tree: the put, and the evidence.
    pub(super) joined: Vec<Option<Witness>>,
    /// Its units, with what makes them its own.
    pub(super) claims: Vec<Claim>,
    /// The earliest second of what it owns.
    pub(super) start: Second,
    /// The latest second of its puts; without any, of its units.
    pub(super) end: Second,
    /// Children without their index.
    pub(super) index_missing: bool,
    /// The run that took this one in.
    into: Option<RunIx>,
}

/// A `PutImage` that bears witness, and what it says.
pub(super) type Witness = (PutIx, Evidence);

/// A unit owned by a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    /// The unit.
    pub(super) unit: UnitIx,
    /// What makes it the run's; `None` in a run that put nothing, where units are joined to one
    /// another when all are known.
    pub(super) witness: Option<Witness>,
}

/// Who owns what in a repository.
#[derive(Clone, Debug, Default)]
pub(super) struct Assignment {
    runs: Rows<RunIx, Run>,
    owner: Rows<UnitIx, Option<RunIx>>,
}

impl Assignment {
    /// Nothing owned yet, of so many units.
    pub(super) fn new(n_units: usize) -> Self {
        Self {
            runs: Rows::default(),
            owner: vec![None; n_units].into(),
        }
    }

    /// The run of an id.
    pub(super) fn run(&self, run: RunIx) -> &Run {
        &self.runs[run]
    }

    /// Every run, those that were taken in by another apart.
    pub(super) fn runs(&self) -> impl Iterator<Item = (RunIx, &Run)> {
        self.runs.entries().filter(|(_, run)| run.into.is_none())
    }

    /// The ids of these.
    pub(super) fn run_ids(&self) -> Vec<RunIx> {
        self.runs().map(|(id, _)| id).collect()
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

    /// Begins a run with a put.
    pub(super) fn begin(&mut self, facts: &Repository<'_>, put: PutIx) -> RunIx {
        let time = facts.puts[put].time;
        self.runs.push(Run {
            puts: vec![put],
            joined: vec![None],
            start: time,
            end: time,
            ..Run::default()
        })
    }

    /// Begins a run that put nothing, with a unit that nobody owns.
    pub(super) fn begin_unfinished(&mut self, facts: &Repository<'_>, unit: UnitIx) -> RunIx {
        let row = &facts.units[unit];
        let run = self.runs.push(Run {
            start: row.first,
            end: row.last,
            ..Run::default()
        });
        self.give(facts, unit, run, None);
        run
    }

    /// Adds a put to a run.
    pub(super) fn add_put(
        &mut self,
        facts: &Repository<'_>,
        put: PutIx,
        to: RunIx,
        witness: Witness,
    ) {
        let run = &mut self.runs[to];
        run.puts.push(put);
        run.joined.push(Some(witness));
        run.end = run.end.max(facts.puts[put].time);
    }

    /// Gives a unit that nobody owns to a run.
    pub(super) fn give(
        &mut self,
        facts: &Repository<'_>,
        unit: UnitIx,
        to: RunIx,
        witness: Option<Witness>,
    ) {
        debug_assert!(self.owner[unit].is_none(), "a unit has one owner");
        let (run, row) = (&mut self.runs[to], &facts.units[unit]);
        run.claims.push(Claim { unit, witness });
        run.start = run.start.min(row.first);
        if run.puts.is_empty() {
            run.end = run.end.max(row.last);
        }
        self.owner[unit] = Some(to);
    }

    /// Sorts the claims of a run by their units.
    pub(super) fn sort_claims(&mut self, run: RunIx) {
        self.runs[run].claims.sort_by_key(|claim| claim.unit);
    }

    /// Takes the first so many claims back from a run of puts, in the order that they have.
    pub(super) fn take_back(
        &mut self,
        facts: &Repository<'_>,
        run: RunIx,
        n_claims: usize,
    ) -> Vec<Claim> {
        let row = &mut self.runs[run];
        let kept = row.claims.split_off(n_claims);
        let taken = std::mem::replace(&mut row.claims, kept);
        let puts = row.puts.iter().map(|&put| facts.puts[put].time);
        let units = row.claims.iter().map(|claim| facts.units[claim.unit].first);
        row.start = puts.chain(units).fold(Second::MAX, Second::min);
        for claim in &taken {
            self.owner[claim.unit] = None;
        }
        taken
    }

    /// Moves all of a run into another; what stood for itself is joined by the witness, which only
    /// a run without a put lacks.
    pub(super) fn move_into(&mut self, from: RunIx, into: RunIx, witness: Option<Witness>) {
        let taken = std::mem::take(&mut self.runs[from]);
        self.runs[from].into = Some(into);
        for claim in &taken.claims {
            self.owner[claim.unit] = Some(into);
        }
        let into = &mut self.runs[into];
        let joined = taken.joined.into_iter();
        into.joined.extend(joined.map(|joined| joined.or(witness)));
        into.puts.extend(taken.puts);
        let claims = taken.claims.into_iter().map(|claim| Claim {
            unit: claim.unit,
            witness: claim.witness.or(witness),
        });
        into.claims.extend(claims);
        into.start = into.start.min(taken.start);
        into.end = into.end.max(taken.end);
    }

    /// The run that has taken a run in, or itself.
    pub(super) fn resolve(&self, mut run: RunIx) -> RunIx {
        while let Some(into) = self.runs[run].into {
            run = into;
        }
        run
    }

    /// Notes that a run put children and no index over them.
    pub(super) fn lacks_index(&mut self, run: RunIx) {
        self.runs[run].index_missing = true;
    }
}
