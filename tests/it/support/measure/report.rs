//! From the program's JSON report to what was found.
//!
//! In: the text of `--format json`. Out: its sessions. Never guesses: a report without the promised fields is
//! an error that names the field.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::simulate::verdict::{Reason, Status};
use super::{Confidence, Found, FoundFinding, FoundSession};

/// Reads a report.
///
/// # Errors
/// The field that is missing or of the wrong kind.
pub(crate) fn found(report: &Value) -> Result<Found, String> {
    let rows = list(report, "sessions")?;
    let ids: BTreeMap<&str, usize> = rows
        .iter()
        .enumerate()
        .filter_map(|(number, row)| Some((row.get("id")?.as_str()?, number)))
        .collect();
    let mut sessions = Vec::new();
    for row in rows {
        sessions.push(session(row, &ids)?);
    }
    let mut unplaced = Vec::new();
    for event in list(report, "unplaced")? {
        unplaced.push(text(event, "event_id")?);
    }
    Ok(Found { sessions, unplaced })
}

fn session(row: &Value, ids: &BTreeMap<&str, usize>) -> Result<FoundSession, String> {
    let mut events = Vec::new();
    for event in list(row, "events")? {
        if event.get("shared").and_then(Value::as_bool) != Some(true) {
            events.push(text(event, "event_id")?);
        }
    }
    let status = text(row, "status")?;
    let reason = row.get("reason").filter(|reason| !reason.is_null());
    let reason = reason.map(|reason| {
        let error_code = reason
            .get("error_code")
            .and_then(Value::as_str)
            .map(str::to_owned);
        text(reason, "kind").map(|kind| Reason { kind, error_code })
    });
    let successor = row.get("superseded_by").and_then(Value::as_str);
    Ok(FoundSession {
        id: text(row, "id")?,
        events,
        status: Status::from_name(&status)
            .ok_or_else(|| format!("`status` is `{status}`, which is none"))?,
        reason: reason.transpose()?,
        token: row
            .pointer("/authorization/event_id")
            .and_then(Value::as_str)
            .map(str::to_owned),
        superseded_by: successor.and_then(|id| ids.get(id).copied()),
        findings: list(row, "findings")?
            .iter()
            .map(finding)
            .collect::<Result<_, _>>()?,
        tags: row
            .pointer("/image/tags")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|tag| tag.as_str().map(str::to_owned))
            .collect(),
        confidence: row
            .get("confidence")
            .and_then(Value::as_str)
            .and_then(|name| {
                Confidence::ALL
                    .into_iter()
                    .find(|level| level.name() == name)
            }),
    })
}

fn finding(row: &Value) -> Result<FoundFinding, String> {
    Ok(FoundFinding {
        code: text(row, "code")?,
        severity: text(row, "severity")?,
    })
}

fn list<'a>(of: &'a Value, field: &str) -> Result<&'a Vec<Value>, String> {
    of.get(field)
        .and_then(Value::as_array)
        .ok_or_else(|| format!("`{field}` is not a list"))
}

fn text(of: &Value, field: &str) -> Result<String, String> {
    let value = of.get(field).and_then(Value::as_str);
    value
        .map(str::to_owned)
        .ok_or_else(|| format!("`{field}` is not a string"))
}
