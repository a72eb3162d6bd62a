//! The report as one self-contained HTML file: it needs no network, and can be read without
//! scripts.
//!
//! Comes in: a report. Goes out: a page with the counts, what the logs cover, a table of pushes and
//! a timeline of each, written push by push. Never: text of a log as markup, a request, or a style
//! or script whose hash the page's own policy does not list.

mod calls;
mod causes;
mod content;
mod history;
mod index;
mod input;
mod lanes;
mod markup;
mod overview;
mod pulls;
mod push;
mod rest;
mod scale;
mod timeline;

use std::io::{self, Write};

use crate::render::html::markup::Markup;
use crate::render::{Detail, Renderer, Style};
use crate::report::story::log::counts;
use crate::report::{Attention, Report, SummaryRow};
use crate::words;
use crate::zone::Zone;

/// What may be loaded and run: only the style and the script of the page, by their hashes (Content
/// Security Policy Level 3, section 2.3.1). A test makes this file from the two.
const POLICY: &str = include_str!("policy.txt");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
/// The symbols that all drawings refer to.
const SYMBOLS: &str = include_str!("symbols.svg");

/// Up to this many pushes, all are open at first.
const FEW: u64 = 3;
/// From this many pushes on, scripts draw the details on demand.
const MANY: u64 = 200;

/// `--format html`.
pub(super) struct Html;

impl Renderer for Html {
    fn render(&self, report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let page = &mut Markup::new(style.zone);
        let summary = report.summary();
        head(&summary, page);
        overview::overview(report, style.detail, page);
        history::histories(report, page);
        pulls::pulls(report, style.detail, page);
        flush(page, out)?;
        index::index(report, style.detail, page, out)?;
        // The table can be used while the rest of a large page is still arriving.
        page.raw("<script>").raw(SCRIPT).raw("</script>\n");
        if style.detail != Detail::Summary {
            pushes(report, &summary, page, out)?;
        }
        rest::rest(report, page, out)?;
        input::input(report, page);
        foot(style.zone, page);
        flush(page, out)
    }

    fn has_histories(&self) -> bool {
        true
    }
}

/// Passes on what was written.
fn flush(page: &mut Markup, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(page.as_bytes())?;
    page.clear();
    Ok(())
}

fn head(summary: &SummaryRow, page: &mut Markup) {
    page.raw("<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n")
        .raw("<meta http-equiv=Content-Security-Policy content=\"")
        .raw(POLICY.trim_ascii_end())
        .raw("\">\n<meta name=viewport content=\"width=device-width, initial-scale=1\">\n")
        .raw("<meta name=color-scheme content=\"light dark\">\n")
        .raw("<meta name=referrer content=no-referrer>\n<title>");
    title(summary, page);
    page.raw("</title>\n<style>")
        .raw(STYLE)
        .raw("</style>\n<body>\n")
        .raw(SYMBOLS)
        .raw("<a class=skip href=#pushes>Skip to the pushes</a>\n");
}

/// `25 pushes: 3 incomplete, 3 failed, 19 complete`.
fn title(summary: &SummaryRow, page: &mut Markup) {
    if summary.in_log == 0 {
        page.raw("No push in these logs");
        return;
    }
    page.text(&pushes_of(summary));
    for (place, (status, n)) in counts(summary).into_iter().enumerate() {
        page.raw(if place == 0 { ": " } else { ", " })
            .text(&words::number(n))
            .raw(" ")
            .raw(status.name());
    }
}

/// `25 pushes`, or `3 pushes of 25`.
fn pushes_of(summary: &SummaryRow) -> String {
    let n = words::number(summary.pushes);
    let thing = match summary.pushes {
        1 => "push",
        _ => "pushes",
    };
    match summary.pushes == summary.in_log {
        true => format!("{n} {thing}"),
        false => format!("{n} {thing} of {}", words::number(summary.in_log)),
    }
}

/// The pushes; those that need attention come first.
fn pushes(
    report: &Report<'_>,
    summary: &SummaryRow,
    page: &mut Markup,
    out: &mut dyn Write,
) -> io::Result<()> {
    let drawing = match summary.pushes {
        n if n <= FEW => push::Drawing::Open,
        n if n <= MANY => push::Drawing::AtOnce,
        _ => push::Drawing::OnDemand,
    };
    if summary.pushes > 0 {
        timeline::legend(page);
    }
    let mut title = None;
    for row in report.sessions_by_attention() {
        if title != Some(row.attention) {
            if title.replace(row.attention).is_some() {
                page.raw("</section>\n");
            }
            heading(row.attention, drawing, page);
        }
        push::push(&row, drawing, page);
        flush(page, out)?;
    }
    if title.is_some() {
        page.raw("</section>\n");
    }
    flush(page, out)
}

/// Opens the section of the pushes that want attention in the same way.
fn heading(attention: Attention, drawing: push::Drawing, page: &mut Markup) {
    let name = attention.name();
    page.raw("<section class=of id=a-")
        .raw(name)
        .raw(" aria-labelledby=h-")
        .raw(name)
        .raw("><h2 id=h-")
        .raw(name)
        .raw(">Pushes: ")
        .raw(attention.said())
        .raw("</h2>\n");
    if drawing == push::Drawing::OnDemand {
        page.raw("<p class=none hidden>Drawn here when it is opened from the table above.\n");
    }
}

/// A status or severity; the style sheet puts its sign before it.
fn named(name: &'static str, page: &mut Markup) {
    page.raw("<span class=\"i ")
        .raw(name)
        .raw("\">")
        .raw(name)
        .raw("</span>");
}

/// A table's head: its columns.
fn columns(names: &[&'static str], page: &mut Markup) {
    page.raw("<thead><tr>");
    for name in names {
        page.raw("<th scope=col>").raw(name);
    }
    page.raw("</thead>\n");
}

fn foot(zone: Zone, page: &mut Markup) {
    page.raw("</main>\n<footer><p>Made by reconstruct ")
        .raw(env!("CARGO_PKG_VERSION"))
        .raw(" from CloudTrail logs. All times are ")
        .text(&zone.to_string())
        .raw(". The page loads nothing, and its script only ")
        .raw("filters, sorts, folds and copies.</footer>\n");
}
