//! The line that says what an extract was made from, as JSON.
//!
//! Comes in: the content for such a line, or its value. Goes out: the other of the two. Never: half of
//! a line; a line that breaks a rule is ignored as a whole, whoever wrote it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use crate::event::PrincipalKey;
use crate::ingest::carried::{Carried, DigestClaim, MissingLog};
use crate::ingest::coverage::{FileTally, MAX_COUNT, RecordTally, SetAside};
use crate::ingest::coverage::{Source, plus};
use crate::ingest::interval::{HeardRun, SecondRange};
use crate::ingest::timeline::Timeline;
use crate::location::{FileId, Location, Span};
use crate::problem::{Excerpt, KnownForm, Problem, ProblemKind};
use crate::record::line::COVERAGE;

/// The version of the line that is written. Version 1, which is read as well, lacks the callers.
const VERSION: u64 = 2;

/// The longest excerpt, in bytes: more than any excerpt that this program makes.
const MAX_EXCERPT_BYTES: usize = 64 << 10;

/// Reads only the version and ignores the rest.
#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CoverageLine<'a> {
    version: u64,
    files: FileTally,
    #[serde(borrow)]
    set_aside: Vec<Aside<'a>>,
    set_aside_more: u64,
    records: Records,
    skipped: u64,
    #[serde(default)]
    wrappers: BTreeMap<String, u64>,
    archives: bool,
    #[serde(borrow)]
    sources: Vec<Heard<'a>>,
    #[serde(borrow)]
    digests: Vec<ListedLogs<'a>>,
    #[serde(borrow)]
    names: Cow<'a, str>,
    #[serde(borrow)]
    told: Cow<'a, str>,
    #[serde(borrow)]
    problems: Vec<ToldProblem<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Records {
    other: u64,
    duplicate: u64,
    malformed: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Aside<'a> {
    why: SetAside,
    #[serde(borrow)]
    file: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Heard<'a> {
    #[serde(borrow)]
    account: Cow<'a, str>,
    #[serde(borrow)]
    region: Cow<'a, str>,
    heard: Vec<SecondRange>,
    /// The fingerprints of `principalId`s, and in which minutes since 1970 each was heard alone: first, last, which.
    #[serde(borrow, default)]
    callers: Cow<'a, str>,
    #[serde(default)]
    alone: Vec<(u32, u32, usize)>,
    vouched: Vec<SecondRange>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedLogs<'a> {
    #[serde(borrow)]
    account: Cow<'a, str>,
    #[serde(borrow)]
    region: Cow<'a, str>,
    time: SecondRange,
    /// The fingerprints of the names, and the times of each.
    #[serde(borrow)]
    names: Cow<'a, str>,
    times: Vec<SecondRange>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToldProblem<'a> {
    #[serde(borrow)]
    file: Cow<'a, str>,
    record: Option<u32>,
    byte: u64,
    bytes: u64,
    problem: What,
    #[serde(borrow)]
    excerpt: Option<Snippet<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Snippet<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
    byte: usize,
    bytes: usize,
}

/// A [`ProblemKind`], by its code.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum What {
    Unreadable {
        reason: String,
    },
    EmptyFile {},
    Undecodable {
        format: String,
        kept_bytes: u64,
    },
    TooLarge {
        limit: u64,
    },
    NotCloudtrail {
        #[serde(default)]
        form: Option<KnownForm>,
    },
    Truncated {
        kept_records: u64,
    },
    BadRecord {
        reason: String,
    },
    BadField {
        field: String,
        expected: String,
        skipped: bool,
    },
    HalfPair {},
    BadTable {
        reason: String,
    },
    BadCoverage {
        reason: String,
    },
    MoreProblems {
        count: u64,
    },
}

/// Writes the line, without its line break.
///
/// # Errors
/// None for any value of this type, but the JSON library does not know that.
pub(in crate::ingest) fn write(carried: &Carried) -> io::Result<String> {
    let name = |file: FileId| Cow::Borrowed(&*carried.names[file.0 as usize]);
    let line = CoverageLine {
        version: VERSION,
        files: carried.files,
        set_aside: (carried.set_aside.iter())
            .map(|&(why, file)| Aside {
                why,
                file: name(file),
            })
            .collect(),
        set_aside_more: carried.set_aside_more,
        records: Records {
            other: carried.records.other,
            duplicate: carried.records.duplicate,
            malformed: carried.records.malformed,
        },
        skipped: carried.n_skipped,
        wrappers: carried.opened.clone(),
        archives: carried.has_archives,
        sources: carried.timelines.iter().map(heard).collect(),
        digests: carried.claims.iter().map(digest).collect(),
        names: digits(carried.present.iter().copied()).into(),
        told: digits(carried.told.iter().copied()).into(),
        problems: (carried.problems.iter())
            .filter_map(|problem| defect(problem, name(problem.at.file)))
            .collect(),
    };
    let value = serde_json::to_string(&line)?;
    Ok(format!("{{\"{COVERAGE}\":{value}}}"))
}

/// Reads the value of the line.
///
/// # Errors
/// The first rule that it breaks, in words.
pub(in crate::ingest) fn read(value: &str) -> Result<Carried, String> {
    let versioned: Versioned = serde_json::from_str(value).map_err(|error| reason(&error))?;
    if !(1..=VERSION).contains(&versioned.version) {
        let version = versioned.version;
        return Err(format!(
            "it is of version {version}, and this program reads versions up to {VERSION}"
        ));
    }
    let line: CoverageLine<'_> = serde_json::from_str(value).map_err(|error| reason(&error))?;
    let mut names = BTreeSet::new();
    names.extend(line.set_aside.iter().map(|aside| &*aside.file));
    names.extend(line.problems.iter().map(|defect| &*defect.file));
    let ids: BTreeMap<&str, FileId> = names.iter().copied().zip((0..).map(FileId)).collect();
    let mut carried = Carried {
        files: files(line.files)?,
        set_aside: (line.set_aside.iter())
            .map(|aside| (aside.why, ids[&*aside.file]))
            .collect(),
        set_aside_more: count(line.set_aside_more)?,
        records: records(&line.records)?,
        n_skipped: count(line.skipped)?,
        opened: opened(line.wrappers)?,
        has_archives: line.archives,
        present: numbers(&line.names)?,
        told: numbers(&line.told)?,
        problems: (line.problems.iter())
            .map(|defect| problem(defect, ids[&*defect.file]))
            .collect::<Result<_, _>>()?,
        names: names.iter().map(|&name| name.to_owned()).collect(),
        ..Carried::default()
    };
    for source in line.sources {
        let alone = alone(&source)?;
        let (heard, vouched) = (stretches(source.heard)?, stretches(source.vouched)?);
        let timeline = Timeline::of(heard, alone, vouched);
        let source = Source::new(&source.account, &source.region);
        carried
            .timelines
            .entry(source)
            .or_default()
            .gather(timeline);
    }
    for digest in line.digests {
        carried.claims.push(claim(&digest)?);
    }
    Ok(carried)
}

/// The parser's message, without its position: the line is not shown.
fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let end = message.rfind(" at line ").unwrap_or(message.len());
    message[..end].to_owned()
}

fn count(count: u64) -> Result<u64, String> {
    match count <= MAX_COUNT {
        true => Ok(count),
        false => Err(format!("the count {count} is larger than any can be")),
    }
}

fn opened(opened: BTreeMap<String, u64>) -> Result<BTreeMap<String, u64>, String> {
    let opened = opened.into_iter();
    opened.map(|(path, n)| Ok((path, count(n)?))).collect()
}

fn files(mut files: FileTally) -> Result<FileTally, String> {
    for n_files in files.counts() {
        count(*n_files)?;
    }
    Ok(files)
}

fn records(records: &Records) -> Result<RecordTally, String> {
    let mut tally = RecordTally {
        other: count(records.other)?,
        duplicate: count(records.duplicate)?,
        malformed: count(records.malformed)?,
        ..RecordTally::default()
    };
    for part in [tally.other, tally.duplicate, tally.malformed] {
        plus(&mut tally.seen, part);
    }
    Ok(tally)
}

fn heard<'a>((source, timeline): (&'a Source, &Timeline)) -> Heard<'a> {
    let (heard, runs, vouched) = timeline.clone().stretches();
    let callers: BTreeSet<u64> = runs.iter().filter_map(|run| Some(run.whose?.0)).collect();
    let places: BTreeMap<u64, usize> = callers.iter().copied().zip(0..).collect();
    let alone = runs.iter().filter_map(|run| {
        let place = places.get(&run.whose?.0)?;
        Some((run.first, run.last, *place))
    });
    Heard {
        account: Cow::Borrowed(&source.account),
        region: Cow::Borrowed(&source.region),
        heard,
        alone: alone.collect(),
        callers: digits(callers.iter().copied()).into(),
        vouched,
    }
}

/// Runs of minutes of callers that are named.
fn alone(source: &Heard<'_>) -> Result<Vec<HeardRun>, String> {
    let callers = Vec::from_iter(numbers(&source.callers)?);
    let run = |&(first, last, place): &(u32, u32, usize)| {
        let whose = callers.get(place).copied().map(PrincipalKey);
        let run = HeardRun { first, last, whose };
        (run.is_sound() && whose.is_some()).then_some(run)
    };
    let runs: Option<Vec<HeardRun>> = source.alone.iter().map(run).collect();
    runs.ok_or_else(|| "a caller was alone in minutes that are none".to_owned())
}

/// Stretches of time that are valid: in order, and within the calendar.
fn stretches(stretches: Vec<SecondRange>) -> Result<Vec<SecondRange>, String> {
    match stretches.iter().find(|stretch| !is_time(**stretch)) {
        None => Ok(stretches),
        Some((from, to)) => Err(format!("from {from} to {to} is no stretch of time")),
    }
}

fn is_time((from, to): SecondRange) -> bool {
    from <= to
        && [from, to]
            .into_iter()
            .all(|second| DateTime::from_timestamp(second, 0).is_some())
}

fn digest(claim: &DigestClaim) -> ListedLogs<'_> {
    ListedLogs {
        account: Cow::Borrowed(&claim.source.account),
        region: Cow::Borrowed(&claim.source.region),
        time: claim.whole,
        names: digits(claim.missing.iter().map(|file| file.name)).into(),
        times: claim.missing.iter().map(|file| file.time).collect(),
    }
}

fn claim(digest: &ListedLogs<'_>) -> Result<DigestClaim, String> {
    let names = numbers(&digest.names)?;
    if names.len() != digest.times.len() {
        return Err("a digest file has not as many times as names".to_owned());
    }
    let times = stretches(digest.times.clone())?;
    let missing = names.into_iter().zip(times);
    Ok(DigestClaim {
        source: Source::new(&digest.account, &digest.region),
        whole: stretches(vec![digest.time])?[0],
        missing: missing
            .map(|(name, time)| MissingLog { name, time })
            .collect(),
    })
}

/// Numbers as hexadecimal digits, 16 each.
fn digits(numbers: impl Iterator<Item = u64>) -> String {
    numbers.map(|number| format!("{number:016x}")).collect()
}

fn numbers(digits: &str) -> Result<Vec<u64>, String> {
    let (numbers, rest) = digits.as_bytes().as_chunks::<16>();
    let number = |digits: &[u8; 16]| {
        let is_number = digits.iter().all(u8::is_ascii_hexdigit);
        let digits = std::str::from_utf8(digits).ok().filter(|_| is_number)?;
        u64::from_str_radix(digits, 16).ok()
    };
    let numbers: Option<Vec<u64>> = numbers.iter().map(number).collect();
    numbers
        .filter(|_| rest.is_empty())
        .ok_or_else(|| "names are no groups of 16 hexadecimal digits".to_owned())
}

fn defect<'a>(problem: &'a Problem, file: Cow<'a, str>) -> Option<ToldProblem<'a>> {
    Some(ToldProblem {
        file,
        record: problem.at.record,
        byte: problem.at.span.start as u64,
        bytes: problem.at.span.len as u64,
        problem: what(&problem.kind)?,
        excerpt: problem.excerpt.as_ref().map(|excerpt| Snippet {
            text: Cow::Borrowed(&excerpt.text),
            byte: excerpt.label.start,
            bytes: excerpt.label.len,
        }),
    })
}

fn problem(defect: &ToldProblem<'_>, file: FileId) -> Result<Problem, String> {
    let place = |byte: u64| usize::try_from(count(byte)?).map_err(|error| error.to_string());
    Ok(Problem {
        kind: kind(defect.problem.clone())?,
        at: Location {
            file,
            record: defect.record,
            span: Span {
                start: place(defect.byte)?,
                len: place(defect.bytes)?,
            },
        },
        excerpt: defect.excerpt.as_ref().map(excerpt).transpose()?,
    })
}

fn excerpt(shown: &Snippet<'_>) -> Result<Excerpt, String> {
    let end = shown.byte.checked_add(shown.bytes);
    let label = end.and_then(|end| shown.text.get(shown.byte..end));
    if label.is_none() || shown.text.len() > MAX_EXCERPT_BYTES {
        return Err("an excerpt is too long, or its label is not in it".to_owned());
    }
    Ok(Excerpt {
        text: shown.text.clone().into_owned(),
        label: Span {
            start: shown.byte,
            len: shown.bytes,
        },
    })
}

/// What the line says about a problem; `None` for problems of records in the extract.
fn what(kind: &ProblemKind) -> Option<What> {
    Some(match kind.clone() {
        ProblemKind::Unreadable { reason } => What::Unreadable { reason },
        ProblemKind::Empty => What::EmptyFile {},
        ProblemKind::Undecodable { format, kept_bytes } => What::Undecodable {
            format: format.into_owned(),
            kept_bytes,
        },
        ProblemKind::TooLarge { limit } => What::TooLarge { limit },
        ProblemKind::NotCloudTrail { form } => What::NotCloudtrail { form },
        ProblemKind::Truncated { kept_records } => What::Truncated { kept_records },
        ProblemKind::BadRecord { reason } => What::BadRecord { reason },
        ProblemKind::BadField {
            field,
            expected,
            skipped,
        } => What::BadField {
            field: field.into_owned(),
            expected: expected.into_owned(),
            skipped,
        },
        // Files are not verified when an extract is made.
        ProblemKind::ConflictingDuplicate { .. }
        | ProblemKind::MoreConflicts { .. }
        | ProblemKind::Integrity { .. } => return None,
        ProblemKind::HalfPair => What::HalfPair {},
        ProblemKind::BadTable { reason } => What::BadTable { reason },
        ProblemKind::BadCoverage { reason } => What::BadCoverage { reason },
        ProblemKind::More { count } => What::MoreProblems { count },
    })
}

fn kind(what: What) -> Result<ProblemKind, String> {
    Ok(match what {
        What::Unreadable { reason } => ProblemKind::Unreadable { reason },
        What::EmptyFile {} => ProblemKind::Empty,
        What::Undecodable { format, kept_bytes } => ProblemKind::Undecodable {
            format: format.into(),
            kept_bytes: count(kept_bytes)?,
        },
        What::TooLarge { limit } => ProblemKind::TooLarge { limit },
        What::NotCloudtrail { form } => ProblemKind::NotCloudTrail { form },
        What::Truncated { kept_records } => ProblemKind::Truncated {
            kept_records: count(kept_records)?,
        },
        What::BadRecord { reason } => ProblemKind::BadRecord { reason },
        What::BadField {
            field,
            expected,
            skipped,
        } => ProblemKind::BadField {
            field: field.into(),
            expected: expected.into(),
            skipped,
        },
        What::HalfPair {} => ProblemKind::HalfPair,
        What::BadTable { reason } => ProblemKind::BadTable { reason },
        What::BadCoverage { reason } => ProblemKind::BadCoverage { reason },
        What::MoreProblems { count: n } => ProblemKind::More { count: count(n)? },
    })
}
