//! Compares the fast way of reading members with serde's.

use super::*;
use crate::event::wire::{ManifestJson, Record};
use crate::numbers::numbers;

/// Values and parts of them, valid and not, that a member may hold.
const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "tru",
    "0",
    "7",
    "007",
    "-1",
    "-0",
    "1.5",
    "1.",
    "1e5",
    "1e999",
    "18446744073709551615",
    "18446744073709551616",
    "\"\"",
    "\"text\"",
    "\"12\"",
    "\"+12\"",
    "\"true\"",
    "\"with \\\"escapes\\\" \\u00e9 \\\\\"",
    "\"lone \\ud800\"",
    "\"pair \\ud83d\\ude00\"",
    "\"bad \\x\"",
    "\"bad \\u12g4\"",
    "\"control \u{1}\"",
    "\"line\nbreak\"",
    "\"é and 漢字, long enough for more than eight bytes\"",
    "\"open",
    "[]",
    "[1,\"a\",null]",
    "[1,]",
    "[\"sha256:aa\",7]",
    "{}",
    "{\"a\":{\"b\":[{}]}}",
    "{\"a\" 1}",
    "{\"a\":1,}",
    "{\"accountId\":\"1\",\"sessionContext\":{\"attributes\":{\"creationDate\":\"x\"}}}",
    "{\"uploadId\":\"u\",\"partFirstByte\":0,\"layerDigests\":[\"a\",\"b\"],\"omitted\":\"true\"}",
    "{\"uploadId\":null,\"uploadId\":\"twice\"}",
    "{\"upload\\u0049d\":\"escaped name\"}",
    "{\"image\":{\"imageId\":{\"imageDigest\":\"d\",\"imageTag\":3}}}",
    "[{\"ARN\":\"a\"},{\"arn\":\"b\"},4]",
    "{\"imageManifest\":\"{\\\"a\\\":[\\\\\\/\\b\\f\\n\\r\\t é]}\"}",
    "{\"imageManifest\":\"\\\\\\u0041\"}",
    "{\"imageManifest\":\"\\n\\ud800\"}",
    "{\"image\":{\"imageManifest\":\"\\\\\\\\u\"}}",
    "{\"imageManifest\":7}",
];

/// Names of members; those of a record in CloudTrail's order.
const NAMES: &[&str] = &[
    "eventVersion",
    "userIdentity",
    "eventTime",
    "eventName",
    "errorMessage",
    "requestParameters",
    "responseElements",
    "readOnly",
    "resources",
    "addendum",
    "tlsDetails",
    "other",
    "event\\u004eame",
    "a \\\"quoted\\\" name",
    "bad \\q name",
];

fn fast<'a, T: Read<'a>>(text: &'a str) -> Option<T> {
    let mut value = T::default();
    let callers = Callers::default();
    Cursor::new(text, &callers).whole(&mut value)?;
    Some(value)
}

/// The record in a text, read both ways, without the text that only the fast one keeps.
fn both(text: &str) -> (Option<Record<'_>>, Result<Record<'_>, serde_json::Error>) {
    let fast = fast::<Record<'_>>(text).map(|mut record| {
        record.caller.text = "";
        record
    });
    (fast, serde_json::from_str(text))
}

#[test]
fn what_the_cursor_accepts_serde_reads_the_same() {
    let mut next = numbers(0x9e37_79b9_7f4a_7c15);
    let (mut n_fast, mut n_refused) = (0, 0);
    for _ in 0..60_000 {
        let mut text = String::from("{");
        let mut names: Vec<_> = (0..next(6)).map(|_| next(NAMES.len())).collect();
        if next(2) == 0 {
            names.sort_unstable();
        }
        for (member, name) in names.into_iter().enumerate() {
            let space = ["", "", " ", "\n\t "][next(4)];
            let comma = if member > 0 { "," } else { "" };
            let (name, value) = (NAMES[name], VALUES[next(VALUES.len())]);
            text.push_str(&format!(
                "{comma}{space}\"{name}\"{space}:{space}{value}{space}"
            ));
        }
        text.push_str(["}", "}", "}", "} ", "}x", ""][next(6)]);
        let (fast, slow) = both(&text);
        match (fast, slow) {
            (Some(fast), Ok(slow)) => {
                assert_eq!(fast, slow, "{text}");
                n_fast += 1;
            }
            (Some(_), Err(error)) => panic!("accepted, but {error}: {text}"),
            (None, _) => n_refused += 1,
        }
    }
    assert!(
        n_fast > 10_000 && n_refused > 10_000,
        "{n_fast} {n_refused}"
    );
}

#[test]
fn a_damaged_byte_anywhere_leads_to_the_same_answer() {
    let sound = r#"{"eventName":"UploadLayerPart","userIdentity":{"type":"IAMUser","sessionContext":{"attributes":{"creationDate":"2024-03-01T10:00:00Z"}}},"requestParameters":{"uploadId":"u-1","partFirstByte":0,"layerDigests":["a","b\\"]},"additional":[1.5e3,{"deep":[true,false,null,"\u00e9"]}],"responseElements":null}"#;
    let mut n_fast = 0;
    for at in 0..sound.len() {
        for byte in b"\"\\{}[],:0-e.nu \n\x01x" {
            let mut bytes = sound.as_bytes().to_vec();
            bytes[at] = *byte;
            let text = String::from_utf8(bytes).expect("ASCII");
            if let (Some(fast), slow) = both(&text) {
                assert_eq!(Some(fast), slow.ok(), "{text}");
                n_fast += 1;
            }
        }
    }
    assert!(n_fast > 1000, "{n_fast}");
}

#[test]
fn ordinary_records_and_manifests_never_need_serde() {
    for text in [
        r#"{"eventVersion":"1.11","eventName":"PutImage","tls":{"a":-1.5e-3},"requestParameters":{"imageManifest":"{\"schemaVersion\":2}"},"responseElements":null,"readOnly":false}"#,
        "{}",
        " {\n \"eventName\" : \"PutImage\" ,\r\n \"resources\" : [ { \"ARN\" : \"x\" } ] }\n",
    ] {
        assert!(fast::<Record<'_>>(text).is_some(), "{text}");
    }
    let manifest = r#"{"schemaVersion":2,"config":{"digest":"d","size":7},"layers":[{"digest":"e","size":8}]}"#;
    assert!(fast::<Maybe<Inner<ManifestJson<'_>>>>(manifest).is_some());
}

#[test]
fn deep_values_are_left_to_serde() {
    let deep = |n: usize| format!("{{\"x\":{}1{}}}", "[".repeat(n), "]".repeat(n));
    assert!(fast::<Record<'_>>(&deep(60)).is_some());
    assert!(fast::<Record<'_>>(&deep(100)).is_none());
    let (shallow, deeper) = (deep(60), deep(100_000));
    assert!(both(&shallow).1.is_ok() && both(&deeper).1.is_ok());
}
