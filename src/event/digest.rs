//! OCI content digests.
//!
//! Comes in: the text of a digest or the bytes it is computed from. Goes out: a [`Digest`] parsed
//! once. Never: a digest of CloudTrail's own, which are called digest files.

use std::fmt;

use ring::digest::{SHA256, digest};

/// A content digest by the OCI image specification's grammar (`descriptor.md`, "Digests").
///
/// `sha256` is stored as bytes; any other algorithm, registered or not, keeps its text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Digest {
    /// `sha256:` and 64 lower-case hexadecimal digits.
    Sha256([u8; 32]),
    /// Another algorithm: the whole text, which follows the grammar.
    Other(Box<str>),
}

impl Digest {
    /// Parses `algorithm:encoded`; `None` if the text does not follow the grammar.
    ///
    /// For `sha256` and `sha512` the number of digits and lower case are checked, as the
    /// specification requires for registered algorithms.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(encoded) = text.strip_prefix("sha256:") {
            return read_hex::<64, 32>(encoded.as_bytes().try_into().ok()?).map(Self::Sha256);
        }
        let (algorithm, encoded) = text.split_once(':')?;
        match algorithm {
            "sha512" if encoded.len() != 128 || !encoded.bytes().all(is_lower_hex) => None,
            _ if is_algorithm(algorithm) && is_encoded(encoded) && text.len() <= 512 => {
                Some(Self::Other(text.into()))
            }
            _ => None,
        }
    }

    /// The sha256 digest of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(digest(&SHA256, bytes).as_ref());
        Self::Sha256(sha256)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha256(bytes) => {
                let mut text =
                    *b"sha256:0000000000000000000000000000000000000000000000000000000000000000";
                write_hex(bytes, &mut text[7..]);
                f.write_str(std::str::from_utf8(&text).expect("hexadecimal digits are ASCII"))
            }
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// Writes bytes as lower-case hexadecimal digits, two a byte.
pub(super) fn write_hex(bytes: &[u8], out: &mut [u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (byte, pair) in bytes.iter().zip(out.chunks_exact_mut(2)) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
}

/// Reads pairs of lower-case hexadecimal digits; `None` if there is anything else.
///
/// All are converted before any is checked: most are digits, and sixteen at once cost as much as
/// one.
pub(super) fn read_hex<const DIGITS: usize, const BYTES: usize>(
    digits: &[u8; DIGITS],
) -> Option<[u8; BYTES]> {
    const { assert!(DIGITS == 2 * BYTES) };
    let mut values = [0; DIGITS];
    let mut others = 0;
    for (value, &digit) in values.iter_mut().zip(digits) {
        let (number, letter) = (digit.wrapping_sub(b'0'), digit.wrapping_sub(b'a'));
        *value = if number < 10 {
            number
        } else {
            letter.wrapping_add(10)
        };
        others |= u8::from(number >= 10) & u8::from(letter >= 6);
    }
    let mut bytes = [0; BYTES];
    for (byte, [high, low]) in bytes.iter_mut().zip(values.as_chunks::<2>().0) {
        *byte = high << 4 | low;
    }
    (others == 0).then_some(bytes)
}

fn is_lower_hex(digit: u8) -> bool {
    matches!(digit, b'0'..=b'9' | b'a'..=b'f')
}

fn is_algorithm(text: &str) -> bool {
    text.split(['+', '.', '_', '-']).all(|part| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

fn is_encoded(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'=' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_is_read_and_written_back() {
        let text = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(
            Digest::parse(text).map(|d| d.to_string()).as_deref(),
            Some(text)
        );
        assert_eq!(Digest::of(b""), Digest::parse(text).expect("a digest"));
    }

    #[test]
    fn every_byte_but_a_digit_is_refused_wherever_it_stands() {
        for (at, byte) in (0..64).flat_map(|at| (0..=255).map(move |byte| (at, byte))) {
            let mut digits = *b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
            digits[at] = byte;
            let slow: Option<Vec<u8>> = (digits.chunks(2))
                .map(|pair| {
                    let pair = str::from_utf8(pair).ok()?;
                    let is_lower = !pair.contains(|c: char| c.is_ascii_uppercase() || c == '+');
                    is_lower.then(|| u8::from_str_radix(pair, 16).ok())?
                })
                .collect();
            let fast = read_hex::<64, 32>(&digits);
            assert_eq!(fast.map(Vec::from), slow, "{byte:#x} at {at}");
        }
    }

    #[test]
    fn the_grammar_of_the_specification_decides() {
        for good in [
            "sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564",
            "multihash+base58:QmRZxt2b1F",
        ] {
            assert!(Digest::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "sha256",
            "sha256:",
            "sha256:E3B0",
            "sha256:12",
            ":12",
            "SHA256:ab",
            "a..b:12",
            "a:b c",
        ] {
            assert!(Digest::parse(bad).is_none(), "{bad}");
        }
        let upper = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855";
        assert!(Digest::parse(&format!("sha256:{upper}")).is_none());
    }
}
