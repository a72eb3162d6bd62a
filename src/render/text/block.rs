//! One push: what, why, who, from where, when, how much, what next; then its timeline.
//!
//! Comes in: a push's row. Goes out: a block that can be read by itself. Never: silence about
//! something unknown.

use std::io;

use crate::finding::Severity;
use crate::render::Detail;
use crate::render::ink::{Ink, Tint};
use crate::render::table;
use crate::render::text::{picture, timeline, tint_of_group, tint_of_severity};
use crate::report::SessionRow;
use crate::report::story::facts::{Agent, facts};
use crate::report::story::fold;
use crate::report::story::push as story;

/// Writes the block of a push.
pub(super) fn block(push: &SessionRow<'_>, detail: Detail, ink: &mut Ink<'_>) -> io::Result<()> {
    title(push, ink)?;
    let agent = match detail {
        Detail::Verbose => Agent::Whole,
        Detail::Normal | Detail::Summary => Agent::Program,
    };
    for fact in facts(push, agent, &ink.style().zone) {
        field(fact.name, &fact.text, ink)?;
    }
    let drawn = picture::drawn(push, detail);
    findings(push, &drawn, ink)?;
    ink.blank()?;
    if detail == Detail::Verbose {
        return timeline::in_full(push, ink);
    }
    let steps = fold::steps(push, &drawn);
    match picture::picture(push, &steps, &drawn, ink.style()) {
        Some(text) => ink.drawn(&text),
        None => timeline::lines(push, &steps, ink),
    }
}

/// The line that names a push: status, repository and tags, id.
pub(super) fn title(push: &SessionRow<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let status = format!("{:<14}", push.status.name().to_uppercase());
    let id = format!("push {}", push.id);
    let room = ink.width().saturating_sub(14 + 2 + table::width(&id));
    let whole = ink.shown(&story::reference(push)).into_owned();
    let reference = table::pad(&table::elide(&whole, room), room);
    ink.line(&[
        (tint_of_group(push.group), &status),
        (Tint::Strong, &reference),
        (Tint::Plain, "  "),
        (Tint::Faint, &id),
    ])?;
    match table::width(&whole) > room {
        true => field("name", &whole, ink),
        false => Ok(()),
    }
}

/// Writes a field: its name in a column, then its text beside it.
pub(super) fn field(name: &str, text: &str, ink: &mut Ink<'_>) -> io::Result<()> {
    let head = format!("  {name:<6} ");
    ink.wrapped((Tint::Faint, &head), (Tint::Plain, text))
}

/// The conclusions that the timeline does not show.
fn findings(push: &SessionRow<'_>, drawn: &[usize], ink: &mut Ink<'_>) -> io::Result<()> {
    for (place, finding) in push.findings.iter().enumerate() {
        if drawn.contains(&place) || story::is_told_beside(finding) {
            continue;
        }
        let head = format!("  {:<6} ", short(finding.severity));
        let text = format!("{} [{}]", finding.message, finding.code);
        ink.wrapped(
            (tint_of_severity(finding.severity), &head),
            (Tint::Plain, &text),
        )?;
        if let Some(help) = &finding.help {
            field("help", help, ink)?;
        }
    }
    Ok(())
}

fn short(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "warn",
        Severity::Error | Severity::Note => severity.name(),
    }
}
