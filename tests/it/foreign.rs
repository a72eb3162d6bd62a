//! Files of other programs, alone: never a report of no push, and never status 0.

use std::fs;

use serde_json::{Value, json};

use crate::support::run::{project, run_on};
use crate::support::torture::damage::gzip;

/// Something that is no CloudTrail record, and how a user may come by it.
struct Foreign {
    what: String,
    content: Content,
}

enum Content {
    Value(Value),
    Bytes(Vec<u8>),
}

fn foreign() -> Vec<Foreign> {
    let lines = fs::read_to_string(project("testdata/foreign.jsonl")).expect("the list");
    let foreign = lines.lines().map(|line| {
        let row: Value = serde_json::from_str(line).expect("a line of JSON");
        let content = match (&row["text"], &row["hex"]) {
            (Value::String(text), _) => Content::Bytes(text.clone().into_bytes()),
            (_, Value::String(digits)) => Content::Bytes(unhex(digits)),
            _ => Content::Value(row["value"].clone()),
        };
        let what = row["what"].as_str().expect("a name").to_owned();
        Foreign { what, content }
    });
    foreign.collect()
}

fn unhex(digits: &str) -> Vec<u8> {
    let pairs = (0..digits.len()).step_by(2);
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("two digits");
    pairs.map(byte).collect()
}

/// The ways in which a value may be kept, as CloudTrail's records are.
fn kept(value: &Value) -> Vec<(&'static str, Vec<u8>)> {
    let text = value.to_string();
    let wide = text.encode_utf16().flat_map(u16::to_le_bytes);
    let wrapped = |value: Value| value.to_string().into_bytes();
    vec![
        ("pretty", serde_json::to_vec_pretty(value).expect("JSON")),
        ("lines", format!("{text}\n{text}\n").into_bytes()),
        ("an array", wrapped(json!([value, value]))),
        ("Records", wrapped(json!({"Records": [value]}))),
        ("Events", wrapped(json!({"Events": [value]}))),
        ("message", wrapped(json!({"message": text}))),
        (
            "LookupEvents",
            wrapped(json!({"Events": [{"EventId": "x", "CloudTrailEvent": text}]})),
        ),
        (
            "_search",
            wrapped(json!({"hits": {"hits": [{"_source": value}]}})),
        ),
        (
            "CloudWatch",
            wrapped(json!({"logEvents": [{"id": "1", "timestamp": 1, "message": text}]})),
        ),
        (
            "EventBridge",
            wrapped(
                json!({"detail-type": "AWS API Call via CloudTrail", "source": "aws.ecr", "detail": value}),
            ),
        ),
        ("a text", wrapped(json!(text))),
        ("gzip", gzip(text.as_bytes())),
        ("a mark", format!("\u{feff}{text}").into_bytes()),
        ("UTF-16", [0xff, 0xfe].into_iter().chain(wide).collect()),
        (
            "CSV",
            format!("message\n\"{}\"\n", text.replace('"', "\"\"")).into_bytes(),
        ),
    ]
}

/// Each as it is, and five of the ways to keep it, other ones for each.
#[test]
fn a_file_without_a_record_is_no_quiet_day() {
    let mut n_tried = 0;
    let mut is_refused = |what: &str, how: &str, content: Vec<u8>| {
        n_tried += 1;
        let run = run_on(["-"], content);
        assert_eq!(run.status, 2, "{what}, {how}: {}{}", run.stdout, run.stderr);
        assert!(run.stdout.is_empty(), "{what}, {how}: {}", run.stdout);
        assert!(
            run.stderr.contains("no log could be read"),
            "{what}, {how}: {}",
            run.stderr
        );
    };
    for (number, Foreign { what, content }) in foreign().into_iter().enumerate() {
        match content {
            Content::Bytes(bytes) => {
                is_refused(&what, "gzip", gzip(&bytes));
                is_refused(&what, "as it is", bytes);
            }
            Content::Value(value) => {
                is_refused(&what, "as it is", value.to_string().into_bytes());
                let kept = kept(&value);
                let some = (0..5).map(|step| (number + 3 * step) % kept.len());
                for (how, content) in some.map(|at| kept[at].clone()) {
                    is_refused(&what, how, content);
                }
            }
        }
    }
    assert!(n_tried >= 500, "{n_tried}");
}
