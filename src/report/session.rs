//! The row of a push.
//!
//! Comes in: a session's position. Goes out: its row, with every event in causal order. Never: a
//! service's marker in place of a caller's address.

use std::borrow::Cow;

use crate::event::{Backing, Credential, EventLog, Identity, Service};
use crate::ingest::verify::Basis;
use crate::report::behind;
use crate::report::content::Contents;
use crate::report::events::Events;
use crate::report::parts::{self, Report};
use crate::report::reason;
use crate::report::row::{
    AuthorizationRow, ClientFrom, ClientRow, CredentialRow, IdentityRow, InScopeOfRow,
    OnBehalfOfRow, PushGroup, RelatedAs, RelatedRow, SessionRow, Text,
};
use crate::session::{Link, Session};
use crate::words;

/// The row of the push at a position.
pub(super) fn row<'a>(report: &Report<'a>, position: usize) -> SessionRow<'a> {
    let session = &report.parts.sessions.sessions[position];
    let content = Contents::of(report, session);
    let outline = outline_of(report, position, &content);
    complete(report, session, outline, &content)
}

/// The row of the push at a position, without its layers and what they explain.
pub(super) fn outline<'a>(report: &Report<'a>, position: usize) -> SessionRow<'a> {
    let session = &report.parts.sessions.sessions[position];
    outline_of(report, position, &Contents::of(report, session))
}

/// The outline with layers.
pub(super) fn outline_with_layers<'a>(report: &Report<'a>, position: usize) -> SessionRow<'a> {
    let session = &report.parts.sessions.sessions[position];
    let content = Contents::of(report, session);
    SessionRow {
        layers: content.layers(),
        ..outline_of(report, position, &content)
    }
}

/// Completes an outline with everything that it leaves out.
fn complete<'a>(
    report: &Report<'a>,
    session: &'a Session,
    outline: SessionRow<'a>,
    content: &Contents<'_, 'a>,
) -> SessionRow<'a> {
    let mut row = SessionRow {
        layers: content.layers(),
        ..outline
    };
    row.explanation = reason::explanation(report, session, &row);
    row
}

fn outline_of<'a>(
    report: &Report<'a>,
    position: usize,
    content: &Contents<'_, 'a>,
) -> SessionRow<'a> {
    let session = &report.parts.sessions.sessions[position];
    let tables = &report.parts.log.tables;
    let repository = session.repository.map(|id| tables.repositories.get(id));
    let text = |text: &'a str| (!text.is_empty()).then_some(Cow::Borrowed(text));
    SessionRow {
        id: session.id.to_string(),
        status: PushGroup::of(&session.status).status(),
        group: PushGroup::of(&session.status),
        attention: report.attention_of(position),
        cause: report.cause_of(position),
        made_good_by: report.made_good_by(position),
        reason: reason::row(report, session),
        explanation: String::new(),
        confidence: session.confidence,
        integrity: integrity(report, session),
        doubt: session.doubt.map(|id| parts::id_text(report.parts.log, id)),
        service: service(report, session),
        registry: repository.and_then(|repository| text(&repository.registry)),
        region: region(report, session).and_then(text),
        repository: repository.and_then(|repository| text(&repository.name)),
        identity: IdentityRow {
            behind: behind::row(report, session),
            sign_in_session: sign_in_session(report, session),
            ..with_login(report, session, tables.identities.get(session.identity))
        },
        credentials: credentials(report, session),
        client: client(report, session),
        authorization: session
            .authorization
            .as_ref()
            .map(|link| authorization(report.parts.log, link)),
        image: content.image(),
        manifests: content.manifests(),
        uploaded_bytes: content.uploaded_bytes(),
        reused_bytes: content.reused_bytes(),
        orphaned_bytes: content.orphaned_bytes(),
        layers: Vec::new(),
        first: words::time(session.first),
        last: words::time(session.last),
        duration_s: (session.last - session.first).num_seconds(),
        longest_pause_s: longest_pause_s(report, session),
        retry_of: session.retry_of.map(|other| report.session_id(other)),
        superseded_by: session.superseded_by.map(|other| report.session_id(other)),
        related: related(report, session),
        authorization_pushes: session
            .authorization
            .as_ref()
            .and_then(|link| report.parts.sessions.served.get(&link.event))
            .copied()
            .unwrap_or_default(),
        pulled: report.pulled(session),
        events: Events::new(report.parts, session),
        findings: report
            .findings_of(position)
            .map(|finding| report.finding_row(finding))
            .collect(),
    }
}

/// Whether the records of a push and its login are as CloudTrail delivered them.
fn integrity(report: &Report<'_>, session: &Session) -> Option<Basis> {
    let verification = report.parts.coverage.verification.as_ref()?;
    let login = session.authorization.as_ref().map(|link| &link.event);
    let records = login.into_iter().chain(&session.sequence);
    let records = records.map(|&id| report.parts.log.event(id).at);
    Some(verification.basis(records))
}

/// ECR or ECR Public.
pub(super) fn service(report: &Report<'_>, session: &Session) -> Service {
    let tables = &report.parts.log.tables;
    let named = session.repository.map(|id| tables.repositories.get(id));
    let by_call = || parts::first_event(&report.parts, session).map(|event| event.service);
    named
        .map(|repository| repository.service)
        .or_else(by_call)
        .unwrap_or(Service::Ecr)
}

/// The repository's region; for ECR Public, which has none, the region that records its calls.
pub(super) fn region<'a>(report: &Report<'a>, session: &Session) -> Option<&'a str> {
    let log = report.parts.log;
    let named = session
        .repository
        .map(|id| &*log.tables.repositories.get(id).region)
        .filter(|region| !region.is_empty());
    named.or_else(|| parts::first_event(&report.parts, session).map(|event| log.text(event.region)))
}

/// The row of an identity, without what other records show about it.
pub(super) fn identity(identity: &Identity) -> IdentityRow<'_> {
    let backing = identity.backing.as_deref();
    let text = |of: fn(&Backing) -> &Option<Box<str>>| {
        backing.and_then(|backing| of(backing).as_deref().map(Cow::Borrowed))
    };
    let on_behalf_of = OnBehalfOfRow {
        user_id: text(|backing| &backing.on_behalf_of),
        identity_store: text(|backing| &backing.identity_store),
    };
    let in_scope_of = InScopeOfRow {
        issuer_type: text(|backing| &backing.issuer_type),
        issued_to: text(|backing| &backing.issued_to),
        source_arn: text(|backing| &backing.source_arn),
        source_account: text(|backing| &backing.source_account),
    };
    let has_user = on_behalf_of.user_id.is_some() || on_behalf_of.identity_store.is_some();
    let has_scope = in_scope_of.issuer_type.is_some()
        || in_scope_of.issued_to.is_some()
        || in_scope_of.source_arn.is_some()
        || in_scope_of.source_account.is_some();
    IdentityRow {
        kind: identity.kind.as_deref().map(Cow::Borrowed),
        arn: identity.arn.as_deref().map(Cow::Borrowed),
        account: identity.account.as_deref().map(Cow::Borrowed),
        principal_id: identity.principal_id.as_deref().map(Cow::Borrowed),
        name: words::who(identity),
        behind: None,
        source_identity: text(|backing| &backing.source_identity),
        on_behalf_of: has_user.then_some(on_behalf_of),
        in_scope_of: has_scope.then_some(in_scope_of),
        invoked_by: text(|backing| &backing.invoked_by),
        invoked_by_delegate: text(|backing| &backing.invoked_by_delegate),
        from_console: backing.and_then(|backing| backing.from_console.then_some(true)),
        sign_in_session: None,
        credential_id: text(|backing| &backing.credential_id),
    }
}

/// The row of a push's identity, with details that only its login shows: the push's own calls are
/// made by the registry's front end, which knows less about the caller.
fn with_login<'a>(report: &Report<'a>, session: &Session, own: &'a Identity) -> IdentityRow<'a> {
    let (row, log) = (identity(own), report.parts.log);
    let Some(link) = &session.authorization else {
        return row;
    };
    let login = identity(log.tables.identities.get(log.event(link.event).identity));
    IdentityRow {
        source_identity: row.source_identity.or(login.source_identity),
        on_behalf_of: row.on_behalf_of.or(login.on_behalf_of),
        in_scope_of: row.in_scope_of.or(login.in_scope_of),
        invoked_by: row.invoked_by.or(login.invoked_by),
        invoked_by_delegate: row.invoked_by_delegate.or(login.invoked_by_delegate),
        from_console: row.from_console.or(login.from_console),
        credential_id: row.credential_id.or(login.credential_id),
        ..row
    }
}

/// The sign-in that the keys of the push come from; the first, if there are several.
fn sign_in_session<'a>(report: &Report<'a>, session: &Session) -> Option<Text<'a>> {
    let log = report.parts.log;
    let login = session.authorization.as_ref();
    let login = login.map(|link| log.event(link.event).credential);
    let credentials = session.credentials.iter().copied().chain(login);
    let mut credentials = credentials.map(|id| log.tables.credentials.get(id));
    let shown = credentials.find_map(|credential| credential.sign_in_session.as_deref());
    shown.map(Cow::Borrowed)
}

fn credentials<'a>(report: &Report<'a>, session: &Session) -> Vec<CredentialRow<'a>> {
    let tables = &report.parts.log.tables;
    let row = |credential: &'a Credential| CredentialRow {
        access_key_id: credential.access_key_id.as_deref().map(Cow::Borrowed),
        created: credential.created.map(words::time),
    };
    let credentials = session.credentials.iter();
    credentials
        .map(|&id| row(tables.credentials.get(id)))
        .collect()
}

/// The caller's address: from the push's own calls, or else from its login.
pub(super) fn client<'a>(report: &Report<'a>, session: &Session) -> Option<ClientRow<'a>> {
    let log = report.parts.log;
    let id = session.shows_client(log)?;
    let client = log.tables.clients.get(log.event(id).client);
    let login = session.authorization.as_ref().map(|link| link.event);
    Some(ClientRow {
        source_ip: client.source_ip.as_deref().map(Cow::Borrowed),
        user_agent: client.user_agent.as_deref().map(Cow::Borrowed),
        from: match login == Some(id) {
            true => ClientFrom::Authorization,
            false => ClientFrom::Call,
        },
        vpc_endpoint_id: client.vpc_endpoint_id.as_deref().map(Cow::Borrowed),
        vpc_endpoint_account: client.vpc_endpoint_account.as_deref().map(Cow::Borrowed),
        tls_version: client.tls_version.as_deref().map(Cow::Borrowed),
    })
}

/// The login that a push or a pull used.
pub(super) fn authorization<'a>(log: &'a EventLog, link: &Link) -> AuthorizationRow<'a> {
    AuthorizationRow {
        event_id: parts::id_text(log, link.event),
        time: words::time(log.event(link.event).time),
        strength: link.strength,
        alternatives: link
            .alternatives
            .iter()
            .map(|&id| parts::id_text(log, id))
            .collect(),
    }
}

fn longest_pause_s(report: &Report<'_>, session: &Session) -> i64 {
    let log = report.parts.log;
    let mut times: Vec<_> = session
        .sequence
        .iter()
        .map(|&id| log.event(id).time)
        .collect();
    times.sort_unstable();
    let pauses = times.windows(2).map(|pair| match pair {
        [before, after] => (*after - *before).num_seconds(),
        _ => 0,
    });
    pauses.max().unwrap_or(0)
}

fn related(report: &Report<'_>, session: &Session) -> Vec<RelatedRow> {
    let sessions = &report.parts.sessions.sessions;
    let mut rows = Vec::new();
    if let Some(earlier) = session.retry_of {
        rows.push(RelatedRow {
            relation: RelatedAs::RetryOf,
            session: report.session_id(earlier),
            status: PushGroup::of(&sessions[earlier].status).status(),
            after_s: (session.first - sessions[earlier].last).num_seconds(),
        });
    }
    if let Some(later) = session.superseded_by {
        rows.push(RelatedRow {
            relation: RelatedAs::SupersededBy,
            session: report.session_id(later),
            status: PushGroup::of(&sessions[later].status).status(),
            after_s: (sessions[later].first - session.last).num_seconds(),
        });
    }
    rows
}
