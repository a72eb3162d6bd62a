//! `--explain ID`: why an event is in its push, or why each event of a push is in it.
//!
//! Comes in: a plan, and an id or its first digits. Goes out: the page of what has that id. Never: a guess if several
//! ids begin like this.

use std::io;

use crate::cli::exit::ExitStatus;
use crate::cli::explain;
use crate::cli::plan::{Names, Plan};
use crate::cli::read::read;
use crate::cli::stop::{Stop, print};
use crate::cli::surroundings::Streams;
use crate::problem::Error;
use crate::render;
use crate::report::lookup::{Hit, Lookup};
use crate::report::{Filter, Report};

/// Reads the input and explains what has the id.
///
/// # Errors
/// An input that cannot be read, or an id that nothing or more than one has.
pub(super) fn run(plan: &Plan, id: &str, streams: &mut Streams<'_>) -> Result<ExitStatus, Stop> {
    let (mut reconstruction, _) = read(plan, streams)?;
    // Users have the true ids.
    let found = reconstruction.report().look_up(id);
    let report = match plan.names {
        Names::True => reconstruction.report(),
        Names::Redacted => reconstruction.redacted_report(&Filter::default()),
    };
    let hits = match found {
        Lookup::Found(hits) => hits,
        Lookup::Ambiguous(hits) => {
            let names = hits.iter().map(|&hit| report.name_of(hit)).collect();
            return Err(Stop::Message(explain::ambiguous(id, names)));
        }
        Lookup::Absent => return Err(Stop::Message(explain::absent(id, &report))),
    };
    let mut page = Vec::new();
    for (place, &hit) in hits.iter().enumerate() {
        if place > 0 {
            page.push(b'\n');
        }
        draw(&report, hit, plan, &mut page).map_err(Error::Output)?;
    }
    print(&page, streams)
}

fn draw(report: &Report<'_>, hit: Hit, plan: &Plan, page: &mut Vec<u8>) -> io::Result<()> {
    match hit {
        Hit::Push(position) => render::grounds(&report.grounds(position), &plan.style, page),
        Hit::Event(id) => render::why(&report.why(id), &plan.style, page),
    }
}
