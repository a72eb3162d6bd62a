//! Lines for a terminal: the one place where text for people is written.
//!
//! Comes in: pieces of text with a tint. Goes out: lines no wider than the style allows, with every
//! character of the log neutralised, and colour only if it was asked for. Never: an escape sequence
//! that was not made here.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::render::Style;
use crate::render::plain::plain;
use crate::render::table;
use crate::report::Weight;
use crate::words;

/// The glyph that marks how bad a text is; empty for none.
pub(super) fn mark(weight: Weight) -> &'static str {
    match weight {
        Weight::Plain | Weight::Good => "",
        Weight::Harmless => "·",
        Weight::Unknown => "?",
        Weight::Bad => "✗",
    }
}

/// The role of a piece of text; its colour follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tint {
    /// Text.
    Plain,
    /// Something to read first.
    Strong,
    /// Something to read last.
    Faint,
    /// Something that went wrong.
    Bad,
    /// Something that may be wrong.
    Warn,
    /// Something that went well.
    Good,
}

impl Tint {
    /// The SGR parameters (ECMA-48, 8.3.117); none for plain text.
    fn parameters(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Strong => Some("1"),
            Self::Faint => Some("2"),
            Self::Bad => Some("1;31"),
            Self::Warn => Some("1;33"),
            Self::Good => Some("1;32"),
        }
    }
}

/// The most characters of one wrapped text, since names in a log may fill many screens.
const MOST: usize = 2_000;

/// Writes lines.
pub(super) struct Ink<'a> {
    out: &'a mut dyn Write,
    style: &'a Style,
}

impl<'a> Ink<'a> {
    /// Writes to `out` by `style`.
    pub(super) fn new(out: &'a mut dyn Write, style: &'a Style) -> Self {
        Self { out, style }
    }

    /// The columns of a line.
    pub(super) fn width(&self) -> usize {
        self.style.width
    }

    /// The style.
    pub(super) fn style(&self) -> &'a Style {
        self.style
    }

    /// Writes lines that were already drawn in this style and are safe to show.
    pub(super) fn drawn(&mut self, text: &str) -> io::Result<()> {
        for line in text.lines() {
            writeln!(self.out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// Collects lines that are written elsewhere, to be [copied](Self::copy) when it is their turn.
    pub(super) fn aside(
        style: &Style,
        draw: impl FnOnce(&mut Ink<'_>) -> io::Result<()>,
    ) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        draw(&mut Ink::new(&mut text, style)).map(|()| text)
    }

    /// Writes what another ink of this style writes.
    pub(super) fn beside(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        write(self.out)
    }

    /// Writes an empty line.
    pub(super) fn blank(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }

    /// Writes one line, cut at the width.
    pub(super) fn line(&mut self, pieces: &[(Tint, &str)]) -> io::Result<()> {
        let mut left = self.style.width;
        let mut line = String::new();
        // Colours stand around blanks, so those at the end cannot be cut from the whole line.
        let is_shown = |(_, text): &(Tint, &str)| !text.trim_end().is_empty();
        let last = pieces.iter().rposition(is_shown).unwrap_or_default();
        for (place, &(tint, text)) in pieces.iter().enumerate() {
            let text = self.shown(text);
            let text = match place < last {
                true => &text,
                false => text.trim_end(),
            };
            let text = match table::elide(text, left) {
                Cow::Borrowed(whole) => Cow::Borrowed(whole),
                // What marks the cut is not ASCII.
                Cow::Owned(cut) => Cow::Owned(self.shown(&cut).into_owned()),
            };
            left = left.saturating_sub(table::width(&text));
            match tint
                .parameters()
                .filter(|_| self.style.color && !text.is_empty())
            {
                Some(parameters) => {
                    line.extend(["\u{1b}[", parameters, "m", &text, "\u{1b}[0m"]);
                }
                None => line.push_str(&text),
            }
        }
        line.truncate(line.trim_end().len());
        line.push('\n');
        self.out.write_all(line.as_bytes())
    }

    /// Writes `head` and then `text`, wrapped and indented by the width of `head`. If the text is
    /// endless, only its start and its length are written.
    pub(super) fn wrapped(&mut self, head: (Tint, &str), text: (Tint, &str)) -> io::Result<()> {
        let indent = table::width(&self.shown(head.1));
        let (tint, text) = text;
        let body = match text.char_indices().nth(MOST) {
            None => self.shown(text).into_owned(),
            Some((end, _)) => {
                let n = words::number(text.chars().count() as u64);
                let cut = format!("{}… ({n} characters; --format json has all)", &text[..end]);
                self.shown(&cut).into_owned()
            }
        };
        let blank = " ".repeat(indent);
        let lines = table::wrap(&body, self.style.width.saturating_sub(indent));
        for (place, line) in lines.iter().enumerate() {
            let head = match place {
                0 => head,
                _ => (Tint::Plain, &*blank),
            };
            self.line(&[head, (tint, line)])?;
        }
        Ok(())
    }

    /// A text as this style shows it.
    pub(super) fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        shown(text, self.style)
    }
}

/// A text as a style shows it: neutralised, its times in the zone, and in ASCII if only that may be written.
pub(super) fn shown<'t>(text: &'t str, style: &Style) -> Cow<'t, str> {
    let text = match style.zone.within(text) {
        Cow::Borrowed(text) => plain(text),
        Cow::Owned(text) => Cow::Owned(plain(&text).into_owned()),
    };
    match style.unicode || text.is_ascii() {
        true => text,
        false => Cow::Owned(text.chars().map(ascii).collect()),
    }
}

/// The closest ASCII to a character.
fn ascii(letter: char) -> Cow<'static, str> {
    match letter {
        ascii if ascii.is_ascii() => Cow::Owned(ascii.to_string()),
        '…' => Cow::Borrowed("~"),
        '✗' => Cow::Borrowed("x"),
        '━' => Cow::Borrowed("="),
        '●' => Cow::Borrowed("*"),
        '·' | '–' => Cow::Borrowed("-"),
        '\u{201c}' | '\u{201d}' => Cow::Borrowed("\""),
        other => Cow::Owned(other.escape_unicode().to_string()),
    }
}
