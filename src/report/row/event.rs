//! Rows of a call, and what joins it to its push.

use serde::Serialize;

use crate::event::Stage;
use crate::graph::{Evidence, Strength};
use crate::report::row::caller::IdentityRow;
use crate::report::row::word::{Outcome, Text};

/// One event of a push.
#[derive(Clone, Debug, Serialize)]
pub struct EventRow<'a> {
    /// `eventID`.
    pub event_id: Text<'a>,
    /// `eventTime`, RFC 3339.
    pub time: String,
    /// Seconds from the push's first event, negative for its login; `None` outside a push.
    pub offset_s: Option<i64>,
    /// `eventName`.
    pub action: Stage,
    /// Whether other pushes also hold it; only a login is shared.
    pub shared: bool,
    /// `succeeded` or `failed`.
    pub outcome: Outcome,
    /// `errorCode`.
    pub error_code: Option<Text<'a>>,
    /// `errorMessage`.
    pub error_message: Option<Text<'a>>,
    /// `uploadId`.
    pub upload_id: Option<Text<'a>>,
    /// The digest of the blob or manifest, if the call is about one.
    pub digest: Option<String>,
    /// Every digest of a check.
    pub digests: Vec<String>,
    /// `partFirstByte`.
    pub first_byte: Option<u64>,
    /// `partLastByte`.
    pub last_byte: Option<u64>,
    /// `imageTag`.
    pub tag: Option<Text<'a>>,
    /// `requestID`.
    pub request_id: Option<Text<'a>>,
    /// `sourceIPAddress`, a service's marker included.
    pub source_ip: Option<Text<'a>>,
    /// `userAgent`.
    pub user_agent: Option<Text<'a>>,
    /// `accessKeyId`.
    pub access_key_id: Option<Text<'a>>,
    /// Who called; `None` within a push, which has its own identity.
    pub identity: Option<IdentityRow<'a>>,
    /// The record's place in the input.
    pub at: AtRow<'a>,
    /// Why the event belongs to this push.
    pub because: Vec<BecauseRow<'a>>,
    /// Other pushes that the event could belong to.
    pub alternatives: Vec<AlternativeRow>,
}

/// A record's place in the input.
#[derive(Clone, Debug, Serialize)]
pub struct AtRow<'a> {
    /// The file, relative to its root, with `/`.
    pub file: Text<'a>,
    /// The record's position, 0-based.
    pub record: u32,
}

/// A piece of evidence that joins an event to its push.
#[derive(Clone, Debug, Serialize)]
pub struct BecauseRow<'a> {
    /// The kind of evidence; `docs/evidence.md` lists them.
    pub evidence: Evidence,
    /// The `eventID` of the event that it is joined to.
    pub with: Option<Text<'a>>,
    /// The digest that is the evidence, for evidence of content.
    pub digest: Option<String>,
    /// How sure the evidence is.
    pub strength: Strength,
}

/// Another push that an event could belong to.
#[derive(Clone, Debug, Serialize)]
pub struct AlternativeRow {
    /// The push.
    pub session: String,
    /// The kind of evidence.
    pub evidence: Evidence,
    /// How sure that evidence is.
    pub strength: Strength,
}
