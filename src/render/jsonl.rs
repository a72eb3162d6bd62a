//! The report as JSON Lines: one object on each line, each with a `type`; the coverage comes last.
//!
//! Comes in: a report. Goes out: the objects of the JSON report, brief ones in a summary. Never: a line that cannot be read
//! without another.

use std::io::{self, Write};

use serde::Serialize;

use crate::render::json;
use crate::render::{Detail, Renderer, Style};
use crate::report::{BriefCoverageRow, BriefFindingRow, CoverageRow, OptionsRow, ToldRow};
use crate::report::{Report, SCHEMA, SUMMARY_SCHEMA, SelectionRow, SessionRow, SummaryRow};

/// `--format jsonl`.
pub(super) struct JsonLines;

#[derive(Serialize)]
struct Line<T> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    row: T,
}

#[derive(Serialize)]
struct Last<'a> {
    schema: &'static str,
    summary: SummaryRow,
    options: Option<&'a OptionsRow>,
    selection: &'a [SelectionRow],
    #[serde(flatten)]
    coverage: CoverageRow,
}

#[derive(Serialize)]
struct LastInBrief<'a> {
    schema: &'static str,
    summary: SummaryRow,
    selection: &'a [SelectionRow],
    #[serde(flatten)]
    coverage: BriefCoverageRow,
}

impl Renderer for JsonLines {
    fn render(&self, report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        match style.detail {
            Detail::Summary => in_brief(report, out),
            Detail::Normal | Detail::Verbose => in_full(report, out),
        }
    }

    fn has_histories(&self) -> bool {
        true
    }

    fn has_lines(&self) -> bool {
        true
    }

    fn lines(&self, report: &Report<'_>, _: &Style, out: &mut dyn Write) -> io::Result<()> {
        pushes(report, out)
    }
}

fn in_full(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for row in report.history() {
        line("history", row, out)?;
    }
    pushes(report, out)?;
    for row in report.unplaced() {
        line("unplaced", row, out)?;
    }
    for row in report.findings() {
        line("finding", row, out)?;
    }
    for row in report.problems() {
        line("problem", row, out)?;
    }
    last(report, report.summary(), out)
}

/// Writes the last line, with the summary of all pushes.
pub(super) fn last(
    report: &Report<'_>,
    summary: SummaryRow,
    out: &mut dyn Write,
) -> io::Result<()> {
    let last = Last {
        schema: SCHEMA,
        summary,
        options: report.options(),
        selection: report.selection(),
        coverage: report.coverage(),
    };
    line("coverage", last, out)
}

/// The lines of the pushes, and of those that were told and are none any more.
fn pushes(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let draw = |row: SessionRow<'_>, out: &mut dyn Write| match report.told(&row.id) {
        Some(told) => line("session", ToldRow { row, told }, out),
        None => line("session", row, out),
    };
    for push in report.drawn(&draw) {
        push.write(out)?;
    }
    let mut withdrawn = report.withdrawn().unwrap_or_default().iter();
    withdrawn.try_for_each(|row| line("withdrawn", row, out))
}

fn in_brief(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let pushes = report.briefs(|push| {
        let (mut text, told) = (Vec::new(), report.told(&push.id));
        let row = push.terse();
        let written = match told {
            Some(told) => line("push", ToldRow { row, told }, &mut text),
            None => line("push", row, &mut text),
        };
        written.map(|()| text)
    });
    for push in pushes {
        out.write_all(&push?)?;
    }
    for row in report.findings() {
        line("finding", BriefFindingRow::from(row), out)?;
    }
    let last = LastInBrief {
        schema: SUMMARY_SCHEMA,
        summary: report.summary(),
        selection: report.selection(),
        coverage: report.coverage_in_brief(),
    };
    line("coverage", last, out)
}

pub(super) fn line<T: Serialize>(
    kind: &'static str,
    row: T,
    out: &mut dyn Write,
) -> io::Result<()> {
    json::value(&Line { kind, row }, out)?;
    out.write_all(b"\n")
}
