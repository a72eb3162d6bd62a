//! LOG FILES, DIGEST FILES -> WHICH OF THEM ARE AS CLOUDTRAIL DELIVERED THEM.
//!
//! Comes in: the hash of every file, taken while it was read, and what the digest files list. Goes
//! out: a verdict on each log file and a standing of each digest file, with a problem for each that
//! fails. Never: a second look at a file, or a verdict that digest files do not bear out.

mod chain;
mod logs;

use std::collections::BTreeMap;

use crate::ingest::reader::MAX_PROBLEMS;
use crate::location::{FileId, Location, RecordAt};
use crate::problem::Integrity;
use crate::problem::{Problem, ProblemKind};
use crate::source::digest_file::file_name;
use crate::source::{ContentHash, DigestFile, PublicKeys, Reach, SourceFile};

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
            None => (Bearer::file(at.file).part, Verdict::NotCovered),
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

/// What was seen of the files while they were read.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) logs: Vec<LogSeen>,
    pub(super) digests: Vec<DigestSeen>,
    /// Signatures in files beside digest files.
    pub(super) signatures: Vec<(Bearer, String)>,
}

/// What bears a content.
#[derive(Clone, Debug)]
pub(super) struct Bearer {
    pub(super) part: Part,
    /// The path of a member of an archive; `None` for a file by itself.
    member: Option<Box<str>>,
}

impl Bearer {
    pub(super) fn file(file: FileId) -> Self {
        let part = Part {
            file,
            first_record: 0,
            member: 0,
        };
        Self { part, member: None }
    }

    /// A member of an archive, by its place in the directory.
    pub(super) fn member(file: FileId, first_record: u32, place: usize, path: &str) -> Self {
        let part = Part {
            file,
            first_record,
            member: u32::try_from(place).unwrap_or(u32::MAX),
        };
        let member = Some(path.into());
        Self { part, member }
    }

    /// The last part of its path.
    fn name<'a>(&'a self, files: &'a [SourceFile]) -> Option<&'a str> {
        let of_file = || files.get(self.part.file.0 as usize);
        let path = match &self.member {
            Some(path) => path,
            None => of_file()?.name.as_str(),
        };
        Some(file_name(path))
    }
}

/// A file that is no digest file.
#[derive(Debug)]
pub(super) struct LogSeen {
    pub(super) bearer: Bearer,
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
    /// The content with that hash, which a defect may have ended early.
    pub(super) fn of(hash: ContentHash, defect: Option<&ProblemKind>) -> Self {
        match defect {
            None => Self::Whole(hash),
            Some(ProblemKind::Undecodable { .. }) => Self::BeforeDefect(hash),
            Some(_) => Self::Unread,
        }
    }

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
    pub(super) bearer: Bearer,
    pub(super) hash: ContentHash,
    pub(super) digest: DigestFile,
    /// The signature that came with it, where it is an object.
    pub(super) own_signature: Option<String>,
}

impl Evidence {
    /// Notes what holds records.
    pub(super) fn used(&mut self, bearer: Bearer, content: Content) {
        self.logs.push(LogSeen {
            bearer,
            content,
            has_records: true,
        });
    }

    /// Notes what holds none, or was not read; it matters if a digest file lists it.
    pub(super) fn unused(&mut self, bearer: Bearer, content: Content) {
        self.logs.push(LogSeen {
            bearer,
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

/// Checks the log files of the reach against the digest files, and those against each other and the
/// keys.
pub(super) fn verify(
    files: &[SourceFile],
    mut evidence: Evidence,
    keys: &PublicKeys,
    reach: &Reach,
) -> (Verification, Vec<Problem>) {
    evidence.digests.sort_by_key(|seen| seen.bearer.part);
    evidence.logs.sort_by_key(|seen| seen.bearer.part);
    let mut defects = Defects::default();
    let signatures = evidence
        .signatures
        .iter()
        .filter_map(|(bearer, signature)| Some((bearer.name(files)?, signature.as_str())));
    let signatures: BTreeMap<&str, &str> = signatures.collect();
    let judged = chain::judge(&evidence.digests, &signatures, keys, &mut defects);
    let n_breaks = chain::breaks(&judged, &mut defects);
    let question = logs::Question { files, keys, reach };
    let (verdicts, n_absent) = logs::check(&question, &evidence.logs, &judged, &mut defects);
    let verification = Verification {
        signatures: match keys.is_empty() {
            true => Signatures::NotAsked,
            false => Signatures::Checked,
        },
        logs: verdicts,
        digests: judged
            .iter()
            .map(|judged| (judged.seen.bearer.part, judged.standing))
            .collect(),
        n_absent,
        n_breaks,
    };
    (verification, defects.into_problems())
}

/// What the check objects to; of each file only so much is listed.
#[derive(Default)]
struct Defects(BTreeMap<FileId, (Vec<ProblemKind>, u64)>);

impl Defects {
    fn add(&mut self, bearer: &Bearer, defect: Integrity) {
        let (listed, n_more) = self.0.entry(bearer.part.file).or_default();
        let member = bearer.member.as_deref().map(shown);
        match listed.len() < MAX_PROBLEMS {
            true => listed.push(ProblemKind::Integrity { defect, member }),
            false => *n_more += 1,
        }
    }

    fn into_problems(self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (file, (listed, n_more)) in self.0 {
            let more = (n_more > 0).then_some(ProblemKind::More { count: n_more });
            let kinds = listed.into_iter().chain(more);
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
