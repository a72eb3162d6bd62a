//! The object-centric log: OCEL 2.0's rules, and the counts of the JSON report.

use std::collections::{BTreeMap, BTreeSet};

use reconstruct::Reconstruction;
use serde_json::Value;

use crate::fixture;
use crate::formats::{array, draw, json, parse};

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    let text = value[field].as_str();
    text.unwrap_or_else(|| panic!("`{field}` is a text in {value}"))
}

/// The attributes of each declared type, with their types.
fn types(log: &Value, key: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let kinds = array(log, key).iter().map(|kind| {
        let attributes = array(kind, "attributes").iter();
        let attributes = attributes.map(|a| (text(a, "name").into(), text(a, "type").into()));
        (text(kind, "name").to_owned(), attributes.collect())
    });
    kinds.collect()
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "time" => value
            .as_str()
            .is_some_and(|time| time.parse::<chrono::DateTime<chrono::Utc>>().is_ok()),
        _ => false,
    }
}

/// Holds objects or events against their declarations (OCEL 2.0 specification, section 7, JSON).
fn assert_declared(log: &Value, entries: &str, kinds: &str) -> BTreeMap<String, String> {
    let kinds = types(log, kinds);
    let mut ids = BTreeMap::new();
    for entry in array(log, entries) {
        let kind = text(entry, "type").to_owned();
        let declared = kinds.get(&kind).expect("a declared type");
        for attribute in array(entry, "attributes") {
            let kind = declared.get(text(attribute, "name")).expect("declared");
            assert!(is_of(&attribute["value"], kind), "{attribute} is a {kind}");
            assert_eq!(attribute.get("time").is_some(), entries == "objects");
        }
        if entries == "events" {
            assert!(is_of(&entry["time"], "time"), "{entry}");
        }
        let twice = ids.insert(text(entry, "id").to_owned(), kind);
        assert_eq!(twice, None, "an id is used once: {entry}");
    }
    ids
}

/// Holds a log against OCEL's rules and the JSON report's counts.
pub(crate) fn assert_same(reconstruction: &Reconstruction) {
    let report = json(reconstruction);
    let log = parse(&draw(reconstruction, "ocel"));
    let objects = assert_declared(&log, "objects", "objectTypes");
    let events = assert_declared(&log, "events", "eventTypes");
    for entry in array(&log, "objects").iter().chain(array(&log, "events")) {
        let mut seen = BTreeSet::new();
        for relation in array(entry, "relationships") {
            let id = text(relation, "objectId");
            assert!(objects.contains_key(id), "{id} is an object");
            assert!(seen.insert((id, text(relation, "qualifier"))), "{relation}");
        }
    }
    let (mut calls, mut logins) = (array(&report, "unplaced").len(), BTreeSet::new());
    let mut expected: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut n_uploads = 0;
    for push in array(&report, "sessions") {
        let mut note = |kind, id: String| expected.entry(kind).or_default().insert(id);
        note("push", push["id"].to_string());
        note("identity", push["identity"].to_string());
        if push["repository"].is_string() {
            let place = ["service", "registry", "region", "repository"];
            note(
                "repository",
                place.map(|key| push[key].to_string()).join("/"),
            );
        }
        for (kind, rows) in [("layer", "layers"), ("image", "manifests")] {
            for row in array(push, rows).iter().filter(|r| r["digest"].is_string()) {
                note(kind, row["digest"].to_string());
            }
        }
        let uploads = array(push, "layers").iter();
        n_uploads += uploads
            .filter(|layer| layer["upload_id"].is_string())
            .count();
        for event in array(push, "events") {
            match event["shared"] == true {
                true => _ = logins.insert(event["event_id"].to_string()),
                false => calls += 1,
            }
        }
    }
    assert_eq!(events.len(), calls + logins.len(), "every call once");
    let count = |kind: &str| objects.values().filter(|other| *other == kind).count();
    for (kind, ids) in &expected {
        assert_eq!(count(kind), ids.len(), "{kind}");
    }
    assert_eq!(count("upload"), n_uploads);
}

#[test]
fn the_log_counts_what_the_json_report_counts() {
    assert_same(&fixture::reconstruction());
    assert_same(&fixture::empty());
}

#[test]
fn a_login_names_every_push_that_it_served() {
    let log = parse(&draw(&fixture::reconstruction(), "ocel"));
    let logins = array(&log, "events")
        .iter()
        .filter(|event| event["type"] == "GetAuthorizationToken");
    let served = logins.map(|login| {
        let relations = array(login, "relationships").iter();
        relations.filter(|r| r["qualifier"] == "served").count()
    });
    assert_eq!(served.max(), Some(2));
}

#[test]
fn an_index_lists_its_children_and_an_image_its_layers() {
    let log = parse(&draw(&fixture::reconstruction(), "ocel"));
    let index = array(&log, "objects").iter().find(|object| {
        let mut attributes = array(object, "attributes").iter();
        object["type"] == "image" && attributes.any(|a| a["value"] == "index")
    });
    let index = index.expect("an index");
    let children = array(index, "relationships");
    assert!(children.len() > 1, "{index}");
    for child in children {
        assert_eq!(child["qualifier"], "lists");
        assert!(text(child, "objectId").starts_with("image:sha256:"));
    }
}
