//! What people see on terminals of three widths: each command's whole output, kept in `testdata/screens`.
//!
//! `RECONSTRUCT_BLESS=1 cargo test --test it screens` writes them; look at them as a reader would.

use reconstruct::cli::Surroundings;

use crate::support::run::{compare, project, run_in};

/// The commands, after `reconstruct`; a path is one of the project's.
const COMMANDS: [&str; 8] = [
    "testdata/sample --summary",
    "testdata/sample --not-ok --summary",
    "testdata/sample --push 6e14b2b4aea4",
    "testdata/sample --unresolved --until 2025-03-10T11:00:00Z",
    "testdata/sample --repository shop/web --history",
    "testdata/sample --compare ..2025-03-10T12:00:00Z",
    "testdata/cases/two-hosts/in --summary",
    "testdata/cases/hole-inside-push/in",
];

fn screen(width: usize) {
    let mut screen = String::new();
    for command in COMMANDS {
        let words = command
            .split_whitespace()
            .map(|word| match word.strip_prefix("testdata/") {
                Some(_) => project(word).to_string_lossy().into_owned(),
                None => word.to_owned(),
            });
        let words: Vec<String> = words.collect();
        let terminal = Surroundings {
            stdout_is_terminal: true,
            width: Some(width),
            no_color: true,
            now: "2025-03-10T20:00:00Z".parse().expect("a time"),
            ..Surroundings::none()
        };
        let run = run_in(words.iter().map(String::as_str), terminal);
        assert!(run.status <= 1, "{command}: {}", run.stderr);
        for line in run.stdout.lines() {
            let columns = unicode_width::UnicodeWidthStr::width(line);
            assert!(columns <= width, "{command}: {columns} columns: {line}");
        }
        screen.push_str(&format!("$ reconstruct {command}\n{}\n", run.stdout));
    }
    let kept = project("testdata/screens").join(format!("{width}.txt"));
    compare(&kept, &screen).expect("the screens that somebody looked at");
}

#[test]
fn of_80_columns() {
    screen(80);
}

#[test]
fn of_120_columns() {
    screen(120);
}

#[test]
fn of_160_columns() {
    screen(160);
}
