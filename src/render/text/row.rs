//! One aligned line a push: for `--summary`, and for many pushes that ended well.
//!
//! Comes in: the pushes, twice: once to measure, once to write. Goes out: status, time, duration,
//! bytes up, repository and tags, who, from where. Never: a line that needs the one before it.

use std::io;

use crate::render::ink::{Ink, Tint};
use crate::render::table;
use crate::render::text::{block, tint_of_status};
use crate::report::words;
use crate::report::{Report, SessionRow};

/// The widest that repository and tags, and who, are ever made.
const WIDEST: usize = 60;
/// Columns of status and time, with the gaps after them.
const FIXED: usize = 12 + 1 + 17 + 1;
/// Columns of duration and bytes, with the gaps after them.
const AMOUNTS: usize = 6 + 1 + 10 + 1;
/// Columns that a reference needs to be of use.
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

/// Writes a line a push, in order of time, for those that `shows` selects.
pub(super) fn rows(
    report: &Report<'_>,
    shows: fn(&SessionRow<'_>) -> bool,
    ink: &mut Ink<'_>,
) -> io::Result<()> {
    let mut widths = Widths {
        amounts: AMOUNTS,
        ..Widths::default()
    };
    for push in report.outlines().filter(shows) {
        let width = |text: &str| table::width(&ink.shown(text)).min(WIDEST);
        widths.reference = widths.reference.max(width(&block::reference(&push)));
        widths.who = widths.who.max(width(&push.identity.name));
        widths.from = widths.from.max(width(address(&push)));
    }
    let widths = squeeze(widths, ink.width());
    for push in report.outlines().filter(shows) {
        row(&push, widths, ink)?;
    }
    Ok(())
}

/// Makes the columns fit. What gives way first is `from`, then the amounts, then who; the reference
/// is what a line is for.
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

fn row(push: &SessionRow<'_>, widths: Widths, ink: &mut Ink<'_>) -> io::Result<()> {
    let status = format!("{:<12} ", push.status);
    let mut times = format!("{:<17} ", minute(&push.first));
    if widths.amounts > 0 {
        times.push_str(&format!(
            "{:>6} {:>10} ",
            table::duration(push.duration_s.unsigned_abs()),
            words::size(push.uploaded_bytes)
        ));
    }
    let cell = |text: &str, width: usize| {
        let text = ink.shown(text).into_owned();
        table::pad(&table::elide(&text, width), width)
    };
    let reference = ink.shown(&block::reference(push)).into_owned();
    let reference = table::pad(&short(&reference, widths.reference), widths.reference);
    let who = format!(" {}", cell(&push.identity.name, widths.who));
    let from = format!(" {}", cell(address(push), widths.from));
    let mut pieces = vec![
        (tint_of_status(push.status), &*status),
        (Tint::Plain, &times),
        (Tint::Strong, &reference),
    ];
    for (width, text) in [(widths.who, &who), (widths.from, &from)] {
        if width > 0 {
            pieces.push((Tint::Plain, text));
        }
    }
    ink.line(&pieces)
}

/// Repository and tags in little room: the tags tell lines apart, so they keep up to half of it.
fn short(reference: &str, most: usize) -> String {
    match reference.split_once(':') {
        Some((repository, tags)) if table::width(reference) > most => {
            let left = most.saturating_sub(table::width(repository) + 1);
            let tags = table::elide(tags, left.max(most / 2));
            let room = most.saturating_sub(table::width(&tags) + 1);
            format!("{}:{tags}", table::elide(repository, room))
        }
        _ => table::elide(reference, most),
    }
}

fn address<'a>(push: &'a SessionRow<'_>) -> &'a str {
    let client = push.client.as_ref();
    let address = client.and_then(|client| client.source_ip.as_deref());
    address.unwrap_or("-")
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
