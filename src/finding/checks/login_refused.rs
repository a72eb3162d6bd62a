//! Refused logins: whose, from where, why, and whether a later one was granted.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::event::{EventId, EventLog, IdMap, Service, TextId};
use crate::finding::check::{Check, Code, Context, Finding, Runner, Severity};
use crate::finding::checks::{cause, denied, n};
use crate::session::PrincipalId;
use crate::words;

/// The code of the finding.
pub(super) const LOGIN_REFUSED: &str = "login-refused";

const CODE: Code = Code {
    code: LOGIN_REFUSED,
    name: "A login that was refused",
    severity: Severity::Error,
    doc: "A `GetAuthorizationToken` was refused: whatever the caller wanted to push or pull, it could \
not begin. The finding says who it was, from where, and why. No repository is named, for a login names \
none; so the finding is about the log as a whole, and is chosen by caller, account, region and period.\n\n\
It is an error where no later login of the same principal was granted, and a note where one was, or where \
the caller only called too often.\n\n\
What to do: where it was denied, allow `ecr:GetAuthorizationToken` (ECR Public: \
`ecr-public:GetAuthorizationToken` and `sts:GetServiceBearerToken`) on `*` for the caller; the error's \
message says which kind of policy decided.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Log(run));

/// How many addresses a finding names at most.
const MOST_ADDRESSES: usize = 3;

/// The key of refused logins that are reported together: service, principal, region, cause, and
/// whether a later login was granted. They are placed by the first of them.
type RefusalKey = (Service, PrincipalId, TextId, &'static str, bool);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let log = context.log;
    let logins = || {
        let logins = context.graph.index.logins().iter().copied();
        logins.map(|id| (id, log.event(id)))
    };
    let principal = |id: EventId| context.sessions.principals.of(log.event(id).identity);
    let mut granted: IdMap<(Service, PrincipalId), DateTime<Utc>> = IdMap::default();
    for (id, event) in logins().filter(|(_, event)| event.succeeded()) {
        let last = granted.entry((event.service, principal(id))).or_default();
        *last = event.time.max(*last);
    }
    let mut order: BTreeMap<EventId, Vec<EventId>> = BTreeMap::new();
    let mut first_of: IdMap<RefusalKey, EventId> = IdMap::default();
    for (id, event) in logins().filter(|(_, event)| !event.succeeded()) {
        let whose = (event.service, principal(id));
        let is_granted = granted.get(&whose).is_some_and(|last| *last >= event.time);
        let code = cause::of(log, id).code.code;
        let group = (whose.0, whose.1, event.region, code, is_granted);
        let first = *first_of.entry(group).or_insert(id);
        order.entry(first).or_default().push(id);
    }
    findings.extend(order.into_values().filter_map(|refused| {
        let first = log.event(*refused.first()?);
        let whose = (first.service, principal(*refused.first()?));
        let later = granted
            .get(&whose)
            .copied()
            .filter(|last| *last >= first.time);
        Some(told(log, refused, later))
    }));
}

/// The finding for some refused logins; `later` is when a login was granted after all of them.
fn told(log: &EventLog, refused: Vec<EventId>, later: Option<DateTime<Utc>>) -> Finding {
    let (first, last) = (log.event(refused[0]), log.event(refused[refused.len() - 1]));
    let cause = cause::of(log, refused[0]);
    let who = words::who(log.tables.identities.get(last.identity));
    let when = match refused.len() {
        1 => format!("at {}", words::time(first.time)),
        many => format!(
            "{} from {} to {}",
            words::count(n(many), "time"),
            words::time(first.time),
            words::time(last.time)
        ),
    };
    let after = match later {
        Some(later) => format!("a later one was granted at {}", words::time(later)),
        None => "no later one was granted".to_owned(),
    };
    let message = format!(
        "{who} was refused a login{} {when}{}: {}; {after}",
        region(log, last.region),
        from(log, &refused),
        why(log, refused[refused.len() - 1], cause)
    );
    let severity = match (cause.code.code, later) {
        ("throttled", _) | (_, Some(_)) => Severity::Note,
        (_, None) => Severity::Error,
    };
    let help = match cause.code.code {
        cause::DENIED => denied::remedy_of_login(log, refused[refused.len() - 1]),
        _ => cause.help.to_owned(),
    };
    let finding = Finding {
        events: refused,
        ..CODE.of_log(message)
    };
    finding.label(cause.label).severity(severity).help(help)
}

fn region(log: &EventLog, region: TextId) -> String {
    match log.text(region) {
        "" => String::new(),
        region => format!(" in {region}"),
    }
}

/// ` from 203.0.113.7 by aws-cli/2.15.30`.
fn from(log: &EventLog, refused: &[EventId]) -> String {
    let clients = refused
        .iter()
        .map(|&id| log.tables.clients.get(log.event(id).client));
    let addresses: BTreeSet<&str> = clients
        .clone()
        .filter_map(|client| client.source_ip.as_deref())
        .collect();
    let mut named: Vec<String> = addresses
        .iter()
        .take(MOST_ADDRESSES)
        .map(|address| (*address).to_owned())
        .collect();
    if let more @ 1.. = addresses.len().saturating_sub(MOST_ADDRESSES) {
        named.push(words::count(n(more), "other address"));
    }
    let program = clients
        .rev()
        .find_map(|client| client.user_agent.as_deref());
    let program = program.and_then(|agent| agent.split(' ').next());
    let program = program.map(|program| format!(", by {program}"));
    match named.is_empty() {
        true => ", from where the log does not show".to_owned(),
        false => format!(
            ", from {}{}",
            words::list(&named),
            program.unwrap_or_default()
        ),
    }
}

/// Why a login was refused.
fn why(log: &EventLog, id: EventId, cause: &cause::Cause) -> String {
    let error = log.error_code(log.event(id)).unwrap_or_default();
    let meaning = match cause.code.code {
        cause::DENIED => {
            denied::decision(log, id).unwrap_or_else(|| "it is not allowed".to_owned())
        }
        _ => cause.meaning.to_owned(),
    };
    match error {
        "" => meaning,
        error => format!("{meaning} (`{error}`)"),
    }
}
