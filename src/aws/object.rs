//! Reads objects, continuing where a connection broke.
//!
//! Comes in: a key. Goes out: its bytes, all of them. Never: bytes from two versions of an object, a false end, or an
//! endless wait for one byte after the other.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Cursor, Read};
use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;

use crate::aws::bucket::BucketClient;
use crate::aws::failure::{AwsError, deepest};
use crate::aws::gateway::Gateway;
use crate::aws::listing;
use crate::aws::patience::Patience;
use crate::problem::StoreError;
use crate::source::store::{Body, ListingPage, Query};
use crate::source::{Bucket, ObjectStore};

/// How many bytes make up for earlier failures. Without such a bound, a store that sends some bytes each time would be
/// asked for ever.
const WORTH_A_RENEWAL: u64 = 1 << 20;

/// How many bytes are waited for at once; [`Waits::piece`](crate::source::Waits) is the time for them.
const PIECE: usize = 64 << 10;

/// Makes a client for each bucket, without asking any.
#[must_use]
pub fn connect<'a>(
    names: impl IntoIterator<Item = &'a str>,
    access: &Arc<Gateway>,
) -> BTreeMap<&'a str, Bucket> {
    let bucket = |name: &'a str| {
        let store: Arc<dyn ObjectStore> = Arc::new(Store {
            client: Arc::new(BucketClient::new(name, Arc::clone(access))),
        });
        let bucket = Bucket {
            name: name.into(),
            store,
        };
        (name, bucket)
    };
    names.into_iter().map(bucket).collect()
}

/// A bucket as the library knows it.
struct Store {
    client: Arc<BucketClient>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl ObjectStore for Store {
    fn list(&self, query: &Query<'_>) -> Result<ListingPage, StoreError> {
        Ok(listing::page(&self.client, query)?)
    }

    fn get(&self, key: &str) -> io::Result<Body> {
        let mut reader = ObjectReader {
            client: Arc::clone(&self.client),
            key: key.to_owned(),
            patience: self.client.patience(key),
            version: None,
            signature: None,
            size_bytes: None,
            at: 0,
            renewed_at: 0,
            held: Cursor::default(),
            body: None,
            has_ended: false,
        };
        reader.open().map_err(io::Error::other)?;
        let signature = reader.signature.take();
        let reader = Box::new(reader);
        Ok(Body { reader, signature })
    }

    fn connections(&self) -> usize {
        self.client.access.setup.connections
    }
}

struct ObjectReader {
    client: Arc<BucketClient>,
    key: String,
    patience: Patience,
    /// The `ETag` of the first bytes read.
    version: Option<String>,
    /// The metadata `signature`.
    signature: Option<String>,
    /// The size; `None` if the store does not give it.
    size_bytes: Option<u64>,
    /// How far it has been received.
    at: u64,
    /// How far it had been received when failures were last forgotten.
    renewed_at: u64,
    /// What was received last, and how much of it was given on.
    held: Cursor<Vec<u8>>,
    body: Option<ByteStream>,
    has_ended: bool,
}

impl ObjectReader {
    /// Requests the bytes from the current position on.
    fn open(&mut self) -> Result<(), AwsError> {
        let (client, key, at) = (&self.client, &self.key, self.at);
        let range = (at > 0).then(|| format!("bytes={at}-"));
        let version = self.version.clone().filter(|_| at > 0);
        let answer = client.send(&mut self.patience, |to| {
            to.get_object()
                .bucket(&client.name)
                .key(key)
                .set_range(range.clone())
                .set_if_match(version.clone())
                .set_request_payer(client.payer())
                .send()
        });
        let answer = match answer {
            Err(AwsError::Refused(answer)) if answer.status == 412 => {
                return Err(AwsError::Changed);
            }
            answer => answer?,
        };
        let begin = format!("bytes {}-", self.at);
        let is_right = match (answer.content_range(), self.at) {
            (None, at) => at == 0,
            (Some(_), 0) => false,
            (Some(range), _) => range.starts_with(&begin),
        };
        if !is_right {
            return Err(AwsError::Foreign {
                what: "part of an object of S3",
                reason: "it does not begin where the last one broke off".to_owned(),
            });
        }
        if self.at == 0 {
            self.version = answer.e_tag().map(str::to_owned);
            let metadata = answer.metadata();
            self.signature = metadata.and_then(|named| named.get("signature").cloned());
            let length = answer.content_length();
            self.size_bytes = length.and_then(|length| length.try_into().ok());
        }
        self.body = Some(answer.body);
        Ok(())
    }

    /// Receives some bytes of the open body, and notes its end.
    fn receive(&mut self) -> Result<(), AwsError> {
        let Some(body) = self.body.as_mut() else {
            return Ok(());
        };
        self.held.set_position(0);
        let held = self.held.get_mut();
        held.clear();
        let pieces = async {
            while held.len() < PIECE {
                match body.next().await {
                    Some(Ok(piece)) => held.extend_from_slice(&piece),
                    Some(Err(error)) => return Err(Some(error)),
                    None => return Ok(true),
                }
            }
            Ok(false)
        };
        let access = &self.client.access;
        let piece = access.setup.waits.piece;
        let received = access.runtime.wait(async {
            match tokio::time::timeout(piece, pieces).await {
                Ok(received) => received,
                Err(_) => Err(None),
            }
        });
        let left = self.size_bytes.map_or(u64::MAX, |size| size - self.at);
        let held = self.held.get_mut();
        held.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        self.at += held.len() as u64;
        let is_whole = self.size_bytes.is_none_or(|size| size == self.at);
        let reason = match received {
            Ok(true) if is_whole => {
                self.has_ended = true;
                return Ok(());
            }
            Ok(false) => return Ok(()),
            Ok(true) => "it ended too early".to_owned(),
            Err(Some(error)) => deepest(&error),
            Err(None) => "it came too slowly".to_owned(),
        };
        self.body = None;
        Err(AwsError::Broken {
            reason: format!("the connection broke off: {reason}"),
        })
    }
}

impl Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let n_read = self.held.read(buffer)?;
            if n_read > 0 || buffer.is_empty() {
                return Ok(n_read);
            }
            if self.has_ended {
                return Ok(0);
            }
            if self.body.is_none() {
                self.open().map_err(io::Error::other)?;
            }
            if let Err(failure) = self.receive() {
                let waited = self.client.wait(&mut self.patience, failure);
                waited.map_err(io::Error::other)?;
            }
            if self.at - self.renewed_at >= WORTH_A_RENEWAL {
                self.renewed_at = self.at;
                self.patience.renew();
            }
        }
    }
}
