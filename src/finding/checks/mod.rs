//! The checks, one file each, and the table of them.
//!
//! Comes in: everything that was established. Goes out: findings. Never: a check that looks at
//! another's findings; the order of the table is only that of `docs/findings.md`.

mod altered_log;
mod byte_hole;
mod cause;
mod clock_skew;
mod contradiction;
mod dead_upload;
mod failed_push;
mod incomplete_push;
mod log_hole;
mod manifest_omitted;
mod orphaned_layer;
mod reads_missing;
mod tag_moved;
mod undetermined_push;
mod unverified_log;

use std::collections::BTreeMap;

use crate::event::{DigestId, EventId, EventLog, RepositoryId, UploadId};
use crate::finding::{Check, Context, Finding, Severity};
use crate::ingest::verify::Verdict;
use crate::location::FileId;
use crate::session::{Session, Sessions, Status};

/// Every check, in the order of `docs/findings.md`.
pub const CHECKS: &[Check] = &[
    incomplete_push::CHECK,
    failed_push::CHECK,
    undetermined_push::CHECK,
    orphaned_layer::CHECK,
    dead_upload::CHECK,
    byte_hole::CHECK,
    tag_moved::CHECK,
    manifest_omitted::CHECK,
    clock_skew::CHECK,
    contradiction::CHECK,
    log_hole::CHECK,
    reads_missing::CHECK,
    altered_log::CHECK,
    unverified_log::CHECK,
];

/// The events of a push, its login included, that stand in log files which came to one of the
/// verdicts, and the files; none where files were not checked.
fn events_in(
    context: &Context<'_>,
    session: &Session,
    is_meant: impl Fn(Verdict) -> bool,
) -> (Vec<EventId>, BTreeMap<FileId, Verdict>) {
    let login = session.authorization.as_ref().map(|link| link.event);
    let (mut events, mut files) = (Vec::new(), BTreeMap::new());
    let Some(verification) = &context.coverage.verification else {
        return (events, files);
    };
    for &id in login.iter().chain(&session.sequence) {
        let file = context.log.event(id).at.file;
        if let Some(&verdict) = verification.logs.get(&file).filter(|&&of| is_meant(of)) {
            events.push(id);
            files.insert(file, verdict);
        }
    }
    (events, files)
}

/// Adds what a check says of each push.
fn each_session(
    context: &Context<'_>,
    findings: &mut Vec<Finding>,
    check: impl Fn(usize, &Session) -> Option<Finding>,
) {
    let sessions = context.sessions.sessions.iter().enumerate();
    findings.extend(sessions.filter_map(|(index, session)| check(index, session)));
}

/// The severity of a push that came to nothing: an error, or a warning where a later push of the
/// same principal made it good.
fn severity_of_loss(made_good: &[bool], index: usize) -> Severity {
    match made_good.get(index) {
        Some(true) => Severity::Warning,
        Some(false) | None => Severity::Error,
    }
}

/// Tells of each push whether it, or one that did its work again, was followed by one that came
/// through.
///
/// # Complexity
/// O(n) in the pushes: a chain of re-runs goes forward in time and is read from its end.
fn made_good(sessions: &Sessions) -> Vec<bool> {
    let mut made_good = vec![false; sessions.sessions.len()];
    for (index, session) in sessions.sessions.iter().enumerate().rev() {
        let next = session.superseded_by.filter(|&next| next > index);
        made_good[index] = next.is_some_and(|next| {
            let status = &sessions.sessions[next].status;
            made_good[next] || matches!(status, Status::Complete | Status::Unchanged)
        });
    }
    made_good
}

/// The name of a repository, or words for want of one.
fn repository(log: &EventLog, repository: Option<RepositoryId>) -> &str {
    repository.map_or("an unnamed repository", |id| {
        &log.tables.repositories.get(id).name
    })
}

/// A digest, cut to what tells it apart at a glance.
fn short_digest(log: &EventLog, digest: DigestId) -> String {
    let text = log.tables.digests.get(digest).to_string();
    match text.char_indices().nth(19) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// An upload's id, cut likewise.
fn short_upload(log: &EventLog, upload: UploadId) -> String {
    let text = log.tables.uploads.get(upload).text(&log.tables.texts);
    match text.char_indices().nth(8) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

/// `1 layer`, `2 layers`.
fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}
