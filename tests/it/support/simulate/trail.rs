//! The trail: how records reach the bucket, and what of it the investigator holds.
//!
//! In: records. Out: the objects of the bucket under their real names, each one line of gzipped JSON, and
//! which records they hold after cuts. Records come late, out of order and sometimes twice.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::clock::{HOUR, MINUTE, Millis, SECOND, format, rfc3339};
use super::random::Random;
use super::record::Record;
use super::seal::{Sealed, seal, sha256};

/// How records are delivered and what of the log is lost.
#[derive(Clone, Default)]
pub(crate) struct Delivery {
    /// The trail logs writes only: no checks, logins and reads.
    pub(crate) writes_only: bool,
    /// So many percent of the records come a second time, in another file.
    pub(crate) duplicates: u64,
    /// So many percent of the parts are not in the log.
    pub(crate) lost_parts: u64,
    /// Files with an earlier stamp are not there.
    pub(crate) cut_head: Option<Millis>,
    /// Files with this stamp or a later one are not there.
    pub(crate) cut_tail: Option<Millis>,
    /// Files with stamps from here on for an hour are not there.
    pub(crate) missing_hour: Option<Millis>,
    /// Of these accounts, files stamped before the first or from the second instant on are not there.
    pub(crate) account_cuts: Vec<(String, Option<Millis>, Option<Millis>)>,
    /// The organisation keeps a trail of its own in the same bucket: everything is there twice.
    pub(crate) has_second_trail: bool,
    /// Hourly digest files stand beside the log files, and list the missing ones too.
    pub(crate) has_digests: bool,
}

impl Delivery {
    /// Whether records are lost on the way that the trail wrote.
    pub(crate) fn is_damaging(&self) -> bool {
        self.lost_parts > 0
            || self.cut_head.is_some()
            || self.cut_tail.is_some()
            || self.missing_hour.is_some()
            || !self.account_cuts.is_empty()
    }
}

/// The bucket's log files that the investigator has.
pub(crate) struct Delivered {
    /// Path and content, sorted by path.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    /// What they hold, each record once, in no order.
    pub(crate) records: Vec<Record>,
    /// First and last `eventTime` by account and region.
    pub(crate) spans: BTreeMap<(String, String), (Millis, Millis)>,
}

/// A log file before it is written: which records it holds.
struct LogFile {
    path: String,
    stamp: Millis,
    account: String,
    region: String,
    records: Vec<usize>,
}

const FILE_EVERY: Millis = 5 * MINUTE;

/// Delivers `records`.
pub(crate) fn deliver(
    random: &mut Random,
    delivery: &Delivery,
    mut records: Vec<Record>,
) -> Delivered {
    records.retain(|record| is_logged(random, delivery, record));
    let mut files = lay_out(random, delivery, &records);
    let is_lost = |file: &LogFile| {
        delivery.cut_head.is_some_and(|from| file.stamp < from)
            || delivery.cut_tail.is_some_and(|to| file.stamp >= to)
            || delivery
                .missing_hour
                .is_some_and(|from| (from..from + HOUR).contains(&file.stamp))
            || delivery.account_cuts.iter().any(|(account, from, to)| {
                *account == file.account
                    && (from.is_some_and(|from| file.stamp < from)
                        || to.is_some_and(|to| file.stamp >= to))
            })
    };
    let mut objects = if delivery.has_digests {
        digest_files(&files, &records)
    } else {
        Vec::new()
    };
    files.retain(|file| !is_lost(file));
    let kept: BTreeSet<usize> = files
        .iter()
        .flat_map(|file| file.records.iter().copied())
        .collect();
    for file in files {
        let bytes = gzip(&content(&file.records, &records));
        if delivery.has_second_trail {
            let path = file
                .path
                .replacen("AWSLogs/", "organisation/AWSLogs/o-exampleorgid/", 1);
            objects.push((path, bytes.clone()));
        }
        objects.push((file.path, bytes));
    }
    objects.sort();
    let records: Vec<Record> = records
        .into_iter()
        .enumerate()
        .filter(|(number, _)| kept.contains(number))
        .map(|(_, r)| r)
        .collect();
    Delivered {
        files: objects,
        spans: spans(&records),
        records,
    }
}

fn is_logged(random: &mut Random, delivery: &Delivery, record: &Record) -> bool {
    let is_part = record.call.is_some() && record.json.contains(r#""eventName":"UploadLayerPart""#);
    !(delivery.writes_only && !record.is_write || is_part && random.percent(delivery.lost_parts))
}

/// Spreads the records over files: each 0.4 to 7 minutes late, up to three files with one stamp.
fn lay_out(random: &mut Random, delivery: &Delivery, records: &[Record]) -> Vec<LogFile> {
    let mut slots: BTreeMap<(&str, &str, Millis, usize), Vec<usize>> = BTreeMap::new();
    for (number, record) in records.iter().enumerate() {
        let n_copies = if random.percent(delivery.duplicates) {
            2
        } else {
            1
        };
        for _ in 0..n_copies {
            let delivered = record.time + random.within(24, 426) * SECOND;
            let stamp = (delivered.div_euclid(FILE_EVERY) + 1) * FILE_EVERY;
            let part = random.index(1 + usize::try_from(stamp / FILE_EVERY % 3).expect("below 3"));
            let slot = slots
                .entry((&record.account, &record.region, stamp, part))
                .or_default();
            if !slot.contains(&number) {
                slot.push(number);
            }
        }
    }
    let file = |((account, region, stamp, _), mut numbers): (
        (&str, &str, Millis, usize),
        Vec<usize>,
    )| {
        random.shuffle(&mut numbers);
        let (day, minute) = (format(stamp, "%Y/%m/%d"), format(stamp, "%Y%m%dT%H%MZ"));
        let name = random.text(
            16,
            b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        );
        LogFile {
            path: format!(
                "AWSLogs/{account}/CloudTrail/{region}/{day}/{account}_CloudTrail_{region}_{minute}_{name}.json.gz"
            ),
            stamp,
            account: account.to_owned(),
            region: region.to_owned(),
            records: numbers,
        }
    };
    slots.into_iter().map(file).collect()
}

fn content(numbers: &[usize], records: &[Record]) -> String {
    let texts: Vec<&str> = numbers
        .iter()
        .map(|&number| records[number].json.as_str())
        .collect();
    format!(r#"{{"Records":[{}]}}"#, texts.join(","))
}

/// One gzip member without name or time, so that equal text gives equal bytes.
pub(crate) fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder
        .write_all(text.as_bytes())
        .expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

/// One digest file an hour, account and region, listing the log files delivered in that hour.
fn digest_files(files: &[LogFile], records: &[Record]) -> Vec<(String, Vec<u8>)> {
    let mut hours: BTreeMap<(&str, &str, Millis), Vec<&LogFile>> = BTreeMap::new();
    for file in files {
        let hour = file.stamp.div_euclid(HOUR) * HOUR;
        hours
            .entry((&file.account, &file.region, hour))
            .or_default()
            .push(file);
    }
    let mut previous: Option<((&str, &str), Sealed)> = None;
    let mut objects = Vec::new();
    for ((account, region, hour), listed) in hours {
        let before = previous.take().filter(|(of, _)| *of == (account, region));
        let times: Vec<Millis> = listed
            .iter()
            .flat_map(|file| file.records.iter().map(|&number| records[number].time))
            .collect();
        let log_files: Vec<_> = listed
            .iter()
            .map(|file| listed_file(file, records))
            .collect();
        let end = hour + HOUR;
        let (day, second) = (format(end, "%Y/%m/%d"), format(end, "%Y%m%dT%H%M%SZ"));
        let path = format!(
            "AWSLogs/{account}/CloudTrail-Digest/{region}/{day}/{account}_CloudTrail-Digest_{region}_main_{region}_{second}.json.gz"
        );
        let digest = json!({
            "awsAccountId": account,
            "digestStartTime": rfc3339(hour),
            "digestEndTime": rfc3339(end),
            "digestS3Bucket": "trail-bucket",
            "digestS3Object": path,
            "newestEventTime": times.iter().max().map(|&at| rfc3339(at)),
            "oldestEventTime": times.iter().min().map(|&at| rfc3339(at)),
            "logFiles": log_files,
        });
        let sealed = seal(digest, before.as_ref().map(|(_, sealed)| sealed));
        objects.push((path, gzip(&sealed.text)));
        previous = Some(((account, region), sealed));
    }
    objects
}

fn listed_file(file: &LogFile, records: &[Record]) -> serde_json::Value {
    let times = || file.records.iter().map(|&number| records[number].time);
    json!({
        "s3Bucket": "trail-bucket",
        "s3Object": file.path,
        "hashValue": sha256(&content(&file.records, records)),
        "hashAlgorithm": "SHA-256",
        "newestEventTime": times().max().map(rfc3339),
        "oldestEventTime": times().min().map(rfc3339),
    })
}

fn spans(records: &[Record]) -> BTreeMap<(String, String), (Millis, Millis)> {
    let mut spans: BTreeMap<(String, String), (Millis, Millis)> = BTreeMap::new();
    for record in records {
        let key = (record.account.clone(), record.region.clone());
        let span = spans.entry(key).or_insert((record.time, record.time));
        *span = (span.0.min(record.time), span.1.max(record.time));
    }
    spans
}
