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
mod ocel;
mod plain;
mod table;
mod text;
mod timesketch;
mod trace;

use std::io::{self, Write};

use crate::report::Report;

pub use plain::plain;
pub use table::paragraphs;
pub use text::why;

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
}

impl Default for Style {
    fn default() -> Self {
        Self {
            color: false,
            unicode: true,
            width: 80,
            detail: Detail::Normal,
        }
    }
}

/// How much the formats for people say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// One line for each push.
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
}

impl Format {
    const fn new(name: &'static str, about: &'static str, renderer: &'static dyn Renderer) -> Self {
        Self {
            name,
            about,
            renderer,
        }
    }

    /// Every format, the default first.
    pub const ALL: &'static [Self] = &[
        Self::new(
            "text",
            "for people: summary, then a block a push",
            &text::PlainText,
        ),
        Self::new(
            "json",
            "one JSON document, schema `reconstruct.report/1`",
            &json::Json,
        ),
        Self::new(
            "jsonl",
            "the same objects one a line, each with a `type`",
            &jsonl::JsonLines,
        ),
        Self::new(
            "html",
            "one page for a browser: a table, then a timeline a push",
            &html::Html,
        ),
        Self::new(
            "csv",
            "one event a row, safe to open in a spreadsheet",
            &csv::Csv,
        ),
        Self::new(
            "timesketch",
            "one event a line, as Timesketch imports it",
            &timesketch::Timesketch,
        ),
        Self::new(
            "dot",
            "the events and what joins them, for Graphviz",
            &dot::Dot,
        ),
        Self::new(
            "trace",
            "the pushes on a time line, for Perfetto (Chrome trace events)",
            &trace::TraceEvents,
        ),
        Self::new(
            "ocel",
            "objects and events for process mining, OCEL 2.0",
            &ocel::Ocel,
        ),
    ];

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
