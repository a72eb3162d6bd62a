//! A push that did an earlier one's work again.

use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::each_push;
use crate::session::Status;

const CODE: Code = Code {
    code: "retried-push",
    name: "A push that did another's work again",
    severity: Severity::Note,
    doc: "An earlier push of the same principal came to nothing, and this one uploaded, checked or \
listed all that it was about. `retry_of` and `superseded_by` name the two. What the earlier push \
finished, this one need not upload.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Push(run));

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    let sessions = &context.sessions.sessions;
    each_push(move |index, session| {
        let earlier = &sessions[session.retry_of?];
        let how = match (&earlier.status, earlier.status.refusal()) {
            (_, Some(_)) => "failed",
            (Status::Incomplete { .. }, None) => "was never finished",
            _ => return None,
        };
        let message = format!("it does the work of push {} again, which {how}", earlier.id);
        let first = session.sequence.first().copied();
        Some(CODE.of(index, first.into_iter().collect(), message))
    })
}
