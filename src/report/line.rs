//! A push in a line.
//!
//! Comes in: a session's position. Goes out: what a list of pushes shows of it. Never: a row built
//! from its calls and layers, which costs ten times as much.

use std::borrow::Cow;

use crate::report::content::Contents;
use crate::report::parts::Report;
use crate::report::row::{LineRow, PushGroup, Text};
use crate::report::session;
use crate::session::{PutState, Session};
use crate::words;

/// The line of the push at a position.
pub(super) fn row<'a>(report: &Report<'a>, position: usize) -> LineRow<'a> {
    let session = &report.parts.sessions.sessions[position];
    let tables = &report.parts.log.tables;
    let repository = session.repository.map(|id| tables.repositories.get(id));
    let text = |text: &'a str| (!text.is_empty()).then_some(Cow::Borrowed(text));
    let client = session::client(report, session);
    let login = session.authorization.as_ref().map(|link| link.strength);
    LineRow {
        id: session.id.to_string(),
        status: PushGroup::of(&session.status).status(),
        group: PushGroup::of(&session.status),
        attention: report.attention_of(position),
        cause: report.cause_of(position),
        made_good_by: report.made_good_by(position),
        severity: report.severity_of(position),
        registry: repository.and_then(|repository| text(&repository.registry)),
        region: session::region(report, session).and_then(text),
        repository: repository.and_then(|repository| text(&repository.name)),
        tags: tags(report, session),
        who: words::who(tables.identities.get(session.identity)),
        source_ip_by: client.as_ref().and_then(|client| client.shown_by(login)),
        source_ip: client.and_then(|client| client.source_ip),
        uploaded_bytes: Contents::of(report, session).uploaded_bytes(),
        first: words::time(session.first),
        duration_s: (session.last - session.first).num_seconds(),
    }
}

/// The tags of the root, or else those that it or the last refused manifest was refused under.
fn tags<'a>(report: &Report<'a>, session: &Session) -> Vec<Text<'a>> {
    let puts = &session.manifests;
    let root = puts.iter().find(|put| put.root);
    let named = root.or_else(|| puts.iter().rfind(|put| put.state == PutState::Refused));
    let Some(put) = named else { return Vec::new() };
    let refused = put.refused.iter().filter(|_| put.tags.is_empty());
    let tags = put.tags.iter().copied();
    tags.chain(refused.map(|refused| refused.tag))
        .map(|tag| Cow::Borrowed(report.parts.log.text(tag)))
        .collect()
}
