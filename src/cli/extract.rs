//! An extract instead of a report.
//!
//! Comes in: a plan. Goes out: the extract on one stream or in a file, problems and one summary line on
//! the other, and an exit status. Never: a finding, which only a report has.

use std::io::{self, Write};

use crate::cli::exit::ExitStatus;
use crate::cli::found::{FoundFiles, find_files};
use crate::cli::interrupt::Unfinished;
use crate::cli::plan::Plan;
use crate::cli::read::{self, unread};
use crate::cli::stop::Stop;
use crate::cli::surroundings::Streams;
use crate::cli::{nothing, output, progress, summary};
use crate::extract_files;
use crate::ingest::{Doing, Extracted};
use crate::problem::Error;
use crate::report::problem_rows;

/// Reads the input and writes the part of it that a report needs.
///
/// # Errors
/// An input that cannot be read, an output that cannot be written.
pub(super) fn run(
    plan: &Plan,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<ExitStatus, Stop> {
    let FoundFiles {
        options,
        files,
        named,
        searched,
    } = find_files(plan, unfinished, streams)?;
    let columns = streams.surroundings.columns();
    let Streams { stdout, stderr, .. } = streams;
    let mut nothing = None;
    let (written, read) = progress::watched(unfinished, plan.show, columns, *stderr, |progress| {
        let mut extract = |out: &mut (dyn Write + Send)| {
            let extracted = extract_files(&files, &options, progress, out)?;
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
            None => {
                unfinished.begin_output();
                extract(&mut WhileRead(Some(*stdout)))
            }
        }
    });
    unfinished.progress().enter(Doing::Done);
    let extracted = match (written, nothing) {
        (Ok(extracted), _) => extracted,
        (Err(_), Some((extracted, message))) => {
            let rows = problem_rows(&[], &extracted.coverage, &extracted.problems);
            return Err(unread(plan, rows, message, streams));
        }
        (Err(error), None) => return Err(Error::Output(error).into()),
    };
    if !plan.quiet {
        let took = read::add(searched, read);
        // If standard error is closed, there is nobody to tell.
        let _ = summary::of_extract(plan, &extracted, took, streams.stderr);
    }
    Ok(match plan.told.strict && !extracted.problems.is_empty() {
        true => ExitStatus::Problems,
        false => ExitStatus::Success,
    })
}

/// A stream whose reader may leave. What is written afterwards is dropped without an error, because the
/// status does not depend on the reader.
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
