//! The index above the blocks: the pushes that did not end well, a line each, equal causes together.
//!
//! Comes in: the pushes by cause. Goes out: under a title for each kind of attention, a line for a cause and its
//! pushes. Never: a push that ended well.

use std::io;

use crate::render::ink::{Ink, Tint};
use crate::render::table;
use crate::report::story::attention;
use crate::report::{Affected, Attention, LineRow, Report};
use crate::words;

/// The most causes with lines of their own, and the most pushes listed under one.
const MOST_CAUSES: usize = 20;
const MOST_LISTED: usize = 10;
/// The most columns for repository and tags.
const WIDEST: usize = 30;

/// Writes how many pushes did not end well, and how many break the policy, under the first line of a report.
pub(super) fn balance(report: &Report<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    ends(&report.affected(), ink)?;
    match attention::against_policy(report) {
        Some(broken) => ink.line(&[(Tint::Bad, &broken)]),
        None => Ok(()),
    }
}

fn ends(affected: &[Affected<'_>], ink: &mut Ink<'_>) -> io::Result<()> {
    let Some(total) = attention::total(affected) else {
        return Ok(());
    };
    let counts = attention::counts(affected);
    let texts: Vec<_> = counts
        .iter()
        .map(|(attention, n)| format!("{} {}", words::number(*n), attention.said()))
        .collect();
    let mut pieces = vec![(Tint::Plain, &*total)];
    for (place, ((attention, _), text)) in counts.iter().zip(&texts).enumerate() {
        pieces.push((Tint::Plain, if place == 0 { ": " } else { ", " }));
        pieces.push((tint(*attention), text));
    }
    ink.line(&pieces)
}

/// Writes the index; nothing if a single push is reported, whose block says it all.
pub(super) fn index(report: &Report<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let affected = report.affected();
    if affected.is_empty() || report.summary().pushes == 1 {
        return Ok(());
    }
    let room = room(report, &affected, ink);
    let mut title = None;
    for of in affected.iter().take(MOST_CAUSES) {
        if title.replace(of.attention) != Some(of.attention) {
            ink.blank()?;
            ink.line(&[(tint(of.attention), of.attention.said())])?;
        }
        cause(report, of, room, ink)?;
    }
    match affected.len().saturating_sub(MOST_CAUSES) {
        0 => Ok(()),
        more => {
            let text = format!(
                "  … and {}; --summary --not-ok lists every push",
                words::count(more as u64, "more cause")
            );
            ink.line(&[(Tint::Faint, &text)])
        }
    }
}

/// The columns that the widest reference of the index takes.
fn room(report: &Report<'_>, affected: &[Affected<'_>], ink: &Ink<'_>) -> usize {
    let shown = affected.iter().take(MOST_CAUSES);
    let lines = shown.flat_map(|of| report.lines_of(of).take(MOST_LISTED));
    let widths = lines.map(|push| table::width(&ink.shown(&attention::reference(&push))));
    let most = (ink.width() / 3).min(WIDEST);
    widths.max().unwrap_or_default().min(most)
}

/// One cause: a push on one line, or a line for the cause and one for each push.
fn cause(report: &Report<'_>, of: &Affected<'_>, room: usize, ink: &mut Ink<'_>) -> io::Result<()> {
    let lines = report.lines_of(of);
    if of.n_pushes() == 1 {
        let cause = of.cause.as_ref().map(attention::cause).unwrap_or_default();
        return lines.take(1).try_for_each(|push| {
            let made_good = attention::made_good(&push);
            line(
                "  ",
                &push,
                room,
                &format!("{cause}{made_good}, {}", of.who),
                ink,
            )
        });
    }
    ink.wrapped(
        (Tint::Plain, "  "),
        (Tint::Strong, &attention::affected(of)),
    )?;
    for push in lines.take(MOST_LISTED) {
        let rest = format!("{}{}", push.first, attention::made_good(&push));
        line("    ", &push, room, &rest, ink)?;
    }
    match of.n_pushes().saturating_sub(MOST_LISTED as u64) {
        0 => Ok(()),
        more => {
            let text = format!("    … and {} more", words::number(more));
            ink.line(&[(Tint::Faint, &text)])
        }
    }
}

/// `6ee8455a3fa1  shop/worker:0.9.1  AccessDenied on ecr:PutImage, role ci`, cut at the width.
fn line(
    indent: &str,
    push: &LineRow<'_>,
    room: usize,
    rest: &str,
    ink: &mut Ink<'_>,
) -> io::Result<()> {
    let reference = ink.shown(&attention::reference(push)).into_owned();
    let reference = table::pad(&table::elide(&reference, room), room);
    let head = format!("{indent}{}  ", push.id);
    ink.line(&[
        (Tint::Plain, &head),
        (Tint::Strong, &reference),
        (Tint::Plain, "  "),
        (Tint::Plain, rest),
    ])
}

/// The tint of a kind of attention.
fn tint(attention: Attention) -> Tint {
    match attention {
        Attention::Unresolved => Tint::Bad,
        Attention::Undetermined => Tint::Warn,
        Attention::MadeGood => Tint::Strong,
        Attention::None => Tint::Good,
    }
}
