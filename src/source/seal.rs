//! Checks hashes and signatures of files that CloudTrail delivered.
//!
//! Comes in: bytes, digest files, and the public keys that a user fetched. Goes out: hashes, and the
//! results of checking signatures. Never: a private key, or a key that the user did not name.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use ring::digest::{Context, SHA256};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde::Deserialize;

use crate::problem::Error;
use crate::source::DigestFile;

/// The name of the only signature algorithm in digest files (CloudTrail user guide, "CloudTrail
/// digest file structure": `digestSignatureAlgorithm`).
const ALGORITHM: &str = "SHA256withRSA";

/// The most bytes of a file of public keys; a key has 400.
const MAX_KEYS_BYTES: u64 = 16 << 20;

/// The SHA-256 of a file's decoded content, which is what digest files list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// The hash of bytes in memory.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = Hasher::default();
        hasher.update(bytes);
        hasher.finish()
    }

    /// Reads 64 hexadecimal digits; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = unhex(text)?;
        Some(Self(bytes.try_into().ok()?))
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Hashes a content piece by piece.
#[derive(Clone)]
pub struct Hasher(Context);

impl Default for Hasher {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Hasher {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all of them.
    #[must_use]
    pub fn finish(self) -> ContentHash {
        let mut hash = [0; 32];
        hash.copy_from_slice(self.0.finish().as_ref());
        ContentHash(hash)
    }
}

/// CloudTrail's public keys by fingerprint, as DER of PKCS #1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicKeys(BTreeMap<String, Vec<u8>>);

/// The result of checking a digest file's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// The key that the file names made it.
    Good,
    /// A signature is available, but the key did not make it for this content.
    Bad,
    /// No signature is available.
    Absent,
    /// The key that the file names is not available, or cannot be used.
    UnknownKey,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireKeys {
    public_key_list: Vec<WireKey>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireKey {
    value: String,
    fingerprint: String,
}

impl PublicKeys {
    /// Reads a file with the output of `aws cloudtrail list-public-keys`; outputs for several regions
    /// may follow each other.
    ///
    /// # Errors
    /// [`Error::PublicKeys`] if the file cannot be read or holds anything else.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let error = |source| Error::PublicKeys {
            path: path.to_path_buf(),
            source,
        };
        let size = fs::metadata(path).map_err(error)?.len();
        if size > MAX_KEYS_BYTES {
            return Err(error(bad("the file is too large to be a list of keys")));
        }
        Self::parse(&fs::read(path).map_err(error)?).map_err(error)
    }

    /// Reads the content of such a file.
    ///
    /// # Errors
    /// What it was expected to hold.
    pub fn parse(bytes: &[u8]) -> io::Result<Self> {
        let mut keys = BTreeMap::new();
        for list in serde_json::Deserializer::from_slice(bytes).into_iter::<WireKeys>() {
            let list = list.map_err(|_| bad("expected `{\"PublicKeyList\": […]}`"))?;
            for key in list.public_key_list {
                let value = base64(&key.value)
                    .ok_or_else(|| bad("expected base64 as the `Value` of each key"))?;
                keys.insert(key.fingerprint.to_ascii_lowercase(), value);
            }
        }
        match keys.is_empty() {
            true => Err(bad("expected at least one key in `PublicKeyList`")),
            false => Ok(Self(keys)),
        }
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks the signatures that may be a digest file's own, each in hexadecimal; one good one is
    /// enough.
    #[must_use]
    pub fn check<'a>(
        &self,
        digest: &DigestFile,
        hash: ContentHash,
        signatures: impl IntoIterator<Item = &'a str>,
    ) -> Signature {
        let fingerprint = digest.fingerprint.to_ascii_lowercase();
        let key = match self.0.get(&fingerprint) {
            Some(key) if digest.signature_algorithm == ALGORITHM => key,
            Some(_) | None => return Signature::UnknownKey,
        };
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key);
        let signed = signed_text(digest, hash);
        let mut found = Signature::Absent;
        for signature in signatures {
            let signature = unhex(signature).unwrap_or_default();
            if key.verify(signed.as_bytes(), &signature).is_ok() {
                return Signature::Good;
            }
            found = Signature::Bad;
        }
        found
    }
}

/// The text that the signature of a digest file is made over (CloudTrail user guide, "Custom
/// implementations of CloudTrail log file integrity validation": "Content of the data signing
/// string"; the AWS CLI writes `null` for the signature that the first of a chain lacks).
#[must_use]
pub fn signed_text(digest: &DigestFile, hash: ContentHash) -> String {
    let before = digest.previous.as_ref();
    let before = before.and_then(|before| before.signature.as_deref());
    format!(
        "{}\n{}/{}\n{hash}\n{}",
        digest.end_text,
        digest.place.bucket,
        digest.place.object,
        before.unwrap_or("null")
    )
}

/// The signature in a file beside a digest file: hexadecimal digits, or the output of `aws s3api
/// head-object`, which has it in the metadata `signature`; `None` if the content is neither.
#[must_use]
pub fn side_signature(bytes: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Head {
        metadata: Metadata,
    }
    #[derive(Deserialize)]
    struct Metadata {
        #[serde(alias = "x-amz-meta-signature")]
        signature: String,
    }
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let signature = match serde_json::from_str::<Head>(text) {
        Ok(head) => head.metadata.signature,
        Err(_) => text.to_owned(),
    };
    // A key has 2048 to 8192 bits, and so does its signature.
    let is_long = (512..=2048).contains(&signature.len());
    (is_long && unhex(&signature).is_some()).then_some(signature)
}

fn bad(expected: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, expected)
}

/// Reads hexadecimal digits; `None` if there is anything else.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |letter: u8| char::from(letter).to_digit(16);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|&[high, low]| u8::try_from(digit(high)? << 4 | digit(low)?).ok())
        .collect()
}

/// Reads base64 with the standard alphabet (RFC 4648, section 4), with or without padding, and with
/// white space allowed; `None` if there is anything else.
fn base64(text: &str) -> Option<Vec<u8>> {
    let letters = text.bytes().filter(|letter| !letter.is_ascii_whitespace());
    let letters: Vec<u8> = letters.collect();
    let end = letters.iter().rposition(|&letter| letter != b'=')? + 1;
    let (mut bytes, mut held, mut n_bits) = (Vec::new(), 0_u32, 0);
    for &letter in letters.get(..end)? {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = held << 6 | u32::from(value);
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            bytes.push(u8::try_from(held >> n_bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_whole_or_not_at_all() {
        assert_eq!(unhex("00fFa1"), Some(vec![0, 0xff, 0xa1]));
        for text in ["0", "0g", "é0"] {
            assert_eq!(unhex(text), None, "{text}");
        }
    }

    #[test]
    fn base64_is_read_with_and_without_padding() {
        for (text, bytes) in [
            ("aGk=", "hi"),
            ("aGk", "hi"),
            ("aGkh\n", "hi!"),
            ("aA==", "h"),
        ] {
            assert_eq!(base64(text).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        assert_eq!(base64("aG-k"), None);
    }

    #[test]
    fn content_hash_is_sha_256() {
        // FIPS 180-4, the empty message.
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(ContentHash::of(b"").to_string(), empty);
        assert_eq!(ContentHash::parse(empty), Some(ContentHash::of(b"")));
        assert_eq!(ContentHash::parse("e3b0"), None);
    }

    #[test]
    fn a_side_file_holds_digits_or_what_head_object_prints() {
        let digits = "ab".repeat(256);
        let head = format!(
            r#"{{"ContentLength":9,"Metadata":{{"signature":"{digits}","signature-algorithm":"SHA256withRSA"}}}}"#
        );
        for text in [format!("{digits}\n"), head] {
            assert_eq!(
                side_signature(text.as_bytes()).as_deref(),
                Some(digits.as_str())
            );
        }
        assert_eq!(side_signature(b"{\"Records\":[]}"), None);
        assert_eq!(side_signature(b"abab"), None);
    }

    #[test]
    fn a_file_of_keys_holds_several_lists_and_nothing_else() {
        let list = |name: &str| {
            format!(r#"{{"PublicKeyList":[{{"Value":"aGk=","Fingerprint":"{name}"}}]}}"#)
        };
        let two = format!("{}\n{}\n", list("aa"), list("bb"));
        let keys = PublicKeys::parse(two.as_bytes()).expect("two keys");
        assert_eq!(keys.0.len(), 2);
        for text in ["", "{}", "[]", r#"{"PublicKeyList":[]}"#] {
            assert!(PublicKeys::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
