//! The history of a tag, an image or a repository.
//!
//! Comes in: the histories that were asked for. Goes out: a section for each, a list in order of
//! time. Never: an entry without its time.

use crate::render::html::index::readable;
use crate::render::html::markup::Markup;
use crate::report::story::history::{EventIds, MOST_TAGS, Passage, happened, left_out, of_run};
use crate::report::story::history::{passages, stands};
use crate::report::{HistoryRow, Report};
use crate::words;

/// Writes the histories, if any were asked for.
pub(super) fn histories(report: &Report<'_>, page: &mut Markup) {
    for (number, row) in (1_i64..).zip(report.history()) {
        page.raw("<section aria-labelledby=h-history-")
            .number(number)
            .raw("><h2 id=h-history-")
            .number(number)
            .raw(">History of ")
            .text(&row.image)
            .raw("</h2>");
        entries(&row, page);
        page.raw("<p>").text(&row.ends);
        standing(&row, page);
        page.raw("</section>\n");
    }
}

fn entries(row: &HistoryRow<'_>, page: &mut Markup) {
    let (n_left, passages) = passages(row);
    if n_left > 0 {
        page.raw("<p>").text(&left_out(n_left));
    }
    page.raw("<ol>");
    for passage in &passages {
        let (time, text) = match passage {
            Passage::One(entry) => (&entry.time, happened(row, entry, EventIds::Whole)),
            Passage::Run(run) => {
                let Some(first) = run.first() else { continue };
                (&first.time, of_run(run))
            }
        };
        page.raw("<li><time>")
            .text(&readable(time))
            .raw("</time> ")
            .text(&text);
    }
    page.raw("</ol>");
}

/// The tags that stand in a repository.
fn standing(row: &HistoryRow<'_>, page: &mut Markup) {
    if row.tags.is_empty() {
        return;
    }
    page.raw("<ul>");
    for tag in row.tags.iter().take(MOST_TAGS) {
        page.raw("<li>").text(&stands(tag));
    }
    if let more @ 1.. = row.tags.len().saturating_sub(MOST_TAGS) {
        let more = words::count(more as u64, "more tag");
        page.raw("<li>").text(&format!("… and {more}"));
    }
    page.raw("</ul>");
}
