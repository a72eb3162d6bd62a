//! Which objects yield a record, and which do not.

use super::*;

const RECORD: &str = r#"{"eventVersion":"1.08","eventID":"a","eventName":"PutImage"}"#;

fn string(text: &str) -> String {
    serde_json::to_string(text).expect("a string is JSON")
}

fn bridged(kind: &str, source: &str, detail: &str) -> String {
    format!(r#"{{"version":"0","detail-type":"{kind}","source":"{source}","detail":{detail}}}"#)
}

/// The record in an object, and whether it is there directly.
fn record(object: &str, within: Option<Array>) -> Option<(String, bool)> {
    match unwrap(object.as_bytes(), within) {
        Unwrapped::Record { text, at } => {
            if let Some(at) = at {
                assert_eq!(object[at..at + text.len()], *text);
            }
            Some((text.into_owned(), at.is_some()))
        }
        Unwrapped::Broken | Unwrapped::Other | Unwrapped::Unknown => None,
    }
}

#[test]
fn every_shape_gives_up_its_record() {
    let text = string(RECORD);
    let via = bridged("AWS API Call via CloudTrail", "aws.ecr", RECORD);
    let written = |object: String, within| (object, within, false);
    for (object, within, is_verbatim) in [
        written(
            format!(r#"{{"EventId":"a","CloudTrailEvent":{text}}}"#),
            Some(Array::Events),
        ),
        written(
            format!(r#"{{"CloudTrailEvent":{text},"EventId":"a"}}"#),
            None,
        ),
        written(
            format!(r#"{{"id":"1","timestamp":1,"message":{text}}}"#),
            Some(Array::LogEvents),
        ),
        written(
            format!(r#"{{"message":{}}}"#, string(&via)),
            Some(Array::LogEvents),
        ),
        written(
            format!(r#"{{"message":{}}}"#, string(&format!("{RECORD}\n"))),
            Some(Array::LogEvents),
        ),
        written(format!(r#"{{"@timestamp":"t","@message":{text}}}"#), None),
        written(format!(r#"{{"@message":{}}}"#, string(&via)), None),
        written(
            format!(r#"{{"event":{{"kind":"event","original":{text}}},"tags":[]}}"#),
            None,
        ),
        written(format!(r#"{{"event.original":{text}}}"#), None),
        written(
            format!(r#"{{"_index":"i","_source":{{"event":{{"original":{text}}}}}}}"#),
            None,
        ),
        written(
            format!(r#"{{"_source":{{"event.original":{text}}},"_id":"1"}}"#),
            None,
        ),
        (via.clone(), None, true),
        (format!(r#"{{"@message":{RECORD}}}"#), None, true),
    ] {
        let expected = Some((RECORD.to_owned(), is_verbatim));
        assert_eq!(record(&object, within), expected, "{object}");
    }
}

#[test]
fn what_is_no_record_is_told_from_a_broken_one() {
    let cut = string(&RECORD[..30]);
    // Closed by the wrong kind of bracket.
    let odd = string(&format!("{}]", &RECORD[..RECORD.len() - 1]));
    let call = "AWS API Call via CloudTrail";
    for (object, within, expected) in [
        (
            bridged("ECR Image Action", "aws.ecr", "{}"),
            None,
            Unwrapped::Other,
        ),
        (bridged(call, "com.example", RECORD), None, Unwrapped::Other),
        (bridged(call, "aws.ecr", "{}"), None, Unwrapped::Broken),
        (bridged(call, "aws.ecr", "null"), None, Unwrapped::Unknown),
        (
            r#"{"message":"CWL CONTROL MESSAGE: Checking health"}"#.to_owned(),
            Some(Array::LogEvents),
            Unwrapped::Other,
        ),
        (
            format!(r#"{{"message":{cut}}}"#),
            Some(Array::LogEvents),
            Unwrapped::Broken,
        ),
        (format!(r#"{{"message":{cut}}}"#), None, Unwrapped::Unknown),
        (
            format!(r#"{{"CloudTrailEvent":{odd}}}"#),
            None,
            Unwrapped::Broken,
        ),
        (
            r#"{"message":"\ud800"}"#.to_owned(),
            Some(Array::LogEvents),
            Unwrapped::Broken,
        ),
        (
            r#"{"message":}"#.to_owned(),
            Some(Array::LogEvents),
            Unwrapped::Broken,
        ),
        (r#"{"message":}"#.to_owned(), None, Unwrapped::Unknown),
        (
            format!(r#"{{"CloudTrailEvent":{cut}}}"#),
            Some(Array::Events),
            Unwrapped::Broken,
        ),
        (
            r#"{"CloudTrailEvent":"{}"}"#.to_owned(),
            Some(Array::Events),
            Unwrapped::Broken,
        ),
        (
            r#"{"EventId":"a"}"#.to_owned(),
            Some(Array::Events),
            Unwrapped::Unknown,
        ),
        (r#"{"event":"x"}"#.to_owned(), None, Unwrapped::Unknown),
        ("{}".to_owned(), None, Unwrapped::Unknown),
    ] {
        assert_eq!(unwrap(object.as_bytes(), within), expected, "{object}");
    }
}

#[test]
fn a_shape_counts_only_where_it_belongs() {
    let text = string(RECORD);
    for (object, within) in [
        // A record itself, and a member with another name.
        (format!(r#"{{"message":{text}}}"#), Some(Array::Events)),
        (
            format!(r#"{{"CloudTrailEvent":{text}}}"#),
            Some(Array::LogEvents),
        ),
        (format!(r#"{{"x":{{"CloudTrailEvent":{text}}}}}"#), None),
        (
            format!(r#"{{"_source":{{"_source":{{"event.original":{text}}}}}}}"#),
            None,
        ),
        (
            format!(r#"{{"_source":{{"CloudTrailEvent":{text}}}}}"#),
            None,
        ),
        // A record with other text beside it.
        (
            format!(r#"{{"@message":{}}}"#, string(&format!("GET /\n{RECORD}"))),
            None,
        ),
        (
            format!(r#"{{"@message":{}}}"#, string(&format!("{RECORD}{RECORD}"))),
            None,
        ),
        (
            format!(r#"{{"@message":{}}}"#, string(&format!("[{RECORD}]"))),
            None,
        ),
        (
            format!(
                r#"{{"@message":{}}}"#,
                string(&format!(r#"{{"Records":[{RECORD}]}}"#))
            ),
            None,
        ),
        (
            format!(
                r#"{{"@message":{}}}"#,
                string(&format!(r#"{{"a":{RECORD}}}"#))
            ),
            None,
        ),
    ] {
        assert_eq!(record(&object, within), None, "{object}");
    }
}

#[test]
fn wrappers_in_wrappers_are_opened_to_a_depth() {
    let wrap = |text: &str| format!(r#"{{"@message":{}}}"#, string(text));
    let mut object = wrap(RECORD);
    for _ in 0..MAX_DEPTH {
        assert!(record(&object, None).is_some(), "{object}");
        object = wrap(&object);
    }
    assert!(record(&object, None).is_some());
    assert_eq!(record(&wrap(&object), None), None);
}
