//! The text on standard error that accompanies the output.
//!
//! Comes in: what was read and found. Goes out: the first problems of the input, and one summary line.
//! Never: a finding about a push, which only a report has.

use std::io::{self, Write};
use std::time::Duration;

use crate::cli::output::Output;
use crate::cli::plan::{Names, Plan};
use crate::ingest::Extracted;
use crate::render::diagnostics;
use crate::render::plain;
use crate::report::story::attention;
use crate::report::story::log as story;
use crate::report::{MissingRow, ProblemRow, Report};
use crate::report::{n_problems, problem_rows};
use crate::words;

/// The most problems shown one by one.
const MOST_PROBLEMS: usize = 20;

/// The most stretches of time with missing log files shown one by one.
const MOST_STRETCHES: usize = 6;

/// Writes the text that accompanies a report.
///
/// # Errors
/// Those of `out`.
pub(super) fn of_report(
    plan: &Plan,
    report: &Report<'_>,
    took: Option<Duration>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let coverage = report.coverage();
    let (rows, n_absent) = report.problems_for_people();
    problems(plan, rows, Some("--format json lists all"), out)?;
    if n_absent > 0 {
        writeln!(out, "warning: {} [absent-file]", story::absent(n_absent))?;
        stretches(&coverage.missing_stretches, out)?;
    }
    for row in report.asked() {
        let text = format!("{}: {} [{}]", row.severity.name(), row.message, row.code);
        writeln!(out, "{}", plain(&text))?;
    }
    let summary = report.summary();
    let pushes = match summary.pushes {
        0 if summary.in_log > 0 => format!("none of {} selected", words::pushes(summary.in_log)),
        0 => "no push".to_owned(),
        n => words::pushes(n),
    };
    let counts: Vec<_> = story::counts(&summary)
        .into_iter()
        .map(|(group, n)| format!("{} {}", words::number(n), story::said(group)))
        .collect();
    let counts = match counts.is_empty() {
        true => String::new(),
        false => format!(" ({})", counts.join(", ")),
    };
    let files = words::count(coverage.files.logs(), "log file");
    let broken = attention::against_policy(report);
    let broken = broken.map_or_else(String::new, |broken| format!("; {broken}"));
    let end = end(plan, coverage.records.seen, took, summary.problems);
    writeln!(out, "reconstruct: {pushes}{counts} in {files}{broken}{end}")?;
    out.flush()
}

/// Writes the first stretches of missing log files.
///
/// # Errors
/// Those of `out`.
pub(super) fn stretches(rows: &[MissingRow], out: &mut dyn Write) -> io::Result<()> {
    for row in rows.iter().take(MOST_STRETCHES) {
        writeln!(out, "  {}", plain(&story::missing(row)))?;
    }
    match rows.len().saturating_sub(MOST_STRETCHES) {
        0 => Ok(()),
        more => writeln!(out, "  … and {} more", words::number(more as u64)),
    }
}

/// Writes the text that accompanies an extract.
///
/// # Errors
/// Those of `out`.
pub(super) fn of_extract(
    plan: &Plan,
    extracted: &Extracted,
    took: Option<Duration>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Extracted {
        coverage,
        problems: defects,
        ..
    } = extracted;
    let rows = problem_rows(&[], coverage, defects);
    problems(plan, rows, Some("the report of the extract has all"), out)?;
    let records = words::count(extracted.n_records, "record");
    let files = words::count(coverage.files.logs(), "log file");
    let end = end(plan, coverage.records.seen, took, n_problems(defects));
    writeln!(out, "reconstruct: {records} extracted from {files}{end}")?;
    out.flush()
}

/// Writes the first problems and the number of others; `all` says where all are listed.
///
/// # Errors
/// Those of `out`.
pub(super) fn problems(
    plan: &Plan,
    rows: impl Iterator<Item = ProblemRow>,
    all: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut n_left = 0;
    for (place, row) in rows.enumerate() {
        match place < MOST_PROBLEMS {
            true => diagnostics::problem(&row, &plan.error_style, out)?,
            false => n_left += 1,
        }
    }
    if let Some(all) = all.filter(|_| n_left > 0) {
        let more = words::count(n_left, "more problem");
        writeln!(out, "{more} of the input; {all}\n")?;
    }
    Ok(())
}

/// How long it took, how many problems there were, and where the output went. The time is given only if
/// progress was shown, so that otherwise the line depends on the logs alone.
fn end(plan: &Plan, n_seen: u64, took: Option<Duration>, n_problems: u64) -> String {
    let mut text = String::new();
    if let Some(took) = took {
        let records = words::count(n_seen, "record");
        let tenths = took.as_millis() / 100;
        text.push_str(&format!(
            ", {records}, in {}.{} s",
            tenths / 10,
            tenths % 10
        ));
    }
    if n_problems > 0 {
        let problems = words::count(n_problems, "problem");
        text.push_str(&format!(", {problems} of the input"));
    }
    text + &written(plan)
}

/// Where the output went, if into a file.
pub(super) fn written(plan: &Plan) -> String {
    plan.output.as_ref().map_or(String::new(), |file| {
        format!("; written to {}", named(plan, file))
    })
}

/// What to call the file of the output.
pub(super) fn named(plan: &Plan, file: &Output) -> String {
    match plan.names {
        Names::True => plain(&file.path.display().to_string()).into_owned(),
        Names::Redacted => "the file of --output".to_owned(),
    }
}
