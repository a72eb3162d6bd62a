//! A stretch of time that the log lacks.

use crate::finding::{Check, Context, Finding, Severity};
use crate::ingest::coverage::HoleReason;

/// The check.
pub(super) const CHECK: Check = Check {
    code: "log-hole",
    name: "The log lacks a stretch of time",
    severity: Severity::Warning,
    doc: "An account and region has no record for a stretch of time that should have some: a digest \
file lists log files that are not in the input, which is proof, or nothing was recorded for far \
longer than is usual there, which is an inference. Pushes within the window of a hole are \
`undetermined` unless they came through.",
    run,
};

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (source, span) in &context.coverage.spans {
        findings.extend(span.holes.iter().map(|hole| {
            let why = match hole.reason {
                HoleReason::DigestListsAbsentFile => {
                    "a digest file lists log files that are not in the input"
                }
                HoleReason::Quiet => "nothing was recorded for far longer than is usual",
            };
            Finding {
                code: CHECK.code,
                severity: CHECK.severity,
                session: None,
                events: Vec::new(),
                message: format!(
                    "the log of `{}` in `{}` lacks {} to {}: {why}",
                    source.account,
                    source.region,
                    hole.interval.from.format("%Y-%m-%dT%H:%M:%SZ"),
                    hole.interval.to.format("%Y-%m-%dT%H:%M:%SZ")
                ),
                help: Some("add the log files of that time".to_owned()),
            }
        }));
    }
}
