//! Records that somebody forged, among those of a simulated log: no other push is told differently for it.
//!
//! In: a world, and records written to be mistaken for its own. Out: the rows of its pushes, which have to be the
//! same, byte for byte, as without them; and what is said of the forged ones.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::logs::Logs;
use crate::support::script::Files;
use crate::support::torture::{Sound, sound_records};

const EVIL: &str = "evil/app";

fn report(files: &Files) -> Value {
    let text = Logs::new(files).output(&["--format", "json"]);
    serde_json::from_str(&text).expect("a report is JSON")
}

/// The records of a world as one file, and beside it another.
fn logs(world: &[Sound], forged: &[Value]) -> Files {
    let records: Vec<&Value> = world.iter().map(|record| &record.value).collect();
    let mut files = vec![(
        "a.json".to_owned(),
        json!({ "Records": records }).to_string().into_bytes(),
    )];
    if !forged.is_empty() {
        let forged = json!({ "Records": forged }).to_string().into_bytes();
        files.push(("b.json".to_owned(), forged));
    }
    files
}

/// The rows of all pushes but those to the forger's repository, by id, as text.
fn rows(report: &Value) -> BTreeMap<&str, String> {
    let sessions = report["sessions"].as_array().expect("a list").iter();
    sessions
        .filter(|session| session["repository"] != json!(EVIL))
        .map(|session| (session["id"].as_str().expect("an id"), session.to_string()))
        .collect()
}

/// The codes of what is concluded of the forger's pushes, and of the problems of the input.
fn said(report: &Value) -> Vec<String> {
    let sessions = report["sessions"].as_array().expect("a list").iter();
    let evil = sessions.filter(|session| session["repository"] == json!(EVIL));
    let findings =
        evil.flat_map(|session| session["findings"].as_array().cloned().unwrap_or_default());
    let problems = report["problems"].as_array().expect("a list").clone();
    let codes = findings
        .chain(problems)
        .map(|row| row["code"].as_str().expect("a code").to_owned());
    let mut codes: Vec<String> = codes.collect();
    codes.sort();
    codes.dedup();
    codes
}

/// A call of the forger's own: like another, by another principal, to another repository.
fn of_mallory(like: &Value, id: &str) -> Value {
    let mut record = like.clone();
    record["eventID"] = json!(id);
    record["requestID"] = json!(format!("request-{id}"));
    record["userIdentity"] = json!({
        "type": "IAMUser", "userName": "mallory", "principalId": "AIDAMALLORY", "accountId": "123456789012",
        "arn": "arn:aws:iam::123456789012:user/mallory", "accessKeyId": "AKIAMALLORY",
    });
    for member in ["requestParameters", "responseElements"] {
        if record[member].is_object() {
            record[member]["repositoryName"] = json!(EVIL);
        }
        if record[member]["uploadId"].is_string() {
            record[member]["uploadId"] = json!(format!("upload-{id}"));
        }
    }
    if record["responseElements"]["image"].is_object() {
        record["responseElements"]["image"]["repositoryName"] = json!(EVIL);
    }
    record["resources"] = Value::Null;
    record
}

/// All records of a call, succeeded.
fn calls<'a>(world: &'a [Sound], name: &str) -> Vec<&'a Value> {
    let values = world.iter().map(|record| &record.value);
    values
        .filter(|value| value["eventName"] == json!(name) && value["errorCode"].is_null())
        .collect()
}

/// Has the world read with and without what is forged of it.
fn forge(make: impl Fn(&[Sound]) -> Vec<Value>) -> Vec<String> {
    let mut all = Vec::new();
    for (name, seed) in [("mixed", 61), ("cross-account", 62)] {
        let world = sound_records(name, seed);
        let forged = make(&world);
        assert!(forged.len() > 5, "{name}: {}", forged.len());
        let (plain, with) = (report(&logs(&world, &[])), report(&logs(&world, &forged)));
        let (before, after) = (rows(&plain), rows(&with));
        assert!(before.len() > 5, "{name}");
        for (id, row) in &before {
            assert_eq!(after.get(id), Some(row), "{name}");
        }
        assert_eq!(before.len(), after.len(), "{name}");
        all.extend(said(&with));
    }
    all.sort();
    all.dedup();
    all
}

#[test]
fn records_inside_of_others_are_no_events() {
    let said = forge(|world| {
        let puts = calls(world, "PutImage");
        let inside = |(at, put): (usize, &&Value)| {
            let inner = of_mallory(put, &format!("inner-{at}"));
            let parameters = match at % 4 {
                0 => json!({ "Records": [inner] }),
                1 => inner,
                2 => json!({ "message": inner.to_string() }),
                _ => json!([{ "Events": [{ "CloudTrailEvent": inner.to_string() }] }]),
            };
            json!({
                "eventSource": "s3.amazonaws.com", "eventName": "PutObject", "eventID": format!("outer-{at}"),
                "eventTime": put["eventTime"], "awsRegion": put["awsRegion"],
                "recipientAccountId": put["recipientAccountId"], "requestParameters": parameters,
            })
        };
        puts.iter().enumerate().map(inside).collect()
    });
    assert_eq!(said, [""; 0]);
}

#[test]
fn a_second_record_of_an_event_id_hides_nothing() {
    let said = forge(|world| {
        let parts = calls(world, "UploadLayerPart");
        parts
            .iter()
            .map(|part| of_mallory(part, part["eventID"].as_str().expect("an id")))
            .collect()
    });
    assert!(
        said.contains(&"conflicting-duplicate".to_owned()),
        "{said:?}"
    );
}

#[test]
fn a_record_that_claims_to_amend_another_hides_nothing() {
    forge(|world| {
        let parts = calls(world, "UploadLayerPart");
        let amend = |(at, part): (usize, &&Value)| {
            let mut record = of_mallory(part, &format!("amends-{at}"));
            record["addendum"] =
                json!({"reason": "UPDATED_DATA", "originalEventID": part["eventID"]});
            record
        };
        parts.iter().enumerate().map(amend).collect()
    });
}

#[test]
fn a_record_that_claims_to_be_a_twin_hides_nothing() {
    forge(|world| {
        let completes = calls(world, "CompleteLayerUpload");
        let twin = |(at, complete): (usize, &&Value)| {
            let mut record = of_mallory(complete, &format!("twin-{at}"));
            let shared = complete.get("sharedEventID").cloned();
            record["sharedEventID"] = shared.unwrap_or_else(|| json!(format!("shared-{at}")));
            record
        };
        completes.iter().enumerate().map(twin).collect()
    });
}

#[test]
fn images_of_layers_that_nobody_sent_and_digests_that_do_not_match_are_told_of() {
    let said = forge(|world| {
        let puts = calls(world, "PutImage");
        let claim = |(at, put): (usize, &&Value)| {
            let mut record = of_mallory(put, &format!("claims-{at}"));
            let digest = |number: usize| format!("sha256:{number:064x}");
            let manifest = json!({
                "schemaVersion": 2, "config": {"digest": digest(at), "size": 1},
                "layers": [{"digest": digest(1_000 + at), "size": 1}],
            });
            record["requestParameters"]["imageManifest"] = json!(manifest.to_string());
            record["responseElements"] = json!({"image": {
                "repositoryName": EVIL, "imageId": {"imageDigest": digest(2_000 + at)},
            }});
            record
        };
        puts.iter().enumerate().map(claim).collect()
    });
    assert!(said.contains(&"manifest-altered".to_owned()), "{said:?}");
}

#[test]
fn an_upload_id_used_in_another_repository_changes_no_push() {
    // The pushes whose uploads are meant are told of it, so their findings are left out here.
    let world = sound_records("mixed", 63);
    let parts = calls(&world, "UploadLayerPart");
    let use_again = |(at, part): (usize, &&Value)| {
        let mut record = of_mallory(part, &format!("used-{at}"));
        for member in ["requestParameters", "responseElements"] {
            record[member]["uploadId"] = part[member]["uploadId"].clone();
        }
        record
    };
    let forged: Vec<Value> = parts.iter().enumerate().map(use_again).collect();
    let (plain, with) = (report(&logs(&world, &[])), report(&logs(&world, &forged)));
    let without_findings = |report: &Value| {
        let mut report = report.clone();
        for session in report["sessions"].as_array_mut().expect("a list") {
            session["findings"] = Value::Null;
        }
        report
    };
    let shared = |report: &Value| report.to_string().matches("\"upload-shared\"").count();
    assert_eq!(
        rows(&without_findings(&plain)),
        rows(&without_findings(&with))
    );
    assert!(shared(&with) > shared(&plain));
}
