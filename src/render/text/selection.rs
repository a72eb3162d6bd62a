//! What was selected, and why nothing was.
//!
//! Comes in: the criteria of the filter with what each selects alone, and what was left unread.
//! Goes out: a line in the head of the report and, where no push is left, what there is instead.
//! Never: a criterion passed over in silence.

use std::io;

use crate::ingest::coverage::FileTally;
use crate::render::ink::{Ink, Tint};
use crate::report::words;
use crate::report::{PrunedRow, Report, SelectionRow};

/// The criteria on one line, each with the number of pushes that it selects alone where there are
/// several; `None` without a filter.
pub(in crate::render) fn criteria(report: &Report<'_>) -> Option<String> {
    let rows = report.selection();
    let texts = rows.iter().map(|row| match rows.len() {
        1 => asked(row),
        _ => format!("{} ({} by itself)", asked(row), words::pushes(row.pushes)),
    });
    let texts: Vec<_> = texts.collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// Which files were left unread, for the line of the files.
pub(super) fn unread(files: &FileTally, pruned: &PrunedRow) -> String {
    let bounds = [
        pruned.before.as_ref().map(|time| format!("before {time}")),
        pruned.after.as_ref().map(|time| format!("after {time}")),
    ];
    let bounds: Vec<_> = bounds.into_iter().flatten().collect();
    format!(
        "{} not read, being {} by name",
        words::number(files.pruned),
        bounds.join(" or "),
    )
}

/// Says what there is where nothing was selected.
pub(super) fn nothing(report: &Report<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let without: Vec<_> = report
        .selection()
        .iter()
        .filter(|row| row.pushes == 0)
        .collect();
    if without.is_empty() {
        let text = "Each of these selects some pushes by itself, and no push meets them all.";
        return ink.wrapped((Tint::Plain, ""), (Tint::Plain, text));
    }
    for row in without {
        let mut text = format!("No push has {}.", asked(row));
        if !row.there.is_empty() {
            let (there, between) = match row.option {
                PERIOD => ("They are", " to "),
                _ => ("There is", ", "),
            };
            text.push_str(&format!(" {there}: {}", row.there.join(between)));
            text.push_str(&match row.there_more {
                0 => ".".to_owned(),
                more => format!(" and {} more.", words::number(more)),
            });
        }
        ink.wrapped((Tint::Plain, ""), (Tint::Plain, &text))?;
    }
    Ok(())
}

/// Says which times there are where all logs were left unread.
pub(super) fn nothing_read(pruned: &PrunedRow, ink: &mut Ink<'_>) -> io::Result<()> {
    let (Some(first), Some(last)) = (&pruned.first, &pruned.last) else {
        return Ok(());
    };
    let text = format!("The logs left unread were delivered from {first} to {last}.");
    ink.wrapped((Tint::Plain, ""), (Tint::Plain, &text))
}

/// The option of the period.
const PERIOD: &str = "--since/--until";

/// A criterion as it was typed, near enough.
fn asked(row: &SelectionRow) -> String {
    match row.option {
        PERIOD => format!("a call {}", row.values.join(" ")),
        option => format!("{option} {}", row.values.join(" or ")),
    }
}
