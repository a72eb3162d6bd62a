//! Parts of an upload that were accepted twice.

use crate::event::{Bytes, EventId};
use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::part_overlap::{accepted, is_in_line};
use crate::finding::checks::{each_push, n};
use crate::words;

const CODE: Code = Code {
    code: "part-resent",
    name: "Parts that were sent again",
    severity: Severity::Note,
    doc: "A part was accepted, and the same bytes of the same upload were accepted once more: the \
answer to the first was lost, and the client sent it again. The bytes count once.",
};

/// The check.
pub(super) const CHECK: Check = Check {
    codes: &[CODE],
    run: Runner::Push(run),
};

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    each_push(move |index, session| {
        let (mut events, mut bytes): (Vec<EventId>, Bytes) = (Vec::new(), Bytes(0));
        let uploads = session.uploads.iter();
        for upload in uploads.filter(|upload| !is_in_line(context.log, upload)) {
            for pair in accepted(context.log, upload).windows(2) {
                if let [before, again] = pair
                    && before.0 == again.0
                {
                    events.push(again.1);
                    bytes += again.0.len();
                }
            }
        }
        let message = match events.len() {
            0 => return None,
            many => format!(
                "{} ({}) sent and accepted once more",
                words::count(n(many), "part"),
                words::size(bytes)
            ),
        };
        Some(CODE.of(index, events, message))
    })
}
