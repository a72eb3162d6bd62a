//! The exit status.
//!
//! Comes in: the outcome of a run. Goes out: its number. Never: a number that is not documented here.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitStatus {
    /// 0: no finding at or above `--fail-on`; also when the logs were read and hold no push.
    Success,
    /// 1: findings at or above `--fail-on`. By default these are failed and incomplete pushes.
    Findings,
    /// 2: the run was impossible: usage, no such path, no log file that could be read, output not writable.
    Failure,
    /// 3: with `--strict`, the input had problems and nothing gave status 1.
    Problems,
    /// 70: the program failed because of a defect of its own; `EX_SOFTWARE` of `sysexits.h`.
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

/// The cases of each status, in the order of the statuses. The first that applies from 70 down to 0
/// decides, except that 2 takes precedence over 1, and 1 over 3.
const CASES: &[(u8, &[&str])] = &[
    (
        0,
        &[
            "the logs were read, and there is no finding at or above `--fail-on`",
            "the logs were read and hold no push, and no period, account, region or name was asked for that they lack",
            "`--fail-on never`, whatever was found in logs that were read",
            "warnings alone, without `--fail-on warning`",
            "`--follow` was asked to end, whatever it told",
        ],
    ),
    (
        1,
        &[
            "a push failed or was left incomplete, and no later run made it good",
            "a login was refused, and no later one was granted",
            "with `--policy`, a push or a call beside pushes breaks a rule (`policy`)",
            "a period, account or region was asked for that the logs do not reach at all (`period-not-covered`)",
            "with `--verify`, a file of what was asked for is altered (`altered-log`), whatever is selected",
            "with `--verify`, a log file of what was asked for is listed and absent (`absent-log`), whatever is selected",
            "with `--list-missing`, a log file that a digest file lists is not here, or a digest file itself is missing or altered",
            "with `--fail-on warning`, what was asked for is reached in part, or has a hole (`period-not-covered`)",
            "with `--fail-on warning`, a repository, caller, tag, digest or image that was asked for occurs nowhere (`not-in-log`)",
            "with `--fail-on warning`, files or records that could not be read or used (`damaged-input`), whatever is selected",
            "with `--fail-on warning`, whether a push keeps a rule of `--policy` cannot be told (`policy-undecided`)",
            "with `--fail-on warning`, a hole in the log (`log-hole`)",
            "with `--fail-on warning`, a push whose end is not in the log (`undetermined-push`)",
            "a finding as above, and a reader of the output that goes away",
        ],
    ),
    (
        2,
        &[
            "wrong usage",
            "a path that does not exist",
            "a folder without files",
            "the policy of `--policy` cannot be read, or a key or value in it is none",
            "with `--policy-from`, no push that was asked for wrote anything",
            "the base of `--compare` cannot be read, or is no report with true names",
            "no log could be read: all files are empty, without a record, hidden, digest files or something else",
            "no log could be read: permission, too many open files, a device, a list of which nothing exists",
            "no log could be read: every one breaks off before its first record",
            "no log could be read: every object of a bucket is refused",
            "with `--list-missing`, there is no digest file of what was asked for",
            "the place of `--output` cannot be written to, or there is no room",
            "the file of `--output` exists, without `--force`",
            "the directory of `--state` is in use, holds something else, or cannot be written to",
            "the file of `--output` is a link, a device, a folder or a file that is read, whatever else is said",
        ],
    ),
    (
        3,
        &["with `--strict`, the input had problems, and nothing gave status 1"],
    ),
    (
        70,
        &["the program failed by a defect of its own; no file is left"],
    ),
    (
        130,
        &[
            "interrupted, as by Ctrl-C; 143 when it was asked to end; a file of `--output` is as it was",
        ],
    ),
];

/// Every case that decides a status, with the status; `docs/cli.md` lists them, and `tests/it/status.rs`
/// tries them one by one.
pub fn cases() -> impl Iterator<Item = (u8, &'static str)> {
    CASES
        .iter()
        .flat_map(|(status, cases)| cases.iter().map(|case| (*status, *case)))
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}
