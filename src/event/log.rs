//! The event log: every push event of the input, in one canonical order.
//!
//! Comes in: events of one file or of all, with the tables their ids point into. Goes out: these events,
//! merged and renumbered. Never: an order that depends on files.

use chrono::{DateTime, Utc};

use crate::event::assume::Assumption;
use crate::event::deed::{Deed, Param, ParamKind};
use crate::event::other::OtherEvent;
use crate::event::read::Fetch;
use crate::event::tables::Tables;
use crate::event::{ClientId, DigestId, Event, EventId, FailureId, Id, IdentityId, RepositoryId};
use crate::event::{Service, Stage, TextId, Uid};

/// A call that explains a push but is no part of it, such as the creation of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextEvent {
    /// `eventTime`.
    pub time: DateTime<Utc>,
    /// `eventID`.
    pub event_id: Uid,
    /// `sharedEventID`: equal on the records of one call that were delivered to two accounts.
    pub shared_event_id: Option<TextId>,
    /// The call.
    pub deed: Deed,
    /// ECR or ECR Public.
    pub service: Service,
    /// The repository, if the call names one.
    pub repository: Option<RepositoryId>,
    /// Who called.
    pub identity: IdentityId,
    /// The address of the caller.
    pub client: ClientId,
    /// `errorCode` and `errorMessage` of a refused call.
    pub failure: Option<FailureId>,
    /// The account whose log it is in; with `region` the registry that a call without a repository is about.
    pub recipient: TextId,
    /// `awsRegion`.
    pub region: TextId,
    /// Tags that the call names, without those that its response lists as failed.
    pub tags: Box<[TextId]>,
    /// Digests that the call names, without those that its response lists as failed.
    pub digests: Box<[DigestId]>,
    /// Digests that a lifecycle policy moved into the archive.
    pub archived: Box<[DigestId]>,
    /// Images for which the call was granted but failed, according to its response.
    pub spared: Box<[Spared]>,
    /// What else the call says, by kind.
    pub params: Box<[Param]>,
}

impl ContextEvent {
    /// The values of the parameters of a kind, in the call's order.
    pub fn all(&self, kind: ParamKind) -> impl Iterator<Item = TextId> + '_ {
        let params = self.params.iter().filter(move |param| param.kind == kind);
        params.map(|param| param.text)
    }

    /// The value of a parameter.
    #[must_use]
    pub fn one(&self, kind: ParamKind) -> Option<TextId> {
        self.all(kind).next()
    }
}

/// An image in the `failures` of a response (ECR API, `BatchDeleteImage`).
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
/// An [`EventId`] is the rank in this order. The order does not depend on files, and so the ids do not either.
#[derive(Clone, Debug, Default)]
pub struct EventLog {
    /// The events.
    pub events: Vec<Event>,
    /// Calls outside pushes that explain them, in the same order.
    pub context: Vec<ContextEvent>,
    /// Role assumptions, in the same order; `None` if they were not asked for.
    pub assumptions: Option<Vec<Assumption>>,
    /// Reads of images and layers, in the same order; `None` if they were not asked for.
    pub reads: Option<Vec<Fetch>>,
    /// Records that were looked for by their `eventID`, by id and place; empty unless somebody asked.
    pub others: Vec<OtherEvent>,
    /// The tables that the ids point into.
    pub tables: Tables,
}

impl EventLog {
    /// The event with an id.
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

    /// The events in portions of `n`, for use by several threads.
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

    /// Whether the state that the call wanted holds after it: the call was granted, or was refused because the
    /// state held before.
    #[must_use]
    pub fn is_benign(&self, event: &Event) -> bool {
        self.leaves_as_wanted(event.action.stage(), event.failure)
    }

    /// Whether a call of this stage with this result leaves the state that it wanted.
    ///
    /// `LayerAlreadyExistsException` on `CompleteLayerUpload` means this, and `ImageAlreadyExistsException` on
    /// `PutImage`, which ECR returns for the same digest under the same tag (ECR API reference).
    #[must_use]
    pub fn leaves_as_wanted(&self, stage: Stage, failure: Option<FailureId>) -> bool {
        let Some(failure) = failure else { return true };
        match &*self.tables.failures.get(failure).code {
            "LayerAlreadyExistsException" => stage == Stage::Complete,
            "ImageAlreadyExistsException" => stage == Stage::Manifest,
            _ => false,
        }
    }

    /// Whether a `PutImage` with this failure was refused for the form of its manifest: if ECR does not accept
    /// a media type or field, it reports an invalid parameter (observed; ECR API reference, `PutImage`).
    #[must_use]
    pub fn is_about_form(&self, failure: FailureId) -> bool {
        let code = &*self.tables.failures.get(failure).code;
        code.strip_suffix("Exception").unwrap_or(code) == "InvalidParameter"
    }

    /// Whether a call outside pushes set tags immutable; `None` if it does not say.
    #[must_use]
    pub fn is_immutable(&self, event: &ContextEvent) -> Option<bool> {
        let setting = self.text(event.one(ParamKind::Mutability)?);
        Some(setting.starts_with("IMMUTABLE"))
    }

    /// Whether a call outside pushes brought an image back from the archive.
    #[must_use]
    pub fn is_restored(&self, event: &ContextEvent) -> bool {
        let class = event.one(ParamKind::StorageClass);
        class.is_some_and(|class| self.text(class) == "STANDARD")
    }

    /// The text with an id.
    #[must_use]
    pub fn text(&self, id: TextId) -> &str {
        self.tables.texts.get(id)
    }
}
