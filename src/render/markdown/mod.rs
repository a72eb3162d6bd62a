//! The report as GitHub Flavored Markdown, for a ticket, a chat or the summary of a job.
//!
//! Comes in: a report. Goes out: a head, a table of the pushes in the order of attention, and a folded block with a diagram
//! for each that the text report shows in full. Never: text of a log outside a code span; more than the place holds, and
//! nothing cut without a word.

mod block;
mod compare;
mod escape;
mod gantt;
mod history;

use std::io::{self, Write};

use crate::render::markdown::escape::{code, prose};
use crate::render::{ComparisonRenderer, Detail, Renderer, Style};
use crate::report::story::attention;
use crate::report::story::facts::Fact;
use crate::report::story::pulls::told;
use crate::report::story::{head, log};
use crate::report::{Attention, LineRow, Report, SessionRow, Weight};
use crate::words;
use crate::zone::Zone;

/// The bytes that an issue or a comment of GitHub takes (65,536 characters).
const ISSUE: usize = 65_536;
/// The bytes that the summary of a job takes (GitHub Docs, "Workflow commands", `GITHUB_STEP_SUMMARY`: 1 MiB).
const JOB: usize = 1 << 20;
/// The bytes that are kept for the words about what was left out.
const KEPT: usize = 1_000;
/// The share of the bytes that the table may take, so that the blocks have room.
const TABLE_SHARE: usize = 2;
/// The most findings about the log, and the most problems, that are listed.
const MOST_LISTED: usize = 20;

/// `--format markdown`.
pub(super) struct Markdown;

impl Renderer for Markdown {
    fn render(&self, report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let most = match style.detail {
            Detail::Verbose => JOB,
            Detail::Normal | Detail::Summary => ISSUE,
        };
        let mut page = Ticket::new(most - KEPT);
        top(report, style.zone, &mut page);
        let n_left_out =
            history::histories(report, style, &mut page) + pulls(report, style, &mut page);
        if !report.is_history() {
            table(report, style.zone, &mut page);
            if style.detail != Detail::Summary {
                blocks(report, style, &mut page);
            }
        }
        rest(report, &mut page);
        page.left_out_lines(n_left_out);
        page.left_out_pushes(style.detail);
        out.write_all(page.text.as_bytes())
    }

    fn has_histories(&self) -> bool {
        true
    }

    fn comparison(&self) -> Option<&dyn ComparisonRenderer> {
        Some(self)
    }
}

/// A page of limited size.
struct Ticket {
    text: String,
    most: usize,
    /// How many pushes had no room for their row, and how many for their block.
    n_rows_left_out: u64,
    n_blocks_left_out: u64,
}

impl Ticket {
    fn new(most: usize) -> Self {
        Self {
            text: String::new(),
            most,
            n_rows_left_out: 0,
            n_blocks_left_out: 0,
        }
    }

    /// Adds a piece if it leaves the page within `most` bytes.
    fn add_within(&mut self, piece: &str, most: usize) -> bool {
        let fits = self.text.len() + piece.len() <= most;
        if fits {
            self.text.push_str(piece);
        }
        fits
    }

    /// Adds a piece if there is room.
    fn add(&mut self, piece: &str) -> bool {
        self.add_within(piece, self.most)
    }

    /// Says how many lines had no room.
    fn left_out_lines(&mut self, n: u64) {
        if n > 0 {
            self.text.push_str(&format!(
                "\n_{} left out, as the page would be longer than {} bytes; `--format json` has all._\n",
                words::count(n, "line"),
                words::number((self.most + KEPT) as u64)
            ));
        }
    }

    /// Says what had no room.
    fn left_out_pushes(&mut self, detail: Detail) {
        let instead = match detail {
            Detail::Normal => "`--verbose` allows 1 MiB, as the summary of a job does",
            Detail::Summary | Detail::Verbose => "select fewer pushes, or use `--format html`",
        };
        for (n, what) in [
            (self.n_rows_left_out, "the table"),
            (self.n_blocks_left_out, "the details"),
        ] {
            if n > 0 {
                self.text.push_str(&format!(
                    "\n_{} left out of {what}, as the page would be longer than {} bytes; {instead}._\n",
                    words::pushes(n),
                    words::number((self.most + KEPT) as u64),
                ));
            }
        }
    }
}

/// The counts, and what they rest on.
fn top(report: &Report<'_>, zone: Zone, page: &mut Ticket) {
    page.add(&format!("## {}\n\n", prose(&log::title(&report.summary()))));
    if let Some(total) = attention::balance(&report.affected()) {
        page.add(&format!("**{}**\n\n", prose(&total)));
    }
    if let Some(broken) = attention::against_policy(report) {
        page.add(&format!("**{}**\n\n", prose(&broken)));
    }
    page.add("| | |\n|---|---|\n");
    for Fact { name, text, .. } in head::facts(report, zone) {
        let text = prose(&zone.within(&text));
        page.add(&format!("| {name} | {text} |\n"));
    }
    page.add("\n");
}

/// A row for each push, in the order of attention.
fn table(report: &Report<'_>, zone: Zone, page: &mut Ticket) {
    if report.summary().pushes == 0 {
        return;
    }
    page.add("### Pushes\n\n| status | push | image | cause | who | from | start | took |\n");
    page.add("|---|---|---|---|---|---|---|---|\n");
    let most = page.text.len() + (page.most - page.text.len()) / TABLE_SHARE;
    for row in report.lines_by_attention(|push| row(&push, zone)) {
        // Once a row has no room, a shorter one below it would be out of order.
        if page.n_rows_left_out > 0 || !page.add_within(&row, most) {
            page.n_rows_left_out += 1;
        }
    }
    page.add("\n");
}

fn row(push: &LineRow<'_>, zone: Zone) -> String {
    let mark = match push.attention {
        Attention::Unresolved => "❌ ",
        Attention::Undetermined => "❔ ",
        Attention::MadeGood => "↩️ ",
        Attention::None => "",
    };
    format!(
        "| {mark}{} | {} | {} | {} | {} | {} | {} | {} |\n",
        push.status,
        code(&push.id),
        code(&attention::reference(push)),
        prose(&attention::short_cause(push)),
        prose(&push.who),
        prose(&attention::from(push)),
        zone.time(&push.first),
        words::duration(push.duration_s),
    )
}

/// What draws the eye to a line.
fn mark(weight: Weight) -> &'static str {
    match weight {
        Weight::Bad => "❌ ",
        Weight::Unknown => "❔ ",
        Weight::Good => "✅ ",
        Weight::Plain | Weight::Harmless => "",
    }
}

/// Who took what, if pulls were read; returns how many lines had no room.
fn pulls(report: &Report<'_>, style: &Style, page: &mut Ticket) -> u64 {
    let sections = told(report, style.detail == Detail::Verbose).into_iter();
    let lines = sections.flat_map(|section| {
        let title = format!("### {}\n\n", prose(&section.title));
        let lines = section.lines.into_iter().map(|line| {
            let time = match &*line.time {
                "" => String::new(),
                time => format!("{} ", style.zone.time(time)),
            };
            let mark = if line.is_notable { "⚠️ " } else { "" };
            format!("- {time}{mark}{}\n", prose(&style.zone.within(&line.text)))
        });
        let lines: Vec<String> = lines.collect();
        std::iter::once(title).chain(lines).chain(["\n".to_owned()])
    });
    lines.map(|line| u64::from(!page.add(&line))).sum()
}

/// The pushes that the text report shows in full.
fn blocks(report: &Report<'_>, style: &Style, page: &mut Ticket) {
    let folds = style.detail == Detail::Normal && report.summary().pushes > attention::MOST_IN_FULL;
    let in_full = |push: &LineRow<'_>| !folds || !attention::ended_well(push);
    let draw = |push: SessionRow<'_>, out: &mut dyn Write| {
        out.write_all(block::block(&push, style).as_bytes())
    };
    let mut is_first = true;
    for push in report.drawn_by_attention(in_full, &draw) {
        if std::mem::take(&mut is_first) {
            page.add("### Details\n\n");
        }
        let mut text = Vec::new();
        // Nothing but memory is written to.
        let is_drawn = page.n_blocks_left_out == 0 && push.write(&mut text).is_ok();
        let text = String::from_utf8(text).unwrap_or_default();
        if !is_drawn || !page.add(&text) {
            page.n_blocks_left_out += 1;
        }
    }
}

/// The findings about the log as a whole, and the problems of the input.
fn rest(report: &Report<'_>, page: &mut Ticket) {
    let findings: Vec<String> = report
        .findings()
        .map(|finding| block::finding(&finding))
        .collect();
    section("About the log as a whole", &findings, page);
    let problems = report.problems().map(|problem| {
        format!(
            "- {}: {} [{}]; {}\n",
            code(&problem.file),
            prose(&problem.message),
            prose(problem.code),
            prose(&problem.help)
        )
    });
    let problems: Vec<String> = problems.collect();
    section("Problems of the input", &problems, page);
}

/// Some list entries under a title, if there are any.
fn section(title: &str, entries: &[String], page: &mut Ticket) {
    if entries.is_empty() {
        return;
    }
    page.add(&format!("### {title}\n\n"));
    let mut n_shown = 0;
    for entry in entries.iter().take(MOST_LISTED) {
        n_shown += usize::from(page.add(entry));
    }
    if let more @ 1.. = entries.len() - n_shown {
        page.add(&format!("- … and {} more\n", words::number(more as u64)));
    }
    page.add("\n");
}
