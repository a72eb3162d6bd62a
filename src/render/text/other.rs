//! A record that is no event of a push, for people.
//!
//! Comes in: its row. Goes out: what it is and what the program does with it, then what it says. Never: silence about a
//! field that it lacks.

use std::io::{self, Write};

use crate::render::Style;
use crate::render::ink::{Ink, Tint};
use crate::render::text::block::field;
use crate::report::AtRow;
use crate::report::other::OtherRow;
use crate::report::story::other as story;
use crate::words;

/// How many copies are named.
const MOST_COPIES: usize = 4;

/// Writes what a record is.
///
/// # Errors
/// Only errors of `out`.
pub fn other(row: &OtherRow<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let ink = &mut Ink::new(out, style);
    ink.wrapped((Tint::Plain, ""), (Tint::Strong, &story::call(row)))?;
    field("event", &row.event_id, ink)?;
    let time = row.time.as_deref().unwrap_or("no time in the record");
    field("when", time, ink)?;
    let place = |at: &AtRow<'_>| format!("{} record {}", at.file, at.record);
    field("read", &place(&row.at), ink)?;
    for copy in row.copies.iter().take(MOST_COPIES) {
        field("copy", &place(copy), ink)?;
    }
    if let more @ 1.. = row.copies.len().saturating_sub(MOST_COPIES) {
        let more = words::number(more as u64);
        field("", &format!("and {more} more copies"), ink)?;
    }
    field("who", &row.identity.name, ink)?;
    let address = row.source_ip.as_deref().unwrap_or("(no address)");
    let program = row.user_agent.as_deref().unwrap_or("(no program named)");
    field("from", &format!("{address}, {program}"), ink)?;
    let named = |text: &str, what: &str| match text {
        "" => format!("no {what} named"),
        text => format!("{what} {text}"),
    };
    let mut log = format!(
        "{}, {}",
        named(&row.account, "account"),
        named(&row.region, "region")
    );
    if let Some(repository) = &row.repository {
        log.push_str(&format!(", repository {repository}"));
    }
    field("in", &log, ink)?;
    if let Some(code) = &row.error_code {
        let message = row.error_message.as_deref();
        let message =
            message.map(|text| format!(": \u{201c}{}\u{201d}", words::shorten(text, 400)));
        let text = format!("refused: {code}{}", message.unwrap_or_default());
        field("ended", &text, ink)?;
    }
    ink.blank()?;
    ink.wrapped((Tint::Plain, ""), (Tint::Plain, &story::what(row)))
}
