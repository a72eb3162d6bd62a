//! Damage to one record.
//!
//! In: a sound record. Out: bytes that were it: with a member changed for what a caller, an exporter or
//! an attacker might have put there, or with bytes lost, added and turned.

use serde_json::{Value, json};

use super::super::simulate::random::Random;

/// Texts that mean something to somebody who reads a record.
const TEXTS: &[&str] = &[
    "",
    " ",
    "-",
    "0",
    "null",
    "true",
    "ecr.amazonaws.com",
    "PutImage",
    "UploadLayerPart",
    "sha256:",
    "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    "sha512:0",
    "0000-01-01T00:00:00Z",
    "0000-00-00T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:60.999999999-23:59",
    "+262142-12-31T23:59:59Z",
    "-262143-01-01T00:00:00Z",
    "2016-12-31T23:59:60Z",
    "2026-03-17T10:00:00.123456789+14:00",
    "2026-03-17",
    "1773741600",
    "18446744073709551615",
    "18446744073709551616",
    "-1",
    "arn:aws:ecr:::",
    "arn:aws:ecr:eu-west-1:1:repository/",
    "arn:aws:iam::123456789012:root",
    "\u{0}",
    "\u{1b}[2J",
    "\u{202e}",
    "\u{feff}",
    "a\r\nb",
    "💥",
    "{\"Records\":[{\"eventSource\":\"ecr.amazonaws.com\"}]}",
    "{\"schemaVersion\":2,\"config\":{},\"layers\":[]}",
    "{\"manifests\":[]}",
    "[[[[[[[[",
];

/// Pieces of JSON that are put among bytes, some of them no text.
const PIECES: &[&[u8]] = &[
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\n",
    b"\0",
    b"\xff",
    b"\xc3",
    b"\\u0000",
    b"\\ud800",
    b"\\udfff",
    b"\\u",
    b"\\x",
    b"1e999",
    b"-",
    b"0",
    b"00",
    b"null",
    b"tru",
    b"\xef\xbb\xbf",
    b"}\n{",
    b"},{",
    b"]}",
    b"{\"Records\":[",
    b"\"eventName\":\"PutImage\",",
    b"\"Records\":[{}],",
    b"{\"\":",
    b"\"\":{\"\":",
    b"[[[[[[[[[[[[[[[[",
    b"/*",
    b"\x1e",
    b"\r\n",
    b"18446744073709551616",
    b"0.1",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
];

/// The members that are made up where they were not, with anything for a value.
const MEMBERS: &[&str] = &[
    "addendum",
    "sharedEventID",
    "errorCode",
    "errorMessage",
    "resources",
    "serviceEventDetails",
    "eventType",
    "requestParameters",
    "responseElements",
    "recipientAccountId",
    "Records",
    "detail-type",
    "message",
    "omitted",
    "imageManifest",
    "partFirstByte",
    "partLastByte",
    "layerDigests",
];

/// The members whose texts tell one record from another, and are not passed on.
const OWN: &[&str] = &["eventID", "sharedEventID", "addendum", "originalEventID"];

/// A record with a member or two changed: JSON, and an object.
pub(crate) fn meaning(random: &mut Random, record: &Value, donor: &Value) -> Vec<u8> {
    let mut record = record.clone();
    for _ in 0..=random.index(3) {
        change(random, &mut record, donor);
    }
    let mut text = record.to_string();
    if random.percent(10) {
        // A member twice: which of them counts is for readers to agree on.
        let name = *random.pick(MEMBERS);
        let value = anything(random);
        text.replace_range(..1, &format!("{{\"{name}\":{value},"));
    }
    if random.percent(5) {
        let (name, escaped) = *random.pick(&[
            ("\"eventName\"", "\"event\\u004eame\""),
            ("ecr.", "ecr\\u002e"),
            ("\"eventID\"", "\"\\u0065ventID\""),
        ]);
        text = text.replacen(name, escaped, 1);
    }
    text.into_bytes()
}

/// A record with bytes lost, added and turned.
pub(crate) fn bytes(random: &mut Random, record: &str) -> Vec<u8> {
    let mut bytes = record.as_bytes().to_vec();
    for _ in 0..=random.index(3) {
        edit(random, &mut bytes);
    }
    bytes
}

/// One edit of some bytes; they may be none afterwards.
pub(crate) fn edit(random: &mut Random, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        let piece: &&[u8] = random.pick(PIECES);
        return bytes.extend_from_slice(piece);
    }
    let at = random.index(bytes.len());
    let end = (at + 1 + random.index(40)).min(bytes.len());
    match random.index(8) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => drop(bytes.remove(at)),
        3 => bytes[at] ^= 1 << random.index(8),
        4 => bytes[at] = random.pick(PIECES)[0],
        5 => {
            let copy = bytes[at..end].to_vec();
            let to = random.index(bytes.len());
            bytes.splice(to..to, copy);
        }
        _ => drop(bytes.splice(at..at, random.pick(PIECES).iter().copied())),
    }
}

/// Changes one member, at any depth.
fn change(random: &mut Random, value: &mut Value, donor: &Value) {
    let goes_deeper = random.percent(60);
    match value {
        Value::Object(members) if !members.is_empty() => {
            let names: Vec<String> = members.keys().cloned().collect();
            let name = random.pick(&names).clone();
            let is_nested = members[&name].is_object() || members[&name].is_array();
            if goes_deeper && is_nested {
                return change(random, &mut members[&name], &donor[&name]);
            }
            match random.index(6) {
                0 => drop(members.shift_remove(&name)),
                1 if !OWN.contains(&&*name) => members[&name] = donor[&name].clone(),
                2 => members[&name] = wrapped(random, members[&name].take()),
                3 => {
                    let name = (*random.pick(MEMBERS)).to_owned();
                    members.insert(name, anything(random));
                }
                4 => members[&name] = bent(random, members[&name].take()),
                _ => members[&name] = anything(random),
            }
        }
        Value::Array(values) if !values.is_empty() => {
            let at = random.index(values.len());
            match random.index(4) {
                0 => drop(values.remove(at)),
                1 => values.push(values[at].clone()),
                2 if values[at].is_object() => change(random, &mut values[at], &donor[at]),
                _ => values[at] = anything(random),
            }
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => *value = anything(random),
    }
}

/// A value in brackets, or as text.
fn wrapped(random: &mut Random, value: Value) -> Value {
    match random.index(4) {
        0 => json!([value]),
        1 => json!({ "Records": [value] }),
        2 => json!(value.to_string()),
        _ => (0..random.index(200)).fold(value, |value, _| json!([value])),
    }
}

/// Nearly the same value.
fn bent(random: &mut Random, value: Value) -> Value {
    match value {
        Value::String(text) => {
            let letters = text.chars();
            let cut = random.index(text.chars().count() + 1);
            match random.index(4) {
                0 => letters.take(cut).collect::<String>().into(),
                1 => letters.skip(cut).collect::<String>().into(),
                2 => text.to_uppercase().into(),
                _ => format!("{text}{}", random.pick(TEXTS)).into(),
            }
        }
        Value::Number(number) => match random.index(3) {
            0 => json!(number.as_u64().unwrap_or(1).wrapping_sub(1)),
            1 => json!(number.to_string()),
            _ => json!(number.as_f64().unwrap_or(0.0) + 0.5),
        },
        Value::Bool(is) => json!(!is),
        other @ (Value::Null | Value::Array(_) | Value::Object(_)) => json!([other]),
    }
}

/// Any value of any type.
fn anything(random: &mut Random) -> Value {
    match random.index(12) {
        0 => Value::Null,
        1 => json!(random.percent(50)),
        2 => json!([0_u64, 1, u64::MAX, 1 << 63, 1 << 53][random.index(5)]),
        3 => json!([i64::MIN, -1][random.index(2)]),
        4 => json!([0.5, -0.0, 1e308, 5e-324][random.index(4)]),
        5 => json!([]),
        6 => json!({}),
        7 => json!([[{}], null, "", 0]),
        8 => json!("x".repeat(random.index(5_000))),
        9 => json!({ "digest": random.pick(TEXTS), "size": -1, "": random.pick(TEXTS) }),
        _ => json!(random.pick(TEXTS)),
    }
}
