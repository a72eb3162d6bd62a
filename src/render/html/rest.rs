//! The end of the page: events outside pushes, findings about the log, files set aside, problems.
//!
//! Comes in: a report. Goes out: a section for each, left out if there is nothing to say. Never: a
//! list that is cut without saying so.

use std::io::{self, Write};

use crate::render::html::index::readable;
use crate::render::html::markup::Markup;
use crate::render::html::{columns, flush, push};
use crate::report::{ExcerptRow, ProblemRow, Report};
use crate::words;

/// The most events, and the most problems, listed.
const MOST_LISTED: usize = 1_000;

/// Writes the end of the page.
pub(super) fn rest(report: &Report<'_>, page: &mut Markup, out: &mut dyn Write) -> io::Result<()> {
    findings(report, page);
    unplaced(report, page, out)?;
    set_aside(report, page);
    problems(report, page, out)
}

fn findings(report: &Report<'_>, page: &mut Markup) {
    let mut rows = report.findings().peekable();
    if rows.peek().is_none() {
        return;
    }
    page.raw("<section aria-labelledby=h-all><h2 id=h-all>About the log as a whole</h2>")
        .raw("<ul class=findings>");
    for row in rows {
        push::finding(&row, false, None, page);
    }
    page.raw("</ul></section>\n");
}

fn unplaced(report: &Report<'_>, page: &mut Markup, out: &mut dyn Write) -> io::Result<()> {
    let total = report.summary().unplaced;
    if total == 0 {
        return Ok(());
    }
    page.raw("<section aria-labelledby=h-un><h2 id=h-un>In no push <small>")
        .text(&words::number(total))
        .raw("</small></h2><p>Calls that belong to no push seen here, such as logins for pulls, and logins that were refused.")
        .raw("<details class=more><summary>The calls</summary><div class=wide role=group ")
        .raw("aria-labelledby=h-un tabindex=0><table>");
    columns(&["Time", "Call", "Who", "Event", "Read from"], page);
    for event in report.unplaced().take(MOST_LISTED) {
        page.raw("<tr><td>")
            .text(&readable(&event.time))
            .raw("<td>")
            .raw(event.action.call());
        if let Some(code) = &event.error_code {
            page.raw(", refused: ").text(code);
        }
        let who = event.identity.as_ref().map(|identity| &*identity.name);
        page.raw("<td>").text(who.unwrap_or_default());
        page.raw("<td")
            .class_of(&event.event_id)
            .raw(">")
            .whole(&event.event_id)
            .raw("<td class=file>")
            .whole(&event.at.file)
            .raw(", record ")
            .number(event.at.record)
            .raw("\n");
        flush(page, out)?;
    }
    page.raw("</table></div>");
    more(total, page);
    page.raw("</details></section>\n");
    Ok(())
}

/// Says how many more there are than are listed.
fn more(total: u64, page: &mut Markup) {
    let more = total.saturating_sub(MOST_LISTED as u64);
    if more > 0 {
        page.raw("<p>… and ")
            .text(&words::number(more))
            .raw(" more; --format json lists all.");
    }
}

fn set_aside(report: &Report<'_>, page: &mut Markup) {
    let coverage = report.coverage();
    if coverage.set_aside.is_empty() {
        return;
    }
    let total = coverage.set_aside.len() as u64 + coverage.set_aside_more;
    page.raw("<section aria-labelledby=h-aside><h2 id=h-aside>Files set aside <small>")
        .text(&words::number(total))
        .raw("</small></h2><div class=wide role=group aria-labelledby=h-aside tabindex=0><table>");
    columns(&["File", "What it is", "What to do"], page);
    for row in &coverage.set_aside {
        page.raw("<tr><td class=file>")
            .whole(&row.file)
            .raw("<td>")
            .raw(row.why.name())
            .raw("<td>")
            .prose(row.help)
            .raw("\n");
    }
    page.raw("</table></div>");
    if coverage.set_aside_more > 0 {
        page.raw("<p>… and ")
            .text(&words::number(coverage.set_aside_more))
            .raw(" more.");
    }
    page.raw("</section>\n");
}

fn problems(report: &Report<'_>, page: &mut Markup, out: &mut dyn Write) -> io::Result<()> {
    let total = report.summary().problems;
    if total == 0 {
        return Ok(());
    }
    page.raw("<section id=problems aria-labelledby=h-bad><h2 id=h-bad>Problems of the input ")
        .raw("<small>")
        .text(&words::number(total))
        .raw("</small></h2><ol class=problems>\n");
    for row in report.problems().take(MOST_LISTED) {
        problem(&row, page);
        flush(page, out)?;
    }
    page.raw("</ol>");
    more(report.problems().count() as u64, page);
    page.raw("</section>\n");
    Ok(())
}

fn problem(row: &ProblemRow, page: &mut Markup) {
    page.raw("<li><p><b>")
        .prose(&row.message)
        .raw("</b> <code>")
        .raw(row.code)
        .raw("</code><p class=file>")
        .whole(&row.file);
    if let Some(record) = row.record {
        page.raw(", record ").number(record);
    }
    if let Some(byte) = row.byte {
        page.raw(", byte ").text(&words::number(byte));
    }
    page.raw("<p class=help>").prose(&row.help);
    if let Some(excerpt) = &row.excerpt {
        self::excerpt(row, excerpt, page);
    }
    page.raw("\n");
}

/// The excerpt, with the wrong part marked.
fn excerpt(row: &ProblemRow, excerpt: &ExcerptRow, page: &mut Markup) {
    let text = &*excerpt.text;
    let from = excerpt.label_start;
    let to = from.saturating_add(excerpt.label_bytes);
    page.raw("<pre tabindex=0 role=group aria-label=Excerpt> ");
    match (text.get(..from), text.get(from..to), text.get(to..)) {
        (Some(before), Some(wrong), Some(after)) => {
            lines(before, page);
            page.raw("<mark>");
            lines(wrong, page);
            page.raw("</mark>");
            lines(after, page);
        }
        _ => lines(text, page),
    }
    page.raw("</pre>");
    if !row.label.is_empty() {
        page.raw("<p class=label>").prose(&row.label);
    }
}

/// Lines with a blank before each, so that none can look like a line of the page.
fn lines(text: &str, page: &mut Markup) {
    for (number, line) in text.split('\n').enumerate() {
        page.raw(if number > 0 { "\n " } else { "" }).text(line);
    }
}
