//! What the check of files against digest files says of each, and what a push can rest on by it.
//!
//! Comes in: verdicts and standings as the check found them. Goes out: the verdict on the file of a record, and
//! how much speaks for it. Never: a verdict of its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::ingest::interval::Interval;
use crate::location::{FileId, RecordAt};

/// What was established of the files of the input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Whether keys were given to check signatures with.
    pub signatures: Signatures,
    /// The log files, and whatever else a digest file lists.
    pub logs: BTreeMap<Part, Verdict>,
    /// The digest files.
    pub digests: BTreeMap<Part, Standing>,
    /// Log files that digest files list and that are not in the input.
    pub n_absent: u64,
    /// Digest files that do not follow the one before them.
    pub n_breaks: u64,
    /// The chains of digest files, by account, region and name.
    pub chains: Vec<DigestChain>,
    /// What of the log is in doubt, for whom it matters.
    pub suspects: Vec<Suspect>,
    /// The fingerprints of the bare names of all log files that are there.
    pub(in crate::ingest) present: BTreeSet<u64>,
}

/// The digest files of one trail for an account and region, each of which tells of the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestChain {
    /// The account.
    pub account: Box<str>,
    /// The region of the log files.
    pub region: Box<str>,
    /// The digest files here.
    pub n_files: u64,
    /// The time that they speak of, from the begin of the first to the end of the last.
    pub interval: Interval,
    /// What lies between two that follow one another here and not by their own word.
    pub gaps: Vec<Interval>,
    /// Whether the first one here begins the chain by its own word; else there was one before it.
    pub has_begin: bool,
    /// What the last one here is worth; that none follows it nothing can prove.
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
    /// The time that is concerned, as far as it is known.
    pub interval: Interval,
}

/// What can be wrong with the log of an account and region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// A file is not as it was delivered.
    Altered,
    /// A log file that was delivered is not here.
    Absent,
    /// A log file is here that was not delivered, or digest files are missing between others.
    Unfounded,
}

/// A file, or a member of an archive, which are checked one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The file.
    pub file: FileId,
    /// The position in the file from which on records are this part's.
    pub first_record: u32,
    /// The place in the archive's directory; 0 for a file that is none.
    pub member: u32,
}

impl Part {
    /// A file by itself.
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

/// What became of a log file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Its content is what a digest file lists, and that one's signature is good if keys were given.
    Verified,
    /// Its content is what a digest file lists whose signature could not be checked with the keys.
    Unsigned,
    /// Its content is what a digest file lists, and something follows it.
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

/// What became of a digest file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Its signature is good.
    Signed,
    /// One that is signed or vouched for itself gives its hash.
    Vouched,
    /// Nothing speaks against it, and its signature was not checked.
    Unchecked,
    /// Nothing speaks against it, and the key that it names was not given.
    UnknownKey,
    /// Its content is not what the one after it says.
    Altered,
    /// Its signature is bad.
    BadSignature,
}

/// What a push rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// All its records stand in log files as digest files list them, signed ones if keys were given.
    Verified,
    /// For some of them nothing vouches.
    Unverified,
    /// Some stand in a log file that is not as it was delivered.
    Contradicted,
}

/// How much speaks for a record; what has less of it never takes the place of what has more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// No digest file that is good itself lists the content that it stands in.
    Nothing,
    /// One does whose signature could not be checked, or something follows the content.
    Listed,
    /// One does, signed if keys were given.
    Verified,
}

impl Verdict {
    /// How much it says for the records in the file.
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

    /// Whether something speaks against it.
    pub(super) fn is_bad(self) -> bool {
        match self {
            Self::Altered | Self::BadSignature => true,
            Self::Signed | Self::Vouched | Self::Unchecked | Self::UnknownKey => false,
        }
    }
}

impl Verification {
    /// What became of the log file, or member of an archive, that a record stands in; no digest file
    /// speaks of a file that only an extract names.
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

    /// What a push rests on that is made of some records.
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

    /// How many log files came to a verdict.
    #[must_use]
    pub fn n_logs(&self, verdict: Verdict) -> u64 {
        self.logs.values().filter(|&&of| of == verdict).count() as u64
    }

    /// How many digest files came to a standing.
    #[must_use]
    pub fn n_digests(&self, standing: Standing) -> u64 {
        self.digests.values().filter(|&&of| of == standing).count() as u64
    }
}
