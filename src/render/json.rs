//! The report as one JSON document; pushes are written one on each line, as their rows are made.
//!
//! Comes in: a report. Goes out: the contract of `docs/report.md`, field by field; in a summary, brief rows. Never: a
//! character that controls a terminal; JSON has escapes for these.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};

use crate::render::plain::{hides, is_hidden};
use crate::render::{ComparisonRenderer, Detail, Renderer, Style};
use crate::report::{
    BriefFindingRow, COMPARE_SCHEMA, ComparisonRow, Drawn, Report, SCHEMA, SUMMARY_SCHEMA,
    SessionRow, ToldRow,
};

/// `--format json`.
pub(super) struct Json;

impl Renderer for Json {
    fn render(&self, report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        match style.detail {
            Detail::Summary => in_brief(report, out),
            Detail::Normal | Detail::Verbose => in_full(report, out),
        }
    }

    fn has_histories(&self) -> bool {
        true
    }

    fn comparison(&self) -> Option<&dyn ComparisonRenderer> {
        Some(self)
    }
}

impl ComparisonRenderer for Json {
    fn compare(
        &self,
        comparison: &ComparisonRow,
        report: &Report<'_>,
        _: &Style,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let ComparisonRow {
            base,
            now,
            shared,
            notices,
            rules,
            pushes,
            pushers,
            addresses,
            clients,
            repositories,
            failures,
            medians,
        } = comparison;
        write!(out, "{{\n\"schema\": \"{COMPARE_SCHEMA}\",\n\"base\": ")?;
        value(base, out)?;
        write!(out, ",\n\"now\": ")?;
        value(now, out)?;
        write!(out, ",\n\"shared\": {shared},\n\"rules\": ")?;
        value(rules, out)?;
        rows("notices", notices.iter(), out)?;
        rows("pushes", pushes.iter(), out)?;
        rows("pushers", pushers.iter(), out)?;
        rows("addresses", addresses.iter(), out)?;
        rows("clients", clients.iter(), out)?;
        rows("repositories", repositories.iter(), out)?;
        rows("failures", failures.iter(), out)?;
        rows("medians", medians.iter(), out)?;
        rows("findings", report.asked(), out)?;
        writeln!(out, "\n}}")
    }
}

fn in_full(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    head(SCHEMA, report, out)?;
    write!(out, ",\n\"coverage\": ")?;
    value(&report.coverage(), out)?;
    write!(out, ",\n\"options\": ")?;
    value(&report.options(), out)?;
    rows("selection", report.selection().iter(), out)?;
    rows("history", report.history(), out)?;
    let draw = |row: SessionRow<'_>, out: &mut dyn Write| match report.told(&row.id) {
        Some(told) => value(&ToldRow { row, told }, out),
        None => value(&row, out),
    };
    let sessions = report.drawn(&draw);
    array("sessions", sessions, Drawn::write, out)?;
    if let Some(withdrawn) = report.withdrawn() {
        rows("withdrawn", withdrawn.iter(), out)?;
    }
    match report.has_pulls() {
        true => {
            rows("pulls", report.pulls(), out)?;
            rows("reach", report.reach().into_iter(), out)?;
        }
        false => write!(out, ",\n\"pulls\": null,\n\"reach\": null")?,
    }
    rows("unplaced", report.unplaced(), out)?;
    rows("findings", report.findings(), out)?;
    rows("problems", report.problems(), out)?;
    writeln!(out, "\n}}")
}

fn in_brief(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    head(SUMMARY_SCHEMA, report, out)?;
    write!(out, ",\n\"coverage\": ")?;
    value(&report.coverage_in_brief(), out)?;
    rows("selection", report.selection().iter(), out)?;
    let pushes = report.briefs(|push| {
        let (mut text, told) = (Vec::new(), report.told(&push.id));
        let row = push.terse();
        let written = match told {
            Some(told) => value(&ToldRow { row, told }, &mut text),
            None => value(&row, &mut text),
        };
        written.map(|()| text)
    });
    array("pushes", pushes, |push, out| out.write_all(&push?), out)?;
    rows(
        "findings",
        report.findings().map(BriefFindingRow::from),
        out,
    )?;
    writeln!(out, "\n}}")
}

fn head(schema: &str, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{{\n\"schema\": \"{schema}\",\n\"summary\": ")?;
    value(&report.summary(), out)
}

/// Writes a member whose values are rows, one on each line.
fn rows<T: Serialize>(
    name: &str,
    rows: impl Iterator<Item = T>,
    out: &mut dyn Write,
) -> io::Result<()> {
    array(name, rows, |row, out| value(&row, out), out)
}

/// Writes a member with one value on each line, each written by `write`.
fn array<T>(
    name: &str,
    items: impl Iterator<Item = T>,
    write: impl Fn(T, &mut dyn Write) -> io::Result<()>,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(out, ",\n\"{name}\": [")?;
    let mut separator = "\n";
    for item in items {
        write!(out, "{separator}")?;
        write(item, out)?;
        separator = ",\n";
    }
    match separator {
        "\n" => write!(out, "]"),
        _ => write!(out, "\n]"),
    }
}

/// Writes one value on one line.
pub(super) fn value<T: Serialize>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(out, Shown);
    value.serialize(&mut serializer).map_err(io::Error::from)
}

/// Compact JSON that escapes every invisible character.
struct Shown;

impl Formatter for Shown {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if !hides(fragment) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some(at) = rest.find(is_hidden) {
            let (shown, hidden) = rest.split_at(at);
            writer.write_all(shown.as_bytes())?;
            let mut letters = hidden.chars();
            if let Some(letter) = letters.next() {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = letters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        CompactFormatter.write_char_escape(writer, escape)
    }
}
