//! REPORT -> BYTES.
//!
//! Comes in: a report and a style. Goes out: the bytes of one format. Never: a decision; facts and
//! reasons are all in the report.
//!
//! To add a format, add its file, its line in [`Format::ALL`] and its line in `docs/report.md`. The
//! tests that all formats share run over the table.

mod csv;
pub mod diagnostics;
mod dot;
mod html;
mod ink;
mod instant;
mod json;
mod jsonl;
mod markdown;
mod ocel;
mod ocsf;
mod plain;
mod table;
mod text;
mod timesketch;
mod trace;

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use crate::report::{ComparisonRow, Report, SummaryRow};
use crate::zone::Zone;

pub use plain::plain;
pub use table::paragraphs;
pub use text::{grounds, other, why};

/// Draws a report.
pub trait Renderer: Sync {
    /// Writes the whole report.
    ///
    /// # Errors
    /// Only errors of `out`.
    fn render(&self, report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()>;

    /// Whether the format has a place for the history of a repository.
    fn has_histories(&self) -> bool {
        false
    }

    /// Whether it can write a line for each push and nothing else.
    #[doc(hidden)]
    fn has_lines(&self) -> bool {
        false
    }

    /// Writes a line for each push and nothing else, if it has such lines.
    ///
    /// # Errors
    /// Only errors of `out`.
    #[doc(hidden)]
    fn lines(&self, _report: &Report<'_>, _style: &Style, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// How it draws comparisons; `None` if it has no form for them.
    #[doc(hidden)]
    fn comparison(&self) -> Option<&dyn ComparisonRenderer> {
        None
    }
}

/// Draws a comparison.
#[doc(hidden)]
pub trait ComparisonRenderer: Sync {
    /// Writes the whole comparison. `report` is that of the selected pushes, for what was asked for and is not there.
    ///
    /// # Errors
    /// Only errors of `out`.
    fn compare(
        &self,
        comparison: &ComparisonRow,
        report: &Report<'_>,
        style: &Style,
        out: &mut dyn Write,
    ) -> io::Result<()>;
}

/// How to draw, decided once before anything is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences may colour the output; meaning never depends on colour alone.
    pub color: bool,
    /// Whether characters beyond ASCII may be written.
    pub unicode: bool,
    /// Columns.
    pub width: usize,
    /// How much to say.
    pub detail: Detail,
    /// The time zone of the formats for people.
    pub zone: Zone,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            color: false,
            unicode: true,
            width: 80,
            detail: Detail::Normal,
            zone: Zone::Utc,
        }
    }
}

/// How much the formats for people say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// One line, row or object for each push. A format that refuses it draws the whole report.
    Summary,
    /// A block for each push, with the parts of an upload folded.
    Normal,
    /// Every event, with its evidence and every alternative.
    Verbose,
}

/// A format of the report.
#[derive(Clone, Copy)]
pub struct Format {
    /// The name that `--format` takes.
    pub name: &'static str,
    /// A description in a few words.
    pub about: &'static str,
    /// The renderer that draws it.
    pub renderer: &'static dyn Renderer,
    /// What becomes of [`Detail::Summary`].
    pub summary: Summary,
}

/// Whether a format has a short form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summary {
    /// It draws [`Detail::Summary`].
    Drawn,
    /// What it draws has no short form.
    Refused,
}

impl Format {
    const fn new(
        name: &'static str,
        about: &'static str,
        summary: Summary,
        renderer: &'static dyn Renderer,
    ) -> Self {
        Self {
            name,
            about,
            renderer,
            summary,
        }
    }

    /// Every format, the default first.
    pub const ALL: &'static [Self] = &[
        Self::new(
            "text",
            "for people: summary, then a block a push",
            Summary::Drawn,
            &text::PlainText,
        ),
        Self::new(
            "json",
            "one JSON document, schema `reconstruct.report/1`",
            Summary::Drawn,
            &json::Json,
        ),
        Self::new(
            "jsonl",
            "the same objects one a line, each with a `type`",
            Summary::Drawn,
            &jsonl::JsonLines,
        ),
        Self::new(
            "html",
            "one page for a browser: a table, then a timeline a push",
            Summary::Drawn,
            &html::Html,
        ),
        Self::new(
            "markdown",
            "for a ticket or a job's summary: a table, then a folded block a push",
            Summary::Drawn,
            &markdown::Markdown,
        ),
        Self::new(
            "csv",
            "one event a row, or with --summary one push, safe to open in a spreadsheet",
            Summary::Drawn,
            &csv::Csv,
        ),
        Self::new(
            "timesketch",
            "one event a line, as Timesketch imports it",
            Summary::Refused,
            &timesketch::Timesketch,
        ),
        Self::new(
            "ocsf",
            "what did not end well, one OCSF Detection Finding a line, for a SIEM",
            Summary::Refused,
            &ocsf::Ocsf,
        ),
        Self::new(
            "dot",
            "the events and what joins them, for Graphviz",
            Summary::Refused,
            &dot::Dot,
        ),
        Self::new(
            "trace",
            "the pushes on a time line, for Perfetto (Chrome trace events)",
            Summary::Refused,
            &trace::TraceEvents,
        ),
        Self::new(
            "ocel",
            "objects and events for process mining, OCEL 2.0",
            Summary::Refused,
            &ocel::Ocel,
        ),
    ];

    /// The endings of file names with formats. The first row of an ending is what it means, the first of a format what
    /// its files are called.
    pub const ENDINGS: &'static [(&'static str, &'static str)] = &[
        ("txt", "text"),
        ("json", "json"),
        ("jsonl", "jsonl"),
        ("html", "html"),
        ("htm", "html"),
        ("md", "markdown"),
        ("csv", "csv"),
        ("dot", "dot"),
        ("gv", "dot"),
        ("jsonl", "timesketch"),
        ("json", "trace"),
        ("json", "ocel"),
    ];

    /// The format that the ending of a file's name means, if it means one.
    #[must_use]
    pub fn of_file(path: &Path) -> Option<&'static Self> {
        let ending = path.extension()?.to_str()?;
        let mut endings = Self::ENDINGS.iter();
        let known = endings.find(|(known, _)| known.eq_ignore_ascii_case(ending));
        known.and_then(|(_, name)| Self::find(name))
    }

    /// The ending of its files.
    #[must_use]
    pub fn ending(&self) -> &'static str {
        let mut endings = Self::ENDINGS.iter();
        let own = endings.find(|(_, name)| *name == self.name);
        own.map_or("txt", |(ending, _)| ending)
    }

    /// The format with a name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|format| format.name == name)
    }
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Format").field("name", &self.name).finish()
    }
}

/// A row as a line of `--format jsonl`, without the line break.
///
/// # Errors
/// None; the JSON library does not know that.
pub(crate) fn json_line<T: Serialize>(kind: &'static str, row: T) -> io::Result<String> {
    whole(|out| jsonl::line(kind, row, out))
}

/// The last line of `--format jsonl` for a summary of all pushes, without the line break.
///
/// # Errors
/// None; the JSON library does not know that.
pub(crate) fn last_json_line(report: &Report<'_>, summary: SummaryRow) -> io::Result<String> {
    whole(|out| jsonl::last(report, summary, out))
}

fn whole(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<String> {
    let mut line = Vec::new();
    write(&mut line)?;
    line.pop();
    String::from_utf8(line).map_err(io::Error::other)
}
