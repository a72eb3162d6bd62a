//! Calls whose record does not say what they were about.

use crate::event::{Action, EventId, EventLog, Field};
use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::{each_push, n};
use crate::words;

const CODE: Code = Code {
    code: "parameters-omitted",
    name: "Calls without their parameters",
    severity: Severity::Note,
    doc: "The records of some accepted calls lack the field that says what they were about: the \
`uploadId`, the bytes, the digests or the manifest. CloudTrail leaves out parameters over 100 KB, and \
some exports drop columns. Where such a call belongs was judged by login and time.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Push(run));

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    let log = context.log;
    each_push(move |index, session| {
        let calls = session.sequence.iter().copied();
        let events: Vec<EventId> = calls.filter(|&id| lacks(log, id)).collect();
        let message = match events.len() {
            0 => return None,
            1 => "a call was recorded without what it was about".to_owned(),
            many => format!(
                "{} were recorded without what they were about",
                words::count(n(many), "call")
            ),
        };
        Some(CODE.of(index, events, message))
    })
}

/// Whether an accepted call does not say what it was about.
fn lacks(log: &EventLog, id: EventId) -> bool {
    let event = log.event(id);
    event.succeeded()
        && match &event.action {
            Action::GetAuthorizationToken => false,
            Action::BatchCheckLayerAvailability { digests, .. } => digests.is_empty(),
            Action::InitiateLayerUpload { upload, .. } => upload.is_none(),
            Action::UploadLayerPart { upload, range, .. } => upload.is_none() || range.is_none(),
            Action::CompleteLayerUpload { upload, .. } => {
                upload.is_none() || event.action.completed_digest().is_none()
            }
            // A manifest left out because of its size has a finding of its own.
            Action::PutImage(put) => matches!(put.manifest, Field::Absent | Field::Unreadable),
        }
}
