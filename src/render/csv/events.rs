//! The events as a table, one row an event.
//!
//! Comes in: a report. Goes out: a header, the events of each push in causal order, then the events of no push. A login
//! is repeated in every push that it served. Never: a push without its events.

use std::io::{self, Write};

use crate::render::csv::cell::Cell::{Account, List, Number, Pushes, Tags, Text, Word};
use crate::render::csv::cell::{Cell, line};
use crate::report::{BecauseRow, EventRow, IdentityRow, Report, SessionRow};

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

/// A column: its name, and what its cells contain.
type Column = (&'static str, for<'r> fn(Row<'r>) -> Cell<'r>);

/// The columns. New ones are added at the end.
const COLUMNS: &[Column] = &[
    ("push", |row| {
        Pushes(row.push().map(|push| &*push.id).into_iter().collect())
    }),
    ("status", |row| {
        Word(row.push().map_or("", |push| push.status.name()))
    }),
    ("confidence", |row| {
        Word(row.push().map_or("", |push| push.confidence.name()))
    }),
    ("service", |row| {
        Word(row.push().map_or("", |push| push.service.name()))
    }),
    ("registry", |row| {
        Account(row.push().and_then(|push| push.registry.as_deref()))
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
        Account(
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
    ("action", |row| Word(row.event.action.call())),
    ("shared", |row| {
        Word(if row.event.shared { "true" } else { "false" })
    }),
    ("outcome", |row| Word(row.event.outcome.name())),
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
    ("tag", |row| {
        let repository = row.push().and_then(|push| push.repository.as_deref());
        Tags(repository, row.event.tag.as_deref().into_iter().collect())
    }),
    ("event_id", |row| Text(Some(&row.event.event_id))),
    ("request_id", |row| Text(row.event.request_id.as_deref())),
    ("source_ip", |row| Text(row.event.source_ip.as_deref())),
    ("user_agent", |row| Text(row.event.user_agent.as_deref())),
    ("access_key_id", |row| {
        Text(row.event.access_key_id.as_deref())
    }),
    ("evidence", |row| {
        Word(row.because().map_or("", |because| because.evidence.name()))
    }),
    ("evidence_with", |row| {
        Text(row.because().and_then(|because| because.with.as_deref()))
    }),
    ("evidence_digest", |row| {
        Text(row.because().and_then(|because| because.digest.as_deref()))
    }),
    ("strength", |row| {
        Word(row.because().map_or("", |because| because.strength.name()))
    }),
    ("alternatives", |row| {
        let others = row.event.alternatives.iter();
        Pushes(others.map(|other| &*other.session).collect())
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

/// Writes the table.
pub(super) fn table(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    line(COLUMNS.iter().map(|&(name, _)| Word(name)), out)?;
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
