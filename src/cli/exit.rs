//! The exit status.
//!
//! Comes in: how a run went. Goes out: its number. Never: a number that is not documented here.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitStatus {
    /// 0: no finding at or above `--fail-on`; also when the logs were read and hold no push.
    Success,
    /// 1: findings at or above `--fail-on`. By default these are failed and incomplete pushes.
    Findings,
    /// 2: the run could not be made: usage, no such path, no log file that could be read, output not
    /// writable.
    Failure,
    /// 3: with `--strict`, the input had problems and nothing gave status 1.
    Problems,
    /// 70: the program failed by a defect of its own; `EX_SOFTWARE` of `sysexits.h`.
    Defect,
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
            Self::Defect => 70,
        }
    }
}

/// Every case that decides a status, in the order of the statuses: what `docs/cli.md` holds, and what
/// `tests/it/status.rs` tries one by one. The first that holds from 70 down to 0 does, but that 2 goes
/// before 1 and 1 before 3.
pub const CASES: &[(u8, &str)] = &[
    (
        0,
        "the logs were read, and there is no finding at or above `--fail-on`",
    ),
    (
        0,
        "the logs were read and hold no push, and no period, account, region or name was asked for that they lack",
    ),
    (
        0,
        "`--fail-on never`, whatever was found in logs that were read",
    ),
    (0, "warnings alone, without `--fail-on warning`"),
    (
        1,
        "a push failed or was left incomplete, and no later run made it good",
    ),
    (1, "a login was refused, and no later one was granted"),
    (
        1,
        "a period, account or region was asked for that the logs do not reach at all (`period-not-covered`)",
    ),
    (
        1,
        "with `--verify`, a file of what was asked for is altered (`altered-log`), whatever is selected",
    ),
    (
        1,
        "with `--verify`, a log file of what was asked for is listed and absent (`absent-log`), whatever is selected",
    ),
    (
        1,
        "with `--fail-on warning`, what was asked for is reached in part, or has a hole (`period-not-covered`)",
    ),
    (
        1,
        "with `--fail-on warning`, a repository, caller, tag, digest or image that was asked for occurs nowhere (`not-in-log`)",
    ),
    (
        1,
        "with `--fail-on warning`, files or records that could not be read or used (`damaged-input`), whatever is selected",
    ),
    (
        1,
        "with `--fail-on warning`, a hole in the log (`log-hole`)",
    ),
    (
        1,
        "with `--fail-on warning`, a push whose end is not in the log (`undetermined-push`)",
    ),
    (
        1,
        "a finding as above, and a reader of the output that goes away",
    ),
    (2, "wrong usage"),
    (2, "a path that does not exist"),
    (2, "a folder without files"),
    (
        2,
        "no log could be read: all files are empty, hidden, digest files or something else",
    ),
    (
        2,
        "no log could be read: permission, too many open files, a device, a list of which nothing exists",
    ),
    (
        2,
        "no log could be read: every one breaks off before its first record",
    ),
    (
        2,
        "no log could be read: every object of a bucket is refused",
    ),
    (
        2,
        "the place of `--output` cannot be written to, or there is no room",
    ),
    (2, "the file of `--output` exists, without `--force`"),
    (
        2,
        "the file of `--output` is a link, a device, a folder or a file that is read, whatever else is said",
    ),
    (
        3,
        "with `--strict`, the input had problems, and nothing gave status 1",
    ),
    (
        70,
        "the program failed by a defect of its own; no file is left",
    ),
    (
        130,
        "interrupted, as by Ctrl-C; 143 when it was asked to end; a file of `--output` is as it was",
    ),
];

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}
