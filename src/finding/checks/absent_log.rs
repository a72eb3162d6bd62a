//! Log files that CloudTrail delivered but the input lacks.

use crate::finding::check::{Check, Code, Context, Finding, Runner, Severity};
use crate::finding::checks::agreeing;
use crate::words;

/// The code of the finding.
pub(super) const ABSENT_LOG: &str = "absent-log";

const CODE: Code = Code {
    code: ABSENT_LOG,
    name: "Log files that were delivered are not here",
    severity: Severity::Error,
    doc: "Only with `--verify`. Digest files list log files that are not in the input: they were deleted, \
not fetched, or cannot be opened, or something else bears their name, such as a pipe. What they told \
of is in no push here, so that one may look better than it was, or be missing. The problems of the \
input name the files, and `--list-missing` prints their addresses. It counts for the exit status whatever pushes are selected, if the files are of \
the accounts, regions and period asked for.\n\n\
What to do: fetch the files again; if they are not in the bucket, look who deleted them. For a part of \
the logs, name the period by `--since` and `--until`.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Log(run));

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let verification = context.coverage.verification.as_ref();
    let n @ 1.. = verification.map_or(0, |verification| verification.n_absent) else {
        return;
    };
    let (files, are) = (words::count(n, "log file"), agreeing(n, "is", "are"));
    let message = format!("{files} that digest files list {are} not here");
    let finding = CODE.of_log(message);
    findings.push(finding.help("`--list-missing` names them; fetch them again"));
}
