//! Reads the input of a run.
//!
//! Comes in: a plan. Goes out: everything that was reconstructed from the files of the input, with the time taken. Never: a reconstruction from logs that could not be read.

use std::time::Duration;

use crate::Reconstruction;
use crate::cli::found::{FoundFiles, find_files};
use crate::cli::interrupt::Unfinished;
use crate::cli::kept::find_kept;
use crate::cli::plan::{Keeping, Names, Plan};
use crate::cli::stop::Stop;
use crate::cli::surroundings::Streams;
use crate::cli::{nothing, progress, summary};
use crate::reconstruct_files;
use crate::report::ProblemRow;
use crate::state::StateDir;

/// Reads the input and puts the pushes together. Shows the progress, and returns how long it took if
/// that was shown.
///
/// # Errors
/// Those of [`find_files`], and also if no log could be read.
pub(super) fn read(
    plan: &Plan,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<(Reconstruction, Option<Duration>), Stop> {
    let (reconstruction, took, _) = read_after(plan, unfinished, streams)?;
    Ok((reconstruction, took))
}

/// Likewise; with a state also up to which second, since 1970, the log of the last report on it went.
///
/// # Errors
/// Those of [`read`], and of the state.
pub(super) fn read_after(
    plan: &Plan,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<(Reconstruction, Option<Duration>, Option<i64>), Stop> {
    let Some(kept) = &plan.state else {
        let found = find_files(plan, unfinished, streams)?;
        let (reconstruction, took) = reconstruct(plan, found, unfinished, streams)?;
        return Ok((reconstruction, took, None));
    };
    let (reconstruction, took, mut state) = read_kept(plan, kept, unfinished, streams)?;
    let before = state.reported();
    state.note_report(reconstruction.report().log_to())?;
    Ok((reconstruction, took, before))
}

/// Likewise by way of a state, which stays locked until it is dropped.
///
/// # Errors
/// Those of [`read`], and of the state.
pub(super) fn read_kept(
    plan: &Plan,
    kept: &Keeping,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<(Reconstruction, Option<Duration>, StateDir), Stop> {
    let (found, state) = find_kept(plan, kept, unfinished, streams)?;
    let (reconstruction, took) = reconstruct(plan, found, unfinished, streams)?;
    Ok((reconstruction, took, state))
}

fn reconstruct(
    plan: &Plan,
    found: FoundFiles,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<(Reconstruction, Option<Duration>), Stop> {
    let columns = streams.surroundings.columns();
    let (show, stderr) = (plan.show, &mut *streams.stderr);
    let (mut reconstruction, read) =
        progress::watched(unfinished, show, columns, stderr, |progress| {
            reconstruct_files(found.files, &found.options, progress)
        });
    let Reconstruction {
        files,
        coverage,
        problems,
        ..
    } = &reconstruction;
    if let Some(message) = nothing::read(plan, &found.named, files, coverage, problems) {
        if plan.names == Names::Redacted {
            reconstruction.redact();
        }
        let report = reconstruction.report();
        return Err(unread(plan, report.problems(), message, streams));
    }
    Ok((reconstruction, add(found.searched, read)))
}

/// The sum of both times, if they were measured.
pub(super) fn add(searched: Option<Duration>, read: Option<Duration>) -> Option<Duration> {
    Some(searched? + read?)
}

/// Stops if there was nothing to read, after showing the problems that explain it.
pub(super) fn unread(
    plan: &Plan,
    rows: impl Iterator<Item = ProblemRow>,
    message: String,
    streams: &mut Streams<'_>,
) -> Stop {
    if !plan.quiet {
        // If standard error is closed, there is nobody to tell.
        let _ = summary::problems(plan, rows, None, streams.stderr);
    }
    Stop::Message(message)
}
