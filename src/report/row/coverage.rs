//! Rows of what was read, and what it covers.

use serde::{Serialize, Serializer};

use crate::ingest::coverage::{FileTally, HoleReason, RecordTally, SetAside};
use crate::ingest::verify::{Signatures, Standing};
use crate::report::row::word::ChainBegin;

/// What was read and what it covers.
#[derive(Clone, Debug, Serialize)]
pub struct CoverageRow {
    /// Files by outcome, after their sum `found`.
    #[serde(serialize_with = "counted")]
    pub files: FileTally,
    /// Files that give no records, at most five of each kind.
    pub set_aside: Vec<SetAsideRow>,
    /// How many more such files there are.
    pub set_aside_more: u64,
    /// Records by outcome.
    pub records: RecordTally,
    /// What was wrapped like a record but is none, such as EventBridge's own events of ECR.
    pub skipped: u64,
    /// By which members records were found in wrappers, as in `hits.hits._source.event.original`. Wrappers of forms that
    /// have a place of their own in `docs/input.md`, such as those of EventBridge, are not among them.
    pub wrappers: Vec<WrapperRow>,
    /// Network activity events that were set aside; they are also counted as duplicates or other
    /// records.
    pub network_activity: u64,
    /// The first instant covered, RFC 3339.
    pub first: Option<String>,
    /// The last instant covered, RFC 3339.
    pub last: Option<String>,
    /// Stretches of time that should be covered and are not.
    pub holes: Vec<HoleRow>,
    /// Log files that digest files list and that are not in the input, by account, region and hour.
    pub missing: Vec<MissingRow>,
    /// The same, with hours that follow one another as one stretch.
    #[serde(skip)]
    pub missing_stretches: Vec<MissingRow>,
    /// What is covered of each account and region.
    pub spans: Vec<SpanRow>,
    /// What was left unread because of the period asked for, if anything.
    pub pruned: Option<PrunedRow>,
    /// Whether the files are as CloudTrail delivered them; `None` without `--verify`.
    pub verification: Option<VerificationRow>,
}

/// What was read and what it covers, without lists that grow with the input.
#[doc(hidden)]
#[derive(Clone, Debug, Serialize)]
pub struct BriefCoverageRow {
    /// As [`CoverageRow::files`].
    #[serde(serialize_with = "counted")]
    pub files: FileTally,
    /// As [`CoverageRow::records`].
    pub records: RecordTally,
    /// As [`CoverageRow::first`].
    pub first: Option<String>,
    /// As [`CoverageRow::last`].
    pub last: Option<String>,
    /// The first of [`CoverageRow::holes`].
    pub holes: Vec<HoleRow>,
    /// How many more there are.
    pub holes_more: u64,
    /// As [`CoverageRow::pruned`].
    pub pruned: Option<PrunedRow>,
    /// As [`VerificationRow::log_files`]; `None` without `--verify`.
    pub log_files: Option<VerifiedLogsRow>,
}

/// Serialises a tally with its sum.
fn counted<S: Serializer>(tally: &FileTally, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Counted {
        found: u64,
        #[serde(flatten)]
        tally: FileTally,
    }
    let (found, tally) = (tally.found(), *tally);
    Counted { found, tally }.serialize(serializer)
}

/// Whether the files are as CloudTrail delivered them.
#[derive(Clone, Debug, Serialize)]
pub struct VerificationRow {
    /// `checked`, or `not-asked` where no keys were given.
    pub signatures: Signatures,
    /// Log files by outcome.
    pub log_files: VerifiedLogsRow,
    /// Digest files by outcome.
    pub digest_files: VerifiedDigestsRow,
    /// The chains that the digest files form.
    pub chains: Vec<ChainRow>,
}

/// The digest files of one trail for an account and region, as far as they are available.
#[derive(Clone, Debug, Serialize)]
pub struct ChainRow {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// How many digest files were read.
    pub files: u64,
    /// The start of the first hour that they cover.
    pub from: String,
    /// The end of the last.
    pub to: String,
    /// Gaps, where a digest file does not follow the one before it.
    pub gaps: Vec<GapRow>,
    /// `first`: the first one read says that it starts the chain; `continues`: another was before it.
    pub begin: ChainBegin,
    /// The state of the last one read, by the names of `digest_files`. Nothing can prove that none
    /// follows it.
    pub end: Standing,
}

/// A stretch of time between two digest files of a chain.
#[derive(Clone, Debug, Serialize)]
pub struct GapRow {
    /// The end of the earlier file.
    pub from: String,
    /// The start of the later file.
    pub to: String,
}

/// Log files by outcome; `absent` files are counted nowhere else.
#[derive(Clone, Copy, Debug, Serialize)]
#[expect(
    missing_docs,
    reason = "the fields are documented by Verdict, whose variants they are"
)]
pub struct VerifiedLogsRow {
    pub verified: u64,
    pub unsigned: u64,
    pub trailing_data: u64,
    pub altered: u64,
    pub unfounded: u64,
    pub unlisted: u64,
    pub not_covered: u64,
    pub unread: u64,
    pub absent: u64,
}

/// Digest files by outcome; `breaks` counts those that do not follow the one before.
#[derive(Clone, Copy, Debug, Serialize)]
#[expect(
    missing_docs,
    reason = "the fields are documented by Standing, whose variants they are"
)]
pub struct VerifiedDigestsRow {
    pub signed: u64,
    pub vouched: u64,
    pub unchecked: u64,
    pub unknown_key: u64,
    pub altered: u64,
    pub bad_signature: u64,
    pub breaks: u64,
}

/// Log files left unread by the dates in their names, because of the period asked for.
#[derive(Clone, Debug, Serialize)]
pub struct PrunedRow {
    /// The first instant from which the log is complete, if earlier files were left unread.
    pub before: Option<String>,
    /// The last instant up to which the log is complete, if later files were left unread.
    pub after: Option<String>,
    /// The earliest delivery of an unread log file.
    pub first: Option<String>,
    /// The latest delivery.
    pub last: Option<String>,
}

/// A file that gives no records.
#[derive(Clone, Debug, Serialize)]
pub struct SetAsideRow {
    /// The file, relative to its root, with `/`.
    pub file: String,
    /// What it is.
    #[serde(serialize_with = "named")]
    pub why: SetAside,
    /// What was done with it, and what to do next.
    pub help: &'static str,
}

fn named<S: Serializer>(why: &SetAside, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(why.name())
}

/// A stretch of time that is missing for an account and region.
#[derive(Clone, Debug, Serialize)]
pub struct HoleRow {
    /// The first instant that is missing.
    pub from: String,
    /// The last instant that is missing.
    pub to: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// `digest-lists-absent-file` or `quiet`.
    pub why: HoleReason,
}

/// Log files that digest files list and that are not in the input.
#[derive(Clone, Debug, Serialize)]
pub struct MissingRow {
    /// The start of the hour in which their records begin.
    pub from: String,
    /// Its end.
    pub to: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// How many they are.
    pub files: u64,
}

/// The time that is covered for an account and region.
#[derive(Clone, Debug, Serialize)]
pub struct SpanRow {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The first instant covered.
    pub from: String,
    /// The last instant covered.
    pub to: String,
}

/// A way to records in wrappers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WrapperRow {
    /// The names of the members, with dots between them; empty for a text that is a record.
    pub members: String,
    /// How many records were found there.
    pub records: u64,
}
