//! A report with one row a push.
//!
//! Comes in: the position of a session. Goes out: of its whole row, what people sort, group and count by. Never: a fact that
//! the whole row has not.

use std::borrow::Cow;

use crate::event::{Identity, Principal};
use crate::report::parts::Report;
use crate::report::row::{BriefCoverageRow, BriefRow, CauseRow, CoverageRow, Text};
use crate::report::session;
use crate::words;

/// The most holes that are listed.
const MOST_HOLES: usize = 6;

impl<'a> Report<'a> {
    /// What `draw` makes of the brief row of each selected push, by time of the first event, drawn by all threads.
    #[doc(hidden)]
    pub fn briefs<'s, T: Send + 's>(
        &'s self,
        draw: impl Fn(BriefRow<'a>) -> T + Sync + 's,
    ) -> impl Iterator<Item = T> + 's {
        let make = move |position| draw(row(self, position));
        self.batches(self.selected.iter().copied(), make)
    }

    /// What `draw` makes of the brief row of each selected push, those first that want attention, drawn by all threads.
    #[doc(hidden)]
    pub fn briefs_by_attention<'s, T: Send + 's>(
        &'s self,
        draw: impl Fn(BriefRow<'a>) -> T + Sync + 's,
    ) -> impl Iterator<Item = T> + 's {
        let make = move |position| draw(row(self, position));
        self.batches(self.by_attention().iter().copied(), make)
    }

    /// What was read and what it covers, without lists that grow with the input.
    #[doc(hidden)]
    #[must_use]
    pub fn coverage_in_brief(&self) -> BriefCoverageRow {
        coverage(self.coverage())
    }
}

/// The row of the push at a position.
fn row<'a>(report: &Report<'a>, position: usize) -> BriefRow<'a> {
    let session = &report.parts.sessions.sessions[position];
    let identity = report.parts.log.tables.identities.get(session.identity);
    let push = session::row(report, position);
    let login = push.authorization.as_ref().map(|login| login.strength);
    let source_ip_by = push
        .client
        .as_ref()
        .and_then(|client| client.shown_by(login));
    let refused_tags = push.manifests.iter();
    let refused_tags = each_once(refused_tags.flat_map(|put| put.refused_tags.iter().cloned()));
    let client = push.client;
    let image = push.image;
    BriefRow {
        id: push.id,
        status: push.status,
        attention: push.attention,
        cause: push.cause.map(code),
        made_good_by: push.made_good_by,
        first: push.first,
        last: push.last,
        duration_s: push.duration_s,
        uploaded_bytes: push.uploaded_bytes,
        service: push.service,
        registry: push.registry,
        region: push.region,
        repository: push.repository,
        digest: image.as_ref().and_then(|image| image.digest.clone()),
        what: image.as_ref().and_then(|image| image.what.clone()),
        tags: image.map_or_else(Vec::new, |image| image.tags),
        refused_tags,
        who: words::principal(identity),
        session_name: session_name(identity),
        account: push.identity.account,
        source_ip: client.as_ref().and_then(|client| client.source_ip.clone()),
        source_ip_by,
        user_agent: client.and_then(|client| client.user_agent),
        confidence: push.confidence,
        integrity: push.integrity,
        findings: each_once(push.findings.iter().map(|finding| finding.code)),
        explanation: Some(push.explanation),
    }
}

fn code(cause: CauseRow<'_>) -> Text<'_> {
    match cause {
        CauseRow::Refused { code, .. } => code,
        CauseRow::Reason(kind) => Cow::Borrowed(kind.name()),
    }
}

fn each_once<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut kept = Vec::new();
    for item in items {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

fn session_name(identity: &Identity) -> Option<Text<'_>> {
    match &identity.principal {
        Principal::AssumedRole { session_name, .. } => Some(Cow::Borrowed(&**session_name)),
        Principal::Root
        | Principal::IamUser { .. }
        | Principal::FederatedUser { .. }
        | Principal::AwsAccount { .. }
        | Principal::AwsService { .. }
        | Principal::Unknown => None,
    }
    .filter(|name| !name.is_empty())
}

fn coverage(row: CoverageRow) -> BriefCoverageRow {
    let n_holes = row.holes.len();
    BriefCoverageRow {
        files: row.files,
        records: row.records,
        first: row.first,
        last: row.last,
        holes: row.holes.into_iter().take(MOST_HOLES).collect(),
        holes_more: n_holes.saturating_sub(MOST_HOLES) as u64,
        pruned: row.pruned,
        log_files: row.verification.map(|verification| verification.log_files),
    }
}
