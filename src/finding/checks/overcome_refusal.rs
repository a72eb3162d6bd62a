//! Calls that were refused during a push that succeeded.

use crate::event::{EventId, Stage};
use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::{cause, refusals};
use crate::finding::checks::{each_push, n};
use crate::session::Status;
use crate::words;

const CODE: Code = Code {
    code: "overcome-refusal",
    name: "A refusal that the client got over",
    severity: Severity::Warning,
    doc: "The push came through, and on its way a call was refused: the client tried again, or went \
another way, as docker does with an older form of a manifest. It is a warning where a manifest was \
refused, for not every client tries that again, or where a call was not allowed, for then permissions \
changed in between; a note otherwise.\n\n\
What to do: look at the error if it comes often; the next push may not get over it.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Push(run));

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    let log = context.log;
    each_push(move |index, session| {
        if session.status != Status::Complete {
            return None;
        }
        let mut events = refusals::overcome(log, session);
        // The most important comes first: a refused manifest, then a denied call, then the order of the push.
        let is_denied = |id: EventId| cause::of(log, id).code.code == cause::DENIED;
        events.sort_by_key(|&id| {
            (
                log.event(id).action.stage() != Stage::Manifest,
                !is_denied(id),
            )
        });
        let first = log.event(*events.first()?);
        let is_put = first.action.stage() == Stage::Manifest;
        let severity = match is_put || is_denied(events[0]) {
            true => Severity::Warning,
            false => Severity::Note,
        };
        let error = log.error_code(first).filter(|code| !code.is_empty());
        let error = error.map_or_else(String::new, |code| format!(" with `{code}`"));
        let calls = match events.len() {
            1 => format!("`{}` was refused{error}", first.action.name()),
            many => format!(
                "{} were refused, `{}`{error}",
                words::count(n(many), "call"),
                first.action.name()
            ),
        };
        let message = format!("{calls} on the way, and the push came through");
        let finding = CODE.of(index, events, message).severity(severity);
        Some(finding.label("refused, and the client got over it"))
    })
}
