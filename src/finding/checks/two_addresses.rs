//! One push from two addresses.

use crate::event::Client;
use crate::finding::checks::each_push;
use crate::finding::{Ask, Check, Code, Context, Run, Severity};

const CODE: Code = Code {
    code: "two-addresses",
    name: "A push from two addresses",
    severity: Severity::Warning,
    doc: "Calls of one push were made to the API itself, and they show more than one address, or one \
private address through two VPC endpoints. A host behind a pool of addresses looks so; so does a credential that two hosts hold.\n\n\
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
        let mut shown = calls.filter(|(_, client)| client.source_ip.is_some());
        let (first, one) = shown.next()?;
        let (second, other) = shown.find(|(_, other)| is_elsewhere(one, other))?;
        let (one, other) = (place(one), place(other));
        let message = format!("calls of this push came from {one} and from {other}");
        let finding = CODE.of(index, vec![second, first], message);
        let finding = finding.label(format!("from {other}"));
        Some(finding.help("ask who owns both addresses; a shared credential looks so"))
    })
}

/// Whether two clients show two addresses, or two endpoints; one that shows no endpoint may be at any.
fn is_elsewhere(one: &Client, other: &Client) -> bool {
    let endpoints = one
        .vpc_endpoint_id
        .as_ref()
        .zip(other.vpc_endpoint_id.as_ref());
    one.source_ip != other.source_ip || endpoints.is_some_and(|(one, other)| one != other)
}

/// The address, and the endpoint that it came through.
fn place(client: &Client) -> String {
    let address = client.source_ip.as_deref().unwrap_or_default();
    match &client.vpc_endpoint_id {
        Some(endpoint) => format!("{address} through {endpoint}"),
        None => address.to_owned(),
    }
}
