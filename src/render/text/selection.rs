//! Why nothing was selected.
//!
//! Comes in: what the selection's story says, and what was left unread. Goes out: paragraphs. Never: a word of its
//! own on what the log has instead.

use std::io;

use crate::render::ink::{Ink, Tint};
use crate::report::story::selection;
use crate::report::{PrunedRow, Report};

/// Says what the log has if nothing was selected.
pub(super) fn nothing(report: &Report<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let texts = selection::nothing(report);
    let mut texts = texts.iter();
    texts.try_for_each(|text| ink.wrapped((Tint::Plain, ""), (Tint::Plain, text)))
}

/// Says which times the logs cover if all were left unread.
pub(super) fn nothing_read(pruned: &PrunedRow, ink: &mut Ink<'_>) -> io::Result<()> {
    let (Some(first), Some(last)) = (&pruned.first, &pruned.last) else {
        return Ok(());
    };
    let text = format!("The logs left unread were delivered from {first} to {last}.");
    ink.wrapped((Tint::Plain, ""), (Tint::Plain, &text))
}
