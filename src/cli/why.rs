//! `--explain EVENT_ID`: why an event is in its push.
//!
//! Comes in: a plan, and the start of an `eventID`. Goes out: the page of each event with that id. Never:
//! a guess if several ids start with it.

use crate::cli::exit::ExitStatus;
use crate::cli::explain;
use crate::cli::interrupt::Unfinished;
use crate::cli::plan::{Names, Plan};
use crate::cli::read::read;
use crate::cli::stop::{Stop, print};
use crate::cli::surroundings::Streams;
use crate::problem::Error;
use crate::render;
use crate::report::Filter;
use crate::report::why::Lookup;

/// Reads the input and says why the event is in its push.
///
/// # Errors
/// An input that cannot be read, or an id that no event or more than one has.
pub(super) fn run(
    plan: &Plan,
    event: &str,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<ExitStatus, Stop> {
    let (mut reconstruction, _) = read(plan, unfinished, streams)?;
    // Users have the true ids.
    let found = reconstruction.report().look_up(event);
    let report = match plan.names {
        Names::True => reconstruction.report(),
        Names::Redacted => reconstruction.redacted_report(&Filter::default()),
    };
    let ids = match found {
        Lookup::Found(ids) => ids,
        Lookup::Ambiguous(ids) => {
            let message = explain::ambiguous(event, &report.event_ids(&ids));
            return Err(Stop::Message(message));
        }
        Lookup::Absent => return Err(Stop::Message(explain::absent(event, &report))),
    };
    let mut page = Vec::new();
    for (place, row) in report.why(&ids).iter().enumerate() {
        if place > 0 {
            page.push(b'\n');
        }
        render::why(row, &plan.style, &mut page).map_err(Error::Output)?;
    }
    print(&page, streams)
}
