//! Rows of what became of a tag or an image.

use serde::Serialize;

use crate::report::row::word::{HistoryKind, Text};

/// What became of a tag or an image, for each `--image`.
#[derive(Clone, Debug, Serialize)]
pub struct HistoryRow<'a> {
    /// The reference.
    pub image: String,
    /// In order of time.
    pub entries: Vec<HistoryEntryRow<'a>>,
    /// Where the log leaves it, in words.
    pub ends: String,
    /// The digest that the tag stands on at the end, as far as the log shows; for a digest itself,
    /// unless it was deleted.
    pub stands_on: Option<String>,
}

/// One thing that happened to a tag or an image, or to its repository.
#[derive(Clone, Debug, Serialize)]
pub struct HistoryEntryRow<'a> {
    /// `eventTime`.
    pub time: String,
    /// `eventID`.
    pub event_id: Text<'a>,
    /// `eventName`.
    pub action: Text<'a>,
    /// `put`, `moved`, `again`, `refused`, `deleted`, `expired`, `archived`, `restored`, or
    /// `repository` for what happened to the repository.
    pub kind: HistoryKind,
    /// The push.
    pub session: Option<String>,
    /// Who did it, for people.
    pub who: String,
    /// From where, where the log shows it: for a push its client's address.
    pub source_ip: Option<Text<'a>>,
    /// The tag that was put.
    pub tag: Option<Text<'a>>,
    /// The digest that was put.
    pub digest: Option<String>,
    /// The digest that the tag stood on before.
    pub from: Option<String>,
    /// Why it was refused.
    pub error_code: Option<Text<'a>>,
    /// What happened, in words.
    pub message: String,
}
