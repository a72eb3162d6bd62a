//! Who took which image.
//!
//! Comes in: a report with pulls. Goes out: for each image asked for its reach, as a list; then all pulls. Never: a fact that
//! the text report does not have.

use crate::render::Detail;
use crate::render::html::index::readable;
use crate::render::html::markup::Markup;
use crate::report::Report;
use crate::report::story::pulls::told;

/// Writes the sections about pulls, if these were read.
pub(super) fn pulls(report: &Report<'_>, detail: Detail, page: &mut Markup) {
    for (number, section) in (1_i64..).zip(told(report, detail == Detail::Verbose)) {
        page.raw("<section aria-labelledby=h-pulls-")
            .number(number)
            .raw("><h2 id=h-pulls-")
            .number(number)
            .raw(">")
            .text(&section.title)
            .raw("</h2><ul class=pulls>");
        for line in &section.lines {
            page.raw("<li>");
            if line.is_notable {
                page.raw("<span class=\"i warning\">after</span> ");
            }
            if !line.time.is_empty() {
                page.raw("<time>")
                    .text(&readable(&line.time))
                    .raw("</time> ");
            }
            page.text(&line.text);
        }
        page.raw("</ul></section>\n");
    }
}
