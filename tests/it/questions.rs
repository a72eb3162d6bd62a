//! The ten questions of `docs/recipes.md`: each command runs, and prints the answer that stands under it, on one screen.
//!
//! `RECONSTRUCT_BLESS=1 cargo test --test it questions` writes the answers; read them.

use std::fs;

use reconstruct::cli::Surroundings;

use crate::support::run::{Run, compare, project, run_in};

/// The lines and columns of a screen.
const SCREEN: (usize, usize) = (24, 80);

/// What opens the block of a question.
const OPENS: &str = "```console\n$ ";

/// Runs a command of the document in the project's own directory, on a terminal of 80 columns, in the evening of the
/// sample's day.
fn asked(command: &str) -> Run {
    let words = command.split_whitespace().skip(1);
    let args: Vec<String> = words
        .map(|word| match word.strip_prefix("testdata/") {
            Some(_) => project(word).to_string_lossy().into_owned(),
            None => word.trim_matches('\'').to_owned(),
        })
        .collect();
    let terminal = Surroundings {
        stdout_is_terminal: true,
        width: Some(SCREEN.1),
        no_color: true,
        now: "2025-03-10T20:00:00Z".parse().expect("a time"),
        ..Surroundings::none()
    };
    run_in(args.iter().map(String::as_str), terminal)
}

/// The answer to a question.
fn answer(command: &str) -> String {
    let run = asked(command);
    // Pushes that failed and logs that are missing give status 1.
    assert!(run.status <= 1, "{command}: {}", run.stderr);
    let lines: Vec<&str> = run.stdout.trim_end().lines().collect();
    assert!(!lines.is_empty(), "{command} answers nothing");
    assert!(
        lines.len() <= SCREEN.0,
        "{command}: {} lines\n{}",
        lines.len(),
        run.stdout
    );
    let is_wide = command.contains("--format csv") || command.contains("--list-missing");
    let width = |line: &&str| unicode_width::UnicodeWidthStr::width(*line);
    let widest = lines.iter().map(width).max();
    assert!(
        is_wide || widest <= Some(SCREEN.1),
        "{command}: {widest:?} columns"
    );
    lines.join("\n") + "\n"
}

#[test]
fn every_question_of_a_responder_is_answered_on_one_screen() {
    let path = project("docs/recipes.md");
    let text = fs::read_to_string(&path).expect("the document is text");
    let mut blocks = text.split(OPENS);
    let mut answered = blocks.next().unwrap_or_default().to_owned();
    let mut n_questions = 0;
    for block in blocks {
        n_questions += 1;
        let heading = answered.rsplit("\n### ").next().unwrap_or_default();
        let question = heading.lines().next().unwrap_or_default().to_owned();
        let (shown, rest) = block.split_once("```").expect("the end of the block");
        let command = shown.lines().next().unwrap_or_default();
        assert!(
            question.starts_with(&format!("{n_questions}. ")),
            "{question}: {command}"
        );
        assert!(command.starts_with("reconstruct testdata/"), "{command}");
        let answer = answer(command);
        answered.push_str(&format!("{OPENS}{command}\n{answer}```{rest}"));
    }
    assert_eq!(n_questions, 10);
    compare(&path, &answered).unwrap_or_else(|difference| panic!("{difference}"));
}
