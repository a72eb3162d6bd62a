//! The line that shows what is being done and how far reading has come.
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

use crate::cli::doing::said;
use crate::cli::interrupt::Unfinished;
use crate::event::Bytes;
use crate::ingest::{Doing, Progress, Reached};
use crate::source::inquiry::LookupState;
use crate::words;

/// How often the line is redrawn.
const EVERY: Duration = Duration::from_millis(100);
/// How long work may take before it is worth a line.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long reading has to take before a rate, and the time left by it, mean something.
const STEADY: Duration = Duration::from_secs(2);

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
    unfinished: &Unfinished,
    show: Show,
    columns: usize,
    out: &mut dyn Write,
    work: impl FnOnce(&Progress) -> T + Send,
) -> (T, Option<Duration>) {
    let progress = unfinished.progress();
    let patience = match show {
        Show::Nothing => return (work(progress), None),
        Show::Long => PATIENCE,
        Show::All => Duration::ZERO,
    };
    let start = Instant::now();
    let line = |progress: &Progress| match unfinished.inquiry().slowest() {
        Some((region, asked)) => fitted(asking(&region, &asked, start.elapsed()), columns),
        None => line(progress.reached(), start.elapsed(), columns),
    };
    let given = thread::scope(|scope| {
        let (done, is_done) = mpsc::channel::<()>();
        // The sender is dropped with the thread, also if the work panics.
        let worker = scope.spawn(move || {
            let _done = done;
            work(progress)
        });
        let mut wait = patience;
        let mut is_shown = false;
        while is_done.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
            is_shown |= draw(&line(progress), out);
            unfinished.has_line(is_shown);
            wait = EVERY;
        }
        if show == Show::All {
            is_shown |= draw(&line(progress), out);
        }
        if is_shown {
            draw("", out);
            unfinished.has_line(false);
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
    let drawn = write!(out, "\r{line}\u{1b}[K").and_then(|()| out.flush());
    drawn.is_ok()
}

/// One line that leaves the last column free, so that no terminal wraps it.
fn line(reached: Reached, elapsed: Duration, columns: usize) -> String {
    let pieces = match reached.doing {
        Doing::Reading if reached.files < reached.all_files => under_way(reached, elapsed),
        Doing::Searching | Doing::Writing => vec![said(reached.doing).to_owned()],
        Doing::Reading
        | Doing::Merging
        | Doing::Linking
        | Doing::Assembling
        | Doing::Examining
        | Doing::Done => {
            let files = words::count(reached.files, "file");
            vec![format!("read {files}; {}", said(reached.doing))]
        }
    };
    fitted(pieces, columns)
}

/// As many pieces as fit, and one column more.
fn fitted(mut pieces: Vec<String>, columns: usize) -> String {
    while pieces.len() > 1 && pieces.join(", ").len() >= columns {
        pieces.pop();
    }
    let mut line = pieces.join(", ");
    // All of it is ASCII.
    line.truncate(columns.saturating_sub(1));
    line
}

/// How far a look-up in event histories has come, by the region that has come least far.
fn asking(region: &str, asked: &LookupState, elapsed: Duration) -> Vec<String> {
    let share = u64::from(asked.share);
    let mut pieces = vec![
        format!("asking {region}"),
        format!("{}% of the period", share / 10),
    ];
    let left = elapsed.as_secs() * (1000 - share.min(1000));
    if let Some(left) = left.checked_div(share).filter(|_| elapsed >= STEADY) {
        let left = words::duration(i64::try_from(left).unwrap_or(i64::MAX));
        pieces.push(format!("{left} left"));
    }
    pieces.push(words::count(asked.pages, "page"));
    if !asked.call.is_empty() {
        let page = words::number(asked.call_pages + 1);
        pieces.push(format!("page {page} of {}", asked.call));
    }
    pieces
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
    if let Some(left) = left.checked_div(rate).filter(|_| elapsed >= STEADY) {
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
        doing: Doing::Reading,
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
            line(HALF, Duration::from_secs(1), 120),
            "reading 2,000 of 4,000 files, 4.0 GiB of 8.0 GiB, 1,234,567 records",
            "one second says nothing of a rate"
        );
    }

    #[test]
    fn a_look_up_says_how_much_of_the_period_and_how_many_pages_came() {
        let asked = LookupState {
            call: "PutImage",
            call_pages: 11,
            pages: 40,
            share: 250,
        };
        let said = asking("eu-west-1", &asked, Duration::from_secs(20)).join(", ");
        assert_eq!(
            said,
            "asking eu-west-1, 25% of the period, 1 min left, 40 pages, page 12 of PutImage"
        );
        let begun = asking("eu-west-1", &LookupState::default(), Duration::from_secs(9)).join(", ");
        assert_eq!(begun, "asking eu-west-1, 0% of the period, 0 pages");
    }

    #[test]
    fn each_stage_has_a_line() {
        let line = |doing, files| {
            let reached = Reached {
                doing,
                files,
                ..HALF
            };
            line(reached, Duration::from_secs(8), 120)
        };
        assert_eq!(line(Doing::Searching, 0), "looking for log files");
        assert_eq!(line(Doing::Reading, 4_000), "read 4,000 files; reading");
        assert_eq!(line(Doing::Merging, 4_000), "read 4,000 files; merging");
        assert_eq!(line(Doing::Linking, 4_000), "read 4,000 files; linking");
        assert_eq!(
            line(Doing::Assembling, 4_000),
            "read 4,000 files; assembling"
        );
        assert_eq!(line(Doing::Examining, 1), "read 1 file; examining");
        assert_eq!(line(Doing::Writing, 4_000), "writing the report");
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
        let (given, took) = watched(&Unfinished::default(), Show::Nothing, 80, &mut out, |_| 7);
        assert_eq!((given, took, out.len()), (7, None, 0));
    }

    #[test]
    fn what_is_shown_leaves_no_line_behind() {
        let mut out = Vec::new();
        let (given, took) = watched(&Unfinished::default(), Show::All, 80, &mut out, |_| 7);
        assert!(given == 7 && took.is_some());
        let out = String::from_utf8(out).expect("text");
        assert!(
            out.starts_with("\rlooking for log files\u{1b}[K"),
            "{out:?}"
        );
        assert!(out.ends_with("\r\u{1b}[K"), "{out:?}");
    }
}
