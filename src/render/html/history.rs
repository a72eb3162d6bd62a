//! The history of a tag or an image.
//!
//! Comes in: the histories that were asked for. Goes out: a section for each, a list in order of
//! time. Never: an entry without its time.

use crate::render::html::index::readable;
use crate::render::html::markup::Markup;
use crate::report::Report;
use crate::report::story::log;

/// Writes the histories, if any were asked for.
pub(super) fn histories(report: &Report<'_>, page: &mut Markup) {
    for (number, row) in (1_i64..).zip(report.history()) {
        page.raw("<section aria-labelledby=h-history-")
            .number(number)
            .raw("><h2 id=h-history-")
            .number(number)
            .raw(">History of ")
            .text(&row.image)
            .raw("</h2><ol>");
        for entry in &row.entries {
            page.raw("<li><time>")
                .text(&readable(&entry.time))
                .raw("</time> ")
                .text(&log::happened(entry));
        }
        page.raw("</ol><p>").text(&row.ends).raw("</section>\n");
    }
}
