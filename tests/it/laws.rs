//! Laws: what holds of every log, tried on simulated ones. Each guards against a run that shows nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::logs::Logs;
use crate::support::script::Files;
use crate::support::script::damage::decoded;
use crate::support::simulate::random::Random;
use crate::support::simulate::scenario::scenario;
use crate::support::simulate::simulate;
use crate::support::simulate::trail::gzip;

/// The worlds that every law is tried on: name and seed.
const WORLDS: [(&str, u64); 5] = [
    ("mixed", 11),
    ("jitter", 12),
    ("missing-hour", 13),
    ("cross-account", 14),
    ("parallel-jobs", 15),
];

fn report(files: &Files) -> Value {
    let text = Logs::new(files).output(&["--format", "json"]);
    serde_json::from_str(&text).expect("a report is JSON")
}

fn world(name: &str, seed: u64) -> Files {
    let scenario = scenario(name).expect("a scenario of that name");
    simulate(scenario, seed).files
}

/// Tries a law on every world.
pub(crate) fn everywhere(mut law: impl FnMut(&str, Files)) {
    for (name, seed) in WORLDS {
        law(name, world(name, seed));
    }
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("")
}

/// The report without what says where a record was found and how much was read.
pub(crate) fn without_places(mut report: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.shift_remove("at");
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    strip(&mut report);
    report["coverage"]["files"] = Value::Null;
    report["coverage"]["records"] = Value::Null;
    report["problems"] = Value::Null;
    report
}

fn is_log(path: &str) -> bool {
    path.contains("/CloudTrail/")
}

fn records_of(content: &[u8]) -> Vec<Value> {
    let file: Value = serde_json::from_slice(&decoded(content)).expect("a sound log file");
    list(&file, "Records").to_vec()
}

#[test]
fn what_joins_the_events_of_a_push_is_one_tree() {
    let mut n_joined = 0;
    everywhere(|name, files| {
        for session in list(&report(&files), "sessions") {
            let own = list(session, "events").iter();
            let own: Vec<_> = own.filter(|event| event["shared"] == false).collect();
            let joined_to: BTreeMap<&str, &str> = (own.iter())
                .filter_map(|event| {
                    let because = list(event, "because").first()?;
                    Some((text(event, "event_id"), text(because, "with")))
                })
                .collect();
            assert_eq!(
                joined_to.len() + 1,
                own.len(),
                "{name}: one event is the root"
            );
            for event in own {
                let mut at = text(event, "event_id");
                let mut n_steps = 0;
                while let Some(with) = joined_to.get(at) {
                    (at, n_steps) = (with, n_steps + 1);
                    assert!(n_steps <= joined_to.len(), "{name}: a ring of evidence");
                }
                n_joined += n_steps;
            }
        }
    });
    assert!(n_joined > 1_000, "{n_joined}");
}

#[test]
fn every_record_is_counted_once() {
    everywhere(|name, files| {
        let report = report(&files);
        let records = &report["coverage"]["records"];
        let count = |name: &str| records[name].as_u64().expect("a count");
        assert!(count("seen") > 200, "{name}: {records}");
        let sum = count("push") + count("other") + count("duplicate") + count("malformed");
        assert_eq!(count("seen"), sum, "{name}: {records}");
    });
}

#[test]
fn every_push_event_is_in_one_session_or_unplaced() {
    everywhere(|name, files| {
        let report = report(&files);
        let mut seen = BTreeMap::new();
        let mut logins = BTreeSet::new();
        for session in list(&report, "sessions") {
            for event in list(session, "events") {
                let id = text(event, "event_id");
                if event["shared"] == json!(true) {
                    logins.insert(id);
                } else {
                    assert_eq!(seen.insert(id, text(session, "id")), None, "{name}: {id}");
                }
            }
        }
        for event in list(&report, "unplaced") {
            let id = text(event, "event_id");
            assert_eq!(seen.insert(id, "unplaced"), None, "{name}: {id}");
        }
        assert!(seen.len() > 100, "{name}: {}", seen.len());
        let n_events = u64::try_from(seen.len() + logins.len()).expect("fits");
        let push = report["coverage"]["records"]["push"].as_u64();
        assert_eq!(push, Some(n_events), "{name}");
    });
}

/// The log files of a world, and its records in another order in files of other names. Digest files speak of files by
/// name, and are in neither.
pub(crate) fn shuffled(files: &Files) -> (Files, Files) {
    let logs = files.iter().filter(|(path, _)| is_log(path));
    let logs: Files = logs.cloned().collect();
    let records = logs.iter().flat_map(|(_, content)| records_of(content));
    let mut records: Vec<Value> = records.collect();
    Random::new(5).shuffle(&mut records);
    let parts = records.chunks(records.len() / 7 + 1).enumerate();
    let shuffled = parts.map(|(number, some)| {
        let text = json!({"Records": some}).to_string();
        (format!("{}.json.gz", 90 - number * 11), gzip(&text))
    });
    let shuffled = shuffled.collect();
    (logs, shuffled)
}

#[test]
fn order_of_records_and_files_and_their_names_do_not_matter() {
    everywhere(|name, files| {
        let (logs, shuffled) = shuffled(&files);
        let (plain, shuffled) = (report(&logs), report(&shuffled));
        assert!(list(&plain, "sessions").len() > 5, "{name}");
        assert!(
            shuffled["coverage"]["files"] != plain["coverage"]["files"],
            "{name}"
        );
        let (plain, shuffled) = (without_places(plain), without_places(shuffled));
        assert_same(name, &plain, &shuffled);
    });
}

/// Like `assert_eq`, but shows the first place that differs instead of two whole reports.
fn assert_same(name: &str, left: &Value, right: &Value) {
    for field in ["coverage", "sessions", "unplaced", "findings"] {
        let (left, right) = (&left[field], &right[field]);
        if let (Some(left), Some(right)) = (left.as_array(), right.as_array()) {
            for (at, (left, right)) in left.iter().zip(right).enumerate() {
                assert_eq!(left, right, "{name}: {field} {at}");
            }
        }
        assert_eq!(left, right, "{name}: {field}");
    }
}

#[test]
fn number_of_threads_cannot_be_seen() {
    everywhere(|name, files| {
        let logs = Logs::new(&files);
        for format in ["text", "json", "jsonl"] {
            let one = logs.output(&["--format", format, "--jobs", "1"]);
            let eight = logs.output(&["--format", format, "--jobs", "8"]);
            assert!(one.len() > 2_000, "{name}: {}", one.len());
            assert!(
                one == eight,
                "{name}: {format} differs between 1 and 8 threads"
            );
        }
    });
}

#[test]
fn every_file_twice_changes_no_session() {
    everywhere(|name, files| {
        let mut doubled = files.clone();
        for (path, content) in files.iter().filter(|(path, _)| is_log(path)) {
            doubled.push((format!("copy/{path}"), content.clone()));
        }
        let (plain, doubled) = (report(&files), report(&doubled));
        let duplicates = |report: &Value| report["coverage"]["records"]["duplicate"].as_u64();
        assert!(duplicates(&doubled) > duplicates(&plain), "{name}");
        assert_same(name, &without_places(plain), &without_places(doubled));
    });
}

#[test]
fn every_sequence_respects_the_causes_within_it() {
    let mut n_causes = 0;
    everywhere(|name, files| {
        for session in list(&report(&files), "sessions") {
            let mut begun = BTreeSet::new();
            let mut ended: BTreeSet<&str> = BTreeSet::new();
            let mut uploaded: BTreeSet<&str> = BTreeSet::new();
            let mut put: BTreeSet<&str> = BTreeSet::new();
            let layers = of_manifests(session);
            let children = children(session);
            for event in list(session, "events")
                .iter()
                .filter(|event| event["outcome"] == json!("succeeded"))
            {
                let (upload, digest) = (text(event, "upload_id"), text(event, "digest"));
                match text(event, "action") {
                    "InitiateLayerUpload" => {
                        assert!(
                            !ended.contains(upload),
                            "{name}: begin after end of {upload}"
                        );
                        begun.insert(upload);
                    }
                    "UploadLayerPart" => {
                        assert!(
                            !ended.contains(upload),
                            "{name}: part after end of {upload}"
                        );
                    }
                    "CompleteLayerUpload" => {
                        ended.insert(upload);
                        let listed = put.iter().filter_map(|put| layers.get(put));
                        let late = listed.flatten().any(|layer| *layer == digest);
                        assert!(
                            !late || uploaded.contains(digest),
                            "{name}: {digest} after its manifest"
                        );
                        uploaded.insert(digest);
                    }
                    "PutImage" => {
                        for index in &put {
                            let of = children.get(index);
                            let late =
                                of.is_some_and(|of| of.contains(digest)) && !put.contains(digest);
                            assert!(!late, "{name}: {digest} after its index");
                        }
                        put.insert(digest);
                    }
                    _ => {}
                }
            }
            n_causes += begun.intersection(&ended).count();
        }
    });
    assert!(n_causes > 100, "{n_causes}");
}

/// The layers of each manifest of a session.
fn of_manifests(session: &Value) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut layers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for layer in list(session, "layers") {
        for manifest in list(layer, "of") {
            let manifest = manifest.as_str().unwrap_or("");
            layers
                .entry(manifest)
                .or_default()
                .insert(text(layer, "digest"));
        }
    }
    layers
}

/// The children of the session's index, where its root is one.
fn children(session: &Value) -> BTreeMap<&str, BTreeSet<&str>> {
    let manifests = list(session, "manifests");
    let is_root = |manifest: &&Value| manifest["root"] == json!(true);
    let root = manifests
        .iter()
        .find(|manifest| is_root(manifest) && manifest["kind"] == json!("index"));
    let others = manifests.iter().filter(|manifest| !is_root(manifest));
    let others: BTreeSet<&str> = others.map(|manifest| text(manifest, "digest")).collect();
    root.map(|root| (text(root, "digest"), others))
        .into_iter()
        .collect()
}

/// Statuses that claim to know.
const CERTAIN: [&str; 4] = ["complete", "failed", "incomplete", "unchanged"];

#[test]
fn cutting_the_tail_makes_no_verdict_differently_certain() {
    let mut n_compared = 0;
    for (name, seed) in [
        ("mixed", 21),
        ("killed-and-rerun", 22),
        ("refused-manifest", 23),
        ("clients", 24),
    ] {
        let files = world(name, seed);
        let whole = report(&files);
        let mut logs: Vec<&String> = files.iter().map(|(path, _)| path).collect();
        logs.retain(|path| is_log(path));
        logs.sort_by_key(|path| stamp(path));
        for share in [40, 60, 80] {
            let last = stamp(logs[logs.len() * share / 100]);
            let cut: Files = files
                .iter()
                .filter(|(path, _)| stamp(path) <= last)
                .cloned()
                .collect();
            let cut = report(&cut);
            n_compared += horizon(name, &whole, &cut);
        }
    }
    assert!(n_compared > 60, "{n_compared}");
}

/// The delivery time in a log file's name.
fn stamp(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or("");
    name.rsplit('_').nth(1).unwrap_or("")
}

/// The event by which a session is found again: its accepted root, else its first.
fn face(session: &Value) -> Option<&Value> {
    let root = &session["image"]["digest"];
    let mut own = list(session, "events")
        .iter()
        .filter(|event| event["shared"] != json!(true));
    let is_root = |event: &&Value| {
        event["action"] == json!("PutImage")
            && event["digest"] == *root
            && event["outcome"] == json!("succeeded")
    };
    own.clone().find(is_root).or_else(|| own.next())
}

/// Compares the sessions of a cut log with those of the whole, by their faces.
///
/// Pushes that pause for longer than the window are left out: the law does not promise them.
fn horizon(name: &str, whole: &Value, cut: &Value) -> usize {
    let mut of_event = BTreeMap::new();
    for session in list(whole, "sessions") {
        for event in list(session, "events")
            .iter()
            .filter(|event| event["shared"] != json!(true))
        {
            of_event.insert(text(event, "event_id"), session);
        }
    }
    let mut n_compared = 0;
    for session in list(cut, "sessions") {
        let Some(before) = face(session).and_then(|face| of_event.get(text(face, "event_id")))
        else {
            continue;
        };
        let pauses = before["longest_pause_s"]
            .as_f64()
            .is_some_and(|pause| pause > 900.0);
        let status = text(session, "status");
        if pauses || !CERTAIN.contains(&status) || text(before, "status") == "undetermined" {
            continue;
        }
        n_compared += 1;
        assert_eq!(
            status,
            text(before, "status"),
            "{name}: push {} of the cut log, {} of the whole\n{session:#}\n{before:#}",
            text(session, "id"),
            text(before, "id")
        );
    }
    n_compared
}
