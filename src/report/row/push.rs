//! Rows of a push, and what it consists of.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::event::{BlobKind, Bytes, ManifestKind, Service, Stage};
use crate::finding::Severity;
use crate::graph::Strength;
use crate::ingest::verify::Basis;
use crate::report::events::Events;
use crate::report::row::caller::{AuthorizationRow, ClientRow, CredentialRow, IdentityRow};
use crate::report::row::finding::FindingRow;
use crate::report::row::pull::PulledRow;
use crate::report::row::word::{
    AddressBy, Attention, LayerState, ManifestState, PushGroup, PushStatus, ReasonKind, RelatedAs,
    ShownBy, Text,
};

/// What a list of pushes shows of each push, on one line.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct LineRow<'a> {
    /// As [`SessionRow::id`].
    pub id: String,
    /// As [`SessionRow::status`].
    pub status: PushStatus,
    /// As [`SessionRow::group`].
    pub group: PushGroup,
    /// As [`SessionRow::attention`].
    pub attention: Attention,
    /// As [`SessionRow::cause`].
    pub cause: Option<CauseRow<'a>>,
    /// As [`SessionRow::made_good_by`].
    pub made_good_by: Option<String>,
    /// The worst severity of its findings.
    pub severity: Option<Severity>,
    /// As [`SessionRow::registry`].
    pub registry: Option<Text<'a>>,
    /// As [`SessionRow::region`].
    pub region: Option<Text<'a>>,
    /// As [`SessionRow::repository`].
    pub repository: Option<Text<'a>>,
    /// The accepted tags of the root; if there are none, the refused tags.
    pub tags: Vec<Text<'a>>,
    /// As [`IdentityRow::name`].
    pub who: String,
    /// As [`ClientRow::source_ip`].
    pub source_ip: Option<Text<'a>>,
    /// What shows `source_ip`.
    pub source_ip_by: Option<AddressBy>,
    /// As [`SessionRow::uploaded_bytes`].
    pub uploaded_bytes: Bytes,
    /// As [`SessionRow::first`].
    pub first: String,
    /// As [`SessionRow::duration_s`].
    pub duration_s: i64,
}

/// What ended a push that did not end well.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CauseRow<'a> {
    /// A call was refused.
    Refused {
        /// Its `errorCode`.
        code: Text<'a>,
        /// ECR or ECR Public.
        service: Service,
        /// The call.
        call: Stage,
    },
    /// Something is missing, or the log does not say.
    Reason(ReasonKind),
}

impl CauseRow<'_> {
    /// The error code, or the word of the reason.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused { code, .. } => code,
            Self::Reason(kind) => kind.name(),
        }
    }
}

/// One push.
#[derive(Clone, Debug, Serialize)]
pub struct SessionRow<'a> {
    /// Twelve hexadecimal digits, stable for the same content.
    pub id: String,
    /// `complete`, `failed`, `incomplete`, `unchanged` or `undetermined`.
    pub status: PushStatus,
    /// The group that reports show it in.
    #[serde(skip)]
    pub group: PushGroup,
    /// Whether it wants somebody's attention.
    #[serde(skip)]
    pub attention: Attention,
    /// What ended it, also that it sent nothing, which wants nobody's attention; `None` if all went well.
    #[serde(skip)]
    pub cause: Option<CauseRow<'a>>,
    /// The later push that made it good; `None` if none did, or if it cannot be named.
    #[serde(skip)]
    pub made_good_by: Option<String>,
    /// Why it has its status; absent for `complete` and `unchanged`.
    pub reason: Option<ReasonRow<'a>>,
    /// The status in words, for every status; the reason's message if there is a reason.
    pub explanation: String,
    /// `proof`, `inference` or `hint`: how sure it is that exactly these calls are the push, apart from
    /// the login.
    pub confidence: Strength,
    /// `verified`, `unverified` or `contradicted`: whether the log files that hold its records are as
    /// CloudTrail delivered them; `None` without `--verify`.
    pub integrity: Option<Basis>,
    /// `eventID` of the call that is least sure to belong to the push; `None` if all are proven.
    pub doubt: Option<Text<'a>>,
    /// `ecr` or `ecr-public`.
    pub service: Service,
    /// The account that owns the registry.
    pub registry: Option<Text<'a>>,
    /// The region.
    pub region: Option<Text<'a>>,
    /// The repository's name.
    pub repository: Option<Text<'a>>,
    /// Who pushed.
    pub identity: IdentityRow<'a>,
    /// The logins seen in the push, in order of appearance.
    pub credentials: Vec<CredentialRow<'a>>,
    /// Where the push came from, if known.
    pub client: Option<ClientRow<'a>>,
    /// The login that the push used, if known.
    pub authorization: Option<AuthorizationRow<'a>>,
    /// The root, if accepted.
    pub image: Option<ImageRow<'a>>,
    /// The manifests put or listed.
    pub manifests: Vec<ManifestRow<'a>>,
    /// The layers and configs uploaded or listed.
    pub layers: Vec<LayerRow<'a>>,
    /// Bytes of layers uploaded by this push.
    pub uploaded_bytes: Bytes,
    /// Bytes of layers that were there already, if the manifest gives their size.
    pub reused_bytes: Bytes,
    /// Bytes uploaded that no accepted manifest in the log lists.
    pub orphaned_bytes: Bytes,
    /// Time of the first event, apart from the login.
    pub first: String,
    /// Time of the last event.
    pub last: String,
    /// Seconds from first to last.
    pub duration_s: i64,
    /// The longest silence between two events of the push, in seconds.
    pub longest_pause_s: i64,
    /// The earlier push whose work this one did again.
    pub retry_of: Option<String>,
    /// The later push that did this one's work again.
    pub superseded_by: Option<String>,
    /// What is known about those two pushes, for words beside the ids.
    pub related: Vec<RelatedRow>,
    /// How many pushes the login served; 0 if the login is not known.
    pub authorization_pushes: u64,
    /// What the log shows of pulls of its image since; `None` without `--pulls`.
    pub pulled: Option<PulledRow>,
    /// The push in causal order, after the login if it is known.
    pub events: Events<'a>,
    /// The findings about the push.
    pub findings: Vec<FindingRow>,
}

/// Why a push has its status.
#[derive(Clone, Debug, Serialize)]
pub struct ReasonRow<'a> {
    /// As `put-image-failed` or `upload-abandoned`; `docs/report.md` lists them.
    pub kind: ReasonKind,
    /// The deciding call's `errorCode`.
    pub error_code: Option<Text<'a>>,
    /// The deciding event.
    pub event_id: Option<Text<'a>>,
    /// The reason in words.
    pub message: String,
}

/// A push that this one is related to.
#[derive(Clone, Debug, Serialize)]
pub struct RelatedRow {
    /// `retry_of` or `superseded_by`.
    pub relation: RelatedAs,
    /// The other push.
    pub session: String,
    /// Its status.
    pub status: PushStatus,
    /// Seconds from the end of the earlier push to the start of the later.
    pub after_s: i64,
}

/// The image that a push made.
#[derive(Clone, Debug, Serialize)]
pub struct ImageRow<'a> {
    /// The digest of the root manifest.
    pub digest: Option<String>,
    /// The accepted tags it was put under.
    pub tags: Vec<Text<'a>>,
    /// `image`, `index` or `artifact`.
    pub kind: Option<ManifestKind>,
    /// What it is, as [`ManifestRow::what`].
    pub what: Option<String>,
    /// `artifactType`, or the field that stands in for it.
    pub artifact_type: Option<Text<'a>>,
    /// The root manifest's media type.
    pub media_type: Option<Text<'a>>,
    /// Size of config and layers, or of all children if known, in bytes.
    pub size_bytes: Option<Bytes>,
}

/// A manifest that a push put or its index lists.
#[derive(Clone, Debug, Serialize)]
pub struct ManifestRow<'a> {
    /// Its digest.
    pub digest: Option<String>,
    /// `image`, `index` or `artifact`; `None` if its content is not in the log.
    pub kind: Option<ManifestKind>,
    /// What it is, in words: `image`, `Helm chart`, `signature of sha256:…`.
    pub what: Option<String>,
    /// `artifactType`, or the field that stands in for it.
    pub artifact_type: Option<Text<'a>>,
    /// Its media type.
    pub media_type: Option<Text<'a>>,
    /// The tags it was put under.
    pub tags: Vec<Text<'a>>,
    /// The tags that it was refused under every time.
    pub refused_tags: Vec<Text<'a>>,
    /// `os/architecture[/variant]` by the index that lists it.
    pub platform: Option<Text<'a>>,
    /// The indexes of the push that list it.
    pub of: Vec<String>,
    /// The digest of the manifest that it is about.
    pub subject: Option<String>,
    /// Whether it is the push's root.
    pub root: bool,
    /// Config and layers, in bytes.
    pub size_bytes: Option<Bytes>,
    /// What became of it.
    pub state: ManifestState,
    /// `eventID` of the `PutImage`.
    pub event_id: Option<Text<'a>>,
    /// The push that put it if it was reused, if that push is in view.
    pub put_by: Option<String>,
}

/// A layer or config that a push uploaded or its manifests list.
#[derive(Clone, Debug, Serialize)]
pub struct LayerRow<'a> {
    /// Its digest; `None` for an upload that never named one.
    pub digest: Option<String>,
    /// `config` or `layer`, by the manifests of the push; `None` if none lists it.
    pub kind: Option<BlobKind>,
    /// Its size in bytes, by the manifest or else by the bytes received.
    pub size_bytes: Option<Bytes>,
    /// What became of it.
    pub state: LayerState,
    /// The upload.
    pub upload_id: Option<Text<'a>>,
    /// Time of the upload's first event.
    pub first: Option<String>,
    /// Time of the upload's last event.
    pub last: Option<String>,
    /// The manifests that list it.
    pub of: Vec<String>,
    /// The push that uploaded it if it was reused, if that push is in view.
    pub uploaded_by: Option<String>,
    /// What shows that a reused blob was there before: `upload` (another push in the log), `check` (the
    /// client asked for it and sent nothing); `None` if the log shows neither.
    pub shown_by: Option<ShownBy>,
    /// Bytes of the upload that no part brought, both ends included.
    pub holes: Vec<(u64, u64)>,
    /// The number of parts that arrived.
    pub parts: u64,
    /// Bytes that arrived in parts.
    pub received_bytes: Bytes,
}

/// The layers of a push, each blob once: a blob that was sent twice, or sent again right after it had
/// arrived, was moved once.
#[doc(hidden)]
#[must_use]
pub fn each_blob_once<'r, 'a>(layers: &'r [LayerRow<'a>]) -> Vec<&'r LayerRow<'a>> {
    let of_state = |state| layers.iter().filter(move |layer| layer.state == state);
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut kept: Vec<&LayerRow<'_>> = Vec::new();
    for layer in of_state(LayerState::Uploaded).chain(of_state(LayerState::AlreadyExists)) {
        if layer
            .digest
            .as_deref()
            .is_none_or(|digest| seen.insert(digest))
        {
            kept.push(layer);
        }
    }
    let others = [
        LayerState::Reused,
        LayerState::Unfinished,
        LayerState::Refused,
    ];
    kept.extend(layers.iter().filter(|layer| others.contains(&layer.state)));
    kept
}
