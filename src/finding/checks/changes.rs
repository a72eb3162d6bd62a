//! Who made the change that made a push fail: in policies, settings, images and repositories.
//!
//! The calls outside pushes come in; sentences about changes that were granted before a failure go out, the
//! nearest first. A change that was refused, or that came after the failure, is never mentioned.

use chrono::{DateTime, Utc};

use crate::event::log::ContextEvent;
use crate::event::{Deed, DigestId, EventId, EventLog, Id, IdMap, Repository, RepositoryId};
use crate::finding::check::Context;
use crate::finding::checks::short_digest;
use crate::finding::checks::tags::{Tags, tagged};
use crate::words;

/// How many changes a finding mentions at most.
const MOST: usize = 2;

/// The subject of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Aspect {
    /// The repository was made or deleted.
    Repository,
    /// Who may do what: the repository's policy, or the registry's.
    Policy,
    /// Whether tags may move.
    Mutability,
    /// Images were deleted, expired or archived.
    Images,
    /// Which images come from elsewhere without a push.
    Replication,
}

impl Aspect {
    /// What a call changes. A new repository also gets an empty policy and a mutability.
    fn of(deed: Deed) -> &'static [Self] {
        match deed {
            Deed::CreateRepository => &[Self::Repository, Self::Policy, Self::Mutability],
            Deed::DeleteRepository => &[Self::Repository],
            Deed::SetRepositoryPolicy
            | Deed::DeleteRepositoryPolicy
            | Deed::PutRegistryPolicy
            | Deed::DeleteRegistryPolicy => &[Self::Policy],
            Deed::PutImageTagMutability => &[Self::Mutability],
            Deed::BatchDeleteImage | Deed::PolicyExecutionEvent | Deed::UpdateImageStorageClass => {
                &[Self::Images]
            }
            Deed::PutReplicationConfiguration => &[Self::Replication],
            // These make no push fail.
            Deed::PutLifecyclePolicy
            | Deed::DeleteLifecyclePolicy
            | Deed::StartReplicationBackfill
            | Deed::ReplicateImage
            | Deed::BatchImportUpstreamImage
            | Deed::PutImageScanningConfiguration
            | Deed::PutRegistryScanningConfiguration
            | Deed::StartImageScan
            | Deed::PutSigningConfiguration
            | Deed::DeleteSigningConfiguration
            | Deed::PutAccountSetting
            | Deed::CreatePullThroughCacheRule
            | Deed::UpdatePullThroughCacheRule
            | Deed::DeletePullThroughCacheRule
            | Deed::CreateRepositoryCreationTemplate
            | Deed::UpdateRepositoryCreationTemplate
            | Deed::DeleteRepositoryCreationTemplate => &[],
        }
    }
}

/// A registry by account and region.
type Registry<'c> = (&'c str, &'c str);

/// The granted changes of a log, each list by time.
pub(super) struct Changes<'c> {
    log: &'c EventLog,
    of_repository: IdMap<(RepositoryId, Aspect), Vec<&'c ContextEvent>>,
    of_registry: IdMap<(Registry<'c>, Aspect), Vec<&'c ContextEvent>>,
    /// The calls that removed an image, by its digest.
    of_image: IdMap<(RepositoryId, DigestId), Vec<&'c ContextEvent>>,
}

impl<'c> Changes<'c> {
    /// # Complexity
    /// O(n log p) in the calls outside pushes and the `PutImage`s.
    pub(super) fn new(context: &Context<'c>, tags: &Tags) -> Self {
        let log = context.log;
        let mut changes = Self {
            log,
            of_repository: IdMap::default(),
            of_registry: IdMap::default(),
            of_image: IdMap::default(),
        };
        for event in log.context.iter().filter(|event| event.failure.is_none()) {
            // An image that returned from the archive is not missing.
            let kinds = Aspect::of(event.deed).iter();
            for &kind in kinds.filter(|_| !log.is_restored(event)) {
                changes.add(event, kind, tags);
            }
        }
        changes
    }

    fn add(&mut self, event: &'c ContextEvent, kind: Aspect, tags: &Tags) {
        let log = self.log;
        let Some(repository) = event.repository else {
            let registry = (log.text(event.recipient), log.text(event.region));
            let of_registry = self.of_registry.entry((registry, kind)).or_default();
            of_registry.push(event);
            return;
        };
        let of_kind = self.of_repository.entry((repository, kind)).or_default();
        of_kind.push(event);
        if kind == Aspect::Images {
            let end = log.events.partition_point(|other| other.time <= event.time);
            let end = EventId::from_index(end);
            let stood = event.tags.iter().filter_map(|&tag| {
                let put = tags.put_before(repository, tag, end)?;
                tagged(log, put).map(|(_, _, digest)| digest)
            });
            for digest in event
                .digests
                .iter()
                .chain(&event.archived)
                .copied()
                .chain(stood)
            {
                let of_image = self.of_image.entry((repository, digest)).or_default();
                of_image.push(event);
            }
        }
    }

    /// Who deleted the repository that a call did not find.
    pub(super) fn of_missing_repository(&self, id: EventId) -> Vec<String> {
        let last = self.latest(id, Aspect::Repository);
        let deleted = last.filter(|event| event.deed == Deed::DeleteRepository);
        deleted.map(|event| self.said(event)).into_iter().collect()
    }

    /// Who changed a policy before a call was denied, after its caller's last success.
    pub(super) fn of_denial(&self, id: EventId, since: Option<DateTime<Utc>>) -> Vec<String> {
        let by_registry = self.before(id, self.registry(id, Aspect::Policy));
        let mut changes: Vec<_> = self
            .before(id, self.repository(id, Aspect::Policy))
            .chain(by_registry)
            .filter(|event| since.is_none_or(|since| event.time >= since))
            .collect();
        changes.sort_by_key(|event| event.time);
        let nearest = changes.into_iter().rev().take(MOST);
        nearest.map(|event| self.said(event)).collect()
    }

    /// Who made tags immutable; if nobody is known to have put the tag, who set up replication.
    pub(super) fn of_immutable_tag(&self, id: EventId, is_held: bool) -> Vec<String> {
        let last = self.latest(id, Aspect::Mutability);
        let immutable = last.filter(|event| self.log.is_immutable(event) == Some(true));
        let replicated = self
            .before(id, self.registry(id, Aspect::Replication))
            .last();
        let replicated = replicated.filter(|_| !is_held);
        let told = immutable.into_iter().chain(replicated);
        told.map(|event| self.said(event)).collect()
    }

    /// Who made tags mutable between two puts of the same tag.
    pub(super) fn of_moved_tag(&self, from: EventId, to: EventId) -> Vec<String> {
        let from = self.log.event(from).time;
        let last = self.latest(to, Aspect::Mutability);
        let mutable = last.filter(|event| self.log.is_immutable(event) == Some(false));
        let mutable = mutable.filter(|event| event.time >= from);
        mutable.map(|event| self.said(event)).into_iter().collect()
    }

    /// Who removed images that a manifest lists or, if none of them is known, any images.
    pub(super) fn of_missing_content(&self, id: EventId) -> Vec<String> {
        let event = self.log.event(id);
        let put = event.action.put();
        let manifest = put.and_then(|put| put.manifest.known());
        let manifest = manifest.map(|&id| self.log.tables.manifests.get(id));
        let children = manifest.map_or(&[][..], |manifest| manifest.children());
        let mut gone: Vec<(&ContextEvent, DigestId)> = Vec::new();
        for child in children {
            let of_image = event.repository.map(|of| (of, child.digest));
            let of_image = of_image.and_then(|of| self.of_image.get(&of));
            let last = self.before(id, of_image).last();
            gone.extend(last.map(|event| (event, child.digest)));
        }
        gone.sort_by_key(|(event, _)| event.time);
        if gone.is_empty() {
            let last = self.latest(id, Aspect::Images);
            return last.map(|event| self.said(event)).into_iter().collect();
        }
        let nearest = gone.into_iter().rev().take(MOST);
        let said = |(event, digest)| self.said_of(event, &short_digest(self.log, digest));
        nearest.map(said).collect()
    }

    fn repository(&self, id: EventId, kind: Aspect) -> Option<&Vec<&'c ContextEvent>> {
        let repository = self.log.event(id).repository?;
        self.of_repository.get(&(repository, kind))
    }

    fn registry(&self, id: EventId, kind: Aspect) -> Option<&Vec<&'c ContextEvent>> {
        let repository = self.log.event(id).repository?;
        let repository: &Repository = self.log.tables.repositories.get(repository);
        let key = ((&*repository.registry, &*repository.region), kind);
        self.of_registry.get(&key)
    }

    /// Those changes that came before an event, or in its second.
    fn before<'s>(
        &'s self,
        id: EventId,
        changes: Option<&'s Vec<&'c ContextEvent>>,
    ) -> impl DoubleEndedIterator<Item = &'c ContextEvent> + 's {
        let time = self.log.event(id).time;
        let changes = changes.map_or(&[][..], |changes| changes);
        let end = changes.partition_point(|change| change.time <= time);
        // Only the nearest can be mentioned.
        changes[end.saturating_sub(MOST)..end].iter().copied()
    }

    fn latest(&self, id: EventId, kind: Aspect) -> Option<&'c ContextEvent> {
        self.before(id, self.repository(id, kind)).last()
    }

    /// One change in words.
    fn said(&self, event: &ContextEvent) -> String {
        self.said_of(event, "images of it")
    }

    /// One change in words, with a name for the images concerned.
    fn said_of(&self, event: &ContextEvent, images: &str) -> String {
        let log = self.log;
        let did = match event.deed == Deed::PutImageTagMutability {
            true => {
                let kind = match log.is_immutable(event) {
                    Some(true) => "immutable",
                    Some(false) | None => "mutable",
                };
                let except = words::except(log, event);
                format!("made the repository's tags {kind}{except}")
            }
            false => {
                let doing = words::doing(log, event, images);
                format!("{} {}", doing.done, doing.what)
            }
        };
        let who = match event.deed == Deed::PolicyExecutionEvent {
            true => "the repository's lifecycle policy".to_owned(),
            false => words::doer(log, event),
        };
        format!("{who} {did} at {}", words::time(event.time))
    }
}
