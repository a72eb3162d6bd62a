//! `--summary`: one aligned line a push.
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
/// Columns of status, time, duration and bytes, with the gaps between them.
const FIXED: usize = 12 + 1 + 17 + 1 + 6 + 1 + 10 + 1;

/// Widths of the columns that differ from log to log; 0 leaves a column out.
#[derive(Clone, Copy, Debug, Default)]
struct Widths {
    reference: usize,
    who: usize,
    from: usize,
}

/// Writes a line a push, in order of time.
pub(super) fn rows(report: &Report<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let mut widths = Widths::default();
    for push in report.outlines() {
        let width = |text: &str| table::width(&ink.shown(text)).min(WIDEST);
        widths.reference = widths.reference.max(width(&block::reference(&push)));
        widths.who = widths.who.max(width(&push.identity.name));
        widths.from = widths.from.max(width(address(&push)));
    }
    let widths = squeeze(widths, ink.width());
    for push in report.outlines() {
        row(&push, widths, ink)?;
    }
    Ok(())
}

/// Makes the columns fit: first `from` goes, then who and reference share what is left.
fn squeeze(mut widths: Widths, width: usize) -> Widths {
    let room = width.saturating_sub(FIXED);
    let taken = |w: Widths| w.reference + 1 + w.who + 1 + w.from;
    if taken(widths) <= room {
        return widths;
    }
    if room < 60 {
        widths.from = 0;
    }
    let room = room.saturating_sub(widths.from + 2);
    let half = room / 2;
    widths.reference = widths.reference.min((room - widths.who.min(half)).max(8));
    widths.who = room.saturating_sub(widths.reference).min(widths.who);
    widths
}

fn row(push: &SessionRow<'_>, widths: Widths, ink: &mut Ink<'_>) -> io::Result<()> {
    let status = format!("{:<12} ", push.status);
    let times = format!(
        "{:<17} {:>6} {:>10} ",
        minute(&push.first),
        table::duration(push.duration_s.unsigned_abs()),
        words::size(push.uploaded_bytes)
    );
    let cell = |text: &str, width: usize| {
        let text = ink.shown(text).into_owned();
        table::pad(&table::elide(&text, width), width)
    };
    let reference = cell(&block::reference(push), widths.reference);
    let who = format!(" {}", cell(&push.identity.name, widths.who));
    let from = format!(" {}", cell(address(push), widths.from));
    ink.line(&[
        (tint_of_status(push.status), &status),
        (Tint::Plain, &times),
        (Tint::Strong, &reference),
        (Tint::Plain, &who),
        (Tint::Plain, &from),
    ])
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
