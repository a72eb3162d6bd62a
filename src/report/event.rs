//! The row of an event.
//!
//! Comes in: an event's id. Goes out: its fields side by side, `None` where the call has none or
//! the log does not show it. Never: a field that stands for another.

use std::borrow::Cow;

use crate::event::{Action, ByteRange, DigestId, EventId, TextId};
use crate::report::parts::Parts;
use crate::report::row::{AtRow, EventRow, Outcome};
use crate::words;

/// The row of an event that stands for itself: no evidence, no alternatives.
pub(super) fn row<'a>(parts: &Parts<'a>, id: EventId) -> EventRow<'a> {
    let log = parts.log;
    let (event, tables) = (log.event(id), &log.tables);
    let failure = event.failure.map(|failure| tables.failures.get(failure));
    let client = tables.clients.get(event.client);
    let credential = tables.credentials.get(event.credential);
    let fields = fields(&event.action);
    let digest = |digest: DigestId| tables.digests.get(digest).to_string();
    EventRow {
        event_id: event.event_id.text(&tables.texts),
        time: words::time(event.time),
        offset_s: None,
        action: event.action.stage(),
        shared: false,
        outcome: if event.succeeded() {
            Outcome::Succeeded
        } else {
            Outcome::Failed
        },
        error_code: failure.map(|failure| Cow::Borrowed(&*failure.code)),
        error_message: failure.and_then(|failure| failure.message.as_deref().map(Cow::Borrowed)),
        upload_id: event
            .action
            .upload()
            .map(|upload| tables.uploads.get(upload).text(&tables.texts)),
        digest: fields.digest.map(digest),
        digests: fields.digests.iter().copied().map(digest).collect(),
        first_byte: fields.range.map(|range| range.first),
        last_byte: fields.range.map(|range| range.last),
        tag: fields.tag.map(|tag| Cow::Borrowed(log.text(tag))),
        request_id: event.request_id.map(|id| id.text(&tables.texts)),
        source_ip: client.source_ip.as_deref().map(Cow::Borrowed),
        user_agent: client.user_agent.as_deref().map(Cow::Borrowed),
        access_key_id: credential.access_key_id.as_deref().map(Cow::Borrowed),
        identity: None,
        at: AtRow {
            file: parts
                .files
                .get(event.at.file.0 as usize)
                .map_or(Cow::Borrowed(""), |file| Cow::Borrowed(&*file.name)),
            record: event.at.index,
        },
        because: Vec::new(),
        alternatives: Vec::new(),
    }
}

/// What single kinds of calls have.
struct Fields<'e> {
    digest: Option<DigestId>,
    digests: &'e [DigestId],
    range: Option<ByteRange>,
    tag: Option<TextId>,
}

fn fields(action: &Action) -> Fields<'_> {
    let mut fields = Fields {
        digest: None,
        digests: &[],
        range: None,
        tag: None,
    };
    match action {
        Action::GetAuthorizationToken | Action::InitiateLayerUpload { .. } => {}
        Action::BatchCheckLayerAvailability { digests, .. } => {
            fields.digests = digests;
            fields.digest = match **digests {
                [one] => Some(one),
                _ => None,
            };
        }
        Action::UploadLayerPart { range, .. } => fields.range = *range,
        Action::CompleteLayerUpload { .. } => fields.digest = action.completed_digest(),
        Action::PutImage(put) => {
            fields.digest = put.digest.best();
            fields.tag = put.tag;
        }
    }
    fields
}
