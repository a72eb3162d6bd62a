//! A manual push: from the console or CloudShell.

use crate::event::{Client, EventId, EventLog};
use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::each_push;

const CODE: Code = Code {
    code: "console-push",
    name: "A push from the console",
    severity: Severity::Note,
    doc: "The push, or the login that it used, was made from the AWS Management Console or its \
CloudShell: somebody worked by hand. In a repository that only a pipeline should push to, it is worth \
a question.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Push(run));

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    each_push(move |index, session| {
        let id = session.shows_client(context.log)?;
        let place = place(client(context.log, id))?;
        let message = format!("somebody pushed by hand, from {place}");
        Some(CODE.of(index, vec![id], message))
    })
}

fn client(log: &EventLog, id: EventId) -> &Client {
    log.tables.clients.get(log.event(id).client)
}

/// Where a manual client runs, by its `userAgent`.
///
/// Inferred from published records: calls of the console's pages name `console.amazonaws.com`, and
/// programs in CloudShell name their environment as `exec-env/CloudShell` (AWS SDKs, "Application
/// ID and user agent").
fn place(client: &Client) -> Option<&'static str> {
    let agent = client.user_agent.as_deref()?;
    match (
        agent.contains("console.amazonaws.com"),
        agent.contains("exec-env/CloudShell"),
    ) {
        (_, true) => Some("AWS CloudShell"),
        (true, false) => Some("the AWS console"),
        (false, false) => None,
    }
}
