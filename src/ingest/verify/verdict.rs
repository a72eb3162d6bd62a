//! What the check against digest files says about each file, and so what a push is based on.
//!
//! Comes in: verdicts and standings as the check found them. Goes out: the verdict on the file of a record, and
//! how trustworthy the record is. Never: a verdict of its own.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::ingest::interval::Interval;
use crate::location::{FileId, RecordAt};
use crate::source::digest_file::ObjectLocation;

/// What was established about the files of the input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Whether keys were given to check signatures with.
    pub signatures: Signatures,
    /// The log files, and whatever else a digest file lists.
    pub logs: BTreeMap<Part, Verdict>,
    /// The digest files.
    pub digests: BTreeMap<Part, Standing>,
    /// Log files that digest files list but the input lacks, by name; none under pseudonyms.
    pub absent: Vec<AbsentLog>,
    /// How many these are.
    pub n_absent: u64,
    /// Digest files that do not follow the one before them.
    pub n_breaks: u64,
    /// The chains of digest files, by account, region and name.
    pub chains: Vec<DigestChain>,
    /// Doubts about the log, by account and region.
    pub suspects: Vec<Suspect>,
    /// The fingerprints of the bare names of all available log files.
    pub(in crate::ingest) present: BTreeSet<u64>,
}

/// A log file that a digest file lists but the input lacks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AbsentLog {
    /// Where the digest file says that it is.
    pub place: ObjectLocation,
    /// The account of the digest file.
    pub account: Box<str>,
    /// Its region.
    pub region: Box<str>,
    /// The first instant of its records by the digest file, or else of what that covers.
    pub from: DateTime<Utc>,
}

/// The digest files of one trail for an account and region, each of which refers to the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestChain {
    /// The account.
    pub account: Box<str>,
    /// The region of the log files.
    pub region: Box<str>,
    /// The digest files here.
    pub n_files: u64,
    /// The time that they cover, from the start of the first to the end of the last.
    pub interval: Interval,
    /// The time between two that are adjacent here but do not say so themselves.
    pub gaps: Vec<Interval>,
    /// Whether the first one here says that it starts the chain; if not, there was one before it.
    pub has_begin: bool,
    /// The standing of the last one here. Nothing can prove that none follows it.
    pub end: Standing,
}

/// Something wrong with the log of an account and region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suspect {
    /// What is wrong.
    pub flaw: Flaw,
    /// The account.
    pub account: Box<str>,
    /// The region.
    pub region: Box<str>,
    /// The time concerned, as far as it is known.
    pub interval: Interval,
}

/// What can be wrong with the log of an account and region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// A file is not as it was delivered.
    Altered,
    /// A delivered log file is missing.
    Absent,
    /// A log file is here that was not delivered, or digest files are missing between others.
    Unfounded,
}

/// A file, or a member of an archive; each is checked separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The file.
    pub file: FileId,
    /// The position in the file of the first record of this part.
    pub first_record: u32,
    /// The position in the archive's directory; 0 for a plain file.
    pub member: u32,
}

impl Part {
    /// A plain file.
    pub(super) fn file(file: FileId) -> Self {
        Self {
            file,
            first_record: 0,
            member: 0,
        }
    }
}

/// Whether signatures were checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signatures {
    /// No keys were given.
    #[default]
    NotAsked,
    /// Against the keys that were given.
    Checked,
}

/// The verdict on a log file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Its content is what a digest file lists; if keys were given, that digest file's signature is good.
    Verified,
    /// Its content is what a digest file lists, but the signature could not be checked with the keys.
    Unsigned,
    /// Its content is what a digest file lists, but something follows it.
    TrailingData,
    /// Its content is not what a digest file lists.
    Altered,
    /// Only digest files that were altered themselves list it.
    Unfounded,
    /// No digest file lists it, though there are some for its time.
    Unlisted,
    /// There is no digest file for its time.
    NotCovered,
    /// It could not be read to its end.
    Unread,
}

/// The standing of a digest file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Its signature is good.
    Signed,
    /// A digest file that is signed or vouched for gives its hash.
    Vouched,
    /// Nothing speaks against it, and its signature was not checked.
    Unchecked,
    /// Nothing speaks against it, and the key that it names was not given.
    UnknownKey,
    /// Its content is not what the next digest file says.
    Altered,
    /// Its signature is bad.
    BadSignature,
}

/// What a push is based on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// All its records are in log files as digest files list them; if keys were given, signed ones.
    Verified,
    /// Nothing vouches for some of them.
    Unverified,
    /// Some are in a log file that is not as it was delivered.
    Contradicted,
}

/// How trustworthy a record is; a record with less trust never replaces one with more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// No good digest file lists the content of its file.
    Nothing,
    /// A digest file lists it, but its signature could not be checked, or something follows the content.
    Listed,
    /// A digest file lists it; if keys were given, a signed one.
    Verified,
}

impl Verdict {
    /// How much trust it gives to the records in the file.
    #[must_use]
    pub fn trust(self) -> Trust {
        match self {
            Self::Verified => Trust::Verified,
            Self::Unsigned | Self::TrailingData => Trust::Listed,
            Self::Altered | Self::Unfounded | Self::Unlisted | Self::NotCovered | Self::Unread => {
                Trust::Nothing
            }
        }
    }
}

impl Standing {
    /// Whether a key vouches for it.
    pub(super) fn is_authentic(self) -> bool {
        match self {
            Self::Signed | Self::Vouched => true,
            Self::Unchecked | Self::UnknownKey | Self::Altered | Self::BadSignature => false,
        }
    }

    /// Whether there is evidence against it.
    pub(super) fn is_bad(self) -> bool {
        match self {
            Self::Altered | Self::BadSignature => true,
            Self::Signed | Self::Vouched | Self::Unchecked | Self::UnknownKey => false,
        }
    }
}

impl Verification {
    /// The verdict on the log file, or member of an archive, that holds a record. No digest file covers a file
    /// that only an extract names.
    ///
    /// # Complexity
    /// O(log n) in the log files.
    #[must_use]
    pub fn verdict(&self, at: RecordAt) -> (Part, Verdict) {
        let after = Part {
            file: at.file,
            first_record: at.index.saturating_add(1),
            member: 0,
        };
        let before = self.logs.range(..after).next_back();
        match before.filter(|(part, _)| part.file == at.file) {
            Some((&part, &verdict)) => (part, verdict),
            None => (Part::file(at.file), Verdict::NotCovered),
        }
    }

    /// What a push made of some records is based on.
    #[must_use]
    pub fn basis(&self, mut records: impl Iterator<Item = RecordAt> + Clone) -> Basis {
        let mut verdicts = records.clone().map(|at| self.verdict(at).1);
        let is_sound = |verdict| matches!(verdict, Verdict::Verified | Verdict::TrailingData);
        match verdicts.any(|verdict| verdict == Verdict::Altered) {
            true => Basis::Contradicted,
            false if records.all(|at| is_sound(self.verdict(at).1)) => Basis::Verified,
            false => Basis::Unverified,
        }
    }

    /// How many log files have a verdict.
    #[must_use]
    pub fn n_logs(&self, verdict: Verdict) -> u64 {
        self.logs.values().filter(|&&of| of == verdict).count() as u64
    }

    /// How many digest files have a standing.
    #[must_use]
    pub fn n_digests(&self, standing: Standing) -> u64 {
        self.digests.values().filter(|&&of| of == standing).count() as u64
    }
}
