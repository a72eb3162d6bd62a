//! LOG FILES, DIGEST FILES -> WHICH OF THEM ARE AS CLOUDTRAIL DELIVERED THEM.
//!
//! Comes in: the hash of every file, taken while it was read, and what the digest files list. Goes
//! out: a verdict on each log file and a standing of each digest file, with a problem for each that
//! fails. Never: a second look at a file, or a verdict that digest files do not bear out.

mod chain;
mod logs;

use std::collections::BTreeMap;

use crate::ingest::reader::MAX_PROBLEMS;
use crate::location::{FileId, Location};
use crate::problem::Integrity;
use crate::problem::{Problem, ProblemKind};
use crate::source::digest_file::file_name;
use crate::source::{ContentHash, DigestFile, PublicKeys, SourceFile};

/// What was established of the files of the input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Whether keys were given to check signatures with.
    pub signatures: Signatures,
    /// The log files, and whatever else a digest file lists.
    pub logs: BTreeMap<FileId, Verdict>,
    /// The digest files.
    pub digests: BTreeMap<FileId, Standing>,
    /// Log files that digest files list and that are not in the input.
    pub n_absent: u64,
    /// Digest files that do not follow the one before them.
    pub n_breaks: u64,
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

impl Standing {
    /// Whether a key vouches for it.
    fn is_authentic(self) -> bool {
        match self {
            Self::Signed | Self::Vouched => true,
            Self::Unchecked | Self::UnknownKey | Self::Altered | Self::BadSignature => false,
        }
    }

    /// Whether something speaks against it.
    fn is_bad(self) -> bool {
        match self {
            Self::Altered | Self::BadSignature => true,
            Self::Signed | Self::Vouched | Self::Unchecked | Self::UnknownKey => false,
        }
    }
}

impl Verification {
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

/// What was seen of the files while they were read.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) logs: Vec<LogSeen>,
    pub(super) digests: Vec<DigestSeen>,
    /// Signatures in files beside digest files, by the name of that file.
    pub(super) signatures: Vec<(FileId, String)>,
}

/// A file that is no digest file.
#[derive(Debug)]
pub(super) struct LogSeen {
    pub(super) file: FileId,
    pub(super) content: Content,
    /// Whether it holds records; else it matters only if a digest file lists it.
    pub(super) has_records: bool,
}

/// The content of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// All of it.
    Whole(ContentHash),
    /// What stands before a defect of the compression.
    BeforeDefect(ContentHash),
    /// Not read, or not to its end.
    Unread,
}

impl Content {
    /// The hash of what was read; `None` where that says nothing.
    pub(super) fn hash(self) -> Option<ContentHash> {
        match self {
            Self::Whole(hash) | Self::BeforeDefect(hash) => Some(hash),
            Self::Unread => None,
        }
    }
}

/// A digest file.
#[derive(Debug)]
pub(super) struct DigestSeen {
    pub(super) file: FileId,
    pub(super) hash: ContentHash,
    pub(super) digest: DigestFile,
}

impl Evidence {
    /// Notes a file that was not read; it matters if a digest file lists it.
    pub(super) fn unused(&mut self, file: FileId, content: Content) {
        self.logs.push(LogSeen {
            file,
            content,
            has_records: false,
        });
    }

    pub(super) fn absorb(&mut self, other: Self) {
        self.logs.extend(other.logs);
        self.digests.extend(other.digests);
        self.signatures.extend(other.signatures);
    }
}

/// Checks the log files against the digest files, and those against each other and the keys.
///
/// # Complexity
/// O(n log n) in the files and the log files that digest files list.
pub(super) fn verify(
    files: &[SourceFile],
    mut evidence: Evidence,
    keys: &PublicKeys,
) -> (Verification, Vec<Problem>) {
    evidence.digests.sort_by_key(|seen| seen.file);
    let mut defects = Defects::default();
    let signatures = evidence
        .signatures
        .iter()
        .filter_map(|(file, signature)| Some((name(files, *file)?, signature.as_str())));
    let signatures: BTreeMap<&str, &str> = signatures.collect();
    let judged = chain::judge(&evidence.digests, &signatures, keys, &mut defects);
    let n_breaks = chain::breaks(&judged, &mut defects);
    let (verdicts, n_absent) = logs::check(files, &evidence.logs, &judged, keys, &mut defects);
    let verification = Verification {
        signatures: match keys.is_empty() {
            true => Signatures::NotAsked,
            false => Signatures::Checked,
        },
        logs: verdicts,
        digests: judged
            .iter()
            .map(|judged| (judged.seen.file, judged.standing))
            .collect(),
        n_absent,
        n_breaks,
    };
    (verification, defects.into_problems())
}

/// The last part of a file's name.
fn name(files: &[SourceFile], file: FileId) -> Option<&str> {
    files.get(file.0 as usize).map(|file| file_name(&file.name))
}

/// What the check objects to; of each file only so much is listed.
#[derive(Default)]
struct Defects(BTreeMap<FileId, (Vec<Integrity>, u64)>);

impl Defects {
    fn add(&mut self, file: FileId, defect: Integrity) {
        let (listed, n_more) = self.0.entry(file).or_default();
        match listed.len() < MAX_PROBLEMS {
            true => listed.push(defect),
            false => *n_more += 1,
        }
    }

    fn into_problems(self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (file, (listed, n_more)) in self.0 {
            let more = (n_more > 0).then_some(ProblemKind::More { count: n_more });
            let kinds = listed.into_iter().map(ProblemKind::Integrity).chain(more);
            problems.extend(kinds.map(|kind| Problem {
                kind,
                at: Location::file(file),
                excerpt: None,
            }));
        }
        problems
    }
}

/// A name as problems show it: of a hostile digest file it can be of any length.
fn shown(name: &str) -> String {
    const MOST: usize = 160;
    let name = file_name(name);
    match name.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}
