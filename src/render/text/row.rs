//! One aligned line for each push: for `--summary`, and for many pushes that ended well.
//!
//! Comes in: the pushes, twice: once to measure, once to write. Goes out: status, time, duration,
//! bytes up, repository and tags, who, from where. Never: a line that depends on the one before it.

use std::io;

use crate::render::Style;
use crate::render::ink::{Ink, Tint, shown};
use crate::render::table;
use crate::render::text::tint_of_group;
use crate::report::story::push as story;
use crate::report::{LineRow, Report};
use crate::words;

/// The most columns for repository and tags, and for who.
const WIDEST: usize = 60;
/// Columns of status and time, with the gaps after them.
const FIXED: usize = 12 + 1 + 17 + 1;
/// Columns of duration and bytes, with the gaps after them.
const AMOUNTS: usize = 6 + 1 + 10 + 1;
/// Columns that a reference needs to be useful.
const LEAST: usize = 20;

/// Widths of the columns that differ from log to log; 0 leaves a column out.
#[derive(Clone, Copy, Debug, Default)]
struct Widths {
    /// Duration and bytes.
    amounts: usize,
    reference: usize,
    who: usize,
    from: usize,
}

/// Some pushes of a report, measured.
pub(super) struct Rows<'r, 'a> {
    report: &'r Report<'a>,
    shows: fn(&LineRow<'_>) -> bool,
    n_shown: u64,
    widths: Widths,
}

/// Measures the pushes that `shows` selects.
pub(super) fn measure<'r, 'a>(
    report: &'r Report<'a>,
    shows: fn(&LineRow<'_>) -> bool,
    style: &Style,
) -> Rows<'r, 'a> {
    let width = |text: &str| table::width(&shown(text, style)).min(WIDEST);
    let measured = report.lines(|push| {
        shows(&push).then(|| {
            let reference = width(&reference(&push));
            [reference, width(&push.who), width(address(&push))]
        })
    });
    let (mut n_shown, mut widths) = (0, Widths::default());
    for [reference, who, from] in measured.flatten() {
        n_shown += 1;
        widths.reference = widths.reference.max(reference);
        widths.who = widths.who.max(who);
        widths.from = widths.from.max(from);
    }
    widths.amounts = AMOUNTS;
    Rows {
        report,
        shows,
        n_shown,
        widths: squeeze(widths, style.width),
    }
}

impl Rows<'_, '_> {
    /// How many pushes there are.
    pub(super) fn n_shown(&self) -> u64 {
        self.n_shown
    }

    /// Writes a line for each push, in order of time.
    pub(super) fn draw(&self, ink: &mut Ink<'_>) -> io::Result<()> {
        let style = ink.style();
        let lines = self.report.lines(|push| {
            (self.shows)(&push).then(|| Ink::aside(style, |ink| row(&push, self.widths, ink)))
        });
        for line in lines.flatten() {
            let line = line?;
            ink.beside(|out| out.write_all(&line))?;
        }
        Ok(())
    }
}

/// Makes the columns fit. `from` gives way first, then the amounts, then who; the reference stays,
/// as it is the purpose of the line.
fn squeeze(mut widths: Widths, width: usize) -> Widths {
    let room = width.saturating_sub(FIXED);
    let taken = |w: Widths| w.amounts + w.reference + 1 + w.who + 1 + w.from;
    if taken(widths) <= room {
        return widths;
    }
    if room < 60 + AMOUNTS {
        widths.from = 0;
    }
    if room < LEAST + AMOUNTS {
        widths.amounts = 0;
    }
    let room = room.saturating_sub(widths.amounts + widths.from + 2);
    if room < 2 * LEAST {
        widths.who = 0;
    }
    let half = room / 2;
    widths.reference = widths.reference.min((room - widths.who.min(half)).max(8));
    widths.who = room.saturating_sub(widths.reference).min(widths.who);
    widths
}

fn row(push: &LineRow<'_>, widths: Widths, ink: &mut Ink<'_>) -> io::Result<()> {
    let status = format!("{:<12} ", push.status.name());
    let mut times = format!("{:<17} ", minute(&push.first));
    if widths.amounts > 0 {
        times.push_str(&format!(
            "{:>6} {:>10} ",
            table::duration(push.duration_s.unsigned_abs()),
            words::size(push.uploaded_bytes)
        ));
    }
    let cell = |text: &str, width: usize| {
        let text = ink.shown(text);
        table::pad(&table::elide(&text, width), width)
    };
    let reference = reference(push);
    let reference = short(&ink.shown(&reference), widths.reference);
    let reference = table::pad(&reference, widths.reference);
    let mut rest = String::new();
    for (width, text) in [(widths.who, &*push.who), (widths.from, address(push))] {
        if width > 0 {
            rest.extend([" ", &cell(text, width)]);
        }
    }
    let mut pieces = vec![
        (tint_of_group(push.group), &*status),
        (Tint::Plain, &times),
        (Tint::Strong, &reference),
    ];
    if !rest.is_empty() {
        pieces.push((Tint::Plain, &rest));
    }
    ink.line(&pieces)
}

/// Repository and tags shortened. Tags distinguish the lines, so they keep up to half of the room.
fn short(reference: &str, most: usize) -> String {
    match reference.split_once(':') {
        Some((repository, tags)) if table::width(reference) > most => {
            let left = most.saturating_sub(table::width(repository) + 1);
            let tags = table::elide(tags, left.max(most / 2));
            let room = most.saturating_sub(table::width(&tags) + 1);
            format!("{}:{tags}", table::elide(repository, room))
        }
        _ => table::elide(reference, most).into_owned(),
    }
}

fn reference(push: &LineRow<'_>) -> String {
    story::named(push.repository.as_deref(), &push.tags)
}

fn address<'a>(push: &'a LineRow<'_>) -> &'a str {
    push.source_ip.as_deref().unwrap_or("-")
}

/// An RFC 3339 time to the minute: `2024-03-04T09:14Z`.
fn minute(time: &str) -> String {
    match time.get(..16) {
        Some(minute) => format!("{minute}Z"),
        None => time.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_reference_keeps_what_tells_it_apart() {
        assert_eq!(short("shop/web:v1.25", 20), "shop/web:v1.25");
        assert_eq!(short("platform/gateway:v1.26", 16), "platform/…:v1.26");
        assert_eq!(short("app:a-branch-of-some-length", 16), "app:a-branch-of…");
        assert_eq!(short("画像/サービス:v1.22", 12), "画像/…:v1.22");
    }
}
