//! A part that is too small, and its size.

use crate::event::EventId;
use crate::finding::check::Context;
use crate::finding::checks::part_overlap::accepted;
use crate::session::Session;
use crate::words;

/// What to say about the refused end of an upload; `None` if the log does not show the parts.
pub(super) fn said(context: &Context<'_>, session: &Session, id: EventId) -> Option<String> {
    let log = context.log;
    let upload = log.event(id).action.upload()?;
    let upload = session
        .uploads
        .iter()
        .find(|known| known.upload == Some(upload))?;
    let parts = accepted(log, upload);
    let (_, before) = parts.split_last()?;
    let least = before.iter().map(|(range, _)| range.len()).min()?;
    Some(format!(
        "a part of the layer came as {}, and none but the last may be under 5 MiB",
        words::size(least)
    ))
}
