//! What a report was made of, under short names: all that its counts rest on, the kinds of files, and the options that
//! shape it.
//!
//! Comes in: a report. Goes out: pairs of a name and a text, as at the head of a report. Never: a single push.

use crate::finding::Severity;
use crate::report::parts::Report;
use crate::report::row::OptionsRow;
use crate::report::story::facts::Fact;
use crate::report::story::{head, log};
use crate::source::{FileKind, Found};
use crate::words;
use crate::zone::Zone;

/// The endings of names that are told apart. Others are not shown: a name may hold anything.
const ENDINGS: [&str; 10] = [
    ".json.gz",
    ".json.zst",
    ".json",
    ".jsonl",
    ".ndjson",
    ".csv",
    ".zip",
    ".gz",
    ".zst",
    ".log",
];

/// What a report was made of.
pub(crate) fn facts(report: &Report<'_>, zone: Zone) -> Vec<Fact> {
    let mut facts = head::facts(report, zone);
    facts.extend(kinds(report).map(|kinds| Fact::new("kinds", kinds)));
    let window = i64::try_from(report.summary().window_s).unwrap_or(i64::MAX);
    let window = words::duration(window);
    facts.push(Fact::new(
        "window",
        format!(
            "{window}: a push that is quiet for longer has ended, unless proof joins its calls"
        ),
    ));
    if report.roles.is_some() {
        facts.push(Fact::new("roles", "traced to who took them on"));
    }
    facts.extend(report.options().map(|row| Fact::new("exit", status(row))));
    facts
}

/// The log files by the endings of their names: `236 .json.gz`.
fn kinds(report: &Report<'_>) -> Option<String> {
    let logs = report.parts.files.iter();
    let logs = logs.filter(|file| file.found == Found::Readable(FileKind::Log));
    let mut counts = [0; ENDINGS.len()];
    let mut others = 0;
    for file in logs {
        let ending = ENDINGS.iter().position(|end| file.name.ends_with(end));
        match ending.and_then(|place| counts.get_mut(place)) {
            Some(n) => *n += 1,
            None => others += 1,
        }
    }
    let named: Vec<(u64, &str)> = counts.into_iter().zip(ENDINGS).collect();
    let mut texts = log::counted(&named);
    if !texts.is_empty() {
        texts.extend(log::counted(&[(others, "of other names")]));
    }
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// What the exit status was based on.
fn status(row: &OptionsRow) -> String {
    let mut text = match row.fail_on {
        "never" => "status 0, whatever was found".to_owned(),
        severity => format!(
            "status 1 from a finding that is {} {severity} on",
            article(severity)
        ),
    };
    if row.strict {
        text.push_str(", 3 if the input has problems");
    }
    for weakened in &row.weakened {
        let (option, value, from) = (weakened.option, &weakened.value, weakened.from);
        text.push_str(&format!("; {option} {value} by {from}"));
    }
    text
}

fn article(severity: &str) -> &'static str {
    match severity == Severity::Error.name() {
        true => "an",
        false => "a",
    }
}
