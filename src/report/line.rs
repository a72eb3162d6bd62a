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
    let name = repository.map(|repository| &*repository.name);
    let findings = report.findings_of(position);
    LineRow {
        status: PushGroup::of(&session.status).status(),
        group: PushGroup::of(&session.status),
        severity: findings.map(|finding| finding.severity).max(),
        repository: name.filter(|name| !name.is_empty()).map(Cow::Borrowed),
        tags: tags(report, session),
        who: words::who(tables.identities.get(session.identity)),
        source_ip: session::client(report, session).and_then(|client| client.source_ip),
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
