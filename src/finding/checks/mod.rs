//! The checks, one file each, their table, and words that several of them share.
//!
//! All results of earlier stages come in; findings go out. No check looks at another's findings.

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
pub(crate) mod reads_missing;
mod refusals;
mod retried_push;
mod root_push;
mod size_mismatch;
mod table;
mod tag_moved;
mod tag_raced;
mod tags;
mod two_addresses;
mod two_principals;
mod undetermined_push;
pub(crate) mod unseen_layer;
mod unverified_log;
mod upload_shared;

pub(crate) use log_hole::LOG_HOLE;
pub(crate) use new_client::Habits;
pub(crate) use not_in_log::not_in_log;
pub(crate) use period_not_covered::period_not_covered;
pub use table::{CHECKS, code_of_error};
pub(crate) use table::{OF_INPUT, OF_LOGINS, code_of_doubt};

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::event::{DigestId, EventId, EventLog, RepositoryId, UploadId};
use crate::finding::check::{Ask, Context, Finding, Severity};
use crate::ingest::Interval;
use crate::ingest::coverage::Covered;
use crate::ingest::verify::{Part, Verdict};
use crate::session::Session;
use crate::words;

/// The events of a push, including its login, in log files with one of the verdicts, and those files;
/// none if files were not verified.
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

/// Runs a check that finds at most one thing for each push.
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

/// The name of a repository, or words in its place.
fn repository(log: &EventLog, repository: Option<RepositoryId>) -> &str {
    repository.map_or("an unnamed repository", |id| {
        &log.tables.repositories.get(id).name
    })
}

/// A digest, shortened to what identifies it at a glance.
fn short_digest(log: &EventLog, digest: DigestId) -> String {
    words::shorten(&log.tables.digests.get(digest).to_string(), 19)
}

/// The beginning of an upload's id, enough to tell it from others.
fn short_upload(log: &EventLog, upload: UploadId) -> String {
    let text = log.tables.uploads.get(upload).text(&log.tables.texts);
    words::shorten(&text, 8)
}

/// A count in the type that the words need.
fn n(number: usize) -> u64 {
    number as u64
}

/// The form of a verb that agrees with a count.
fn agreeing(n: u64, one: &'static str, many: &'static str) -> &'static str {
    match n {
        1 => one,
        _ => many,
    }
}

/// The severity of something that failed: an error, or a warning if a later run succeeded.
fn unless_made_good(is_made_good: bool) -> Severity {
    match is_made_good {
        true => Severity::Warning,
        false => Severity::Error,
    }
}
