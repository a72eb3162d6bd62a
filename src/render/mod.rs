//! REPORT -> BYTES.
//!
//! Comes in: a report and a style. Goes out: one format's bytes. Never: a decision; what is so and
//! why it is so stands in the report.
//!
//! To add a format: its file, its line in [`Format::ALL`], its line in `docs/report.md`. The tests
//! that all formats share run over the table.

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
#[cfg(feature = "cli")]
pub(crate) use text::{counts, said};

/// Draws a report.
pub trait Renderer: Sync {
    /// Writes the whole report.
    ///
    /// # Errors
    /// Only what `out` fails with.
    fn render(&self, report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()>;
}

/// How to draw, decided once before anything is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences may colour the output; meaning never rests on colour alone.
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
    /// One line a push.
    Summary,
    /// A block a push, parts of an upload folded.
    Normal,
    /// Every event, with its evidence and every alternative.
    Verbose,
}

/// A format of the report.
#[derive(Clone, Copy)]
pub struct Format {
    /// The name that `--format` takes.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// What draws it.
    pub renderer: &'static dyn Renderer,
}

impl Format {
    /// Every format, the default first.
    pub const ALL: &'static [Self] = &[
        Self {
            name: "text",
            about: "for people: summary, then a block a push",
            renderer: &text::Text,
        },
        Self {
            name: "json",
            about: "one JSON document, schema `reconstruct.report/1`",
            renderer: &json::Json,
        },
        Self {
            name: "jsonl",
            about: "the same objects one a line, each with a `type`",
            renderer: &jsonl::JsonLines,
        },
        Self {
            name: "html",
            about: "one page for a browser: a table, then a timeline a push",
            renderer: &html::Html,
        },
        Self {
            name: "csv",
            about: "one event a row, safe to open in a spreadsheet",
            renderer: &csv::Csv,
        },
        Self {
            name: "timesketch",
            about: "one event a line, as Timesketch imports it",
            renderer: &timesketch::Timesketch,
        },
        Self {
            name: "dot",
            about: "the events and what joins them, for Graphviz",
            renderer: &dot::Dot,
        },
        Self {
            name: "trace",
            about: "the pushes on a time line, for Perfetto (Chrome trace events)",
            renderer: &trace::TraceEvents,
        },
        Self {
            name: "ocel",
            about: "objects and events for process mining, OCEL 2.0",
            renderer: &ocel::Ocel,
        },
    ];

    /// The format of a name.
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
