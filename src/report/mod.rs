//! EVERYTHING -> REPORT: the rows that every renderer draws.
//!
//! Comes in: log, graph, sessions, findings, coverage and problems. Goes out: plain data by the
//! contract of `docs/report.md`, complete enough that a renderer needs nothing else. A session's
//! row is made when it is written. Never: ink; words that explain are made here, their layout is
//! not.

mod asked;
mod behind;
pub mod build;
mod content;
mod coverage;
mod event;
mod events;
pub mod filter;
mod history;
pub mod image_ref;
mod line;
pub mod pages;
mod problem;
mod reason;
mod select;
mod session;
pub mod why;
mod word;

use crate::event::Bytes;
use crate::finding::Severity;
use crate::graph::{Evidence, Strength};
use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;

pub use build::{Draw, Drawn, Parts, Report, n_problems, problem_rows};
pub use events::Events;
pub use filter::{Filter, Pattern, Period, Property};
pub use image_ref::ImageRef;
pub use select::Choice;
pub use word::{LayerState, ManifestState, Outcome};

pub use crate::words;

/// The schema of the JSON report; a renamed field changes its number.
pub const SCHEMA: &str = "reconstruct.report/1";

/// The statuses of a push, those that ask for attention first.
pub const STATUSES: [&str; 5] = [
    "incomplete",
    "failed",
    "undetermined",
    "complete",
    "unchanged",
];

/// The pushes as a report groups them, those that ask for attention first: by status, but for those
/// that sent nothing, which are `incomplete` and no fault.
pub const GROUPS: [&str; 6] = [
    "incomplete",
    "failed",
    "undetermined",
    "complete",
    "unchanged",
    NOTHING_SENT,
];

/// The reason of the pushes that sent nothing, and their group.
pub const NOTHING_SENT: &str = "nothing-sent";

/// A text that the log or the program holds.
pub type Text<'a> = Cow<'a, str>;

/// What was read and what it covers.
#[derive(Clone, Debug, Serialize)]
pub struct CoverageRow {
    /// Files by what became of them.
    pub files: FilesRow,
    /// Files that give no records, at most five of each kind.
    pub set_aside: Vec<SetAsideRow>,
    /// How many more there are than are listed.
    pub set_aside_more: u64,
    /// Records by what became of them.
    pub records: RecordsRow,
    /// What was wrapped like a record and is none, such as EventBridge's own events of ECR.
    pub skipped: u64,
    /// Network activity events that were set aside; among the duplicates and other records.
    pub network_activity: u64,
    /// The first instant covered, RFC 3339.
    pub first: Option<String>,
    /// The last instant covered, RFC 3339.
    pub last: Option<String>,
    /// Stretches of time that should be there and are not.
    pub holes: Vec<HoleRow>,
    /// What is covered of each account and region.
    pub spans: Vec<SpanRow>,
    /// What was left unread for the period asked for, if anything was.
    pub pruned: Option<PrunedRow>,
    /// Whether the files are as CloudTrail delivered them; `None` without `--verify`.
    pub verification: Option<VerificationRow>,
}

/// Whether the files are as CloudTrail delivered them.
#[derive(Clone, Debug, Serialize)]
pub struct VerificationRow {
    /// `checked`, or `not-asked` where no keys were given.
    pub signatures: &'static str,
    /// Log files by what became of them.
    pub log_files: VerifiedLogsRow,
    /// Digest files by what became of them.
    pub digest_files: VerifiedDigestsRow,
    /// The chains that these make.
    pub chains: Vec<ChainRow>,
}

/// The digest files of one trail for an account and region, as far as they are here.
#[derive(Clone, Debug, Serialize)]
pub struct ChainRow {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// How many digest files are here.
    pub files: u64,
    /// The begin of the first hour that they speak of.
    pub from: String,
    /// The end of the last.
    pub to: String,
    /// Where one does not follow the one before it.
    pub gaps: Vec<GapRow>,
    /// `first`: the first one here begins the chain by its own word; `continues`: another was before it.
    pub begin: &'static str,
    /// What the last one here is worth, by the names of `digest_files`. That none follows it nothing
    /// can prove.
    pub end: &'static str,
}

/// A stretch of time between two digest files of a chain.
#[derive(Clone, Debug, Serialize)]
pub struct GapRow {
    /// The end of the one.
    pub from: String,
    /// The begin of the other.
    pub to: String,
}

/// Log files by what became of them; those that are `absent` are not among the others.
#[derive(Clone, Copy, Debug, Serialize)]
#[expect(
    missing_docs,
    reason = "the fields are documented by Verdict, whose variants they are"
)]
pub struct VerifiedLogsRow {
    pub verified: u64,
    pub unsigned: u64,
    pub trailing_data: u64,
    pub altered: u64,
    pub unfounded: u64,
    pub unlisted: u64,
    pub not_covered: u64,
    pub unread: u64,
    pub absent: u64,
}

/// Digest files by what became of them; `breaks` counts those that do not follow the one before.
#[derive(Clone, Copy, Debug, Serialize)]
#[expect(
    missing_docs,
    reason = "the fields are documented by Standing, whose variants they are"
)]
pub struct VerifiedDigestsRow {
    pub signed: u64,
    pub vouched: u64,
    pub unchecked: u64,
    pub unknown_key: u64,
    pub altered: u64,
    pub bad_signature: u64,
    pub breaks: u64,
}

/// The pushes of the report counted, by status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SummaryRow {
    /// Pushes reported: those that the filters select.
    pub pushes: u64,
    /// Pushes in the log, selected or not.
    pub in_log: u64,
    /// Reported pushes that are `incomplete`.
    pub incomplete: u64,
    /// Those of them that sent nothing, which is no fault.
    pub nothing_sent: u64,
    /// Reported pushes that are `failed`.
    pub failed: u64,
    /// Reported pushes that are `undetermined`.
    pub undetermined: u64,
    /// Reported pushes that are `complete`.
    pub complete: u64,
    /// Reported pushes that are `unchanged`.
    pub unchanged: u64,
    /// Selected events that belong to no push.
    pub unplaced: u64,
    /// Defects of the input, those only counted included.
    pub problems: u64,
    /// The inactivity window, in seconds.
    pub window_s: u64,
}

/// What the exit status rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OptionsRow {
    /// The inactivity window, in seconds.
    pub window_s: u64,
    /// The severity from which on the status is 1: `never`, `warning` or `error`.
    pub fail_on: &'static str,
    /// Whether problems of the input give status 3.
    pub strict: bool,
    /// Defaults in effect that were set outside the command line and weaken the exit status.
    pub weakened: Vec<WeakenedRow>,
}

/// A default that was set outside the command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WeakenedRow {
    /// The option, without its dashes.
    pub option: &'static str,
    /// Its value.
    pub value: String,
    /// `environment` or `configuration`.
    pub from: &'static str,
}

/// One option that selects pushes, and what it selects alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SelectionRow {
    /// As `--repository`.
    pub option: &'static str,
    /// Its values, one of which has to hold.
    pub values: Vec<String>,
    /// The pushes of the log that it selects without the other options.
    pub pushes: u64,
    /// Where it selects none: what the pushes of the log have in its place.
    pub there: Vec<String>,
    /// How many more there are than are listed.
    pub there_more: u64,
}

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
    pub kind: &'static str,
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

/// Log files left unread, by the dates in their names, for the period asked for.
#[derive(Clone, Debug, Serialize)]
pub struct PrunedRow {
    /// The first instant that is known whole, where earlier files were left unread.
    pub before: Option<String>,
    /// The last instant that is known whole, where later files were left unread.
    pub after: Option<String>,
    /// The earliest delivery of an unread log file.
    pub first: Option<String>,
    /// The latest.
    pub last: Option<String>,
}

/// Files by what became of them; the numbers add up to `found`.
#[derive(Clone, Copy, Debug, Serialize)]
#[expect(
    missing_docs,
    reason = "the fields are documented by FileTally, whose names they bear"
)]
pub struct FilesRow {
    pub found: u64,
    pub read: u64,
    pub without_push_events: u64,
    pub digest: u64,
    pub insight: u64,
    pub empty: u64,
    pub hidden: u64,
    pub pruned: u64,
    pub not_cloudtrail: u64,
    pub unreadable: u64,
}

/// A file that gives no records.
#[derive(Clone, Debug, Serialize)]
pub struct SetAsideRow {
    /// The file, relative to its root, with `/`.
    pub file: String,
    /// What it is.
    pub why: &'static str,
    /// What was done with it, and what to do.
    pub help: &'static str,
}

/// Records by what became of them; the other four add up to `seen`.
#[derive(Clone, Copy, Debug, Serialize)]
#[expect(
    missing_docs,
    reason = "the fields are documented by RecordTally, whose names they bear"
)]
pub struct RecordsRow {
    pub seen: u64,
    pub push: u64,
    pub other: u64,
    pub duplicate: u64,
    pub malformed: u64,
}

/// A stretch of time that an account and region lacks.
#[derive(Clone, Debug, Serialize)]
pub struct HoleRow {
    /// The first instant that is missing.
    pub from: String,
    /// The last instant that is missing.
    pub to: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// `digest-lists-absent-file` or `quiet`.
    pub why: &'static str,
}

/// What is covered of an account and region.
#[derive(Clone, Debug, Serialize)]
pub struct SpanRow {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The first instant covered.
    pub from: String,
    /// The last instant covered.
    pub to: String,
}

/// What a list of pushes shows of one, a line each.
#[derive(Clone, Debug)]
pub struct LineRow<'a> {
    /// As [`SessionRow::status`].
    pub status: &'static str,
    /// As [`SessionRow::group`].
    pub group: &'static str,
    /// The worst severity of its findings.
    pub severity: Option<Severity>,
    /// As [`SessionRow::repository`].
    pub repository: Option<Text<'a>>,
    /// The tags that were accepted, of the root; where none was, those that were refused.
    pub tags: Vec<Text<'a>>,
    /// As [`IdentityRow::name`].
    pub who: String,
    /// As [`ClientRow::source_ip`].
    pub source_ip: Option<Text<'a>>,
    /// As [`SessionRow::uploaded_bytes`].
    pub uploaded_bytes: Bytes,
    /// As [`SessionRow::first`].
    pub first: String,
    /// As [`SessionRow::duration_s`].
    pub duration_s: i64,
}

/// One push.
#[derive(Clone, Debug, Serialize)]
pub struct SessionRow<'a> {
    /// Twelve hexadecimal digits, stable for the same content.
    pub id: String,
    /// `complete`, `failed`, `incomplete`, `unchanged` or `undetermined`.
    pub status: &'static str,
    /// The one of [`GROUPS`] that it is shown in.
    #[serde(skip)]
    pub group: &'static str,
    /// Why, for every status but `complete` and `unchanged`.
    pub reason: Option<ReasonRow<'a>>,
    /// The status in words, for every status; the reason's message where there is a reason.
    pub explanation: String,
    /// `proof`, `inference` or `hint`: how sure it is that these calls and no others are the push, the
    /// login aside.
    pub confidence: Strength,
    /// `verified`, `unverified` or `contradicted`: whether the log files that its records stand in are as
    /// CloudTrail delivered them; `None` without `--verify`.
    pub integrity: Option<&'static str>,
    /// `eventID` of the call that is least sure to be of the push; `None` where all are proven.
    pub doubt: Option<Text<'a>>,
    /// `ecr` or `ecr-public`.
    pub service: &'static str,
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
    /// From where, if known.
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
    /// Bytes of layers that were there already, where the manifest gives their size.
    pub reused_bytes: Bytes,
    /// Bytes uploaded that no accepted manifest of the log lists.
    pub orphaned_bytes: Bytes,
    /// Time of the first event, the login aside.
    pub first: String,
    /// Time of the last event.
    pub last: String,
    /// Seconds from first to last.
    pub duration_s: i64,
    /// The longest silence between two events of the push, in seconds.
    pub longest_pause_s: i64,
    /// The earlier push that this one did again.
    pub retry_of: Option<String>,
    /// The later push that did this one again.
    pub superseded_by: Option<String>,
    /// What is known of those two, for words beside the ids.
    pub related: Vec<RelatedRow>,
    /// How many pushes the login served; 0 when it is not known.
    pub authorization_pushes: u64,
    /// The push in causal order, the login first when it is known.
    pub events: Events<'a>,
    /// What was concluded about the push.
    pub findings: Vec<FindingRow>,
}

/// Why a push has its status.
#[derive(Clone, Debug, Serialize)]
pub struct ReasonRow<'a> {
    /// As `put-image-failed` or `upload-abandoned`; `docs/report.md` lists them.
    pub kind: &'static str,
    /// The deciding call's `errorCode`.
    pub error_code: Option<Text<'a>>,
    /// The deciding event.
    pub event_id: Option<Text<'a>>,
    /// The reason in words.
    pub message: String,
}

/// Who made a push.
#[derive(Clone, Debug, Serialize)]
pub struct IdentityRow<'a> {
    /// `type` of the `userIdentity`.
    #[serde(rename = "type")]
    pub kind: Option<Text<'a>>,
    /// `arn`.
    pub arn: Option<Text<'a>>,
    /// `accountId`.
    pub account: Option<Text<'a>>,
    /// `principalId`.
    pub principal_id: Option<Text<'a>>,
    /// For people: `user dana`, `role ci-push, session build-4711`.
    pub name: String,
    /// Who stands behind a role session; only with `--trace-roles`.
    pub behind: Option<BehindRow<'a>>,
    /// `sourceIdentity`: who took on the role, kept over all roles taken on from it.
    pub source_identity: Option<Text<'a>>,
    /// The user of IAM Identity Center for whom the call was made.
    pub on_behalf_of: Option<OnBehalfOfRow<'a>>,
    /// The resource that was given the credentials, or that a service acted for.
    pub in_scope_of: Option<InScopeOfRow<'a>>,
    /// The service that called.
    pub invoked_by: Option<Text<'a>>,
    /// The account of a product's provider with delegated access.
    pub invoked_by_delegate: Option<Text<'a>>,
    /// Whether the session is that of somebody in the console; `None` where the log does not say.
    pub from_console: Option<bool>,
    /// `signInSessionArn`: the sign-in that the keys come from.
    pub sign_in_session: Option<Text<'a>>,
    /// `credentialId` of a bearer token.
    pub credential_id: Option<Text<'a>>,
}

/// The user of IAM Identity Center for whom a call was made.
#[derive(Clone, Debug, Serialize)]
pub struct OnBehalfOfRow<'a> {
    /// `userId`.
    pub user_id: Option<Text<'a>>,
    /// `identityStoreArn`.
    pub identity_store: Option<Text<'a>>,
}

/// The resource that a caller acts through.
#[derive(Clone, Debug, Serialize)]
pub struct InScopeOfRow<'a> {
    /// `issuerType`, as in `AWS::SageMaker::Domain`.
    pub issuer_type: Option<Text<'a>>,
    /// `credentialsIssuedTo`.
    pub issued_to: Option<Text<'a>>,
    /// `sourceArn`.
    pub source_arn: Option<Text<'a>>,
    /// `sourceAccount`.
    pub source_account: Option<Text<'a>>,
}

/// Who stands behind a role session.
#[derive(Clone, Debug, Serialize)]
pub struct BehindRow<'a> {
    /// The subject of a web identity, the arn of a user, a service or account; the last role known
    /// where the chain ends early, `None` where the log shows nothing.
    pub subject: Option<Text<'a>>,
    /// What that is: `web-identity`, `saml`, `user`, `root`, `federated`, `service`, `account`,
    /// `role`, `unknown`.
    pub kind: &'static str,
    /// Who vouches for it.
    pub provider: Option<Text<'a>>,
    /// The address of the call that the chain begins with.
    pub source_ip: Option<Text<'a>>,
    /// The program of that call.
    pub user_agent: Option<Text<'a>>,
    /// That call.
    pub event_id: Option<Text<'a>>,
    /// `proof`, `inference` or `hint`: the weakest step; `None` without one.
    pub strength: Option<Strength>,
    /// `origin`, `not-in-log` or `loop`.
    pub ends: &'static str,
    /// The roles taken on, from the push's own outwards.
    pub chain: Vec<AssumptionRow<'a>>,
}

/// A role taken on.
#[derive(Clone, Debug, Serialize)]
pub struct AssumptionRow<'a> {
    /// The `AssumeRole*` event.
    pub event_id: Text<'a>,
    /// Its time.
    pub time: String,
    /// `eventName`.
    pub action: Text<'a>,
    /// The ARN of the session that it gave.
    pub session: Option<Text<'a>>,
    /// Who called, for people.
    pub caller: String,
    /// From where.
    pub source_ip: Option<Text<'a>>,
    /// `access-key`, `creation-date` or `session-name`: what joins it to what it gave.
    pub by: &'static str,
    /// How sure it is.
    pub strength: Strength,
    /// Other calls that could have been it.
    pub alternatives: Vec<Text<'a>>,
}

/// A login.
#[derive(Clone, Debug, Serialize)]
pub struct CredentialRow<'a> {
    /// `accessKeyId`.
    pub access_key_id: Option<Text<'a>>,
    /// `sessionContext.attributes.creationDate`.
    pub created: Option<String>,
}

/// The caller's address and program.
#[derive(Clone, Debug, Serialize)]
pub struct ClientRow<'a> {
    /// The address.
    pub source_ip: Option<Text<'a>>,
    /// The program.
    pub user_agent: Option<Text<'a>>,
    /// `call`: the push's own calls show it; `authorization`: its login does.
    pub from: &'static str,
    /// The VPC endpoint that it came through.
    pub vpc_endpoint_id: Option<Text<'a>>,
    /// Whose endpoint that is.
    pub vpc_endpoint_account: Option<Text<'a>>,
    /// The version of TLS.
    pub tls_version: Option<Text<'a>>,
}

/// The login of a push.
#[derive(Clone, Debug, Serialize)]
pub struct AuthorizationRow<'a> {
    /// The `GetAuthorizationToken` event.
    pub event_id: Text<'a>,
    /// Its time.
    pub time: String,
    /// `inference` or `hint`.
    pub strength: Strength,
    /// Other logins that it could have been.
    pub alternatives: Vec<Text<'a>>,
}

/// The image that a push made.
#[derive(Clone, Debug, Serialize)]
pub struct ImageRow<'a> {
    /// The digest of the root manifest.
    pub digest: Option<String>,
    /// The tags it was put under, those that were accepted.
    pub tags: Vec<Text<'a>>,
    /// `image`, `index` or `artifact`.
    pub kind: Option<&'static str>,
    /// What it is, as [`ManifestRow::what`].
    pub what: Option<String>,
    /// `artifactType`, or what stands for it.
    pub artifact_type: Option<Text<'a>>,
    /// The root manifest's media type.
    pub media_type: Option<Text<'a>>,
    /// Config and layers, or all children where known, in bytes.
    pub size_bytes: Option<Bytes>,
}

/// A manifest that a push put or its index lists.
#[derive(Clone, Debug, Serialize)]
pub struct ManifestRow<'a> {
    /// Its digest.
    pub digest: Option<String>,
    /// `image`, `index` or `artifact`; `None` when its content is not in the log.
    pub kind: Option<&'static str>,
    /// What it is, in words: `image`, `Helm chart`, `signature of sha256:…`.
    pub what: Option<String>,
    /// `artifactType`, or what stands for it.
    pub artifact_type: Option<Text<'a>>,
    /// Its media type.
    pub media_type: Option<Text<'a>>,
    /// The tags it was put under.
    pub tags: Vec<Text<'a>>,
    /// The tags that it was refused under, every time.
    pub refused_tags: Vec<Text<'a>>,
    /// `os/architecture[/variant]` by the index that lists it.
    pub platform: Option<Text<'a>>,
    /// The indexes of the push that list it.
    pub of: Vec<String>,
    /// The manifest it is about.
    pub subject: Option<String>,
    /// Whether it is the push's root.
    pub root: bool,
    /// Config and layers, in bytes.
    pub size_bytes: Option<Bytes>,
    /// What became of it.
    pub state: ManifestState,
    /// The `PutImage`.
    pub event_id: Option<Text<'a>>,
    /// The push that put a reused one, if in view.
    pub put_by: Option<String>,
}

/// A layer or config that a push uploaded or its manifests list.
#[derive(Clone, Debug, Serialize)]
pub struct LayerRow<'a> {
    /// Its digest; `None` for an upload that never named one.
    pub digest: Option<String>,
    /// `config` or `layer`, by the manifests of the push; `None` where none lists it.
    pub kind: Option<&'static str>,
    /// Its size in bytes, by the manifest, else by the bytes received.
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
    /// The push that uploaded a reused one, if in view.
    pub uploaded_by: Option<String>,
    /// What shows that a reused one was there before: `upload` (another push of the log), `check`
    /// (the client asked for it and sent nothing); `None` where the log shows neither.
    pub shown_by: Option<&'static str>,
    /// Bytes of the upload that no part brought, both ends included.
    pub holes: Vec<(u64, u64)>,
    /// The number of parts that arrived.
    pub parts: u64,
    /// Bytes that arrived in parts.
    pub received_bytes: Bytes,
}

/// The layers of a push without those that only repeat one: a blob that was sent twice, or sent once
/// more though it had just come, was moved once.
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

/// A push that stands in relation to another.
#[derive(Clone, Debug, Serialize)]
pub struct RelatedRow {
    /// `retry_of` or `superseded_by`.
    pub relation: &'static str,
    /// The other push.
    pub session: String,
    /// Its status.
    pub status: &'static str,
    /// Seconds from the end of the earlier push to the begin of the later.
    pub after_s: i64,
}

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
    pub action: &'static str,
    /// Whether other pushes hold it too: only the login is shared.
    pub shared: bool,
    /// `succeeded` or `failed`.
    pub outcome: Outcome,
    /// `errorCode`.
    pub error_code: Option<Text<'a>>,
    /// `errorMessage`.
    pub error_message: Option<Text<'a>>,
    /// `uploadId`.
    pub upload_id: Option<Text<'a>>,
    /// The digest of the blob or manifest, where it is one.
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
    /// Who called; `None` in a push, which names who.
    pub identity: Option<IdentityRow<'a>>,
    /// The record.
    pub at: AtRow<'a>,
    /// Why the event belongs to this push.
    pub because: Vec<BecauseRow<'a>>,
    /// Where else it could belong.
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
    /// The digest that bears witness, for evidence of content.
    pub digest: Option<String>,
    /// How sure it is.
    pub strength: Strength,
}

/// Another push that an event could belong to.
#[derive(Clone, Debug, Serialize)]
pub struct AlternativeRow {
    /// The push.
    pub session: String,
    /// The kind of evidence.
    pub evidence: Evidence,
    /// How sure it is.
    pub strength: Strength,
}

/// A conclusion.
#[derive(Clone, Debug, Serialize)]
pub struct FindingRow {
    /// The stable code; `docs/findings.md` has its page.
    pub code: &'static str,
    /// `note`, `warning` or `error`.
    pub severity: Severity,
    /// The push, if it is about one.
    pub session: Option<String>,
    /// One sentence.
    pub message: String,
    /// What to write at the first of the events, in a few words; empty where there is nothing to add.
    pub label: String,
    /// What to do next.
    pub help: Option<String>,
    /// The `eventID`s concerned, the one that stands out first.
    pub events: Vec<String>,
}

/// A defect of the input.
#[derive(Clone, Debug, Serialize)]
pub struct ProblemRow {
    /// The stable code.
    pub code: &'static str,
    /// The file, relative to its root, with `/`.
    pub file: String,
    /// The record's position, 0-based.
    pub record: Option<u32>,
    /// The first byte of the decoded file that is concerned.
    pub byte: Option<u64>,
    /// One sentence.
    pub message: String,
    /// What is expected at the label, in a few words.
    pub label: String,
    /// What to do next, and what was kept.
    pub help: String,
    /// The record around it.
    pub excerpt: Option<ExcerptRow>,
}

/// A piece of input with the part that is wrong.
#[derive(Clone, Debug, Serialize)]
pub struct ExcerptRow {
    /// Re-indented JSON, shortened.
    pub text: String,
    /// The first byte of `text` that is wrong.
    pub label_start: usize,
    /// How many bytes are.
    pub label_bytes: usize,
}
