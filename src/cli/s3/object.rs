//! Reads objects, continuing where a connection broke.
//!
//! Comes in: a key. Goes out: its bytes, all of them. Never: bytes from two versions of an object,
//! or a false end.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use ureq::BodyReader;

use crate::cli::s3::client::{BucketClient, Get};
use crate::cli::s3::failure::S3Error;
use crate::cli::s3::listing;
use crate::cli::s3::patience::Patience;
use crate::problem::StoreError;
use crate::source::ObjectStore;
use crate::source::store::{Body, ListingPage, Query};

/// How many bytes make up for earlier failures. Without such a bound, a store that sends some bytes
/// each time would be asked forever.
const WORTH_A_RENEWAL: u64 = 1 << 20;

/// A bucket as the library knows it.
pub(super) struct Store {
    client: Arc<BucketClient>,
    connections: usize,
}

impl Store {
    pub(super) fn new(client: BucketClient, connections: usize) -> Self {
        Self {
            client: Arc::new(client),
            connections,
        }
    }
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
            patience: Patience::new(key),
            version: None,
            signature: None,
            size_bytes: None,
            at: 0,
            renewed_at: 0,
            body: None,
        };
        reader.open().map_err(io::Error::other)?;
        let signature = reader.signature.take();
        let reader = Box::new(reader);
        Ok(Body { reader, signature })
    }

    fn connections(&self) -> usize {
        self.connections
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
    /// How far it has been read.
    at: u64,
    /// How far it had been read when failures were last forgotten.
    renewed_at: u64,
    body: Option<BodyReader<'static>>,
}

impl ObjectReader {
    /// Requests the bytes from the current position on.
    fn open(&mut self) -> Result<(), S3Error> {
        let mut headers = Vec::new();
        if self.at > 0 {
            headers.push(("range", format!("bytes={}-", self.at)));
            headers.extend(self.version.clone().map(|version| ("if-match", version)));
        }
        let get = Get {
            key: &self.key,
            query: "",
            headers: &headers,
        };
        let response = match self.client.get(&get, &mut self.patience) {
            Err(S3Error::Refused(answer)) if answer.status == 412 => return Err(S3Error::Changed),
            response => response?,
        };
        let is_part = response.status().as_u16() == 206;
        if is_part != (self.at > 0) {
            return Err(S3Error::NotS3 {
                what: "part of an object",
            });
        }
        if self.at == 0 {
            let header = |name| {
                let value = response.headers().get(name);
                value.and_then(|value| value.to_str().ok().map(str::to_owned))
            };
            self.version = header("etag");
            self.signature = header("x-amz-meta-signature");
            self.size_bytes = response.body().content_length();
        }
        self.body = Some(response.into_body().into_reader());
        Ok(())
    }

    /// Some bytes of the open body; 0 at its end.
    fn some(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let body = self.body.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let left = self.size_bytes.map_or(u64::MAX, |size| size - self.at);
        let most = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
        match body.read(&mut buffer[..most])? {
            0 if self.size_bytes.is_some() => Err(io::ErrorKind::UnexpectedEof.into()),
            n_read => Ok(n_read),
        }
    }
}

impl Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.size_bytes == Some(self.at) {
            // If the body is read to its end, the connection can be reused.
            if let Some(mut body) = self.body.take() {
                let _ = body.read(&mut [0]);
            }
            return Ok(0);
        }
        loop {
            if self.body.is_none() {
                self.open().map_err(io::Error::other)?;
            }
            match self.some(buffer) {
                Ok(n_read) => {
                    self.at += n_read as u64;
                    if self.at - self.renewed_at >= WORTH_A_RENEWAL {
                        self.renewed_at = self.at;
                        self.patience.renew();
                    }
                    return Ok(n_read);
                }
                Err(error) => {
                    self.body = None;
                    let reason = format!("the connection broke off: {error}");
                    let failure = S3Error::Broken { reason };
                    self.patience.wait(failure).map_err(io::Error::other)?;
                }
            }
        }
    }
}
