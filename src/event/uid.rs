//! Identifiers that AWS makes: `eventID`, `requestID`, `uploadId`.
//!
//! Comes in: their text. Goes out: 16 bytes for a canonical UUID, an interned text for the rest.
//! Never: a change of spelling; what was read is what is shown.

use std::borrow::Cow;

use crate::event::digest::{hex_value, write_hex};
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
    for (from, to) in [
        (0..8, 0..8),
        (8..12, 9..13),
        (12..16, 14..18),
        (16..20, 19..23),
        (20..32, 24..36),
    ] {
        text[to].copy_from_slice(&digits[from]);
    }
    let text = std::str::from_utf8(&text).expect("hexadecimal digits and hyphens are ASCII");
    text.to_owned()
}

fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
    let mut digits = [0; 32];
    let mut filled = 0;
    for (index, &byte) in text.iter().enumerate() {
        if HYPHENS.contains(&index) {
            if byte != b'-' {
                return None;
            }
        } else {
            digits[filled] = hex_value(byte)?;
            filled += 1;
        }
    }
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair[0] << 4 | pair[1];
    }
    Some(bytes)
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
