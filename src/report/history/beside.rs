//! The calls outside pushes in a history.
//!
//! Comes in: a call, and what stood where it came. Goes out: its entry, if it is about what was asked for. Never: a
//! change of what stands, which the call makes afterwards.

use std::borrow::Cow;

use crate::event::log::{ContextEvent, Spared};
use crate::event::{Client, Deed, DigestId, FailureId, RepositoryId, TextId};
use crate::report::criterion::WantedTarget;
use crate::report::history::History;
use crate::report::row::{HistoryEntryRow, HistoryKind, Text};
use crate::words;

/// The most tags and digests of one call that are named.
const MOST_NAMED: usize = 6;

/// What a call is about.
enum Concern {
    /// Images that it names.
    Images,
    /// The repository, and with it all images.
    Repository,
    /// The repository or the registry, but no image.
    Setting,
}

/// The part of a call that concerns what was asked for.
#[derive(Default)]
struct Share {
    /// The images, in words.
    images: String,
    /// Why it was refused for them although it was granted.
    refusal: Option<FailureId>,
    /// What else the call did.
    more: String,
    /// Another verb, where a lifecycle policy moved the images into the archive.
    is_archived: bool,
}

impl<'a> History<'_, 'a> {
    /// The entry of a call outside pushes.
    pub(super) fn beside(&self, event: &'a ContextEvent) -> Option<HistoryEntryRow<'a>> {
        let (concern, kind) = shape(event);
        let is_repository = matches!(self.wanted.target(), WantedTarget::Repository);
        let share = match concern {
            Concern::Images if is_repository => self.share_of_repository(event)?,
            Concern::Images => self.share_of_image(event.repository?, event)?,
            Concern::Repository => Share::default(),
            Concern::Setting if is_repository => Share::default(),
            Concern::Setting => return None,
        };
        let doing = words::doing(self.log, event, &share.images);
        let refusal = event.failure.or(share.refusal);
        let kind = match (refusal, share.is_archived) {
            (Some(_), _) => HistoryKind::Refused,
            (None, true) => HistoryKind::Archived,
            (None, false) if self.log.is_restored(event) => HistoryKind::Restored,
            (None, false) => kind,
        };
        let code = refusal.map(|id| &*self.log.tables.failures.get(id).code);
        let message = match code {
            Some(code) => format!(
                "tried to {} {}, refused with {code}",
                doing.to_do, doing.what
            ),
            None if share.is_archived => format!("archived {}", doing.what),
            None => format!("{} {}{}", doing.done, doing.what, share.more),
        };
        let digests = event.digests.iter().chain(&event.archived);
        Some(HistoryEntryRow {
            time: words::time(event.time),
            event_id: event.event_id.text(&self.log.tables.texts),
            action: Cow::Borrowed(event.deed.name()),
            kind,
            session: None,
            status: None,
            group: None,
            who: words::doer(self.log, event),
            behind: None,
            source_ip: address(self.log.tables.clients.get(event.client)),
            tag: None,
            digest: None,
            from: None,
            tags: event.tags.iter().map(|&tag| self.text(tag)).collect(),
            digests: digests.map(|&digest| self.digest(digest)).collect(),
            error_code: code.map(Cow::Borrowed),
            message,
        })
    }

    /// What a call says of images, for a repository; `None` if it acted on none.
    fn share_of_repository(&self, event: &ContextEvent) -> Option<Share> {
        let is_copy = matches!(
            event.deed,
            Deed::ReplicateImage | Deed::BatchImportUpstreamImage
        );
        let named = match (&*event.tags, &*event.digests) {
            ([tag], [digest]) if is_copy => {
                Some(format!("{} as `{}`", self.short(*digest), self.text(*tag)))
            }
            (tags, digests) => self.images(event.repository, tags, digests),
        };
        let archived = self.images(event.repository, &[], &event.archived);
        let spared = self.spared(event);
        let unnamed = || "images that the log does not name".to_owned();
        match (named, archived, spared) {
            // A lifecycle policy runs every day, and mostly finds nothing.
            (None, None, None) if event.deed == Deed::PolicyExecutionEvent => None,
            (None, None, None) => Some(Share {
                images: unnamed(),
                ..Share::default()
            }),
            (None, None, Some((images, refusal))) => Some(Share {
                images,
                refusal: Some(refusal),
                ..Share::default()
            }),
            (None, Some(images), _) => Some(Share {
                images,
                is_archived: true,
                ..Share::default()
            }),
            (Some(images), archived, spared) => {
                let mut more = String::new();
                if let Some(archived) = archived {
                    more.push_str(&format!(" and archived {archived}"));
                }
                if let Some((spared, failure)) = spared {
                    let code = &self.log.tables.failures.get(failure).code;
                    more.push_str(&format!("; {spared} stayed, with {code}"));
                }
                Some(Share {
                    images,
                    more,
                    ..Share::default()
                })
            }
        }
    }

    /// Tags and digests in words, without digests on which one of the tags stands; `None` without any.
    fn images(
        &self,
        repository: Option<RepositoryId>,
        tags: &[TextId],
        digests: &[DigestId],
    ) -> Option<String> {
        let tagged: Vec<DigestId> = tags
            .iter()
            .filter_map(|&tag| self.state.tag(repository?, tag).digest())
            .collect();
        let tags = tags.iter().map(|&tag| format!("`{}`", self.log.text(tag)));
        let digests = digests.iter().filter(|digest| !tagged.contains(digest));
        let digests = digests.map(|&digest| self.short(digest));
        some(tags.chain(digests), |name| name)
    }

    /// The images for which a granted call failed, and why the first did.
    fn spared(&self, event: &ContextEvent) -> Option<(String, FailureId)> {
        let first = event.spared.first()?;
        let name = |one: &Spared| match (one.tag, one.digest) {
            (Some(tag), _) => format!("`{}`", self.log.text(tag)),
            (None, Some(digest)) => self.short(digest),
            (None, None) => "an image that the log does not name".to_owned(),
        };
        Some((some(event.spared.iter(), name)?, first.failure))
    }

    /// What a call says of the tag or image that was asked for; `None` if nothing.
    fn share_of_image(&self, repository: RepositoryId, event: &ContextEvent) -> Option<Share> {
        if let Some(images) = self.named(repository, &event.tags, &event.digests) {
            return Some(Share {
                images,
                ..Share::default()
            });
        }
        if let Some(images) = self.named(repository, &[], &event.archived) {
            return Some(Share {
                images,
                is_archived: true,
                ..Share::default()
            });
        }
        event.spared.iter().find_map(|spared| {
            let (tag, digest) = (spared.tag.as_slice(), spared.digest.as_slice());
            Some(Share {
                images: self.named(repository, tag, digest)?,
                refusal: Some(spared.failure),
                ..Share::default()
            })
        })
    }

    /// Which part of the requested image some tags and digests name; `None` if none.
    fn named(
        &self,
        repository: RepositoryId,
        tags: &[TextId],
        digests: &[DigestId],
    ) -> Option<String> {
        match self.wanted.target() {
            WantedTarget::Tag(tag) => {
                let tag = tag?;
                let stood_on = self.state.tag(repository, tag).digest();
                let by_digest = stood_on.filter(|digest| digests.contains(digest));
                match (tags.contains(&tag), by_digest) {
                    (true, _) => Some("the tag".to_owned()),
                    (false, Some(digest)) => {
                        Some(format!("{}, on which it stood", self.short(digest)))
                    }
                    (false, None) => None,
                }
            }
            WantedTarget::Digest(digest) => {
                let digest = digest?;
                let mut tags = tags.iter();
                let tag =
                    tags.find(|&&tag| self.state.tag(repository, tag).digest() == Some(digest));
                match (digests.contains(&digest), tag) {
                    (true, _) => Some("the image".to_owned()),
                    (false, Some(&tag)) => Some(format!("its tag `{}`", self.log.text(tag))),
                    (false, None) => None,
                }
            }
            WantedTarget::Repository => None,
        }
    }
}

/// The names of a few things, and how many more there are; `None` if there are none.
pub(super) fn some<T>(
    mut things: impl Iterator<Item = T>,
    name: impl Fn(T) -> String,
) -> Option<String> {
    let mut named: Vec<String> = things.by_ref().take(MOST_NAMED).map(name).collect();
    if let more @ 1.. = things.count() {
        named.push(format!("{} more", words::number(more as u64)));
    }
    (!named.is_empty()).then(|| words::list(&named))
}

/// What a call is about, and the kind of its entry if it was granted.
fn shape(event: &ContextEvent) -> (Concern, HistoryKind) {
    match event.deed {
        Deed::BatchDeleteImage => (Concern::Images, HistoryKind::Deleted),
        Deed::PolicyExecutionEvent => (Concern::Images, HistoryKind::Expired),
        Deed::UpdateImageStorageClass => (Concern::Images, HistoryKind::Archived),
        Deed::StartImageScan => (Concern::Images, HistoryKind::Scanning),
        Deed::ReplicateImage | Deed::BatchImportUpstreamImage => {
            (Concern::Images, HistoryKind::Replication)
        }
        Deed::CreateRepository
        | Deed::DeleteRepository
        | Deed::PutImageTagMutability
        | Deed::PutLifecyclePolicy
        | Deed::DeleteLifecyclePolicy => (Concern::Repository, HistoryKind::Repository),
        Deed::SetRepositoryPolicy
        | Deed::DeleteRepositoryPolicy
        | Deed::PutRegistryPolicy
        | Deed::DeleteRegistryPolicy => (Concern::Setting, HistoryKind::Policy),
        Deed::PutReplicationConfiguration | Deed::StartReplicationBackfill => {
            (Concern::Setting, HistoryKind::Replication)
        }
        Deed::PutImageScanningConfiguration | Deed::PutRegistryScanningConfiguration => {
            (Concern::Setting, HistoryKind::Scanning)
        }
        Deed::PutSigningConfiguration | Deed::DeleteSigningConfiguration => {
            (Concern::Setting, HistoryKind::Signing)
        }
        Deed::PutAccountSetting
        | Deed::CreatePullThroughCacheRule
        | Deed::UpdatePullThroughCacheRule
        | Deed::DeletePullThroughCacheRule
        | Deed::CreateRepositoryCreationTemplate
        | Deed::UpdateRepositoryCreationTemplate
        | Deed::DeleteRepositoryCreationTemplate => (Concern::Setting, HistoryKind::Registry),
    }
}

fn address(client: &Client) -> Option<Text<'_>> {
    let address = client.source_ip.as_deref().filter(|_| client.is_direct());
    address.map(Cow::Borrowed)
}
