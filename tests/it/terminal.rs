//! The program on a pseudo-terminal, as a person sees it, and in a pipe, as a program does.
//!
//! In: the sample. Out: what a terminal got, by `script` of util-linux; without it the test says so and
//! is passed over.

use std::process::{Command, Stdio};

use crate::support::run::project;

/// Runs the program on a terminal of its own; `None` where no `script` can make one.
fn on_a_terminal(options: &str) -> Option<String> {
    read_by("", options)
}

/// The same, for a user with this pager.
fn read_by(pager: &str, options: &str) -> Option<String> {
    let program = env!("CARGO_BIN_EXE_reconstruct");
    let sample = project("testdata/sample");
    let command = format!(
        "'{program}' --fail-on never {options} '{}'",
        sample.display()
    );
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env("LC_ALL", "C.UTF-8")
        .env("TERM", "xterm")
        .env("PAGER", pager)
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .stdin(Stdio::null())
        .output();
    match output {
        Ok(output) => {
            assert!(output.status.success(), "{command}: {output:?}");
            Some(String::from_utf8(output.stdout).expect("UTF-8"))
        }
        Err(error) => {
            eprintln!("SKIPPED: no `script` to make a terminal with: {error}");
            None
        }
    }
}

#[test]
fn a_terminal_shows_progress_colours_and_how_long_it_took() {
    let Some(shown) = on_a_terminal("--progress always --summary") else {
        return;
    };
    let lines: Vec<&str> = shown.split("\u{1b}[K").collect();
    assert!(lines.len() > 2, "drawn and taken away: {shown:?}");
    for line in &lines[..lines.len() - 1] {
        // Each is drawn from the first column over the one before.
        assert!(line.starts_with('\r') && !line.contains('\n'), "{line:?}");
    }
    assert_eq!(lines[lines.len() - 2], "\r", "no line stays behind");
    let report = lines[lines.len() - 1];
    assert!(report.contains("\u{1b}[1;31mincomplete"), "{report:?}");
    let last = report.trim_end().lines().next_back().expect("a line");
    assert!(last.starts_with("reconstruct: 25 pushes"), "{last}");
    assert!(last.contains(" log files, 615 records, in "), "{last}");
}

#[test]
fn a_terminal_shows_no_progress_of_what_takes_no_time_or_shall_be_quiet() {
    for options in ["--progress never", "--quiet --progress always"] {
        let Some(shown) = on_a_terminal(options) else {
            return;
        };
        assert!(!shown.contains("\u{1b}[K"), "{options}");
        assert!(!shown.contains(" records, in "), "{options}");
    }
}

#[test]
fn a_terminal_is_written_to_by_the_pager_unless_there_is_none() {
    // Tells by its first column who wrote it.
    let Some(paged) = read_by("sed s/^/paged:/", "--color always --progress never") else {
        return;
    };
    let (report, aside): (Vec<&str>, Vec<&str>) =
        paged.lines().partition(|line| line.starts_with("paged:"));
    assert!(report.len() > 100, "{} lines by the pager", report.len());
    assert!(report.iter().any(|line| line.contains("\u{1b}[1;31m")));
    // Once the reader has left.
    let last = paged.lines().next_back().expect("a line");
    assert!(last.starts_with("reconstruct: 25 pushes"), "{last}");
    assert!(aside.iter().all(|line| !line.starts_with("COMPLETE")));
    for (pager, options) in [
        ("sed s/^/paged:/", "--no-pager"),
        ("sed s/^/paged:/", "--format jsonl"),
        ("no-such-pager", ""),
        ("cat", ""),
    ] {
        let shown = read_by(pager, options).expect("a terminal");
        assert!(!shown.contains("paged:"), "{pager} {options}");
        assert!(shown.lines().count() > 25, "{pager} {options}: {shown}");
    }
}

#[test]
fn a_reader_who_leaves_early_is_no_failure() {
    // `read_by` holds the status to that of a run that was read to its end.
    let Some(shown) = read_by("true", "") else {
        return;
    };
    let last = shown.lines().next_back().expect("a line");
    assert!(last.starts_with("reconstruct: 25 pushes"), "{last}");
}

#[test]
fn a_pipe_gets_neither_progress_nor_colour_nor_time() {
    let run = || {
        let run = Command::new(env!("CARGO_BIN_EXE_reconstruct"))
            .arg(project("testdata/sample"))
            .env_remove("CLICOLOR_FORCE")
            .env("PAGER", "sed s/^/paged:/")
            .env("XDG_CONFIG_HOME", "/nonexistent")
            .stdin(Stdio::null())
            .output()
            .expect("the program runs");
        assert!(!String::from_utf8_lossy(&run.stdout).contains("paged:"));
        (run.stdout, run.stderr)
    };
    let (stdout, stderr) = run();
    assert!(!stdout.contains(&0x1b) && !stderr.contains(&0x1b));
    let line = String::from_utf8(stderr.clone()).expect("UTF-8");
    assert!(line.ends_with(" in 236 log files\n"), "{line}");
    assert_eq!(run(), (stdout, stderr), "the same bytes again");
}
