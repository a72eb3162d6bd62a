//! A comparison in Markdown: both sides in a table, then a list for each passage.
//!
//! Comes in: the passages of a comparison. Goes out: a page that keeps within the bounds of a ticket. Never: a line left
//! out in silence.

use std::io::{self, Write};

use crate::render::markdown::block;
use crate::render::markdown::escape::prose;
use crate::render::markdown::{ISSUE, JOB, KEPT, Markdown, Ticket};
use crate::render::{ComparisonRenderer, Detail, Style};
use crate::report::story::compare::{Passage, head, passages, title};
use crate::report::{ComparisonRow, Report};
use crate::zone::Zone;

/// The most lines of a kind.
const MOST_LISTED: usize = 10;

impl ComparisonRenderer for Markdown {
    fn compare(
        &self,
        comparison: &ComparisonRow,
        report: &Report<'_>,
        style: &Style,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (most_bytes, most) = match style.detail {
            Detail::Verbose => (JOB, usize::MAX),
            Detail::Normal | Detail::Summary => (ISSUE, MOST_LISTED),
        };
        let mut page = Ticket::new(most_bytes - KEPT);
        page.add(&format!("## {}\n\n| | |\n|---|---|\n", title(comparison)));
        for line in head(comparison, style.zone) {
            let text = prose(&style.zone.within(&line.text));
            page.add(&format!("| {} | {text} |\n", line.label));
        }
        page.add("\n");
        let passages = passages(comparison, most).into_iter();
        let n_left_out: u64 = passages
            .map(|told| add(&told, &style.zone, &mut page))
            .sum();
        for finding in report.asked() {
            page.add(&block::finding(&finding));
        }
        page.left_out_lines(n_left_out);
        out.write_all(page.text.as_bytes())
    }
}

/// Adds a passage as a list; returns how many of its lines had no room.
fn add(passage: &Passage, zone: &Zone, page: &mut Ticket) -> u64 {
    page.add(&format!("### {}\n\n", prose(&passage.title)));
    if !passage.gloss.is_empty() {
        page.add(&format!("{}\n\n", prose(&zone.within(&passage.gloss))));
    }
    let (mut n_left_out, mut label) = (0, "");
    for line in &passage.lines {
        if !line.label.is_empty() {
            label = line.label;
        }
        let text = prose(&zone.within(&line.text));
        let is_added = page.add(&format!("- **{label}** {text}\n"));
        n_left_out += u64::from(!is_added);
    }
    page.add("\n");
    n_left_out
}
