//! A call that was not allowed: which, for whom, and whether it ever succeeded.

use chrono::{DateTime, Utc};

use crate::event::{EventId, EventLog, IdMap, IdentityId, Principal, RepositoryId, Service};
use crate::finding::check::Context;
use crate::finding::checks::cause::{self, error_message};
use crate::finding::checks::repository;
use crate::session::{PrincipalId, Status};
use crate::words;

/// What the caller had succeeded with there before it was denied.
#[derive(Clone, Copy, Debug)]
pub(super) enum Earlier {
    /// This many pushes, the last of which ended at this time.
    Pushes(u64, DateTime<Utc>),
    /// The image itself, under another tag.
    SamePush,
}

impl Earlier {
    /// When that ended; `None` if it is still going on.
    pub(super) fn end(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Pushes(_, last) => Some(*last),
            Self::SamePush => None,
        }
    }
}

/// The subject of a policy; for a role, all its sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Grantee<'a> {
    /// A role of an account.
    Role(&'a str, &'a str),
    /// Anybody else.
    Other(PrincipalId),
}

impl<'a> Grantee<'a> {
    fn of(context: &Context<'a>, identity: IdentityId) -> Self {
        let known = context.log.tables.identities.get(identity);
        if let Principal::AssumedRole { role, .. } = &known.principal
            && !role.is_empty()
        {
            return Self::Role(known.account.as_deref().unwrap_or_default(), role);
        }
        Self::Other(context.sessions.principals.of(identity))
    }
}

/// For each denial among the refusals `told` of each push, what its caller had succeeded with there
/// before, if anything.
///
/// # Complexity
/// O(n) in the pushes.
pub(super) fn earlier(context: &Context<'_>, told: &[Vec<EventId>]) -> IdMap<EventId, Earlier> {
    let log = context.log;
    let is_denial = |id: &&EventId| cause::of(log, **id).code.code == cause::DENIED;
    let mut before = IdMap::default();
    if !told.iter().flatten().any(|id| is_denial(&id)) {
        return before;
    }
    let mut so_far: IdMap<(Grantee<'_>, RepositoryId), (u64, DateTime<Utc>)> = IdMap::default();
    for (session, told) in context.sessions.sessions.iter().zip(told) {
        let is_complete = session.status == Status::Complete;
        for &id in told.iter().filter(is_denial) {
            let event = log.event(id);
            let key = event
                .repository
                .map(|of| (Grantee::of(context, event.identity), of));
            let known = key.and_then(|key| so_far.get(&key));
            let pushes = known.map(|&(n, last)| Earlier::Pushes(n, last));
            let earlier = is_complete.then_some(Earlier::SamePush).or(pushes);
            before.extend(earlier.map(|earlier| (id, earlier)));
        }
        if let Some(repository) = session.repository.filter(|_| is_complete) {
            let caller = Grantee::of(context, session.identity);
            let entry = so_far
                .entry((caller, repository))
                .or_insert((0, session.last));
            *entry = (entry.0 + 1, entry.1.max(session.last));
        }
    }
    before
}

/// What to say about the refused call, and what to do.
pub(super) fn said(
    context: &Context<'_>,
    earlier: Option<&Earlier>,
    id: EventId,
) -> (Option<String>, String) {
    let (log, event) = (context.log, context.log.event(id));
    let caller = Grantee::of(context, event.identity);
    let who = match caller {
        Grantee::Role(_, role) => format!("role {role}"),
        Grantee::Other(_) => words::who(log.tables.identities.get(event.identity)),
    };
    let prefix = match event.service {
        Service::Ecr => "ecr",
        Service::EcrPublic => "ecr-public",
    };
    let action = format!("{prefix}:{}", event.action.name());
    let name = repository(log, event.repository);
    let (history, changed) = match earlier {
        Some(Earlier::SamePush) => (
            "the same push put the image there under another tag".to_owned(),
            true,
        ),
        Some(Earlier::Pushes(1, last)) => (
            format!("its push at {} came through", words::time(*last)),
            true,
        ),
        Some(Earlier::Pushes(n, last)) => {
            let (n, last) = (words::number(*n), words::time(*last));
            (
                format!("{n} pushes of it came through, the last at {last}"),
                true,
            )
        }
        None => (
            "no push of it there came through before in this log".to_owned(),
            false,
        ),
    };
    let barred = match endpoint(log, id) {
        Some(endpoint) => format!(", by the policy of the VPC endpoint {endpoint}"),
        None => decision(log, id).map_or_else(String::new, |decision| format!(" ({decision})")),
    };
    let message = format!("{who} may not call `{action}` on `{name}`{barred}; {history}");
    (Some(message), remedy(log, id, prefix, changed))
}

/// What to allow, and where to look.
fn remedy(log: &EventLog, id: EventId, prefix: &str, changed: bool) -> String {
    let place = deciding_policy(error(log, id));
    let first = match changed {
        true => format!("find out what was changed since in {place}"),
        false => format!("look at {place}"),
    };
    format!(
        "{first}; a push needs `{prefix}:BatchCheckLayerAvailability`, \
         `{prefix}:InitiateLayerUpload`, `{prefix}:UploadLayerPart`, \
         `{prefix}:CompleteLayerUpload` and `{prefix}:PutImage` on the repository"
    )
}

/// What to allow if a login was denied, and where to look.
pub(super) fn remedy_of_login(log: &EventLog, id: EventId) -> String {
    let allow = match log.event(id).service {
        Service::Ecr => "`ecr:GetAuthorizationToken`",
        Service::EcrPublic => "`ecr-public:GetAuthorizationToken` and `sts:GetServiceBearerToken`",
    };
    let place = deciding_policy(error(log, id));
    format!("allow {allow} on `*` for the caller; look at {place}")
}

/// The code and the message of a refusal.
fn error(log: &EventLog, id: EventId) -> (&str, &str) {
    let code = log.error_code(log.event(id)).unwrap_or_default();
    (code, error_message(log, id))
}

/// The VPC endpoint, if its policy denied the call.
fn endpoint(log: &EventLog, id: EventId) -> Option<&str> {
    let (words, _) = policy(error(log, id))?;
    let client = log.tables.clients.get(log.event(id).client);
    let endpoint = client.vpc_endpoint_id.as_deref();
    (words == ENDPOINT.0).then(|| endpoint.unwrap_or("that the call went through"))
}

/// The policy of a VPC endpoint, which lets no denied call reach the service.
const ENDPOINT: (&str, &str) = ("VPC endpoint policy", "the policy of the VPC endpoint");

/// The types of policies as error messages call them, each with where to look; if a message names
/// the ARN of a policy, the type is before it.
///
/// IAM user guide, "Troubleshoot access denied error messages": the message names the type of the
/// policy that denied the call, or that did not allow it.
const TYPES: [(&str, &str); 7] = [
    (
        "service control policy",
        "the organisation's service control policies",
    ),
    (
        "resource control policy",
        "the organisation's resource control policies",
    ),
    ("permissions boundary", "the caller's permissions boundary"),
    ("session policy", "the policy of the caller's role session"),
    ENDPOINT,
    ("resource-based policy", "the repository's own policy"),
    ("identity-based policy", "the caller's own policies"),
];

/// What the error message says about the deciding policy; `None` if nothing.
pub(super) fn decision(log: &EventLog, id: EventId) -> Option<String> {
    decided(error(log, id))
}

/// The type of the deciding policy, and where to find it.
///
/// CloudTrail record contents, `errorCode`: `VpceAccessDenied` is the endpoint's.
fn policy((code, message): (&str, &str)) -> Option<(&'static str, &'static str)> {
    match code.starts_with("VpceAccessDenied") {
        true => Some(ENDPOINT),
        false => TYPES.into_iter().find(|(words, _)| message.contains(words)),
    }
}

fn decided(error: (&str, &str)) -> Option<String> {
    let (words, _) = policy(error)?;
    let article = match words.starts_with('i') {
        true => "an",
        false => "a",
    };
    Some(match error.1.contains("explicit deny") {
        true => format!("{article} {words} denies it explicitly"),
        false => format!("no {words} allows it"),
    })
}

/// Where to find the deciding policy.
fn deciding_policy(error: (&str, &str)) -> &'static str {
    policy(error).map_or(
        "the caller's policies, the repository's and the organisation's",
        |(_, place)| place,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_message_tell_which_policy_decided() {
        let scp = "User: x is not authorized to perform: ecr:PutImage on resource: y with an \
                   explicit deny in a service control policy";
        let own = "because no identity-based policy allows the ecr:PutImage action";
        let endpoint = "with an explicit deny in a VPC endpoint policy";
        let of = |message| ("AccessDenied", message);
        assert!(deciding_policy(of(scp)).contains("service control"));
        assert!(deciding_policy(of(own)).contains("own policies"));
        assert!(deciding_policy(of("")).contains("organisation's"));
        assert!(deciding_policy(of(endpoint)).contains("VPC endpoint"));
        assert!(deciding_policy(("VpceAccessDenied", "")).contains("VPC endpoint"));
        assert_eq!(
            decided(of(scp)).as_deref(),
            Some("a service control policy denies it explicitly")
        );
        assert_eq!(
            decided(of(own)).as_deref(),
            Some("no identity-based policy allows it")
        );
        assert_eq!(decided(of("not authorized")), None);
    }
}
