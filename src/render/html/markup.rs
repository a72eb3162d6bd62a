//! HTML output: the one place where text becomes markup.
//!
//! Comes in: markup that is part of this program, and text from anywhere. Goes out: HTML in which
//! that text can only be text. Never: a character of a log that a browser would read as markup, or
//! that hides from the reader. Only constants are taken as markup; everything else is escaped.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::render::plain;
use crate::words;
use crate::zone::Zone;

/// The most characters of a text that is not an identifier.
const MOST_CHARS: usize = 2_000;
/// The most bytes of an id that a line holds, also on paper: a digest has 71.
const LONGEST_ID: usize = 72;

/// A piece of the page while it is written.
#[derive(Debug, Default)]
pub(super) struct Markup {
    html: String,
    zone: Zone,
}

impl Markup {
    /// A page whose times are in a zone.
    pub(super) fn new(zone: Zone) -> Self {
        let html = String::new();
        Self { html, zone }
    }

    /// The zone of its times.
    pub(super) fn zone(&self) -> Zone {
        self.zone
    }

    /// Adds a time of day.
    pub(super) fn clock(&mut self, time: &str) -> &mut Self {
        let clock = self.zone.clock(time);
        self.raw("<time>").text(&clock).raw("</time>")
    }

    /// The bytes so far.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.html.as_bytes()
    }

    /// Clears what was written, and keeps the buffer for the next piece.
    pub(super) fn clear(&mut self) {
        self.html.clear();
    }

    /// Adds markup, which must be a constant, so that no text of a log can be taken for it.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.html.push_str(markup);
        self
    }

    /// Adds text with its times in the zone, shortened if it is longer than anybody reads.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        let zone = self.zone;
        self.whole(&cut(&zone.within(text)))
    }

    /// Adds text as [`Markup::text`] does, with its times marked as such: no line ends in one, and the page's script
    /// shows them in the reader's zone.
    pub(super) fn told(&mut self, text: &str) -> &mut Self {
        let zone = self.zone;
        for (place, word) in cut(&zone.within(text)).split(' ').enumerate() {
            self.raw(if place == 0 { "" } else { " " });
            let (time, rest) = word.split_at(time_in(word));
            if !time.is_empty() {
                self.raw("<time>").whole(time).raw("</time>");
            }
            self.whole(rest);
        }
        self
    }

    /// Adds sentences of this program, in which names are in backticks.
    pub(super) fn prose(&mut self, text: &str) -> &mut Self {
        let zone = self.zone;
        for (place, piece) in zone.within(text).split('`').enumerate() {
            match (place, place % 2) {
                (0, _) => self.told(piece),
                (_, 0) => self.raw("</code>").told(piece),
                _ => self.raw("<code>").text(piece),
            };
        }
        let is_open = text.matches('`').count() % 2 == 1;
        self.raw(if is_open { "</code>" } else { "" })
    }

    /// Adds text of any length: identifiers, which are useless when cut.
    pub(super) fn whole(&mut self, text: &str) -> &mut Self {
        plain::html(text, &mut self.html);
        self
    }

    /// Adds the class of an id; one that no line holds may be broken anywhere.
    pub(super) fn class_of(&mut self, id: &str) -> &mut Self {
        self.raw(match id.len() {
            0..=LONGEST_ID => " class=id",
            _ => " class=\"id long\"",
        })
    }

    /// Adds at most `most` characters of a text, with `…` if it goes on.
    pub(super) fn start(&mut self, text: &str, most: usize) -> &mut Self {
        let text = words::shorten(text, most);
        self.whole(&text)
    }

    /// Adds a number without digit separators, as attributes need it.
    pub(super) fn number(&mut self, number: impl Into<i64>) -> &mut Self {
        write!(self.html, "{}", number.into()).expect("a String takes all");
        self
    }

    /// Adds a fraction in ten-thousandths as a percentage, `12.34%`.
    pub(super) fn percent(&mut self, share: u32) -> &mut Self {
        write!(self.html, "{}", share / 100).expect("a String takes all");
        if !share.is_multiple_of(100) {
            let rest = format!(".{:02}", share % 100);
            self.html.push_str(rest.trim_end_matches('0'));
        }
        self.html.push('%');
        self
    }
}

/// A text, shortened if it is longer than anybody reads.
fn cut(text: &str) -> Cow<'_, str> {
    let Some((end, _)) = text.char_indices().nth(MOST_CHARS) else {
        return Cow::Borrowed(text);
    };
    let (shown, rest) = text.split_at(end);
    let more = words::count(rest.chars().count() as u64, "more character");
    Cow::Owned(format!("{shown}… ({more}; --format json has all)"))
}

/// How many bytes at the start of a word are a time by RFC 3339, or the time of day of one: `16:42:20Z`.
fn time_in(word: &str) -> usize {
    let is_end = |letter: char| letter.is_ascii_digit() || letter == 'Z';
    let end = word.rfind(is_end).map_or(0, |last| last + 1);
    let is_begun = word.starts_with(|letter: char| letter.is_ascii_digit());
    match &word.as_bytes()[..end] {
        [_, _, _, _, b'-', _, _, b'-', _, _, b'T', rest @ ..]
            if is_begun && (8..24).contains(&rest.len()) =>
        {
            end
        }
        [_, _, b':', _, _, b':', _, _, b'Z'] if is_begun => end,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Markup)) -> String {
        let mut page = Markup::default();
        write(&mut page);
        String::from_utf8(page.as_bytes().to_vec()).expect("text stays text")
    }

    #[test]
    fn text_can_only_be_text() {
        let html = written(|page| {
            page.text("<script>alert('1')</script>\" onload=\"x&y");
        });
        assert_eq!(
            html,
            "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&#34; onload=&#34;x&amp;y"
        );
    }

    #[test]
    fn what_hides_is_written_out() {
        let html = written(|page| {
            page.text("a\u{202e}b\0c\nd");
        });
        assert_eq!(html, "a\\u{202e}b\\u{0}c\\nd");
    }

    #[test]
    fn long_text_says_how_much_is_left_out_and_identifiers_are_whole() {
        let long = "é".repeat(2_345);
        let text = written(|page| {
            page.text(&long);
        });
        assert!(text.ends_with("é… (345 more characters; --format json has all)"));
        let whole = written(|page| {
            page.whole(&long);
        });
        assert_eq!(whole, long);
    }

    #[test]
    fn names_in_sentences_are_set_apart() {
        let html = written(|page| {
            page.prose("`<v1>` was refused").prose(" and `v2");
        });
        assert_eq!(
            html,
            "<code>&lt;v1&gt;</code> was refused and <code>v2</code>"
        );
    }

    #[test]
    fn times_in_sentences_are_marked() {
        let html = written(|page| {
            page.told("from 2026-03-17T16:42:15Z, <b> to 16:42:20Z");
        });
        assert_eq!(
            html,
            "from <time>2026-03-17T16:42:15Z</time>, &lt;b&gt; to <time>16:42:20Z</time>"
        );
    }

    #[test]
    fn shares_have_at_most_two_places() {
        let html = written(|page| {
            page.percent(0).percent(10_000).percent(1_230).percent(5);
        });
        assert_eq!(html, "0%100%12.3%0.05%");
    }
}
