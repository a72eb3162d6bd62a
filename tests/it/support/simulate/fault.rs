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
    pub(crate) lost: Option<Lost>,
    /// How the client tries again, whatever it was told; by default as its habits and the code say.
    pub(crate) retries: Option<Retries>,
    /// Until this instant every call is refused with this code.
    pub(crate) closed_until: Option<(Millis, &'static str)>,
    /// Tags that the registry refuses, with the code.
    pub(crate) refused_tags: Vec<(String, &'static str)>,
}

/// Uploads whose Initiate is answered, and of which little or nothing comes through after it.
#[derive(Clone, Copy)]
pub(crate) struct Lost {
    /// So many blobs, in the order in which they are uploaded, are concerned.
    pub(crate) n_blobs: usize,
    /// So many attempts at each of them are lost.
    pub(crate) n_attempts: u32,
    /// The client waits at most so long for an answer.
    pub(crate) patience: Millis,
    /// So many percent get a part through before they are lost.
    pub(crate) parts: u64,
}

/// A client that tries again. ECR answers many refusals by closing the connection; the client sees `EOF` and
/// cannot know the code.
#[derive(Clone, Copy)]
pub(crate) struct Retries {
    /// The pauses before each further attempt.
    pub(crate) pauses: &'static [Millis],
    /// Each is longer or shorter by up to so many percent.
    pub(crate) jitter: i64,
    /// Whether the client asks again after the blob before each, where it asked at all.
    pub(crate) checks_again: bool,
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
