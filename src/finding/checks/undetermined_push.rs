//! A push that the log does not tell the end of.

use crate::finding::checks::{each_session, repository};
use crate::finding::{Check, Context, Finding, Severity};
use crate::session::{Horizon, Status};

/// The check.
pub(super) const CHECK: Check = Check {
    code: "undetermined-push",
    name: "A push whose end is not in the log",
    severity: Severity::Warning,
    doc: "The push has no accepted root manifest in the log, and the log begins, ends or has a hole \
within the inactivity window of it, or left out the field that would tell. Whether it came through \
cannot be known from these logs.\n\n\
What to do: read more of the log. CloudTrail delivers within about five minutes, not guaranteed, so \
a log that ends now ends early.",
    run,
};

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    each_session(context, findings, |index, session| {
        let Status::Undetermined { horizon } = session.status else {
            return None;
        };
        let name = repository(context.log, session.repository);
        let (edge, help) = match horizon {
            Horizon::LogBegins(_) => ("the log begins", "add the log files from before the push"),
            Horizon::LogEnds(_) => ("the log ends", "add the log files from after the push"),
            Horizon::LogHole(..) => (
                "the log lacks a stretch",
                "add the log files that are missing",
            ),
            Horizon::FieldOmitted(_) => (
                "a field was left out",
                "ask the registry itself, as with `aws ecr describe-images`",
            ),
        };
        Some(Finding {
            code: CHECK.code,
            severity: CHECK.severity,
            session: Some(index),
            events: session.sequence.last().copied().into_iter().collect(),
            message: format!(
                "how the push to `{name}` ended cannot be known: {edge} within the window of it"
            ),
            help: Some(help.to_owned()),
        })
    });
}
