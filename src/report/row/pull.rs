//! Rows of who pulled an image.

use serde::Serialize;

use crate::pull::{HolderService, NamedBy, PullEnd};
use crate::report::row::caller::{AuthorizationRow, ClientRow, IdentityRow};
use crate::report::row::word::{LossKind, Text};

/// What happened to a push's image since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PulledRow {
    /// How many pulls of it the log shows.
    pub pulls: u64,
    /// How many callers made them.
    pub callers: u64,
    /// The first call of the first one.
    pub first: Option<String>,
    /// The last call of the last one.
    pub last: Option<String>,
}

/// One run of a client that took one image.
#[derive(Clone, Debug, Serialize)]
pub struct PullRow<'a> {
    /// Twelve hexadecimal digits, stable for the same content.
    pub id: String,
    /// `layers`, `manifest`, `refused` or `not-there`: how it ended, as far as its calls show.
    pub end: PullEnd,
    /// The account that owns the registry.
    pub registry: Option<Text<'a>>,
    /// The region.
    pub region: Option<Text<'a>>,
    /// The repository.
    pub repository: Option<Text<'a>>,
    /// The tag that was asked for; `None` if the image was asked for by digest.
    pub tag: Option<Text<'a>>,
    /// The image, or the index; `None` if the log cannot know it.
    pub digest: Option<String>,
    /// `digest`, `tag` or `layers`: how it is known.
    pub named_by: Option<NamedBy>,
    /// The image of an index that was taken, if it is one.
    pub platform: Option<String>,
    /// The latest push before it that put the image, if in view.
    pub pushed_by: Option<String>,
    /// What had taken the image away, or its last tag, before it was asked for.
    pub after: Option<LossRow<'a>>,
    /// `errorCode` of the refusal.
    pub error_code: Option<Text<'a>>,
    /// `errorMessage` of the refusal.
    pub error_message: Option<Text<'a>>,
    /// Who pulled.
    pub identity: IdentityRow<'a>,
    /// The service of AWS that pulled, where identity or program tells.
    pub service: Option<HolderService>,
    /// The caller's address and program, if a call or the login shows them.
    pub client: Option<ClientRow<'a>>,
    /// The login that was used.
    pub authorization: Option<AuthorizationRow<'a>>,
    /// How many manifests were asked for.
    pub manifests: u32,
    /// How many layers were taken.
    pub layers: u32,
    /// Time of the first call.
    pub first: String,
    /// Time of the last call.
    pub last: String,
    /// The `eventID`s of its calls, in order.
    pub events: Vec<Text<'a>>,
}

/// What took an image away, or the last tag that stood on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LossRow<'a> {
    /// `deleted`, `expired`, `repository-deleted`, `archived` or `replaced`.
    pub kind: LossKind,
    /// When.
    pub time: String,
    /// The call that did it.
    pub event_id: Text<'a>,
    /// Who called.
    pub who: String,
}

/// How far an image went: who put it, where it stood, and who took it.
#[derive(Clone, Debug, Serialize)]
pub struct ReachRow<'a> {
    /// The reference that was asked for.
    pub asked: String,
    /// The repository.
    pub repository: Text<'a>,
    /// The image.
    pub digest: String,
    /// The pushes that put it, by time.
    pub pushes: Vec<ReachPushRow<'a>>,
    /// The tags that stood on it, by time.
    pub stood: Vec<StoodRow<'a>>,
    /// How many pulls of it the log shows.
    pub pulled: PulledRow,
    /// Who took it, those first that took it first.
    pub takers: Vec<TakerRow<'a>>,
    /// Other images of the log that have layers of it which few images have.
    pub shares: Vec<ShareRow<'a>>,
}

/// A push that put an image.
#[derive(Clone, Debug, Serialize)]
pub struct ReachPushRow<'a> {
    /// Its id.
    pub session: String,
    /// When it began.
    pub time: String,
    /// Who pushed.
    pub who: String,
    /// The address, if known.
    pub source_ip: Option<Text<'a>>,
}

/// A stretch of time in which a tag stood on an image.
#[derive(Clone, Debug, Serialize)]
pub struct StoodRow<'a> {
    /// The tag.
    pub tag: Text<'a>,
    /// From when.
    pub from: String,
    /// Until when; `None` if it stands there at the end of the log.
    pub until: Option<String>,
    /// What ended it.
    pub ended_by: Option<LossRow<'a>>,
}

/// A caller that took an image.
#[derive(Clone, Debug, Serialize)]
pub struct TakerRow<'a> {
    /// Who, for people.
    pub who: String,
    /// The caller's ARN.
    pub arn: Option<Text<'a>>,
    /// The service of AWS, where identity or program tells.
    pub service: Option<HolderService>,
    /// The addresses that its calls or logins show.
    pub source_ips: Vec<Text<'a>>,
    /// How many pulls.
    pub pulls: u64,
    /// How many of them asked by digest.
    pub by_digest: u64,
    /// How many of them began after the image was replaced under its tags, deleted or archived.
    pub after_loss: u64,
    /// How many of them took layers.
    pub with_layers: u64,
    /// The tags that it asked for.
    pub tags: Vec<Text<'a>>,
    /// The images of an index that it took.
    pub platforms: Vec<String>,
    /// The first call of the first one.
    pub first: String,
    /// The last call of the last one.
    pub last: String,
}

/// Another image that shares layers.
#[derive(Clone, Debug, Serialize)]
pub struct ShareRow<'a> {
    /// Its repository.
    pub repository: Text<'a>,
    /// The image.
    pub digest: String,
    /// How many layers they share that few images of the log have.
    pub layers: u64,
}
