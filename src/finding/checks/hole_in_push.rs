//! A hole of the log in the middle of a push that succeeded.

use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::{each_push, hole_between, span_of};
use crate::session::Status;
use crate::words;

const CODE: Code = Code {
    code: "hole-in-push",
    name: "A hole of the log inside a push",
    severity: Severity::Note,
    doc: "The push came through, and between its first call and its last the log lacks a stretch of \
time: calls of it may be missing, and what looks reused may have been uploaded then. Pushes that did \
not come through are `undetermined` beside a hole.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Push(run));

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    let log = context.log;
    each_push(move |index, session| {
        if session.status != Status::Complete {
            return None;
        }
        let span = span_of(context, session)?;
        let hole = hole_between(span, session.first, session.last)?;
        let message = format!(
            "the log lacks {} to {} in the middle of the push",
            words::time(hole.from),
            words::time(hole.to)
        );
        let after = session
            .sequence
            .iter()
            .copied()
            .find(|&id| log.event(id).time >= hole.to);
        let finding = CODE.of(index, after.into_iter().collect(), message);
        Some(finding.help("add the log files of that time"))
    })
}
