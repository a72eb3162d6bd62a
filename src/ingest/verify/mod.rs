//! LOG FILES, DIGEST FILES -> WHICH OF THEM ARE AS CLOUDTRAIL DELIVERED THEM.
//!
//! Comes in: the hash of every file, taken while it was read, and what the digest files list. Goes
//! out: a verdict on each log file and a standing of each digest file, with a problem for each that
//! fails. Never: a second look at a file, or a verdict that digest files do not bear out.

mod chain;
mod logs;

use std::collections::{BTreeMap, BTreeSet};

use crate::ingest::coverage::{Interval, Source};
use crate::ingest::timeline::Timeline;
use crate::location::{FileId, Location, RecordAt};
use crate::problem::Integrity;
use crate::problem::{MAX_PROBLEMS, Problem, ProblemKind};
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
    /// The chains of digest files, by account, region and name.
    pub chains: Vec<Chain>,
    /// What of the log is in doubt, for whom it matters.
    pub suspects: Vec<Suspect>,
    /// The fingerprints of the bare names of all log files that are there.
    pub(super) present: BTreeSet<u64>,
}

/// The digest files of one trail for an account and region, each of which tells of the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
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
    pub doubt: Doubt,
    /// The account.
    pub account: Box<str>,
    /// The region.
    pub region: Box<str>,
    /// The time that is concerned, as far as it is known.
    pub interval: Interval,
}

/// What can be wrong with the log of an account and region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
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

    /// Whether it is a member of an archive.
    fn is_member(&self) -> bool {
        self.member.is_some()
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
    /// The times of its records, by whose log they are of.
    pub(super) heard: BTreeMap<Source, Timeline>,
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
    /// No file that can be opened: as good as not there.
    Absent,
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
            Self::Unread | Self::Absent => None,
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
    /// Notes what holds records, and of which times.
    pub(super) fn used(
        &mut self,
        bearer: Bearer,
        content: Content,
        heard: BTreeMap<Source, Timeline>,
    ) {
        self.logs.push(LogSeen {
            bearer,
            content,
            has_records: true,
            heard,
        });
    }

    /// Notes what holds none, or was not read; it matters if a digest file lists it.
    pub(super) fn unused(&mut self, bearer: Bearer, content: Content) {
        self.logs.push(LogSeen {
            bearer,
            content,
            has_records: false,
            heard: BTreeMap::new(),
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
) -> (Checked, Vec<Problem>) {
    evidence.digests.sort_by_key(|seen| seen.bearer.part);
    evidence.logs.sort_by_key(|seen| seen.bearer.part);
    let mut defects = Defects::default();
    let signatures = evidence
        .signatures
        .iter()
        .filter_map(|(bearer, signature)| Some((bearer.name(files)?, signature.as_str())));
    let signatures: BTreeMap<&str, &str> = signatures.collect();
    let judged = chain::judge(&evidence.digests, &signatures, keys, &mut defects);
    let mut suspects = Vec::new();
    let (chains, n_breaks) = chain::chains(&judged, &mut suspects, &mut defects);
    let question = logs::Question { files, keys, reach };
    let mut timelines = BTreeMap::new();
    let logs = logs::check(
        &question,
        &mut evidence.logs,
        &judged,
        &mut suspects,
        &mut defects,
    );
    logs::known(&judged, &mut evidence.logs, &logs, keys, &mut timelines);
    suspects.sort_unstable();
    suspects.dedup();
    let verification = Verification {
        signatures: match keys.is_empty() {
            true => Signatures::NotAsked,
            false => Signatures::Checked,
        },
        logs: logs.verdicts,
        digests: judged
            .iter()
            .map(|judged| (judged.seen.bearer.part, judged.standing))
            .collect(),
        n_absent: logs.n_absent,
        n_breaks,
        chains,
        suspects,
        present: logs.present,
    };
    let checked = Checked {
        verification,
        timelines,
    };
    (checked, defects.into_problems())
}

/// What the check of all files gives.
pub(super) struct Checked {
    pub(super) verification: Verification,
    /// When each account and region was heard of, but for what nobody can have delivered, and what
    /// digest files vouch for that are good themselves.
    pub(super) timelines: BTreeMap<Source, Timeline>,
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
