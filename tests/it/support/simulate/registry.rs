//! The registries: repositories, and what each holds at any time.
//!
//! In: the calls that were answered. Out: whether a blob, manifest or tag is there at a given instant, and
//! what a PutImage is therefore told.

use std::collections::BTreeMap;

use super::call::{Call, IMAGE_EXISTS, PlaceId, Request};
use super::clock::Millis;
use super::content::Digest;

/// The two services.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    Ecr,
    EcrPublic,
}

impl Service {
    /// As the report of the program names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Service::Ecr => "ecr",
            Service::EcrPublic => "ecr-public",
        }
    }

    /// The `eventSource`.
    pub(crate) fn event_source(self) -> &'static str {
        match self {
            Service::Ecr => "ecr.amazonaws.com",
            Service::EcrPublic => "ecr-public.amazonaws.com",
        }
    }
}

/// One repository.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) service: Service,
    /// The account that owns the registry.
    pub(crate) account: String,
    /// The public registry's alias, which requests name in place of the account.
    pub(crate) alias: String,
    pub(crate) region: String,
    pub(crate) name: String,
    /// A tag, once put, cannot move.
    pub(crate) immutable: bool,
    /// A mount from another repository of this registry succeeds, and leaves no event.
    pub(crate) grants_mounts: bool,
}

impl Place {
    /// The repository's ARN; that of ECR Public has no region.
    pub(crate) fn arn(&self) -> String {
        let Place {
            account,
            name,
            region,
            ..
        } = self;
        match self.service {
            Service::Ecr => format!("arn:aws:ecr:{region}:{account}:repository/{name}"),
            Service::EcrPublic => format!("arn:aws:ecr-public::{account}:repository/{name}"),
        }
    }
}

/// All repositories and their contents over time.
#[derive(Default)]
pub(crate) struct Registry {
    pub(crate) places: Vec<Place>,
    /// Since when a blob or manifest is there.
    held: BTreeMap<(PlaceId, Digest), Millis>,
    /// What a tag pointed at, from when.
    tags: BTreeMap<(PlaceId, String), Vec<(Millis, Digest)>>,
    /// Whether a second CompleteLayerUpload of a layer is told so, or simply accepted.
    pub(crate) reports_existing_layers: bool,
}

impl Registry {
    /// An empty registry.
    pub(crate) fn new(reports_existing_layers: bool) -> Self {
        Registry {
            reports_existing_layers,
            ..Registry::default()
        }
    }

    /// Adds a repository.
    pub(crate) fn add(&mut self, place: Place) -> PlaceId {
        self.places.push(place);
        self.places.len() - 1
    }

    /// Whether the repository has the blob or manifest at `at`.
    pub(crate) fn holds(&self, place: PlaceId, digest: &Digest, at: Millis) -> bool {
        self.held
            .get(&(place, digest.clone()))
            .is_some_and(|&since| since <= at)
    }

    /// What `tag` points at.
    pub(crate) fn tagged(&self, place: PlaceId, tag: &str, at: Millis) -> Option<&Digest> {
        let history = self.tags.get(&(place, tag.to_owned()))?;
        history
            .iter()
            .filter(|(since, _)| *since <= at)
            .max_by_key(|(since, _)| *since)
            .map(|(_, digest)| digest)
    }

    /// The error that a PutImage of `digest` as `tag` meets on its own account, if any.
    pub(crate) fn objection(
        &self,
        place: PlaceId,
        digest: &Digest,
        tag: Option<&str>,
        at: Millis,
    ) -> Option<&'static str> {
        let Some(tag) = tag else {
            return self.holds(place, digest, at).then_some(IMAGE_EXISTS);
        };
        match self.tagged(place, tag, at) {
            Some(current) if current == digest => Some(IMAGE_EXISTS),
            Some(_) if self.places[place].immutable => Some("ImageTagAlreadyExistsException"),
            Some(_) | None => None,
        }
    }

    /// Takes in what a call changed.
    pub(crate) fn commit(&mut self, call: &Call) {
        if !call.holds() {
            return;
        }
        let place = call.place;
        match &call.request {
            Request::Complete { digest } => self.hold(place, digest, call.at),
            Request::Put { manifest, tag } => {
                self.hold(place, &manifest.digest, call.at);
                if let Some(tag) = tag {
                    let history = self.tags.entry((place, tag.clone())).or_default();
                    history.push((call.at, manifest.digest.clone()));
                }
            }
            Request::Check { .. }
            | Request::Initiate
            | Request::Part { .. }
            | Request::Token
            | Request::Read { .. }
            | Request::Layer { .. } => {}
        }
    }

    /// Puts a blob there as if pushed long ago, in no log.
    pub(crate) fn hold(&mut self, place: PlaceId, digest: &Digest, at: Millis) {
        let since = self.held.entry((place, digest.clone())).or_insert(at);
        *since = (*since).min(at);
    }
}
