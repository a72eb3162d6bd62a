//! The exit status.
//!
//! Comes in: how a run went. Goes out: its number. Never: a number that is not documented here.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitStatus {
    /// 0: no finding at or above `--fail-on`; also when the logs hold no push, and when the reader
    /// of the output has gone.
    Success,
    /// 1: findings at or above `--fail-on`. By default these are failed and incomplete pushes.
    Findings,
    /// 2: the run could not be made: usage, no such path, no log files, output not writable.
    Failure,
    /// 3: with `--strict`, the input had problems and nothing gave status 1.
    Problems,
}

impl ExitStatus {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Findings => 1,
            Self::Failure => 2,
            Self::Problems => 3,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}
