//! What `--new` tells: why pushes are told again, and a line for each push as it settles.
//!
//! Comes in: a report of what is told. Goes out: lines that can be read one by one. Never: a line for a push that is told
//! for the first time, where its block follows.

use std::io::{self, Write};

use crate::render::Style;
use crate::render::ink::{Ink, Tint};
use crate::render::text::tint_of_group;
use crate::report::story::push as story;
use crate::report::{LineRow, Report, TellingRow, WithdrawnRow};

/// Names the pushes that are told again and those that are withdrawn.
pub(super) fn again(report: &Report<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let Some(withdrawn) = report.withdrawn() else {
        return Ok(());
    };
    let told: Vec<_> = report
        .lines(|push| Some((report.told(&push.id)?.words()?, push.id)))
        .flatten()
        .collect();
    if told.is_empty() && withdrawn.is_empty() {
        return Ok(());
    }
    ink.blank()?;
    for (words, id) in told {
        ink.wrapped(
            (Tint::Strong, &format!("push {id}  ")),
            (Tint::Plain, &words),
        )?;
    }
    for row in withdrawn {
        ink.wrapped(
            (Tint::Strong, &format!("push {}  ", row.id)),
            (Tint::Plain, &gone(row)),
        )?;
    }
    Ok(())
}

/// Writes a line for each push.
pub(super) fn lines(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    // A program may read it: nothing is cut.
    let style = &Style {
        width: usize::MAX,
        ..style.clone()
    };
    let drawn = report.lines(|push| Ink::aside(style, |ink| line(report, &push, ink)));
    for line in drawn {
        out.write_all(&line?)?;
    }
    let mut ink = Ink::new(out, style);
    for row in report.withdrawn().unwrap_or_default() {
        let id = format!("  push {}, {}", row.id, gone(row));
        ink.line(&[(Tint::Strong, "WITHDRAWN"), (Tint::Plain, &id)])?;
    }
    Ok(())
}

fn line(report: &Report<'_>, push: &LineRow<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let status = format!("{:<14}", push.status.name().to_uppercase());
    let cause = push
        .cause
        .as_ref()
        .map(|cause| format!(" ({})", cause.code()));
    let told = report.told(&push.id).and_then(TellingRow::words);
    let told = told.map(|words| format!(", {words}"));
    let from = push
        .source_ip
        .as_deref()
        .map(|address| format!(" from {address}"));
    let place = push.registry.as_deref().zip(push.region.as_deref());
    let place = place.map(|(account, region)| format!(" in {account} {region}"));
    let rest = format!(
        "{}{}, push {} by {}{}{}",
        cause.unwrap_or_default(),
        place.unwrap_or_default(),
        push.id,
        push.who,
        from.unwrap_or_default(),
        told.unwrap_or_default()
    );
    ink.line(&[
        (Tint::Faint, &push.first),
        (Tint::Plain, "  "),
        (tint_of_group(push.group), &status),
        (
            Tint::Strong,
            &story::named(push.repository.as_deref(), &push.tags),
        ),
        (Tint::Plain, &rest),
    ])
}

fn gone(row: &WithdrawnRow) -> String {
    format!(
        "was told as {}: its calls belong to no push any more",
        row.was
    )
}
