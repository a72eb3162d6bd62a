//! What goes wrong in a run, as the scenario orders it.

use super::call::Stage;
use super::clock::Millis;

/// All that goes wrong in one run; by default nothing.
#[derive(Clone, Default)]
pub(crate) struct Faults {
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) kill: Option<Kill>,
    pub(crate) stall: Option<Stall>,
    /// So many uploads get an Initiate with nothing after it, then another Initiate: a mount attempt that the
    /// client gave up, or a connection lost at the answer.
    pub(crate) stray_initiates: usize,
}

impl Faults {
    /// Whether nothing goes wrong.
    pub(crate) fn is_empty(&self) -> bool {
        let Faults {
            refusals,
            kill,
            stall,
            stray_initiates,
        } = self;
        refusals.is_empty() && kill.is_none() && stall.is_none() && *stray_initiates == 0
    }
}

/// A call that the registry refuses.
#[derive(Clone)]
pub(crate) struct Refusal {
    pub(crate) stage: Stage,
    pub(crate) target: Target,
    /// How many attempts at the target are refused before one is let through.
    pub(crate) n_times: u32,
    pub(crate) answer: Answer,
}

/// Which calls of a stage are refused.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Every,
    /// The calls about the nth blob or manifest that this stage sees, from 0.
    Nth(usize),
    /// The manifest that the run is for.
    Root,
}

/// How a refusal looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Nothing was stored, and the log shows this code.
    Error(&'static str),
    /// The manifest was stored, but client and log are told 503.
    StoredButError,
    /// The manifest was stored and the log says so; only the client saw a 503.
    StoredButLost,
}

impl Refusal {
    /// Refuses with `code` for good.
    pub(crate) fn always(stage: Stage, target: Target, code: &'static str) -> Self {
        Refusal {
            stage,
            target,
            n_times: u32::MAX,
            answer: Answer::Error(code),
        }
    }

    /// Refuses with a `ServerException` so many times.
    pub(crate) fn passing(stage: Stage, target: Target, n_times: u32) -> Self {
        Refusal {
            stage,
            target,
            n_times,
            answer: Answer::Error("ServerException"),
        }
    }
}

/// When the client is killed. Fractions are percent of the time between the named points.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kill {
    /// Between the first call and the first Initiate.
    DuringChecks { percent: i64 },
    /// Between the first Initiate and the last Complete.
    DuringUploads { percent: i64 },
    /// After the last upload, before any manifest.
    BeforeManifests,
    /// After every child, before the root.
    BeforeRoot,
}

/// A body that stops flowing in the middle.
#[derive(Clone, Copy)]
pub(crate) struct Stall {
    /// The nth uploaded blob, from 0.
    pub(crate) upload: usize,
    pub(crate) silence: Millis,
}
