//! Runs: what one client did to reach one root manifest.
//!
//! The steps of ownership pass these types on; only the assignment writes them.

use std::collections::BTreeMap;

use crate::event::Second;
use crate::event::intern::id_type;
use crate::graph::Evidence;
use crate::session::own::unit::{PutIx, UnitIx};

id_type! {
    /// A run of a party at a repository.
    pub(super) RunIx
}

/// What one client did to reach one root manifest; without a put it is unfinished.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    /// Its `PutImage`s in order of time; the others are joined to the first.
    pub(super) puts: Vec<PutIx>,
    /// For each of `puts`, the put that it is joined to in the run's tree, and the evidence.
    pub(super) joined: Vec<Option<Witness>>,
    /// Its units, with the evidence that they belong to it.
    pub(super) units: Vec<OwnedUnit>,
    /// The earliest second of its units and puts.
    pub(super) start: Second,
    /// The latest second of its puts or, without puts, of its units.
    pub(super) end: Second,
    /// Whether it put children without their index.
    pub(super) index_missing: bool,
    /// The run into which this one was merged.
    pub(super) into: Option<RunIx>,
}

/// A `PutImage` as a witness, and its evidence.
pub(super) type Witness = (PutIx, Evidence);

/// A unit owned by a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct OwnedUnit {
    /// The unit.
    pub(super) unit: UnitIx,
    /// The evidence that it belongs to the run; `None` in a run without a put, where units are
    /// joined to each other when all are known.
    pub(super) witness: Option<Witness>,
}

/// The units that were cut off, each with the run that it was cut from.
pub(super) type CutOff = BTreeMap<UnitIx, (RunIx, OwnedUnit)>;

/// A unit that one run got, and the others that could own it as well.
pub(super) type Contested = (UnitIx, Vec<RunIx>);
