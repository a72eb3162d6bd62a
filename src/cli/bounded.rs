//! A report in bounded memory.
//!
//! Comes in: a plan, a limit and a folder. Goes out: the report on one stream or in a file, and an exit status. Never: a
//! folder used that was there before, or left behind.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::cli::exit::ExitStatus;
use crate::cli::found::{FoundFiles, find_files};
use crate::cli::interrupt::Unfinished;
use crate::cli::output;
use crate::cli::plan::Plan;
use crate::cli::stop::Stop;
use crate::cli::surroundings::Streams;
use crate::parts::{self, PartOptions};
use crate::problem::Error;
use crate::words;

/// Writes the report of the input by parts.
///
/// # Errors
/// An input that cannot be read, a folder that is there, an output that cannot be written.
pub(super) fn run(
    plan: &Plan,
    limit: u64,
    work: &Path,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<ExitStatus, Stop> {
    let FoundFiles { options, files, .. } = find_files(plan, unfinished, streams)?;
    let options = PartOptions {
        ingest: options.ingest,
        window: options.window,
        first_after: options.first_after,
    };
    fs::create_dir(work).map_err(|error| {
        Stop::Message(format!(
            "`{}` cannot be made as the folder for parts: {error}",
            work.display()
        ))
    })?;
    let stdout = &mut *streams.stdout;
    let content =
        |out: &mut dyn Write| parts::bounded(&files, &options, limit, work, &plan.told, out);
    let written = match &plan.output {
        Some(file) => output::write(file, unfinished, |out| content(out)),
        None => content(stdout).and_then(|concluded| stdout.flush().map(|()| concluded)),
    };
    // What stays behind is no part of the report.
    let _ = fs::remove_dir_all(work);
    let concluded = written.map_err(Error::Output)?;
    if !plan.quiet {
        let n_pushes = words::count(concluded.n_pushes, "push");
        let n_problems = words::count(concluded.n_problems, "problem");
        streams.tell(&format!(
            "reconstruct: {n_pushes}, {n_problems} of the input"
        ));
    }
    let found = plan
        .fail_on
        .is_some_and(|limit| concluded.worst >= Some(limit));
    Ok(match found {
        true => ExitStatus::Findings,
        false if plan.told.strict && concluded.n_problems > 0 => ExitStatus::Problems,
        false => ExitStatus::Success,
    })
}
