//! Columns, widths, eliding and wrapping, counted in terminal cells.
//!
//! Comes in: text that is already safe to show. Goes out: text of a known width. Never: a split
//! inside a character.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::render::plain::is_printable_ascii;

/// The cells that a text takes.
pub(super) fn width(text: &str) -> usize {
    // Printable ASCII takes one cell a byte, and most texts contain nothing else.
    match is_printable_ascii(text) {
        true => text.len(),
        false => text.width(),
    }
}

/// The text, cut with `…` if it takes more than `most` cells.
pub(super) fn elide(text: &str, most: usize) -> Cow<'_, str> {
    match (width(text) <= most, most) {
        (true, _) => Cow::Borrowed(text),
        (false, 0) => Cow::Borrowed(""),
        (false, _) => Cow::Owned([take(text, most - 1), "…"].concat()),
    }
}

/// The text padded with blanks to `cells`.
pub(super) fn pad(text: &str, cells: usize) -> String {
    let mut padded = String::new();
    pad_into(&mut padded, text, cells);
    padded
}

/// Adds a text, padded with blanks to `cells`.
pub(super) fn pad_into(out: &mut String, text: &str, cells: usize) {
    let blanks = cells.saturating_sub(width(text));
    out.reserve(text.len() + blanks);
    out.push_str(text);
    out.extend(std::iter::repeat_n(' ', blanks));
}

/// A stretch of time in at most six cells: `29s`, `2m38s`, `1h04m`, `3d04h`.
pub(super) fn duration(seconds: u64) -> String {
    let s = seconds;
    match s {
        0..60 => format!("{s}s"),
        60..3_600 => format!("{}m{:02}s", s / 60, s % 60),
        3_600..86_400 => format!("{}h{:02}m", s / 3_600, s % 3_600 / 60),
        _ => format!("{}d{:02}h", s / 86_400, s % 86_400 / 3_600),
    }
}

/// Breaks every line of a text that takes more than `most` cells; empty lines are kept.
#[must_use]
pub fn paragraphs(text: &str, most: usize) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for line in text.lines() {
        for piece in wrap(line, most) {
            out.push_str(&piece);
            out.push('\n');
        }
    }
    out
}

/// Breaks a text into lines of at most `most` cells, between words where that is possible.
pub(super) fn wrap(text: &str, most: usize) -> Vec<String> {
    let most = most.max(8);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut word = word;
        let gap = usize::from(!line.is_empty());
        if width(&line) + gap + width(word) <= most {
            line.push_str(&" ".repeat(gap));
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        // The rest is never measured as a whole, since a word may have a hundred thousand letters.
        loop {
            let head = take(word, most);
            if head.is_empty() || head.len() == word.len() {
                break;
            }
            lines.push(head.to_owned());
            word = &word[head.len()..];
        }
        line.push_str(word);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// The longest beginning of a text that takes at most `most` cells.
pub(super) fn take(text: &str, most: usize) -> &str {
    let mut cells = 0;
    for (at, letter) in text.char_indices() {
        cells += letter.width().unwrap_or(0);
        if cells > most {
            return &text[..at];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eliding_counts_cells_not_bytes() {
        assert_eq!(elide("shop/web", 8), "shop/web");
        assert_eq!(elide("shop/website", 8), "shop/we…");
        assert_eq!(elide("画像画像画像", 7), "画像画…");
        assert_eq!(width(&elide("画像画像画像", 6)), 5);
    }

    #[test]
    fn wrapping_breaks_between_words_and_inside_endless_ones() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("0123456789abc x", 8), ["01234567", "89abc x"]);
        assert_eq!(wrap("", 8), [""]);
    }
}
