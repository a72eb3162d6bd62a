//! The timeline of a push: when, how long after its start, and a bar that shows what ran side by
//! side.
//!
//! Comes in: a push's row. Goes out: a line for each step, or with `--verbose` a line for each
//! event and its evidence. Never: an order of its own.

use std::io;

use crate::event::ByteRange;
use crate::render::ink::{Ink, Tint, mark};
use crate::render::table;
use crate::report::Weight;
use crate::report::story::step::{Step, StepKind, Told};
use crate::report::{EventRow, Outcome, SessionRow};
use crate::words;

/// Columns before the bar: indent, clock, offset.
const HEAD: usize = 21;
/// Columns that a note under a step needs.
const NOTE: usize = 32;
/// Columns that the words of a step need beside the bar.
const WORDS: usize = 51;

/// Writes a line or more for each event.
pub(super) fn in_full(push: &SessionRow<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    push.events.iter().try_for_each(|event| full(&event, ink))
}

/// Writes a line for each step.
pub(super) fn lines(push: &SessionRow<'_>, steps: &[Step], ink: &mut Ink<'_>) -> io::Result<()> {
    let bar = Bar::fit(push, ink.width());
    steps.iter().try_for_each(|step| line(step, bar, ink))
}

/// The indent of every line of steps.
pub(super) const INDENT: &str = "  ";
/// Columns of words that a bar may take if the timeline is drawn.
const LENT: usize = 2;

/// Writes a step for a picture, and returns how many bytes come before the words in its first line.
pub(super) fn step_line(
    push: &SessionRow<'_>,
    step: &Step,
    ink: &mut Ink<'_>,
) -> io::Result<usize> {
    let bar = Bar::fit(push, ink.width() + LENT);
    line(step, bar, ink)?;
    let head = match step.kind() == StepKind::Absence {
        true => " ".repeat(HEAD),
        false => head(step, bar, ink),
    };
    Ok(ink.shown(&head).len())
}

/// The bar column.
#[derive(Clone, Copy, Debug)]
struct Bar {
    /// Its columns; 0 for none.
    cells: usize,
    /// The seconds that it represents.
    seconds: u64,
}

impl Bar {
    /// A bar that fills the rest of the line; none for a push that took no time.
    fn fit(push: &SessionRow<'_>, width: usize) -> Self {
        let room = width.saturating_sub(HEAD + WORDS).min(24);
        let seconds = u64::try_from(push.duration_s).unwrap_or(0);
        Self {
            cells: if room >= 6 && seconds >= 2 { room } else { 0 },
            seconds,
        }
    }

    /// The columns that it takes, including the gap after it.
    fn columns(self) -> usize {
        match self.cells {
            0 => 0,
            cells => cells + 2,
        }
    }

    /// The bar of a span, followed by the gap to the words.
    fn draw(self, span: Option<(i64, i64)>) -> String {
        if self.cells == 0 {
            return String::new();
        }
        let mut bar = " ".repeat(self.cells + 2);
        if let Some((first, last)) = span.filter(|(first, _)| *first >= 0) {
            let (from, to) = (self.cell(first), self.cell(last));
            let ink = match first == last {
                true => "●".to_owned(),
                false => "━".repeat(to - from + 1),
            };
            let after = self.cells + 2 - from - table::width(&ink);
            bar = format!("{}{ink}{}", " ".repeat(from), " ".repeat(after));
        }
        bar
    }

    fn cell(self, offset: i64) -> usize {
        let offset = u64::try_from(offset).unwrap_or(0).min(self.seconds);
        let cell = u128::from(offset) * self.cells as u128 / (u128::from(self.seconds) + 1);
        usize::try_from(cell).unwrap_or(0)
    }
}

fn line(step: &Step, bar: Bar, ink: &mut Ink<'_>) -> io::Result<()> {
    let (pieces, tint) = (pieces(&step.told), tint(&step.told));
    if step.kind() == StepKind::Absence {
        let indent = " ".repeat(HEAD + bar.columns());
        let text = pieces.join("  ");
        return match ink.width().saturating_sub(HEAD + bar.columns()) < table::width(&text) {
            true => ink.wrapped((Tint::Plain, &" ".repeat(HEAD)), (tint, &text)),
            false => ink.line(&[(Tint::Plain, &indent), (tint, &text)]),
        };
    }
    let head = head(step, bar, ink);
    let indent = table::width(&head);
    let words = fitting(&pieces, ink.width().saturating_sub(indent), ink);
    ink.line(&[(Tint::Plain, &head), (tint, &words)])?;
    // If little room is left beside the clock, notes start further to the left.
    let room = ink.width().saturating_sub(indent);
    let blank = " ".repeat(if room < NOTE { DETAIL.len() } else { indent });
    for note in &step.notes {
        let head = format!("{blank}{:<2}", mark(note.weight()));
        ink.wrapped(
            (note_tint(note.weight()), &head),
            (Tint::Plain, &note.text()),
        )?;
    }
    Ok(())
}

/// The part before the words of a step: clock, offset, bar.
fn head(step: &Step, bar: Bar, ink: &Ink<'_>) -> String {
    let offset = step.span.map(|(first, _)| offset(first));
    format!(
        "  {:<9} {:>7}  {}",
        ink.style().zone.clock(&step.time),
        offset.unwrap_or_default(),
        bar.draw(step.span)
    )
}

fn note_tint(weight: Weight) -> Tint {
    match weight {
        Weight::Bad => Tint::Bad,
        Weight::Unknown => Tint::Warn,
        Weight::Harmless | Weight::Plain | Weight::Good => Tint::Plain,
    }
}

/// The words of a step in columns, with a mark for how bad it is; later columns give way in a
/// narrow line.
fn pieces(told: &Told) -> Vec<String> {
    let mut pieces = told.texts();
    match (told, &mut *pieces) {
        (Told::Upload(_), [name, size, ..]) => {
            *name = format!("{name:<19}");
            *size = format!("{size:>9}");
        }
        (Told::More { .. }, [text, ..]) => *text = format!("… {text}; --verbose shows each"),
        (_, [text, ..]) => text.insert_str(0, &marked(told.weight())),
        (_, []) => {}
    }
    pieces
}

/// A mark with the gap after it; empty for none.
fn marked(weight: Weight) -> String {
    match mark(weight) {
        "" => String::new(),
        mark => format!("{mark} "),
    }
}

fn tint(told: &Told) -> Tint {
    match (told, told.weight()) {
        (Told::More { .. }, _) => Tint::Faint,
        (Told::Absence(_), _) | (_, Weight::Bad) => Tint::Bad,
        (_, Weight::Good) => Tint::Good,
        (_, Weight::Plain | Weight::Harmless | Weight::Unknown) => Tint::Plain,
    }
}

/// The first pieces that fit side by side; the very first is cut if even that does not fit.
fn fitting(pieces: &[String], room: usize, ink: &Ink<'_>) -> String {
    let mut line = String::new();
    for piece in pieces {
        let piece = ink.shown(piece);
        let gap = if line.is_empty() { 0 } else { 2 };
        if gap > 0 && table::width(&line) + gap + table::width(piece.trim_end()) > room {
            break;
        }
        line.push_str(&" ".repeat(gap));
        line.push_str(&piece);
    }
    line
}

/// Seconds from the start of the push, in short form: `-29s`, `+2m38s`, `+1h04m`.
fn offset(seconds: i64) -> String {
    let sign = match seconds {
        ..0 => "-",
        0 => "",
        1.. => "+",
    };
    format!("{sign}{}", table::duration(seconds.unsigned_abs()))
}

/// One event with all its details and why it is in this push.
fn full(event: &EventRow<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let offset = event.offset_s.map(offset);
    let head = format!(
        "  {:<9} {:>7}  ",
        ink.style().zone.clock(&event.time),
        offset.unwrap_or_default()
    );
    let (tint, text) = match (event.outcome, &event.error_code) {
        (Outcome::Failed, Some(code)) => (Tint::Bad, format!("✗ {} refused: {code}", event.action)),
        (Outcome::Failed, None) => (Tint::Bad, format!("✗ {} refused", event.action)),
        (Outcome::Succeeded, _) => (Tint::Plain, event.action.to_string()),
    };
    ink.wrapped((Tint::Plain, &head), (tint, &text))?;
    for line in details(event) {
        ink.wrapped((Tint::Plain, DETAIL), (Tint::Plain, &line))?;
    }
    for line in evidence(event) {
        ink.wrapped((Tint::Plain, DETAIL), (Tint::Faint, &line))?;
    }
    Ok(())
}

/// The indent of an event's details; a whole digest fits beside it.
const DETAIL: &str = "        ";

/// Details that depend on the kind of call.
pub(super) fn details(event: &EventRow<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(message) = &event.error_message {
        lines.push(format!("\u{201c}{}\u{201d}", words::shorten(message, 400)));
    }
    if let Some(upload) = &event.upload_id {
        lines.push(format!("upload {upload}"));
    }
    if let (Some(first), Some(last)) = (event.first_byte, event.last_byte) {
        let bytes = ByteRange { first, last }.len();
        lines.push(format!("bytes {first} to {last} ({})", words::size(bytes)));
    }
    if let Some(tag) = &event.tag {
        lines.push(format!("tag {tag}"));
    }
    match (&event.digest, &*event.digests) {
        (Some(digest), []) => lines.push(digest.clone()),
        (_, digests) => lines.extend(digests.iter().cloned()),
    }
    lines
}

fn evidence(event: &EventRow<'_>) -> Vec<String> {
    let mut lines = vec![format!(
        "event {} in {} record {}",
        event.event_id, event.at.file, event.at.record
    )];
    for because in &event.because {
        let with = because.with.as_deref().map(|with| format!(" with {with}"));
        let digest = because
            .digest
            .as_deref()
            .map(|digest| format!(" by {digest}"));
        lines.push(format!(
            "because {}{}{} ({})",
            because.evidence,
            with.unwrap_or_default(),
            digest.unwrap_or_default(),
            because.strength
        ));
    }
    for other in &event.alternatives {
        lines.push(format!(
            "or of push {}, by {} ({})",
            other.session, other.evidence, other.strength
        ));
    }
    lines
}
