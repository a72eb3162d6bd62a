//! Why nothing was selected.
//!
//! Comes in: the criteria of the filter with what each selects by itself, and what was left unread.
//! Goes out: what the log has instead. Never: a criterion without a line.

use std::io;

use crate::render::ink::{Ink, Tint};
use crate::report::story::log;
use crate::report::{PrunedRow, Report, Selector};
use crate::words;

/// Says what the log has if nothing was selected.
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
        let mut text = format!("No push has {}.", log::asked(row));
        if !row.there.is_empty() {
            let (there, between) = match row.option {
                Selector::Period => ("They are", " to "),
                Selector::Property(_) | Selector::Image => ("There is", ", "),
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

/// Says which times the logs cover if all were left unread.
pub(super) fn nothing_read(pruned: &PrunedRow, ink: &mut Ink<'_>) -> io::Result<()> {
    let (Some(first), Some(last)) = (&pruned.first, &pruned.last) else {
        return Ok(());
    };
    let text = format!("The logs left unread were delivered from {first} to {last}.");
    ink.wrapped((Tint::Plain, ""), (Tint::Plain, &text))
}
