//! Logs on disk: where a test reads them as a user would.
//!
//! In: the files of a log. Out: a folder that holds them, and what the program prints of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::run::{Run, run};
use super::script::Files;

/// Logs on disk, gone when dropped.
pub(crate) struct Logs(PathBuf);

impl Logs {
    /// Writes the files of a log below a folder of their own.
    pub(crate) fn new(files: &Files) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = format!("logs-{}-{number}", std::process::id());
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        for (path, content) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().expect("below the root")).expect("a folder");
            fs::write(path, content).expect("a file");
        }
        Logs(root)
    }

    /// Runs the program on them.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        run([self.path()].into_iter().chain(args.iter().copied()))
    }

    /// The folder that holds them.
    pub(crate) fn path(&self) -> &str {
        self.0
            .to_str()
            .expect("the build's own folder is named in Unicode")
    }

    /// What the program prints of them; it must end well and say nothing else.
    pub(crate) fn output(&self, args: &[&str]) -> String {
        let run = self.run(&[&["--quiet", "--fail-on", "never"], args].concat());
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        run.stdout
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        // What stays behind lies in the build's own folder for such.
        let _ = fs::remove_dir_all(&self.0);
    }
}
