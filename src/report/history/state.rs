//! What stands in a repository while its history is told.
//!
//! Comes in: granted calls, in order of time. Goes out: where each tag points, and which images are there. Never: a
//! place that the log does not show.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::event::log::ContextEvent;
use crate::event::{Deed, DigestId, EventId, EventLog, RepositoryId, TextId};

/// Where a tag points, or whether an image is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The log has not shown it yet.
    Unknown,
    /// It points to an image whose digest the log may not show.
    On(Option<DigestId>),
    /// It was removed, or the repository is new.
    Nowhere,
}

impl Place {
    /// The digest of the image, if it is known to be there.
    pub(super) fn digest(self) -> Option<DigestId> {
        match self {
            Self::On(digest) => digest,
            Self::Unknown | Self::Nowhere => None,
        }
    }
}

/// A tag, and since when it is where it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct TagAt {
    pub(super) place: Place,
    pub(super) since: DateTime<Utc>,
    /// The `PutImage` that put it there; `None` if another call did.
    pub(super) put: Option<EventId>,
}

/// What is known of some repositories.
#[derive(Debug, Default)]
pub(super) struct State {
    tags: BTreeMap<(RepositoryId, TextId), TagAt>,
    images: BTreeMap<(RepositoryId, DigestId), Place>,
    /// The tags that point to each image.
    pointing: BTreeMap<(RepositoryId, DigestId), BTreeSet<TextId>>,
    archived: BTreeSet<(RepositoryId, DigestId)>,
    /// Repositories that were made or deleted in the log; only what came since is in them.
    emptied: BTreeSet<RepositoryId>,
    deleted: BTreeSet<RepositoryId>,
}

impl State {
    /// Where a tag points.
    pub(super) fn tag(&self, repository: RepositoryId, tag: TextId) -> Place {
        let known = self.tags.get(&(repository, tag)).map(|at| at.place);
        known.unwrap_or_else(|| self.unseen(repository))
    }

    /// Whether an image is there.
    pub(super) fn image(&self, repository: RepositoryId, digest: DigestId) -> Place {
        let known = self.images.get(&(repository, digest)).copied();
        known.unwrap_or_else(|| self.unseen(repository))
    }

    fn unseen(&self, repository: RepositoryId) -> Place {
        match self.emptied.contains(&repository) {
            true => Place::Nowhere,
            false => Place::Unknown,
        }
    }

    /// Whether a repository was deleted and not made again.
    pub(super) fn is_deleted(&self, repository: RepositoryId) -> bool {
        self.deleted.contains(&repository)
    }

    /// Whether an image is in the archive.
    pub(super) fn is_archived(&self, repository: RepositoryId, digest: DigestId) -> bool {
        self.archived.contains(&(repository, digest))
    }

    /// The tags that point to an image.
    pub(super) fn standing(&self) -> impl Iterator<Item = (RepositoryId, TextId, TagAt)> + '_ {
        let tags = self
            .tags
            .iter()
            .map(|(&(repository, tag), at)| (repository, tag, *at));
        tags.filter(|(_, _, at)| matches!(at.place, Place::On(_)))
    }

    /// Takes in an accepted `PutImage`.
    pub(super) fn put(
        &mut self,
        repository: RepositoryId,
        (tag, digest): (Option<TextId>, Option<DigestId>),
        (time, put): (DateTime<Utc>, Option<EventId>),
    ) {
        // Whoever puts into it shows that it is there.
        self.deleted.remove(&repository);
        if let Some(digest) = digest {
            let image = (repository, digest);
            self.images.insert(image, Place::On(Some(digest)));
            self.archived.remove(&image);
        }
        let place = Place::On(digest);
        if let Some(tag) = tag.filter(|&tag| self.tag(repository, tag) != place) {
            let since = time;
            self.point(repository, tag, TagAt { place, since, put });
        }
    }

    /// Moves a tag.
    fn point(&mut self, repository: RepositoryId, tag: TextId, at: TagAt) {
        let old = self.tags.insert((repository, tag), at);
        let old = old.and_then(|old| self.pointing.get_mut(&(repository, old.place.digest()?)));
        if let Some(tags) = old {
            tags.remove(&tag);
        }
        if let Some(digest) = at.place.digest() {
            let tags = self.pointing.entry((repository, digest)).or_default();
            tags.insert(tag);
        }
    }

    /// Takes in a call outside pushes, if it was granted.
    pub(super) fn apply(&mut self, log: &EventLog, event: &ContextEvent) {
        let Some(repository) = event.repository.filter(|_| event.failure.is_none()) else {
            return;
        };
        match event.deed {
            Deed::BatchDeleteImage | Deed::PolicyExecutionEvent => self.remove(repository, event),
            Deed::UpdateImageStorageClass => {
                for digest in self.named(repository, event) {
                    match log.is_restored(event) {
                        true => self.archived.remove(&(repository, digest)),
                        false => self.archived.insert((repository, digest)),
                    };
                }
            }
            Deed::CreateRepository | Deed::DeleteRepository => {
                self.tags.retain(|(of, _), _| *of != repository);
                self.images.retain(|(of, _), _| *of != repository);
                self.pointing.retain(|(of, _), _| *of != repository);
                self.archived.retain(|(of, _)| *of != repository);
                self.emptied.insert(repository);
                match event.deed == Deed::DeleteRepository {
                    true => self.deleted.insert(repository),
                    false => self.deleted.remove(&repository),
                };
            }
            Deed::ReplicateImage | Deed::BatchImportUpstreamImage => {
                let digest = match &*event.digests {
                    [only] => Some(*only),
                    _ => None,
                };
                for &tag in &event.tags {
                    self.put(repository, (Some(tag), digest), (event.time, None));
                }
                for &digest in &event.digests {
                    self.put(repository, (None, Some(digest)), (event.time, None));
                }
            }
            Deed::PutImageTagMutability
            | Deed::PutLifecyclePolicy
            | Deed::DeleteLifecyclePolicy
            | Deed::SetRepositoryPolicy
            | Deed::DeleteRepositoryPolicy
            | Deed::PutRegistryPolicy
            | Deed::DeleteRegistryPolicy
            | Deed::PutReplicationConfiguration
            | Deed::StartReplicationBackfill
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
            | Deed::DeleteRepositoryCreationTemplate => {}
        }
    }

    /// The images that a call names, also by a tag.
    fn named(&self, repository: RepositoryId, event: &ContextEvent) -> Vec<DigestId> {
        let by_tag = event.tags.iter();
        let by_tag = by_tag.filter_map(|&tag| self.tag(repository, tag).digest());
        event.digests.iter().copied().chain(by_tag).collect()
    }

    /// Removes the images and tags that a call deleted, and archives what a lifecycle policy moved.
    fn remove(&mut self, repository: RepositoryId, event: &ContextEvent) {
        let gone = TagAt {
            place: Place::Nowhere,
            since: event.time,
            put: None,
        };
        let mut tags: Vec<TextId> = event.tags.to_vec();
        for &digest in &event.digests {
            self.images.insert((repository, digest), Place::Nowhere);
            tags.extend(
                self.pointing
                    .get(&(repository, digest))
                    .into_iter()
                    .flatten(),
            );
        }
        for tag in tags {
            self.point(repository, tag, gone);
        }
        let archived = event.archived.iter().map(|&digest| (repository, digest));
        self.archived.extend(archived);
    }
}
