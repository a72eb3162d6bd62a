//! A forger: calls that somebody adds to a log to hide a push, move blame or break another's.
//!
//! In: a simulated log. Out: the same with calls beside it that CloudTrail would record: refused and accepted,
//! before, inside and after the pushes, with every id, digest and tag of theirs. And whether the report tells of
//! the others as before.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::logs::Logs;
use super::run::project;
use super::script::Files;
use super::script::damage::decoded;
use super::simulate::content::digest_of;
use super::simulate::random::Random;
use super::simulate::scenario::Scenario;
use super::simulate::simulate;

/// Who forges.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Forger {
    /// Another principal.
    Stranger,
    /// The same principal with another credential.
    OtherKey,
    /// The same credential: stolen, it cannot be told from its owner's.
    SameKey,
}

impl Forger {
    /// Every kind.
    pub(crate) const ALL: [Self; 3] = [Self::Stranger, Self::OtherKey, Self::SameKey];
}

/// What was tried.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Tried {
    /// Reports compared.
    pub(crate) n_logs: u64,
    /// Calls added.
    pub(crate) n_added: u64,
    /// Of these accepted.
    pub(crate) n_accepted: u64,
    /// Pushes of others that were told as before.
    pub(crate) n_pushes: u64,
    /// Pushes that had failed or were left, and were not told as better.
    pub(crate) n_flagged: u64,
}

impl Tried {
    pub(crate) fn add(&mut self, other: Self) {
        self.n_logs += other.n_logs;
        self.n_added += other.n_added;
        self.n_accepted += other.n_accepted;
        self.n_pushes += other.n_pushes;
        self.n_flagged += other.n_flagged;
    }
}

/// The begin of every `eventID` that a forger's call has.
const MARK: &str = "f0f0f0f0-";

/// A log, and the same with what a forger added.
pub(crate) struct Forged {
    name: &'static str,
    seed: u64,
    forger: Forger,
    /// The log alone.
    before: Files,
    /// The log with the calls added.
    pub(crate) after: Files,
    n_added: usize,
    n_accepted: u64,
}

/// Plays a scenario, and has a forger add so many calls.
pub(crate) fn forged(scenario: &Scenario, seed: u64, forger: Forger, n_calls: usize) -> Forged {
    let before = simulate(scenario, seed).files;
    let victims = pushes(&before);
    let mut forge = Forge {
        random: Random::new(seed),
        forger,
        n: 0,
        n_accepted: 0,
        puts: victims.iter().filter_map(accepted_put).collect(),
        sent: victims.iter().filter_map(completed).collect(),
        edges: edges(&before),
    };
    let mut added = Vec::new();
    while added.len() < n_calls {
        let like = forge.random.pick(&victims).clone();
        added.extend(forge.calls(&like));
    }
    let n_added = added.len();
    let mut after = before.clone();
    let text = json!({ "Records": added }).to_string().into_bytes();
    after.push(("forged/by-somebody.json".to_owned(), text));
    Forged {
        name: scenario.name,
        seed,
        forger,
        before,
        after,
        n_added,
        n_accepted: forge.n_accepted,
    }
}

impl Forged {
    /// Compares the reports; what is not as before is the error.
    pub(crate) fn compare(&self) -> Result<Tried, String> {
        let (before, after) = (report(&self.before), report(&self.after));
        let mut tried = Tried {
            n_logs: 1,
            n_added: self.n_added as u64,
            n_accepted: self.n_accepted,
            ..Tried::default()
        };
        let told = match self.forger {
            Forger::Stranger | Forger::OtherKey => equal_rows(&before, &after, &mut tried),
            Forger::SameKey => no_better(&before, &after, &mut tried),
        };
        let Self {
            name, seed, forger, ..
        } = self;
        told.map_err(|what| format!("{name}, seed {seed}, {forger:?}: {what}"))?;
        Ok(tried)
    }
}

fn report(files: &Files) -> Value {
    let policy = project("testdata/strict.toml");
    let policy = policy.to_str().expect("Unicode");
    let args = [
        "--format",
        "json",
        "--first-after",
        "1m",
        "--policy",
        policy,
    ];
    let text = Logs::new(files).output(&args);
    serde_json::from_str(&text).expect("a report is JSON")
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("")
}

fn records(files: &Files) -> impl Iterator<Item = Value> {
    let records = |(path, content): &(String, Vec<u8>)| {
        let text = if path.ends_with(".gz") {
            decoded(content)
        } else {
            content.clone()
        };
        let file: Value = serde_json::from_slice(&text).unwrap_or_default();
        list(&file, "Records").to_vec()
    };
    files
        .iter()
        .flat_map(records)
        .collect::<Vec<_>>()
        .into_iter()
}

/// The push records of principals that show who they are.
fn pushes(files: &Files) -> Vec<Value> {
    let is_push = |record: &Value| {
        let is_ecr = text(record, "eventSource").starts_with("ecr");
        let stage = matches!(
            text(record, "eventName"),
            "BatchCheckLayerAvailability"
                | "InitiateLayerUpload"
                | "UploadLayerPart"
                | "CompleteLayerUpload"
                | "PutImage"
                | "GetAuthorizationToken"
        );
        let caller = &record["userIdentity"];
        is_ecr
            && stage
            && caller["arn"].is_string()
            && caller["accessKeyId"].is_string()
            && caller["sessionContext"]["attributes"]["creationDate"].is_string()
    };
    records(files).filter(is_push).collect()
}

/// The first and last time of the log of each account and region.
fn edges(files: &Files) -> BTreeMap<(String, String), (i64, i64)> {
    let mut edges: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
    for record in records(files) {
        let of = (
            text(&record, "recipientAccountId").to_owned(),
            text(&record, "awsRegion").to_owned(),
        );
        let at = seconds(&record);
        let edge = edges.entry(of).or_insert((at, at));
        *edge = (edge.0.min(at), edge.1.max(at));
    }
    edges
}

fn seconds(record: &Value) -> i64 {
    let time: chrono::DateTime<chrono::Utc> = text(record, "eventTime").parse().expect("a time");
    time.timestamp()
}

/// Where and of what digest an image was put, and when it stood.
fn accepted_put(record: &Value) -> Option<((String, String), i64)> {
    let is_put = text(record, "eventName") == "PutImage" && record["errorCode"].is_null();
    let digest = record["responseElements"]["image"]["imageId"]["imageDigest"].as_str();
    let key = (
        text(&record["requestParameters"], "repositoryName").to_owned(),
        digest?.to_owned(),
    );
    is_put.then(|| (key, seconds(record)))
}

/// A layer that was sent, and when it stood.
fn completed(record: &Value) -> Option<((String, String), i64)> {
    let is_end =
        text(record, "eventName") == "CompleteLayerUpload" && record["errorCode"].is_null();
    let digest = record["responseElements"]["layerDigest"].as_str();
    let key = (
        text(&record["requestParameters"], "repositoryName").to_owned(),
        digest?.to_owned(),
    );
    is_end.then(|| (key, seconds(record)))
}

struct Forge {
    random: Random,
    forger: Forger,
    n: u64,
    n_accepted: u64,
    /// Images that came to stand, by repository and digest.
    puts: BTreeMap<(String, String), i64>,
    /// Layers, likewise.
    sent: BTreeMap<(String, String), i64>,
    edges: BTreeMap<(String, String), (i64, i64)>,
}

impl Forge {
    /// One call like another, refused or accepted, with those that have to come before it.
    fn calls(&mut self, like: &Value) -> Vec<Value> {
        let at = self.time(like);
        let mut call = self.signed(like, at);
        let name = text(like, "eventName").to_owned();
        if self.random.percent(50) {
            return vec![self.refused(call)];
        }
        let repository = text(&like["requestParameters"], "repositoryName").to_owned();
        match name.as_str() {
            "BatchCheckLayerAvailability" | "GetAuthorizationToken"
                if like["errorCode"].is_null() =>
            {
                self.accepted(vec![call])
            }
            "InitiateLayerUpload" if like["errorCode"].is_null() => {
                let own = self.random.uuid();
                call["responseElements"]["uploadId"] = json!(own);
                self.accepted(vec![call])
            }
            // A refused part names no layer, and the layer that its client sends next may be that one.
            "CompleteLayerUpload"
                if like["errorCode"].is_null() && self.forger != Forger::SameKey =>
            {
                let digest = like["responseElements"]["layerDigest"]
                    .as_str()
                    .unwrap_or("")
                    .to_owned();
                let stands = self
                    .sent
                    .get(&(repository, digest))
                    .is_some_and(|&since| since < at);
                let own = self.random.uuid();
                call["requestParameters"]["uploadId"] = json!(own);
                if stands {
                    call["errorCode"] = json!("LayerAlreadyExistsException");
                    call["errorMessage"] =
                        json!("The image layer already exists in the repository");
                    call["responseElements"] = Value::Null;
                } else {
                    let digest = digest_of(&own);
                    call["requestParameters"]["layerDigests"] = json!([&*digest]);
                    call["responseElements"]["layerDigest"] = json!(&*digest);
                    call["responseElements"]["uploadId"] = json!(own);
                }
                let mut begin = call.clone();
                begin["eventName"] = json!("InitiateLayerUpload");
                begin["eventID"] = json!(self.id());
                begin["requestID"] = json!(self.random.uuid());
                begin["errorCode"] = Value::Null;
                begin["errorMessage"] = Value::Null;
                begin["requestParameters"] = json!({"repositoryName": call["requestParameters"]["repositoryName"],
                    "registryId": call["requestParameters"]["registryId"]});
                begin["responseElements"] = json!({"uploadId": own, "partSize": 20_971_520});
                self.accepted(vec![begin, call])
            }
            "PutImage" if like["errorCode"].is_null() => self.put(like, call, at),
            _ => vec![self.refused(call)],
        }
    }

    /// A put of another's image: under a tag of the forger's own, or where it stands; or of another image.
    fn put(&mut self, like: &Value, mut call: Value, at: i64) -> Vec<Value> {
        let digest = text(&like["responseElements"]["image"]["imageId"], "imageDigest").to_owned();
        let repository = text(&like["requestParameters"], "repositoryName").to_owned();
        let stands = self
            .puts
            .get(&(repository, digest))
            .is_some_and(|&since| since < at);
        // Whoever has another key of the principal may be its next run, and would do its work.
        if !stands || self.forger != Forger::Stranger {
            return vec![self.refused(call)];
        }
        if self.random.percent(50) {
            call["errorCode"] = json!("ImageAlreadyExistsException");
            call["errorMessage"] = json!("Image with that digest and tag already exists");
            call["responseElements"] = Value::Null;
        } else {
            let tag = format!("forged-{}", self.n);
            call["requestParameters"]["imageTag"] = json!(tag);
            call["responseElements"]["image"]["imageId"]["imageTag"] = json!(tag);
        }
        self.accepted(vec![call])
    }

    fn accepted(&mut self, calls: Vec<Value>) -> Vec<Value> {
        self.n_accepted += calls.len() as u64;
        calls
    }

    fn refused(&mut self, mut call: Value) -> Value {
        let codes = [
            "AccessDenied",
            "AccessDeniedException",
            "InvalidParameterException",
            "ServerException",
            "UploadNotFoundException",
            "RepositoryNotFoundException",
        ];
        call["errorCode"] = json!(self.random.pick(&codes));
        call["errorMessage"] = json!("no");
        call["responseElements"] = Value::Null;
        call
    }

    fn id(&mut self) -> String {
        self.n += 1;
        format!("{MARK}{}", &self.random.uuid()[9..])
    }

    /// A time before, inside or after the push, within the log.
    fn time(&mut self, like: &Value) -> i64 {
        let of = (
            text(like, "recipientAccountId").to_owned(),
            text(like, "awsRegion").to_owned(),
        );
        let (from, to) = self.edges[&of];
        let at = seconds(like);
        let at = match self.random.index(4) {
            0 => at,
            1 => at + self.random.within(-30, 30),
            2 => at + self.random.within(-900, 900),
            _ => self.random.within(from, to),
        };
        at.clamp(from, to)
    }

    /// A call like another at some time, by the forger.
    fn signed(&mut self, like: &Value, at: i64) -> Value {
        let mut call = like.clone();
        let time = chrono::DateTime::from_timestamp(at, 0).expect("a time of the log");
        call["eventTime"] = json!(time.format("%Y-%m-%dT%H:%M:%SZ").to_string());
        call["eventID"] = json!(self.id());
        call["requestID"] = json!(self.random.uuid());
        call["sharedEventID"] = Value::Null;
        call["resources"] = Value::Null;
        let is_direct = self.random.percent(30);
        if is_direct {
            call["sourceIPAddress"] = json!("203.0.113.66");
            call["userAgent"] = json!(*self.random.pick(&[
                "curl/8.5",
                "aws-cli/2.15.0 Python/3.11",
                "docker/26.1.0 go/go1.21"
            ]));
            call["userIdentity"]["invokedBy"] = Value::Null;
        }
        match self.forger {
            Forger::Stranger => {
                let account = text(like, "recipientAccountId");
                call["userIdentity"] = json!({
                    "type": "AssumedRole", "principalId": "AROAFORGER:mallory", "accountId": account,
                    "arn": format!("arn:aws:sts::{account}:assumed-role/dev/mallory"),
                    "accessKeyId": "ASIAFORGER0000000001",
                    "sessionContext": {"attributes": {"creationDate": "2025-03-10T06:00:00Z"}},
                    "invokedBy": if is_direct { Value::Null } else { json!("AWS Internal") },
                });
            }
            Forger::OtherKey => {
                call["userIdentity"]["accessKeyId"] = json!("ASIAFORGER0000000002");
                call["userIdentity"]["sessionContext"]["attributes"]["creationDate"] =
                    json!("2025-03-10T06:00:01Z");
            }
            Forger::SameKey => {}
        }
        call
    }
}

fn is_forged(id: &Value) -> bool {
    id.as_str().is_some_and(|id| id.starts_with(MARK))
}

/// What a report says of the pushes of all others, by the `eventID`s of each; without where records lie, and what
/// names the forger.
fn rows(report: &Value) -> BTreeMap<Vec<String>, String> {
    let of_others = list(report, "sessions").iter().filter(|session| {
        list(session, "events")
            .iter()
            .any(|event| !is_forged(&event["event_id"]) && event["shared"] != json!(true))
    });
    let is_own = |event: &&Value| event["shared"] != json!(true);
    let forged = list(report, "sessions").iter().filter(|session| {
        let mut own = list(session, "events").iter().filter(is_own);
        own.all(|event| is_forged(&event["event_id"]))
    });
    let forged: BTreeSet<&str> = forged.map(|session| text(session, "id")).collect();
    let rows = of_others.map(|session| {
        let ids: BTreeSet<String> = list(session, "events")
            .iter()
            .filter(|event| event["shared"] != json!(true))
            .map(|event| text(event, "event_id").to_owned())
            .collect();
        let mut row = session.clone();
        // Of what the same principal tried in vain before, the forger's may be the nearest.
        row["retry_of"] = Value::Null;
        if let Some(related) = row["related"].as_array_mut() {
            related.retain(|other| text(other, "relation") != "retry_of");
        }
        if let Some(findings) = row["findings"].as_array_mut() {
            findings.retain(|finding| {
                let said = text(finding, "message");
                let names_it = forged.iter().any(|id| said.contains(id));
                let is_retry = text(finding, "code") == "retried-push";
                !names_it && !is_retry && !list(finding, "events").iter().any(is_forged)
            });
        }
        strip(&mut row);
        (
            ids.into_iter().collect(),
            serde_json::to_string_pretty(&row).expect("JSON"),
        )
    });
    rows.collect()
}

/// Takes out where a record lies and how many pushes a login served.
fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.shift_remove("at");
            fields.shift_remove("serves");
            fields.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn equal_rows(before: &Value, after: &Value, tried: &mut Tried) -> Result<(), String> {
    let (before, after) = (rows(before), rows(after));
    for (ids, row) in &before {
        let Some(told) = after.get(ids) else {
            let now = after
                .keys()
                .filter(|now| now.iter().any(|id| ids.contains(id)));
            let changed = now.map(|now| {
                let differ = |all: &[String], known: &[String]| -> Vec<String> {
                    let news = all.iter().filter(|id| !known.contains(id));
                    news.cloned().collect()
                };
                (differ(ids, now), differ(now, ids))
            });
            return Err(format!(
                "the push of {:?} has other calls now, or none; lost and gained are {:?}",
                ids.first(),
                changed.collect::<Vec<_>>()
            ));
        };
        if told != row {
            // The line that differs, and those after it, for a finding says more below.
            let n_alike = row
                .lines()
                .zip(told.lines())
                .take_while(|(a, b)| a == b)
                .count();
            let differ: Vec<&str> = told.lines().skip(n_alike).take(12).map(str::trim).collect();
            return Err(format!(
                "the push of {:?} is told differently: {differ:?} and not {:?}",
                ids.first(),
                row.lines().nth(n_alike)
            ));
        }
    }
    tried.n_pushes += before.len() as u64;
    Ok(())
}

/// Whether nothing that had failed or was left is told as better: the push that holds its decisive call.
fn no_better(before: &Value, after: &Value, tried: &mut Tried) -> Result<(), String> {
    let is_flagged = |session: &&Value| {
        matches!(text(session, "status"), "failed" | "incomplete")
            && text(&session["reason"], "kind") != "nothing-sent"
    };
    let mut home: BTreeMap<&str, &Value> = BTreeMap::new();
    for session in list(after, "sessions") {
        for event in list(session, "events") {
            if event["shared"] != json!(true) {
                home.insert(text(event, "event_id"), session);
            }
        }
    }
    let is_error = |session: &Value, id: &str| {
        let about = |finding: &&Value| list(finding, "events").iter().any(|event| event == id);
        let mut found = list(session, "findings").iter().filter(about);
        found.any(|finding| finding["severity"] == "error")
    };
    for session in list(before, "sessions").iter().filter(is_flagged) {
        let Some(id) = session["reason"]["event_id"].as_str() else {
            continue;
        };
        if text(session, "status") != "failed" {
            continue;
        }
        let now = home
            .get(id)
            .ok_or_else(|| format!("{id} is in no push now"))?;
        let is_loud = list(now, "findings")
            .iter()
            .any(|finding| finding["severity"] == "error");
        if is_error(session, id) && !is_loud {
            return Err(format!(
                "the refusal {id} was told of as an error, and the push of it is {}: {} {}",
                text(now, "status"),
                now["reason"],
                now["findings"]
            ));
        }
        tried.n_flagged += 1;
    }
    Ok(())
}
