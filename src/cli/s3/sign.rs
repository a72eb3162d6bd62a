//! Signs requests (IAM user guide, "AWS Signature Version 4 for API requests").
//!
//! Comes in: a request and the keys to sign it with. Goes out: the headers that sign it. Never: a
//! secret in them.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

/// How many bytes HMAC-SHA-256 takes at a time (FIPS 180-4).
const BLOCK: usize = 64;

/// Keys to sign with.
#[derive(Clone)]
pub(super) struct Keys {
    /// `aws_access_key_id`.
    pub(super) id: String,
    /// `aws_secret_access_key`.
    pub(super) secret: String,
    /// `aws_session_token`, of temporary keys.
    pub(super) token: Option<String>,
    /// When they expire; `None` if that is not known.
    pub(super) expires: Option<DateTime<Utc>>,
}

/// The signed parts of a request.
pub(super) struct Request<'a> {
    /// `GET` or `POST`.
    pub(super) method: &'static str,
    /// The host, with the port if it is not the scheme's own.
    pub(super) host: &'a str,
    /// The path, encoded.
    pub(super) path: &'a str,
    /// The parameters, encoded and sorted.
    pub(super) query: &'a str,
    /// The body.
    pub(super) body: &'a str,
    /// As in `s3`.
    pub(super) service: &'static str,
    /// As in `eu-west-1`.
    pub(super) region: &'a str,
    /// Further headers to sign: names in lower case.
    pub(super) headers: &'a [(&'static str, String)],
}

/// The headers that sign a request; send all of them except `host` with it.
pub(super) fn sign(
    request: &Request<'_>,
    keys: &Keys,
    now: DateTime<Utc>,
) -> Vec<(&'static str, String)> {
    let stamp = now.format("%Y%m%dT%H%M%SZ").to_string();
    let day = now.format("%Y%m%d").to_string();
    let body_hash = hex(&Sha256::digest(request.body));
    let mut headers = request.headers.to_vec();
    headers.push(("x-amz-content-sha256", body_hash.clone()));
    headers.push(("x-amz-date", stamp.clone()));
    if let Some(token) = &keys.token {
        headers.push(("x-amz-security-token", token.clone()));
    }
    let mut signed: Vec<_> = headers
        .iter()
        .map(|(name, value)| (*name, value.trim()))
        .chain([("host", request.host)])
        .collect();
    signed.sort_unstable();
    let names: Vec<_> = signed.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let lines: String = signed
        .iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    let canonical = format!(
        "{}\n{}\n{}\n{lines}\n{names}\n{body_hash}",
        request.method, request.path, request.query
    );
    let scope = format!("{day}/{}/{}/aws4_request", request.region, request.service);
    let hash = hex(&Sha256::digest(canonical));
    let to_sign = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hash}");
    let secret = format!("AWS4{}", keys.secret);
    let key = [&*day, request.region, request.service, "aws4_request"]
        .iter()
        .fold(secret.into_bytes(), |key, part| {
            hmac(&key, part.as_bytes()).to_vec()
        });
    let signature = hex(&hmac(&key, to_sign.as_bytes()));
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope},SignedHeaders={names},Signature={signature}",
        keys.id
    );
    headers.push(("authorization", authorization));
    headers
}

/// HMAC-SHA-256 (RFC 2104).
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let hashed: [u8; 32];
    let key = match key.len() > BLOCK {
        true => {
            hashed = Sha256::digest(key).into();
            &hashed[..]
        }
        false => key,
    };
    let pad = |with: u8| {
        let mut block = [with; BLOCK];
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        block
    };
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(message)
        .finalize();
    let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner);
    outer.finalize().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Percent-encodes all bytes except those that no URI needs encoded and those in `keep`.
pub(super) fn encode(text: &str, keep: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.contains(&byte) {
            true => encoded.push(char::from(byte)),
            false => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// Parameters, sorted and encoded.
pub(super) fn query(parameters: &[(&str, &str)]) -> String {
    let mut encoded: Vec<_> = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name, b""), encode(value, b"")))
        .collect();
    encoded.sort_unstable();
    encoded.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of the examples in the S3 API reference, "Authenticating Requests: Using the
    /// Authorization Header".
    fn keys() -> Keys {
        Keys {
            id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            token: None,
            expires: None,
        }
    }

    fn signature(path: &str, query: &str, headers: &[(&'static str, String)]) -> String {
        let request = Request {
            method: "GET",
            host: "examplebucket.s3.amazonaws.com",
            path,
            query,
            body: "",
            service: "s3",
            region: "us-east-1",
            headers,
        };
        let now = "2013-05-24T00:00:00Z".parse().expect("a time");
        let headers = sign(&request, &keys(), now);
        let (_, authorization) = headers.last().expect("a header");
        let (_, signature) = authorization.split_once("Signature=").expect("a signature");
        signature.to_owned()
    }

    #[test]
    fn the_examples_of_the_reference_are_met() {
        let range = [("range", "bytes=0-9".to_owned())];
        assert_eq!(
            signature("/test.txt", "", &range),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        );
        assert_eq!(
            signature("/", &query(&[("prefix", "J"), ("max-keys", "2")]), &[]),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        );
    }

    #[test]
    fn keys_are_encoded_but_for_their_slashes() {
        assert_eq!(encode("a b/ü+~", b"/"), "a%20b/%C3%BC%2B~");
    }
}
