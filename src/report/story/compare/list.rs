//! Rows of a comparison as lines.
//!
//! Comes in: rows and how each is told. Goes out: lines, up to a number, and how many more there are. Never: a label
//! twice.

use crate::report::row::{Change, EntityRow};
use crate::report::story::compare::PassageLine;
use crate::report::story::compare::name::some;
use crate::words;

/// What is new, whatever is known of it.
pub(super) const NEW: [Change; 2] = [Change::New, Change::NewVersion];

/// The rows with some change.
pub(super) fn of<'r, T>(
    rows: &'r [EntityRow<T>],
    changes: &'r [Change],
) -> impl Iterator<Item = &'r EntityRow<T>> {
    rows.iter().filter(|row| changes.contains(&row.change))
}

/// A line for each row, up to `most`, and the number of the others.
pub(super) fn listed<'r, R: 'r>(
    label: &'static str,
    most: usize,
    rows: impl Iterator<Item = &'r R>,
    tell: impl Fn(&R) -> String,
) -> Vec<PassageLine> {
    let (mut lines, mut n_left) = (Vec::new(), 0u64);
    for row in rows {
        match lines.len() < most {
            true => lines.push(PassageLine::new("", tell(row))),
            false => n_left += 1,
        }
    }
    if n_left > 0 {
        let more = format!("… and {} more", words::number(n_left));
        lines.push(PassageLine::new("", more));
    }
    if let Some(first) = lines.first_mut() {
        first.label = label;
    }
    lines
}

/// One line for all rows, if there are any.
pub(super) fn brief<'r, R: 'r>(
    label: &'static str,
    rows: impl Iterator<Item = &'r R>,
    tell: impl Fn(&R) -> String,
) -> Option<PassageLine> {
    let texts: Vec<String> = rows.map(tell).collect();
    (!texts.is_empty()).then(|| PassageLine::new(label, some(&texts)))
}
