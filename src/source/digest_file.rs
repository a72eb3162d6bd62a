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
    /// The region that the listed files are of, by their names; empty when it lists none.
    pub region: String,
    /// `digestStartTime`: the first instant that it speaks of.
    pub start: DateTime<Utc>,
    /// `digestEndTime`: the last instant that it speaks of.
    pub end: DateTime<Utc>,
    /// `logFiles`, in order.
    pub log_files: Vec<ListedFile>,
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    aws_account_id: String,
    digest_start_time: String,
    digest_end_time: String,
    #[serde(rename = "digestS3Object", default)]
    digest_object: Option<String>,
    #[serde(default)]
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
    #[serde(default)]
    oldest_event_time: Option<String>,
    #[serde(default)]
    newest_event_time: Option<String>,
}

impl DigestFile {
    /// Reads the content of a digest file; `None` when it is none.
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
            .digest_object
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
    }

    #[test]
    fn a_log_file_is_no_digest_file() {
        assert_eq!(DigestFile::parse(br#"{"Records":[]}"#), None);
    }
}
