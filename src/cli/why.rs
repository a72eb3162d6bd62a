//! `--explain ID`: what has an id: a push, an event of one, or any other record.
//!
//! Comes in: a plan, and an id or its first digits. Goes out: the page of what has that id. Never: a guess if several
//! ids begin like this.

use std::io::{self, Write as _};

use crate::Reconstruction;
use crate::cli::exit::ExitStatus;
use crate::cli::explain::{self, Absent};
use crate::cli::interrupt::Unfinished;
use crate::cli::plan::{Names, Plan};
use crate::cli::read::read;
use crate::cli::stop::{Stop, print};
use crate::cli::surroundings::Streams;
use crate::ingest::{Progress, Searched};
use crate::problem::Error;
use crate::render;
use crate::report::lookup::{Hit, LEAST_PREFIX, Lookup};
use crate::report::{Filter, Report};

/// The most pages of records that carry one id.
const MOST_PAGES: usize = 8;

/// Reads the input and explains what has the id.
///
/// # Errors
/// An input that cannot be read, or an id that nothing or more than one has.
pub(super) fn run(
    plan: &Plan,
    id: &str,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<ExitStatus, Stop> {
    let (mut reconstruction, _) = read(plan, unfinished, streams)?;
    // Users have the true ids.
    let (found, searched) = look_up(&mut reconstruction, id);
    let near = match found {
        Lookup::Absent if searched.is_some() => reconstruction.report().near(id),
        Lookup::Absent | Lookup::Found(_) | Lookup::Ambiguous(_) => None,
    };
    let report = match plan.names {
        Names::True => reconstruction.report(),
        Names::Redacted => reconstruction.redacted_report(&Filter::default()),
    };
    let hits = match found {
        Lookup::Found(hits) => hits,
        Lookup::Ambiguous(hits) => {
            let names = hits.iter().map(|&hit| report.name_of(hit)).collect();
            let has_more = searched.is_some_and(|searched| searched.has_more);
            return Err(Stop::Message(explain::ambiguous(id, names, has_more)));
        }
        Lookup::Absent => {
            let near = near.map(|hit| report.name_of(hit));
            let absent = Absent { id, searched, near };
            return Err(Stop::Message(explain::absent(&absent, &report)));
        }
    };
    let mut page = Vec::new();
    for (place, &hit) in hits.iter().take(MOST_PAGES).enumerate() {
        if place > 0 {
            page.push(b'\n');
        }
        draw(&report, hit, plan, &mut page).map_err(Error::Output)?;
    }
    if let more @ 1.. = hits.len().saturating_sub(MOST_PAGES) {
        writeln!(page, "\n{more} more records have this id").map_err(Error::Output)?;
    }
    print(&page, streams)
}

/// Looks up an id among pushes and their events and, if it is not there, among all records of the input.
fn look_up(reconstruction: &mut Reconstruction, id: &str) -> (Lookup, Option<Searched>) {
    let found = reconstruction.report().look_up(id);
    let id = id.trim();
    if found != Lookup::Absent || id.len() < LEAST_PREFIX {
        return (found, None);
    }
    let searched = reconstruction.seek(id, &Progress::default());
    (reconstruction.report().look_up(id), Some(searched))
}

fn draw(report: &Report<'_>, hit: Hit, plan: &Plan, page: &mut Vec<u8>) -> io::Result<()> {
    match hit {
        Hit::Push(position) => render::grounds(&report.grounds(position), &plan.style, page),
        Hit::Event(id) => render::why(&report.why(id), &plan.style, page),
        Hit::Other(position) => {
            let Some(row) = report.other(position) else {
                return Ok(());
            };
            render::other(&row, &plan.style, page)?;
            match row.kept {
                None => Ok(()),
                Some(kept) => {
                    page.push(b'\n');
                    draw(report, Hit::Event(kept), plan, page)
                }
            }
        }
    }
}
