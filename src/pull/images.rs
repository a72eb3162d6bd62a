//! What the images of the log are made of, for naming an image by its layers.
//!
//! Comes in: accepted `PutImage` calls. Goes out: the manifest of a digest, and the only image of a repository that
//! has a layer. Never: an image by a layer that another one has too.

use crate::event::{DigestId, EventLog, IdMap, Manifest, ManifestId, RepositoryId};

/// The images of a log.
pub(super) struct ImageParts<'a> {
    log: &'a EventLog,
    manifests: IdMap<DigestId, ManifestId>,
    /// The image that a blob is in; `None` if there are several.
    only: IdMap<(RepositoryId, DigestId), Option<DigestId>>,
    /// The index that lists an image; `None` if there are several.
    index_of: IdMap<(RepositoryId, DigestId), Option<DigestId>>,
}

impl<'a> ImageParts<'a> {
    /// # Complexity
    /// O(b) for b blobs that accepted manifests list.
    pub(super) fn new(log: &'a EventLog) -> Self {
        let mut images = Self {
            log,
            manifests: IdMap::default(),
            only: IdMap::default(),
            index_of: IdMap::default(),
        };
        for event in log.events.iter().filter(|event| log.is_benign(event)) {
            let Some(put) = event.action.put() else {
                continue;
            };
            let content = put.manifest.known().copied();
            let (Some(repository), Some(digest), Some(content)) =
                (event.repository, put.digest.best(), content)
            else {
                continue;
            };
            images.manifests.insert(digest, content);
            let manifest = log.tables.manifests.get(content);
            let note = |map: &mut IdMap<_, _>, part| {
                let of = map.entry((repository, part)).or_insert(Some(digest));
                if *of != Some(digest) {
                    *of = None;
                }
            };
            for blob in manifest.blobs() {
                note(&mut images.only, blob.digest);
            }
            for child in manifest.children() {
                note(&mut images.index_of, child.digest);
            }
        }
        images
    }

    /// The content of an image, if the log has it.
    pub(super) fn manifest(&self, digest: DigestId) -> Option<&'a Manifest> {
        let id = self.manifests.get(&digest)?;
        Some(self.log.tables.manifests.get(*id))
    }

    /// The only image in a repository that has a blob.
    pub(super) fn only_with(&self, repository: RepositoryId, blob: DigestId) -> Option<DigestId> {
        self.only.get(&(repository, blob)).copied().flatten()
    }

    /// The only index in a repository that lists an image.
    pub(super) fn only_index_of(&self, repository: RepositoryId, of: DigestId) -> Option<DigestId> {
        self.index_of.get(&(repository, of)).copied().flatten()
    }

    /// Whether an index lists an image.
    pub(super) fn is_child(&self, index: DigestId, child: DigestId) -> bool {
        let manifest = self.manifest(index);
        manifest.is_some_and(|manifest| {
            let mut children = manifest.children().iter();
            children.any(|one| one.digest == child)
        })
    }

    /// Whether an image has a blob, by itself or in one of an index's images; `None` if the log does not have its content.
    pub(super) fn has(&self, image: DigestId, blob: DigestId) -> Option<bool> {
        let manifest = self.manifest(image)?;
        let lists = |manifest: &Manifest| manifest.blobs().any(|one| one.digest == blob);
        if manifest.children().is_empty() {
            return Some(lists(manifest));
        }
        let children = manifest.children().iter();
        let known: Vec<_> = children
            .map(|child| self.manifest(child.digest).map(lists))
            .collect();
        match known.contains(&Some(true)) {
            true => Some(true),
            false => (!known.contains(&None)).then_some(false),
        }
    }
}
