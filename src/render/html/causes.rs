//! The pushes that did not end well: how many, what became of them, and what ended them.
//!
//! Comes in: the pushes by cause. Goes out: counts and lines that lead to those pushes, and by which a script filters.
//! Never: a push that ended well.

use crate::render::Detail;
use crate::render::html::markup::Markup;
use crate::report::story::attention;
use crate::report::{Affected, Report};
use crate::words;

/// The most causes with lines of their own.
const MOST_CAUSES: usize = 10;

/// Writes the counts and the lines; nothing if all ended well.
pub(super) fn causes(report: &Report<'_>, detail: Detail, page: &mut Markup) {
    if let Some(broken) = attention::against_policy(report) {
        page.raw("<p class=policy>").text(&broken).raw("</p>\n");
    }
    let affected = report.affected();
    let Some(total) = attention::total(&affected) else {
        return;
    };
    page.raw("<section class=causes aria-label=\"Pushes that did not end well\"><p>")
        .text(&total);
    for (place, (attention, n)) in attention::counts(&affected).into_iter().enumerate() {
        page.raw(if place == 0 { ": " } else { ", " })
            .raw("<a data-a=")
            .raw(attention.name())
            .raw(" href=#");
        match detail {
            Detail::Summary => page.raw("pushes"),
            Detail::Normal | Detail::Verbose => page.raw("a-").raw(attention.name()),
        };
        page.raw(">")
            .text(&words::number(n))
            .raw(" ")
            .raw(attention.said())
            .raw("</a>");
    }
    page.raw("<ul>");
    let mut place = 0;
    for of in affected.iter().take(MOST_CAUSES) {
        line(report, of, detail, place, page);
        place += i64::try_from(of.n_pushes()).unwrap_or(0);
    }
    if let more @ 1.. = affected.len().saturating_sub(MOST_CAUSES) {
        page.raw("<li>… and ")
            .text(&words::count(more as u64, "more cause"));
    }
    page.raw("</ul></section>\n");
}

/// A cause. Its pushes stand one after another in the table of pushes, the first of them at this place.
fn line(report: &Report<'_>, of: &Affected<'_>, detail: Detail, place: i64, page: &mut Markup) {
    let end = place + i64::try_from(of.n_pushes()).unwrap_or(0);
    page.raw("<li><a data-g=")
        .number(place)
        .raw("-")
        .number(end)
        .raw(" href=#");
    match (detail, report.lines_of(of).next()) {
        (Detail::Normal | Detail::Verbose, Some(push)) => page.raw("p-").text(&push.id),
        (Detail::Summary, _) | (_, None) => page.raw("pushes"),
    };
    page.raw(">").text(&attention::affected(of)).raw("</a>");
}
