//! An extract in place of a report.
//!
//! Comes in: a plan. Goes out: the extract on one stream or in a file, problems and one summary line on
//! the other, and an exit status. Never: a finding, which only a report has.

use std::io::{self, Write};

use crate::cli::interrupt::Unfinished;
use crate::cli::plan::Plan;
use crate::cli::{ExitStatus, Streams, failure, find_files, output, problems, progress, stopped};
use crate::cli::{plan, summary_end};
use crate::extract_files;
use crate::ingest::Extracted;
use crate::problem::Error;
use crate::report::words;
use crate::report::{n_problems, problem_rows};

/// Reads the input and writes what a report of it rests on.
pub(super) fn execute(
    plan: &Plan,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> ExitStatus {
    if let Some(Err(error)) = plan.output.as_ref().map(output::check) {
        return failure(&error.to_string(), streams);
    }
    let (files, searched) = match find_files(plan, &plan.options, streams) {
        Ok(found) => found,
        Err(status) => return status,
    };
    let columns = streams.surroundings.width.unwrap_or(plan::WIDTH);
    let Streams { stdout, stderr, .. } = streams;
    let (written, read) = progress::watched(plan.show, columns, *stderr, |progress| {
        let extract = |out: &mut (dyn Write + Send)| {
            let extracted = extract_files(&files, &plan.options, progress, out)?;
            out.flush()?;
            Ok(extracted)
        };
        match &plan.output {
            Some(file) => output::write(file, unfinished, extract),
            None => extract(*stdout),
        }
    });
    let extracted = match written {
        Ok(extracted) => extracted,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return ExitStatus::Success,
        Err(error) => return stopped(&Error::Output(error), streams),
    };
    if !plan.quiet {
        let took = searched.zip(read).map(|(searched, read)| searched + read);
        // Standard error that is closed leaves nobody to tell.
        let _ = aside(plan, &extracted, took, streams.stderr);
    }
    match plan.strict && !extracted.problems.is_empty() {
        true => ExitStatus::Problems,
        false => ExitStatus::Success,
    }
}

/// Problems and one summary line.
fn aside(
    plan: &Plan,
    extracted: &Extracted,
    took: Option<std::time::Duration>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rows = problem_rows(&extracted.coverage, &extracted.problems);
    let left = problems(plan, rows, out)?;
    if left > 0 {
        let more = words::count(left, "more problem");
        writeln!(
            out,
            "{more} of the input; the report of the extract has all\n"
        )?;
    }
    let files = extracted.coverage.files;
    let text = format!(
        "{} extracted from {}",
        words::count(extracted.n_records, "record"),
        words::count(files.read + files.without_push_events, "log file"),
    );
    let n_problems = n_problems(&extracted.problems);
    let end = summary_end(plan, extracted.coverage.records.seen, took, n_problems);
    writeln!(out, "reconstruct: {text}{end}")?;
    out.flush()
}
