//! A report of the input.
//!
//! Comes in: a plan. Goes out: the report on one stream or in a file, problems and one summary line on
//! the other, and an exit status. Never: a status that depends on who reads the report, or for how long.

use std::io::{self, Write};
use std::time::Duration;

use crate::cli::exit::ExitStatus;
use crate::cli::interrupt::Unfinished;
use crate::cli::plan::{Names, Plan};
use crate::cli::progress::{self, Show};
use crate::cli::read::{self, read};
use crate::cli::stop::Stop;
use crate::cli::surroundings::Streams;
use crate::cli::{output, summary};
use crate::ingest::Doing;
use crate::problem::Error;
use crate::report::Report;

/// Reads the input and writes the report.
///
/// # Errors
/// An input that cannot be read, an output that cannot be written.
pub(super) fn run(
    plan: &Plan,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<ExitStatus, Stop> {
    let (mut reconstruction, took) = read(plan, unfinished, streams)?;
    let report = match plan.names {
        Names::True => reconstruction.report().select(&plan.filter),
        Names::Redacted => reconstruction.redacted_report(&plan.filter),
    };
    let report = report.made_with(plan.told.clone());
    let content = |out: &mut dyn Write| plan.format.renderer.render(&report, &plan.style, out);
    let status = finish(plan, &report, took, content, unfinished, streams)?;
    drop(report);
    // The process is ending, and freeing millions of small pieces one by one would only delay that.
    std::mem::forget((reconstruction.log, reconstruction.sessions));
    Ok(status)
}

/// Writes what was made of a report, and what accompanies it; returns the status of the report.
///
/// # Errors
/// An output that cannot be written.
pub(super) fn finish(
    plan: &Plan,
    report: &Report<'_>,
    took: Option<Duration>,
    content: impl Fn(&mut dyn Write) -> io::Result<()> + Send,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<ExitStatus, Stop> {
    // The status is known before anything is written.
    let status = status(plan, report);
    let (written, wrote) = write(plan, content, unfinished, streams);
    let took = read::add(took, wrote);
    match written {
        Ok(()) => finish_written(plan, report, took, streams),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => return Err(Error::Output(error).into()),
    }
    Ok(status)
}

/// Writes what accompanies a report that was written.
pub(super) fn finish_written(
    plan: &Plan,
    report: &Report<'_>,
    took: Option<Duration>,
    streams: &mut Streams<'_>,
) {
    if !plan.quiet {
        // If standard error is closed, there is nobody to tell.
        let _ = summary::of_report(plan, report, took, streams.stderr);
    }
}

/// The status of a report.
pub(super) fn status(plan: &Plan, report: &Report<'_>) -> ExitStatus {
    let found = match (plan.fail_on, report.worst()) {
        (Some(limit), Some(worst)) => worst >= limit,
        (Some(_) | None, _) => false,
    };
    match found {
        true => ExitStatus::Findings,
        false if plan.told.strict && report.summary().problems > 0 => ExitStatus::Problems,
        false => ExitStatus::Success,
    }
}

/// Writes the report; the time is that for which progress was shown. A report on a terminal shows by itself how far it is.
pub(super) fn write(
    plan: &Plan,
    content: impl Fn(&mut dyn Write) -> io::Result<()> + Send,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> (io::Result<()>, Option<Duration>) {
    let columns = streams.surroundings.columns();
    let is_seen = plan.output.is_none() && streams.surroundings.stdout_is_terminal;
    let show = match is_seen {
        true => Show::Nothing,
        false => plan.show,
    };
    let Streams { stdout, stderr, .. } = streams;
    let (written, took) = progress::watched(unfinished, show, columns, *stderr, |progress| {
        progress.enter(Doing::Writing);
        if plan.output.is_none() {
            unfinished.begin_output();
        }
        match (&plan.output, &plan.pager) {
            (Some(file), _) => output::write(file, unfinished, |out| content(out)),
            (None, Some(pager)) => pager.show(unfinished, *stdout, content),
            (None, None) => {
                content(*stdout)?;
                stdout.flush()
            }
        }
    });
    unfinished.progress().enter(Doing::Done);
    (written, took.or_else(|| is_seen.then_some(Duration::ZERO)))
}
