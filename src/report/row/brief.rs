//! Rows of a report with one row a push.
//!
//! A field that has the name of a field of the whole report holds the same.

use serde::{Serialize, Serializer};

use crate::event::{Bytes, Service};
use crate::finding::Severity;
use crate::graph::Strength;
use crate::ingest::verify::Basis;
use crate::report::row::finding::FindingRow;
use crate::report::row::word::{AddressBy, Attention, PushStatus, Text};

/// A push with what people sort, group and count by.
#[doc(hidden)]
#[derive(Clone, Debug, Serialize)]
pub struct BriefRow<'a> {
    /// As [`crate::report::SessionRow::id`].
    pub id: String,
    /// `complete`, `failed`, `incomplete`, `unchanged` or `undetermined`.
    pub status: PushStatus,
    /// `unresolved`, `undetermined`, `made-good` or `none`.
    pub attention: Attention,
    /// The error code, or the word of the reason; `None` if all went well.
    pub cause: Option<Text<'a>>,
    /// The later push that made it good; `None` if none did, or if it cannot be named.
    pub made_good_by: Option<String>,
    /// Time of the first event, apart from the login.
    pub first: String,
    /// Time of the last event.
    pub last: String,
    /// Seconds from first to last.
    pub duration_s: i64,
    /// Bytes of layers uploaded by this push.
    pub uploaded_bytes: Bytes,
    /// `ecr` or `ecr-public`.
    pub service: Service,
    /// The account that owns the registry.
    pub registry: Option<Text<'a>>,
    /// The region.
    pub region: Option<Text<'a>>,
    /// The repository's name.
    pub repository: Option<Text<'a>>,
    /// The accepted tags of the root.
    pub tags: Vec<Text<'a>>,
    /// The tags that its manifests were refused under every time, each once.
    pub refused_tags: Vec<Text<'a>>,
    /// The digest of the root, if accepted.
    pub digest: Option<String>,
    /// What the root is, if accepted: `image`, `Helm chart`.
    pub what: Option<String>,
    /// Who pushed, without the session of a role: `user dana`, `role ci-push`.
    pub who: String,
    /// The name of the role's session.
    pub session_name: Option<Text<'a>>,
    /// The caller's account.
    pub account: Option<Text<'a>>,
    /// The address that it came from.
    pub source_ip: Option<Text<'a>>,
    /// What shows this address.
    pub source_ip_by: Option<AddressBy>,
    /// The user agent; JSON holds its first word.
    #[serde(rename = "program", serialize_with = "first_word")]
    pub user_agent: Option<Text<'a>>,
    /// `proof`, `inference` or `hint`, apart from the login.
    pub confidence: Strength,
    /// Whether its log files are as CloudTrail delivered them; `None` without `--verify`.
    pub integrity: Option<Basis>,
    /// The codes of its findings, each once.
    pub findings: Vec<&'static str>,
    /// The status in words.
    pub explanation: Option<String>,
}

impl BriefRow<'_> {
    /// Leaves out the words for a push that wants nobody's attention: they say again what the other fields say.
    pub(crate) fn terse(self) -> Self {
        let explanation = match self.attention {
            Attention::Unresolved | Attention::Undetermined | Attention::MadeGood => {
                self.explanation
            }
            Attention::None => None,
        };
        Self {
            explanation,
            ..self
        }
    }
}

fn first_word<S: Serializer>(text: &Option<Text<'_>>, serializer: S) -> Result<S::Ok, S::Error> {
    let word = text.as_deref().map(|text| text.split(' ').next());
    word.flatten().serialize(serializer)
}

/// A conclusion about the log, without the events that it concerns.
#[doc(hidden)]
#[derive(Clone, Debug, Serialize)]
pub struct BriefFindingRow {
    /// The stable code.
    pub code: &'static str,
    /// `note`, `warning` or `error`.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
}

impl From<FindingRow> for BriefFindingRow {
    fn from(row: FindingRow) -> Self {
        Self {
            code: row.code,
            severity: row.severity,
            message: row.message,
            help: row.help,
        }
    }
}
