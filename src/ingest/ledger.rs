//! Everything known besides the events: counts, times, problems, and the claims of digest files.
//!
//! Comes in: shards, in any order, and what extracts in the input say about their logs. Goes out: the
//! coverage and problems of a report, or the summary line of an extract. Never: an event.

use std::collections::{BTreeMap, BTreeSet};

use crate::ingest::carried::{Carried, DigestClaim};
use crate::ingest::coverage::{Coverage, FileTally, MOST_SET_ASIDE, MissingHour, RecordTally};
use crate::ingest::coverage::{SetAside, Source, plus};
use crate::ingest::missing;
use crate::ingest::timeline::Timeline;
use crate::ingest::verify::Verification;
use crate::location::{FileId, Location, RecordAt};
use crate::problem::{Problem, ProblemKind};
use crate::record::fingerprint;
use crate::source::digest_file::bare_name;
use crate::source::{LogName, SourceFile};

/// The missing log files of claims, counted. Several digest files may list one file.
fn claimed(claims: &[DigestClaim]) -> Vec<MissingHour> {
    let mut files: BTreeMap<u64, (&Source, i64)> = BTreeMap::new();
    for claim in claims {
        for file in &claim.missing {
            let at = (&claim.source, file.time.0);
            files
                .entry(file.name)
                .and_modify(|kept| *kept = at.min(*kept))
                .or_insert(at);
        }
    }
    let files = files.into_values();
    missing::by_hour(files.map(|(source, second)| (source.clone(), second)))
}

/// The missing log files that a check found, counted.
fn absent(verification: &Verification) -> Vec<MissingHour> {
    let files = verification.absent.iter();
    missing::by_hour(files.map(|file| {
        let source = Source::new(&file.account, &file.region);
        (source, file.from.timestamp())
    }))
}

/// A kept record in which fields are wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Defective {
    /// The record.
    pub(super) at: RecordAt,
    /// Its fingerprint; an extract that holds the record refers to its problems by this.
    pub(super) fingerprint: u64,
    /// What is wrong, as far as listed.
    pub(super) problems: Vec<Problem>,
    /// How many more problems are only counted.
    pub(super) n_counted: u64,
}

/// Everything known besides the events.
#[derive(Default)]
pub(super) struct Ledger {
    /// The files by outcome.
    pub(super) files: FileTally,
    /// Files that hold only records one by one, which may be parts of extracts.
    pub(super) loose: FileTally,
    /// The files that give no records.
    set_aside: Vec<(SetAside, FileId)>,
    /// The records by outcome; readers do not know yet which are duplicates.
    pub(super) records: RecordTally,
    /// How many objects were wrapped like a record but are none.
    pub(super) n_skipped: u64,
    /// By which members records were found in wrappers of any shape, and how many.
    pub(super) opened: BTreeMap<String, u64>,
    /// What was wrong, except in kept records.
    pub(super) problems: Vec<Problem>,
    /// Kept records in which something is wrong.
    pub(super) defective: Vec<Defective>,
    /// Problems of each file that are only counted.
    pub(super) more: BTreeMap<FileId, u64>,
    /// When each account and region had records.
    pub(super) timelines: BTreeMap<Source, Timeline>,
    /// What digest files say about missing log files.
    pub(super) claims: Vec<DigestClaim>,
    /// Whether archives may hold more files.
    pub(super) has_archives: bool,
    /// What extracts say about their logs.
    pub(super) carried: Vec<Carried>,
}

impl Ledger {
    /// Counts a file that could not be read.
    pub(super) fn unreadable(&mut self, file: FileId, reason: String) {
        self.files.unreadable += 1;
        let kind = ProblemKind::Unreadable { reason };
        self.problems.push(Problem::new(kind, Location::file(file)));
    }

    /// Counts an empty file.
    pub(super) fn empty(&mut self, file: FileId) {
        self.files.empty += 1;
        let problem = Problem::new(ProblemKind::Empty, Location::file(file));
        self.problems.push(problem);
    }

    /// Counts a file that gives no records.
    pub(super) fn set_aside(&mut self, file: FileId, why: SetAside) {
        let counter = match why {
            SetAside::NotCloudTrail => &mut self.files.not_cloudtrail,
            SetAside::Hidden => &mut self.files.hidden,
            SetAside::Insight => &mut self.files.insight,
            SetAside::Digest => &mut self.files.digest,
        };
        *counter += 1;
        self.set_aside.push((why, file));
    }

    /// Adds the ways to records in wrappers.
    pub(super) fn open(&mut self, opened: BTreeMap<String, u64>) {
        for (path, n_records) in opened {
            plus(self.opened.entry(path).or_default(), n_records);
        }
    }

    pub(super) fn timeline(&mut self, account: &str, region: &str) -> &mut Timeline {
        let source = Source::new(account, region);
        self.timelines.entry(source).or_default()
    }

    /// Adds the ledger of other files.
    pub(super) fn absorb(&mut self, other: Self) {
        self.files.add(other.files);
        self.loose.add(other.loose);
        self.set_aside.extend(other.set_aside);
        self.records.add(other.records);
        plus(&mut self.n_skipped, other.n_skipped);
        self.open(other.opened);
        self.problems.extend(other.problems);
        self.defective.extend(other.defective);
        self.more.extend(other.more);
        for (source, timeline) in other.timelines {
            self.timelines.entry(source).or_default().absorb(timeline);
        }
        self.claims.extend(other.claims);
        self.has_archives |= other.has_archives;
        self.carried.extend(other.carried);
    }

    /// Replaces the times noted by readers with those that a check found the log to cover.
    pub(super) fn know(&mut self, timelines: BTreeMap<Source, Timeline>) {
        self.timelines = timelines;
    }

    /// The ledger of what an extract says, and nothing else.
    pub(super) fn of(carried: Carried) -> Self {
        Self {
            carried: vec![carried],
            ..Self::default()
        }
    }

    /// The coverage and the problems of a report, the problems sorted by file and place.
    ///
    /// If files were verified, what extracts say about time proves nothing. The check then knows which
    /// log files are there, including those in archives.
    pub(super) fn settle(
        mut self,
        files: &[SourceFile],
        verification: Option<&Verification>,
    ) -> (Coverage, Vec<Problem>) {
        self.list_problems();
        let claims = self.open_claims(files, verification);
        let missing = match verification {
            Some(verification) => absent(verification),
            None if self.has_archives => Vec::new(),
            None => claimed(&claims),
        };
        for claim in claims {
            let timeline = self.timelines.entry(claim.source).or_default();
            if !self.has_archives || verification.is_some() {
                claim
                    .missing
                    .iter()
                    .for_each(|file| timeline.miss(file.time));
            }
        }
        let mut coverage = Coverage {
            elsewhere: self.elsewhere(files.len()),
            files: self.files,
            records: self.records,
            n_skipped: self.n_skipped,
            opened: self.opened,
            missing,
            ..Coverage::default()
        };
        for carried in &self.carried {
            plus(&mut coverage.set_aside_elsewhere, carried.set_aside_more);
        }
        self.set_aside.sort_unstable();
        coverage.set_aside = self.set_aside;
        for (source, timeline) in self.timelines {
            if let Some(span) = timeline.span() {
                coverage.spans.insert(source, span);
            }
        }
        self.problems
            .sort_by(|a, b| (a.at, &a.kind).cmp(&(b.at, &b.kind)));
        (coverage, self.problems)
    }

    /// What an extract says, apart from the records that it holds.
    pub(super) fn carry(mut self, files: &[SourceFile]) -> Carried {
        self.list_problems();
        let claims = self.open_claims(files, None);
        let mut set_aside_more = 0;
        for carried in &self.carried {
            plus(&mut set_aside_more, carried.set_aside_more);
        }
        let present = self.present(files).into_iter().collect();
        // From here on the input files, too, are in the list of names.
        let elsewhere = self.elsewhere(files.len());
        let name = |file: FileId| match files.get(file.0 as usize) {
            Some(file) => file.name.as_str(),
            None => &elsewhere[file.0 as usize - files.len()],
        };
        let named = self.set_aside.iter().map(|(_, file)| name(*file));
        let named = named.chain(self.problems.iter().map(|problem| name(problem.at.file)));
        let names: BTreeSet<&str> = named.collect();
        let ids: BTreeMap<&str, FileId> = names.iter().copied().zip((0..).map(FileId)).collect();
        let mut set_aside: Vec<_> = self
            .set_aside
            .iter()
            .map(|(why, file)| (*why, ids[name(*file)]))
            .collect();
        set_aside.sort_unstable();
        let n_all = set_aside.len();
        let kinds = set_aside.chunk_by(|(one, _), (other, _)| one == other);
        let set_aside: Vec<_> = kinds
            .flat_map(|kind| kind.iter().take(MOST_SET_ASIDE).copied())
            .collect();
        plus(&mut set_aside_more, (n_all - set_aside.len()) as u64);
        for problem in &mut self.problems {
            problem.at.file = ids[name(problem.at.file)];
        }
        self.problems
            .sort_by(|a, b| (a.at, &a.kind).cmp(&(b.at, &b.kind)));
        Carried {
            names: names.into_iter().map(str::to_owned).collect(),
            files: self.files,
            set_aside,
            set_aside_more,
            records: self.records,
            n_skipped: self.n_skipped,
            opened: self.opened,
            has_archives: self.has_archives,
            timelines: self.timelines,
            claims,
            present,
            told: Vec::new(),
            problems: self.problems,
        }
    }

    /// Lists the problems of kept records, except those that an extract already lists.
    fn list_problems(&mut self) {
        let mut told: BTreeMap<u64, u64> = BTreeMap::new();
        for &fingerprint in self.carried.iter().flat_map(|carried| &carried.told) {
            *told.entry(fingerprint).or_default() += 1;
        }
        self.defective.sort_by_key(|defective| defective.at);
        for defective in std::mem::take(&mut self.defective) {
            match told.get_mut(&defective.fingerprint).filter(|n| **n > 0) {
                Some(n_told) => {
                    *n_told -= 1;
                    if let Some(more) = self.more.get_mut(&defective.at.file) {
                        *more = more.saturating_sub(defective.n_counted);
                    }
                }
                None => self.problems.extend(defective.problems),
            }
        }
        for (file, count) in std::mem::take(&mut self.more) {
            if count > 0 {
                self.problems.push(Problem::new(
                    ProblemKind::More { count },
                    Location::file(file),
                ));
            }
        }
    }

    /// The fingerprints of the bare names of all log files, including those that extracts were made
    /// from. Digest files list files by CloudTrail's own names, so other names are useless.
    fn present(&self, files: &[SourceFile]) -> BTreeSet<u64> {
        let names = files.iter().map(|file| file.name.as_str());
        let names = names.filter(|name| LogName::parse(name).is_some());
        let carried = self.carried.iter().flat_map(|carried| &carried.present);
        names
            .map(|name| fingerprint(bare_name(name)))
            .chain(carried.copied())
            .collect()
    }

    /// Adds up what extracts say, except about single files, and returns the claims of digest files
    /// that are still open. A digest file whose log files are all there vouches for its time.
    fn open_claims(
        &mut self,
        files: &[SourceFile],
        verification: Option<&Verification>,
    ) -> Vec<DigestClaim> {
        if self.carried.is_empty() {
            self.files.add(self.loose);
        }
        for carried in &mut self.carried {
            self.files.add(carried.files);
            self.records.add(carried.records);
            plus(&mut self.n_skipped, carried.n_skipped);
            let opened = std::mem::take(&mut carried.opened);
            for (path, n_records) in opened {
                plus(self.opened.entry(path).or_default(), n_records);
            }
            self.has_archives |= carried.has_archives;
            let (timelines, claims) = (
                std::mem::take(&mut carried.timelines),
                std::mem::take(&mut carried.claims),
            );
            if verification.is_some() {
                continue;
            }
            self.claims.extend(claims);
            for (source, timeline) in timelines {
                self.timelines.entry(source).or_default().gather(timeline);
            }
        }
        let is_open = self.claims.iter().any(|claim| !claim.missing.is_empty());
        let present = match (is_open, verification) {
            (true, Some(verification)) => verification.present.clone(),
            (true, None) => self.present(files),
            (false, _) => BTreeSet::new(),
        };
        let mut open = Vec::new();
        for mut claim in std::mem::take(&mut self.claims) {
            claim.missing.retain(|file| !present.contains(&file.name));
            if claim.missing.is_empty() {
                // A check knows better which digest files to believe.
                if verification.is_none() {
                    let timeline = self.timelines.entry(claim.source).or_default();
                    timeline.vouch(claim.whole);
                }
            } else {
                open.push(claim);
            }
        }
        open.sort_unstable();
        open
    }

    /// The names of files that extracts mention, sorted. What extracts say about these files is added
    /// to what is known about files, with ids from `n_files` on.
    fn elsewhere(&mut self, n_files: usize) -> Vec<String> {
        // An archive is named once for each kind among its members.
        self.set_aside.sort_unstable();
        self.set_aside.dedup();
        let names: BTreeSet<&String> = self.carried.iter().flat_map(|one| &one.names).collect();
        let names: Vec<String> = names.into_iter().cloned().collect();
        for carried in &mut self.carried {
            let Carried {
                names: told,
                set_aside,
                problems,
                ..
            } = carried;
            let moved = |file: FileId| {
                let place = names.binary_search(&told[file.0 as usize]);
                let place = n_files + place.expect("the names were gathered from these");
                FileId(u32::try_from(place).unwrap_or(u32::MAX))
            };
            self.set_aside
                .extend(set_aside.drain(..).map(|(why, file)| (why, moved(file))));
            self.problems.extend(problems.drain(..).map(|mut problem| {
                problem.at.file = moved(problem.at.file);
                problem
            }));
        }
        names
    }
}
