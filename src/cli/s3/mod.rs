//! Reads buckets of S3.
//!
//! Comes in: addresses such as `s3://bucket/prefix`, and the user's setup. Goes out: a client for
//! each bucket, with which the library lists and reads. Never: a request that writes.

mod client;
mod credentials;
mod failure;
mod http;
mod ini;
mod listing;
mod object;
mod patience;
mod settings;
mod sign;
mod spelled;
mod xml;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cli::environment::Environment;
use crate::source::{Bucket, ObjectStore};
use client::BucketClient;
use credentials::Provider;
use http::Http;
use object::Store;
use settings::Settings;

pub(super) use failure::S3Error;
pub(super) use spelled::meant;

/// A part of a bucket, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The bucket's name.
    pub(super) bucket: String,
    /// The key or folder; empty for the whole bucket.
    pub(super) path: String,
}

impl Address {
    /// Parses `s3://BUCKET[/PATH]`; `None` if it starts differently.
    ///
    /// # Errors
    /// An invalid bucket name (S3 user guide, "General purpose bucket naming rules").
    pub(super) fn parse(text: &str) -> Option<Result<Self, &'static str>> {
        let rest = text.strip_prefix("s3://")?;
        let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
        let is_name = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
        };
        Some(match bucket.len() {
            3..=63 if bucket.bytes().all(is_name) => Ok(Self {
                bucket: bucket.to_owned(),
                path: path.to_owned(),
            }),
            _ => Err("3 to 63 lower-case letters, digits, `-` and `.` for the name of a bucket"),
        })
    }
}

/// Makes a client for each bucket, without sending any request.
///
/// # Errors
/// A setup that cannot be used.
pub(super) fn connect<'a>(
    names: impl IntoIterator<Item = &'a str>,
    environment: &Environment,
    profile: Option<&str>,
    connections: usize,
) -> Result<BTreeMap<&'a str, Bucket>, S3Error> {
    let settings = Arc::new(Settings::new(environment, profile)?);
    let http = Http::new(environment, connections)?;
    let provider = Arc::new(Provider::new(Arc::clone(&settings), http.clone()));
    let mut buckets = BTreeMap::new();
    for name in names {
        if !buckets.contains_key(name) {
            let client = BucketClient::new(name, &settings, http.clone(), Arc::clone(&provider))?;
            let store: Arc<dyn ObjectStore> = Arc::new(Store::new(client, connections));
            let bucket = Bucket {
                name: name.into(),
                store,
            };
            buckets.insert(name, bucket);
        }
    }
    Ok(buckets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_bucket_and_a_path() {
        let parts = |text| match Address::parse(text) {
            Some(Ok(address)) => Some((address.bucket, address.path)),
            Some(Err(_)) | None => None,
        };
        let some = |bucket: &str, path: &str| Some((bucket.to_owned(), path.to_owned()));
        assert_eq!(parts("s3://logs"), some("logs", ""));
        assert_eq!(parts("s3://logs/AWSLogs/"), some("logs", "AWSLogs/"));
        assert_eq!(parts("s3://my.logs//a b"), some("my.logs", "/a b"));
        for wrong in ["s3://", "s3:///a", "s3://Logs/a", "s3://a/b"] {
            assert!(matches!(Address::parse(wrong), Some(Err(_))), "{wrong}");
        }
        assert_eq!(Address::parse("logs/s3://a"), None);
    }
}
