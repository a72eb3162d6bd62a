//! Pulls: what is said of who took an image must be what was played, and nothing of it may change a push.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::company;
use crate::support::logs::Logs;
use crate::support::pullers::pullers;

fn json(logs: &Logs, args: &[&str]) -> Value {
    let text = logs.output(&[&["--format", "json"], args].concat());
    serde_json::from_str(&text).expect("a report is JSON")
}

#[test]
fn pulls_are_what_was_played() {
    let (mut n, mut n_exact, mut n_decidable) = (0, 0, 0);
    let (mut n_image, mut n_caller, mut n_address, mut n_shown) = (0, 0, 0, 0);
    let mut wrong: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 1..=4 {
        let world = pullers(seed, 400);
        let logs = Logs::new(&world.files);
        let report = json(&logs, &["--pulls"]);
        let rows = report["pulls"].as_array().expect("pulls");
        let of_event: BTreeMap<&str, &Value> = rows
            .iter()
            .flat_map(|row| {
                let events = row["events"].as_array().into_iter().flatten();
                events.filter_map(move |event| Some((event.as_str()?, row)))
            })
            .collect();
        for pull in &world.pulls {
            n += 1;
            // A pull is judged by the row that has its first call.
            let Some(row) = pull.events.iter().find_map(|id| of_event.get(id.as_str())) else {
                *wrong.entry(pull.client).or_default() += 1;
                continue;
            };
            let events = row["events"].as_array().into_iter().flatten();
            let events: BTreeSet<&str> = events.filter_map(Value::as_str).collect();
            let is_exact = events.len() == pull.events.len()
                && events.iter().all(|id| pull.events.contains(*id));
            n_exact += usize::from(is_exact);
            if !is_exact {
                *wrong.entry(pull.client).or_default() += 1;
            }
            n_decidable += usize::from(!pull.is_open);
            n_image += usize::from(!pull.is_open && row["digest"] == *pull.digest);
            n_caller += usize::from(
                pull.arn.is_none() || row["identity"]["arn"].as_str() == pull.arn.as_deref(),
            );
            if let Some(address) = &pull.address {
                n_shown += 1;
                n_address += usize::from(row["client"]["source_ip"] == **address);
            }
        }
    }
    let share = |part: usize, whole: usize| part as f64 / whole as f64;
    let (image, caller) = (share(n_image, n_decidable), share(n_caller, n));
    let (address, exact) = (share(n_address, n_shown), share(n_exact, n));
    println!(
        "{n} pulls: image {image:.4} of {n_decidable} decidable, caller {caller:.4}, address {address:.4}, calls exact {exact:.4}, inexact {wrong:?}"
    );
    assert!(n > 1_000, "{n}");
    assert!(image >= 0.995, "image {image}");
    assert!(caller >= 0.995, "caller {caller}");
    assert!(address >= 0.99, "address {address}");
    assert!(exact >= 0.97, "exact {exact}");
}

#[test]
fn pulls_change_no_push_and_without_them_nothing_is_read() {
    let world = pullers(9, 200);
    let logs = Logs::new(&world.files);
    let (mut with, mut without) = (json(&logs, &["--pulls"]), json(&logs, &[]));
    assert!(
        with["pulls"]
            .as_array()
            .is_some_and(|pulls| pulls.len() > 50)
    );
    assert!(without["pulls"].is_null() && without["reach"].is_null());
    let of_pushes = |report: &mut Value| {
        for push in report["sessions"].as_array_mut().expect("pushes") {
            push["pulled"] = Value::Null;
            let findings = push["findings"].as_array_mut().expect("findings");
            findings.retain(|finding| finding["code"] != "pulled-at-once");
        }
        report["sessions"].take()
    };
    assert!(!with["sessions"][0]["pulled"].is_null());
    assert_eq!(of_pushes(&mut with), of_pushes(&mut without));
    assert_eq!(with["coverage"]["spans"], without["coverage"]["spans"]);
    assert_eq!(with["coverage"]["records"], without["coverage"]["records"]);
}

#[test]
fn pulls_do_not_depend_on_threads_or_copies() {
    let world = pullers(11, 150);
    let logs = Logs::new(&world.files);
    let one = logs.output(&["--pulls", "--format", "jsonl", "--jobs", "1"]);
    assert_eq!(
        one,
        logs.output(&["--pulls", "--format", "jsonl", "--jobs", "3"])
    );
    let mut doubled = world.files.clone();
    doubled.extend(world.files.iter().map(|(path, bytes)| {
        let path = format!("copy/{path}");
        (path, bytes.clone())
    }));
    let twice = json(&Logs::new(&doubled), &["--pulls"]);
    assert_eq!(twice["pulls"], json(&logs, &["--pulls"])["pulls"]);
}

#[test]
fn an_extract_with_pulls_gives_the_same_pulls() {
    let world = pullers(13, 120);
    let logs = Logs::new(&world.files);
    let extract = logs.run(&["--extract", "--pulls"]).stdout.into_bytes();
    let small = Logs::new(&vec![("extract.jsonl".to_owned(), extract)]);
    let (one, other) = (json(&logs, &["--pulls"]), json(&small, &["--pulls"]));
    assert_eq!(one["pulls"], other["pulls"]);
}

#[test]
fn every_format_draws_pulls_and_a_redacted_one_names_nobody() {
    let world = pullers(17, 80);
    let logs = Logs::new(&world.files);
    for format in ["text", "html", "markdown", "csv", "json", "jsonl", "ocsf"] {
        let plain = logs.output(&["--pulls", "--format", format]);
        let hidden = logs.output(&["--pulls", "--redact", "--format", format]);
        for name in ["shop/web", "123456789012", "kubelet2"] {
            assert!(
                plain.contains(name) || format == "ocsf",
                "{name} in {format}"
            );
            assert!(!hidden.contains(name), "{name} in redacted {format}");
        }
    }
    let table = logs.output(&["--pulls", "--format", "csv"]);
    let report = json(&logs, &["--pulls"]);
    let pulls = report["pulls"].as_array().map_or(0, Vec::len);
    assert_eq!(table.lines().count(), pulls + 1);
}

/// Calls of a stranger change nothing about the pulls of others.
#[test]
fn a_stranger_changes_no_pull_of_another() {
    let world = pullers(19, 150);
    let logs = Logs::new(&world.files);
    let before = json(&logs, &["--pulls"]);
    let rows = before["pulls"].as_array().expect("pulls");
    let stranger = |row: &Value, number: usize, wanted: Value, name: &str| {
        serde_json::json!({
            "eventVersion": "1.11", "eventSource": "ecr.amazonaws.com", "eventName": name,
            "eventTime": row["first"], "awsRegion": "eu-central-1", "sourceIPAddress": "AWS Internal",
            "userAgent": "AWS Internal", "requestParameters": wanted, "responseElements": null,
            "eventID": format!("{number:08x}-0000-4000-8000-0000000000aa"),
            "userIdentity": {"type": "AssumedRole", "accountId": "123456789012", "principalId": "AROAX:eve",
                "arn": "arn:aws:sts::123456789012:assumed-role/eve/eve", "accessKeyId": "ASIAEVE"},
            "recipientAccountId": "123456789012", "eventType": "AwsApiCall",
        })
    };
    let records: Vec<Value> = rows
        .iter()
        .enumerate()
        .flat_map(|(number, row)| {
            let repository = &row["repository"];
            let image = serde_json::json!({"repositoryName": repository,
                "imageIds": [{"imageDigest": row["digest"]}, {"imageTag": row["tag"]}]});
            let layer =
                serde_json::json!({"repositoryName": repository, "layerDigest": row["digest"]});
            [
                stranger(row, 2 * number, image, "BatchGetImage"),
                stranger(row, 2 * number + 1, layer, "GetDownloadUrlForLayer"),
            ]
        })
        .collect();
    let text = serde_json::json!({ "Records": records }).to_string();
    let mut files = world.files.clone();
    files.push(("stranger.json".to_owned(), text.into_bytes()));
    let after = json(&Logs::new(&files), &["--pulls"]);
    let others = |report: &Value| -> Vec<Value> {
        let rows = report["pulls"].as_array().into_iter().flatten();
        let rows = rows.filter(|row| row["identity"]["name"] != "role eve, session eve");
        rows.cloned().collect()
    };
    assert_eq!(others(&after), others(&before));
    assert!(after["pulls"].as_array().map_or(0, Vec::len) > rows.len());
}

#[test]
fn a_push_that_nobody_pulled_says_so() {
    let logs = Logs::new(&company::sample());
    let (with, without) = (logs.output(&["--pulls"]), logs.output(&[]));
    assert!(with.contains("not pulled in this log since"), "{with}");
    assert!(!without.contains("pulled"), "{without}");
}
