//! A stretch of time that is missing from the log.

use crate::finding::check::{Check, Code, Context, Finding, Runner, Severity};
use crate::ingest::coverage::HoleReason;
use crate::words;

/// The code of the finding.
pub(crate) const LOG_HOLE: &str = "log-hole";

const CODE: Code = Code {
    code: LOG_HOLE,
    name: "The log lacks a stretch of time",
    severity: Severity::Warning,
    doc: "An account and region has no record for a stretch of time that should have some: a digest \
file lists log files that are not in the input, which is proof, or nothing was recorded for far \
longer than is usual there, which is an inference. Pushes within the window of a hole are \
`undetermined` unless they came through.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Log(run));

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (source, span) in &context.coverage.spans {
        findings.extend(span.holes.iter().map(|hole| {
            let why = match hole.reason {
                HoleReason::DigestListsAbsentFile => {
                    "a digest file lists log files that are not in the input"
                }
                HoleReason::Quiet => "nothing was recorded for far longer than is usual",
            };
            let message = format!(
                "the log of `{}` in `{}` lacks {} to {}: {why}",
                source.account,
                source.region,
                words::time(hole.interval.from),
                words::time(hole.interval.to)
            );
            CODE.of_log(message).help("add the log files of that time")
        }));
    }
}
