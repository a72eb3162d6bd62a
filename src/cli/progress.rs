//! The line that shows how far reading has come.
//!
//! Comes in: work to do, and whether to show it. Goes out: the result of the work, and how long it took
//! if it was shown. Never: a line that stays on the screen, or a clock if nobody looks at it.
//!
//! It is written by hand and uses no crate for progress bars: it is one line, and the program has the
//! numbers, units and escapes anyway.

use std::io::Write;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::event::Bytes;
use crate::ingest::{Progress, Reached};
use crate::words;

/// How often the line is redrawn.
const EVERY: Duration = Duration::from_millis(100);
/// How long work may take before it is worth a line.
const PATIENCE: Duration = Duration::from_millis(500);

/// Whether and when to show progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Show {
    /// Not at all.
    Nothing,
    /// After it has taken long.
    Long,
    /// From start to end.
    All,
}

/// Does the work and shows its progress. Returns how long it took if that was to be shown; otherwise no
/// clock is read.
pub(super) fn watched<T: Send>(
    show: Show,
    columns: usize,
    out: &mut dyn Write,
    work: impl FnOnce(&Progress) -> T + Send,
) -> (T, Option<Duration>) {
    let progress = Progress::default();
    let patience = match show {
        Show::Nothing => return (work(&progress), None),
        Show::Long => PATIENCE,
        Show::All => Duration::ZERO,
    };
    let start = Instant::now();
    let line = |progress: &Progress| line(progress.reached(), start.elapsed(), columns);
    let given = thread::scope(|scope| {
        let (done, is_done) = mpsc::channel::<()>();
        let progress = &progress;
        // The sender is dropped with the thread, also if the work panics.
        let worker = scope.spawn(move || {
            let _done = done;
            work(progress)
        });
        let mut wait = patience;
        let mut is_shown = false;
        while is_done.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
            is_shown |= draw(&line(progress), out);
            wait = EVERY;
        }
        if show == Show::All {
            is_shown |= draw(&line(progress), out);
        }
        if is_shown {
            draw("", out);
        }
        worker.join()
    });
    match given {
        Ok(given) => (given, Some(start.elapsed())),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// Draws over the previous line; returns whether that worked.
fn draw(line: &str, out: &mut dyn Write) -> bool {
    // `EL`: erase to the end of the line (ECMA-48, 8.3.41).
    let drawn = write!(out, "\r{line}\u{1b}[K").and_then(|()| out.flush());
    drawn.is_ok()
}

/// One line that leaves the last column free, so that no terminal wraps it.
fn line(reached: Reached, elapsed: Duration, columns: usize) -> String {
    let mut pieces = match reached {
        Reached { all_files: 0, .. } => vec!["looking for log files".to_owned()],
        Reached {
            files, all_files, ..
        } if files == all_files => {
            let files = words::count(files, "file");
            vec![format!("read {files}; putting pushes together")]
        }
        _ => under_way(reached, elapsed),
    };
    while pieces.len() > 1 && pieces.join(", ").len() >= columns {
        pieces.pop();
    }
    let mut line = pieces.join(", ");
    // All of it is ASCII.
    line.truncate(columns.saturating_sub(1));
    line
}

fn under_way(reached: Reached, elapsed: Duration) -> Vec<String> {
    let mut pieces = vec![
        format!(
            "reading {} of {}",
            words::number(reached.files),
            words::count(reached.all_files, "file")
        ),
        format!(
            "{} of {}",
            words::size(Bytes(reached.bytes)),
            words::size(Bytes(reached.all_bytes))
        ),
    ];
    let millis = elapsed.as_millis().max(1);
    let rate = u64::try_from(u128::from(reached.bytes) * 1000 / millis).unwrap_or(u64::MAX);
    let left = reached.all_bytes.saturating_sub(reached.bytes);
    if let Some(left) = left.checked_div(rate) {
        let left = words::duration(i64::try_from(left).unwrap_or(i64::MAX));
        pieces.push(format!("{left} left"));
        pieces.push(format!("{}/s", words::size(Bytes(rate))));
    }
    pieces.push(words::count(reached.records, "record"));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Reached = Reached {
        all_files: 4_000,
        all_bytes: 8 << 30,
        files: 2_000,
        bytes: 4 << 30,
        records: 1_234_567,
    };

    #[test]
    fn the_line_says_how_far_how_fast_and_how_long() {
        assert_eq!(
            line(HALF, Duration::from_secs(8), 120),
            "reading 2,000 of 4,000 files, 4.0 GiB of 8.0 GiB, 8 s left, 512.0 MiB/s, \
             1,234,567 records"
        );
        assert_eq!(
            line(Reached::default(), Duration::ZERO, 80),
            "looking for log files"
        );
    }

    #[test]
    fn the_line_never_reaches_the_last_column() {
        for columns in 1..120 {
            let shown = line(HALF, Duration::from_secs(8), columns);
            assert!(shown.len() < columns, "{columns}: {shown}");
        }
    }

    #[test]
    fn what_is_not_shown_writes_nothing_and_asks_no_clock() {
        let mut out = Vec::new();
        let (given, took) = watched(Show::Nothing, 80, &mut out, |_| 7);
        assert_eq!((given, took, out.len()), (7, None, 0));
    }

    #[test]
    fn what_is_shown_leaves_no_line_behind() {
        let mut out = Vec::new();
        let (given, took) = watched(Show::All, 80, &mut out, |_| 7);
        assert!(given == 7 && took.is_some());
        let out = String::from_utf8(out).expect("text");
        assert!(
            out.starts_with("\rlooking for log files\u{1b}[K"),
            "{out:?}"
        );
        assert!(out.ends_with("\r\u{1b}[K"), "{out:?}");
    }
}
