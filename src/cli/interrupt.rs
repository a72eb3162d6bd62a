//! Ends the process at a signal, removes the file that is being written, and says what is lost.
//!
//! Comes in: SIGINT and SIGTERM, the name of the file, and how far the run has come. Goes out: one line, and the end of
//! the process, with status 128 plus the number of the signal, as in shells. Never: half a file.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::cli::doing::{CLEAR, OutputFile, lost};
use crate::ingest::Progress;
use crate::source::Inquiry;

/// What is said when a look-up ends early.
const STOPPING: &str = "reconstruct: interrupted: no more is asked for, and what came is reported; again to end \
at once\n";

/// What is said when rounds end.
const ENDING: &str = "reconstruct: ending after this round; again to end at once\n";

/// The work in progress when a signal comes.
#[derive(Clone, Debug, Default)]
pub(super) struct Unfinished(Arc<Work>);

#[derive(Debug, Default)]
struct Work {
    /// The file being written, if any; it is removed if the program ends early.
    file: Mutex<Option<PathBuf>>,
    /// Whether a pager controls the terminal.
    is_read: AtomicBool,
    /// How far the run has come.
    progress: Progress,
    /// What to tell of; nothing until there is a plan, or if nothing is to be told.
    told: Mutex<Option<EarlyEnd>>,
    /// A look-up in an event history, which the first interrupt only ends.
    inquiry: Arc<Inquiry>,
    /// Whether a line of progress is on the screen.
    has_line: AtomicBool,
    /// Whether some of the output went to standard output.
    has_begun: AtomicBool,
    /// Rounds that the first signal ends.
    rounds: Rounds,
}

/// Rounds that are made until a signal comes.
#[derive(Debug, Default)]
struct Rounds {
    /// Whether there are any.
    go_on: AtomicBool,
    /// Whether there shall be no more.
    end: Mutex<bool>,
    /// Tells of that.
    told: Condvar,
}

/// What is told of a run that ends early.
#[derive(Debug)]
struct EarlyEnd {
    /// The file that the output goes to, and what to call it.
    output: Option<(PathBuf, String)>,
}

/// A pager controls the terminal while this exists.
#[derive(Debug)]
pub(super) struct Paging<'a>(&'a AtomicBool);

impl Drop for Paging<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Unfinished {
    /// Locks the name. A signal waits for the lock, so the file and its name appear and disappear together.
    pub(super) fn hold(&self) -> MutexGuard<'_, Option<PathBuf>> {
        // A path is complete even if other code panicked.
        self.0.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes the file being written, if any.
    pub(super) fn discard(&self) {
        if let Some(path) = self.hold().take() {
            // The error to report is the one that led here.
            let _ = std::fs::remove_file(path);
        }
    }

    /// From now on the first signal only ends the rounds.
    pub(super) fn begin_rounds(&self) {
        self.0.rounds.go_on.store(true, Ordering::Relaxed);
    }

    /// Waits for the next round; returns whether there shall be one.
    pub(super) fn wait_for_round(&self, time: Duration) -> bool {
        let Rounds { end, told, .. } = &self.0.rounds;
        let end = end.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = told.wait_timeout_while(end, time, |end| !*end);
        let (end, _) = waited.unwrap_or_else(PoisonError::into_inner);
        !*end
    }

    /// Ends the rounds after the one that goes on; returns whether there were any that had not been ended.
    fn ends_rounds(&self) -> bool {
        let Rounds { go_on, end, told } = &self.0.rounds;
        let ends = go_on.swap(false, Ordering::Relaxed);
        if ends {
            *end.lock().unwrap_or_else(PoisonError::into_inner) = true;
            told.notify_all();
            let text = format!("{}{ENDING}", self.clear());
            // If standard error is closed, there is nobody to tell.
            let _ = io::stderr().write_all(text.as_bytes());
        }
        ends
    }

    /// How far the run has come.
    pub(super) fn progress(&self) -> &Progress {
        &self.0.progress
    }

    /// The look-up in an event history, if there is one.
    pub(super) fn inquiry(&self) -> &Arc<Inquiry> {
        &self.0.inquiry
    }

    /// From now on an early end is told of, with the file that the output goes to and its name, if there is one.
    pub(super) fn tell_of(&self, output: Option<(PathBuf, String)>) {
        let mut told = self.0.told.lock().unwrap_or_else(PoisonError::into_inner);
        *told = Some(EarlyEnd { output });
    }

    /// Notes whether a line of progress is on the screen.
    pub(super) fn has_line(&self, has_line: bool) {
        self.0.has_line.store(has_line, Ordering::Relaxed);
    }

    /// Notes that output goes to standard output from now on.
    pub(super) fn begin_output(&self) {
        self.0.has_begun.store(true, Ordering::Relaxed);
    }

    /// What takes away the line of progress, if there is one.
    fn clear(&self) -> &'static str {
        match self.0.has_line.load(Ordering::Relaxed) {
            true => CLEAR,
            false => "",
        }
    }

    /// Ends a look-up, and says so; returns whether there was one that had not been ended before.
    fn stops_asking(&self) -> bool {
        let stops = self.0.inquiry.stop();
        if stops {
            let text = format!("{}{STOPPING}", self.clear());
            // If standard error is closed, there is nobody to tell.
            let _ = io::stderr().write_all(text.as_bytes());
        }
        stops
    }

    /// What is lost if the run ends now; `None` if nothing is to be told.
    fn lost(&self) -> Option<String> {
        let told = self.0.told.lock().unwrap_or_else(PoisonError::into_inner);
        let told = told.as_ref()?;
        let there = told.output.as_ref().map(|(path, name)| OutputFile {
            name: name.clone(),
            is_there: path.symlink_metadata().is_ok(),
        });
        let has_begun = self.0.has_begun.load(Ordering::Relaxed);
        let clear = self.clear();
        let lost = lost(self.0.progress.reached(), there.as_ref(), has_begun);
        Some(format!("{clear}reconstruct: {lost}\n"))
    }

    /// Leaves Ctrl-C to a pager, for which it means "stop searching".
    pub(super) fn paging(&self) -> Paging<'_> {
        self.0.is_read.store(true, Ordering::Relaxed);
        Paging(&self.0.is_read)
    }
}

/// Ends the process at the next signal, and removes the file being written at that time.
///
/// # Errors
/// If the system accepts no handler; signals then end the process in the usual way.
pub(super) fn watch(unfinished: Unfinished) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let wait = move || {
        let ends = |signal: &i32| {
            if unfinished.ends_rounds() {
                return false;
            }
            *signal != SIGINT
                || !(unfinished.0.is_read.load(Ordering::Relaxed) || unfinished.stops_asking())
        };
        let Some(signal) = signals.forever().find(ends) else {
            return;
        };
        // Held to the end, so that no file is started meanwhile.
        let held = unfinished.hold();
        if let Some(path) = held.as_ref() {
            // Nobody is left to tell, and nothing else can be tried.
            let _ = std::fs::remove_file(path);
        }
        if let Some(lost) = unfinished.lost() {
            // Likewise if standard error is closed.
            let _ = io::stderr().write_all(lost.as_bytes());
        }
        std::process::exit(128 + signal);
    };
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(wait)?;
    Ok(())
}
