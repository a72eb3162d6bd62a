//! What a push consists of: its root, its manifests, its layers.
//!
//! Comes in: a session. Goes out: the rows of what it put, uploaded and found in place, each with
//! its size if a manifest or the received bytes give it. Never: a guessed size.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::event::{
    Action, BlobKind, Bytes, Descriptor, Digest, DigestId, EventLog, IdMap, IdSet, Manifest,
    ManifestId, ManifestKind, TextId, nature,
};
use crate::report::parts::{self, Report};
use crate::report::row::{
    ImageRow, LayerRow, LayerState, ManifestRow, ManifestState, ShownBy, Text,
};
use crate::session::{
    LayerUpload, ManifestPut, PutState, Reused, ReusedManifest, Session, UploadState,
};
use crate::words;

/// What the manifests of a push say about a blob.
#[derive(Debug, Default)]
struct Listing {
    size: Option<Bytes>,
    is_config: bool,
    of: Vec<DigestId>,
}

/// What the indexes of a push say about a manifest.
#[derive(Debug)]
struct Child {
    descriptor: Descriptor,
    of: Vec<DigestId>,
}

/// What the manifests of one push list.
#[derive(Debug)]
pub(super) struct Contents<'r, 'a> {
    report: &'r Report<'a>,
    session: &'a Session,
    blobs: IdMap<DigestId, Listing>,
    children: IdMap<DigestId, Child>,
}

impl<'r, 'a> Contents<'r, 'a> {
    /// Gathers what the manifests of a push list.
    pub(super) fn of(report: &'r Report<'a>, session: &'a Session) -> Self {
        let n_blobs = session.uploads.len() + session.reused.len();
        let mut content = Self {
            report,
            session,
            blobs: IdMap::with_capacity_and_hasher(n_blobs, Default::default()),
            children: IdMap::default(),
        };
        for put in &session.manifests {
            if let Some(manifest) = put.manifest {
                content.add(put.digest, content.manifest(manifest));
            }
        }
        content
    }

    fn log(&self) -> &'a EventLog {
        self.report.parts.log
    }

    fn manifest(&self, id: ManifestId) -> &'a Manifest {
        self.log().tables.manifests.get(id)
    }

    fn add(&mut self, digest: Option<DigestId>, manifest: &Manifest) {
        for child in manifest.children() {
            let listed = self.children.entry(child.digest).or_insert(Child {
                descriptor: *child,
                of: Vec::new(),
            });
            listed.descriptor = *child;
            add_once(&mut listed.of, digest);
        }
        let config = config_of(manifest);
        for blob in manifest.blobs() {
            let listing = self.blobs.entry(blob.digest).or_default();
            listing.size = listing.size.or(blob.size);
            listing.is_config |= config == Some(blob.digest);
            add_once(&mut listing.of, digest);
        }
    }

    /// The layers and configs: uploads first, by their first event, then blobs that were there
    /// already.
    pub(super) fn layers(&self) -> Vec<LayerRow<'a>> {
        let uploads = self.session.uploads.iter();
        let reused = self.session.reused.iter();
        let checked = checked(self.report, self.session);
        uploads
            .map(|upload| self.upload_row(upload))
            .chain(reused.map(|reused| self.reused_row(reused, &checked)))
            .collect()
    }

    /// The bytes of completed uploads, each blob counted once.
    pub(super) fn uploaded_bytes(&self) -> Bytes {
        let sizes = self
            .brought()
            .filter_map(|upload| self.upload_bytes(upload));
        sizes.sum()
    }

    /// The first completed upload of each blob.
    fn brought(&self) -> impl Iterator<Item = &'a LayerUpload> + use<'a> {
        let uploads = self.session.uploads.iter();
        let complete = uploads.filter(|upload| upload.state == UploadState::Complete);
        let mut seen: IdSet<DigestId> = IdSet::default();
        complete.filter(move |upload| upload.digest.is_none_or(|digest| seen.insert(digest)))
    }

    /// The bytes of blobs that were there already.
    pub(super) fn reused_bytes(&self) -> Bytes {
        let sizes = self.session.reused.iter();
        let sizes = sizes.filter_map(|reused| self.reused_blob_bytes(reused));
        sizes.sum()
    }

    /// The size by a manifest, or else by the bytes received.
    fn upload_bytes(&self, upload: &LayerUpload) -> Option<Bytes> {
        let listing = upload.digest.and_then(|digest| self.blobs.get(&digest));
        let received = (upload.received_bytes > Bytes(0)).then_some(upload.received_bytes);
        listing.and_then(|listing| listing.size).or(received)
    }

    fn reused_blob_bytes(&self, reused: &Reused) -> Option<Bytes> {
        let listed = || self.blobs.get(&reused.digest)?.size;
        reused.size.or_else(listed)
    }

    fn upload_row(&self, upload: &LayerUpload) -> LayerRow<'a> {
        let tables = &self.log().tables;
        let listing = upload.digest.and_then(|digest| self.blobs.get(&digest));
        LayerRow {
            digest: upload.digest.map(|digest| self.digest_text(digest)),
            kind: listing.map(blob_kind),
            size_bytes: self.upload_bytes(upload),
            state: match upload.state {
                UploadState::Complete => LayerState::Uploaded,
                UploadState::AlreadyExists => LayerState::AlreadyExists,
                UploadState::Unfinished => LayerState::Unfinished,
                UploadState::Refused => LayerState::Refused,
            },
            upload_id: upload
                .upload
                .map(|upload| tables.uploads.get(upload).text(&tables.texts)),
            first: Some(words::time(upload.first)),
            last: Some(words::time(upload.last)),
            of: self.texts(listing.map(|listing| &listing.of)),
            uploaded_by: None,
            shown_by: None,
            holes: upload
                .holes
                .iter()
                .map(|hole| (hole.first, hole.last))
                .collect(),
            parts: upload.parts.len() as u64,
            received_bytes: upload.received_bytes,
        }
    }

    /// The row of a blob that was there; `checked` holds the digests that the push's own checks ask
    /// for.
    fn reused_row(&self, reused: &Reused, checked: &IdSet<DigestId>) -> LayerRow<'a> {
        let listing = self.blobs.get(&reused.digest);
        LayerRow {
            digest: Some(self.digest_text(reused.digest)),
            kind: listing.map(blob_kind),
            size_bytes: self.reused_blob_bytes(reused),
            state: LayerState::Reused,
            upload_id: None,
            first: None,
            last: None,
            of: self.texts(listing.map(|listing| &listing.of)),
            uploaded_by: reused
                .uploaded_by
                .map(|position| self.report.session_id(position)),
            shown_by: match reused.uploaded_by {
                Some(_) => Some(ShownBy::Upload),
                None => checked.contains(&reused.digest).then_some(ShownBy::Check),
            },
            holes: Vec::new(),
            parts: 0,
            received_bytes: Bytes(0),
        }
    }

    fn texts(&self, digests: Option<&Vec<DigestId>>) -> Vec<String> {
        let digests = digests.into_iter().flatten();
        digests.map(|&digest| self.digest_text(digest)).collect()
    }

    /// Bytes of completed uploads that no accepted manifest in the log lists.
    ///
    /// `None` if CloudTrail left out a manifest of the push, since it may list them.
    pub(super) fn orphaned_bytes(&self) -> Bytes {
        let puts = &self.session.manifests;
        let Some(repository) = self.session.repository else {
            return Bytes(0);
        };
        if puts.iter().any(|put| put.state == PutState::Omitted) {
            return Bytes(0);
        }
        let Report { index, parts, .. } = self.report;
        let is_orphan = |upload: &&LayerUpload| {
            !upload
                .digest
                .is_some_and(|digest| index.is_listed(parts, repository, digest))
        };
        let orphans = self.brought().filter(is_orphan);
        orphans.filter_map(|upload| self.upload_bytes(upload)).sum()
    }

    /// The manifests: those put, in order, then those that an index lists and other pushes put.
    pub(super) fn manifests(&self) -> Vec<ManifestRow<'a>> {
        let put = self.session.manifests.iter();
        let reused = self.session.reused_manifests.iter();
        put.map(|put| self.put_row(put))
            .chain(reused.map(|reused| self.reused_manifest_row(reused)))
            .collect()
    }

    fn put_row(&self, put: &ManifestPut) -> ManifestRow<'a> {
        let manifest = put.manifest.map(|id| self.manifest(id));
        let child = put.digest.and_then(|digest| self.children.get(&digest));
        ManifestRow {
            digest: put.digest.map(|digest| self.digest_text(digest)),
            kind: manifest.map(Manifest::kind),
            what: self.what(put),
            artifact_type: self.text(manifest.and_then(Manifest::artifact_type)),
            media_type: self.media_type(put),
            tags: self.tags(put),
            refused_tags: self.texts_of(put.refused.iter().map(|refused| refused.tag)),
            platform: self.text(child.and_then(|child| child.descriptor.platform)),
            of: self.texts(child.map(|child| &child.of)),
            subject: manifest
                .and_then(Manifest::subject)
                .map(|subject| self.digest_text(subject.digest)),
            root: put.root,
            size_bytes: self.size_of(put),
            state: match put.state {
                PutState::Put => ManifestState::Put,
                PutState::Refused => ManifestState::Refused,
                PutState::Omitted => ManifestState::Omitted,
            },
            event_id: Some(parts::id_text(self.log(), put.event)),
            put_by: None,
        }
    }

    fn reused_manifest_row(&self, reused: &ReusedManifest) -> ManifestRow<'a> {
        let child = self.children.get(&reused.digest);
        let put = self.put_of(reused);
        let manifest = put.and_then(|put| put.manifest).map(|id| self.manifest(id));
        ManifestRow {
            digest: Some(self.digest_text(reused.digest)),
            kind: manifest.map(Manifest::kind),
            what: put.and_then(|put| self.what(put)),
            artifact_type: self.text(manifest.and_then(Manifest::artifact_type)),
            media_type: self
                .text(child.and_then(|child| child.descriptor.media_type))
                .or_else(|| put.and_then(|put| self.media_type(put))),
            tags: Vec::new(),
            refused_tags: Vec::new(),
            platform: self.text(child.and_then(|child| child.descriptor.platform)),
            of: self.texts(child.map(|child| &child.of)),
            subject: None,
            root: false,
            size_bytes: manifest.and_then(|manifest| sum_of_blobs([manifest])),
            state: ManifestState::Reused,
            event_id: None,
            put_by: reused
                .put_by
                .map(|position| self.report.session_id(position)),
        }
    }

    /// The manifest that the other push put under the digest of a reused manifest.
    fn put_of(&self, reused: &ReusedManifest) -> Option<&'a ManifestPut> {
        let sessions = &self.report.parts.sessions.sessions;
        let other = sessions.get(reused.put_by?)?;
        let mut puts = other.manifests.iter();
        puts.find(|put| put.digest == Some(reused.digest))
    }

    /// The root, if it was accepted.
    pub(super) fn image(&self) -> Option<ImageRow<'a>> {
        let root = self.session.root()?;
        let manifest = root.manifest.map(|id| self.manifest(id));
        Some(ImageRow {
            digest: root.digest.map(|digest| self.digest_text(digest)),
            tags: self.tags(root),
            kind: manifest.map(Manifest::kind),
            what: self.what(root),
            artifact_type: self.text(manifest.and_then(Manifest::artifact_type)),
            media_type: self.media_type(root),
            size_bytes: self.size_of(root),
        })
    }

    /// What a manifest makes, in words, and which other image that belongs to.
    pub(super) fn what(&self, put: &ManifestPut) -> Option<String> {
        let manifest = self.manifest(put.manifest?);
        let refused = put.refused.iter().map(|refused| refused.tag);
        let tags = put.tags.iter().copied().chain(refused);
        let Made { what, subject } = made(self.log(), manifest, tags);
        let own = manifest.subject().map(|subject| subject.digest);
        let of = own.or_else(|| self.attested_by(put.digest?));
        let text = of.map(|of| self.digest_text(of));
        let text = text.or_else(|| subject.map(|digest| digest.to_string()));
        let Some(text) = text else { return Some(what) };
        let platform = of.and_then(|of| self.children.get(&of)?.descriptor.platform);
        let platform = platform.map(|platform| format!(" ({})", self.log().text(platform)));
        Some(format!("{what} of {text}{}", platform.unwrap_or_default()))
    }

    /// The image that an attestation describes, by an index of the push that lists both.
    fn attested_by(&self, by: DigestId) -> Option<DigestId> {
        let manifests = self.session.manifests.iter();
        let manifests = manifests.filter_map(|put| Some(self.manifest(put.manifest?)));
        let mut attested = manifests.flat_map(Manifest::attested);
        attested.find(|pair| pair.by == by).map(|pair| pair.of)
    }

    /// Config and layers of a manifest, or of all children of an index if all are known.
    fn size_of(&self, put: &ManifestPut) -> Option<Bytes> {
        let manifest = self.manifest(put.manifest?);
        match manifest.kind() {
            ManifestKind::Image | ManifestKind::Artifact => sum_of_blobs([manifest]),
            ManifestKind::Index => {
                let children = manifest.children().iter();
                let known: Option<Vec<_>> =
                    children.map(|child| self.child(child.digest)).collect();
                sum_of_blobs(known?)
            }
        }
    }

    fn child(&self, digest: DigestId) -> Option<&'a Manifest> {
        let mut puts = self.session.manifests.iter();
        let own = puts.find(|put| put.digest == Some(digest));
        let mut reused = self.session.reused_manifests.iter();
        let put = own.or_else(|| {
            let reused = reused.find(|reused| reused.digest == digest)?;
            self.put_of(reused)
        })?;
        put.manifest.map(|id| self.manifest(id))
    }

    fn media_type(&self, put: &ManifestPut) -> Option<Text<'a>> {
        let by_content = put.manifest.and_then(|id| self.manifest(id).media_type());
        let call = self.log().event(put.event).action.put();
        self.text(by_content.or(call.and_then(|call| call.media_type)))
    }

    fn tags(&self, put: &ManifestPut) -> Vec<Text<'a>> {
        self.texts_of(put.tags.iter().copied())
    }

    fn texts_of(&self, ids: impl Iterator<Item = TextId>) -> Vec<Text<'a>> {
        ids.map(|id| Cow::Borrowed(self.log().text(id))).collect()
    }

    fn text(&self, id: Option<TextId>) -> Option<Text<'a>> {
        id.map(|id| Cow::Borrowed(self.log().text(id)))
    }

    fn digest_text(&self, digest: DigestId) -> String {
        self.log().tables.digests.get(digest).to_string()
    }
}

/// What a manifest makes, in words, and the image that it says it belongs to.
pub(super) struct Made {
    /// The words.
    pub(super) what: String,
    /// Its subject, or the image that one of its tags is made of.
    pub(super) subject: Option<Digest>,
}

/// Says what a manifest makes by its types, its subject and its tags.
pub(super) fn made(
    log: &EventLog,
    manifest: &Manifest,
    tags: impl IntoIterator<Item = TextId>,
) -> Made {
    let mut tags = tags.into_iter();
    let derived = tags.find_map(|tag| nature::of_tag(log.text(tag)));
    let artifact_type = manifest.artifact_type().map(|id| log.text(id));
    let what = match (&derived, artifact_type) {
        (Some((what, _)), _) => (*what).to_owned(),
        (None, Some(artifact_type)) if manifest.what() == nature::ARTIFACT => {
            format!("artifact of type {artifact_type}")
        }
        (None, _) => manifest.what().to_owned(),
    };
    let subject = manifest.subject().map(|subject| subject.digest);
    let subject = subject.map(|id| log.tables.digests.get(id).clone());
    Made {
        what,
        subject: subject.or_else(|| derived.map(|(_, digest)| digest)),
    }
}

fn checked(report: &Report<'_>, session: &Session) -> IdSet<DigestId> {
    let actions = session.sequence.iter();
    let actions = actions.map(|&id| &report.parts.log.event(id).action);
    let digests = actions.filter_map(|action| {
        let Action::BatchCheckLayerAvailability { digests, .. } = action else {
            return None;
        };
        Some(digests)
    });
    digests
        .flat_map(|digests| digests.iter().copied())
        .collect()
}

fn add_once(digests: &mut Vec<DigestId>, digest: Option<DigestId>) {
    if let Some(digest) = digest
        && !digests.contains(&digest)
    {
        digests.push(digest);
    }
}

fn config_of(manifest: &Manifest) -> Option<DigestId> {
    match manifest {
        Manifest::Image { config, .. } => config.map(|config| config.digest),
        Manifest::Index { .. } => None,
    }
}

fn blob_kind(listing: &Listing) -> BlobKind {
    match listing.is_config {
        true => BlobKind::Config,
        false => BlobKind::Layer,
    }
}

/// The bytes of the distinct blobs of some manifests; `None` if one does not give its size.
fn sum_of_blobs<'m>(manifests: impl IntoIterator<Item = &'m Manifest>) -> Option<Bytes> {
    let mut sizes = BTreeMap::new();
    for manifest in manifests {
        for blob in manifest.blobs() {
            sizes.insert(blob.digest, blob.size?);
        }
    }
    Some(sizes.into_values().sum())
}
