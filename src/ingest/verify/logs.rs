//! Whether each log file is what a digest file lists, and whether all that are listed are there.
//!
//! Comes in: the hash of each file, and judged digest files. Goes out: a verdict a file. Never: a word
//! of a digest file that was altered.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::ingest::coverage::Interval;
use crate::ingest::reader::bare_name;
use crate::ingest::verify::chain::Judged;
use crate::ingest::verify::{Content, Defects, LogSeen, Part, Verdict, shown};
use crate::problem::Integrity;
use crate::source::digest_file::file_name;
use crate::source::{ContentHash, Kind, LogName, PublicKeys, Reach, SourceFile};

/// How far the time in a log file's name and the period of the digest file that lists it may lie
/// apart. Inferred: the name is stamped to the minute before the file is delivered, which takes
/// minutes; a file near the edge of what digest files cover may be listed by one that is not here.
const SLACK: TimeDelta = TimeDelta::minutes(15);

/// What log files are asked by.
pub(super) struct Question<'a> {
    pub(super) files: &'a [SourceFile],
    pub(super) keys: &'a PublicKeys,
    /// The stretch of time that the log files are of.
    pub(super) reach: &'a Reach,
}

/// The digest files that list a name, with the hash they give.
type Listings<'a> = BTreeMap<&'a str, Vec<(&'a Judged<'a>, Option<ContentHash>)>>;

/// Checks the log files; a verdict of each, and how many that are listed are not there.
pub(super) fn check(
    question: &Question<'_>,
    logs: &[LogSeen],
    judged: &[Judged<'_>],
    defects: &mut Defects,
) -> (BTreeMap<Part, Verdict>, u64) {
    let mut listings: Listings<'_> = BTreeMap::new();
    for digest in judged {
        for listed in &digest.seen.digest.log_files {
            if Kind::of(&listed.object) == Kind::Insight {
                continue;
            }
            let hash = ContentHash::parse(&listed.hash);
            let of_name = listings.entry(bare_name(&listed.object)).or_default();
            of_name.push((digest, hash));
        }
    }
    let periods = Periods::of(judged);
    let mut verdicts = BTreeMap::new();
    for log in logs {
        let Some(name) = log.bearer.name(question.files) else {
            continue;
        };
        let listed = listings.get(bare_name(name)).map(Vec::as_slice);
        let (verdict, defect) = match listed {
            Some(listed) => compare(log.content, listed, question.keys),
            None if !log.has_records => continue,
            None => match periods.cover(name) {
                true => (Verdict::Unlisted, Some(Integrity::UnlistedLog)),
                false => (Verdict::NotCovered, None),
            },
        };
        if let Some(defect) = defect {
            defects.add(&log.bearer, defect);
        }
        verdicts.insert(log.bearer.part, verdict);
    }
    (verdicts, absent(question, logs, &listings, defects))
}

/// Compares a content with what digest files give for it.
fn compare(
    content: Content,
    listed: &[(&Judged<'_>, Option<ContentHash>)],
    keys: &PublicKeys,
) -> (Verdict, Option<Integrity>) {
    let is_authentic =
        |(digest, _): &&(&Judged<'_>, Option<ContentHash>)| digest.standing.is_authentic();
    let has_authentic = listed.iter().any(|listing| is_authentic(&listing));
    // Where one is authentic, the word of the others does not count.
    let heard = || {
        listed.iter().filter(move |listing| {
            !listing.0.standing.is_bad() && (!has_authentic || is_authentic(listing))
        })
    };
    let Some((first, _)) = heard().next() else {
        return (Verdict::Unfounded, None);
    };
    let (hash, is_cut) = match content {
        Content::Whole(hash) => (hash, false),
        Content::BeforeDefect(hash) => (hash, true),
        Content::Unread => return (Verdict::Unread, None),
    };
    match (heard().any(|(_, given)| *given == Some(hash)), is_cut) {
        (false, _) => {
            let digest_file = shown(&first.seen.digest.place.object);
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

/// Counts the log files of the reach that are listed and not there.
fn absent(
    question: &Question<'_>,
    logs: &[LogSeen],
    listings: &Listings<'_>,
    defects: &mut Defects,
) -> u64 {
    let files = question.files.iter().map(|file| bare_name(&file.name));
    let members = logs
        .iter()
        .filter_map(|log| log.bearer.name(question.files));
    let present: BTreeSet<&str> = files.chain(members.map(bare_name)).collect();
    let mut n_absent = 0;
    for (name, listed) in listings {
        let mut heard = listed.iter().filter(|(by, _)| !by.standing.is_bad());
        let Some((by, _)) = heard.next().filter(|_| !present.contains(name)) else {
            continue;
        };
        if question.reach.beyond_log(name).is_some() {
            continue;
        }
        n_absent += 1;
        let name = shown(name);
        defects.add(&by.seen.bearer, Integrity::AbsentLog { name });
    }
    n_absent
}

/// The time that digest files speak of, by account and region: in order, apart from each other.
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

    /// Whether a log file of this name would be listed.
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
}
