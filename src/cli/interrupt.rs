//! Ends the process at a signal, and removes the file that is being written.
//!
//! Comes in: SIGINT and SIGTERM, and the name of the file. Goes out: the end of the process, with status 128
//! plus the number of the signal, as in shells. Never: half a file.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// The work in progress when a signal comes.
#[derive(Clone, Debug, Default)]
pub(super) struct Unfinished(Arc<Work>);

#[derive(Debug, Default)]
struct Work {
    /// The file being written, if any; it is removed if the program ends early.
    file: Mutex<Option<PathBuf>>,
    /// Whether a pager controls the terminal.
    is_read: AtomicBool,
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
        let ends =
            |signal: &i32| *signal != SIGINT || !unfinished.0.is_read.load(Ordering::Relaxed);
        let Some(signal) = signals.forever().find(ends) else {
            return;
        };
        // Held to the end, so that no file is started meanwhile.
        let held = unfinished.hold();
        if let Some(path) = held.as_ref() {
            // Nobody is left to tell, and nothing else can be tried.
            let _ = std::fs::remove_file(path);
        }
        std::process::exit(128 + signal);
    };
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(wait)?;
    Ok(())
}
