//! Rows of the history of a tag or an image.

use serde::Serialize;

use crate::report::row::word::{HistoryKind, Text};

/// The history of a tag or an image, one for each `--image`.
#[derive(Clone, Debug, Serialize)]
pub struct HistoryRow<'a> {
    /// The reference.
    pub image: String,
    /// The entries, in order of time.
    pub entries: Vec<HistoryEntryRow<'a>>,
    /// The state at the end of the log, in words.
    pub ends: String,
    /// The digest that the tag points to at the end, as far as the log shows; for a digest, the
    /// digest itself unless it was deleted.
    pub stands_on: Option<String>,
}

/// One event in the history of a tag, an image or its repository.
#[derive(Clone, Debug, Serialize)]
pub struct HistoryEntryRow<'a> {
    /// `eventTime`.
    pub time: String,
    /// `eventID`.
    pub event_id: Text<'a>,
    /// `eventName`.
    pub action: Text<'a>,
    /// `put`, `moved`, `again`, `refused`, `deleted`, `expired`, `archived`, `restored`, or
    /// `repository` for a change to the repository.
    pub kind: HistoryKind,
    /// The push.
    pub session: Option<String>,
    /// Who did it, for people.
    pub who: String,
    /// The address it came from, if the log shows it; for a push, its client's address.
    pub source_ip: Option<Text<'a>>,
    /// The tag that was put.
    pub tag: Option<Text<'a>>,
    /// The digest that was put.
    pub digest: Option<String>,
    /// The digest that the tag pointed to before.
    pub from: Option<String>,
    /// Why it was refused.
    pub error_code: Option<Text<'a>>,
    /// What happened, in words.
    pub message: String,
}
