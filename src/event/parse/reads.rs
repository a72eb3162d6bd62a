//! RECORD -> EVENT: the calls that take images.
//!
//! Comes in: a record of one of these calls. Goes out: a read for each image or layer that it asks for. Never: a
//! defect of a parameter, since no push rests on one.

use chrono::{DateTime, Utc};

use crate::event::parse::Reader;
use crate::event::read::{Fetch, FetchCall, FetchTarget};
use crate::event::wire::Maybe;
use crate::event::{Digest, DigestId, Uid};
use crate::location::RecordAt;

/// The most images that one call can ask for (ECR API reference, `BatchGetImage`: 100).
const MOST_IMAGES: usize = 100;

impl Reader<'_> {
    /// Reads the fields of a call that takes something.
    pub(super) fn reads(
        &mut self,
        call: FetchCall,
        time: DateTime<Utc>,
        event_id: Uid,
        at: RecordAt,
    ) -> Vec<Fetch> {
        let caller = self.caller();
        let shared = self.wire.shared_event_id.text();
        let read = Fetch {
            time,
            event_id,
            shared_event_id: shared.map(|text| self.tables.text(text)),
            wanted: FetchTarget::Layer(None),
            failure: self.failure(),
            identity: caller.identity,
            credential: caller.credential,
            client: self.client(caller),
            repository: self.repository(caller),
            recipient: self.recipient(),
            region: self.region(),
            at,
        };
        let request = self.wire.request.object();
        match call {
            FetchCall::GetDownloadUrlForLayer => {
                let layer = request.and_then(|request| request.layer_digest.text());
                let wanted = FetchTarget::Layer(layer.and_then(|text| self.known_digest(text)));
                vec![Fetch { wanted, ..read }]
            }
            FetchCall::BatchGetImage => {
                let ids = request.map_or(&[][..], |request| request.image_ids.values());
                let ids = ids.iter().filter_map(Maybe::object).take(MOST_IMAGES);
                let mut reads: Vec<Fetch> = ids
                    .map(|id| Fetch {
                        wanted: FetchTarget::Image {
                            tag: id.image_tag.text().map(|tag| self.tables.text(tag)),
                            digest: id
                                .image_digest
                                .text()
                                .and_then(|text| self.known_digest(text)),
                        },
                        ..read.clone()
                    })
                    .collect();
                if reads.is_empty() {
                    let (tag, digest) = (None, None);
                    let wanted = FetchTarget::Image { tag, digest };
                    reads.push(Fetch { wanted, ..read });
                }
                reads
            }
        }
    }

    fn known_digest(&mut self, text: &str) -> Option<DigestId> {
        Some(self.tables.digests.insert(Digest::parse(text)?))
    }
}
