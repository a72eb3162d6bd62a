//! A push whose end the log does not show.

use crate::event::EventId;
use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::{each_push, repository};
use crate::session::{Horizon, Status};

const CODE: Code = Code {
    code: "undetermined-push",
    name: "A push whose end is not in the log",
    severity: Severity::Warning,
    doc: "The push has no accepted root manifest in the log, and the log begins, ends or has a hole \
within the inactivity window of it, or left out the field that would tell. Whether it came through \
cannot be known from these logs.\n\n\
What to do: read more of the log. CloudTrail delivers within about five minutes, not guaranteed, so \
a log that ends now ends early.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Push(run));

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    each_push(move |index, session| {
        let Status::Undetermined { horizon } = &session.status else {
            return None;
        };
        let (event, help) = around(horizon, &session.sequence);
        let name = repository(context.log, session.repository);
        let events = event.copied().into_iter().collect();
        let message = format!("whether the push to `{name}` came through cannot be known");
        Some(CODE.of(index, events, message).help(help))
    })
}

/// The event nearest to the missing part, and what to do.
fn around<'a>(
    horizon: &'a Horizon,
    sequence: &'a [EventId],
) -> (Option<&'a EventId>, &'static str) {
    match horizon {
        Horizon::LogBegins(_) => (sequence.first(), "add the log files from before the push"),
        Horizon::LogEnds(_) => (sequence.last(), "add the log files from after the push"),
        Horizon::LogHole(..) => (sequence.last(), "add the log files that are missing"),
        Horizon::FieldOmitted(id) => (
            Some(id),
            "ask the registry itself, as with `aws ecr describe-images`",
        ),
    }
}
