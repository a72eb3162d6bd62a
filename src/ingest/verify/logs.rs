//! Whether each log file is the one that a digest file lists, and whether all listed files are there.
//!
//! Comes in: the hash of each file, and judged digest files. Goes out: a verdict for each file. Never:
//! anything that an altered digest file says.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::ingest::coverage::Source;
use crate::ingest::interval::Interval;
use crate::ingest::timeline::Timeline;
use crate::ingest::verify::chain::{self, Judged};
use crate::ingest::verify::defects::{Defects, shown};
use crate::ingest::verify::seen::{ContentSeen, LogSeen};
use crate::ingest::verify::verdict::{AbsentLog, Flaw, Part, Suspect, Verdict};
use crate::location::FileId;
use crate::problem::Integrity;
use crate::record::fingerprint;
use crate::source::digest_file::{ListedFile, ObjectLocation, bare_name, file_name};
use crate::source::{ContentHash, FileKind, LogName, PublicKeys, Reach, SourceFile};

/// How far apart the time in a log file's name and the period of the digest file that lists it may be.
/// Inferred: the name is stamped to the minute before the file is delivered, which takes minutes. A file
/// near the edge of what digest files cover may be listed by one that is not here.
const SLACK: TimeDelta = TimeDelta::minutes(15);

/// What log files are checked against.
pub(super) struct Question<'a> {
    pub(super) files: &'a [SourceFile],
    pub(super) keys: &'a PublicKeys,
    /// The stretch of time that the log files belong to.
    pub(super) reach: &'a Reach,
}

/// What a digest file says about a log file.
struct Attestation<'a> {
    by: &'a Judged<'a>,
    hash: Option<ContentHash>,
    file: &'a ListedFile,
}

/// What digest files say about each name.
type Attestations<'a> = BTreeMap<&'a str, Vec<Attestation<'a>>>;

impl Attestation<'_> {
    /// A doubt about the log file, with the time of its records according to the digest file.
    fn suspect(&self, flaw: Flaw) -> Suspect {
        let digest = &self.by.seen.digest;
        let (from, to) = self
            .file
            .times()
            .unwrap_or((digest.start - SLACK, digest.end));
        chain::suspect(flaw, digest, from, to)
    }

    /// The log file, if it is missing.
    fn absent(&self) -> AbsentLog {
        let digest = &self.by.seen.digest;
        AbsentLog {
            place: ObjectLocation {
                bucket: self.file.bucket.clone(),
                object: self.file.object.clone(),
            },
            account: digest.account.as_str().into(),
            region: digest.region.as_str().into(),
            from: self.file.times().map_or(digest.start, |(from, _)| from),
        }
    }
}

/// The result of the check.
pub(super) struct Checked {
    pub(super) verdicts: BTreeMap<Part, Verdict>,
    /// Listed log files that are missing.
    pub(super) absent: Vec<AbsentLog>,
    /// The fingerprints of the bare names of available log files.
    pub(super) present: BTreeSet<u64>,
}

/// Checks the log files.
///
/// A file that no digest file lists is judged by its records, whatever its name: it counts if they are of
/// an account, region and time that digest files cover.
pub(super) fn check(
    question: &Question<'_>,
    logs: &mut [LogSeen],
    judged: &[Judged<'_>],
    suspects: &mut Vec<Suspect>,
    defects: &mut Defects,
) -> Checked {
    let attestations = attestations(judged);
    let periods = Periods::of(judged);
    let mut verdicts = BTreeMap::new();
    for log in &mut *logs {
        let is_file = question
            .files
            .get(log.bearer.part.file.0 as usize)
            .is_some_and(SourceFile::is_regular);
        let Some(name) = log.bearer.name(question.files) else {
            continue;
        };
        let listed = attestations.get(bare_name(name)).filter(|_| is_file);
        let (verdict, defect) = match listed {
            Some(_) if log.content == ContentSeen::Absent => continue,
            Some(listed) => compare(log.content, listed, question.keys),
            None if !log.has_records => continue,
            None => match periods.cover(name) || periods.cover_records(name, &mut log.heard) {
                true => (Verdict::Unlisted, Some(Integrity::UnlistedLog)),
                false => (Verdict::NotCovered, None),
            },
        };
        let listed = listed.and_then(|listed| listed.first());
        match verdict {
            Verdict::Altered | Verdict::TrailingData => {
                suspects.extend(listed.map(|listed| listed.suspect(Flaw::Altered)));
            }
            Verdict::Unlisted => suspects.extend(suspects_of(&log.heard)),
            Verdict::Unfounded | Verdict::Unread => {
                suspects.extend(listed.map(|listed| listed.suspect(Flaw::Unfounded)));
            }
            Verdict::Verified | Verdict::Unsigned | Verdict::NotCovered => {}
        }
        if let Some(defect) = defect {
            defects.add(&log.bearer, defect);
        }
        verdicts.insert(log.bearer.part, verdict);
    }
    let present = present(question, logs);
    let absent = absent(question, &present, &attestations, suspects, defects);
    Checked {
        verdicts,
        absent,
        present: present.into_iter().map(fingerprint).collect(),
    }
}

/// Collects what all digest files say about each log file, by its bare name.
fn attestations<'a>(judged: &'a [Judged<'a>]) -> Attestations<'a> {
    let mut attestations = Attestations::new();
    for digest in judged {
        for listed in &digest.seen.digest.log_files {
            if FileKind::of(&listed.object) == FileKind::Insight {
                continue;
            }
            let of_name = attestations.entry(bare_name(&listed.object));
            of_name.or_default().push(Attestation {
                by: digest,
                hash: ContentHash::parse(&listed.hash),
                file: listed,
            });
        }
    }
    attestations
}

/// The times of a log file that no digest file lists; what the file says about them is unfounded.
fn suspects_of(heard: &BTreeMap<Source, Timeline>) -> impl Iterator<Item = Suspect> {
    heard.iter().flat_map(|(source, timeline)| {
        let heard = timeline.heard().into_iter();
        heard.filter_map(|stretch| {
            Some(Suspect {
                flaw: Flaw::Unfounded,
                account: source.account.clone(),
                region: source.region.clone(),
                interval: Interval::of_seconds(stretch)?,
            })
        })
    })
}

/// Compares a content with what digest files say about it.
fn compare(
    content: ContentSeen,
    listed: &[Attestation<'_>],
    keys: &PublicKeys,
) -> (Verdict, Option<Integrity>) {
    let is_authentic = |attestation: &Attestation<'_>| attestation.by.standing.is_authentic();
    let has_authentic = listed.iter().any(is_authentic);
    // If one of them is authentic, what the others say does not count.
    let heard = || {
        listed.iter().filter(move |attestation| {
            !attestation.by.standing.is_bad() && (!has_authentic || is_authentic(attestation))
        })
    };
    let Some(first) = heard().next() else {
        return (Verdict::Unfounded, None);
    };
    let (hash, is_cut) = match content {
        ContentSeen::Whole(hash) => (hash, false),
        ContentSeen::BeforeDefect(hash) => (hash, true),
        ContentSeen::Unread | ContentSeen::Absent => return (Verdict::Unread, None),
    };
    match (
        heard().any(|attestation| attestation.hash == Some(hash)),
        is_cut,
    ) {
        (false, _) => {
            let digest_file = shown(&first.by.seen.digest.place.object);
            (
                Verdict::Altered,
                Some(Integrity::AlteredLog { digest_file }),
            )
        }
        (true, true) => (Verdict::TrailingData, Some(Integrity::TrailingData)),
        (true, false) if has_authentic || keys.is_empty() => (Verdict::Verified, None),
        (true, false) => (Verdict::Unsigned, None),
    }
}

/// Adds up the time that the log is known to cover. A file that no digest file lists in this form shows
/// nothing; for an altered file that digest files list, the time that they give counts.
pub(super) fn known(
    judged: &[Judged<'_>],
    logs: &mut [LogSeen],
    checked: &Checked,
    keys: &PublicKeys,
    timelines: &mut BTreeMap<Source, Timeline>,
) {
    for log in logs {
        match checked.verdicts.get(&log.bearer.part) {
            Some(Verdict::Unlisted | Verdict::Unfounded | Verdict::Altered) => {}
            Some(
                Verdict::Verified
                | Verdict::Unsigned
                | Verdict::TrailingData
                | Verdict::NotCovered
                | Verdict::Unread,
            )
            | None => {
                for (source, timeline) in std::mem::take(&mut log.heard) {
                    timelines.entry(source).or_default().gather(timeline);
                }
            }
        }
    }
    for Judged { seen, standing } in judged {
        let digest = &seen.digest;
        let is_good = match keys.is_empty() {
            true => !standing.is_bad(),
            false => standing.is_authentic(),
        };
        if !is_good || digest.region.is_empty() || digest.start > digest.end {
            continue;
        }
        let source = Source::new(&digest.account, &digest.region);
        let timeline = timelines.entry(source).or_default();
        let mut is_whole = true;
        for file in &digest.log_files {
            let name = fingerprint(bare_name(&file.object));
            is_whole &= checked.present.contains(&name);
        }
        if is_whole {
            let (from, to) = (digest.start, digest.end);
            timeline.vouch(Interval { from, to }.seconds());
        }
    }
}

/// The bare names of available files and members.
fn present<'a>(question: &Question<'a>, logs: &'a [LogSeen]) -> BTreeSet<&'a str> {
    // A file that could not be opened when it was to be read counts as missing, too.
    let unopened = logs.iter().filter(|log| log.content == ContentSeen::Absent);
    let unopened: BTreeSet<Part> = unopened.map(|log| log.bearer.part).collect();
    let files = (0..).map(FileId).zip(question.files);
    let files =
        files.filter(|(id, file)| file.is_regular() && !unopened.contains(&Part::file(*id)));
    let members = logs.iter().filter(|log| log.bearer.is_member());
    let members = members.filter_map(|log| log.bearer.name(question.files));
    files
        .map(|(_, file)| bare_name(&file.name))
        .chain(members.map(bare_name))
        .collect()
}

/// The listed log files within reach that are missing, by their bare names.
fn absent(
    question: &Question<'_>,
    present: &BTreeSet<&str>,
    attestations: &Attestations<'_>,
    suspects: &mut Vec<Suspect>,
    defects: &mut Defects,
) -> Vec<AbsentLog> {
    let mut absent = Vec::new();
    for (name, listed) in attestations {
        let mut heard = listed
            .iter()
            .filter(|attestation| !attestation.by.standing.is_bad());
        let Some(attestation) = heard.next().filter(|_| !present.contains(name)) else {
            continue;
        };
        if question.reach.beyond_log(name).is_some() {
            continue;
        }
        absent.push(attestation.absent());
        suspects.push(attestation.suspect(Flaw::Absent));
        let name = shown(name);
        defects.add(&attestation.by.seen.bearer, Integrity::AbsentLog { name });
    }
    absent
}

/// The time that digest files cover, by account and region, in order and without overlap.
struct Periods<'a>(BTreeMap<(&'a str, &'a str), Vec<Interval>>);

impl<'a> Periods<'a> {
    fn of(judged: &'a [Judged<'a>]) -> Self {
        let mut periods: BTreeMap<(&str, &str), Vec<_>> = BTreeMap::new();
        for Judged { seen, standing } in judged {
            if standing.is_bad() {
                continue;
            }
            let digest = &seen.digest;
            let of_source = periods.entry((&digest.account, &digest.region));
            of_source.or_default().push(Interval {
                from: digest.start,
                to: digest.end,
            });
        }
        for of_source in periods.values_mut() {
            of_source.sort_unstable();
            of_source.dedup_by(|next, kept| {
                let joins = next.from <= kept.to;
                if joins {
                    kept.to = kept.to.max(next.to);
                }
                joins
            });
        }
        Self(periods)
    }

    /// Whether digest files would list a log file with this name.
    fn cover(&self, name: &str) -> bool {
        let Some(log) = LogName::parse(file_name(name)) else {
            return false;
        };
        let of_source = self.0.get(&(log.account, log.region));
        let mut periods = of_source.into_iter().flatten();
        periods.any(|period| {
            log.delivered - period.from >= SLACK && period.to - log.delivered >= SLACK
        })
    }

    /// Whether digest files would list the records of a file with this name. A record is delivered after
    /// it was made, so a file with one of CloudTrail's own names may have come after the last hour
    /// covered here.
    fn cover_records(&self, name: &str, heard: &mut BTreeMap<Source, Timeline>) -> bool {
        let lag = match LogName::parse(file_name(name)) {
            Some(_) => SLACK,
            None => TimeDelta::zero(),
        };
        heard.iter_mut().any(|(source, timeline)| {
            let periods = self.0.get(&(&*source.account, &*source.region));
            let periods = periods.map_or(&[][..], Vec::as_slice);
            timeline.heard().iter().any(|&stretch| {
                let Some(stretch) = Interval::of_seconds(stretch) else {
                    return false;
                };
                let next = periods.partition_point(|period| period.to - lag < stretch.from);
                periods
                    .get(next)
                    .is_some_and(|period| period.from <= stretch.to)
            })
        })
    }
}
