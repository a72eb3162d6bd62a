//! The head of the report: how many pushes of each status, from which logs.
//!
//! Comes in: summary and coverage. Goes out: a few lines that are enough to act on without the
//! rest. Never: a single push.

use std::io;

use crate::render::ink::{Ink, Tint};
use crate::render::table;
use crate::render::text::{attention, selection, tint_of_group};
use crate::report::story::facts::Fact;
use crate::report::story::{head, log};
use crate::report::{Report, SummaryRow};
use crate::words;

/// Writes the head of the report.
pub(super) fn overview(report: &Report<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let summary = report.summary();
    title(&summary, ink)?;
    attention::balance(report, ink)?;
    ink.blank()?;
    for Fact { name, text, .. } in head::facts(report, ink.style().zone) {
        field(name, &text, ink)?;
    }
    if summary.in_log == 0 {
        ink.blank()?;
        match &report.coverage().pruned {
            Some(pruned) => selection::nothing_read(pruned, ink)?,
            None => ink.wrapped((Tint::Plain, ""), (Tint::Plain, NOTHING))?,
        }
    } else if summary.pushes == 0 {
        ink.blank()?;
        selection::nothing(report, ink)?;
    }
    Ok(())
}

/// Writes the head of a list of pushes: their counts, and what weakens what the list shows.
pub(super) fn of_list(report: &Report<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let summary = report.summary();
    title(&summary, ink)?;
    attention::balance(report, ink)?;
    for Fact { name, text, .. } in head::doubts(report, "listed on standard error") {
        field(name, &text, ink)?;
    }
    Ok(())
}

/// What to look at when there is no push.
const NOTHING: &str = "A push is recorded as the management events InitiateLayerUpload, \
    UploadLayerPart, CompleteLayerUpload and PutImage of ecr.amazonaws.com or \
    ecr-public.amazonaws.com, in the registry's region (ECR Public: us-east-1) and account.";

fn title(summary: &SummaryRow, ink: &mut Ink<'_>) -> io::Result<()> {
    if summary.in_log == 0 {
        return ink.line(&[(Tint::Strong, "no push in these logs")]);
    }
    let total = log::total(summary);
    let counts = log::counts(summary);
    let texts: Vec<_> = counts
        .iter()
        .map(|(group, n)| format!("{} {}", words::number(*n), log::said(*group)))
        .collect();
    let mut pieces = vec![(Tint::Strong, &*total)];
    for (place, ((status, _), text)) in counts.iter().zip(&texts).enumerate() {
        pieces.push((Tint::Plain, if place == 0 { ": " } else { ", " }));
        pieces.push((tint_of_group(*status), text));
    }
    let width: usize = pieces.iter().map(|(_, text)| table::width(text)).sum();
    if width <= ink.width() {
        return ink.line(&pieces);
    }
    ink.line(&[(Tint::Strong, &total)])?;
    for ((status, _), text) in counts.iter().zip(&texts) {
        ink.line(&[(Tint::Plain, "  "), (tint_of_group(*status), text)])?;
    }
    Ok(())
}

fn field(name: &str, text: &str, ink: &mut Ink<'_>) -> io::Result<()> {
    let head = format!("  {name:<8} ");
    ink.wrapped((Tint::Faint, &head), (Tint::Plain, text))
}
