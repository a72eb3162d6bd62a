//! CloudTrail's digest files: the lists of log files that it delivered.
//!
//! Comes in: the content of a digest file. Goes out: what it lists. Never: a check of signatures or
//! hashes.

use chrono::{DateTime, Utc};
use serde::Deserialize;

/// A digest file (CloudTrail user guide, "CloudTrail digest file structure").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestFile {
    /// `awsAccountId`.
    pub account: String,
    /// The region of the listed files, by their names; empty if it lists none.
    pub region: String,
    /// `digestStartTime`: the first instant that it covers.
    pub start: DateTime<Utc>,
    /// `digestEndTime`: the last instant that it covers.
    pub end: DateTime<Utc>,
    /// `logFiles`, in order.
    pub log_files: Vec<ListedFile>,
    /// `digestEndTime` as written, since that form is signed.
    pub end_text: String,
    /// `digestS3Bucket` and `digestS3Object`: where CloudTrail put the file.
    pub place: ObjectLocation,
    /// `digestPublicKeyFingerprint`: the key that signed it; empty if it names none.
    pub fingerprint: String,
    /// `digestSignatureAlgorithm`; empty if it names none.
    pub signature_algorithm: String,
    /// The digest file before it; `None` for the first of a chain.
    pub previous: Option<PreviousDigest>,
}

/// A place in S3.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectLocation {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub object: String,
}

impl ObjectLocation {
    /// The name without its time, which the digest files of one trail and region share. Files that
    /// CloudTrail delivered later for an hour (`_backfill`) have their own chain.
    #[must_use]
    pub fn chain(&self) -> (&str, bool) {
        let name = file_name(&self.object);
        let name = name.split(".json").next().unwrap_or(name);
        let (name, is_late) = match name.strip_suffix("_backfill") {
            Some(name) => (name, true),
            None => (name, false),
        };
        (
            name.rsplit_once('_').map_or(name, |(chain, _)| chain),
            is_late,
        )
    }
}

/// What a digest file says about the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousDigest {
    /// `previousDigestS3Bucket` and `previousDigestS3Object`.
    pub place: ObjectLocation,
    /// `previousDigestHashValue`: the SHA-256 of its uncompressed content, in hexadecimal.
    pub hash: String,
    /// `previousDigestSignature`, in hexadecimal.
    pub signature: Option<String>,
}

/// A log file that a digest file lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedFile {
    /// `s3Bucket`.
    pub bucket: String,
    /// `s3Object`: the key.
    pub object: String,
    /// `hashValue`: the SHA-256 of its uncompressed content, in hexadecimal.
    pub hash: String,
    /// `oldestEventTime`.
    pub oldest: Option<DateTime<Utc>>,
    /// `newestEventTime`.
    pub newest: Option<DateTime<Utc>>,
}

impl ListedFile {
    /// The times of its oldest and newest record, if the digest file gives them.
    #[must_use]
    pub fn times(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let times = self.oldest.zip(self.newest);
        times.filter(|(oldest, newest)| oldest <= newest)
    }

    /// The last part of the key: the file's name.
    #[must_use]
    pub fn file_name(&self) -> &str {
        file_name(&self.object)
    }
}

/// The last part of a path or key.
#[must_use]
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A name without its folders and without `.gz`, since logs are also kept unpacked, while digest files
/// list them packed.
pub(crate) fn bare_name(path: &str) -> &str {
    let name = file_name(path);
    name.strip_suffix(".gz").unwrap_or(name)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    aws_account_id: String,
    digest_start_time: String,
    digest_end_time: String,
    #[serde(rename = "digestS3Bucket")]
    bucket: Option<String>,
    #[serde(rename = "digestS3Object")]
    object: Option<String>,
    digest_public_key_fingerprint: Option<String>,
    digest_signature_algorithm: Option<String>,
    #[serde(rename = "previousDigestS3Bucket")]
    previous_bucket: Option<String>,
    #[serde(rename = "previousDigestS3Object")]
    previous_object: Option<String>,
    previous_digest_hash_value: Option<String>,
    previous_digest_signature: Option<String>,
    log_files: Option<Vec<WireFile>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireFile {
    #[serde(rename = "s3Bucket", default)]
    bucket: String,
    #[serde(rename = "s3Object")]
    object: String,
    #[serde(default)]
    hash_value: String,
    oldest_event_time: Option<String>,
    newest_event_time: Option<String>,
}

impl DigestFile {
    /// Reads the content of a digest file; `None` if it is not one.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let wire: Wire = serde_json::from_slice(bytes).ok()?;
        let log_files: Vec<ListedFile> = wire
            .log_files
            .unwrap_or_default()
            .into_iter()
            .map(|file| ListedFile {
                bucket: file.bucket,
                object: file.object,
                hash: file.hash_value,
                oldest: file.oldest_event_time.as_deref().and_then(time),
                newest: file.newest_event_time.as_deref().and_then(time),
            })
            .collect();
        let region = wire
            .object
            .iter()
            .map(String::as_str)
            .chain(log_files.iter().map(|file| file.object.as_str()))
            .find_map(region)
            .unwrap_or_default()
            .to_owned();
        Some(Self {
            account: wire.aws_account_id,
            region,
            start: time(&wire.digest_start_time)?,
            end: time(&wire.digest_end_time)?,
            log_files,
            end_text: wire.digest_end_time,
            place: ObjectLocation {
                bucket: wire.bucket.unwrap_or_default(),
                object: wire.object.unwrap_or_default(),
            },
            fingerprint: wire.digest_public_key_fingerprint.unwrap_or_default(),
            signature_algorithm: wire.digest_signature_algorithm.unwrap_or_default(),
            previous: wire.previous_object.map(|object| PreviousDigest {
                place: ObjectLocation {
                    bucket: wire.previous_bucket.unwrap_or_default(),
                    object,
                },
                hash: wire.previous_digest_hash_value.unwrap_or_default(),
                signature: wire.previous_digest_signature,
            }),
        })
    }
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    Some(time.with_timezone(&Utc))
}

/// The region in the name of a log or digest file: its third part.
fn region(object: &str) -> Option<&str> {
    let mut parts = file_name(object).split('_');
    let kind = parts.nth(1)?;
    let region = parts.next()?;
    matches!(kind, "CloudTrail" | "CloudTrail-Digest").then_some(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_file_lists_log_files() {
        let text = r#"{"awsAccountId":"123456789012","digestStartTime":"2024-03-01T10:00:00Z",
            "digestEndTime":"2024-03-01T11:00:00Z","digestS3Bucket":"b","previousDigestSignature":null,
            "digestS3Object":"AWSLogs/123456789012/CloudTrail-Digest/eu-west-1/2024/03/01/123456789012_CloudTrail-Digest_eu-west-1_t_us-east-1_20240301T110000Z.json.gz",
            "logFiles":[{"s3Bucket":"b","s3Object":"AWSLogs/x/a.json.gz","hashValue":"00",
            "hashAlgorithm":"SHA-256","newestEventTime":"2024-03-01T10:09:00Z","oldestEventTime":"2024-03-01T10:01:00Z"}]}"#;
        let digest = DigestFile::parse(text.as_bytes()).expect("a digest file");
        assert_eq!(digest.region, "eu-west-1");
        assert_eq!(digest.log_files.len(), 1);
        assert_eq!(digest.log_files[0].file_name(), "a.json.gz");
        assert!(digest.log_files[0].oldest < digest.log_files[0].newest);
        assert_eq!(digest.previous, None);
    }

    #[test]
    fn a_chain_is_of_one_trail_and_region() {
        let chain = |name: &str| {
            let object = format!("AWSLogs/1/CloudTrail-Digest/{name}");
            let bucket = String::new();
            let place = ObjectLocation { bucket, object };
            let (name, is_late) = place.chain();
            (name.to_owned(), is_late)
        };
        let name = "1_CloudTrail-Digest_eu-west-1_my_trail_us-east-1";
        let at = |end: &str| chain(&format!("{name}_{end}.json.gz"));
        assert_eq!(at("20240301T110000Z"), (name.to_owned(), false));
        assert_eq!(at("20240301T120000Z_backfill"), (name.to_owned(), true));
    }

    #[test]
    fn a_log_file_is_no_digest_file() {
        assert_eq!(DigestFile::parse(br#"{"Records":[]}"#), None);
    }
}
