//! Why a push has its status, in words.
//!
//! Comes in: a session's verdict and what the log covers. Goes out: the reason's kind, the deciding
//! call, and sentences with the counts, the repository, the error and the edge of the log. Never: a
//! verdict of its own.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::event::{BlobKind, Bytes, EventId, Field};
use crate::ingest::Interval;
use crate::report::parts::{self, Parts, Report};
use crate::report::row::{
    LayerRow, LayerState, PushStatus, ReasonKind, ReasonRow, SessionRow, Text, each_blob_once,
};
use crate::session::{
    FailedCall, Horizon, IncompleteKind, MissingPiece, PutState, Session, Status, UploadState,
};
use crate::words;

/// The longest part of an error message of AWS that a reason quotes, in characters.
const MOST_QUOTED: usize = 240;

/// The reason, for a status that has one.
pub(super) fn row<'a>(report: &Report<'a>, session: &Session) -> Option<ReasonRow<'a>> {
    let parts = &report.parts;
    let kind = kind(&session.status)?;
    Some(match &session.status {
        Status::Complete | Status::Unchanged => return None,
        Status::Failed { kind: call, event } => failed(parts, session, (kind, *call), *event),
        Status::Incomplete {
            kind: lack,
            missing,
        } => incomplete(parts, session, (kind, *lack), missing),
        Status::Undetermined { horizon } => undetermined(parts, session, kind, *horizon),
    })
}

/// The word of the reason, for a status that has one.
pub(super) fn kind(status: &Status) -> Option<ReasonKind> {
    match status {
        Status::Complete | Status::Unchanged => None,
        Status::Failed { kind, .. } => Some(match kind {
            FailedCall::Check => ReasonKind::CheckFailed,
            FailedCall::Initiate => ReasonKind::InitiateFailed,
            FailedCall::Part => ReasonKind::PartFailed,
            FailedCall::Complete => ReasonKind::CompleteFailed,
            FailedCall::PutImage => ReasonKind::PutImageFailed,
        }),
        Status::Incomplete { kind, .. } => Some(match kind {
            IncompleteKind::NoPutImage => ReasonKind::NoPutImage,
            IncompleteKind::UploadAbandoned => ReasonKind::UploadAbandoned,
            IncompleteKind::IndexMissing => ReasonKind::IndexMissing,
            IncompleteKind::NothingSent => ReasonKind::NothingSent,
        }),
        Status::Undetermined { horizon } => Some(match horizon {
            Horizon::LogBegins(_) => ReasonKind::LogBegins,
            Horizon::LogEnds(_) => ReasonKind::LogEnds,
            Horizon::LogHole(..) => ReasonKind::LogHole,
            Horizon::FieldOmitted(_) => ReasonKind::FieldOmitted,
        }),
    }
}

/// What happened to a push, for every status.
pub(super) fn explanation(report: &Report<'_>, session: &Session, row: &SessionRow<'_>) -> String {
    match &row.reason {
        Some(reason) => reason.message.clone(),
        None if row.status == PushStatus::Unchanged => unchanged(row),
        None => complete(&report.parts, session, row),
    }
}

fn failed<'a>(
    parts: &Parts<'a>,
    session: &Session,
    (kind, call): (ReasonKind, FailedCall),
    id: EventId,
) -> ReasonRow<'a> {
    let log = parts.log;
    let event = log.event(id);
    let failure = event
        .failure
        .map(|failure| log.tables.failures.get(failure));
    let code = failure.map(|failure| &*failure.code);
    let mut message = format!(
        "{}{} was refused",
        event.action.name(),
        object(parts, session, id)
    );
    if let Some(code) = code {
        message.push_str(&format!(" with `{code}`"));
    }
    match failure.and_then(|failure| failure.message.as_deref()) {
        Some(text) if !text.trim().is_empty() => {
            let text = words::shorten(text.trim(), MOST_QUOTED);
            let stop = if text.ends_with('.') { "" } else { "." };
            message.push_str(&format!(": \u{201c}{text}\u{201d}{stop}"));
        }
        _ => message.push('.'),
    }
    message.push_str(after_refusal(call));
    ReasonRow {
        kind,
        error_code: code.map(Cow::Borrowed),
        event_id: Some(parts::id_text(log, id)),
        message,
    }
}

/// What a refused call was about: ` of tag v1 in shop/api`.
fn object(parts: &Parts<'_>, session: &Session, id: EventId) -> String {
    let log = parts.log;
    let tag = log.event(id).action.tag().map(|tag| log.text(tag));
    let tag = tag.map(|tag| format!(" of `{tag}`")).unwrap_or_default();
    match repository(parts, session) {
        Some(name) => format!("{tag} in `{name}`"),
        None => tag,
    }
}

fn repository<'a>(parts: &Parts<'a>, session: &Session) -> Option<&'a str> {
    let id = session.repository?;
    let name = &*parts.log.tables.repositories.get(id).name;
    (!name.is_empty()).then_some(name)
}

fn after_refusal(call: FailedCall) -> &'static str {
    match call {
        FailedCall::Check => " Nothing was uploaded after it.",
        FailedCall::Initiate => " That upload never began later in the push.",
        FailedCall::Part | FailedCall::Complete => {
            " That layer never got through later in the push."
        }
        FailedCall::PutImage => " No later call of the push put the manifest.",
    }
}

fn incomplete<'a>(
    parts: &Parts<'a>,
    session: &Session,
    (kind, lack): (ReasonKind, IncompleteKind),
    missing: &[MissingPiece],
) -> ReasonRow<'a> {
    let message = match lack {
        IncompleteKind::NothingSent => {
            "It asked for an upload and sent nothing: a check of permission, or a mount.".to_owned()
        }
        IncompleteKind::NoPutImage => went_away(&no_manifest(parts, session)),
        IncompleteKind::UploadAbandoned => went_away(&abandoned(session, missing)),
        IncompleteKind::IndexMissing => went_away(&no_index(session)),
    };
    ReasonRow {
        kind,
        error_code: None,
        event_id: session
            .sequence
            .last()
            .map(|&id| parts::id_text(parts.log, id)),
        message,
    }
}

fn went_away(what: &str) -> String {
    format!("The client went away: {what}.")
}

fn no_manifest(parts: &Parts<'_>, session: &Session) -> String {
    let place = match repository(parts, session) {
        Some(name) => format!(" to `{name}`"),
        None => String::new(),
    };
    match session.uploads.len() {
        0 => "no upload and no PutImage followed the calls seen".to_owned(),
        1 => format!("1 blob was uploaded{place}, and no PutImage followed"),
        2 => format!("both blobs were uploaded{place}, and no PutImage followed"),
        n => format!(
            "all {} were uploaded{place}, and no PutImage followed",
            words::count(n as u64, "blob")
        ),
    }
}

fn abandoned(session: &Session, missing: &[MissingPiece]) -> String {
    let open = |state: UploadState| matches!(state, UploadState::Unfinished | UploadState::Refused);
    let never = session.uploads.iter().filter(|u| open(u.state)).count() as u64;
    let begun = session.uploads.len() as u64;
    let bytes = missing
        .iter()
        .filter(|m| matches!(m, MissingPiece::Bytes(..)));
    let gaps = match bytes.count() {
        0 => String::new(),
        n => format!(" ({} never arrived)", words::count(n as u64, "byte range")),
    };
    let what = match (begun, never) {
        (1, _) => format!("the only upload was never completed{gaps}"),
        (_, 1) => format!("of {begun} uploads begun, 1 was never completed{gaps}"),
        _ => format!("of {begun} uploads begun, {never} were never completed{gaps}"),
    };
    format!("{what}, and no manifest followed")
}

fn no_index(session: &Session) -> String {
    let put = |state: PutState| matches!(state, PutState::Put | PutState::Omitted);
    let n = session.manifests.iter().filter(|m| put(m.state)).count() as u64;
    match n {
        1 => "1 image was put without a tag, and no index that lists it followed".to_owned(),
        _ => format!(
            "{} were put without a tag, and no index that lists them followed",
            words::count(n, "image")
        ),
    }
}

fn undetermined<'a>(
    parts: &Parts<'a>,
    session: &Session,
    kind: ReasonKind,
    horizon: Horizon,
) -> ReasonRow<'a> {
    let message = match horizon {
        Horizon::LogBegins(at) => log_begins(parts, session, at),
        Horizon::LogEnds(at) => log_ends(parts, session, at),
        Horizon::LogHole(from, to) => log_hole(parts, from, to),
        Horizon::FieldOmitted(id) => field_omitted(parts, id),
    };
    ReasonRow {
        kind,
        error_code: None,
        event_id: match horizon {
            Horizon::FieldOmitted(id) => Some(parts::id_text(parts.log, id)),
            Horizon::LogBegins(_) | Horizon::LogEnds(_) | Horizon::LogHole(..) => None,
        },
        message: format!("It cannot be known: {message}"),
    }
}

fn log_begins(parts: &Parts<'_>, session: &Session, at: DateTime<Utc>) -> String {
    format!(
        "the log{} begins at {}{}, {} before the first call seen and inside the window of {}, so \
         the begin of the push may be missing.",
        whose(parts, session),
        words::time(at),
        left_unread(parts, at, "since"),
        words::duration((session.first - at).num_seconds().max(0)),
        window(parts)
    )
}

/// Adds a sentence if this edge of the log is also an edge of the requested period.
fn left_unread(parts: &Parts<'_>, at: DateTime<Utc>, option: &str) -> String {
    let pruned = parts.coverage.pruned.unwrap_or_default();
    match [pruned.before, pruned.after].contains(&Some(at)) {
        true => format!(" (what is beyond was left unread for --{option})"),
        false => String::new(),
    }
}

fn log_ends(parts: &Parts<'_>, session: &Session, at: DateTime<Utc>) -> String {
    format!(
        "the log{} ends at {}{}, {} after the last call seen and inside the window of {}, so the \
         push may have gone on.",
        whose(parts, session),
        words::time(at),
        left_unread(parts, at, "until"),
        words::duration((at - session.last).num_seconds().max(0)),
        window(parts)
    )
}

fn log_hole(parts: &Parts<'_>, from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    format!(
        "the log lacks {} to {} ({}), inside the window of {} around the push; the calls that \
         would tell may be in it.",
        words::time(from),
        words::time(to),
        words::duration((to - from).num_seconds()),
        window(parts)
    )
}

fn field_omitted(parts: &Parts<'_>, id: EventId) -> String {
    let event = parts.log.event(id);
    let manifest = event.action.put().map(|put| &put.manifest);
    let size = match manifest {
        Some(Field::Omitted {
            original_bytes: Some(bytes),
        }) => format!(" ({})", words::size(Bytes(*bytes))),
        Some(Field::Known(_) | Field::Absent | Field::Omitted { .. } | Field::Unreadable)
        | None => String::new(),
    };
    format!(
        "CloudTrail left the fields of this {} out of the record for their size{size}.",
        event.action.name()
    )
}

/// ` of account 123456789012 in eu-west-1`.
fn whose(parts: &Parts<'_>, session: &Session) -> String {
    let Some(event) = parts::first_event(parts, session) else {
        return String::new();
    };
    let (account, region) = (
        parts.log.text(event.recipient),
        parts.log.text(event.region),
    );
    match (account, region) {
        ("", "") => String::new(),
        ("", region) => format!(" of {region}"),
        (account, "") => format!(" of account {account}"),
        (account, region) => format!(" of account {account} in {region}"),
    }
}

fn interval(parts: &Parts<'_>, session: &Session) -> Option<Interval> {
    let event = parts::first_event(parts, session)?;
    let (account, region) = (
        parts.log.text(event.recipient),
        parts.log.text(event.region),
    );
    parts
        .coverage
        .span(account, region)
        .map(|span| span.interval)
}

fn window(parts: &Parts<'_>) -> String {
    words::duration(i64::try_from(parts.window.as_secs()).unwrap_or(i64::MAX))
}

fn complete(parts: &Parts<'_>, session: &Session, row: &SessionRow<'_>) -> String {
    let begins = log_begins_s(parts, session);
    // If every upload of the push is in view, any blob that it did not upload was there already.
    let unseen = |layer: &LayerRow<'_>| {
        layer.state == LayerState::Reused
            && layer.shown_by.is_none()
            && (session.uploads.is_empty() || begins.is_some())
    };
    let blobs = each_blob_once(&row.layers);
    let kinds = |keep: &dyn Fn(&LayerRow<'_>) -> bool| -> Vec<Option<BlobKind>> {
        let layers = blobs.iter().filter(|layer| keep(layer));
        layers.map(|layer| layer.kind).collect()
    };
    let uploaded = kinds(&|layer| layer.state == LayerState::Uploaded);
    let there = kinds(&|layer| {
        matches!(layer.state, LayerState::Reused | LayerState::AlreadyExists) && !unseen(layer)
    });
    let unseen = kinds(&unseen);
    let mut moved = Vec::new();
    if !uploaded.is_empty() {
        moved.push(format!(
            "{} ({}) {} uploaded",
            words::blobs(&uploaded),
            words::size(row.uploaded_bytes),
            were(&uploaded)
        ));
    }
    if !there.is_empty() {
        moved.push(format!(
            "{} {} there already",
            words::blobs(&there),
            were(&there)
        ));
    }
    if moved.is_empty() && unseen.is_empty() {
        moved.push("nothing was uploaded".to_owned());
    }
    moved.push(accepted(row));
    let mut text = sentence(&words::list(&moved));
    if !unseen.is_empty() {
        text.push_str(&not_in_view(unseen.len(), blobs.len()));
        text.push_str(&match begins {
            Some(0) => format!(
                ", which begin in the same second, inside the window of {}.",
                window(parts)
            ),
            Some(seconds) => format!(
                ", which begin {} before the first call, inside the window of {}.",
                words::duration(seconds),
                window(parts)
            ),
            None => ".".to_owned(),
        });
    }
    text.push_str(&put_by_others(parts, session));
    text
}

/// How many pushes an explanation names at most as those whose manifests an index lists.
const MOST_OTHERS: usize = 3;

/// ` It lists what other pushes put: 2 manifests by push …`; empty if it lists only its own.
fn put_by_others(parts: &Parts<'_>, session: &Session) -> String {
    let mut n_of: BTreeMap<Option<usize>, u64> = BTreeMap::new();
    for reused in &session.reused_manifests {
        *n_of.entry(reused.put_by).or_default() += 1;
    }
    let said = |(put_by, n): (&Option<usize>, &u64)| {
        let manifests = words::count(*n, "manifest");
        let Some(put_by) = *put_by else {
            return format!("{manifests} by a push not in these logs");
        };
        let other = &parts.sessions.sessions[put_by];
        let who = words::who(parts.log.tables.identities.get(other.identity));
        format!("{manifests} by push {} of {who}", other.id)
    };
    let mut others: Vec<String> = n_of.iter().rev().take(MOST_OTHERS).map(said).collect();
    if let more @ 1.. = n_of.len().saturating_sub(MOST_OTHERS) {
        others.push(format!("others by {}", words::pushes(more as u64)));
    }
    match others.is_empty() {
        true => String::new(),
        false => format!(" It lists what other pushes put: {}.", words::list(&others)),
    }
}

/// ` None of its 14 blobs was uploaded in this log: …`, without the full stop.
fn not_in_view(unseen: usize, all: usize) -> String {
    let subject = match (unseen, all) {
        (1, 1) => "Its only blob was not uploaded".to_owned(),
        (n, all) if n == all => format!("None of its {} was uploaded", blobs(n)),
        (1, _) => "1 blob was not uploaded".to_owned(),
        (n, _) => format!("{} were not uploaded", blobs(n)),
    };
    let (they, their) = match unseen {
        1 => ("it was", "its"),
        _ => ("they were", "their"),
    };
    format!(" {subject} in this log: {they} there already, or {their} upload is not in these logs")
}

fn blobs(n: usize) -> String {
    words::count(n as u64, "blob")
}

/// `the image was accepted as v1`.
fn accepted(row: &SessionRow<'_>) -> String {
    let what = row.image.as_ref().and_then(|image| image.what.as_deref());
    let what = what.map_or_else(|| "manifest".to_owned(), words::what);
    let tags = row.image.as_ref().map_or(&[][..], |image| &image.tags);
    let tags: Vec<String> = tags.iter().map(|tag| format!("`{tag}`")).collect();
    let under = match tags.len() {
        0 => "without a tag".to_owned(),
        _ => format!("as {}", words::list(&tags)),
    };
    let refused = match refused_tags(row) {
        0 => String::new(),
        1 => "; another tag was refused".to_owned(),
        n => format!("; {} were refused", words::count(n, "other tag")),
    };
    format!("the {what} was accepted {under}{refused}")
}

/// How many tags the push tried that none of its manifests got.
fn refused_tags<'r>(row: &'r SessionRow<'_>) -> u64 {
    let texts = |tags: &'r [Text<'_>]| tags.iter().map(|tag| &**tag);
    let manifests = row.manifests.iter();
    let put: BTreeSet<&str> = manifests.clone().flat_map(|row| texts(&row.tags)).collect();
    let refused = manifests.flat_map(|row| texts(&row.refused_tags));
    let refused: BTreeSet<&str> = refused.filter(|tag| !put.contains(tag)).collect();
    refused.len() as u64
}

/// Seconds from the start of the log to the push, if that is within the window.
fn log_begins_s(parts: &Parts<'_>, session: &Session) -> Option<i64> {
    let seconds = (session.first - interval(parts, session)?.from).num_seconds();
    let window = i64::try_from(parts.window.as_secs()).unwrap_or(i64::MAX);
    (seconds <= window).then_some(seconds.max(0))
}

fn unchanged(row: &SessionRow<'_>) -> String {
    let mut digests: Vec<String> = row.events.iter().flat_map(|event| event.digests).collect();
    digests.sort_unstable();
    digests.dedup();
    format!(
        "The client checked {}, found all in place and wrote nothing. A client that died before \
         its first upload looks the same.",
        words::count(digests.len() as u64, "blob")
    )
}

/// The verb for blobs, singular if there is one and it is named.
fn were(kinds: &[Option<BlobKind>]) -> &'static str {
    match kinds.len() {
        1 => "was",
        _ => "were",
    }
}

/// The text with a capital first letter and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        None => String::new(),
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
    }
}
