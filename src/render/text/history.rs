//! The history of a tag or an image: a line for each thing that happened to it.
//!
//! Comes in: the histories of the report. Goes out: who did what and when, in order of time, and
//! where the log leaves it. Never: more than a few words of a push; its block follows below.

use std::io;

use crate::render::ink::{Ink, Tint};
use crate::report::{HistoryEntryRow, HistoryRow, Report};

/// Writes the histories, if any were asked for.
pub(super) fn history(report: &Report<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    report.history().try_for_each(|row| one(&row, ink))
}

fn one(row: &HistoryRow<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    ink.blank()?;
    ink.wrapped((Tint::Strong, "history of "), (Tint::Strong, &row.image))?;
    for entry in &row.entries {
        let (tint, mark) = match entry.kind {
            "refused" => (Tint::Bad, "✗"),
            "deleted" | "expired" | "archived" => (Tint::Warn, "-"),
            "moved" => (Tint::Warn, "●"),
            "repository" => (Tint::Faint, " "),
            _ => (Tint::Good, "●"),
        };
        let head = format!("  {}  {mark} ", entry.time);
        ink.wrapped((tint, &head), (Tint::Plain, &words(entry)))?;
    }
    ink.wrapped((Tint::Plain, "  "), (Tint::Faint, &row.ends))
}

/// Who did what, from where, in which push.
pub(in crate::render) fn words(entry: &HistoryEntryRow<'_>) -> String {
    let mut text = format!("{} {}", entry.who, entry.message);
    let from = entry.source_ip.as_ref().map(|ip| format!("from {ip}"));
    let push = entry.session.as_ref().map(|id| format!("push {id}"));
    let beside: Vec<_> = from.into_iter().chain(push).collect();
    if !beside.is_empty() {
        text.push_str(&format!(" ({})", beside.join(", ")));
    }
    text
}
