//! A push that ECR refused.

use crate::finding::checks::cause::cause;
use crate::finding::checks::{each_session, made_good, repository, severity_of_loss};
use crate::finding::{Check, Context, Finding, Severity};
use crate::session::Status;

/// The check.
pub(super) const CHECK: Check = Check {
    code: "failed-push",
    name: "A push that was refused",
    severity: Severity::Error,
    doc: "A call for a layer or a manifest was refused, and that layer or manifest never succeeded \
later in the push. The client often says no more than `EOF` or `403`; the cause is the `errorCode` \
of the refused call, and the finding says what it means and what to do.\n\n\
It is a warning where a later push of the same principal did the same work again and came through.",
    run,
};

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let made_good = made_good(context.sessions);
    let log = context.log;
    each_session(context, findings, |index, session| {
        let Status::Failed { event: id, .. } = session.status else {
            return None;
        };
        let event = log.event(id);
        let code = log.error_code(event).unwrap_or_default();
        let name = repository(log, session.repository);
        let (meaning, help) = cause(code, event.action.stage());
        let code = if code.is_empty() {
            "an error without a code"
        } else {
            code
        };
        Some(Finding {
            code: CHECK.code,
            severity: severity_of_loss(&made_good, index),
            session: Some(index),
            events: vec![id],
            message: format!(
                "`{}` on `{name}` was refused with `{code}`: {meaning}",
                event.action.name()
            ),
            help: Some(help.to_owned()),
        })
    });
}
