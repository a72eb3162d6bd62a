//! `--new`: the pushes that were not told before.
//!
//! Comes in: a plan with a state. Goes out: a report of what is new, and the status of that. Never: a push dropped: what
//! was being told when the program was ended is told again, and marked.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use crate::cli::exit::ExitStatus;
use crate::cli::interrupt::Unfinished;
use crate::cli::kept::keep_since;
use crate::cli::output::{self, Noted};
use crate::cli::plan::{Keeping, Names, Plan};
use crate::cli::read::read_kept;
use crate::cli::report::{finish_written, status, write};
use crate::cli::stop::Stop;
use crate::cli::surroundings::Streams;
use crate::report::Report;
use crate::state::news::{News, Settling, anchors, news};
use crate::state::{StateDir, StateError, TellingOutput};

/// How the report is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    /// Whole.
    Report,
    /// A line for each push.
    Lines,
}

/// Reads what is new, and tells what was not told.
///
/// # Errors
/// A state or an input that cannot be read, an output that cannot be written.
pub(super) fn run(
    plan: &Plan,
    kept: &Keeping,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<ExitStatus, Stop> {
    round(plan, kept, As::Report, unfinished, streams)
}

/// One round of it.
///
/// # Errors
/// Those of [`run`].
pub(super) fn round(
    plan: &Plan,
    kept: &Keeping,
    form: As,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<ExitStatus, Stop> {
    let (mut reconstruction, took, mut state) = read_kept(plan, kept, unfinished, streams)?;
    let report = reconstruction.report();
    let log_to = report.log_to();
    // By the true names, as it was told.
    let choice = report.choose(&plan.filter);
    let settling = Settling {
        window: plan.options.window,
        slack: plan.access.settle,
        now: plan.access.now,
    };
    let news = news(
        &report.verdicts(),
        &report.owners(&anchors(state.book())),
        state.book(),
        &settling,
        |verdict| choice.has_push(verdict),
        keep_since(plan, kept).map(|since| since.timestamp()),
    );
    let report = match plan.names {
        Names::True => report.show(&plan.filter, choice),
        Names::Redacted => {
            let filter = plan.filter.redacted(&mut reconstruction.redact());
            reconstruction.report().show(&filter, choice)
        }
    };
    let report = report.telling(news.pushes.clone(), news.withdrawn.clone());
    let report = report.made_with(plan.told.clone());
    let status = status(plan, &report);
    let wrote = tell(plan, &report, &news, form, &mut state, unfinished, streams)?;
    let took = took.zip(wrote).map(|(took, wrote)| took + wrote);
    finish_written(plan, &report, took, streams);
    state.note_report(log_to)?;
    Ok(status)
}

/// Writes the report between two notes in the state.
fn tell(
    plan: &Plan,
    report: &Report<'_>,
    news: &News,
    form: As,
    state: &mut StateDir,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<Option<Duration>, Stop> {
    let renderer = plan.format.renderer;
    let content = |out: &mut dyn Write| match form {
        As::Report => renderer.render(report, &plan.style, out),
        As::Lines => renderer.lines(report, &plan.style, out),
    };
    let written = match &plan.output {
        Some(file) => {
            let mut noting = Noting {
                state: &mut *state,
                news,
                failure: None,
            };
            let written = output::write_noted(file, unfinished, |out| content(out), &mut noting);
            if let Some(failure) = noting.failure {
                return Err(failure.into());
            }
            (written, None)
        }
        None => {
            if !news.is_empty() {
                state.begin_telling(news, None)?;
            }
            write(plan, content, unfinished, streams)
        }
    };
    match written {
        (Ok(()), wrote) => {
            if !news.is_empty() {
                state.end_telling(news)?;
            }
            Ok(wrote)
        }
        // Nobody knows how much was read: it is told again.
        (Err(error), wrote) if error.kind() == io::ErrorKind::BrokenPipe => Ok(wrote),
        (Err(error), _) => Err(crate::problem::Error::Output(error).into()),
    }
}

/// Notes in the state that the file of the output is about to be moved into place, which is when it is told.
struct Noting<'a> {
    state: &'a mut StateDir,
    news: &'a News,
    failure: Option<StateError>,
}

impl Noted for Noting<'_> {
    fn before(&mut self, path: &Path) -> io::Result<()> {
        if self.news.is_empty() {
            return Ok(());
        }
        let unless = std::path::absolute(path)?;
        let begun = self
            .state
            .begin_telling(self.news, Some(TellingOutput { unless }));
        begun.map_err(|failure| {
            self.failure = Some(failure);
            io::Error::other("the state cannot be written")
        })
    }

    fn undone(&mut self) -> bool {
        match self.state.drop_telling() {
            Ok(()) => true,
            // While the file is there, the state knows that nothing was told.
            Err(failure) => {
                self.failure.get_or_insert(failure);
                false
            }
        }
    }
}
