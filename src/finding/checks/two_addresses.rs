//! One push from two addresses.

use crate::finding::checks::each_push;
use crate::finding::{Ask, Check, Code, Context, Run, Severity};

const CODE: Code = Code {
    code: "two-addresses",
    name: "A push from two addresses",
    severity: Severity::Warning,
    doc: "Calls of one push were made to the API itself, and they show more than one address. A host \
behind a pool of addresses looks so; so does a credential that two hosts hold.\n\n\
What to do: ask who owns the addresses. If one is not yours, revoke the credential's sessions.",
};

/// The check.
pub(super) const CHECK: Check = Check {
    codes: &[CODE],
    run: Run::Push(run),
};

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    let log = context.log;
    each_push(move |index, session| {
        let calls = session.direct_calls(log);
        let mut shown = calls.filter_map(|(id, client)| Some((id, client.source_ip.as_deref()?)));
        let (first, one) = shown.next()?;
        let (second, other) = shown.find(|(_, address)| *address != one)?;
        let message = format!("calls of this push came from {one} and from {other}");
        let finding = CODE.of(index, vec![second, first], message);
        let finding = finding.label(format!("from {other}"));
        Some(finding.help("ask who owns both addresses; a shared credential looks so"))
    })
}
