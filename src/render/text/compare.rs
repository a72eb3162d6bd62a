//! A comparison for people: both sides, then what changed, at most one screen in an ordinary case.
//!
//! Comes in: the passages of a comparison. Goes out: their lines under their titles, labels in a column. Never: a word of
//! its own, or a list without an end that `--verbose` does not show.

use std::io::{self, Write};

use crate::render::ink::{Ink, Tint};
use crate::render::text::{PlainText, finding};
use crate::render::{ComparisonRenderer, Detail, Style};
use crate::report::story::compare::{PassageLine, head, passages, title};
use crate::report::{ComparisonRow, Report, Weight};

/// The most lines of a kind.
const MOST_LISTED: usize = 5;

impl ComparisonRenderer for PlainText {
    fn compare(
        &self,
        comparison: &ComparisonRow,
        report: &Report<'_>,
        style: &Style,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let ink = &mut Ink::new(out, style);
        ink.line(&[(Tint::Strong, &title(comparison))])?;
        ink.blank()?;
        let head = head(comparison, style.zone);
        head.iter().try_for_each(|row| line(row, ink))?;
        let most = match style.detail {
            Detail::Verbose => usize::MAX,
            Detail::Normal | Detail::Summary => MOST_LISTED,
        };
        for passage in passages(comparison, most) {
            ink.blank()?;
            let gap = if passage.gloss.is_empty() { "" } else { "  " };
            let title = format!("{}{gap}", passage.title);
            ink.wrapped((Tint::Strong, &title), (Tint::Faint, &passage.gloss))?;
            passage.lines.iter().try_for_each(|row| line(row, ink))?;
        }
        // A list that is empty because nothing was read must not look like a quiet day.
        for (place, row) in report.asked().enumerate() {
            if place == 0 {
                ink.blank()?;
            }
            finding(&row, ink)?;
        }
        Ok(())
    }
}

fn line(row: &PassageLine, ink: &mut Ink<'_>) -> io::Result<()> {
    let tint = match row.weight {
        Weight::Plain | Weight::Harmless => Tint::Faint,
        Weight::Good => Tint::Good,
        Weight::Unknown => Tint::Warn,
        Weight::Bad => Tint::Bad,
    };
    let label = format!("  {:<11} ", row.label);
    ink.wrapped((tint, &label), (Tint::Plain, &row.text))
}
