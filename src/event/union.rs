//! The union of two records that may each lack what the other has.
//!
//! Comes in: two records with the tables that their ids point into. Goes out: one record with
//! everything that either says, or nothing if they differ. Never: a choice between two values.
//!
//! Tables of events have only the columns that somebody selected; what an export leaves out is in the
//! log file. A call without an error was granted, so an error in only one of the records is a
//! difference.

use crate::event::identity::{BackingProbe, ClientProbe, CredentialProbe, IdentityProbe};
use crate::event::log::ContextEvent;
use crate::event::tables::{Failure, Tables};
use crate::event::{
    Action, ClientId, CredentialId, Event, FailureId, Field, IdentityId, ImageDigest, Param,
    ParamKind, PutImage, RepositoryId, TextId,
};

/// Everything that two push events of the same tables say, with the place of the first; `None` if they
/// differ.
pub fn union(a: &Event, b: &Event, tables: &mut Tables) -> Option<Event> {
    if (a.time, a.event_id, a.service) != (b.time, b.event_id, b.service) {
        return None;
    }
    Some(Event {
        time: a.time,
        event_id: a.event_id,
        request_id: either(a.request_id, b.request_id)?,
        shared_event_id: either(a.shared_event_id, b.shared_event_id)?,
        amends: either(a.amends, b.amends)?,
        // A record that does not give its category is taken for the service's.
        category: a.category.max(b.category),
        action: action(&a.action, &b.action)?,
        failure: failure(a.failure, b.failure, tables)?,
        identity: identity(a.identity, b.identity, tables)?,
        credential: credential(a.credential, b.credential, tables)?,
        client: client(a.client, b.client, tables)?,
        service: a.service,
        repository: repository(a.repository, b.repository, tables)?,
        recipient: text(a.recipient, b.recipient, tables)?,
        region: text(a.region, b.region, tables)?,
        at: a.at,
    })
}

/// Everything that two calls outside pushes say; `None` if they differ.
pub fn union_context(
    a: &ContextEvent,
    b: &ContextEvent,
    tables: &mut Tables,
) -> Option<ContextEvent> {
    let head = |event: &ContextEvent| (event.time, event.event_id, event.deed, event.service);
    if head(a) != head(b) {
        return None;
    }
    Some(ContextEvent {
        shared_event_id: either(a.shared_event_id, b.shared_event_id)?,
        repository: repository(a.repository, b.repository, tables)?,
        identity: identity(a.identity, b.identity, tables)?,
        client: client(a.client, b.client, tables)?,
        failure: failure(a.failure, b.failure, tables)?,
        tags: list(&a.tags, &b.tags)?,
        digests: list(&a.digests, &b.digests)?,
        archived: list(&a.archived, &b.archived)?,
        spared: list(&a.spared, &b.spared)?,
        recipient: text(a.recipient, b.recipient, tables)?,
        region: text(a.region, b.region, tables)?,
        params: params(&a.params, &b.params)?,
        ..a.clone()
    })
}

/// The parameters of both; those of one kind are in one of them, or equal.
fn params(a: &[Param], b: &[Param]) -> Option<Box<[Param]>> {
    let mut joined = Vec::new();
    for &kind in ParamKind::ALL {
        let of_kind = |params: &[Param]| -> Vec<Param> {
            let params = params.iter().filter(|param| param.kind == kind);
            params.copied().collect()
        };
        joined.extend(list(&of_kind(a), &of_kind(b))?);
    }
    Some(joined.into())
}

/// The value that is present, if either may be absent; `None` if they differ.
fn either<T: PartialEq>(a: Option<T>, b: Option<T>) -> Option<Option<T>> {
    match (a, b) {
        (Some(a), Some(b)) => (a == b).then_some(Some(a)),
        (a, b) => Some(a.or(b)),
    }
}

/// The list that is present; an empty one says nothing.
fn list<T: PartialEq + Clone>(a: &[T], b: &[T]) -> Option<Box<[T]>> {
    let [a, b] = [a, b].map(|list| Some(list).filter(|list| !list.is_empty()));
    Some(either(a, b)?.unwrap_or_default().into())
}

/// The field that is known; one that was left out or is unreadable says nothing.
fn field<T: PartialEq + Clone>(a: &Field<T>, b: &Field<T>) -> Option<Field<T>> {
    match (a, b) {
        (Field::Known(a), Field::Known(b)) if a != b => None,
        (Field::Known(_), _) | (_, Field::Absent) => Some(a.clone()),
        (_, Field::Known(_)) | (Field::Absent, _) => Some(b.clone()),
        // If neither is known, the one that says more about why.
        (Field::Omitted { original_bytes: a }, Field::Omitted { original_bytes: b }) => {
            Some(Field::Omitted {
                original_bytes: *a.max(b),
            })
        }
        (Field::Omitted { .. }, Field::Unreadable) => Some(a.clone()),
        (Field::Unreadable, Field::Omitted { .. } | Field::Unreadable) => Some(b.clone()),
    }
}

fn action(a: &Action, b: &Action) -> Option<Action> {
    Some(match (a, b) {
        (Action::GetAuthorizationToken, Action::GetAuthorizationToken) => a.clone(),
        (
            Action::BatchCheckLayerAvailability { digests, available },
            Action::BatchCheckLayerAvailability {
                digests: other,
                available: there,
            },
        ) => Action::BatchCheckLayerAvailability {
            digests: list(digests, other)?,
            available: field(available, there)?,
        },
        (
            Action::InitiateLayerUpload { upload, part_size },
            Action::InitiateLayerUpload {
                upload: other,
                part_size: size,
            },
        ) => Action::InitiateLayerUpload {
            upload: either(*upload, *other)?,
            part_size: either(*part_size, *size)?,
        },
        (
            Action::UploadLayerPart {
                upload,
                range,
                last_byte_received,
            },
            Action::UploadLayerPart {
                upload: other,
                range: bytes,
                last_byte_received: last,
            },
        ) => Action::UploadLayerPart {
            upload: either(*upload, *other)?,
            range: either(*range, *bytes)?,
            last_byte_received: either(*last_byte_received, *last)?,
        },
        (
            Action::CompleteLayerUpload {
                upload,
                claimed,
                confirmed,
            },
            Action::CompleteLayerUpload {
                upload: other,
                claimed: digests,
                confirmed: digest,
            },
        ) => Action::CompleteLayerUpload {
            upload: either(*upload, *other)?,
            claimed: list(claimed, digests)?,
            confirmed: either(*confirmed, *digest)?,
        },
        (Action::PutImage(a), Action::PutImage(b)) => Action::PutImage(Box::new(PutImage {
            tag: either(a.tag, b.tag)?,
            digest: ImageDigest {
                claimed: either(a.digest.claimed, b.digest.claimed)?,
                confirmed: either(a.digest.confirmed, b.digest.confirmed)?,
                computed: either(a.digest.computed, b.digest.computed)?,
            },
            manifest: field(&a.manifest, &b.manifest)?,
            media_type: either(a.media_type, b.media_type)?,
        })),
        (
            Action::GetAuthorizationToken
            | Action::BatchCheckLayerAvailability { .. }
            | Action::InitiateLayerUpload { .. }
            | Action::UploadLayerPart { .. }
            | Action::CompleteLayerUpload { .. }
            | Action::PutImage(_),
            _,
        ) => return None,
    })
}

fn failure(
    a: Option<FailureId>,
    b: Option<FailureId>,
    tables: &mut Tables,
) -> Option<Option<FailureId>> {
    let (Some(one), Some(other)) = (a, b) else {
        return (a == b).then_some(a);
    };
    let (one, other) = (tables.failures.get(one), tables.failures.get(other));
    let code = |failure: &'_ Failure| Some(failure.code.clone()).filter(|code| !code.is_empty());
    let joined = Failure {
        code: either(code(one), code(other))?.unwrap_or_default(),
        message: either(one.message.clone(), other.message.clone())?,
    };
    Some(Some(tables.failures.insert(joined)))
}

/// Joins the fields of two probes.
macro_rules! joined {
    ($probe:ident, $a:ident, $b:ident { $($field:ident),* } $($rest:ident: $value:expr),*) => {
        $probe { $($field: either($a.$field, $b.$field)?,)* $($rest: $value,)* }
    };
}

fn identity(a: IdentityId, b: IdentityId, tables: &mut Tables) -> Option<IdentityId> {
    if a == b {
        return Some(a);
    }
    let identities = &tables.identities;
    let (a, b) = (identities.get(a).probe(), identities.get(b).probe());
    let backing = match (a.backing, b.backing) {
        (Some(a), Some(b)) => Some(joined!(BackingProbe, a, b {
            source_identity, on_behalf_of, identity_store, issuer_type, issued_to, source_arn,
            source_account, credential_id, invoked_by, invoked_by_delegate
        } from_console: a.from_console || b.from_console, is_sso: a.is_sso || b.is_sso)),
        (a, b) => a.or(b),
    };
    let probe = joined!(IdentityProbe, a, b {
        kind, arn, account, principal_id, user_name
    } backing: backing);
    let identity = probe.own();
    Some(tables.identities.insert(identity))
}

fn credential(a: CredentialId, b: CredentialId, tables: &mut Tables) -> Option<CredentialId> {
    let (one, other) = (tables.credentials.get(a), tables.credentials.get(b));
    let (one, other) = (one.probe(), other.probe());
    let probe = joined!(
        CredentialProbe,
        one,
        other {
            access_key_id,
            created,
            sign_in_session
        }
    );
    let credential = probe.own();
    Some(tables.credentials.insert(credential))
}

fn client(a: ClientId, b: ClientId, tables: &mut Tables) -> Option<ClientId> {
    let (one, other) = (tables.clients.get(a), tables.clients.get(b));
    let (one, other) = (one.probe(), other.probe());
    let probe = joined!(
        ClientProbe,
        one,
        other {
            source_ip,
            user_agent,
            invoked_by,
            vpc_endpoint_id,
            vpc_endpoint_account,
            tls_version
        }
    );
    let client = probe.own();
    Some(tables.clients.insert(client))
}

/// The repository; account and region are empty if no field names them.
fn repository(
    a: Option<RepositoryId>,
    b: Option<RepositoryId>,
    tables: &mut Tables,
) -> Option<Option<RepositoryId>> {
    let (Some(one), Some(other)) = (a, b) else {
        return Some(a.or(b));
    };
    let (one, other) = (tables.repositories.get(one), tables.repositories.get(other));
    if (one.service, &one.name) != (other.service, &other.name) {
        return None;
    }
    let mut joined = one.clone();
    for (text, other) in [
        (&mut joined.registry, &other.registry),
        (&mut joined.region, &other.region),
    ] {
        match (text.is_empty(), other.is_empty()) {
            (true, _) => text.clone_from(other),
            (false, false) if text != other => return None,
            (false, _) => {}
        }
    }
    Some(Some(tables.repositories.insert(joined)))
}

/// A text; an empty one says nothing.
fn text(a: TextId, b: TextId, tables: &Tables) -> Option<TextId> {
    let is_empty = |id: TextId| tables.texts.get(id).is_empty();
    match (is_empty(a), is_empty(b)) {
        (true, _) => Some(b),
        (false, true) => Some(a),
        (false, false) => (a == b).then_some(a),
    }
}
