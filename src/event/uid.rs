//! Identifiers that AWS makes: `eventID`, `requestID`, `uploadId`.
//!
//! Comes in: their text. Goes out: 16 bytes for a canonical UUID, an interned text for the rest.
//! Never: a change of spelling; identifiers are shown as they were read.

use std::borrow::Cow;
use std::ops::Range;

use crate::event::digest::{read_hex, write_hex};
use crate::event::intern::Table;
use crate::event::{TextId, Texts};

/// An identifier that needs no heap memory of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Uid {
    /// A UUID in its canonical form: lower case, hyphens after 8, 12, 16 and 20 digits.
    Uuid([u8; 16]),
    /// Anything else, as it was written.
    Text(TextId),
}

/// The positions of the hyphens in a canonical UUID.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The positions of its digits in the text, and among all digits.
const GROUPS: [(Range<usize>, Range<usize>); 5] = [
    (0..8, 0..8),
    (9..13, 8..12),
    (14..18, 12..16),
    (19..23, 16..20),
    (24..36, 20..32),
];

impl Uid {
    /// The identifier of a text.
    pub fn intern(text: &str, texts: &mut Texts) -> Self {
        match parse_uuid(text) {
            Some(bytes) => Self::Uuid(bytes),
            None => Self::Text(texts.intern(text, || text.into())),
        }
    }

    /// The identifier of a text, if it can occur with these texts.
    #[must_use]
    pub fn find(text: &str, texts: &Texts) -> Option<Self> {
        parse_uuid(text)
            .map(Self::Uuid)
            .or_else(|| texts.find(text).map(Self::Text))
    }

    /// The first eight bytes of the text, as a number that sorts like them; shorter texts are padded
    /// with zeros.
    #[must_use]
    pub fn prefix(self, texts: &Texts) -> u64 {
        let mut prefix = [0; 8];
        match self {
            Self::Uuid(bytes) => write_hex(&bytes[..4], &mut prefix),
            Self::Text(id) => {
                let text = texts.get(id).as_bytes();
                let len = text.len().min(8);
                prefix[..len].copy_from_slice(&text[..len]);
            }
        }
        u64::from_be_bytes(prefix)
    }

    /// The text as it was read.
    #[must_use]
    pub fn text(self, texts: &Table<TextId, Box<str>>) -> Cow<'_, str> {
        match self {
            Self::Uuid(bytes) => Cow::Owned(format_uuid(bytes)),
            Self::Text(id) => Cow::Borrowed(texts.get(id)),
        }
    }
}

fn format_uuid(bytes: [u8; 16]) -> String {
    let mut digits = [0; 32];
    write_hex(&bytes, &mut digits);
    let mut text = [b'-'; 36];
    for (to, from) in GROUPS {
        text[to].copy_from_slice(&digits[from]);
    }
    let text = std::str::from_utf8(&text).expect("hexadecimal digits and hyphens are ASCII");
    text.to_owned()
}

/// Whether a text is a canonical UUID.
#[must_use]
pub(super) fn is_uuid(text: &str) -> bool {
    parse_uuid(text).is_some()
}

fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
    if HYPHENS.iter().any(|&at| text[at] != b'-') {
        return None;
    }
    let mut digits = [0; 32];
    for (from, to) in GROUPS {
        digits[to].copy_from_slice(&text[from]);
    }
    read_hex(&digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_uuids_need_no_text_and_come_back_equal() {
        let mut texts = Texts::default();
        for text in [
            "2bfd4ee2-2178-4a82-a27d-b12939923f0f",
            "00000000-0000-0000-0000-000000000000",
        ] {
            let uid = Uid::intern(text, &mut texts);
            assert!(matches!(uid, Uid::Uuid(_)));
            assert_eq!(uid.text(&texts), text);
        }
        assert!(texts.is_empty());
    }

    #[test]
    fn prefixes_sort_as_texts_do() {
        let mut texts = Texts::default();
        let mut uids: Vec<(String, u64)> = [
            "2bfd4ee2-2178-4a82-a27d-b12939923f0f",
            "2bfd4ee3-0178-4a82-a27d-b12939923f0f",
            "2bfd4ee2a2178-4a82-a27d-b12939923f0f",
            "",
            "a",
            "e3c6f4ce-EXAMPLE",
            "2BFD4EE2-2178-4A82-A27D-B12939923F0F",
        ]
        .map(|text| {
            (
                text.to_owned(),
                Uid::intern(text, &mut texts).prefix(&texts),
            )
        })
        .to_vec();
        uids.sort();
        assert!(uids.is_sorted_by_key(|(_, prefix)| *prefix), "{uids:?}");
    }

    #[test]
    fn every_digit_counts() {
        let text = "01234567-89ab-cdef-0123-456789abcdef";
        for at in (0..text.len()).filter(|at| !HYPHENS.contains(at)) {
            let mut other = text.to_owned();
            other.replace_range(
                at..=at,
                if text[at..].starts_with('7') {
                    "8"
                } else {
                    "7"
                },
            );
            let uuid = parse_uuid(&other).expect("a UUID");
            assert_eq!(format_uuid(uuid), other);
            other.replace_range(at..=at, "-");
            assert_eq!(parse_uuid(&other), None, "{other}");
        }
    }

    #[test]
    fn other_spellings_are_kept_as_they_are() {
        let mut texts = Texts::default();
        for text in [
            "",
            "e3c6f4ce-EXAMPLE",
            "2BFD4EE2-2178-4A82-A27D-B12939923F0F",
            "2bfd4ee2a2178-4a82-a27d-b12939923f0f",
        ] {
            let uid = Uid::intern(text, &mut texts);
            assert!(matches!(uid, Uid::Text(_)), "{text}");
            assert_eq!(uid.text(&texts), text);
        }
    }
}
