//! The findings of a push, drawn into its timeline.
//!
//! Comes in: a push's row, its steps, and which findings are to be drawn. Goes out: the timeline as
//! the text that a diagnostic points into, with each finding at the step that it marks. Never: the
//! timeline twice.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::finding::Severity;
use crate::render::diagnostics::{self, Picture};
use crate::render::ink::{self, Ink};
use crate::render::text::timeline::{self, INDENT};
use crate::render::{Detail, Style, table};
use crate::report::story::step::Step;
use crate::report::{SessionRow, Text};

/// The most findings drawn for a push; the rest are listed above the timeline.
const MOST_DRAWN: usize = 6;
/// The columns between the middle of a label's target and the label's words.
const HOOK: usize = 5;
/// The fewest columns of a step's words that a label points at.
const LEAST: usize = 8;
/// The bytes of the clock time of a step.
const CLOCK: Range<usize> = 0..9;

/// The findings of a push to draw, as positions in its list: those that need attention and have an
/// event or an end to point at.
pub(super) fn drawn(push: &SessionRow<'_>, detail: Detail) -> Vec<usize> {
    if detail != Detail::Normal {
        return Vec::new();
    }
    let weighty = push.findings.iter().enumerate();
    let weighty = weighty.filter(|(_, finding)| finding.severity != Severity::Note);
    let pointed = weighty.filter_map(|(place, finding)| Some((place, finding.events.first()?)));
    let pointed: Vec<(usize, &String)> = pointed.collect();
    let wanted: BTreeSet<&str> = pointed.iter().map(|(_, id)| id.as_str()).collect();
    let held = push.events.ids().filter(|id| wanted.contains(&**id));
    let held: BTreeSet<Text<'_>> = held.collect();
    let drawn = pointed.iter().filter(|(_, id)| held.contains(id.as_str()));
    let mut drawn: Vec<usize> = drawn.map(|&(place, _)| place).collect();
    // The worst comes first, as it gives the picture its title.
    drawn.sort_by_key(|&place| push.findings[place].severity != Severity::Error);
    drawn.truncate(MOST_DRAWN);
    drawn
}

/// The timeline with its findings; `None` if there are none.
pub(super) fn picture(
    push: &SessionRow<'_>,
    steps: &[Step],
    drawn: &[usize],
    style: &Style,
) -> Option<String> {
    let (&main, others) = drawn.split_first()?;
    let Canvas {
        text,
        marks,
        begins,
        room,
    } = (1..=9).find_map(|digits| paint(push, steps, style, digits))?;
    let title = |place: usize| {
        let finding = &push.findings[place];
        format!("{} [{}]", finding.message, finding.code)
    };
    let mut labels = Vec::new();
    for mark in &marks {
        let words: Vec<String> = mark
            .findings
            .iter()
            .map(|&place| match place == main {
                true => push.findings[place].label.clone(),
                false => title(place),
            })
            .filter(|words| !words.is_empty())
            .collect();
        labels.push(label(mark, &words, &text, room, style));
    }
    let shown = |words: &str, most: usize| table::wrap(&ink::shown(words, style), most).join("\n");
    let mut helps: Vec<&str> = Vec::new();
    for &place in [main].iter().chain(others) {
        let help = push.findings[place].help.as_deref();
        helps.extend(help.filter(|help| !helps.contains(help)));
    }
    let helps: Vec<String> = helps
        .iter()
        .map(|help| shown(help, style.width.saturating_sub(12)))
        .collect();
    let picture = Picture {
        severity: push.findings[main].severity,
        message: shown(&title(main), style.width.saturating_sub(6)),
        name: format!("push {}", push.id),
        text,
        labels,
        help: helps.join("\n"),
    };
    let drawn = diagnostics::picture(picture, style)?;
    Some(with_steps_numbered(&drawn, &begins))
}

/// A drawn timeline in which steps have numbers, and not lines: what a step says further has none.
fn with_steps_numbered(drawn: &str, begins: &[bool]) -> String {
    let (mut n_steps, mut is_over) = (0, false);
    let lines = drawn.split_inclusive('\n').map(|line| {
        // What follows the frame is help, which may hold anything.
        is_over |= first_shown(line).is_some_and(|letter| matches!(letter, '╰' | '`'));
        let Some((digits, number)) = line_number(line).filter(|_| !is_over) else {
            return line.to_owned();
        };
        let is_step = number.checked_sub(1).and_then(|place| begins.get(place));
        let shown = match is_step {
            Some(true) => {
                n_steps += 1;
                n_steps.to_string()
            }
            Some(false) => String::new(),
            None => return line.to_owned(),
        };
        let (head, rest) = (&line[..digits.start], &line[digits.end..]);
        format!("{head}{shown:>width$}{rest}", width = digits.len())
    });
    lines.collect()
}

/// The first letter of a line that is no blank and no part of a colour.
fn first_shown(line: &str) -> Option<char> {
    let mut is_escape = false;
    line.chars().find(|&letter| {
        let is_hidden = is_escape || matches!(letter, ' ' | '\u{1b}');
        is_escape = letter == '\u{1b}' || (is_escape && letter != 'm');
        !is_hidden
    })
}

/// The number that a line of a drawn text begins with, and where it stands; colours may stand around it.
fn line_number(line: &str) -> Option<(Range<usize>, usize)> {
    let mut is_escape = false;
    let mut digits: Option<Range<usize>> = None;
    for (at, letter) in line.char_indices() {
        match letter {
            '\u{1b}' => is_escape = true,
            'm' if is_escape => is_escape = false,
            _ if is_escape => {}
            '0'..='9' => digits = Some(digits.map_or(at, |from| from.start)..at + 1),
            ' ' => {}
            '│' | '|' => break,
            _ => return None,
        }
    }
    let digits = digits?;
    let number = line.get(digits.clone())?.parse().ok()?;
    Some((digits, number))
}

/// The timeline as text.
struct Canvas {
    text: String,
    /// The steps that findings mark.
    marks: Vec<Pointed>,
    /// For each line, whether a step begins with it.
    begins: Vec<bool>,
    /// The columns of a line.
    room: usize,
}

/// A step that findings mark.
struct Pointed {
    /// Its first line.
    line: Range<usize>,
    /// Bytes before the words in that line.
    head: usize,
    /// The findings that point at it.
    findings: Vec<usize>,
}

/// Writes the steps into the width that line numbers of `digits` digits leave; `None` if there turn
/// out to be more digits.
fn paint(push: &SessionRow<'_>, steps: &[Step], style: &Style, digits: usize) -> Option<Canvas> {
    let room = style.width.saturating_sub(diagnostics::margin(digits));
    let plain = Style {
        color: false,
        width: room + INDENT.len(),
        ..style.clone()
    };
    let (mut text, mut marks, mut begins) = (String::new(), Vec::new(), Vec::new());
    for step in steps {
        let mut bytes = Vec::new();
        let head = timeline::step_line(push, step, &mut Ink::new(&mut bytes, &plain)).ok()?;
        for (place, line) in String::from_utf8(bytes).ok()?.lines().enumerate() {
            let line = line.strip_prefix(INDENT).unwrap_or(line);
            if place == 0 && !step.findings.is_empty() {
                marks.push(Pointed {
                    line: text.len()..text.len() + line.len(),
                    head: head.saturating_sub(INDENT.len()).min(line.len()),
                    findings: step.findings.clone(),
                });
            }
            begins.push(place == 0);
            text.push_str(line);
            text.push('\n');
        }
    }
    let fits = text.lines().count().to_string().len() <= digits;
    fits.then_some(Canvas {
        text,
        marks,
        begins,
        room,
    })
}

/// The range that a mark points at, and its words. The words go under those of the step if they fit
/// there on one line, or else under its clock.
fn label(
    mark: &Pointed,
    words: &[String],
    text: &str,
    room: usize,
    style: &Style,
) -> (Range<usize>, String) {
    let line = &text[mark.line.clone()];
    let said = &line[mark.head..];
    let said_at = mark.head + (said.len() - said.trim_start().len());
    let at = |bytes: Range<usize>| mark.line.start + bytes.start..mark.line.start + bytes.end;
    let room_at = |bytes: &Range<usize>| {
        let (start, end) = (
            table::width(&line[..bytes.start]),
            table::width(&line[..bytes.end]),
        );
        room.saturating_sub((start + end) / 2 + HOOK)
    };
    let shown: Vec<_> = words.iter().map(|words| ink::shown(words, style)).collect();
    let longest = shown.iter().map(|words| table::width(words)).max();
    // The words of the step, or only the first of them if the label needs the room.
    let (start, end) = (table::width(&line[..said_at]), table::width(line));
    let most = (2 * room.saturating_sub(HOOK + longest.unwrap_or(0))).saturating_sub(start);
    if most.min(end) >= start + LEAST {
        let below = table::take(&line[said_at..], most.min(end) - start).trim_end();
        return (at(said_at..said_at + below.len()), shown.join("\n"));
    }
    // A missing step has no clock; the blanks in its place serve as well.
    let clock = match line.is_char_boundary(CLOCK.end) && CLOCK.end < line.len() {
        true => CLOCK,
        false => 0..line.len(),
    };
    let most = room_at(&clock);
    let lines = shown.iter().flat_map(|words| table::wrap(words, most));
    (at(clock), lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_numbered_and_the_lines_under_them_are_not() {
        let drawn = "  × 1 │ no number\n    ╭─[push]\n  8 │ a\n    · ╰── b\n\u{1b}[2m  9\u{1b}[0m │ 7 │ `-\n 10 │ c\n    \
                     ╰────\n  help: d\n         9 │ e\n";
        let begins = [&[true; 8][..], &[false, true]].concat();
        assert_eq!(
            with_steps_numbered(drawn, &begins),
            "  × 1 │ no number\n    ╭─[push]\n  1 │ a\n    · ╰── b\n\u{1b}[2m   \u{1b}[0m │ 7 │ `-\n  2 │ c\n    \
             ╰────\n  help: d\n         9 │ e\n"
        );
    }
}
