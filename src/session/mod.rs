//! LOG + GRAPH -> PUSH SESSIONS.
//!
//! Comes in: the event log, the evidence and the coverage. Goes out: a [`Session`] for each push, and the
//! events that fit none. Never: an event in two sessions; a login is referred to, not owned.

pub mod assemble;
pub mod authorize;
pub mod behind;
pub mod beyond;
mod login;
mod own;
mod probe;
mod quiet;
mod relate;
mod status;
mod upload;

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};

use crate::event::{
    ByteRange, Bytes, Client, CredentialId, DigestId, EventId, EventLog, IdentityId, Manifest,
    ManifestId, RepositoryId, Stage, TextId, UploadId,
};
use crate::graph::{Contradiction, Evidence, Strength};

pub use crate::graph::principals::{PrincipalId, Principals};
pub use assemble::{Draft, assemble, draft};
pub use authorize::TOKEN_SECONDS;
pub use own::clocks;

/// A session's id; it depends on its content, not on its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}", self.0 & 0xffff_ffff_ffff)
    }
}

/// One push: a run of a client towards one root manifest in one repository, whether it got there or not.
#[derive(Clone, Debug)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// The repository; `None` if no call of the push names one.
    pub repository: Option<RepositoryId>,
    /// Who pushed: the fullest form of the principal's identity among the events.
    pub identity: IdentityId,
    /// The logins seen, in order of appearance.
    pub credentials: Vec<CredentialId>,
    /// The login that it used.
    pub authorization: Option<Link>,
    /// The uploads, by first event.
    pub uploads: Vec<LayerUpload>,
    /// The manifests put, in order, including refused ones.
    pub manifests: Vec<ManifestPut>,
    /// Blobs that an accepted or refused manifest of the push lists but the push did not upload.
    pub reused: Vec<Reused>,
    /// Manifests that the push's index lists but the push did not put.
    pub reused_manifests: Vec<ReusedManifest>,
    /// The push's own events in causal order.
    pub sequence: Vec<EventId>,
    /// Why each event of `sequence` belongs, at the same position.
    pub because: Vec<Because>,
    /// Other pushes that events could belong to, by event.
    pub alternatives: Vec<Alternative>,
    /// Places where the log contradicts itself.
    pub contradictions: Vec<Contradiction>,
    /// Time of the earliest event.
    pub first: DateTime<Utc>,
    /// Time of the latest event.
    pub last: DateTime<Utc>,
    /// The verdict.
    pub status: Status,
    /// Whether some call went to the API itself and shows the caller's own address.
    pub shows_address: bool,
    /// How sure it is that exactly these calls are the push, apart from the login.
    pub confidence: Strength,
    /// The call that is least sure to belong to the push, if not all are proven.
    pub doubt: Option<EventId>,
    /// The earlier push whose work this one did again, as an index into the sessions.
    pub retry_of: Option<usize>,
    /// The later push that did this one's work again, as an index into the sessions.
    pub superseded_by: Option<usize>,
}

impl Session {
    /// The manifest that the push worked towards, if it was put and accepted.
    #[must_use]
    pub fn root(&self) -> Option<&ManifestPut> {
        self.manifests
            .iter()
            .find(|put| put.root && put.state != PutState::Refused)
    }

    /// Whether the push succeeded and put something that was not there.
    #[must_use]
    pub fn has_stored(&self, log: &EventLog) -> bool {
        self.status == Status::Complete && self.root().is_some_and(|root| root.is_stored(log))
    }

    /// The blobs that the accepted manifests of the push list.
    pub fn listed_blobs<'a>(&'a self, log: &'a EventLog) -> impl Iterator<Item = DigestId> + 'a {
        let accepted = self.manifests.iter();
        let accepted = accepted.filter(|put| put.state == PutState::Put);
        let manifests = accepted.filter_map(|put| Some(log.tables.manifests.get(put.manifest?)));
        manifests.flat_map(Manifest::blobs).map(|blob| blob.digest)
    }

    /// The uploads whose layers were sent whole, including those found in place.
    pub fn sent(&self) -> impl Iterator<Item = &LayerUpload> {
        let is_sent = |state| matches!(state, UploadState::Complete | UploadState::AlreadyExists);
        self.uploads
            .iter()
            .filter(move |upload| is_sent(upload.state))
    }

    /// The event that shows the caller's own address: a call of the push that went to the API itself, or
    /// else its login. A service's marker is not an address.
    #[must_use]
    pub fn shows_client(&self, log: &EventLog) -> Option<EventId> {
        let login = self.authorization.as_ref().map(|link| link.event);
        let is_direct = |id: &EventId| log.tables.clients.get(log.event(*id).client).is_direct();
        let call = self.direct_calls(log).next().map(|(id, _)| id);
        call.or_else(|| login.filter(is_direct))
    }

    /// The calls that show the caller's own address; of successive calls with one client, the first.
    pub fn direct_calls<'a>(
        &'a self,
        log: &'a EventLog,
    ) -> impl Iterator<Item = (EventId, &'a Client)> + 'a {
        let mut last = None;
        // Most pushes have none, and need no look at the log.
        let calls = self.sequence.iter().filter(|_| self.shows_address);
        let calls = calls.filter_map(move |&id| {
            let client = log.event(id).client;
            let is_news = last.replace(client) != Some(client);
            is_news.then(|| (id, log.tables.clients.get(client)))
        });
        calls.filter(|(_, client)| client.is_direct())
    }
}

/// The login of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The `GetAuthorizationToken` event.
    pub event: EventId,
    /// How sure it is.
    pub strength: Strength,
    /// Other logins that it could have been, nearest first, at most [`authorize::MAX_ALTERNATIVES`].
    pub alternatives: Vec<EventId>,
}

/// The link that joins an event to the rest of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Because {
    /// The event it is joined to; `None` for the event that the others are joined to.
    pub with: Option<EventId>,
    /// The evidence; `None` if `with` is.
    pub evidence: Option<Evidence>,
}

/// Another session that an event could belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// The event.
    pub event: EventId,
    /// The other session, as an index into the sessions.
    pub session: usize,
    /// The evidence.
    pub evidence: Evidence,
}

/// One `uploadId`, or one refused `InitiateLayerUpload` that never got one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerUpload {
    /// The id; `None` if the log shows none.
    pub upload: Option<UploadId>,
    /// The accepted start, or else the refused one.
    pub initiate: Option<EventId>,
    /// The parts, ordered by their bytes.
    pub parts: Vec<EventId>,
    /// The accepted end, or else the refused one.
    pub complete: Option<EventId>,
    /// The digest that the end confirms, or else claims.
    pub digest: Option<DigestId>,
    /// What happened to it.
    pub state: UploadState,
    /// Distinct bytes that accepted parts brought.
    pub received_bytes: Bytes,
    /// The layer's size by the push's manifests, in bytes.
    pub listed_bytes: Option<Bytes>,
    /// Bytes that no accepted part brought, up to the last received byte and to the layer's known size.
    pub holes: Vec<ByteRange>,
    /// Time of the earliest event.
    pub first: DateTime<Utc>,
    /// Time of the latest event.
    pub last: DateTime<Utc>,
}

/// What happened to an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadState {
    /// Completed.
    Complete,
    /// Completed, but the layer was there already: `LayerAlreadyExistsException`.
    AlreadyExists,
    /// Started, but neither completed nor refused.
    Unfinished,
    /// The start, a part or the end was refused, and the upload went no further.
    Refused,
}

/// One manifest that a push put, under however many tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestPut {
    /// Its digest.
    pub digest: Option<DigestId>,
    /// Its content, if the log has it.
    pub manifest: Option<ManifestId>,
    /// The accepted tags it was put under, in order.
    pub tags: Vec<TextId>,
    /// The tags it was tried under and never accepted under, in order.
    pub refused: Vec<RefusedTag>,
    /// The deciding `PutImage`: the first that stored it, else the first that found it in place, else the
    /// last refused one.
    pub event: EventId,
    /// What happened to it.
    pub state: PutState,
    /// Whether it is the root.
    pub root: bool,
}

impl ManifestPut {
    /// Whether a put of it was accepted and did not find it in place under its tag.
    #[must_use]
    pub fn is_stored(&self, log: &EventLog) -> bool {
        log.event(self.event).succeeded()
    }
}

/// A tag that a manifest was refused under every time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedTag {
    /// The tag.
    pub tag: TextId,
    /// The last refusal.
    pub event: EventId,
}

/// What happened to a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutState {
    /// Accepted, or there already with the same digest.
    Put,
    /// Refused every time.
    Refused,
    /// Accepted, but its content was left out of the log.
    Omitted,
}

/// A blob that was there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reused {
    /// Its digest.
    pub digest: DigestId,
    /// Its size by the manifest, in bytes.
    pub size: Option<Bytes>,
    /// The session that uploaded it, as an index into the sessions, if in view.
    pub uploaded_by: Option<usize>,
}

/// A manifest that was there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReusedManifest {
    /// Its digest.
    pub digest: DigestId,
    /// The session that put it, as an index into the sessions, if in view.
    pub put_by: Option<usize>,
}

/// The verdict on a push (`docs/report.md`, "Status").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// The root manifest was accepted.
    Complete,
    /// A refusal ended it.
    Failed {
        /// Which call was refused.
        kind: FailedCall,
        /// The deciding refusal.
        event: EventId,
    },
    /// The client stopped before the end.
    Incomplete {
        /// The most important thing that is missing; it decides the reason.
        kind: IncompleteKind,
        /// Everything that is missing.
        missing: Vec<MissingPiece>,
    },
    /// Only checks: everything was in place.
    Unchanged,
    /// The log does not reach far enough to tell.
    Undetermined {
        /// The edge.
        horizon: Horizon,
    },
}

impl Status {
    /// The deciding refusal of a failed push.
    #[must_use]
    pub fn refusal(&self) -> Option<EventId> {
        let Self::Failed { event, .. } = self else {
            return None;
        };
        Some(*event)
    }
}

/// The call whose refusal ended a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailedCall {
    /// `BatchCheckLayerAvailability`.
    Check,
    /// `InitiateLayerUpload`.
    Initiate,
    /// `UploadLayerPart`.
    Part,
    /// `CompleteLayerUpload`.
    Complete,
    /// `PutImage`.
    PutImage,
}

impl FailedCall {
    /// The call of a stage.
    #[must_use]
    pub fn of(stage: Stage) -> Self {
        match stage {
            Stage::Authorization | Stage::Check => Self::Check,
            Stage::Initiate => Self::Initiate,
            Stage::Part => Self::Part,
            Stage::Complete => Self::Complete,
            Stage::Manifest => Self::PutImage,
        }
    }
}

/// How a push is incomplete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncompleteKind {
    /// Every upload is complete and no manifest followed.
    NoPutImage,
    /// An upload has no `CompleteLayerUpload`.
    UploadAbandoned,
    /// Children were put and no index followed.
    IndexMissing,
    /// An upload was started and nothing was sent: a check of permission, or a mount. This is no fault.
    NothingSent,
}

/// Something that an incomplete push lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingPiece {
    /// The manifest.
    Manifest,
    /// The index.
    Index,
    /// The start of an upload.
    Initiate(UploadId),
    /// The end of an upload.
    Complete(UploadId),
    /// Bytes of an upload.
    Bytes(UploadId, ByteRange),
}

/// Where the log ends, as opposed to where the push does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Horizon {
    /// The log begins within the window before the push, at this instant.
    LogBegins(DateTime<Utc>),
    /// The log ends within the window after the push, at this instant.
    LogEnds(DateTime<Utc>),
    /// The log lacks a stretch within the window of the push.
    LogHole(DateTime<Utc>, DateTime<Utc>),
    /// A field that would decide was left out of this event.
    FieldOmitted(EventId),
}

/// All pushes, and the events that fit none.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    /// By time of the first event, then by id.
    pub sessions: Vec<Session>,
    /// Push events outside every push: logins that no push used, and calls that name too little.
    pub unplaced: Vec<EventId>,
    /// How many pushes each login served, in all repositories.
    pub served: BTreeMap<EventId, u64>,
    /// Which identities are one principal.
    pub principals: Principals,
}
