//! The content of an event, independent of the tables that its ids point into.
//!
//! Comes in: an event with its tables. Goes out: a hash that is equal for equal content. Never: a
//! difference because of the place that an event was read from.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::quality::FixedState;

use crate::event::{
    Action, Digest, DigestId, Event, Field, Id, PutImage, Table, Tables, TextId, Uid,
};

/// A hash of everything in an event except its place, equal for equal content.
///
/// A manifest counts by the digest of its text.
#[must_use]
pub fn content(event: &Event, tables: &Tables) -> u64 {
    let mut content = Content {
        tables,
        state: FixedState::with_seed(0).build_hasher(),
    };
    content.event(event);
    content.state.finish()
}

/// A mark that distinguishes a record from every other, in 16 bytes: the start of a SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark([u8; 16]);

impl Mark {
    /// The mark of a push event, by its `eventID` and content: copies have one mark.
    #[must_use]
    pub fn of_event(event: &Event, tables: &Tables) -> Self {
        let id = event.event_id.text(&tables.texts);
        Self::of(&format!("event {:016x} {id}", content(event, tables)))
    }

    /// The mark of any other record, by its text.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        Self::of(&format!("text {text}"))
    }

    fn of(text: &str) -> Self {
        let mut mark = [0; 16];
        match Digest::of(text.as_bytes()) {
            Digest::Sha256(bytes) => mark.copy_from_slice(&bytes[..16]),
            Digest::Other(_) => {}
        }
        Self(mark)
    }
}

struct Content<'t, H> {
    tables: &'t Tables,
    state: H,
}

impl<H: Hasher> Content<'_, H> {
    fn event(&mut self, event: &Event) {
        let tables = self.tables;
        event.time.hash(&mut self.state);
        self.uid(Some(event.event_id));
        self.uid(event.request_id);
        self.text(event.shared_event_id);
        self.text(event.amends);
        event.category.hash(&mut self.state);
        self.action(&event.action);
        self.value(&tables.failures, event.failure);
        self.value(&tables.identities, Some(event.identity));
        self.value(&tables.credentials, Some(event.credential));
        self.value(&tables.clients, Some(event.client));
        event.service.hash(&mut self.state);
        self.value(&tables.repositories, event.repository);
        self.text(Some(event.recipient));
        self.text(Some(event.region));
    }

    fn value<I: Id, T: Hash + Eq>(&mut self, table: &Table<I, T>, id: Option<I>) {
        id.map(|id| table.get(id)).hash(&mut self.state);
    }

    fn text(&mut self, id: Option<TextId>) {
        self.value(&self.tables.texts, id);
    }

    fn uid(&mut self, uid: Option<Uid>) {
        uid.map(|uid| uid.text(&self.tables.texts))
            .hash(&mut self.state);
    }

    fn digest(&mut self, id: Option<DigestId>) {
        self.value(&self.tables.digests, id);
    }

    fn digests(&mut self, ids: &[DigestId]) {
        ids.len().hash(&mut self.state);
        for &id in ids {
            self.digest(Some(id));
        }
    }

    /// Hashes the kind of a field, and the size of one that was omitted.
    fn kind<T>(&mut self, field: &Field<T>) {
        let (kind, size) = match field {
            Field::Known(_) => (0_u8, None),
            Field::Absent => (1, None),
            Field::Omitted { original_bytes } => (2, *original_bytes),
            Field::Unreadable => (3, None),
        };
        (kind, size).hash(&mut self.state);
    }

    fn action(&mut self, action: &Action) {
        action.name().hash(&mut self.state);
        if let Some(upload) = action.upload() {
            self.uid(Some(*self.tables.uploads.get(upload)));
        }
        match action {
            Action::GetAuthorizationToken => {}
            Action::BatchCheckLayerAvailability { digests, available } => {
                self.digests(digests);
                self.kind(available);
                match available {
                    Field::Known(digests) => self.digests(digests),
                    Field::Absent | Field::Omitted { .. } | Field::Unreadable => {}
                }
            }
            Action::InitiateLayerUpload { part_size, .. } => part_size.hash(&mut self.state),
            Action::UploadLayerPart {
                range,
                last_byte_received,
                ..
            } => {
                let range = range.map(|range| (range.first, range.last));
                (range, last_byte_received).hash(&mut self.state);
            }
            Action::CompleteLayerUpload {
                claimed, confirmed, ..
            } => {
                self.digests(claimed);
                self.digest(*confirmed);
            }
            Action::PutImage(put) => self.put_image(put),
        }
    }

    fn put_image(&mut self, put: &PutImage) {
        self.text(put.tag);
        for digest in [
            put.digest.claimed,
            put.digest.confirmed,
            put.digest.computed,
        ] {
            self.digest(digest);
        }
        self.kind(&put.manifest);
        self.text(put.media_type);
    }
}
