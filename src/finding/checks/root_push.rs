//! A push by the root user.

use crate::event::Principal;
use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::each_push;

const CODE: Code = Code {
    code: "root-push",
    name: "A push by the root user",
    severity: Severity::Note,
    doc: "The push was made with the credentials of the account's root user, whom no policy limits. \
AWS advises against using them for anything but the few tasks that need them (IAM user guide, \"Root \
user best practices\").\n\n\
What to do: push as a role that may push to this repository and nothing else, and look whether the \
root user has access keys.",
};

/// The check.
pub(super) const CHECK: Check = Check {
    codes: &[CODE],
    run: Runner::Push(run),
};

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    each_push(move |index, session| {
        let identity = context.log.tables.identities.get(session.identity);
        if identity.principal != Principal::Root {
            return None;
        }
        let account = identity.account.as_deref().unwrap_or("not named");
        let message = format!("the root user of the account ({account}) made this push");
        let first = session.sequence.first().copied();
        let finding = CODE.of(index, first.into_iter().collect(), message);
        Some(finding.help("push as a role that may do no more than push"))
    })
}
