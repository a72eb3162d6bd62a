//! Text of a log inside Markdown: it never becomes a table, markup, a link, a mention or HTML.
//!
//! Comes in: any text. Goes out: the same text as GitHub Flavored Markdown shows it. Never: a word of the log outside a
//! code span, unless it consists of letters, digits and plain punctuation.
//!
//! A backslash does not help: GitHub looks for mentions, issues and addresses in the text that is left after it. It
//! leaves code spans alone (GitHub Docs, "Basic writing and formatting syntax").

use crate::render::plain::{self, plain};
use crate::words;

/// The most characters of one text, since names in a log may be endless.
const MOST: usize = 2_000;

/// The most characters of a task's name: Mermaid takes no diagram of more than 50,000, and a character may be written as
/// ten.
const MOST_OF_TASK: usize = 80;

/// A text as a code span, which also stands in a cell of a table.
pub(super) fn code(text: &str) -> String {
    let text = words::shorten(text, MOST);
    let text = plain(&text);
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(text) + 1);
    // A cell ends at every bar, also within code (GFM, 4.10).
    let body = text.replace('|', "\\|");
    let gap = match text.starts_with('`') || text.ends_with('`') {
        true => " ",
        false => "",
    };
    format!("{fence}{gap}{body}{gap}{fence}")
}

/// Sentences of ours, in which backticks mark names: words that could be anything else become code.
pub(super) fn prose(text: &str) -> String {
    let text = words::shorten(text, MOST);
    let text = plain(&text);
    let mut out = String::with_capacity(text.len() + 16);
    for (place, piece) in text.split('`').enumerate() {
        match place % 2 {
            0 => words_of(piece, &mut out),
            _ => out.push_str(&code(piece)),
        }
    }
    out
}

/// Adds words with the blanks between them; a word that is not plain becomes code.
fn words_of(text: &str, out: &mut String) {
    for (place, word) in text.split(' ').enumerate() {
        if place > 0 {
            out.push(' ');
        }
        let body = word.trim_matches(is_mark);
        if body.chars().all(is_plain) && !is_reference(body) {
            out.push_str(word);
            continue;
        }
        let start = word.len() - word.trim_start_matches(is_mark).len();
        let (head, rest) = word.split_at(start);
        let (body, tail) = rest.split_at(body.len());
        out.push_str(head);
        out.push_str(&code(body));
        out.push_str(tail);
    }
}

/// Punctuation that means nothing in Markdown, at either end of a word.
fn is_mark(letter: char) -> bool {
    matches!(
        letter,
        ',' | '.' | ';' | ':' | '(' | ')' | '?' | '…' | '→' | '\u{201c}' | '\u{201d}'
    )
}

/// What means nothing in Markdown within a word.
fn is_plain(letter: char) -> bool {
    letter.is_alphanumeric()
        || is_mark(letter) && letter != ':'
        || matches!(letter, '-' | '\'' | '%')
}

/// Whether a plain word is taken for a link or an issue: `www.example.org`, `GH-7`.
fn is_reference(word: &str) -> bool {
    let begins = |with: &str| {
        let head = word.get(..with.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(with))
    };
    begins("www.") || begins("gh-")
}

/// A text within HTML, between tags.
pub(super) fn html(text: &str) -> String {
    let mut out = String::new();
    plain::html(&words::shorten(text, MOST), &mut out);
    out
}

/// The name of a task in a Mermaid diagram: whatever is not plain is its number (Mermaid, "Entity codes to escape
/// characters").
pub(super) fn task(text: &str) -> String {
    let text = words::shorten(text, MOST_OF_TASK);
    let mut out = String::with_capacity(text.len());
    for letter in plain(&text).chars() {
        match letter {
            letter if letter.is_ascii_alphanumeric() => out.push(letter),
            ' ' | '.' | '-' | '/' | '_' | '(' | ')' => out.push(letter),
            letter => out.push_str(&format!("#{};", u32::from(letter))),
        }
    }
    out
}

fn longest_run(text: &str) -> usize {
    let mut runs = text.split(|letter| letter != '`').map(str::len);
    runs.by_ref().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_holds_what_it_is_given() {
        assert_eq!(code("shop/web:v1"), "`shop/web:v1`");
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`x"), "`` `x ``");
        assert_eq!(code("a\nb\u{1b}"), "`a\\nb\\u{1b}`");
        assert_eq!(code(""), "");
    }

    #[test]
    fn only_plain_words_stand_outside_code() {
        for (text, shown) in [
            (
                "all 3 blobs were uploaded, and no PutImage.",
                "all 3 blobs were uploaded, and no PutImage.",
            ),
            (
                "role ci, session dana@example.org",
                "role ci, session `dana@example.org`",
            ),
            ("put `<b>` to [x](y)", "put `<b>` to `[x](y`)"),
            (
                "see www.example.org or GH-7",
                "see `www.example.org` or `GH-7`",
            ),
            ("user @admin #12", "user `@admin` `#12`"),
            ("at https://example.org.", "at `https://example.org`."),
            ("a|b *c* _d_ ~e~ $f$", "`a\\|b` `*c*` `_d_` `~e~` `$f$`"),
            ("<img src=x>", "`<img` `src=x>`"),
        ] {
            assert_eq!(prose(text), shown);
        }
    }

    #[test]
    fn a_task_keeps_its_colon_as_a_number() {
        assert_eq!(task("put v1: #a;%%"), "put v1#58; #35;a#59;#37;#37;");
    }
}
