//! Tables for spreadsheets and data frames: one row an event, with `--pulls` one row a pull, or with `--summary`
//! one row a push.
//!
//! Comes in: a report. Goes out: RFC 4180. Never: a cell that a spreadsheet would execute or convert, or a row of more
//! than one line.

mod cell;
mod events;
mod pulls;
mod pushes;

use std::io::{self, Write};

use crate::render::{Detail, Renderer, Style};
use crate::report::Report;

/// `--format csv`.
pub(super) struct Csv;

impl Renderer for Csv {
    fn render(&self, report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        match style.detail {
            Detail::Summary => pushes::table(report, out),
            Detail::Normal | Detail::Verbose if report.has_pulls() => pulls::table(report, out),
            Detail::Normal | Detail::Verbose => events::table(report, out),
        }
    }
}
