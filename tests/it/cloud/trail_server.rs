//! CloudTrail on loopback: it speaks LookupEvents as the API reference documents it (JSON 1.1).
//!
//! In: the records of an account, and how the service behaves. Out: pages, newest first, 50 events each, whose token holds for
//! the same parameters only.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use chrono::DateTime;
use serde_json::{Value, json};

use crate::support::s3_server::{Asked, Server, answer};

/// How the service behaves.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manner {
    /// Every so many requests one is throttled.
    pub(super) throttled: usize,
    /// Every so many tokens one is no longer known.
    pub(super) forgotten: usize,
    /// Every page begins with the last event of the page before.
    pub(super) overlaps: bool,
    /// A late event appears at the head of the list after the first page of each call.
    pub(super) grows: bool,
    /// The regions that refuse; comma-separated.
    pub(super) refusing: &'static str,
}

/// What was asked, for a test to look at.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// Region and attribute of each request that was answered.
    pub(super) asked: Vec<(String, String)>,
    /// The events handed out.
    pub(super) n_events: usize,
    n_requests: usize,
    n_tokens: usize,
    tokens: BTreeMap<String, (usize, Value)>,
    /// How often each call was asked for, for what appears between pages.
    pages: BTreeMap<String, usize>,
}

pub(super) const ACCOUNT: &str = "123456789012";

/// Serves the records of one account.
pub(super) fn start(records: Vec<Value>, manner: Manner) -> (Server, Arc<Mutex<Log>>) {
    let log: Arc<Mutex<Log>> = Arc::default();
    let shared = Arc::clone(&log);
    let server = Server::play(move |asked, out| {
        let reply = respond(&records, &manner, &shared, asked);
        std::io::Write::write_all(out, &reply).is_ok()
    });
    (server, log)
}

pub(super) fn respond(
    records: &[Value],
    manner: &Manner,
    log: &Mutex<Log>,
    asked: &Asked,
) -> Vec<u8> {
    if asked.body.contains("Action=GetCallerIdentity") {
        let text = format!(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>{ACCOUNT}</Account>\
             </GetCallerIdentityResult></GetCallerIdentityResponse>"
        );
        return answer(200, "content-type: text/xml\r\n", text.as_bytes());
    }
    let target = asked.headers.get("x-amz-target").map_or("", String::as_str);
    assert!(
        target.ends_with("CloudTrail_20131101.LookupEvents"),
        "{target}"
    );
    let kind = asked.headers.get("content-type").map_or("", String::as_str);
    assert_eq!(kind, "application/x-amz-json-1.1");
    let request: Value = serde_json::from_str(&asked.body).expect("JSON");
    // `Credential=KEY/DATE/REGION/cloudtrail/aws4_request`
    let region = asked.headers["authorization"]
        .split('/')
        .nth(2)
        .unwrap_or_default()
        .to_owned();
    let mut log = log.lock().expect("no panic");
    log.n_requests += 1;
    if manner
        .refusing
        .split(',')
        .any(|refusing| refusing == region)
    {
        return refusal(
            400,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        );
    }
    if manner.throttled > 0 && log.n_requests.is_multiple_of(manner.throttled) {
        return refusal(400, "ThrottlingException", "Rate exceeded");
    }
    page(records, manner, &mut log, &request, region)
}

fn page(
    records: &[Value],
    manner: &Manner,
    log: &mut Log,
    request: &Value,
    region: String,
) -> Vec<u8> {
    let attributes = request["LookupAttributes"].as_array().expect("attributes");
    assert_eq!(attributes.len(), 1, "a request takes one attribute");
    assert_eq!(attributes[0]["AttributeKey"], "EventName");
    assert_eq!(request["MaxResults"], 50);
    let name = attributes[0]["AttributeValue"]
        .as_str()
        .expect("a name")
        .to_owned();
    let mut parameters = request.clone();
    parameters
        .as_object_mut()
        .expect("an object")
        .remove("NextToken");
    let skip = match request["NextToken"].as_str() {
        None => 0,
        Some(token) => match log.tokens.get(token) {
            Some((skip, asked)) if *asked == parameters => *skip,
            Some(_) | None => return refusal(400, "InvalidNextTokenException", "Invalid token"),
        },
    };
    let seconds = |name: &str| request[name].as_f64().expect("a time");
    let (since, until) = (seconds("StartTime"), seconds("EndTime"));
    let time = |record: &Value| {
        let text = record["eventTime"].as_str().expect("a time");
        DateTime::parse_from_rfc3339(text)
            .expect("a time")
            .timestamp()
    };
    let key = format!("{region} {name}");
    let n_before = *log
        .pages
        .entry(key.clone())
        .and_modify(|n| *n += 1)
        .or_insert(0);
    let is_there = |record: &&Value| {
        let at = time(record) as f64;
        record["eventName"] == *name && record["awsRegion"] == *region && since <= at && at <= until
    };
    let mut found: Vec<&Value> = records.iter().filter(is_there).collect();
    found.sort_by_key(|record| std::cmp::Reverse(time(record)));
    // The newest one was delivered late: the first page does not have it, and it moves the others on.
    let hidden = usize::from(manner.grows && n_before == 0 && found.len() > 60);
    let found = &found[hidden..];
    let skip = match manner.overlaps && skip > 0 {
        true => skip - 1,
        false => skip,
    };
    let on_page: Vec<&Value> = found.iter().skip(skip).take(50).copied().collect();
    let end = skip + on_page.len();
    let events: Vec<Value> = on_page
        .iter()
        .map(|record| event(record, time(record)))
        .collect();
    log.n_events += events.len();
    let mut reply = json!({"Events": events});
    if end < found.len() {
        log.n_tokens += 1;
        let token = format!("token-{}", log.n_tokens);
        if manner.forgotten == 0 || !log.n_tokens.is_multiple_of(manner.forgotten) {
            log.tokens.insert(token.clone(), (end, parameters));
        }
        reply["NextToken"] = json!(token);
    }
    log.asked.push((region, name));
    answer(
        200,
        "content-type: application/x-amz-json-1.1\r\n",
        reply.to_string().as_bytes(),
    )
}

fn event(record: &Value, time: i64) -> Value {
    json!({
        "EventId": record["eventID"], "EventName": record["eventName"], "EventTime": time,
        "EventSource": record["eventSource"], "ReadOnly": "false", "Username": "ci",
        "Resources": [], "CloudTrailEvent": record.to_string(),
    })
}

/// An error as the service writes it.
pub(super) fn refusal(status: u16, code: &str, message: &str) -> Vec<u8> {
    let body = json!({"__type": code, "message": message}).to_string();
    answer(
        status,
        "content-type: application/x-amz-json-1.1\r\n",
        body.as_bytes(),
    )
}
