//! Problems of the input as diagnostics with labelled excerpts.
//!
//! Comes in: problem rows, whose excerpts are short and re-indented. Goes out: text for standard
//! error. Never: a raw line of the input; those can be of any length and hold anything.

use std::io::{self, Write};

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Severity,
    ThemeCharacters, ThemeStyles,
};

use crate::render::Style;
use crate::render::ink;
use crate::render::plain::plain;
use crate::report::{ExcerptRow, ProblemRow};

/// The narrowest that diagnostics are drawn.
const NARROWEST: usize = 40;
/// The longest line of an excerpt that is drawn, in bytes.
const LONGEST_LINE: usize = 4096;

/// Writes one problem.
///
/// # Errors
/// Only what `out` fails with.
pub fn problem(row: &ProblemRow, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let diagnostic = MietteDiagnostic::new(ink::shown(&row.message, style))
        .with_severity(Severity::Warning)
        .with_code(format!("reconstruct::{}", row.code))
        .with_help(ink::shown(&row.help, style));
    let (diagnostic, source) = match row.excerpt.as_ref().and_then(safe) {
        Some(excerpt) => {
            let label = ink::shown(&row.label, style).into_owned();
            let label = (!label.is_empty()).then_some(label);
            let span = LabeledSpan::new(label, excerpt.start, excerpt.bytes);
            (diagnostic.with_label(span), excerpt.text)
        }
        None => {
            let place = ink::shown(&place(row), style).into_owned();
            let message = format!("{place}: {}", diagnostic.message);
            (
                MietteDiagnostic {
                    message,
                    ..diagnostic
                },
                String::new(),
            )
        }
    };
    let name = ink::shown(&place(row), style).into_owned();
    let report = miette::Report::new(diagnostic).with_source_code(NamedSource::new(name, source));
    let mut text = String::new();
    match handler(style).render_report(&mut text, report.as_ref()) {
        Ok(()) => writeln!(out, "{}", text.trim_end()),
        Err(std::fmt::Error) => writeln!(out, "{}: {}", plain(&row.file), plain(&row.message)),
    }
}

fn handler(style: &Style) -> GraphicalReportHandler {
    let theme = GraphicalTheme {
        characters: match style.unicode {
            true => ThemeCharacters::unicode(),
            false => ThemeCharacters::ascii(),
        },
        styles: match style.color {
            true => ThemeStyles::ansi(),
            false => ThemeStyles::none(),
        },
    };
    GraphicalReportHandler::new_themed(theme)
        .with_width(style.width.max(NARROWEST))
        .with_links(false)
        .without_syntax_highlighting()
}

/// `FILE record N`: the line numbers of an excerpt are not the file's.
fn place(row: &ProblemRow) -> String {
    match row.record {
        Some(record) => format!("{} record {record}", row.file),
        None => row.file.clone(),
    }
}

/// An excerpt that can be drawn.
struct Safe {
    text: String,
    start: usize,
    bytes: usize,
}

/// Neutralises an excerpt line by line and moves its label along; `None` where the label does not
/// fit the text.
fn safe(excerpt: &ExcerptRow) -> Option<Safe> {
    let text = &excerpt.text;
    let end = excerpt.label_start.checked_add(excerpt.label_bytes)?;
    let before = text.get(..excerpt.label_start)?;
    let label = text.get(excerpt.label_start..end)?;
    let after = text.get(end..)?;
    if text.lines().any(|line| line.len() > LONGEST_LINE) {
        return None;
    }
    let before = lines_plain(before);
    let label = lines_plain(label);
    Some(Safe {
        start: before.len(),
        bytes: label.len(),
        text: format!("{before}{label}{}", lines_plain(after)),
    })
}

fn lines_plain(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(plain).collect();
    lines.join("\n")
}
