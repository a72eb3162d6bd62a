//! Runs: what one client did on its way to one root manifest.
//!
//! Comes in: nothing. Goes out: the types that the steps of ownership hand on. Never: a change; the
//! assignment alone writes them.

use std::collections::BTreeMap;

use crate::event::Second;
use crate::event::intern::id_type;
use crate::graph::Evidence;
use crate::session::own::unit::{PutIx, UnitIx};

id_type! {
    /// A run of a party at a repository.
    pub(super) RunIx
}

/// What one client did on its way to one root manifest; without a put it is unfinished.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    /// Its `PutImage`s, in order of time; the others are joined to the first.
    pub(super) puts: Vec<PutIx>,
    /// What joins each of `puts` to the one before it in the run's tree: the put, and the evidence.
    pub(super) joined: Vec<Option<Witness>>,
    /// Its units, with what makes them its own.
    pub(super) units: Vec<OwnedUnit>,
    /// The earliest second of what it owns.
    pub(super) start: Second,
    /// The latest second of its puts; without any, of its units.
    pub(super) end: Second,
    /// It put children without their index.
    pub(super) index_missing: bool,
    /// The run that took this one in.
    pub(super) into: Option<RunIx>,
}

/// A `PutImage` that bears witness, and what it says.
pub(super) type Witness = (PutIx, Evidence);

/// A unit owned by a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct OwnedUnit {
    /// The unit.
    pub(super) unit: UnitIx,
    /// What makes it the run's; `None` in a run that put nothing, where units are joined to one
    /// another when all are known.
    pub(super) witness: Option<Witness>,
}

/// The units that were cut off, each with the run that it was cut from.
pub(super) type CutOff = BTreeMap<UnitIx, (RunIx, OwnedUnit)>;

/// A unit that one run got, and the others that could own it as well.
pub(super) type Contested = (UnitIx, Vec<RunIx>);
