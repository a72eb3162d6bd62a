//! Moves events from the tables of one reader into those of the whole log.
//!
//! Comes in: an event with the tables it was read into. Goes out: the event with ids of the target's tables. Never: a
//! change to the value behind an id.
//!
//! Each reader numbers values as it meets them, so a text has a different id in every reader. Events are moved in
//! canonical order, one by one, so that the ids of the log follow from its content and not from which thread read
//! what.

use crate::event::assume::Assumption;
use crate::event::intern::Table;
use crate::event::log::ContextEvent;
use crate::event::read::{Fetch, FetchTarget};
use crate::event::tables::Tables;
use crate::event::{
    Action, Attested, ClientId, CredentialId, Descriptor, DigestId, Event, FailureId, Field, Id,
    IdentityId, Manifest, ManifestId, PutImage, RepositoryId, TextId, Uid, UploadId,
};

/// The target's ids for the ids of a source's tables.
///
/// Ids are dense, so a list with a place for each is the fastest map. A value of a source is hashed and copied once,
/// however many events have it.
#[derive(Debug, Default)]
pub struct Remap {
    texts: Vec<Option<TextId>>,
    digests: Vec<Option<DigestId>>,
    uploads: Vec<Option<UploadId>>,
    identities: Vec<Option<IdentityId>>,
    credentials: Vec<Option<CredentialId>>,
    clients: Vec<Option<ClientId>>,
    repositories: Vec<Option<RepositoryId>>,
    manifests: Vec<Option<ManifestId>>,
    failures: Vec<Option<FailureId>>,
}

/// Runs some code for every table, by name.
macro_rules! every_table {
    ($do:ident) => {
        $do!(
            texts,
            digests,
            uploads,
            identities,
            credentials,
            clients,
            repositories,
            manifests,
            failures
        )
    };
}

impl Remap {
    /// A map for the tables of one source, with nothing moved yet.
    #[must_use]
    pub fn new(source: &Tables) -> Self {
        let mut map = Self::default();
        map.fit(source);
        map
    }

    /// Makes room for values that the source has gained since; joining records of other readers adds some.
    pub fn fit(&mut self, source: &Tables) {
        macro_rules! fit {
            ($($table:ident),*) => { $(self.$table.resize(source.$table.len(), None);)* };
        }
        every_table!(fit);
    }
}

/// A move from one set of tables to another.
struct Move<'a> {
    target: &'a mut Tables,
    source: &'a Tables,
    map: &'a mut Remap,
}

impl<'a> Move<'a> {
    fn new(target: &'a mut Tables, source: &'a Tables, map: &'a mut Remap) -> Self {
        Self {
            target,
            source,
            map,
        }
    }
}

/// Writes a method that moves one kind of value that contains no ids.
macro_rules! plain {
    ($name:ident, $table:ident, $id:ident) => {
        fn $name(&mut self, id: $id) -> $id {
            let (target, source) = (&mut self.target.$table, &self.source.$table);
            *self.map.$table[id.index()].get_or_insert_with(|| {
                // Checking first whether it is there would take as long, and it rarely is.
                target.insert(source.get(id).clone())
            })
        }
    };
}

impl Move<'_> {
    plain!(text, texts, TextId);
    plain!(digest, digests, DigestId);
    plain!(identity, identities, IdentityId);
    plain!(credential, credentials, CredentialId);
    plain!(client, clients, ClientId);
    plain!(repository, repositories, RepositoryId);
    plain!(failure, failures, FailureId);

    fn uid(&mut self, uid: Uid) -> Uid {
        match uid {
            Uid::Uuid(_) => uid,
            Uid::Text(id) => Uid::Text(self.text(id)),
        }
    }

    fn upload(&mut self, id: UploadId) -> UploadId {
        if let Some(moved) = self.map.uploads[id.index()] {
            return moved;
        }
        let uid = self.uid(*self.source.uploads.get(id));
        let moved = self.target.uploads.insert(uid);
        self.map.uploads[id.index()] = Some(moved);
        moved
    }

    fn descriptor(&mut self, descriptor: Descriptor) -> Descriptor {
        Descriptor {
            digest: self.digest(descriptor.digest),
            size: descriptor.size,
            media_type: descriptor.media_type.map(|id| self.text(id)),
            platform: descriptor.platform.map(|id| self.text(id)),
        }
    }

    fn descriptors(&mut self, descriptors: &[Descriptor]) -> Box<[Descriptor]> {
        descriptors
            .iter()
            .map(|&one| self.descriptor(one))
            .collect()
    }

    /// A manifest contains ids itself, so it is rebuilt from moved ones.
    fn manifest(&mut self, id: ManifestId) -> ManifestId {
        if let Some(moved) = self.map.manifests[id.index()] {
            return moved;
        }
        let source = self.source;
        let manifest = match source.manifests.get(id) {
            Manifest::Image {
                config,
                layers,
                subject,
                artifact_type,
                media_type,
                what,
            } => Manifest::Image {
                config: config.map(|one| self.descriptor(one)),
                layers: self.descriptors(layers),
                subject: subject.map(|one| self.descriptor(one)),
                artifact_type: artifact_type.map(|id| self.text(id)),
                media_type: media_type.map(|id| self.text(id)),
                what,
            },
            Manifest::Index {
                manifests,
                subject,
                artifact_type,
                media_type,
                what,
                attested,
            } => Manifest::Index {
                manifests: self.descriptors(manifests),
                subject: subject.map(|one| self.descriptor(one)),
                artifact_type: artifact_type.map(|id| self.text(id)),
                media_type: media_type.map(|id| self.text(id)),
                what,
                attested: attested
                    .iter()
                    .map(|pair| Attested {
                        by: self.digest(pair.by),
                        of: self.digest(pair.of),
                    })
                    .collect(),
            },
        };
        let moved = self.target.manifests.insert(manifest);
        self.map.manifests[id.index()] = Some(moved);
        moved
    }

    fn action(&mut self, action: &mut Action) {
        match action {
            Action::GetAuthorizationToken => {}
            Action::BatchCheckLayerAvailability { digests, available } => {
                self.digest_list(digests);
                match available {
                    Field::Known(digests) => self.digest_list(digests),
                    Field::Absent | Field::Omitted { .. } | Field::Unreadable => {}
                }
            }
            Action::InitiateLayerUpload { upload, .. } | Action::UploadLayerPart { upload, .. } => {
                *upload = upload.map(|id| self.upload(id));
            }
            Action::CompleteLayerUpload {
                upload,
                claimed,
                confirmed,
            } => {
                *upload = upload.map(|id| self.upload(id));
                self.digest_list(claimed);
                *confirmed = confirmed.map(|id| self.digest(id));
            }
            Action::PutImage(put) => self.put_image(put),
        }
    }

    fn digest_list(&mut self, digests: &mut [DigestId]) {
        for digest in digests {
            *digest = self.digest(*digest);
        }
    }

    fn put_image(&mut self, put: &mut PutImage) {
        put.tag = put.tag.map(|id| self.text(id));
        put.digest.claimed = put.digest.claimed.map(|id| self.digest(id));
        put.digest.confirmed = put.digest.confirmed.map(|id| self.digest(id));
        put.digest.computed = put.digest.computed.map(|id| self.digest(id));
        match &mut put.manifest {
            Field::Known(manifest) => *manifest = self.manifest(*manifest),
            Field::Absent | Field::Omitted { .. } | Field::Unreadable => {}
        }
        put.media_type = put.media_type.map(|id| self.text(id));
    }
}

impl Tables {
    /// Empty tables with room for as many values as the largest of the given tables.
    ///
    /// Readers share the files of one log, so most of them meet the values of all; room for the sum would be several
    /// times too much.
    #[must_use]
    pub fn with_room_for(sources: &[Self]) -> Self {
        macro_rules! tables {
            ($($table:ident),*) => {
                Self {
                    $($table: {
                        let lens = sources.iter().map(|source| source.$table.len());
                        Table::with_capacity(lens.max().unwrap_or(0))
                    },)*
                }
            };
        }
        every_table!(tables)
    }

    /// Turns an event of `source`'s tables into one of these tables; `map` remembers what was moved.
    pub fn adopt(&mut self, source: &Self, map: &mut Remap, event: &mut Event) {
        let mut to = Move::new(self, source, map);
        event.event_id = to.uid(event.event_id);
        event.request_id = event.request_id.map(|uid| to.uid(uid));
        event.shared_event_id = event.shared_event_id.map(|id| to.text(id));
        event.amends = event.amends.map(|id| to.text(id));
        to.action(&mut event.action);
        event.failure = event.failure.map(|id| to.failure(id));
        event.identity = to.identity(event.identity);
        event.credential = to.credential(event.credential);
        event.client = to.client(event.client);
        event.repository = event.repository.map(|id| to.repository(id));
        event.recipient = to.text(event.recipient);
        event.region = to.text(event.region);
    }

    /// Turns a call outside pushes into one of these tables.
    pub fn adopt_context(&mut self, source: &Self, map: &mut Remap, event: &mut ContextEvent) {
        let mut to = Move::new(self, source, map);
        event.event_id = to.uid(event.event_id);
        event.shared_event_id = event.shared_event_id.map(|id| to.text(id));
        event.repository = event.repository.map(|id| to.repository(id));
        event.identity = to.identity(event.identity);
        event.client = to.client(event.client);
        event.failure = event.failure.map(|id| to.failure(id));
        for tag in &mut event.tags {
            *tag = to.text(*tag);
        }
        to.digest_list(&mut event.digests);
        to.digest_list(&mut event.archived);
        for spared in &mut event.spared {
            spared.tag = spared.tag.map(|tag| to.text(tag));
            spared.digest = spared.digest.map(|digest| to.digest(digest));
            spared.failure = to.failure(spared.failure);
        }
        event.recipient = to.text(event.recipient);
        event.region = to.text(event.region);
        for param in &mut event.params {
            param.text = to.text(param.text);
        }
    }

    /// Turns a read into one of these tables.
    pub fn adopt_read(&mut self, source: &Self, map: &mut Remap, read: &mut Fetch) {
        let mut to = Move::new(self, source, map);
        read.event_id = to.uid(read.event_id);
        read.shared_event_id = read.shared_event_id.map(|id| to.text(id));
        match &mut read.wanted {
            FetchTarget::Image { tag, digest } => {
                *tag = tag.map(|id| to.text(id));
                *digest = digest.map(|id| to.digest(id));
            }
            FetchTarget::Layer(digest) => *digest = digest.map(|id| to.digest(id)),
        }
        read.failure = read.failure.map(|id| to.failure(id));
        read.identity = to.identity(read.identity);
        read.credential = to.credential(read.credential);
        read.client = to.client(read.client);
        read.repository = read.repository.map(|id| to.repository(id));
        read.recipient = to.text(read.recipient);
        read.region = to.text(read.region);
    }

    /// Turns a role assumption into one of these tables.
    pub fn adopt_assumption(&mut self, source: &Self, map: &mut Remap, event: &mut Assumption) {
        let mut to = Move::new(self, source, map);
        event.event_id = to.uid(event.event_id);
        event.shared_event_id = event.shared_event_id.map(|id| to.text(id));
        event.action = to.text(event.action);
        event.caller = to.identity(event.caller);
        event.credential = to.credential(event.credential);
        event.client = to.client(event.client);
        event.key = event.key.map(|id| to.text(id));
        event.session = event.session.map(|id| to.text(id));
        event.subject = event.subject.map(|id| to.text(id));
        event.provider = event.provider.map(|id| to.text(id));
    }
}
