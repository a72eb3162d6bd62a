//! A stretch of time that is missing from the log.

use crate::finding::check::{Check, Code, Context, Finding, Runner, Severity};
use crate::finding::checks::agreeing;
use crate::ingest::coverage::{HoleReason, MissingHour};
use crate::words;

/// The code of the finding.
pub(crate) const LOG_HOLE: &str = "log-hole";

const CODE: Code = Code {
    code: LOG_HOLE,
    name: "The log lacks a stretch of time",
    severity: Severity::Warning,
    doc: "An account and region has no record for a stretch of time that should have some: digest \
files list log files that are not in the input, which is proof, or nothing was recorded for far \
longer than is usual there, which is an inference. Missing log files are counted by the hour in which \
their records begin; `coverage.missing` in JSON has them. Pushes within the window of a hole are \
`undetermined` unless they came through.\n\n\
What to do: add the log files; `reconstruct --list-missing` prints the address of each that a digest \
file lists.",
};

/// The most stretches of missing log files that the finding of an account and region names.
const MOST_NAMED: usize = 3;

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Log(run));

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (source, span) in &context.coverage.spans {
        let quiet = span.holes.iter();
        let quiet = quiet.filter(|hole| hole.reason == HoleReason::Quiet);
        findings.extend(quiet.map(|hole| {
            let message = format!(
                "the log of `{}` in `{}` lacks {} to {}: nothing was recorded for far longer than is usual",
                source.account,
                source.region,
                words::time(hole.interval.from),
                words::time(hole.interval.to)
            );
            CODE.of_log(message).help("add the log files of that time")
        }));
    }
    let missing = context.coverage.missing_stretches();
    let of_sources = missing.chunk_by(|one, other| one.source == other.source);
    findings.extend(of_sources.filter_map(missing_of));
}

/// The missing log files of an account and region.
fn missing_of(stretches: &[MissingHour]) -> Option<Finding> {
    let source = &stretches.first()?.source;
    let n_files = stretches.iter().map(|of| of.n_files).sum();
    let named = stretches.iter().take(MOST_NAMED).map(|of| {
        let (from, to) = (words::time(of.hour.from), words::time(of.hour.to));
        match stretches.len() {
            1 => format!("between {from} and {to}"),
            _ => format!("{} between {from} and {to}", words::number(of.n_files)),
        }
    });
    let mut named: Vec<String> = named.collect();
    if let more @ 1.. = stretches.len().saturating_sub(MOST_NAMED) {
        named.push(format!("{} more", words::number(more as u64)));
    }
    let message = format!(
        "digest files list {} of `{}` in `{}` that {} not in the input: {}",
        words::count(n_files, "log file"),
        source.account,
        source.region,
        agreeing(n_files, "is", "are"),
        words::list(&named)
    );
    let finding = CODE.of_log(message);
    Some(finding.help("`--list-missing` names them; fetch them"))
}
