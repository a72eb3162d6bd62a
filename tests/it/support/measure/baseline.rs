//! The simple way to correlate, to compare with: who, where, and a pause of 15 minutes.
//!
//! In: the log files of a world, raw. Out: what this way finds in them. It groups push events by identity ARN
//! and repository and cuts where nothing happened for the window, as scripts over CloudTrail do.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use chrono::DateTime;
use flate2::read::GzDecoder;
use serde_json::Value;

use super::super::simulate::verdict::{Reason, Status};
use super::{Found, FoundSession};

const WINDOW_SECONDS: i64 = 15 * 60;
const TOKEN_SECONDS: i64 = 12 * 60 * 60;

struct Row {
    time: i64,
    event_id: String,
    action: String,
    error_code: Option<String>,
}

/// Correlates the simple way.
pub(crate) fn found(files: &[(String, Vec<u8>)]) -> Found {
    let mut groups: BTreeMap<(String, String), Vec<Row>> = BTreeMap::new();
    let mut tokens: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (path, bytes) in files {
        if path.contains("CloudTrail-Digest") {
            continue;
        }
        for record in records(bytes) {
            let Some((who, place, row)) = row(&record) else {
                continue;
            };
            if !seen.insert(row.event_id.clone()) {
                continue;
            }
            if row.action == "GetAuthorizationToken" {
                tokens
                    .entry(who)
                    .or_default()
                    .push((row.time, row.event_id));
            } else {
                groups.entry((who, place)).or_default().push(row);
            }
        }
    }
    let mut sessions = Vec::new();
    for ((who, _), mut rows) in groups {
        rows.sort_by(|a, b| (a.time, &a.event_id).cmp(&(b.time, &b.event_id)));
        let logins = tokens.get(&who).map_or(&[][..], Vec::as_slice);
        for session in rows.chunk_by(|a, b| b.time - a.time <= WINDOW_SECONDS) {
            sessions.push(judge(session, logins));
        }
    }
    Found {
        sessions,
        unplaced: Vec::new(),
    }
}

fn records(bytes: &[u8]) -> Vec<Value> {
    let mut text = String::new();
    GzDecoder::new(bytes)
        .read_to_string(&mut text)
        .expect("written by the simulator");
    let file: Value = serde_json::from_str(&text).expect("written by the simulator");
    match file {
        Value::Object(mut file) => match file.remove("Records") {
            Some(Value::Array(records)) => records,
            Some(_) | None => Vec::new(),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Vec::new()
        }
    }
}

/// The identity, the repository and the row of a push event or login.
fn row(record: &Value) -> Option<(String, String, Row)> {
    const ACTIONS: [&str; 6] = [
        "GetAuthorizationToken",
        "BatchCheckLayerAvailability",
        "InitiateLayerUpload",
        "UploadLayerPart",
        "CompleteLayerUpload",
        "PutImage",
    ];
    let text = |pointer: &str| {
        record
            .pointer(pointer)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let source = text("/eventSource")?;
    let action = text("/eventName")?;
    if !source.starts_with("ecr") || !ACTIONS.contains(&action.as_str()) {
        return None;
    }
    let who = text("/userIdentity/arn").or_else(|| text("/userIdentity/principalId"))?;
    let place = text("/resources/0/ARN").unwrap_or_default();
    let time = DateTime::parse_from_rfc3339(&text("/eventTime")?)
        .ok()?
        .timestamp();
    Some((
        who,
        place,
        Row {
            time,
            event_id: text("/eventID")?,
            action,
            error_code: text("/errorCode"),
        },
    ))
}

fn judge(rows: &[Row], logins: &[(i64, String)]) -> FoundSession {
    let has_image = rows
        .iter()
        .any(|row| row.action == "PutImage" && row.error_code.is_none());
    let refused = rows.iter().rev().find(|row| row.error_code.is_some());
    let (status, reason) = match refused {
        _ if has_image => (Status::Complete, None),
        Some(row) => (
            Status::Failed,
            Some(Reason {
                kind: failure(&row.action),
                error_code: row.error_code.clone(),
            }),
        ),
        None if rows
            .iter()
            .all(|row| row.action == "BatchCheckLayerAvailability") =>
        {
            (Status::Unchanged, None)
        }
        None => (
            Status::Incomplete,
            Some(Reason {
                kind: "no-put-image".to_owned(),
                error_code: None,
            }),
        ),
    };
    let first = rows[0].time;
    let in_time = logins
        .iter()
        .filter(|(at, _)| (first - TOKEN_SECONDS..=first).contains(at));
    FoundSession {
        id: rows[0].event_id.clone(),
        events: rows.iter().map(|row| row.event_id.clone()).collect(),
        status,
        reason,
        token: in_time.max().map(|(_, event_id)| event_id.clone()),
        superseded_by: None,
        findings: Vec::new(),
        tags: BTreeSet::new(),
        confidence: None,
    }
}

fn failure(action: &str) -> String {
    match action {
        "BatchCheckLayerAvailability" => "check-failed",
        "InitiateLayerUpload" => "initiate-failed",
        "UploadLayerPart" => "part-failed",
        "CompleteLayerUpload" => "complete-failed",
        _ => "put-image-failed",
    }
    .to_owned()
}
