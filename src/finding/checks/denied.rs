//! A call that was not allowed: which, to whom, and whether it ever was.

use chrono::{DateTime, Utc};

use crate::event::{EventId, EventLog, IdMap, IdentityId, Principal, RepositoryId, Service, Stage};
use crate::finding::Context;
use crate::finding::checks::{cause, repository};
use crate::session::{PrincipalId, Status};
use crate::words;

/// The code of the cause.
pub(super) const CODE: &str = "denied";

/// What the caller had got through there before it was denied.
#[derive(Clone, Copy, Debug)]
pub(super) enum Earlier {
    /// So many pushes, the last of which ended then.
    Pushes(u64, DateTime<Utc>),
    /// The image itself, under another tag.
    SamePush,
}

impl Earlier {
    /// When that ended; `None` where it goes on.
    pub(super) fn end(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Pushes(_, last) => Some(*last),
            Self::SamePush => None,
        }
    }
}

/// Whom policies are about: of a role all sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Caller<'a> {
    /// A role of an account.
    Role(&'a str, &'a str),
    /// Anybody else.
    Other(PrincipalId),
}

impl<'a> Caller<'a> {
    fn of(context: &Context<'a>, identity: IdentityId) -> Self {
        let known = context.log.tables.identities.get(identity);
        match &known.principal {
            Principal::AssumedRole { role, .. } if !role.is_empty() => {
                Self::Role(known.account.as_deref().unwrap_or_default(), role)
            }
            Principal::AssumedRole { .. }
            | Principal::Root
            | Principal::IamUser { .. }
            | Principal::FederatedUser { .. }
            | Principal::AwsAccount { .. }
            | Principal::AwsService { .. }
            | Principal::Unknown => Self::Other(context.sessions.principals.of(identity)),
        }
    }
}

/// For each denial among those that are `told` of each push, what its caller had got through there
/// before it, if anything.
///
/// # Complexity
/// O(n) in the pushes.
pub(super) fn earlier(context: &Context<'_>, told: &[Vec<EventId>]) -> IdMap<EventId, Earlier> {
    let log = context.log;
    let is_denial = |id: &&EventId| {
        let cause = cause::known(log.error_code(log.event(**id)).unwrap_or_default());
        cause.is_some_and(|cause| cause.code.code == CODE)
    };
    let mut before = IdMap::default();
    if !told.iter().flatten().any(|id| is_denial(&id)) {
        return before;
    }
    let mut so_far: IdMap<(Caller<'_>, RepositoryId), (u64, DateTime<Utc>)> = IdMap::default();
    for (session, told) in context.sessions.sessions.iter().zip(told) {
        let is_complete = session.status == Status::Complete;
        for &id in told.iter().filter(is_denial) {
            let event = log.event(id);
            let key = event
                .repository
                .map(|of| (Caller::of(context, event.identity), of));
            let known = key.and_then(|key| so_far.get(&key));
            let pushes = known.map(|&(n, last)| Earlier::Pushes(n, last));
            let earlier = is_complete.then_some(Earlier::SamePush).or(pushes);
            before.extend(earlier.map(|earlier| (id, earlier)));
        }
        if let Some(repository) = session.repository.filter(|_| is_complete) {
            let caller = Caller::of(context, session.identity);
            let entry = so_far
                .entry((caller, repository))
                .or_insert((0, session.last));
            *entry = (entry.0 + 1, entry.1.max(session.last));
        }
    }
    before
}

/// What to say of the refused call, and what to do.
pub(super) fn said(
    context: &Context<'_>,
    earlier: Option<&Earlier>,
    id: EventId,
) -> (Option<String>, String) {
    let (log, event) = (context.log, context.log.event(id));
    let caller = Caller::of(context, event.identity);
    let who = match caller {
        Caller::Role(_, role) => format!("role {role}"),
        Caller::Other(_) => words::who(log.tables.identities.get(event.identity)),
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
    let barred = match Policy::of(log, id) {
        Policy::Endpoint => {
            let client = log.tables.clients.get(event.client);
            let endpoint = client.vpc_endpoint_id.as_deref();
            let endpoint = endpoint.unwrap_or("that the call went through");
            format!(", by the policy of the VPC endpoint {endpoint}")
        }
        Policy::Named(_) | Policy::Unnamed => String::new(),
    };
    let message = format!("{who} may not call `{action}` on `{name}`{barred}; {history}");
    (Some(message), remedy(log, id, prefix, changed))
}

/// What to allow, and where to look.
fn remedy(log: &EventLog, id: EventId, prefix: &str, changed: bool) -> String {
    let event = log.event(id);
    let policy = Policy::of(log, id);
    let place = match policy {
        Policy::Endpoint => "the policy of the VPC endpoint",
        Policy::Named(place) => place,
        Policy::Unnamed => "the caller's policies, the repository's and the organisation's",
    };
    match (event.action.stage(), policy) {
        (Stage::Authorization, Policy::Endpoint) => {
            return format!("allow `{prefix}:GetAuthorizationToken` on `*` in {place}");
        }
        (Stage::Authorization, Policy::Named(_) | Policy::Unnamed) => {
            return format!("allow `{prefix}:GetAuthorizationToken` on `*` for the caller");
        }
        (_, Policy::Endpoint | Policy::Named(_) | Policy::Unnamed) => {}
    }
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

/// The policy that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    /// That of the VPC endpoint, which lets nothing through to the service.
    Endpoint,
    /// The one that the error's message names.
    Named(&'static str),
    /// The error does not say.
    Unnamed,
}

impl Policy {
    fn of(log: &EventLog, id: EventId) -> Self {
        let failure = log.event(id).failure;
        let failure = failure.map(|failure| log.tables.failures.get(failure));
        failure.map_or(Self::Unnamed, |failure| {
            let message = failure.message.as_deref();
            Self::of_error(&failure.code, message.unwrap_or_default())
        })
    }

    /// By the error's code or the words of its message.
    ///
    /// IAM user guide, "Troubleshoot access denied error messages": the message names the type of
    /// the policy that denied, or that did not allow. CloudTrail record contents, `errorCode`:
    /// `VpceAccessDenied`.
    fn of_error(code: &str, message: &str) -> Self {
        const TYPES: [(&str, &str); 6] = [
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
            ("resource-based policy", "the repository's own policy"),
            ("identity-based policy", "the caller's own policies"),
        ];
        let named = TYPES.into_iter().find(|(words, _)| message.contains(words));
        match named {
            _ if code.starts_with("VpceAccessDenied") => Self::Endpoint,
            Some((_, place)) => Self::Named(place),
            None if message.contains("VPC endpoint policy") => Self::Endpoint,
            None => Self::Unnamed,
        }
    }
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
        for (code, message, place) in [
            ("AccessDenied", scp, Some("service control")),
            ("AccessDenied", own, Some("own policies")),
            ("AccessDenied", "", None),
        ] {
            let named = match Policy::of_error(code, message) {
                Policy::Named(place) => Some(place),
                Policy::Endpoint | Policy::Unnamed => None,
            };
            assert_eq!(named.is_some(), place.is_some(), "{message}");
            assert!(
                named
                    .unwrap_or_default()
                    .contains(place.unwrap_or_default())
            );
        }
        for (code, message) in [("VpceAccessDenied", ""), ("AccessDenied", endpoint)] {
            assert_eq!(Policy::of_error(code, message), Policy::Endpoint);
        }
    }
}
