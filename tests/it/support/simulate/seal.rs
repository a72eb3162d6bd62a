//! Digest files as CloudTrail chains and signs them, with a key made for these tests.
//!
//! In: what a digest file lists, and the one before it. Out: its text and its signature, over what the CloudTrail
//! user guide says under "Custom implementations of CloudTrail log file integrity validation".

use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

/// The private half of the key in `testdata/keys/public-keys.json`; it signs nothing but test data.
const KEY: &[u8] = include_bytes!("../../../../testdata/keys/test-trail-private.der");
/// The fingerprint of that key.
pub(crate) const FINGERPRINT: &str = "94bf7a52f3f030b3b79324d46b75e45b";

/// A digest file.
#[derive(Clone)]
pub(crate) struct Sealed {
    /// Its content.
    pub(crate) text: String,
    /// Where it is put.
    pub(crate) object: String,
    /// Its signature, in hexadecimal.
    pub(crate) signature: String,
}

/// Makes `digest` follow `previous`, and signs it.
pub(crate) fn seal(mut digest: Value, previous: Option<&Sealed>) -> Sealed {
    let bucket = digest["digestS3Bucket"].clone();
    digest["digestPublicKeyFingerprint"] = json!(FINGERPRINT);
    digest["digestSignatureAlgorithm"] = json!("SHA256withRSA");
    digest["previousDigestS3Bucket"] = json!(previous.map(|_| &bucket));
    digest["previousDigestS3Object"] = json!(previous.map(|previous| &previous.object));
    digest["previousDigestHashValue"] = json!(previous.map(|previous| sha256(&previous.text)));
    digest["previousDigestHashAlgorithm"] = json!(previous.map(|_| "SHA-256"));
    digest["previousDigestSignature"] = json!(previous.map(|previous| &previous.signature));
    let text = digest.to_string();
    let field = |name: &str| digest[name].as_str().unwrap_or("null").to_owned();
    let signed = format!(
        "{}\n{}/{}\n{}\n{}",
        field("digestEndTime"),
        field("digestS3Bucket"),
        field("digestS3Object"),
        sha256(&text),
        field("previousDigestSignature"),
    );
    Sealed {
        object: field("digestS3Object"),
        signature: sign(&signed),
        text,
    }
}

/// The signature of a text, in hexadecimal; the same for the same text.
fn sign(text: &str) -> String {
    let key = RsaKeyPair::from_der(KEY).expect("the test key is one");
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        text.as_bytes(),
        &mut signature,
    )
    .expect("the key is long enough");
    hex(&signature)
}

/// The SHA-256 of a text, in hexadecimal.
pub(crate) fn sha256(text: &str) -> String {
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
