//! Strings that are long, full of escapes and rarely used: manifests.
//!
//! Comes in: the inside of a JSON string that was skipped. Goes out: its text, on demand. Never: a
//! check; whoever makes one has done that.

use std::borrow::Cow;

use crate::event::wire::member::Maybe;
use crate::record::stop;

/// A string of the record.
#[derive(Clone, Debug)]
pub(in crate::event) enum Long<'a> {
    /// Its text.
    Text(Cow<'a, str>),
    /// Its written form, whose only escapes are of single characters.
    Written(&'a str),
}

impl Long<'_> {
    fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Written(written) => Cow::Owned(resolve(written)),
        }
    }
}

impl PartialEq for Long<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Long<'_> {}

impl Maybe<Long<'_>> {
    /// The text, unless it is absent, empty or of another type.
    pub(in crate::event) fn text(&self) -> Option<Cow<'_, str>> {
        self.get().map(Long::text).filter(|text| !text.is_empty())
    }
}

/// Resolves escapes of single characters (RFC 8259, section 7).
fn resolve(written: &str) -> String {
    let mut text = String::with_capacity(written.len());
    let mut rest = written;
    loop {
        // Only a backslash can stop before the end, since this was a string.
        let at = stop(rest.as_bytes(), 0);
        text.push_str(rest.get(..at).unwrap_or_default());
        let Some(&letter) = rest.as_bytes().get(at + 1) else {
            return text;
        };
        text.push(match letter {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            itself => char::from(itself),
        });
        rest = rest.get(at + 2..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn every_letter_stands_for_what_serde_says() {
        for letter in r#""\/bfnrt"#.chars() {
            for (before, after) in [("", ""), ("é", ""), ("", "\\\\"), ("\\n\\\\", "u0041 x")] {
                let written = format!("{before}\\{letter}{after}");
                let expected: String =
                    serde_json::from_str(&format!("\"{written}\"")).expect("a JSON string");
                assert_eq!(resolve(&written), expected, "{written}");
            }
        }
        assert_eq!(resolve(""), "");
    }
}
