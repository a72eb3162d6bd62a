//! The checks, one file each, and the table of them.
//!
//! Comes in: everything that was established. Goes out: findings. Never: a check that looks at
//! another's findings; the order of the table is only that of `docs/findings.md`.

mod absent_log;
mod altered_log;
mod byte_hole;
mod cause;
mod changes;
mod clock_skew;
mod console_push;
mod contradiction;
mod damaged_input;
mod dead_upload;
mod denied;
mod failed_push;
mod fitting;
mod hole_in_push;
mod immutable_tag;
mod incomplete_push;
mod log_hole;
mod login_refused;
mod made_good;
mod manifest_altered;
mod manifest_omitted;
mod new_client;
mod no_login;
mod not_in_log;
mod orphaned_layer;
mod overcome_refusal;
mod parameters_omitted;
mod part_overlap;
mod part_resent;
mod part_too_small;
mod period_not_covered;
mod probe_refused;
mod reads_missing;
mod refusals;
mod retried_push;
mod root_push;
mod size_mismatch;
mod tag_moved;
mod tag_raced;
mod tags;
mod two_addresses;
mod two_principals;
mod undetermined_push;
mod unseen_layer;
mod unverified_log;
mod upload_shared;

pub(crate) use log_hole::LOG_HOLE;
pub(crate) use not_in_log::not_in_log;
pub(crate) use period_not_covered::period_not_covered;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::event::{DigestId, EventId, EventLog, RepositoryId, UploadId};
use crate::finding::{Ask, Check, Code, Context, Finding};
use crate::ingest::Interval;
use crate::ingest::coverage::Covered;
use crate::ingest::verify::{Flaw, Part, Verdict};
use crate::session::Session;

/// Every check, in the order of `docs/findings.md`.
pub const CHECKS: &[Check] = &[
    incomplete_push::CHECK,
    failed_push::CHECK,
    undetermined_push::CHECK,
    overcome_refusal::CHECK,
    retried_push::CHECK,
    orphaned_layer::CHECK,
    dead_upload::CHECK,
    tag_moved::CHECK,
    tag_raced::CHECK,
    root_push::CHECK,
    console_push::CHECK,
    no_login::CHECK,
    login_refused::CHECK,
    probe_refused::CHECK,
    two_addresses::CHECK,
    two_principals::CHECK,
    new_client::CHECK,
    byte_hole::CHECK,
    part_overlap::CHECK,
    part_resent::CHECK,
    size_mismatch::CHECK,
    upload_shared::CHECK,
    manifest_altered::CHECK,
    unseen_layer::CHECK,
    manifest_omitted::CHECK,
    parameters_omitted::CHECK,
    clock_skew::CHECK,
    contradiction::CHECK,
    hole_in_push::CHECK,
    log_hole::CHECK,
    period_not_covered::CHECK,
    not_in_log::CHECK,
    damaged_input::CHECK,
    reads_missing::CHECK,
    altered_log::CHECK,
    absent_log::CHECK,
    unverified_log::CHECK,
];

/// The code of a finding that is about logins: it is chosen by these, not shown with every choice.
pub(crate) const OF_LOGINS: &str = login_refused::LOGIN_REFUSED;

/// The codes of findings about the input, which count whatever is selected of it.
pub(crate) const OF_INPUT: [&str; 1] = [damaged_input::DAMAGED_INPUT];

/// The code of the finding about a doubt, which counts if what is in doubt was asked for.
pub(crate) fn code_of_doubt(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::Altered => altered_log::ALTERED_LOG,
        Flaw::Absent => absent_log::ABSENT_LOG,
        Flaw::Unfounded => unverified_log::UNVERIFIED_LOG,
    }
}

/// The events of a push, its login included, that stand in log files which came to one of the
/// verdicts, and those files; none where files were not checked.
fn events_in(
    context: &Context<'_>,
    session: &Session,
    is_meant: impl Fn(Verdict) -> bool,
) -> (Vec<EventId>, BTreeMap<Part, Verdict>) {
    let login = session.authorization.as_ref().map(|link| link.event);
    let (mut events, mut files) = (Vec::new(), BTreeMap::new());
    let Some(verification) = &context.coverage.verification else {
        return (events, files);
    };
    for &id in login.iter().chain(&session.sequence) {
        let (file, verdict) = verification.verdict(context.log.event(id).at);
        if is_meant(verdict) {
            events.push(id);
            files.insert(file, verdict);
        }
    }
    (events, files)
}

/// What a push that AWS refused with an error code failed of; `None` for an unknown error code.
#[must_use]
pub fn code_of_error(error: &str) -> Option<&'static Code> {
    cause::known(error).map(|cause| &cause.code)
}

/// What a check says that finds at most one thing of a push.
fn each_push<'c>(
    check: impl Fn(usize, &'c Session) -> Option<Finding> + Send + Sync + 'c,
) -> Ask<'c> {
    Box::new(move |index, session, findings| findings.extend(check(index, session)))
}

/// What the log covers of the account and region that recorded a push.
fn span_of<'a>(context: &Context<'a>, session: &Session) -> Option<&'a Covered> {
    let log = context.log;
    let first = log.event(*session.sequence.first()?);
    let (account, region) = (log.text(first.recipient), log.text(first.region));
    context.coverage.span(account, region)
}

/// The first hole of a span that touches a stretch of time.
///
/// # Complexity
/// O(log h) in the holes.
fn hole_between(span: &Covered, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<Interval> {
    let next = span.holes.partition_point(|hole| hole.interval.to < from);
    let hole = span.holes.get(next)?.interval;
    (hole.from <= to).then_some(hole)
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

/// A count as the words for it want it.
fn n(number: usize) -> u64 {
    number as u64
}
