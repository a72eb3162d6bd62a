//! Bad news about the input: an [`Error`] stops the run, a [`Problem`] costs only its own place.
//!
//! Comes in: what the reading stages found. Goes out: values with fields, never text; `render` words
//! them. Never: a conclusion about a push, which is a finding.

mod integrity;

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use crate::location::{Location, Span};

pub use integrity::{Follows, Integrity};

/// A defect of the input at one place; everything sound around it is still used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// Where it is.
    pub at: Location,
    /// The record or manifest around it, re-indented and shortened; made while the bytes were
    /// available.
    pub excerpt: Option<Excerpt>,
}

impl Problem {
    /// A problem at a place, without an excerpt.
    pub(crate) fn new(kind: ProblemKind, at: Location) -> Self {
        let excerpt = None;
        Self { kind, at, excerpt }
    }
}

/// How many problems of one file are listed; the rest are counted.
pub(crate) const MAX_PROBLEMS: usize = 20;

/// A form of files that is known and cannot be read, or holds nothing that could be.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum KnownForm {
    /// Compressed by bzip2.
    Bzip2,
    /// Compressed by xz.
    Xz,
    /// Compressed by LZ4.
    Lz4,
    /// An archive of 7-Zip.
    SevenZip,
    /// A table in Parquet, as Security Lake and Athena write it.
    Parquet,
    /// A table in ORC.
    Orc,
    /// A table in Avro.
    Avro,
    /// A database of SQLite.
    Sqlite,
    /// A tar archive that is too large to be held.
    LargeTar,
    /// The AWS CLI's output as YAML.
    Yaml,
    /// The AWS CLI's output as text.
    CliText,
    /// The CSV file of the console's Event history.
    ConsoleCsv,
    /// What Git keeps in place of a file in Git LFS.
    LfsPointer,
    /// What Git keeps in place of a file in git-annex.
    AnnexPointer,
    /// Encrypted.
    Encrypted,
    /// A page for a browser.
    WebPage,
    /// XML, such as the answer of S3 to a call that failed.
    Xml,
    /// Messages that say that files came into a bucket.
    S3Notification,
    /// Events that ECR sends to EventBridge itself.
    EcrEvents,
    /// Messages of a queue, a topic or a stream that hold no record.
    Queue,
}

/// What can be wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// The file or directory could not be opened or read; the operating system's words.
    Unreadable {
        /// The operating system's message.
        reason: String,
    },
    /// The file decodes to nothing, although a log always holds at least one record.
    Empty,
    /// Compressed data that cannot be decoded past a point.
    Undecodable {
        /// `gzip` or another format's name.
        format: Cow<'static, str>,
        /// Decoded bytes kept before the defect.
        kept_bytes: u64,
    },
    /// The decoded size passed the cap of `--max-decoded`; the rest was not read.
    TooLarge {
        /// The cap, in bytes.
        limit: u64,
    },
    /// The content is neither CloudTrail records nor any other known file of CloudTrail.
    NotCloudTrail {
        /// What it is, if that is known.
        form: Option<KnownForm>,
    },
    /// The JSON ends or breaks off inside the file.
    Truncated {
        /// Records kept before the defect.
        kept_records: u64,
    },
    /// A record that is not valid JSON, or not a JSON object.
    BadRecord {
        /// The JSON parser's message, without its position.
        reason: String,
    },
    /// A field that breaks its rule; the event is kept without it, or skipped.
    BadField {
        /// The JSON path of the field, as in `requestParameters.partFirstByte`.
        field: Cow<'static, str>,
        /// What was expected, as in `a whole number`.
        expected: Cow<'static, str>,
        /// Whether the record was skipped because of it.
        skipped: bool,
    },
    /// A text of a push event holds half a surrogate pair, which JSON can express; it was read as
    /// U+FFFD.
    HalfPair,
    /// Two records with one `eventID` that differ; both are kept.
    ConflictingDuplicate {
        /// The shared `eventID`.
        event_id: String,
    },
    /// The file failed the check against digest files, or could not pass it.
    Integrity {
        /// What is wrong.
        defect: Integrity,
        /// The name of the member, if the file is an archive.
        member: Option<String>,
    },
    /// More records with another's `eventID` that differ than are listed one by one.
    MoreConflicts {
        /// How many were only counted.
        count: u64,
    },
    /// A table of events, or a row of it, from which no record can be made.
    BadTable {
        /// Why not.
        reason: String,
    },
    /// A line about the origin of an extract that cannot be used; its records are kept.
    BadCoverage {
        /// What is wrong with it.
        reason: String,
    },
    /// More problems of this file than are listed one by one.
    More {
        /// How many were only counted.
        count: u64,
    },
}

impl ProblemKind {
    /// Whether it is a log file that a digest file lists and that is not in the input.
    #[must_use]
    pub fn is_absent_log(&self) -> bool {
        let Self::Integrity { defect, .. } = self else {
            return false;
        };
        matches!(defect, Integrity::AbsentLog { .. })
    }

    /// The stable code of the kind, as `docs/findings.md` and the JSON report spell it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "unreadable",
            Self::Empty => "empty-file",
            Self::Undecodable { .. } => "undecodable",
            Self::TooLarge { .. } => "too-large",
            Self::NotCloudTrail { .. } => "not-cloudtrail",
            Self::Truncated { .. } => "truncated",
            Self::BadRecord { .. } => "bad-record",
            Self::BadField { .. } => "bad-field",
            Self::HalfPair => "half-pair",
            Self::ConflictingDuplicate { .. } => "conflicting-duplicate",
            Self::BadTable { .. } => "bad-table",
            Self::Integrity { defect, .. } => defect.code(),
            Self::BadCoverage { .. } => "bad-coverage",
            Self::MoreConflicts { .. } | Self::More { .. } => "more-problems",
        }
    }

    /// How many defects it stands for.
    #[must_use]
    pub fn weight(&self) -> u64 {
        match self {
            Self::More { count } | Self::MoreConflicts { count } => *count,
            Self::Unreadable { .. }
            | Self::Empty
            | Self::Undecodable { .. }
            | Self::TooLarge { .. }
            | Self::NotCloudTrail { .. }
            | Self::Truncated { .. }
            | Self::BadRecord { .. }
            | Self::BadField { .. }
            | Self::HalfPair
            | Self::ConflictingDuplicate { .. }
            | Self::BadTable { .. }
            | Self::Integrity { .. }
            | Self::BadCoverage { .. } => 1,
        }
    }
}

/// A piece of input text made safe to show, with the part that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Re-indented JSON, long strings elided, at most 16 KiB.
    pub text: String,
    /// The bytes of `text` that are wrong.
    pub label: Span,
}

/// The error of an object store's client when it gives up.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// What stops a run: an error in finding the input, or in writing the output.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A named path does not exist or cannot be accessed.
    NoSuchPath {
        /// The path as it was given.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// There is no file under the paths that could be a log.
    NoLogFiles {
        /// The first path that was given.
        path: PathBuf,
    },
    /// The file of public keys cannot be read, or holds something else.
    PublicKeys {
        /// The path as it was given.
        path: PathBuf,
        /// The operating system's error, or what the file was expected to hold.
        source: io::Error,
    },
    /// A bucket could not be listed.
    Listing {
        /// The address as it was given.
        address: String,
        /// Why.
        source: StoreError,
    },
    /// The report could not be written.
    Output(io::Error),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoSuchPath { path, source } => {
                write!(f, "cannot look at `{}`: {source}", path.display())
            }
            Self::NoLogFiles { path } => {
                write!(f, "no log file under `{}`", path.display())
            }
            Self::PublicKeys { path, source } => {
                write!(
                    f,
                    "cannot use `{}` as public keys: {source}",
                    path.display()
                )
            }
            Self::Listing { address, source } => write!(f, "cannot list `{address}`: {source}"),
            Self::Output(source) => write!(f, "cannot write the report: {source}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NoSuchPath { source, .. }
            | Self::PublicKeys { source, .. }
            | Self::Output(source) => Some(source),
            Self::Listing { source, .. } => Some(&**source),
            Self::NoLogFiles { .. } => None,
        }
    }
}
