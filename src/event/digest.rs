//! OCI content digests.
//!
//! Comes in: the text of a digest or the bytes it is made of. Goes out: a [`Digest`] parsed once.
//! Never: a digest of CloudTrail's own, which are called digest files.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// A content digest by the OCI image specification's grammar (`descriptor.md`, "Digests").
///
/// `sha256` is held as bytes; any other registered or unregistered algorithm keeps its text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Digest {
    /// `sha256:` and 64 lower-case hexadecimal digits.
    Sha256([u8; 32]),
    /// Another algorithm: the whole text, which follows the grammar.
    Other(Box<str>),
}

impl Digest {
    /// Parses `algorithm:encoded`; `None` when the text does not follow the grammar.
    ///
    /// For `sha256` and `sha512` the number of digits and their lower case are checked, as the
    /// specification demands of registered algorithms.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (algorithm, encoded) = text.split_once(':')?;
        match algorithm {
            "sha256" => parse_sha256(encoded).map(Self::Sha256),
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
        Self::Sha256(Sha256::digest(bytes).into())
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

/// What stands for a byte that is no digit, among the values of those that are.
const NO_DIGIT: u8 = 0xff;

/// The value of each byte as a lower-case hexadecimal digit.
const HEX_VALUES: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        values[b"0123456789abcdef"[value] as usize] = value as u8;
        value += 1;
    }
    values
};

/// Reads pairs of lower-case hexadecimal digits, as many as `out` has room for.
///
/// All are read before any is judged: most are digits, and a look at each costs more.
#[must_use]
pub(super) fn read_hex(digits: &[u8], out: &mut [u8]) -> bool {
    let mut seen = 0;
    for (byte, pair) in out.iter_mut().zip(digits.as_chunks::<2>().0) {
        let [high, low] = pair.map(|digit| HEX_VALUES[usize::from(digit)]);
        seen |= high | low;
        *byte = high << 4 | (low & 15);
    }
    seen < 16
}

fn parse_sha256(encoded: &str) -> Option<[u8; 32]> {
    let digits: &[u8; 64] = encoded.as_bytes().try_into().ok()?;
    let mut bytes = [0; 32];
    read_hex(digits, &mut bytes).then_some(bytes)
}

fn is_lower_hex(digit: u8) -> bool {
    HEX_VALUES[usize::from(digit)] != NO_DIGIT
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
