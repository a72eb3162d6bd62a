//! An extract in place of a report.
//!
//! Comes in: a plan. Goes out: the extract on one stream or in a file, problems and one summary line on
//! the other, and an exit status. Never: a finding, which only a report has.

use std::io::{self, Write};

use crate::cli::interrupt::Unfinished;
use crate::cli::plan::Plan;
use crate::cli::{ExitStatus, FoundFiles, Streams, failure, find_files, nothing, output, problems};
use crate::cli::{plan, progress, stopped, summary_end, unread};
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
        return failure(plan.names, &error.to_string(), streams);
    }
    let FoundFiles {
        files,
        named,
        searched,
    } = match find_files(plan, &plan.options, streams) {
        Ok(found) => found,
        Err(status) => return status,
    };
    let columns = streams.surroundings.width.unwrap_or(plan::WIDTH);
    let Streams { stdout, stderr, .. } = streams;
    let mut nothing = None;
    let (written, read) = progress::watched(plan.show, columns, *stderr, |progress| {
        let mut extract = |out: &mut (dyn Write + Send)| {
            let extracted = extract_files(&files, &plan.options, progress, out)?;
            let Extracted {
                coverage, problems, ..
            } = &extracted;
            if let Some(message) = nothing::read(plan, &named, &files, coverage, problems) {
                nothing = Some((extracted, message));
                return Err(io::Error::other("nothing was read"));
            }
            out.flush()?;
            Ok(extracted)
        };
        match &plan.output {
            Some(file) => output::write(file, unfinished, extract),
            None => extract(&mut WhileRead(Some(*stdout))),
        }
    });
    let extracted = match (written, nothing) {
        (Ok(extracted), _) => extracted,
        (Err(_), Some((extracted, message))) => {
            let rows = problem_rows(&extracted.coverage, &extracted.problems);
            return unread(plan, rows, &message, streams);
        }
        (Err(error), None) => return stopped(plan.names, &Error::Output(error), streams),
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

/// A stream for as long as somebody reads it: what is written after that is lost, and no error, for the
/// status does not depend on a reader.
struct WhileRead<'a>(Option<&'a mut (dyn Write + Send)>);

impl WhileRead<'_> {
    fn with<T>(
        &mut self,
        write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<T>,
        unread: T,
    ) -> io::Result<T> {
        let Some(stream) = self.0.as_deref_mut() else {
            return Ok(unread);
        };
        match write(stream) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.0 = None;
                Ok(unread)
            }
            result => result,
        }
    }
}

impl Write for WhileRead<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|stream| stream.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.with(|stream| stream.flush(), ())
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
