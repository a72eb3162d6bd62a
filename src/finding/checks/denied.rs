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
    let message = format!("{who} may not call `{action}` on `{name}`; {history}");
    (Some(message), remedy(log, id, prefix, changed))
}

/// What to allow, and where to look.
fn remedy(log: &EventLog, id: EventId, prefix: &str, changed: bool) -> String {
    let event = log.event(id);
    if event.action.stage() == Stage::Authorization {
        return format!("allow `{prefix}:GetAuthorizationToken` on `*` for the caller");
    }
    let message = event
        .failure
        .and_then(|failure| log.tables.failures.get(failure).message.as_deref());
    let place = deciding_policy(message.unwrap_or_default());
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

/// The policy that decided, by the words of the error's message.
///
/// IAM user guide, "Troubleshoot access denied error messages": the message names the type of the
/// policy that denied, or that did not allow.
fn deciding_policy(message: &str) -> &'static str {
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
        ("VPC endpoint policy", "the policy of the VPC endpoint"),
        ("resource-based policy", "the repository's own policy"),
        ("identity-based policy", "the caller's own policies"),
    ];
    TYPES
        .into_iter()
        .find(|(words, _)| message.contains(words))
        .map_or(
            "the caller's policies, the repository's and the organisation's",
            |(_, place)| place,
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_tells_which_policy_decided() {
        let scp = "User: x is not authorized to perform: ecr:PutImage on resource: y with an \
                   explicit deny in a service control policy";
        assert!(deciding_policy(scp).contains("service control"));
        let own = "because no identity-based policy allows the ecr:PutImage action";
        assert!(deciding_policy(own).contains("own policies"));
        assert!(deciding_policy("").contains("organisation's"));
    }
}
