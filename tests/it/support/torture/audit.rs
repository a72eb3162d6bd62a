//! What holds of every report, whatever the log.
//!
//! In: a report in JSON. Out: its events, or which law it breaks.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// A count of records of the coverage.
pub(crate) fn count(report: &Value, name: &str) -> u64 {
    report["coverage"]["records"][name].as_u64().unwrap_or(0)
}

/// Conservation: every record seen is of exactly one kind.
pub(crate) fn balance(report: &Value) -> Result<(), String> {
    let kinds = ["push", "other", "duplicate", "malformed"];
    let sum: u64 = kinds.iter().map(|name| count(report, name)).sum();
    match count(report, "seen") == sum {
        true => Ok(()),
        false => Err(format!(
            "counts do not balance: {}",
            report["coverage"]["records"]
        )),
    }
}

/// Partition: every push event but a login stands in one session or is unplaced, and all of them are
/// there. Their `eventID`s, which two records may share.
pub(crate) fn partition(report: &Value) -> Result<BTreeSet<&str>, String> {
    let mut places = BTreeSet::new();
    let mut logins = BTreeSet::new();
    let mut ids = BTreeSet::new();
    let mut take = |event| -> Result<(), String> {
        let (id, place) = (text(event, "event_id"), event["at"].to_string());
        ids.insert(id);
        let is_new = match event["shared"] == json!(true) {
            true => {
                logins.insert(place);
                true
            }
            false => places.insert(place),
        };
        match is_new {
            true => Ok(()),
            false => Err(format!("event {id} stands twice")),
        }
    };
    for session in list(report, "sessions") {
        list(session, "events").iter().try_for_each(&mut take)?;
    }
    list(report, "unplaced").iter().try_for_each(take)?;
    let (shown, counted) = ((places.len() + logins.len()) as u64, count(report, "push"));
    match shown == counted {
        true => Ok(ids),
        false => Err(format!("{shown} events are shown, {counted} were counted")),
    }
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("")
}
