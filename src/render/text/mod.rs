//! The report for people: the answer first, the evidence under it, absence stated.
//!
//! Comes in: a report. Goes out: a summary, then a block for each push, those that need attention
//! first, then events outside pushes and problems of the input. Never: meaning that depends on
//! colour alone, or a line wider than the style.

mod block;
mod fold;
mod history;
mod overview;
mod picture;
mod row;
mod selection;
mod timeline;
mod why;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::event::Stage;
use crate::finding::Severity;
use crate::ingest::coverage::SetAside;
use crate::render::ink::{Ink, Tint};
use crate::render::{Detail, Renderer, Style};
use crate::report::Weight;
use crate::report::{EventRow, FindingRow, LineRow, Outcome, PushGroup, Report, SessionRow};
use crate::words;

pub use why::why;

/// The most pushes that are all shown in full.
const MOST_IN_FULL: u64 = 20;

/// The most problems, and the most unplaced events, listed one by one.
const MOST_LISTED: usize = 20;

/// The most files of a kind that are named as set aside.
const MOST_NAMED: usize = 3;

/// `--format text`.
pub(super) struct PlainText;

impl Renderer for PlainText {
    fn render(&self, report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let ink = &mut Ink::new(out, style);
        if style.detail == Detail::Summary {
            row::measure(report, |_| true, style).draw(ink)?;
            // A list that is empty because nothing was read must not look like a quiet day.
            return report.asked().try_for_each(|row| finding(&row, ink));
        }
        overview::overview(report, ink)?;
        history::history(report, style.detail, ink)?;
        if report.is_history() {
            return findings(report, ink);
        }
        let folds = style.detail == Detail::Normal && report.summary().pushes > MOST_IN_FULL;
        for group in PushGroup::ALL {
            let in_full = |push: &LineRow<'_>| !folds || !ended_well(push);
            let draw = |push: SessionRow<'_>, out: &mut dyn Write| {
                let mut ink = Ink::new(out, style);
                ink.blank()?;
                block::block(&push, style.detail, &mut ink)
            };
            for push in report.drawn_of_group(group, in_full, &draw) {
                ink.beside(|out| push.write(out))?;
            }
        }
        if folds {
            in_short(report, ink)?;
        }
        unplaced(report, style.detail, ink)?;
        findings(report, ink)?;
        set_aside(report, ink)?;
        problems(report, ink)
    }

    fn has_histories(&self) -> bool {
        true
    }
}

/// Whether a push needs nobody's attention.
fn ended_well(push: &LineRow<'_>) -> bool {
    matches!(push.group.weight(), Weight::Good | Weight::Plain)
        && matches!(push.severity, None | Some(Severity::Note))
}

/// A line for each of the pushes that ended well.
fn in_short(report: &Report<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let rows = row::measure(report, ended_well, ink.style());
    let n = rows.n_shown();
    if n == 0 {
        return Ok(());
    }
    ink.blank()?;
    let title = match n {
        1 => "1 push that ended well".to_owned(),
        _ => format!("{} pushes that ended well", words::number(n)),
    };
    ink.wrapped(
        (Tint::Strong, &format!("{title}  ")),
        (
            Tint::Faint,
            "a line each; --verbose shows every call of every push",
        ),
    )?;
    rows.draw(ink)
}

/// The tint of a group of pushes.
fn tint_of_group(group: PushGroup) -> Tint {
    match group.weight() {
        Weight::Bad => Tint::Bad,
        Weight::Unknown => Tint::Warn,
        Weight::Good => Tint::Good,
        Weight::Plain | Weight::Harmless => Tint::Strong,
    }
}

/// The tint of a severity.
fn tint_of_severity(severity: Severity) -> Tint {
    match severity {
        Severity::Error => Tint::Bad,
        Severity::Warning => Tint::Warn,
        Severity::Note => Tint::Plain,
    }
}

/// Events outside pushes: logins are counted, the others listed.
fn unplaced(report: &Report<'_>, detail: Detail, ink: &mut Ink<'_>) -> io::Result<()> {
    let total = report.summary().unplaced;
    if total == 0 {
        return Ok(());
    }
    ink.blank()?;
    let is_login = |event: &EventRow<'_>| event.action == Stage::Authorization;
    let is_refused = |event: &EventRow<'_>| is_login(event) && event.outcome == Outcome::Failed;
    let is_unused = |event: &EventRow<'_>| is_login(event) && event.outcome == Outcome::Succeeded;
    let refused = report.unplaced().filter(is_refused).count() as u64;
    let unused = report.unplaced().filter(is_unused).count() as u64;
    let verb = if total == 1 { "belongs" } else { "belong" };
    let title = format!("{} {verb} to no push", words::count(total, "event"));
    ink.line(&[(Tint::Strong, &title)])?;
    let most = match detail {
        Detail::Verbose => usize::MAX,
        Detail::Normal | Detail::Summary => MOST_LISTED,
    };
    if unused > 0 {
        let text = format!(
            "{} that no push seen here used",
            words::count(unused, "login")
        );
        ink.line(&[(Tint::Plain, "  "), (Tint::Plain, &text)])?;
        callers(report.unplaced().filter(is_unused), most, ink)?;
    }
    if refused > 0 {
        let text = format!("{} refused, below", words::count(refused, "login"));
        ink.line(&[(Tint::Plain, "  "), (Tint::Plain, &text)])?;
    }
    for event in report
        .unplaced()
        .filter(|event| !is_login(event))
        .take(most)
    {
        let text = format!("{}  {}  event {}", event.time, event.action, event.event_id);
        ink.line(&[(Tint::Plain, "  "), (Tint::Plain, &text)])?;
    }
    rest(total.saturating_sub(unused + refused), most, ink)
}

/// Who made some calls and from where, sorted by most calls.
fn callers<'a>(
    events: impl Iterator<Item = EventRow<'a>>,
    most: usize,
    ink: &mut Ink<'_>,
) -> io::Result<()> {
    let mut n_of_caller: BTreeMap<(String, String), u64> = BTreeMap::new();
    for event in events {
        let who = event.identity.map_or(String::new(), |who| who.name);
        let from = event.source_ip.map_or(String::new(), Cow::into_owned);
        *n_of_caller.entry((who, from)).or_default() += 1;
    }
    let mut callers: Vec<_> = n_of_caller.into_iter().collect();
    // The sort is stable, so callers with equally many calls stay in the order of their names.
    callers.sort_by_key(|&(_, n)| Reverse(n));
    for ((who, from), n) in callers.iter().take(most) {
        let mut text = format!("{:>6}  {who}", words::number(*n));
        if !from.is_empty() {
            text.push_str(&format!(" from {from}"));
        }
        ink.line(&[(Tint::Plain, "  "), (Tint::Plain, &text)])?;
    }
    match callers.len().saturating_sub(most) {
        0 => Ok(()),
        more => {
            let text = format!("    … and {}", words::count(more as u64, "more caller"));
            ink.line(&[(Tint::Faint, &text)])
        }
    }
}

/// Conclusions about the log as a whole.
fn findings(report: &Report<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    for (place, row) in report.findings().enumerate() {
        if place == 0 {
            ink.blank()?;
            ink.line(&[(Tint::Strong, "about the log as a whole")])?;
        }
        finding(&row, ink)?;
    }
    Ok(())
}

/// One conclusion with what to do next.
fn finding(row: &FindingRow, ink: &mut Ink<'_>) -> io::Result<()> {
    let head = format!("  {}  ", row.severity.name());
    let text = format!("{} [{}]", row.message, row.code);
    ink.wrapped(
        (tint_of_severity(row.severity), &head),
        (Tint::Plain, &text),
    )?;
    match &row.help {
        Some(help) => ink.wrapped((Tint::Strong, "  help  "), (Tint::Plain, help)),
        None => Ok(()),
    }
}

/// Files that give no records, by kind: how many, what to do, and the first names.
fn set_aside(report: &Report<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let coverage = report.coverage();
    let total = coverage.set_aside.len() as u64 + coverage.set_aside_more;
    if total == 0 {
        return Ok(());
    }
    ink.blank()?;
    let title = format!("{} set aside", words::count(total, "file"));
    ink.line(&[(Tint::Strong, &title)])?;
    let files = &coverage.files;
    for kind in coverage
        .set_aside
        .chunk_by(|one, other| one.why == other.why)
    {
        let [first, ..] = kind else { continue };
        let n = match first.why {
            SetAside::NotCloudTrail => files.not_cloudtrail,
            SetAside::Hidden => files.hidden,
            SetAside::Digest => files.digest,
            SetAside::Insight => files.insight,
        };
        let text = format!("{} {}: {}", words::number(n), first.why.name(), first.help);
        ink.wrapped((Tint::Plain, "  "), (Tint::Plain, &text))?;
        for row in kind.iter().take(MOST_NAMED) {
            ink.wrapped((Tint::Plain, "    "), (Tint::Faint, &row.file))?;
        }
        if let more @ 1.. = n.saturating_sub(MOST_NAMED as u64) {
            let text = format!("    … and {} more", words::number(more));
            ink.line(&[(Tint::Faint, &text)])?;
        }
    }
    Ok(())
}

/// Defects of the input, a line for each.
fn problems(report: &Report<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let total = report.summary().problems;
    if total == 0 {
        return Ok(());
    }
    ink.blank()?;
    let title = format!("{} of the input", words::count(total, "problem"));
    ink.line(&[(Tint::Strong, &title)])?;
    let mut listed = 0;
    for problem in report.problems().take(MOST_LISTED) {
        listed += 1;
        let record = problem.record.map(|record| format!(" record {record}"));
        let text = format!(
            "{}{}: {} [{}]; {}",
            problem.file,
            record.unwrap_or_default(),
            problem.message,
            problem.code,
            problem.help
        );
        ink.wrapped((Tint::Plain, "  "), (Tint::Plain, &text))?;
    }
    rest(
        report.problems().count() as u64,
        listed.max(MOST_LISTED),
        ink,
    )
}

/// Says how many more there are than were listed.
fn rest(total: u64, most: usize, ink: &mut Ink<'_>) -> io::Result<()> {
    match total.saturating_sub(most as u64) {
        0 => Ok(()),
        more => {
            let text = format!(
                "  … and {} more; --format json lists all",
                words::number(more)
            );
            ink.line(&[(Tint::Faint, &text)])
        }
    }
}
