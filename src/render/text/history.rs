//! The history of a tag, an image or a repository: a line for each thing that happened to it.
//!
//! Comes in: the histories of the report. Goes out: who did what and when, in order of time, and the state at the end
//! of the log. Never: more than a few words about a push; its block has the rest.

use std::io;

use crate::render::Detail;
use crate::render::ink::{Ink, Tint, mark};
use crate::report::story::history::{self, EventIds, MOST_TAGS, Passage};
use crate::report::{HistoryEntryRow, HistoryKind, HistoryRow, Report, Weight};
use crate::words;

/// The most histories that are told, if there are many.
const MOST: usize = 20;

/// Writes the histories, if any were asked for.
pub(super) fn history(report: &Report<'_>, detail: Detail, ink: &mut Ink<'_>) -> io::Result<()> {
    let most = match detail {
        Detail::Verbose => usize::MAX,
        Detail::Normal | Detail::Summary => MOST,
    };
    let mut n_left = 0;
    for (place, row) in report.history().enumerate() {
        match place < most {
            true => one(&row, detail, ink)?,
            false => n_left += 1,
        }
    }
    if n_left > 0 {
        ink.blank()?;
        let more = words::count(n_left, "more history");
        let text = format!("… and {more}; --verbose and --format json have all");
        ink.line(&[(Tint::Faint, &text)])?;
    }
    Ok(())
}

fn one(row: &HistoryRow<'_>, detail: Detail, ink: &mut Ink<'_>) -> io::Result<()> {
    ink.blank()?;
    ink.wrapped((Tint::Strong, "history of "), (Tint::Strong, &row.image))?;
    let ids = match detail {
        Detail::Verbose => EventIds::Whole,
        Detail::Normal | Detail::Summary => EventIds::Start,
    };
    let (n_left, passages) = match detail {
        Detail::Verbose => (0, row.entries.iter().map(Passage::One).collect()),
        Detail::Normal | Detail::Summary => history::passages(row),
    };
    if n_left > 0 {
        ink.wrapped(
            (Tint::Plain, "  "),
            (Tint::Faint, &history::left_out(n_left)),
        )?;
    }
    for passage in &passages {
        let (time, (tint, mark), text) = match passage {
            Passage::One(entry) => {
                let text = history::happened(row, entry, ids);
                (&entry.time, look(entry), text)
            }
            Passage::Run(run) => {
                let Some(first) = run.first() else { continue };
                (&first.time, (Tint::Good, "●"), history::of_run(run))
            }
        };
        let head = format!("  {time}  {mark} ");
        ink.wrapped((tint, &head), (Tint::Plain, &text))?;
    }
    ink.wrapped((Tint::Plain, "  "), (Tint::Faint, &row.ends))?;
    for tag in row.tags.iter().take(most_tags(detail)) {
        ink.wrapped((Tint::Plain, "    "), (Tint::Plain, &history::stands(tag)))?;
    }
    match row.tags.len().saturating_sub(most_tags(detail)) {
        0 => Ok(()),
        more => {
            let more = words::count(more as u64, "more tag");
            ink.line(&[(Tint::Faint, &format!("    … and {more}"))])
        }
    }
}

fn most_tags(detail: Detail) -> usize {
    match detail {
        Detail::Verbose => usize::MAX,
        Detail::Normal | Detail::Summary => MOST_TAGS,
    }
}

/// The tint and the mark of an entry.
fn look(entry: &HistoryEntryRow<'_>) -> (Tint, &'static str) {
    match history::weight(entry) {
        weight @ Weight::Bad => (Tint::Bad, mark(weight)),
        Weight::Good => (Tint::Good, "●"),
        Weight::Unknown if entry.kind == HistoryKind::Moved => (Tint::Warn, "●"),
        Weight::Unknown if entry.kind == HistoryKind::Push => (Tint::Warn, "?"),
        Weight::Unknown => (Tint::Warn, "-"),
        Weight::Plain | Weight::Harmless if entry.session.is_some() => (Tint::Plain, "·"),
        Weight::Plain | Weight::Harmless => (Tint::Faint, " "),
    }
}
