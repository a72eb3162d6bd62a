//! The row of an event.
//!
//! Comes in: an event's id. Goes out: its fields side by side, `None` if the call has none or the
//! log does not show it. Never: one field in place of another.

use std::borrow::Cow;

use crate::event::{Action, DigestId, EventId};
use crate::location::RecordAt;
use crate::report::parts::Parts;
use crate::report::row::{AtRow, EventRow, Outcome};
use crate::words;

/// The row of an event by itself: no evidence, no alternatives.
pub(super) fn row<'a>(parts: &Parts<'a>, id: EventId) -> EventRow<'a> {
    let log = parts.log;
    let (event, tables) = (log.event(id), &log.tables);
    let failure = event.failure.map(|failure| tables.failures.get(failure));
    let client = tables.clients.get(event.client);
    let credential = tables.credentials.get(event.credential);
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
        digest: about(&event.action).map(digest),
        digests: asked_for(&event.action)
            .iter()
            .copied()
            .map(digest)
            .collect(),
        first_byte: event.action.range().map(|range| range.first),
        last_byte: event.action.range().map(|range| range.last),
        tag: event.action.tag().map(|tag| Cow::Borrowed(log.text(tag))),
        request_id: event.request_id.map(|id| id.text(&tables.texts)),
        source_ip: client.source_ip.as_deref().map(Cow::Borrowed),
        user_agent: client.user_agent.as_deref().map(Cow::Borrowed),
        access_key_id: credential.access_key_id.as_deref().map(Cow::Borrowed),
        identity: None,
        at: place(parts, event.at),
        because: Vec::new(),
        alternatives: Vec::new(),
    }
}

/// The row of a record's place.
pub(super) fn place<'a>(parts: &Parts<'a>, at: RecordAt) -> AtRow<'a> {
    let file = parts.files.get(at.file.0 as usize);
    AtRow {
        file: file.map_or(Cow::Borrowed(""), |file| Cow::Borrowed(&*file.name)),
        record: at.index,
    }
}

/// The digests that a check asks for.
fn asked_for(action: &Action) -> &[DigestId] {
    let Action::BatchCheckLayerAvailability { digests, .. } = action else {
        return &[];
    };
    digests
}

/// The one blob or manifest that a call is about.
fn about(action: &Action) -> Option<DigestId> {
    match (action, asked_for(action)) {
        (Action::PutImage(put), _) => put.digest.best(),
        (_, &[one]) => Some(one),
        (_, _) => action.completed_digest(),
    }
}
