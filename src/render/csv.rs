//! The events as a table, one row an event, for spreadsheets and data frames.
//!
//! Comes in: a report. Goes out: RFC 4180: a header, the events of each push in causal order, then
//! the events of no push. A login is repeated in every push that it served. Never: a cell that a
//! spreadsheet would execute, or a row of more than one line.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::render::plain::{hides, plain};
use crate::render::{Renderer, Style};
use crate::report::{BecauseRow, EventRow, IdentityRow, Report, SessionRow};

/// `--format csv`.
pub(super) struct Csv;

/// An event and where it belongs.
#[derive(Clone, Copy)]
struct Row<'r> {
    /// Its push and its place in the push, from 0.
    place: Option<(&'r SessionRow<'r>, usize)>,
    event: &'r EventRow<'r>,
}

impl<'r> Row<'r> {
    fn push(self) -> Option<&'r SessionRow<'r>> {
        self.place.map(|(push, _)| push)
    }

    fn identity(self) -> Option<&'r IdentityRow<'r>> {
        let of_push = self.push().map(|push| &push.identity);
        of_push.or(self.event.identity.as_ref())
    }

    fn because(self) -> Option<&'r BecauseRow<'r>> {
        self.event.because.first()
    }
}

/// The content of a cell.
enum Cell<'r> {
    /// Text that the log or the program wrote.
    Text(Option<&'r str>),
    /// A number of our own making, which may be negative and needs no guard.
    Number(Option<i128>),
    /// Several texts, separated by blanks.
    List(Vec<&'r str>),
}

use Cell::{List, Number, Text};

/// A column: its name, and what its cells contain.
type Column = (&'static str, for<'r> fn(Row<'r>) -> Cell<'r>);

/// The columns. New ones are added at the end.
const COLUMNS: &[Column] = &[
    ("push", |row| Text(row.push().map(|push| &*push.id))),
    ("status", |row| {
        Text(row.push().map(|push| push.status.name()))
    }),
    ("confidence", |row| {
        Text(row.push().map(|push| push.confidence.name()))
    }),
    ("service", |row| {
        Text(row.push().map(|push| push.service.name()))
    }),
    ("registry", |row| {
        Text(row.push().and_then(|push| push.registry.as_deref()))
    }),
    ("region", |row| {
        Text(row.push().and_then(|push| push.region.as_deref()))
    }),
    ("repository", |row| {
        Text(row.push().and_then(|push| push.repository.as_deref()))
    }),
    ("identity", |row| {
        Text(row.identity().map(|identity| &*identity.name))
    }),
    ("identity_type", |row| {
        Text(row.identity().and_then(|identity| identity.kind.as_deref()))
    }),
    ("identity_arn", |row| {
        Text(row.identity().and_then(|identity| identity.arn.as_deref()))
    }),
    ("account", |row| {
        Text(
            row.identity()
                .and_then(|identity| identity.account.as_deref()),
        )
    }),
    ("client_ip", |row| {
        let client = row.push().and_then(|push| push.client.as_ref());
        Text(client.and_then(|client| client.source_ip.as_deref()))
    }),
    ("client_user_agent", |row| {
        let client = row.push().and_then(|push| push.client.as_ref());
        Text(client.and_then(|client| client.user_agent.as_deref()))
    }),
    ("position", |row| {
        Number(row.place.map(|(_, place)| place as i128))
    }),
    ("time", |row| Text(Some(&row.event.time))),
    ("offset_s", |row| Number(row.event.offset_s.map(i128::from))),
    ("action", |row| Text(Some(row.event.action.call()))),
    ("shared", |row| {
        Text(Some(if row.event.shared { "true" } else { "false" }))
    }),
    ("outcome", |row| Text(Some(row.event.outcome.name()))),
    ("error_code", |row| Text(row.event.error_code.as_deref())),
    ("error_message", |row| {
        Text(row.event.error_message.as_deref())
    }),
    ("upload_id", |row| Text(row.event.upload_id.as_deref())),
    ("digest", |row| Text(row.event.digest.as_deref())),
    ("digests", |row| {
        List(row.event.digests.iter().map(|digest| &**digest).collect())
    }),
    ("first_byte", |row| {
        Number(row.event.first_byte.map(i128::from))
    }),
    ("last_byte", |row| {
        Number(row.event.last_byte.map(i128::from))
    }),
    ("tag", |row| Text(row.event.tag.as_deref())),
    ("event_id", |row| Text(Some(&row.event.event_id))),
    ("request_id", |row| Text(row.event.request_id.as_deref())),
    ("source_ip", |row| Text(row.event.source_ip.as_deref())),
    ("user_agent", |row| Text(row.event.user_agent.as_deref())),
    ("access_key_id", |row| {
        Text(row.event.access_key_id.as_deref())
    }),
    ("evidence", |row| {
        Text(row.because().map(|because| because.evidence.name()))
    }),
    ("evidence_with", |row| {
        Text(row.because().and_then(|because| because.with.as_deref()))
    }),
    ("evidence_digest", |row| {
        Text(row.because().and_then(|because| because.digest.as_deref()))
    }),
    ("strength", |row| {
        Text(row.because().map(|because| because.strength.name()))
    }),
    ("alternatives", |row| {
        let others = row.event.alternatives.iter();
        List(others.map(|other| &*other.session).collect())
    }),
    ("file", |row| Text(Some(&row.event.at.file))),
    ("record", |row| {
        Number(Some(i128::from(row.event.at.record)))
    }),
    ("client_vpc_endpoint", |row| {
        let client = row.push().and_then(|push| push.client.as_ref());
        Text(client.and_then(|client| client.vpc_endpoint_id.as_deref()))
    }),
    ("source_identity", |row| {
        let identity = row.identity();
        Text(identity.and_then(|identity| identity.source_identity.as_deref()))
    }),
    ("on_behalf_of", |row| {
        let user = row
            .identity()
            .and_then(|identity| identity.on_behalf_of.as_ref());
        Text(user.and_then(|user| user.user_id.as_deref()))
    }),
    ("image", |row| {
        let image = row.push().and_then(|push| push.image.as_ref());
        Text(image.and_then(|image| image.what.as_deref()))
    }),
];

impl Renderer for Csv {
    fn render(&self, report: &Report<'_>, _: &Style, out: &mut dyn Write) -> io::Result<()> {
        line(COLUMNS.iter().map(|&(name, _)| Text(Some(name))), out)?;
        for push in report.sessions() {
            for (place, event) in push.events.iter().enumerate() {
                let row = Row {
                    place: Some((&push, place)),
                    event: &event,
                };
                line(COLUMNS.iter().map(|(_, cell)| cell(row)), out)?;
            }
        }
        for event in report.unplaced() {
            let row = Row {
                place: None,
                event: &event,
            };
            line(COLUMNS.iter().map(|(_, cell)| cell(row)), out)?;
        }
        Ok(())
    }
}

/// Writes one record (RFC 4180, section 2: cells separated by commas, CRLF at the end).
fn line<'r>(cells: impl Iterator<Item = Cell<'r>>, out: &mut dyn Write) -> io::Result<()> {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            out.write_all(b",")?;
        }
        match cell {
            Text(None) | Number(None) => {}
            Text(Some(text)) => quoted(&guarded(text), out)?,
            Number(Some(number)) => write!(out, "{number}")?,
            List(texts) => quoted(&guarded(&texts.join(" ")), out)?,
        }
    }
    out.write_all(b"\r\n")
}

/// Writes a cell, in quotes if it needs them (RFC 4180, section 2, rules 6 and 7).
fn quoted(text: &str, out: &mut dyn Write) -> io::Result<()> {
    match text.contains([',', '"', ';', ' ']) {
        false => out.write_all(text.as_bytes()),
        true => write!(out, "\"{}\"", text.replace('"', "\"\"")),
    }
}

/// A text changed so that no spreadsheet takes it for a formula and no terminal obeys it;
/// `docs/report.md` says how to undo this.
///
/// The characters are those of OWASP, "CSV Injection". Where decimals are written with a comma,
/// spreadsheets separate cells at `;`, so text that would start a cell there is guarded too.
fn guarded(text: &str) -> Cow<'_, str> {
    let mut safe = Cow::Borrowed(text);
    if safe.contains('\\') {
        safe = Cow::Owned(safe.replace('\\', "\\\\"));
    }
    if hides(&safe) {
        safe = Cow::Owned(plain(&safe).into_owned());
    }
    if safe.contains(';') {
        let mut pieces = safe.split(';');
        let mut joined = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            joined.push_str(if is_formula(piece) { "\\u{3b}" } else { ";" });
            joined.push_str(piece);
        }
        safe = Cow::Owned(joined);
    }
    match safe.starts_with('\'') || is_formula(&safe) {
        true => Cow::Owned(format!("'{safe}")),
        false => safe,
    }
}

/// Whether a spreadsheet would compute a cell of this text.
fn is_formula(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
    text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_compute_is_guarded() {
        for (text, safe) in [
            ("=cmd()", "'=cmd()"),
            (" @SUM(A1)", "' @SUM(A1)"),
            ("＝1+1", "'＝1+1"),
            ("'quoted", "''quoted"),
            ("a;=cmd()", "a\\u{3b}=cmd()"),
            ("(X11; Linux)", "(X11; Linux)"),
            ("a\tb\\n", "a\\tb\\\\n"),
            ("team/app", "team/app"),
        ] {
            assert_eq!(guarded(text), safe);
        }
    }

    #[test]
    fn cells_are_quoted_where_they_need_it() {
        let mut out = Vec::new();
        let cells = [
            Text(Some("say \"a\"")),
            Text(None),
            Number(Some(-29)),
            Text(Some("v1")),
        ];
        line(cells.into_iter(), &mut out).expect("a vector takes all");
        assert_eq!(out, b"\"say \"\"a\"\"\",,-29,v1\r\n");
    }
}
