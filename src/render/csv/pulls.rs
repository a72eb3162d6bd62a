//! The pulls as a table, one row a pull.
//!
//! Comes in: a report with pulls. Goes out: a header, and the pulls by time. Never: a push.

use std::io::{self, Write};

use crate::render::csv::cell::Cell::{Account, List, Number, Pushes, Tags, Text, Word};
use crate::render::csv::cell::{Cell, line};
use crate::report::{PullRow, Report};

/// A column: its name, and what its cells contain.
type Column = (&'static str, for<'r> fn(&'r PullRow<'r>) -> Cell<'r>);

/// The columns. New ones are added at the end.
const COLUMNS: &[Column] = &[
    ("pull", |pull| Pushes(vec![&pull.id])),
    ("end", |pull| Word(pull.end.name())),
    ("first", |pull| Text(Some(&pull.first))),
    ("last", |pull| Text(Some(&pull.last))),
    ("registry", |pull| Account(pull.registry.as_deref())),
    ("region", |pull| Text(pull.region.as_deref())),
    ("repository", |pull| Text(pull.repository.as_deref())),
    ("image", |pull| {
        let tags = pull.tag.as_deref().into_iter().collect();
        Tags(pull.repository.as_deref(), tags)
    }),
    ("digest", |pull| Text(pull.digest.as_deref())),
    ("named_by", |pull| {
        Word(pull.named_by.map_or("", |by| by.name()))
    }),
    ("platform", |pull| Text(pull.platform.as_deref())),
    ("pushed_by", |pull| {
        Pushes(pull.pushed_by.as_deref().into_iter().collect())
    }),
    ("after", |pull| {
        Word(pull.after.as_ref().map_or("", |loss| loss.kind.name()))
    }),
    ("after_time", |pull| {
        Text(pull.after.as_ref().map(|loss| &*loss.time))
    }),
    ("error_code", |pull| Text(pull.error_code.as_deref())),
    ("who", |pull| Text(Some(&pull.identity.name))),
    ("arn", |pull| Text(pull.identity.arn.as_deref())),
    ("account", |pull| Account(pull.identity.account.as_deref())),
    ("service", |pull| {
        Word(pull.service.map_or("", |service| service.name()))
    }),
    ("source_ip", |pull| {
        Text(
            pull.client
                .as_ref()
                .and_then(|client| client.source_ip.as_deref()),
        )
    }),
    ("vpc_endpoint_id", |pull| {
        let client = pull.client.as_ref();
        Text(client.and_then(|client| client.vpc_endpoint_id.as_deref()))
    }),
    ("user_agent", |pull| {
        Text(
            pull.client
                .as_ref()
                .and_then(|client| client.user_agent.as_deref()),
        )
    }),
    ("manifests", |pull| Number(Some(pull.manifests.into()))),
    ("layers", |pull| Number(Some(pull.layers.into()))),
    ("events", |pull| {
        List(pull.events.iter().map(|event| &**event).collect())
    }),
];

/// Writes the table.
pub(super) fn table(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    line(COLUMNS.iter().map(|&(name, _)| Word(name)), out)?;
    for pull in report.pulls() {
        line(COLUMNS.iter().map(|(_, cell)| cell(&pull)), out)?;
    }
    Ok(())
}
