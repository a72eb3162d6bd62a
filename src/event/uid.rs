//! Identifiers that AWS makes: `eventID`, `requestID`, `uploadId`.
//!
//! Comes in: their text. Goes out: 16 bytes for a canonical UUID, an interned text for the rest.
//! Never: a change of spelling; what was read is what is shown.

use std::borrow::Cow;
use std::ops::Range;

use crate::event::digest::{read_hex, write_hex};
use crate::event::intern::Table;
use crate::event::{TextId, Texts};

/// An identifier, held without heap memory of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Uid {
    /// A UUID in its canonical form: lower case, hyphens after 8, 12, 16 and 20 digits.
    Uuid([u8; 16]),
    /// Anything else, as it was written.
    Text(TextId),
}

/// Where the hyphens of a canonical UUID stand.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// Where its digits stand, and the bytes that they make.
const GROUPS: [(Range<usize>, Range<usize>); 5] = [
    (0..8, 0..4),
    (9..13, 4..6),
    (14..18, 6..8),
    (19..23, 8..10),
    (24..36, 10..16),
];

impl Uid {
    /// The identifier of a text.
    pub fn intern(text: &str, texts: &mut Texts) -> Self {
        match parse_uuid(text) {
            Some(bytes) => Self::Uuid(bytes),
            None => Self::Text(texts.intern(text, || text.into())),
        }
    }

    /// The identifier of a text, if it can occur with these texts at all.
    #[must_use]
    pub fn find(text: &str, texts: &Texts) -> Option<Self> {
        parse_uuid(text)
            .map(Self::Uuid)
            .or_else(|| texts.find(text).map(Self::Text))
    }

    /// The first eight bytes of the text, as a number that sorts as they do; shorter ones with zeros.
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
    let mut text = [b'-'; 36];
    for (digits, from) in GROUPS {
        write_hex(&bytes[from], &mut text[digits]);
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
    let mut bytes = [0; 16];
    let is_uuid = HYPHENS.iter().all(|&at| text[at] == b'-')
        && GROUPS
            .into_iter()
            .all(|(from, to)| read_hex(&text[from], &mut bytes[to]));
    is_uuid.then_some(bytes)
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
