//! The timeline: the fields that Timesketch asks for, and every event of the JSON report.

use chrono::{DateTime, Utc};
use reconstruct::Reconstruction;
use serde_json::Value;

use crate::fixture;
use crate::formats::{array, draw, json, parse};

/// Holds a timeline against the JSON report: what Timesketch's user guide ("Import from JSON or
/// CSV") asks of a line, and which events there are.
pub(crate) fn assert_same(reconstruction: &Reconstruction) {
    let report = json(reconstruction);
    let lines = draw(reconstruction, "timesketch");
    let lines: Vec<Value> = lines.lines().map(parse).collect();
    for line in &lines {
        for field in ["message", "datetime", "timestamp_desc"] {
            let text = line[field].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{field} of {line}");
        }
        let time: DateTime<Utc> = line["datetime"]
            .as_str()
            .and_then(|time| time.parse().ok())
            .expect("ISO 8601");
        assert_eq!(line["timestamp"], time.timestamp_micros());
    }
    let of_calls = lines.iter().filter(|line| line.get("action").is_some());
    let shown: Vec<_> = of_calls
        .map(|line| (line.get("push_id"), &line["event_id"], &line["action"]))
        .collect();
    let mut expected = Vec::new();
    for push in array(&report, "sessions") {
        for event in array(push, "events") {
            expected.push((push.get("id"), &event["event_id"], &event["action"]));
        }
    }
    for event in array(&report, "unplaced") {
        expected.push((None, &event["event_id"], &event["action"]));
    }
    assert_eq!(shown, expected);
    let n_ends = lines.len() - shown.len();
    assert_eq!(n_ends, array(&report, "sessions").len(), "a line a push");
}

#[test]
fn the_timeline_holds_what_the_json_report_holds() {
    assert_same(&fixture::reconstruction());
}

#[test]
fn a_refusal_is_told_in_one_sentence() {
    let lines = draw(&fixture::reconstruction(), "timesketch");
    let lines: Vec<Value> = lines.lines().map(parse).collect();
    let refused = |line: &&Value| line["error_code"] == "ImageTagAlreadyExistsException";
    let line = lines.iter().find(refused).expect("the refusal");
    let message = line["message"].as_str().expect("a text");
    assert!(
        message.starts_with("PutImage in shop/api as v1.4.2 of sha256:")
            && message.contains(
                " by role ci-push, session build-4712, refused: ImageTagAlreadyExistsException: \
                 The image tag 'v1.4.2' already exists"
            ),
        "{message}"
    );
}
