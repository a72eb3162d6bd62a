//! Diagnostics with labels: problems over excerpts of the input, findings over timelines.
//!
//! Comes in: problem rows, whose excerpts are short and re-indented, and pictures of pushes. Goes
//! out: text. Never: a raw line of the input, which may have any length and content.

use std::io::{self, Write};
use std::ops::Range;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Severity,
    ThemeCharacters, ThemeStyles,
};

use crate::policy::BadPolicy;
use crate::render::Style;
use crate::render::ink;
use crate::render::plain::plain;
use crate::report::{ExcerptRow, ProblemRow};

/// The smallest width at which diagnostics are drawn.
const NARROWEST: usize = 40;
/// The longest line of an excerpt that is drawn, in bytes.
const LONGEST_LINE: usize = 4096;

/// Writes one problem.
///
/// # Errors
/// Only errors of `out`.
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

/// Draws what is wrong with a policy over its lines; `None` if one is too long.
#[must_use]
pub fn bad_policy(name: &str, text: &str, bad: &BadPolicy, style: &Style) -> Option<String> {
    let place = text.get(bad.place.clone()).unwrap_or_default();
    let label_bytes = place.find('\n').unwrap_or(place.len());
    let excerpt = ExcerptRow {
        text: text.to_owned(),
        label_start: bad.place.start,
        label_bytes,
    };
    let help = ink::shown(&bad.help, style).into_owned();
    let shown = safe(&excerpt)?;
    let mut diagnostic = MietteDiagnostic::new(ink::shown(&bad.message, style))
        .with_label(LabeledSpan::new(None, shown.start, shown.bytes));
    if !help.is_empty() {
        diagnostic = diagnostic.with_help(help);
    }
    let name = ink::shown(name, style).into_owned();
    let report =
        miette::Report::new(diagnostic).with_source_code(NamedSource::new(name, shown.text));
    let mut out = String::new();
    let drawn = handler(style).render_report(&mut out, report.as_ref());
    drawn.is_ok().then(|| out.trim_end().to_owned())
}

/// A finding that points into a text. All texts are already safe to show and wrapped.
#[derive(Debug)]
pub(super) struct Picture {
    /// The severity, as reports name it.
    pub(super) severity: crate::finding::Severity,
    /// What was found.
    pub(super) message: String,
    /// The name of the text.
    pub(super) name: String,
    /// The text; no line is longer than the width leaves beside its number.
    pub(super) text: String,
    /// Ranges of the text, each within one line, with the words under them; empty words are not
    /// drawn.
    pub(super) labels: Vec<(Range<usize>, String)>,
    /// What to do next; may be empty.
    pub(super) help: String,
}

/// The columns before each line of a picture's text, by the number of digits in line numbers.
pub(super) fn margin(digits: usize) -> usize {
    digits + 4
}

/// Draws a picture with its whole text; `None` if the labels do not fit the text.
pub(super) fn picture(picture: Picture, style: &Style) -> Option<String> {
    let n_lines = picture.text.lines().count();
    let severity = match picture.severity {
        crate::finding::Severity::Error => Severity::Error,
        crate::finding::Severity::Warning => Severity::Warning,
        crate::finding::Severity::Note => Severity::Advice,
    };
    let mut diagnostic = MietteDiagnostic::new(picture.message).with_severity(severity);
    if !picture.help.is_empty() {
        diagnostic = diagnostic.with_help(picture.help);
    }
    let labels = picture.labels.into_iter().map(|(range, words)| {
        let words = (!words.is_empty()).then_some(words);
        LabeledSpan::new(words, range.start, range.len())
    });
    let source = NamedSource::new(picture.name, picture.text);
    let report = miette::Report::new(diagnostic.with_labels(labels)).with_source_code(source);
    let handler = handler(style)
        .with_context_lines(n_lines)
        .without_primary_span_start();
    let mut text = String::new();
    let drawn = handler.render_report(&mut text, report.as_ref());
    drawn.is_ok().then_some(text)
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

/// `FILE record N`, since the line numbers of an excerpt are not those of the file.
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

/// Neutralises an excerpt line by line and moves its label along; `None` if the label does not fit
/// the text.
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
