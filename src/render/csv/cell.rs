//! The cells of a table, and what keeps their text text.
//!
//! Comes in: texts of the log, words and numbers. Goes out: records by RFC 4180 that a spreadsheet neither computes nor
//! converts. Never: a record of more than one line.

use std::borrow::Cow;
use std::io::{self, Write};
use std::net::IpAddr;

use crate::render::plain::{hides, plain};

/// The content of a cell.
pub(super) enum Cell<'r> {
    /// Text that may come from the log.
    Text(Option<&'r str>),
    /// A word of our own.
    Word(&'static str),
    /// A number of our own making, which may be negative and needs no guard.
    Number(Option<i128>),
    /// Several texts, separated by blanks.
    List(Vec<&'r str>),
    /// Ids of pushes, separated by blanks: `p5e9634004515`.
    Pushes(Vec<&'r str>),
    /// An account: `aws-123456789012`.
    Account(Option<&'r str>),
    /// The tags of a repository, separated by blanks: `shop/web:1.10 shop/web:latest`.
    Tags(Option<&'r str>, Vec<&'r str>),
}

/// Writes one record (RFC 4180, section 2: cells separated by commas, CRLF at the end).
pub(super) fn line<'r>(
    cells: impl Iterator<Item = Cell<'r>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            out.write_all(b",")?;
        }
        match cell {
            Cell::Text(None) | Cell::Number(None) | Cell::Account(None) => {}
            Cell::Text(Some(text)) => quoted(&guarded(escaped(text)), out)?,
            Cell::Word(word) => out.write_all(word.as_bytes())?,
            Cell::Number(Some(number)) => write!(out, "{number}")?,
            Cell::List(texts) => list(texts.into_iter().map(Cow::Borrowed), out)?,
            Cell::Pushes(ids) => list(ids.into_iter().map(|id| ["p", id].concat().into()), out)?,
            Cell::Account(Some(account)) => {
                quoted(&guarded(escaped(&["aws-", account].concat())), out)?;
            }
            Cell::Tags(repository, tags) => {
                let named = |tag| [repository.unwrap_or_default(), ":", tag].concat().into();
                list(tags.into_iter().map(named), out)?;
            }
        }
    }
    out.write_all(b"\r\n")
}

/// Writes several texts in a cell. A blank within one is written out, so that blanks separate them.
fn list<'r>(texts: impl Iterator<Item = Cow<'r, str>>, out: &mut dyn Write) -> io::Result<()> {
    let texts = texts.map(|text| escaped(&text).replace(' ', "\\u{20}"));
    let texts: Vec<String> = texts.collect();
    quoted(&guarded(Cow::Owned(texts.join(" "))), out)
}

/// Writes a cell, in quotes if it needs them (RFC 4180, section 2, rules 6 and 7).
fn quoted(text: &str, out: &mut dyn Write) -> io::Result<()> {
    match text.contains([',', '"', ';', ' ']) {
        false => out.write_all(text.as_bytes()),
        true => write!(out, "\"{}\"", text.replace('"', "\"\"")),
    }
}

/// A text in which nothing steers a terminal or ends a line.
///
/// Where decimals are written with a comma, spreadsheets separate cells at `;`, so one that a formula follows is
/// written out too.
fn escaped(text: &str) -> Cow<'_, str> {
    let mut safe = Cow::Borrowed(text);
    if safe.contains('\\') {
        safe = Cow::Owned(safe.replace('\\', "\\\\"));
    }
    if hides(&safe) {
        safe = Cow::Owned(plain(&safe).into_owned());
    }
    if safe.contains(';') {
        let mut pieces = safe.split(';');
        let mut joined = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            joined.push_str(if is_formula(piece) { "\\u{3b}" } else { ";" });
            joined.push_str(piece);
        }
        safe = Cow::Owned(joined);
    }
    safe
}

/// A text changed so that no spreadsheet computes or converts it; `docs/report.md` says how to undo this.
fn guarded(text: Cow<'_, str>) -> Cow<'_, str> {
    match text.starts_with('\'') || is_formula(&text) || is_value(&text) {
        true => Cow::Owned(format!("'{text}")),
        false => text,
    }
}

/// Whether a spreadsheet would compute a cell of this text.
///
/// The characters are those of OWASP, "CSV Injection".
fn is_formula(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
    text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// The most letters in a text that is taken for a value: those of `september`.
const MOST_LETTERS: usize = 9;

/// Whether a spreadsheet or a data frame would take this text for a number, a date, a time, a truth value or an absent
/// value.
///
/// Inferred: from what pandas and LibreOffice, and by its documentation Excel, take for one. The letters decide. With
/// digits and marks alone a text may be a number (`007`, `1.10`), a date (`1/2`, `1.2.3`) or a time (`10:30`); with `e`
/// it may be a number (`5e9634004515`), with `t`, `a` or `p` a time (`2024-01-02T10:00`, `1p`), with a month a date
/// (`mar-1`).
fn is_value(text: &str) -> bool {
    let mut letters = String::with_capacity(MOST_LETTERS);
    for letter in text.chars().filter(|letter| letter.is_alphabetic()) {
        if letters.len() >= MOST_LETTERS {
            return false;
        }
        letters.push(letter.to_ascii_lowercase());
    }
    let has_digit = text.chars().any(char::is_numeric);
    let is_value = match &*letters {
        "true" | "false" | "nan" | "na" | "nana" | "null" | "none" | "inf" | "infinity" => {
            !has_digit
        }
        "" | "ind" | "qnan" => has_digit,
        "e" | "t" | "a" | "p" | "am" | "pm" => has_digit && !text.starts_with(char::is_alphabetic),
        letters => has_digit && MONTHS.iter().any(|month| is_month(letters, month)),
    };
    is_value && !is_uuid(text) && text.parse::<IpAddr>().is_err()
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Whether some letters are the name of a month, or three or more of its first letters.
fn is_month(letters: &str, month: &str) -> bool {
    letters.len() >= 3 && month.starts_with(letters)
}

/// Whether a text has the form of a UUID (RFC 9562, section 4), which nothing takes for a value, whatever its digits.
fn is_uuid(text: &str) -> bool {
    let is_in_place = |(place, byte): (usize, u8)| match place {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(is_in_place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(cell: Cell<'_>) -> String {
        let mut out = Vec::new();
        line([cell].into_iter(), &mut out).expect("a vector takes all");
        let text = String::from_utf8(out).expect("a table is UTF-8");
        text.trim_end_matches("\r\n").to_owned()
    }

    #[test]
    fn what_a_spreadsheet_would_compute_is_guarded() {
        for (text, safe) in [
            ("=cmd()", "'=cmd()"),
            (" @SUM(A1)", "\"' @SUM(A1)\""),
            ("＝1+1", "'＝1+1"),
            ("'quoted", "''quoted"),
            ("a;=cmd()", "a\\u{3b}=cmd()"),
            ("(X11; Linux)", "\"(X11; Linux)\""),
            ("a\tb\\n", "a\\tb\\\\n"),
            ("team/app", "team/app"),
        ] {
            assert_eq!(cell(Cell::Text(Some(text))), safe);
        }
    }

    #[test]
    fn what_would_be_converted_is_guarded() {
        for text in [
            "007",
            "1.10",
            "1e5",
            "5e9634004515",
            "1_000",
            "1/2",
            "2024-01-02",
            "10:30",
            "10:1.10",
            "1.2.3",
            "TRUE",
            "false",
            "NaN",
            "N/A",
            "#N/A",
            "null",
            "None",
            "infinity",
            "mar-1",
            "2-May-2024",
            "sept2",
            "10am",
            "2024-01-02T10:00",
            "5%",
            "１２",
        ] {
            assert_eq!(cell(Cell::Text(Some(text))), format!("'{text}"));
        }
    }

    #[test]
    fn what_is_text_everywhere_stays_as_it_is() {
        for text in [
            "v1.10",
            "p123456789012",
            "e5",
            "shop/web",
            "march",
            "may",
            "nanny",
            "0x1f",
            "12:latest",
            "198.51.100.7",
            "::1",
            "12345678-1234-1234-1234-123456789012",
            "2024-03-04T09:14:31Z",
            "r/007",
            "none-1",
        ] {
            assert_eq!(cell(Cell::Text(Some(text))), text);
        }
    }

    #[test]
    fn ids_accounts_and_tags_begin_with_letters() {
        assert_eq!(cell(Cell::Pushes(vec!["5e9634004515"])), "p5e9634004515");
        assert_eq!(
            cell(Cell::Account(Some("123456789012"))),
            "aws-123456789012"
        );
        let tags = |repository, tags: &[&'static str]| cell(Cell::Tags(repository, tags.to_vec()));
        assert_eq!(tags(Some("web"), &["1.10", "007"]), "\"web:1.10 web:007\"");
        assert_eq!(tags(Some("10"), &["30"]), "'10:30");
        assert_eq!(tags(None, &["1.10"]), "':1.10");
        assert_eq!(tags(Some("web"), &["a b"]), "web:a\\u{20}b");
        assert_eq!(tags(Some("web"), &[]), "");
    }

    #[test]
    fn cells_are_quoted_where_they_need_it() {
        let mut out = Vec::new();
        let cells = [
            Cell::Text(Some("say \"a\"")),
            Cell::Text(None),
            Cell::Number(Some(-29)),
            Cell::Text(Some("v1")),
        ];
        line(cells.into_iter(), &mut out).expect("a vector takes all");
        assert_eq!(out, b"\"say \"\"a\"\"\",,-29,v1\r\n");
    }
}
