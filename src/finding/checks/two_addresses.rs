//! One push, or one credential during a push, at two addresses.

use chrono::{DateTime, Utc};

use crate::event::{Client, CredentialId, EventId, Id, Principal};
use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::each_push;
use crate::session::Session;

const CODE: Code = Code {
    code: "two-addresses",
    name: "A push from two addresses",
    severity: Severity::Warning,
    doc: "The push's credential was used from more than one address, or from one private address through \
two VPC endpoints: calls of the push itself show both; or a call that was made to the API itself with that \
credential, while the push went on, shows another address than the push or its login; or another login that \
fits the push as well came from elsewhere. A host behind a pool of addresses looks so; so does a credential \
that two hosts hold. The push stays with the login that fits it best, and both addresses are told.\n\n\
It is a note where all calls of the push show one address and only its login came from another, and where \
the other login fits less well, or was made with a long-lived key, which many hosts may hold.\n\n\
What to do: ask who owns the addresses. If one is not yours, revoke the credential's sessions.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Push(run));

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    let log = context.log;
    let client = |event: EventId| log.tables.clients.get(log.event(event).client);
    let direct = Direct::new(context);
    each_push(move |index, session| {
        let own = session
            .direct_calls(log)
            .find(|(_, client)| client.source_ip.is_some());
        let link = session.authorization.as_ref();
        let login = link.map(|link| (link.event, client(link.event)));
        let login = login.filter(|(_, client)| client.source_ip.is_some());
        let (first, one) = own.or(login)?;
        let others = session.direct_calls(log).map(|(event, _)| event);
        let beside = direct.elsewhere(session, |event| is_elsewhere(one, client(event)));
        let fitting = link
            .into_iter()
            .flat_map(|link| link.alternatives.iter().copied());
        let sure = fitting
            .clone()
            .filter(|&event| fits_as_well(context, session, event));
        let elsewhere = |event: &EventId| is_elsewhere(one, client(*event));
        let found = others.chain(beside).chain(sure).find(elsewhere);
        let login = login.into_iter().map(|(event, _)| event);
        let quiet = login.chain(fitting).find(elsewhere);
        let (second, severity) = match (found, quiet) {
            (Some(second), _) => (second, Severity::Warning),
            (None, Some(second)) => (second, Severity::Note),
            (None, None) => return None,
        };
        let (one, other) = (place(one), place(client(second)));
        let message = match session.sequence.contains(&second) {
            true => format!("calls of this push came from {one} and from {other}"),
            false => format!(
                "this push came from {one}, and `{}` with its credential from {other}",
                log.event(second).action.name()
            ),
        };
        let finding = CODE.of(index, vec![second, first], message);
        let finding = finding.severity(severity).label(format!("from {other}"));
        Some(finding.help("ask who owns both addresses; a shared credential looks so"))
    })
}

/// Whether another login fits a push as well as the reported one.
///
/// A key that lasts for years is used on many hosts; the key of a session belongs to one of them. A user's
/// key shows when its login was, but not which one, so the nearer login fits better.
fn fits_as_well(context: &Context<'_>, session: &Session, other: EventId) -> bool {
    let log = context.log;
    let created = session.credentials.iter();
    let mut created = created.filter_map(|&id| log.tables.credentials.get(id).created);
    let Some(created) = created.next() else {
        return false;
    };
    let link = session.authorization.as_ref().map(|link| link.event);
    let distance = |event: EventId| (log.event(event).time - created).abs();
    let identity = log.tables.identities.get(session.identity);
    let is_user = matches!(
        identity.principal,
        Principal::IamUser { .. } | Principal::Root
    );
    !is_user || link.is_some_and(|link| distance(other) <= distance(link))
}

/// The calls to the API itself, by credential and time.
struct Direct {
    calls: Vec<(CredentialId, DateTime<Utc>, EventId)>,
    /// For each call, the first later call from another place, or with another credential.
    next: Vec<usize>,
}

impl Direct {
    /// # Complexity
    /// O(n log n) in the direct calls.
    fn new(context: &Context<'_>) -> Self {
        let log = context.log;
        let clients = log.tables.clients.iter();
        let is_direct: Vec<bool> = clients
            .map(|(_, client)| client.is_direct() && client.source_ip.is_some())
            .collect();
        let direct = log
            .iter()
            .filter(|(_, event)| is_direct[event.client.index()]);
        let calls = direct.map(|(id, event)| (event.credential, event.time, id));
        let mut calls: Vec<(CredentialId, DateTime<Utc>, EventId)> = calls.collect();
        calls.sort_unstable();
        let mut next = vec![calls.len(); calls.len()];
        for at in (1..calls.len()).rev() {
            let place = |id: EventId| {
                let client = log.tables.clients.get(log.event(id).client);
                (&client.source_ip, &client.vpc_endpoint_id)
            };
            let ((of, _, before), (other, _, after)) = (calls[at - 1], calls[at]);
            let is_same = of == other && place(before) == place(after);
            next[at - 1] = if is_same { next[at] } else { at };
        }
        Self { calls, next }
    }

    /// The first call with one of a push's credentials, during the push, that `is_elsewhere`.
    ///
    /// # Complexity
    /// O(log n) for each credential: of two successive places one is elsewhere.
    fn elsewhere(
        &self,
        session: &Session,
        is_elsewhere: impl Fn(EventId) -> bool,
    ) -> Option<EventId> {
        session.credentials.iter().find_map(|&credential| {
            let from = (credential, session.first);
            let mut at = self.calls.partition_point(|call| (call.0, call.1) < from);
            while let Some(&(of, time, event)) = self.calls.get(at)
                && of == credential
                && time <= session.last
            {
                if is_elsewhere(event) {
                    return Some(event);
                }
                at = self.next[at];
            }
            None
        })
    }
}

/// Whether two clients show two addresses, or two endpoints; a client without an endpoint may be at any.
fn is_elsewhere(one: &Client, other: &Client) -> bool {
    let endpoints = one
        .vpc_endpoint_id
        .as_ref()
        .zip(other.vpc_endpoint_id.as_ref());
    other.source_ip.is_some() && one.source_ip != other.source_ip
        || endpoints.is_some_and(|(one, other)| one != other)
}

/// The address, and the endpoint that it came through.
fn place(client: &Client) -> String {
    let address = client.source_ip.as_deref().unwrap_or_default();
    match &client.vpc_endpoint_id {
        Some(endpoint) => format!("{address} through {endpoint}"),
        None => address.to_owned(),
    }
}
