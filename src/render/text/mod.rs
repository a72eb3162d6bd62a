//! The report for people: the answer first, the evidence under it, absence stated.
//!
//! Comes in: a report. Goes out: a summary, then a block for each push, those that need attention
//! first, then events outside pushes and problems of the input. Never: meaning that depends on
//! colour alone, or a line wider than the style.

mod attention;
mod block;
mod compare;
mod grounds;
mod history;
mod other;
mod overview;
mod picture;
mod row;
mod selection;
mod telling;
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
use crate::render::{ComparisonRenderer, Detail, Renderer, Style};
use crate::report::Weight;
use crate::report::story::attention::{MOST_IN_FULL, ended_well};
use crate::report::story::log;
use crate::report::story::pulls::told;
use crate::report::{EventRow, FindingRow, LineRow, Outcome, PushGroup, Report, SessionRow};
use crate::words;

pub use grounds::grounds;
pub use other::other;
pub use why::why;

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
            return in_list(report, ink);
        }
        overview::overview(report, ink)?;
        telling::again(report, ink)?;
        history::history(report, style.detail, ink)?;
        pulls(report, style.detail, ink)?;
        if report.is_history() {
            return findings(report, ink);
        }
        attention::index(report, ink)?;
        let folds = style.detail == Detail::Normal && report.summary().pushes > MOST_IN_FULL;
        let in_full = |push: &LineRow<'_>| !folds || !ended_well(push);
        let draw = |push: SessionRow<'_>, out: &mut dyn Write| {
            let mut ink = Ink::new(out, style);
            ink.blank()?;
            block::block(&push, style.detail, &mut ink)
        };
        for push in report.drawn_by_attention(in_full, &draw) {
            ink.beside(|out| push.write(out))?;
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

    fn has_lines(&self) -> bool {
        true
    }

    fn lines(&self, report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        telling::lines(report, style, out)
    }

    fn comparison(&self) -> Option<&dyn ComparisonRenderer> {
        Some(self)
    }
}

/// A line for each push, under what weakens it and the history of the image that was asked for: an empty list must not
/// look like a quiet day.
fn in_list(report: &Report<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    overview::of_list(report, ink)?;
    telling::again(report, ink)?;
    let is_told = |row: &FindingRow| row.severity >= Severity::Warning;
    report
        .findings()
        .filter(is_told)
        .try_for_each(|row| finding(&row, ink))?;
    history::history(report, Detail::Summary, ink)?;
    pulls(report, Detail::Summary, ink)?;
    let rows = row::measure(report, |_| true, ink.style());
    if rows.n_shown() == 0 {
        return Ok(());
    }
    ink.blank()?;
    started_on(&rows, ink)?;
    rows.draw(ink)
}

/// What the starts of a list leave out.
fn started_on(rows: &row::Rows<'_, '_>, ink: &mut Ink<'_>) -> io::Result<()> {
    match rows.left_out() {
        None => Ok(()),
        Some(of) => ink.line(&[(Tint::Faint, &format!("times of {of}, {}", ink.style().zone))]),
    }
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
    started_on(&rows, ink)?;
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

/// Who made some calls and from where, sorted by most calls, with the first call of each.
fn callers<'a>(
    events: impl Iterator<Item = EventRow<'a>>,
    most: usize,
    ink: &mut Ink<'_>,
) -> io::Result<()> {
    let mut of_caller: BTreeMap<(String, String), (u64, Cow<'a, str>)> = BTreeMap::new();
    for event in events {
        let who = event.identity.map_or(String::new(), |who| who.name);
        let from = event.source_ip.map_or(String::new(), Cow::into_owned);
        let calls = of_caller.entry((who, from));
        calls.or_insert((0, event.event_id)).0 += 1;
    }
    let mut callers: Vec<_> = of_caller.into_iter().collect();
    // The sort is stable, so callers with equally many calls stay in the order of their names.
    callers.sort_by_key(|(_, (n, _))| Reverse(*n));
    for ((who, from), (n, first)) in callers.iter().take(most) {
        let first = words::short_event(first);
        let mut text = format!("{:>6}  {first}  {who}", words::number(*n));
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

/// Who took what, if pulls were read.
fn pulls(report: &Report<'_>, detail: Detail, ink: &mut Ink<'_>) -> io::Result<()> {
    for section in told(report, detail == Detail::Verbose) {
        ink.blank()?;
        ink.wrapped((Tint::Plain, ""), (Tint::Strong, &section.title))?;
        for line in &section.lines {
            let (tint, head) = match (line.is_notable, &*line.time) {
                (true, time) => (Tint::Warn, format!("  {time:<20}  ")),
                (false, time) => (Tint::Plain, format!("  {time:<20}  ")),
            };
            ink.wrapped((tint, &head), (Tint::Plain, &line.text))?;
        }
    }
    Ok(())
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
    let mut text = format!("{} [{}]", row.message, row.code);
    match &*row.events {
        [] => {}
        [only] => text.push_str(&format!(" event {}", words::short_event(only))),
        [first, rest @ ..] => text.push_str(&format!(
            " event {} and {} more",
            words::short_event(first),
            words::number(rest.len() as u64)
        )),
    }
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
        // Which they are matters only where something may need doing.
        let most = match first.why {
            SetAside::NotCloudTrail | SetAside::Hidden => MOST_NAMED,
            SetAside::Digest | SetAside::Insight => continue,
        };
        for row in kind.iter().take(most) {
            ink.wrapped((Tint::Plain, "    "), (Tint::Faint, &row.file))?;
        }
        if let more @ 1.. = n.saturating_sub(most as u64) {
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
    let (problems, n_absent) = report.problems_for_people();
    if n_absent > 0 {
        let text = format!("{} [absent-file]", log::absent(n_absent));
        ink.wrapped((Tint::Plain, "  "), (Tint::Plain, &text))?;
    }
    let mut n_left = 0;
    for (place, problem) in problems.enumerate() {
        if place >= MOST_LISTED {
            n_left += 1;
            continue;
        }
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
    rest(n_left, 0, ink)
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
