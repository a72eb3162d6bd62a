//! Text of the log made safe to show.
//!
//! Comes in: any text, written by whoever could make a call. Goes out: that text, with every
//! character that controls a terminal or hides from the reader written out as `\u{…}`. Never: an
//! escape sequence.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Writes out characters that control a terminal, reverse the reading direction or are invisible.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if !hides(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            hidden if is_hidden(hidden) => {
                write!(out, "\\u{{{:x}}}", u32::from(hidden)).expect("a String takes all");
            }
            shown => out.push(shown),
        }
    }
    Cow::Owned(out)
}

/// Adds a text, made safe, between tags of HTML or within an attribute.
pub(super) fn html(text: &str, out: &mut String) {
    let text = plain(text);
    let mut rest = &*text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        let (shown, tail) = rest.split_at(at);
        out.push_str(shown);
        let (mark, tail) = tail.split_at(1);
        out.push_str(match mark {
            "&" => "&amp;",
            "<" => "&lt;",
            ">" => "&gt;",
            "\"" => "&#34;",
            _ => "&#39;",
        });
        rest = tail;
    }
    out.push_str(rest);
}

/// Whether a text holds characters that must be written out.
pub(super) fn hides(text: &str) -> bool {
    // In most texts few characters are outside ASCII; only those are looked up in the table.
    let is_other = |letter: &char| !(' '..='~').contains(letter);
    !is_printable_ascii(text) && text.chars().filter(is_other).any(is_hidden)
}

/// Whether a text is all printable ASCII, as most texts are.
pub(super) fn is_printable_ascii(text: &str) -> bool {
    let is_other = |byte: u8| u8::from(!(b' '..=b'~').contains(&byte));
    // There is no early exit, so that many bytes are checked in one step.
    text.bytes().fold(0, |seen, byte| seen | is_other(byte)) == 0
}

/// Control characters, and the format characters of Unicode's categories Cf, Zl and Zp, which can
/// make a text read differently from how it is stored (Unicode Technical Report 36, section 2).
pub(super) fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
                | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_written_out() {
        assert_eq!(plain("\u{1b}[31mred\u{7}"), "\\u{1b}[31mred\\u{7}");
        assert_eq!(plain("a\nb\tc\rd"), "a\\nb\\tc\\rd");
        assert_eq!(plain("abc\u{202e}cba"), "abc\\u{202e}cba");
        assert_eq!(plain("\u{9b}31m\u{7f}"), "\\u{9b}31m\\u{7f}");
    }

    #[test]
    fn what_only_shows_is_left_alone() {
        for text in ["", "shop/web:v1", "größe", "画像"] {
            assert!(matches!(plain(text), Cow::Borrowed(same) if same == text));
        }
    }
}
