//! What the logs cover: counts of files and records, and the time covered for each account and region.
//!
//! Comes in: the tallies and time intervals of each file. Goes out: sums that balance, and for each
//! account and region the stretch of time that the log covers, with its holes. Never: a guess about a
//! push.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ingest::interval::{HeardRun, Interval, SecondRange};
use crate::ingest::verify::verdict::Verification;
use crate::location::FileId;

/// Files of the input by outcome; every file found is counted once. Reports and extracts write it in
/// this order and by these names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileTally {
    /// Log files read that mention ECR.
    pub read: u64,
    /// Log files without push events: nothing in them mentions ECR, so they were not split.
    pub without_push_events: u64,
    /// CloudTrail digest files.
    pub digest: u64,
    /// CloudTrail Insights and Lake files, which hold no call records.
    pub insight: u64,
    /// Files of zero bytes.
    pub empty: u64,
    /// Hidden files, which were not opened.
    pub hidden: u64,
    /// Log and digest files that, by the dates in their names, hold nothing of the period asked for.
    pub pruned: u64,
    /// Files that are not from CloudTrail.
    pub not_cloudtrail: u64,
    /// Files that could not be read at all.
    pub unreadable: u64,
}

/// The most files of a kind that are named as set aside.
pub const MOST_SET_ASIDE: usize = 5;

/// Why a file was set aside; what to look at first comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SetAside {
    /// It holds no CloudTrail records.
    #[serde(rename = "not-cloudtrail")]
    NotCloudTrail,
    /// It is hidden, and was not opened.
    Hidden,
    /// An Insights or Lake file.
    Insight,
    /// A digest file; it is read for what it says about log files.
    Digest,
}

/// Records by outcome: `seen = push + other + duplicate + malformed`, over the files that were split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RecordTally {
    /// Records found.
    pub seen: u64,
    /// Push events kept.
    pub push: u64,
    /// Records of other calls and other services.
    pub other: u64,
    /// Push events that repeat another: the same `eventID`, or the twin of a shared call.
    pub duplicate: u64,
    /// Records that could not be used.
    pub malformed: u64,
}

impl FileTally {
    /// The number of files found.
    #[must_use]
    pub fn found(mut self) -> u64 {
        self.counts().into_iter().map(|count| *count).sum()
    }

    /// The number of log files that were read.
    #[must_use]
    pub fn logs(&self) -> u64 {
        self.read + self.without_push_events
    }

    /// Every count.
    pub(super) fn counts(&mut self) -> [&mut u64; 9] {
        let Self {
            read,
            without_push_events,
            digest,
            insight,
            empty,
            hidden,
            pruned,
            not_cloudtrail,
            unreadable,
        } = self;
        [
            read,
            without_push_events,
            digest,
            insight,
            empty,
            hidden,
            pruned,
            not_cloudtrail,
            unreadable,
        ]
    }

    pub(super) fn add(&mut self, mut other: Self) {
        let counts = other.counts().into_iter();
        self.counts()
            .into_iter()
            .zip(counts)
            .for_each(|(sum, count)| plus(sum, *count));
    }
}

impl RecordTally {
    pub(crate) fn add(&mut self, other: Self) {
        plus(&mut self.seen, other.seen);
        plus(&mut self.push, other.push);
        plus(&mut self.other, other.other);
        plus(&mut self.duplicate, other.duplicate);
        plus(&mut self.malformed, other.malformed);
    }
}

/// The maximum of every count, so that no sum of a few counts overflows; the counts in an extract can
/// come from anybody. Every JSON reader represents this number exactly (RFC 8259, section 6).
pub(super) const MAX_COUNT: u64 = (1 << 53) - 1;

/// Adds to a count, up to the maximum.
pub(super) fn plus(sum: &mut u64, count: u64) {
    *sum = sum.saturating_add(count).min(MAX_COUNT);
}

/// Why a stretch of time counts as missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoleReason {
    /// A digest file lists log files that are not in the input. This is proof.
    DigestListsAbsentFile,
    /// No record and no file for far longer than usual in this account and region. This is an
    /// inference.
    Quiet,
}

/// A stretch of time that the log should cover and does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hole {
    /// The stretch.
    pub interval: Interval,
    /// Why it counts as missing.
    pub reason: HoleReason,
}

/// Log files of one hour that digest files list but the input lacks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissingHour {
    /// The account and region of the digest files.
    pub source: Source,
    /// The hour in which their records begin, by the clock in UTC; or several hours that follow one another.
    pub hour: Interval,
    /// How many they are.
    pub n_files: u64,
}

/// What the log covers of one account and region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// From the first record to the last, extended by what digest files vouch for.
    pub interval: Interval,
    /// What is missing inside, in order, not overlapping.
    pub holes: Vec<Hole>,
    /// When there were records, by first and last second since 1970; empty if no hole is inferred from silence.
    pub heard: Vec<SecondRange>,
    /// In which minutes one caller alone was heard; empty as well.
    pub by: Vec<HeardRun>,
}

/// An account and a region; CloudTrail delivers separately for each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// The account whose trail it is.
    pub account: Box<str>,
    /// The region.
    pub region: Box<str>,
}

impl Source {
    pub(super) fn new(account: &str, region: &str) -> Self {
        Self {
            account: account.into(),
            region: region.into(),
        }
    }
}

/// The log files that were left unread because of the period asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// The first instant from which the log is complete, if earlier files were left unread.
    pub before: Option<DateTime<Utc>>,
    /// The last instant up to which the log is complete, if later files were left unread.
    pub after: Option<DateTime<Utc>>,
    /// The earliest delivery of an unread log file.
    pub first: Option<DateTime<Utc>>,
    /// The latest delivery.
    pub last: Option<DateTime<Utc>>,
}

/// What the logs cover.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files by outcome.
    pub files: FileTally,
    /// The files that give no records, sorted.
    pub set_aside: Vec<(SetAside, FileId)>,
    /// Records by outcome.
    pub records: RecordTally,
    /// How many objects other services wrap like a record that are none: EventBridge's events that do
    /// not come from CloudTrail, control messages and other text of CloudWatch Logs. They do not count
    /// as seen.
    pub n_skipped: u64,
    /// By which members records were found in wrappers of any shape (`hits.hits._source`), and how many.
    pub opened: BTreeMap<String, u64>,
    /// Network activity events that were set aside. Those that repeat a record also count as
    /// duplicates; those that show nothing of a push also count as others.
    pub n_network_activity: u64,
    /// What the log covers for each account and region.
    pub spans: BTreeMap<Source, Covered>,
    /// The log files that digest files list but the input lacks, in order. Archives may hold any file, and so none
    /// counts as missing beside one unless files are verified.
    pub missing: Vec<MissingHour>,
    /// What was left unread because of the period asked for; `None` if nothing was.
    pub pruned: Option<Pruned>,
    /// Whether the files are as CloudTrail delivered them; `None` if this was not asked.
    pub verification: Option<Verification>,
    /// The names of files that extracts mention, sorted. Their [`FileId`]s follow those of the input
    /// files.
    pub elsewhere: Vec<String>,
    /// How many more files those extracts set aside than they name.
    pub set_aside_elsewhere: u64,
}

impl Coverage {
    /// The span of an account and region.
    #[must_use]
    pub fn span(&self, account: &str, region: &str) -> Option<&Covered> {
        self.spans.get(&Source::new(account, region))
    }

    /// From the first instant of any span to the last.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        let from = self.spans.values().map(|span| span.interval.from).min()?;
        let to = self.spans.values().map(|span| span.interval.to).max()?;
        Some(Interval { from, to })
    }
}
