//! What an interrupt leaves behind: nothing.
//!
//! Comes in: SIGINT and SIGTERM, and the name of the file that is being written. Goes out: the end
//! of the process, with 128 and the number of the signal, as shells count. Never: half a file.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// The file that is being written, if one is: what has to go if the program does.
#[derive(Clone, Debug, Default)]
pub(super) struct Unfinished(Arc<Mutex<Option<PathBuf>>>);

impl Unfinished {
    /// Holds the name. While it is held the program is not ended, so that file and name appear, and
    /// go, together.
    pub(super) fn hold(&self) -> MutexGuard<'_, Option<PathBuf>> {
        // A path is whole whatever panicked beside it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the process at the next signal, without the file that is being written then.
///
/// # Errors
/// Where the system takes no handler; signals then end the process as they always do.
pub(super) fn watch(unfinished: Unfinished) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let wait = move || {
        let Some(signal) = signals.forever().next() else {
            return;
        };
        // Held to the end, so that no file is begun meanwhile.
        let held = unfinished.hold();
        if let Some(path) = held.as_ref() {
            // There is nobody left to tell, and nothing else to try.
            let _ = std::fs::remove_file(path);
        }
        std::process::exit(128 + signal);
    };
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(wait)?;
    Ok(())
}
