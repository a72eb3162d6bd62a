//! Where tags stood, and which images were there, at any time.
//!
//! Comes in: every accepted call that moves a tag or removes an image. Goes out: the digest that a tag stood on at an
//! instant, and what removed it. Never: a digest from before a hole in the log, or one of two within one second.

use chrono::{DateTime, Utc};

use crate::event::log::ContextEvent;
use crate::event::{Deed, DigestId, EventId, EventLog, Id, IdMap, IdSet, RepositoryId, TextId};
use crate::ingest::Coverage;
use crate::ingest::coverage::Covered;

/// What a tag stood on at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagStand {
    /// The log does not show it.
    Unknown,
    /// On this image.
    On(DigestId),
    /// On nothing.
    Nowhere(Gone),
}

/// What took an image or a tag away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone {
    /// When.
    pub at: DateTime<Utc>,
    /// By what.
    pub by: GoneBy,
}

/// What took an image or a tag away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoneBy {
    /// `BatchDeleteImage`, as an index into the calls outside pushes.
    Deleted(usize),
    /// A lifecycle policy, likewise.
    Expired(usize),
    /// The repository was deleted, likewise.
    RepositoryDeleted(usize),
    /// The image was moved into the archive, likewise.
    Archived(usize),
    /// Another image was put under its tag.
    Replaced(EventId),
}

/// Where something is from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StoodOn {
    On(Option<DigestId>),
    Gone(GoneBy),
    /// The repository is new.
    Empty,
}

/// What is known of a tag or an image, in order of time.
type TagChanges = Vec<(DateTime<Utc>, StoodOn)>;

/// A stretch of time in which a tag stood on an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagStretch {
    /// The tag.
    pub tag: TextId,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when; `None` if it stands there at the end of the log.
    pub until: Option<DateTime<Utc>>,
    /// What ended it, if the log shows it.
    pub by: Option<GoneBy>,
}

/// Where tags stood.
#[derive(Clone, Debug, Default)]
pub struct TagHistory {
    tags: IdMap<(RepositoryId, TextId), TagChanges>,
    images: IdMap<(RepositoryId, DigestId), TagChanges>,
    /// The tags that ever stood on an image.
    tags_of: IdMap<(RepositoryId, DigestId), Vec<TextId>>,
    /// Which tags are among these.
    seen: IdSet<(RepositoryId, DigestId, TextId)>,
    /// When repositories were made or deleted.
    emptied: IdMap<RepositoryId, TagChanges>,
    /// What the log covers of a repository's account and region.
    holes: IdMap<RepositoryId, Covered>,
}

/// An accepted call, by time.
enum TagCall {
    Put(EventId),
    Beside(usize),
}

impl TagHistory {
    /// # Complexity
    /// O(n log n) in the accepted calls.
    pub(super) fn new(log: &EventLog, coverage: &Coverage) -> Self {
        let mut history = Self::default();
        let puts = log.iter().filter(|(_, event)| {
            event.action.put().is_some() && event.succeeded() && event.repository.is_some()
        });
        let puts = puts.map(|(id, event)| (event.time, 1, TagCall::Put(id)));
        let beside = log.context.iter().enumerate();
        let beside = beside.filter(|(_, event)| event.failure.is_none());
        let beside = beside.map(|(place, event)| {
            let stage = match event.deed == Deed::CreateRepository {
                true => 0,
                false => 2,
            };
            (event.time, stage, TagCall::Beside(place))
        });
        let mut calls: Vec<_> = puts.chain(beside).collect();
        // Stable: calls of one second and stage stay in canonical order.
        calls.sort_by_key(|(time, stage, _)| (*time, *stage));
        for (time, _, call) in calls {
            match call {
                TagCall::Put(id) => {
                    let event = log.event(id);
                    if let (Some(repository), Some(put)) = (event.repository, event.action.put()) {
                        history.put(repository, (put.tag, put.digest.best()), time);
                    }
                }
                TagCall::Beside(place) => history.apply(&log.context[place], place, log),
            }
        }
        for (id, repository) in log.tables.repositories.iter() {
            let span = coverage.span(&repository.registry, &repository.region);
            if let Some(span) = span.filter(|span| !span.holes.is_empty()) {
                history.holes.insert(id, span.clone());
            }
        }
        history
    }

    fn put(
        &mut self,
        repository: RepositoryId,
        (tag, digest): (Option<TextId>, Option<DigestId>),
        time: DateTime<Utc>,
    ) {
        let standing = StoodOn::On(digest);
        if let Some(digest) = digest {
            let changes = self.images.entry((repository, digest)).or_default();
            changes.push((time, standing));
        }
        if let Some(tag) = tag {
            let changes = self.tags.entry((repository, tag)).or_default();
            if changes.last().is_none_or(|(_, last)| *last != standing) {
                changes.push((time, standing));
            }
            if let Some(digest) = digest
                && self.seen.insert((repository, digest, tag))
            {
                let tags = self.tags_of.entry((repository, digest)).or_default();
                tags.push(tag);
            }
        }
    }

    fn apply(&mut self, event: &ContextEvent, place: usize, log: &EventLog) {
        let Some(repository) = event.repository else {
            return;
        };
        if matches!(event.deed, Deed::CreateRepository | Deed::DeleteRepository) {
            let standing = match event.deed == Deed::DeleteRepository {
                true => StoodOn::Gone(GoneBy::RepositoryDeleted(place)),
                false => StoodOn::Empty,
            };
            let changes = self.emptied.entry(repository).or_default();
            changes.push((event.time, standing));
        } else if event.deed == Deed::UpdateImageStorageClass {
            for &digest in &event.digests {
                let standing = match log.is_restored(event) {
                    true => StoodOn::On(Some(digest)),
                    false => StoodOn::Gone(GoneBy::Archived(place)),
                };
                let changes = self.images.entry((repository, digest)).or_default();
                changes.push((event.time, standing));
            }
        } else if matches!(
            event.deed,
            Deed::ReplicateImage | Deed::BatchImportUpstreamImage
        ) {
            let digest = match &*event.digests {
                [only] => Some(*only),
                _ => None,
            };
            for &tag in &event.tags {
                self.put(repository, (Some(tag), digest), event.time);
            }
            for &digest in &event.digests {
                self.put(repository, (None, Some(digest)), event.time);
            }
        } else if event.deed == Deed::BatchDeleteImage {
            self.remove(repository, event, GoneBy::Deleted(place));
        } else if event.deed == Deed::PolicyExecutionEvent {
            self.remove(repository, event, GoneBy::Expired(place));
            for &digest in &event.archived {
                let changes = self.images.entry((repository, digest)).or_default();
                changes.push((event.time, StoodOn::Gone(GoneBy::Archived(place))));
            }
        }
    }

    /// Removes the images and tags that a call names.
    fn remove(&mut self, repository: RepositoryId, event: &ContextEvent, by: GoneBy) {
        let standing = StoodOn::Gone(by);
        let mut tags: Vec<TextId> = event.tags.to_vec();
        for &digest in &event.digests {
            let changes = self.images.entry((repository, digest)).or_default();
            changes.push((event.time, standing));
            let of = self.tags_of.get(&(repository, digest));
            tags.extend(of.into_iter().flatten().copied().filter(|&tag| {
                let last = self.tags.get(&(repository, tag)).and_then(|all| all.last());
                last.is_some_and(|(_, last)| *last == StoodOn::On(Some(digest)))
            }));
        }
        for tag in tags {
            let changes = self.tags.entry((repository, tag)).or_default();
            changes.push((event.time, standing));
        }
    }

    /// What a tag stood on at an instant. A tag that moved in that second is unknown, since either may have come first;
    /// so is one whose last move is before a hole.
    #[must_use]
    pub fn tag_at(&self, repository: RepositoryId, tag: TextId, at: DateTime<Utc>) -> TagStand {
        let changes = self.tags.get(&(repository, tag)).map_or(&[][..], |all| all);
        self.last(repository, changes, at)
    }

    /// Whether an image was there at an instant, by the same rules.
    #[must_use]
    pub fn image_at(
        &self,
        repository: RepositoryId,
        digest: DigestId,
        at: DateTime<Utc>,
    ) -> TagStand {
        let changes = self.images.get(&(repository, digest));
        self.last(repository, changes.map_or(&[][..], |all| all), at)
    }

    fn last(
        &self,
        repository: RepositoryId,
        changes: &[(DateTime<Utc>, StoodOn)],
        at: DateTime<Utc>,
    ) -> TagStand {
        let emptied = self.emptied.get(&repository).map_or(&[][..], |all| all);
        let last_of = |all: &[(DateTime<Utc>, StoodOn)]| {
            let n = all.partition_point(|(time, _)| *time <= at);
            n.checked_sub(1).and_then(|last| all.get(last).copied())
        };
        let (own, whole) = (last_of(changes), last_of(emptied));
        let last = match (own, whole) {
            (Some(own), Some(whole)) if whole.0 > own.0 => Some(whole),
            (own, whole) => own.or(whole),
        };
        let Some((since, standing)) = last else {
            return TagStand::Unknown;
        };
        let is_lost = self.holes.get(&repository).is_some_and(|span| {
            let mut holes = span.holes.iter().map(|hole| hole.interval);
            holes.any(|hole| hole.from <= at && hole.to >= since)
        });
        if since == at || is_lost {
            return TagStand::Unknown;
        }
        match standing {
            StoodOn::On(Some(digest)) => TagStand::On(digest),
            StoodOn::Gone(by) => TagStand::Nowhere(Gone { at: since, by }),
            StoodOn::On(None) | StoodOn::Empty => TagStand::Unknown,
        }
    }

    /// Why no tag stands on an image at an instant any more, though one did: the latest thing that took one away.
    #[must_use]
    pub fn left_by_tags(
        &self,
        log: &EventLog,
        (repository, digest): (RepositoryId, DigestId),
        at: DateTime<Utc>,
    ) -> Option<Gone> {
        let mut latest: Option<Gone> = None;
        for stretch in self.stood_on(log, repository, digest) {
            if stretch.from > at {
                continue;
            }
            let ended = stretch.until.zip(stretch.by);
            let (until, by) = ended.filter(|(until, _)| *until < at)?;
            if latest.is_none_or(|gone| gone.at < until) {
                latest = Some(Gone { at: until, by });
            }
        }
        latest
    }

    /// Each stretch of time for which a tag stood on an image: the tag, from when, until when, and what ended it.
    pub fn stood_on(
        &self,
        log: &EventLog,
        repository: RepositoryId,
        digest: DigestId,
    ) -> Vec<TagStretch> {
        let mut stretches = Vec::new();
        let tags = self.tags_of.get(&(repository, digest));
        for &tag in tags.into_iter().flatten() {
            let Some(changes) = self.tags.get(&(repository, tag)) else {
                continue;
            };
            for (place, (since, standing)) in changes.iter().enumerate() {
                if *standing != StoodOn::On(Some(digest)) {
                    continue;
                }
                let next = changes.get(place + 1);
                let by = next.and_then(|(time, standing)| match standing {
                    StoodOn::On(_) => mover(log, repository, tag, *time).map(GoneBy::Replaced),
                    StoodOn::Gone(by) => Some(*by),
                    StoodOn::Empty => None,
                });
                stretches.push(TagStretch {
                    tag,
                    from: *since,
                    until: next.map(|(time, _)| *time),
                    by,
                });
            }
        }
        stretches.sort_by(|a, b| (a.from, log.text(a.tag)).cmp(&(b.from, log.text(b.tag))));
        stretches
    }
}

/// The put that moved a tag at an instant.
fn mover(
    log: &EventLog,
    repository: RepositoryId,
    tag: TextId,
    at: DateTime<Utc>,
) -> Option<EventId> {
    let from = log.events.partition_point(|event| event.time < at);
    let of_second = log.events.iter().enumerate().skip(from);
    let mut of_second = of_second.take_while(|(_, event)| event.time == at);
    let found = of_second.find(|(_, event)| {
        event.repository == Some(repository) && event.action.tag() == Some(tag) && event.succeeded()
    });
    found.map(|(place, _)| EventId::from_index(place))
}
