//! The history of a tag or an image: a line for each thing that happened to it.
//!
//! Comes in: the histories of the report. Goes out: who did what and when, in order of time, and
//! the state at the end of the log. Never: more than a few words about a push; its block follows
//! below.

use std::io;

use crate::render::ink::{Ink, Tint};
use crate::report::story::log;
use crate::report::{HistoryKind, HistoryRow, Report};

/// Writes the histories, if any were asked for.
pub(super) fn history(report: &Report<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    report.history().try_for_each(|row| one(&row, ink))
}

fn one(row: &HistoryRow<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    ink.blank()?;
    ink.wrapped((Tint::Strong, "history of "), (Tint::Strong, &row.image))?;
    for entry in &row.entries {
        let (tint, mark) = match entry.kind {
            HistoryKind::Refused => (Tint::Bad, "✗"),
            HistoryKind::Deleted | HistoryKind::Expired | HistoryKind::Archived => {
                (Tint::Warn, "-")
            }
            HistoryKind::Moved => (Tint::Warn, "●"),
            HistoryKind::Repository => (Tint::Faint, " "),
            HistoryKind::Put | HistoryKind::Again | HistoryKind::Restored => (Tint::Good, "●"),
        };
        let head = format!("  {}  {mark} ", entry.time);
        ink.wrapped((tint, &head), (Tint::Plain, &log::happened(entry)))?;
    }
    ink.wrapped((Tint::Plain, "  "), (Tint::Faint, &row.ends))
}
