//! The input by way of a state: what is new is read, and all that is kept is reported on.
//!
//! Comes in: a plan that names a state. Goes out: the parts of the state as files, and the state itself, locked until it is
//! dropped. Never: a file of the input read that was read before and has not changed.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::Options;
use crate::cli::address::HistoryOf;
use crate::cli::found::{FoundFiles, begin, spare_input};
use crate::cli::inputs::{self, Inputs};
use crate::cli::interrupt::Unfinished;
use crate::cli::operand::Operand;
use crate::cli::plan::{Keeping, Names, Plan};
use crate::cli::progress;
use crate::cli::stop::Stop;
use crate::cli::surroundings::Streams;
use crate::find;
use crate::problem::Error;
use crate::report::Filter;
use crate::source::{Origin, Purpose, Reach, SourceFile};
use crate::state::{Disk, StateDir, StateError};
use crate::words;

/// What starts the name of an event history.
const HISTORY: &str = "event-history://";

impl From<StateError> for Stop {
    fn from(error: StateError) -> Self {
        Self::Message(format!("{error}\n\n  help: {}", error.help()))
    }
}

/// Brings a state up to date with the input.
///
/// # Errors
/// A state that cannot be used, an input that cannot be found, an output that may not be written.
pub(super) fn find_kept(
    plan: &Plan,
    kept: &Keeping,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<(FoundFiles, StateDir), Stop> {
    let (options, stdin) = begin(plan, unfinished, streams)?;
    let now = plan.access.now;
    let holder = format!("process {}, since {}", std::process::id(), words::time(now));
    let mut state = StateDir::open(Disk::new(&kept.folder), &holder)?;
    let listing = listing_plan(plan, kept, &state);
    let inputs = inputs::inputs(&listing, stdin, unfinished.inquiry()).map_err(Stop::Message)?;
    let Inputs { inputs, notices } = inputs;
    for notice in notices.iter().filter(|_| !plan.quiet) {
        streams.tell(&format!("reconstruct: {notice}"));
    }
    let columns = streams.surroundings.columns();
    let (found, searched) =
        progress::watched(unfinished, plan.show, columns, &mut *streams.stderr, |_| {
            find(&inputs, &listing.options, Purpose::Pushes)
        });
    let files = match found {
        // What was read is kept, also if the input is empty now.
        Err(Error::NoLogFiles { .. }) if !state.is_empty() => Vec::new(),
        found => found?,
    };
    spare_input(plan, &files)?;
    let files = named_by_time(files, now)?;
    let keep_from = keep_from(plan, kept).map(|from| from.timestamp());
    let histories: Vec<String> = files
        .iter()
        .filter_map(history)
        .map(str::to_owned)
        .collect();
    let (refreshed, read) = progress::watched(
        unfinished,
        plan.show,
        columns,
        &mut *streams.stderr,
        |progress| state.refresh(&files, &options.ingest, keep_from, &options.reach, progress),
    );
    let refreshed = refreshed?;
    let settled = now - TimeDelta::from_std(plan.access.settle).unwrap_or(TimeDelta::MAX);
    let whole = files.iter().filter_map(history).zip(&files);
    let whole = whole.filter(|(_, file)| !state.has_failed(&file.name));
    let whole: Vec<&str> = whole.map(|(region, _)| region).collect();
    if !histories.is_empty() {
        state.note_histories(whole.into_iter(), settled.timestamp())?;
    }
    for notice in state.notices() {
        // Also with --quiet: they tell of what may be missing.
        match plan.names {
            Names::True => streams.tell(&format!("reconstruct: {notice}")),
            Names::Redacted => streams.tell(
                "reconstruct: the state was not as it was left; without --redact it is said how",
            ),
        }
    }
    if !plan.quiet {
        let listed = words::count(refreshed.listed, "file");
        streams.tell(&match refreshed.files {
            0 => format!("reconstruct: nothing new in {listed} of the input"),
            n => format!(
                "reconstruct: {} ({}) of {listed} read",
                words::count(n, "file"),
                words::size(crate::event::Bytes(refreshed.bytes))
            ),
        });
    }
    let found = FoundFiles {
        named: inputs.iter().map(inputs::name).collect(),
        files: state.files(&options.reach),
        options,
        searched: searched.zip(read).map(|(searched, read)| searched + read),
    };
    Ok((found, state))
}

/// The first instant whose pushes are kept; `None` for all.
pub(super) fn keep_since(plan: &Plan, kept: &Keeping) -> Option<DateTime<Utc>> {
    let keep = TimeDelta::from_std(kept.keep?).ok()?;
    plan.access.now.checked_sub_signed(keep)
}

/// The first instant whose records are kept: those pushes may need earlier ones.
fn keep_from(plan: &Plan, kept: &Keeping) -> Option<DateTime<Utc>> {
    Reach::around(
        keep_since(plan, kept),
        None,
        plan.options.window.max(Duration::from_secs(1)),
    )
    .from
}

/// The plan that lists the input: all of it that may be kept, whatever is selected.
fn listing_plan(plan: &Plan, kept: &Keeping, state: &StateDir) -> Plan {
    let reach = Reach::around(keep_since(plan, kept), None, plan.options.window);
    let mut listing = Plan {
        filter: Filter::default(),
        options: Options {
            reach,
            ..plan.options.clone()
        },
        ..plan.clone()
    };
    let mut regions = Vec::new();
    for operand in &plan.operands {
        match operand {
            Operand::History(HistoryOf::Region(region)) => regions.push(region.as_str()),
            Operand::History(HistoryOf::Configured | HistoryOf::Everywhere) => {
                regions.extend(state.histories());
            }
            Operand::Stdin | Operand::Path(_) | Operand::Bucket(_) => {}
        }
    }
    let asked = state.asked_to(regions.into_iter());
    listing.access.asked = asked
        .and_then(|asked| DateTime::from_timestamp(asked, 0))
        .or(plan.options.reach.from);
    listing
}

/// The region of an event history.
fn history(file: &SourceFile) -> Option<&str> {
    let name = match &file.origin {
        Origin::Reader(reader) => reader.name(),
        Origin::File(_) | Origin::Object(_) => return None,
    };
    name.get(..HISTORY.len())
        .filter(|begin| *begin == HISTORY)?;
    file.name.get(HISTORY.len()..)?.split(' ').next()
}

/// Names event histories by the time when they are asked, as each time gives another part of them.
///
/// # Errors
/// A pipe, which cannot be listed.
fn named_by_time(mut files: Vec<SourceFile>, now: DateTime<Utc>) -> Result<Vec<SourceFile>, Stop> {
    for file in &mut files {
        if !matches!(file.origin, Origin::Reader(_)) {
            continue;
        }
        match file.name.starts_with(HISTORY) {
            true => file.name = format!("{} {}", file.name, words::time(now)),
            false => {
                return Err(Stop::Message(format!(
                    "`{}` can be read once only, and `--state` needs input that can be listed each time\n\n  help: name \
                     files, directories, buckets or event histories",
                    file.name
                )));
            }
        }
    }
    Ok(files)
}
