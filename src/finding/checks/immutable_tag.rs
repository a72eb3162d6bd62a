//! A tag that may not move: who put it, when, and on which image.

use crate::event::{EventId, EventLog};
use crate::finding::check::Context;
use crate::finding::checks::tags::{Tags, tagged};
use crate::finding::checks::{repository, short_digest};
use crate::words;

/// Whether the log shows who put the tag that a refused call wanted.
pub(super) fn is_held(log: &EventLog, tags: &Tags, id: EventId) -> bool {
    let asked = tagged(log, id);
    asked.is_some_and(|(place, tag, _)| tags.put_before(place, tag, id).is_some())
}

/// What to say about the refused call, and what to do.
pub(super) fn said(context: &Context<'_>, tags: &Tags, id: EventId) -> (Option<String>, String) {
    let log = context.log;
    let help = "push under a new tag, or make the repository's tags mutable".to_owned();
    let Some((place, tag, digest)) = tagged(log, id) else {
        let message = "the tag exists, and the repository's tags are immutable".to_owned();
        return (Some(message), help);
    };
    let (tag_text, name) = (log.text(tag), repository(log, Some(place)));
    let what = format!("`{tag_text}` exists in `{name}`, where tags are immutable");
    let Some(holder) = tags.put_before(place, tag, id) else {
        return (Some(format!("{what}; who put it is not in this log")), help);
    };
    let event = log.event(holder);
    let who = words::who(log.tables.identities.get(event.identity));
    let at = words::time(event.time);
    match tagged(log, holder) {
        Some((_, _, held)) if held != digest => {
            let on = short_digest(log, held);
            (Some(format!("{what}: {who} put it on {on} at {at}")), help)
        }
        // ECR also refuses this case, without saying that the image exists.
        Some(_) => (
            Some(format!("{what}, on this very image: {who} put it at {at}")),
            "nothing is missing: let the job leave out a tag that exists, or push under a new tag"
                .to_owned(),
        ),
        None => (Some(format!("{what}: {who} put it at {at}")), help),
    }
}
