//! Rows of the history of a tag, an image or a repository.

use serde::Serialize;

use crate::report::row::word::{HistoryKind, HistoryTarget, PushGroup, PushStatus, Text};

/// The history of a tag, an image or a repository: one for each `--image`, and with `--history` one for each
/// repository that `--repository` names.
#[derive(Clone, Debug, Serialize)]
pub struct HistoryRow<'a> {
    /// The reference; for a repository, its address.
    pub image: String,
    /// What it names.
    pub of: HistoryTarget,
    /// The entries, in order of time.
    pub entries: Vec<HistoryEntryRow<'a>>,
    /// The state at the end of the log, in words.
    pub ends: String,
    /// The digest that the tag points to at the end, as far as the log shows; for a digest, the
    /// digest itself unless it was deleted.
    pub stands_on: Option<String>,
    /// The tags that stand in a repository at the end, as far as the log shows; those put last come first.
    pub tags: Vec<StandingTagRow<'a>>,
}

/// A tag that stands in a repository at the end of the log.
#[derive(Clone, Debug, Serialize)]
pub struct StandingTagRow<'a> {
    /// The tag.
    pub tag: Text<'a>,
    /// The digest of the image that it points to.
    pub digest: Option<String>,
    /// Since when it points there.
    pub since: String,
    /// The push that put it there.
    pub session: Option<String>,
    /// Whether the image is in the archive, from where it cannot be pulled.
    pub archived: bool,
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
    /// What happened.
    pub kind: HistoryKind,
    /// The push.
    pub session: Option<String>,
    /// The status of the push.
    pub status: Option<PushStatus>,
    /// The group that reports show the push in.
    #[serde(skip)]
    pub group: Option<PushGroup>,
    /// Who did it, for people.
    pub who: String,
    /// Who stands behind the role of a push, if that was traced.
    pub behind: Option<Text<'a>>,
    /// The address it came from, if the log shows it; for a push, its client's address.
    pub source_ip: Option<Text<'a>>,
    /// The tag that was put; of a push with several, the first.
    pub tag: Option<Text<'a>>,
    /// The digest that was put.
    pub digest: Option<String>,
    /// The digest that the tag pointed to before.
    pub from: Option<String>,
    /// All tags that were put or that the call names.
    pub tags: Vec<Text<'a>>,
    /// All digests that were put or that the call names.
    pub digests: Vec<String>,
    /// Why it was refused.
    pub error_code: Option<Text<'a>>,
    /// What happened, in words.
    pub message: String,
}
