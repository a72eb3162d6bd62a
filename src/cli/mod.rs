//! ARGV -> EXIT STATUS.
//!
//! Comes in: arguments, streams and surroundings. Goes out: the report on one stream, everything else on
//! the other, and an exit status. Never: a conclusion of its own.

mod address;
mod against;
mod args;
mod bounded;
mod cloud;
mod compare;
mod defaults;
mod doing;
mod environment;
mod exit;
mod explain;
mod extract;
mod follow;
mod found;
mod inputs;
mod interrupt;
mod kept;
mod known;
mod missing;
mod mode;
mod moment;
mod nothing;
mod operand;
mod output;
mod pager;
mod part;
mod plan;
mod policy;
mod policy_file;
mod progress;
mod quantity;
mod read;
mod report;
mod scope;
mod select;
mod settings;
mod setup;
mod spelled;
mod stop;
mod summary;
mod surroundings;
mod tell;
mod usage;
mod why;
mod zone;

use std::ffi::OsString;
use std::io::{self, BufWriter, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::problem::Error;
use interrupt::Unfinished;
use mode::Mode;
use plan::Names;
use stop::print;

pub use defaults::keys as settings_keys;
pub use environment::Environment;
pub use exit::{ExitStatus, cases as exit_cases};
pub use explain::reference;
pub use settings::{Settings, SettingsFile};
pub use surroundings::{Streams, Surroundings};

/// The message if the program itself is at fault.
const DEFECT: &str = "the program failed by a defect of its own; what it wrote is not whole\n\n  help: please \
report it, with the place named above, `reconstruct --version` and the command; docs/security.md says \
how to do so in private";

/// Runs the program on the process's own streams.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Only the place, since the message of a panic can contain words of the log.
    std::panic::set_hook(Box::new(|panic| {
        if let Some(place) = panic.location() {
            // If standard error is closed, there is nobody to tell.
            let _ = writeln!(io::stderr(), "defect at {place}");
        }
    }));
    let mut stdout = BufWriter::with_capacity(1 << 16, io::stdout());
    // Not locked permanently, since any thread may fail.
    let mut stderr = io::stderr();
    let streams = Streams {
        stdin: Box::new(io::stdin()),
        stdout: &mut stdout,
        stderr: &mut stderr,
        surroundings: Surroundings::detect(),
    };
    let unfinished = Unfinished::default();
    // Without a handler a signal still ends the program, but a file may be left behind.
    let _ = interrupt::watch(unfinished.clone());
    run_noting(args, streams, &unfinished).into()
}

/// Runs the program.
///
/// Errors are written to standard error and decide the status. If standard error cannot be written to,
/// that is ignored, because there is nobody left to tell.
pub fn run(args: impl IntoIterator<Item = OsString>, streams: Streams<'_>) -> ExitStatus {
    run_noting(args, streams, &Unfinished::default())
}

/// Runs the program, noting the file being written. Panics end here.
fn run_noting(
    args: impl IntoIterator<Item = OsString>,
    mut streams: Streams<'_>,
    unfinished: &Unfinished,
) -> ExitStatus {
    let args: Vec<_> = args.into_iter().collect();
    // Afterwards only standard error and the name of the file are used.
    let ran = catch_unwind(AssertUnwindSafe(|| {
        run_mode(&args, &mut streams, unfinished)
    }));
    ran.unwrap_or_else(|_| {
        unfinished.discard();
        stop::failure(Names::True, DEFECT, &mut streams);
        ExitStatus::Defect
    })
}

/// Runs what the arguments ask for.
fn run_mode(args: &[OsString], streams: &mut Streams<'_>, unfinished: &Unfinished) -> ExitStatus {
    let mode = match Mode::of(args, streams) {
        Ok(mode) => mode,
        Err(stop) => return stop.tell(Names::True, streams),
    };
    let ran = match &mode {
        Mode::Completions(shell) => print(&setup::completions(*shell), streams),
        Mode::Man => setup::man()
            .map_err(|error| Error::Output(error).into())
            .and_then(|page| print(&page, streams)),
        Mode::Page(page) => print(page.as_bytes(), streams),
        Mode::Why(plan, id) => why::run(plan, id, unfinished, streams),
        Mode::Report(plan) => report::run(plan, unfinished, streams),
        Mode::Compare(plan, against) => compare::run(plan, against, unfinished, streams),
        Mode::Tell(plan, kept) => tell::run(plan, kept, unfinished, streams),
        Mode::Follow(plan, kept, args) => follow::run(plan, kept, args, unfinished, streams),
        Mode::Extract(plan) => extract::run(plan, unfinished, streams),
        Mode::Missing(plan) => missing::run(plan, unfinished, streams),
        Mode::Bounded(plan, limit, work) => bounded::run(plan, *limit, work, unfinished, streams),
        Mode::Part(plan, step) => part::run(plan, *step, unfinished, streams),
        Mode::PolicyFrom(plan) => policy::run(plan, unfinished, streams),
    };
    ran.unwrap_or_else(|stop| stop.tell(mode.names(), streams))
}

/// The long help without colour, at a fixed width, as in `docs/cli.md`.
#[must_use]
pub fn long_help() -> String {
    let mut command = args::Args::command().term_width(100);
    command.render_long_help().to_string()
}
