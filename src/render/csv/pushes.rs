//! The pushes as a table, one row a push.
//!
//! Comes in: a report. Goes out: a header, and the pushes in the order of the text report. Never: a call.

use std::io::{self, Write};

use crate::render::csv::cell::Cell::{Account, List, Number, Pushes, Tags, Text, Word};
use crate::render::csv::cell::{Cell, line};
use crate::report::{BriefRow, Report, Text as Named};

/// A column: its name, and what its cells contain.
type Column = (&'static str, for<'r> fn(&'r BriefRow<'r>) -> Cell<'r>);

/// The columns. New ones are added at the end.
const COLUMNS: &[Column] = &[
    ("push", |push| Pushes(vec![&push.id])),
    ("status", |push| Word(push.status.name())),
    ("attention", |push| Word(push.attention.name())),
    ("cause", |push| Text(push.cause.as_deref())),
    ("made_good_by", |push| {
        Pushes(push.made_good_by.as_deref().into_iter().collect())
    }),
    ("first", |push| Text(Some(&push.first))),
    ("last", |push| Text(Some(&push.last))),
    ("duration_s", |push| Number(Some(push.duration_s.into()))),
    ("uploaded_bytes", |push| {
        Number(Some(push.uploaded_bytes.0.into()))
    }),
    ("service", |push| Word(push.service.name())),
    ("registry", |push| Account(push.registry.as_deref())),
    ("region", |push| Text(push.region.as_deref())),
    ("repository", |push| Text(push.repository.as_deref())),
    ("image", |push| {
        let wanted = match &*push.tags {
            [] => &push.refused_tags,
            tags => tags,
        };
        tags(push, wanted)
    }),
    ("refused_tags", |push| tags(push, &push.refused_tags)),
    ("digest", |push| Text(push.digest.as_deref())),
    ("what", |push| Text(push.what.as_deref())),
    ("who", |push| Text(Some(&push.who))),
    ("session_name", |push| Text(push.session_name.as_deref())),
    ("account", |push| Account(push.account.as_deref())),
    ("source_ip", |push| Text(push.source_ip.as_deref())),
    ("source_ip_by", |push| {
        Word(push.source_ip_by.map_or("", |by| by.name()))
    }),
    ("user_agent", |push| Text(push.user_agent.as_deref())),
    ("confidence", |push| Word(push.confidence.name())),
    ("integrity", |push| {
        Word(push.integrity.map_or("", |basis| basis.name()))
    }),
    ("findings", |push| List(push.findings.clone())),
    ("explanation", |push| Text(push.explanation.as_deref())),
];

fn tags<'r>(push: &'r BriefRow<'_>, tags: &'r [Named<'_>]) -> Cell<'r> {
    let tags = tags.iter().map(|tag| &**tag).collect();
    Tags(push.repository.as_deref(), tags)
}

/// Writes the table.
pub(super) fn table(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    line(COLUMNS.iter().map(|&(name, _)| Word(name)), out)?;
    let drawn = report.briefs_by_attention(|push| {
        let mut row = Vec::new();
        line(COLUMNS.iter().map(|(_, cell)| cell(&push)), &mut row).map(|()| row)
    });
    for row in drawn {
        out.write_all(&row?)?;
    }
    Ok(())
}
