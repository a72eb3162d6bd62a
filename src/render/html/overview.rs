//! The head of the page: how many pushes of each status, and what the logs cover.
//!
//! Comes in: summary, coverage, and when the pushes began. Goes out: a tile for each status, a
//! strip of time with the pushes above it and the holes in it, and its content in words. Never: a
//! number of its own, apart from those of the strip's columns.

use chrono::DateTime;

use crate::render::Detail;
use crate::render::html::index::readable;
use crate::render::html::markup::Markup;
use crate::render::html::scale::{CLOCKS_APART, Scale, WIDTH};
use crate::render::html::{causes, columns, input, named, pushes_of};
use crate::render::instant::seconds;
use crate::report::story::{log, selection};
use crate::report::{CoverageRow, PushGroup, Report, SummaryRow};
use crate::words;

/// The columns of the strip.
const BINS: u32 = 96;
/// The height of the highest column, in pixels.
const HIGHEST: u64 = 44;
/// The top of the first account and region.
const TOP: i64 = 74;
/// The height of an account and region.
const ROW: i64 = 26;
/// The most accounts and regions drawn.
const MOST_DRAWN: usize = 12;
/// From so many seconds on, a begin after that of the logs is worth a word: CloudTrail delivers within a quarter of an hour.
const LATE_S: i64 = 900;
/// The most holes, and accounts and regions, listed.
const MOST_LISTED: usize = 1_000;

/// Writes the head of the page.
pub(super) fn overview(report: &Report<'_>, detail: Detail, page: &mut Markup) {
    let (summary, coverage) = (report.summary(), report.coverage());
    page.raw("<header class=top><p>Container image pushes to Amazon ECR</p><h1>");
    match summary.in_log {
        0 => page.raw("No push in these logs"),
        _ => page.text(&pushes_of(&summary)),
    };
    page.raw("</h1><p>");
    match (&coverage.first, &coverage.last) {
        (Some(first), Some(last)) => page
            .raw("<time>")
            .text(&readable(first))
            .raw("</time> to <time>")
            .text(&readable(last))
            .raw("</time>"),
        _ => page.raw("No record has a time."),
    };
    page.raw("</header>\n<main>\n");
    tiles(&summary, page);
    causes::causes(report, detail, page);
    page.raw("<section aria-labelledby=h-logs><h2 id=h-logs>What the logs cover</h2>\n");
    strip(report, &coverage, page);
    begins_late(&coverage, page);
    if summary.pushes == 0 && summary.in_log > 0 {
        for text in selection::nothing(report) {
            page.raw("<p>").text(&text).raw("\n");
        }
    }
    input::doubts(report, page);
    tables(&coverage, page);
    page.raw("</section>\n");
}

fn tiles(summary: &SummaryRow, page: &mut Markup) {
    page.raw("<section aria-label=\"Pushes by status\"><ul class=tiles>");
    for group in PushGroup::ALL {
        let n = summary.groups.of(group);
        let status = group.name();
        page.raw("<li class=\"")
            .raw(status)
            .raw(if n == 0 { " zero\"" } else { "\"" })
            .raw(">");
        if n > 0 {
            page.raw("<a href=#of-").raw(status).raw(">");
        }
        page.raw("<b>").text(&words::number(n)).raw("</b> ");
        named(status, page);
        page.raw(" <small>")
            .raw(group.gloss())
            .raw("</small>")
            .raw(if n > 0 { "</a>" } else { "" });
    }
    page.raw("</ul></section>\n");
}

/// Draws the strip of time.
fn strip(report: &Report<'_>, coverage: &CoverageRow, page: &mut Markup) {
    let ends = |(first, last)| Some((seconds(first)?, seconds(last)?));
    let (Some(first), Some(last)) = (coverage.first.as_deref(), coverage.last.as_deref()) else {
        return;
    };
    let Some((from, to)) = ends((first, last)) else {
        return;
    };
    let scale = Scale::between(from, to);
    let n_rows = coverage.spans.len().min(MOST_DRAWN);
    let height = TOP + ROW * i64::try_from(n_rows).unwrap_or(0);
    page.raw("<svg class=strip role=img aria-labelledby=\"strip strip-is\" width=100% height=")
        .number(height)
        .raw(" data-f=")
        .number(from)
        .raw(" data-t=")
        .number(to.max(from + 1))
        .raw("><title id=strip>What the logs cover</title><desc id=strip-is>");
    page.text(&described(coverage)).raw("</desc>");
    axis(&scale, page);
    pushes(report, &scale, page);
    for (row, span) in coverage.spans.iter().take(MOST_DRAWN).enumerate() {
        let y = TOP + ROW * i64::try_from(row).unwrap_or(0);
        page.raw("<text class=n x=0 y=").number(y + 9).raw(">");
        page.start(&source(&span.account, &span.region), 60)
            .raw("</text>");
        let places = (place(&scale, &span.from), place(&scale, &span.to));
        rect("span", places, (y + 13, 8), page);
        let of_span = |hole: &&crate::report::HoleRow| {
            (&hole.account, &hole.region) == (&span.account, &span.region)
        };
        for hole in coverage.holes.iter().filter(of_span).take(MOST_LISTED) {
            let places = (place(&scale, &hole.from), place(&scale, &hole.to));
            rect("hole", places, (y + 11, 12), page);
        }
    }
    page.raw("</svg>\n<ul class=legend aria-hidden=true>");
    for (class, text) in [
        ("bin complete", "pushes that began"),
        ("bin failed", "of them incomplete or failed"),
        ("bin undetermined", "undetermined"),
        ("span", "covered by the logs"),
        ("hole", "hole in the log"),
    ] {
        page.raw("<li><svg width=14 height=14><rect x=1 y=2 width=11 height=10 class=\"")
            .raw(class)
            .raw("\" /></svg>")
            .raw(text);
    }
    page.raw("</ul>\n");
}

fn source(account: &str, region: &str) -> String {
    match (account, region) {
        ("", "") => "account and region not named".to_owned(),
        ("", region) => region.to_owned(),
        (account, "") => account.to_owned(),
        (account, region) => format!("{account} {region}"),
    }
}

fn described(coverage: &CoverageRow) -> String {
    let spans = words::count(coverage.spans.len() as u64, "account and region pair");
    let holes = match coverage.holes.len() {
        0 => "no hole is known".to_owned(),
        n => format!("{} known", words::count(n as u64, "hole")),
    };
    format!(
        "From {} to {}: {spans}, {holes}; the columns above count the pushes that began. The \
         tables below say the same.",
        coverage.first.as_deref().unwrap_or_default(),
        coverage.last.as_deref().unwrap_or_default()
    )
}

fn place(scale: &Scale, time: &str) -> u32 {
    seconds(time).map_or(0, |second| scale.place(second, 0))
}

/// A rectangle for a stretch of time, always wide enough to be seen.
fn rect(class: &'static str, places: (u32, u32), (y, height): (i64, i64), page: &mut Markup) {
    let width = places.1.saturating_sub(places.0).max(30);
    page.raw("<rect class=")
        .raw(class)
        .raw(" x=")
        .percent(places.0.min(WIDTH - width.min(WIDTH)))
        .raw(" width=")
        .percent(width)
        .raw(" y=")
        .number(y)
        .raw(" height=")
        .number(height)
        .raw(" />");
}

fn axis(scale: &Scale, page: &mut Markup) {
    for (second, place) in scale.marks(CLOCKS_APART) {
        let Some(time) = DateTime::from_timestamp(second, 0) else {
            continue;
        };
        let time = words::time(time);
        let text = match second.rem_euclid(86_400) {
            0 => time.get(..10),
            _ => time.get(11..16),
        };
        page.raw("<rect class=l x=")
            .percent(place)
            .raw(" /><text class=\"a")
            .raw(match place {
                0..=300 => " begin",
                9_700.. => " end",
                _ => "",
            })
            .raw("\" x=")
            .percent(place)
            .raw(">")
            .text(text.unwrap_or_default())
            .raw("</text>");
    }
}

/// Columns of the pushes that began in a stretch of time; those that need attention are at the
/// bottom.
fn pushes(report: &Report<'_>, scale: &Scale, page: &mut Markup) {
    let mut bins = vec![[0u64; PushGroup::ALL.len()]; BINS as usize];
    for push in report.outlines() {
        let bin = place(scale, &push.first) * BINS / (WIDTH + 1);
        if let Some(bin) = bins.get_mut(bin as usize) {
            bin[push.group as usize] += 1;
        }
    }
    let most = bins.iter().map(|bin| bin.iter().sum::<u64>()).max();
    let most = most.unwrap_or(0).max(1);
    for (number, bin) in (0..BINS).zip(&bins) {
        let x = number * WIDTH / BINS;
        let mut below = 0;
        for (status, n) in PushGroup::ALL.into_iter().zip(bin).filter(|(_, n)| **n > 0) {
            // A column of one push stays visible, however many another column has.
            let height = (n * HIGHEST / most).max(3);
            let y = i64::try_from(HIGHEST).unwrap_or(0) + 20 - below;
            let height = i64::try_from(height).unwrap_or(0);
            below += height + 1;
            page.raw("<rect class=\"bin ")
                .raw(status.name())
                .raw("\" x=")
                .percent(x)
                .raw(" width=")
                .percent(WIDTH / BINS * 8 / 10)
                .raw(" y=")
                .number(y - height)
                .raw(" height=")
                .number(height)
                .raw(" />");
        }
    }
}

/// The accounts and regions whose records begin long after the first of the logs.
fn begins_late(coverage: &CoverageRow, page: &mut Markup) {
    let first = coverage.first.as_deref().and_then(seconds);
    let is_late = |from: &str| {
        let gap = seconds(from).zip(first).map(|(from, first)| from - first);
        gap.is_some_and(|gap| gap >= LATE_S)
    };
    let late = coverage.spans.iter().filter(|span| is_late(&span.from));
    for span in late.take(MOST_DRAWN) {
        page.raw("<p class=none>No record of ")
            .text(&source(&span.account, &span.region))
            .raw(" before <time>")
            .text(&readable(&span.from))
            .raw("</time>: silence or loss cannot be told.\n");
    }
}

/// The strip in words.
fn tables(coverage: &CoverageRow, page: &mut Markup) {
    if coverage.spans.is_empty() && coverage.missing.is_empty() {
        return;
    }
    let open = match coverage.holes.is_empty() && coverage.missing.is_empty() {
        true => "<details class=more>",
        false => "<details class=more open>",
    };
    page.raw(open)
        .raw("<summary>Accounts, regions and holes</summary>")
        .raw("<div class=wide role=group aria-label=\"Accounts, regions and holes\" tabindex=0>")
        .raw("<table>");
    columns(
        &["What", "From", "To", "Account", "Region", "Known by"],
        page,
    );
    let line = |what: &'static str, cells: [&str; 4], page: &mut Markup| {
        page.raw("<tr><td>").raw(what);
        for cell in cells {
            page.raw("<td>").text(cell);
        }
        page.raw("<td>");
    };
    for hole in coverage.holes.iter().take(MOST_LISTED) {
        let (from, to) = (readable(&hole.from), readable(&hole.to));
        line("hole", [&from, &to, &hole.account, &hole.region], page);
        page.raw(log::hole_words(hole.why)).raw("\n");
    }
    for row in coverage.missing_stretches.iter().take(MOST_LISTED) {
        let (from, to) = (readable(&row.from), readable(&row.to));
        line("missing", [&from, &to, &row.account, &row.region], page);
        page.raw("digest files: ")
            .text(&words::count(row.files, "log file"))
            .raw("\n");
    }
    for span in coverage.spans.iter().take(MOST_LISTED) {
        let (from, to) = (readable(&span.from), readable(&span.to));
        line("covered", [&from, &to, &span.account, &span.region], page);
        page.raw("records\n");
    }
    page.raw("</table></div>");
    let more = coverage.holes.len().saturating_sub(MOST_LISTED)
        + coverage.missing_stretches.len().saturating_sub(MOST_LISTED)
        + coverage.spans.len().saturating_sub(MOST_LISTED);
    if more > 0 {
        page.raw("<p>… and ")
            .text(&words::number(more as u64))
            .raw(" more; --format json lists all.");
    }
    page.raw("</details>\n");
}
