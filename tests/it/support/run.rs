//! The program run in process: arguments in, two texts and a status out.

use std::path::{Path, PathBuf};

use reconstruct::cli::{self, Streams, Surroundings};

/// What a run gave.
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The number of the exit status.
    pub(crate) status: u8,
}

/// Runs `reconstruct ARGS`, without terminal or environment.
pub(crate) fn run<'a>(args: impl IntoIterator<Item = &'a str>) -> Run {
    run_in(args, Surroundings::none())
}

/// Runs `reconstruct ARGS` in given surroundings.
pub(crate) fn run_in<'a>(
    args: impl IntoIterator<Item = &'a str>,
    surroundings: Surroundings,
) -> Run {
    run_all(args, Vec::new(), surroundings)
}

/// Runs `reconstruct ARGS` with something on standard input.
pub(crate) fn run_on<'a>(args: impl IntoIterator<Item = &'a str>, stdin: Vec<u8>) -> Run {
    run_all(args, stdin, Surroundings::none())
}

fn run_all<'a>(
    args: impl IntoIterator<Item = &'a str>,
    stdin: Vec<u8>,
    surroundings: Surroundings,
) -> Run {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let args = std::iter::once("reconstruct").chain(args).map(Into::into);
    let streams = Streams {
        stdin: Box::new(std::io::Cursor::new(stdin)),
        stdout: &mut stdout,
        stderr: &mut stderr,
        surroundings,
    };
    let status = cli::run(args, streams).code();
    Run {
        stdout: String::from_utf8(stdout).expect("reports are UTF-8"),
        stderr: String::from_utf8(stderr).expect("messages are UTF-8"),
        status,
    }
}

/// A path of this project.
pub(crate) fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Whether expectations are to be written instead of compared.
pub(crate) fn is_blessing() -> bool {
    std::env::var_os("RECONSTRUCT_BLESS").is_some_and(|value| value == "1")
}

/// Compares `text` with a file of the project, or writes it there when blessing; tells what differs.
pub(crate) fn compare(path: &Path, text: &str) -> Result<(), String> {
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    if kept == text {
        return Ok(());
    }
    if is_blessing() {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|error| error.to_string())?;
        }
        return std::fs::write(path, text).map_err(|error| error.to_string());
    }
    let both = kept.lines().zip(text.lines()).enumerate();
    let mut differing = both.filter(|(_, (kept, now))| kept != now);
    let (line, kept, now) = match differing.next() {
        Some((line, (kept, now))) => (line + 1, kept, now),
        None => (
            kept.lines().count().min(text.lines().count()) + 1,
            "(one of the two ends here)",
            "",
        ),
    };
    Err(format!(
        "{} line {line} differs\n  kept: {kept}\n  now:  {now}\nIf the new text is right: RECONSTRUCT_BLESS=1 cargo test --test it",
        path.display()
    ))
}
