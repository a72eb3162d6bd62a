//! The event log: every push event of the input, in one canonical order.
//!
//! Comes in: events of one file or of all, with the tables their ids point into. Goes out: the
//! same, merged and renumbered. Never: an order that depends on files.

use chrono::{DateTime, Utc};

use crate::event::assume::Assumption;
use crate::event::tables::Tables;
use crate::event::{ClientId, DigestId, Event, EventId, FailureId, Id, IdentityId, RepositoryId};
use crate::event::{Service, Stage, TextId, Uid};

/// A call that is no part of a push but explains one: a repository made, an image deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextEvent {
    /// `eventTime`.
    pub time: DateTime<Utc>,
    /// `eventID`.
    pub event_id: Uid,
    /// `eventName`.
    pub action: TextId,
    /// ECR or ECR Public.
    pub service: Service,
    /// The repository, where one is named.
    pub repository: Option<RepositoryId>,
    /// Who called.
    pub identity: IdentityId,
    /// From which address.
    pub client: ClientId,
    /// `errorCode` and `errorMessage` of a refused call.
    pub failure: Option<FailureId>,
    /// Whose log it is of; with `region` the registry that a call without a repository is about.
    pub recipient: TextId,
    /// `awsRegion`.
    pub region: TextId,
    /// Tags that the call names, those that its answer spares aside.
    pub tags: Box<[TextId]>,
    /// Digests that the call names, those that its answer spares aside.
    pub digests: Box<[DigestId]>,
    /// Images that the call was granted for and that its answer says it failed for.
    pub spared: Box<[Spared]>,
    /// `repositoryUri` of a repository that was made.
    pub detail: Option<TextId>,
    /// What was set, in the call's own words: `imageTagMutability`, `targetStorageClass`.
    pub setting: Option<TextId>,
    /// The tags that the setting excludes, as filters with `*`.
    pub exclusions: Box<[TextId]>,
}

/// An image among the `failures` of an answer (ECR API, `BatchDeleteImage`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spared {
    /// `imageTag`.
    pub tag: Option<TextId>,
    /// `imageDigest`.
    pub digest: Option<DigestId>,
    /// `failureCode` and `failureReason`.
    pub failure: FailureId,
}

/// Every push event of the input, in canonical order: `eventTime`, `eventID`, content.
///
/// An [`EventId`] is the rank in it. The order does not depend on files, so neither do the ids.
#[derive(Clone, Debug, Default)]
pub struct EventLog {
    /// The events.
    pub events: Vec<Event>,
    /// Calls beside the pushes that explain them, in the same order.
    pub context: Vec<ContextEvent>,
    /// Roles taken on, in the same order; `None` where they were not asked for.
    pub assumptions: Option<Vec<Assumption>>,
    /// What the ids point into.
    pub tables: Tables,
}

impl EventLog {
    /// The event of an id.
    ///
    /// # Panics
    /// For an id of another log.
    #[must_use]
    pub fn event(&self, id: EventId) -> &Event {
        &self.events[id.index()]
    }

    /// The events with their ids, in canonical order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (EventId, &Event)> {
        self.events
            .iter()
            .enumerate()
            .map(|(index, event)| (EventId::from_index(index), event))
    }

    /// The events in portions of `n`, for several threads.
    pub fn portions(
        &self,
        n: usize,
    ) -> impl Iterator<Item = impl Iterator<Item = (EventId, &Event)> + Send> {
        let portions = self.events.chunks(n).enumerate();
        portions.map(move |(at, events)| (at * n..).map(EventId::from_index).zip(events))
    }

    /// The `errorCode` of a refused call.
    #[must_use]
    pub fn error_code(&self, event: &Event) -> Option<&str> {
        event
            .failure
            .map(|failure| &*self.tables.failures.get(failure).code)
    }

    /// Whether the state that the call wanted holds after it: it was granted, or refused because
    /// the state held before.
    #[must_use]
    pub fn is_benign(&self, event: &Event) -> bool {
        self.leaves_as_wanted(event.action.stage(), event.failure)
    }

    /// Whether a call of that stage that ended so leaves the state that it wanted.
    ///
    /// `LayerAlreadyExistsException` on `CompleteLayerUpload` says so, and
    /// `ImageAlreadyExistsException` on `PutImage`, which ECR gives for the same digest under the
    /// same tag (ECR API reference).
    #[must_use]
    pub fn leaves_as_wanted(&self, stage: Stage, failure: Option<FailureId>) -> bool {
        let Some(failure) = failure else { return true };
        match &*self.tables.failures.get(failure).code {
            "LayerAlreadyExistsException" => stage == Stage::Complete,
            "ImageAlreadyExistsException" => stage == Stage::Manifest,
            _ => false,
        }
    }

    /// Whether a `PutImage` that failed so was refused for the form of its manifest: ECR calls a media type or
    /// a field that it does not take an invalid parameter (observed; ECR API reference, `PutImage`).
    #[must_use]
    pub fn is_about_form(&self, failure: FailureId) -> bool {
        let code = &*self.tables.failures.get(failure).code;
        code.strip_suffix("Exception").unwrap_or(code) == "InvalidParameter"
    }

    /// The text of an id.
    #[must_use]
    pub fn text(&self, id: TextId) -> &str {
        self.tables.texts.get(id)
    }
}
