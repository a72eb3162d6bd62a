//! Who stands behind role sessions: chains of AssumeRole records of known origin, put beside simulated logs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::logs::Logs;
use crate::support::script::Files;
use crate::support::simulate::random::Random;
use crate::support::simulate::scenario::scenario;
use crate::support::simulate::simulate;
use crate::support::simulate::trail::gzip;

const ACCOUNT: &str = "123456789012";

fn world(name: &str, seed: u64) -> Files {
    simulate(scenario(name).expect("a scenario of that name"), seed).files
}

fn report(files: &Files, args: &[&str]) -> Value {
    let args = [&["--format", "json"], args].concat();
    serde_json::from_str(&Logs::new(files).output(&args)).expect("a report is JSON")
}

fn sessions(report: &Value) -> &[Value] {
    report["sessions"].as_array().expect("an array")
}

/// A role session: its ARN, its key and when it began.
struct Given {
    arn: String,
    key: Option<String>,
    created: String,
}

/// A record of STS in which `caller` takes on the role of `given`.
fn assumption(random: &mut Random, caller: &Value, given: &Given, address: &str) -> Value {
    let web = caller["type"] == json!("WebIdentityUser");
    let name = if web {
        "AssumeRoleWithWebIdentity"
    } else {
        "AssumeRole"
    };
    let mut response =
        json!({"assumedRoleUser": {"arn": given.arn, "assumedRoleId": "AROAEXAMPLE:x"}});
    if let Some(key) = &given.key {
        response["credentials"] = json!({"accessKeyId": key});
    }
    json!({
        "eventVersion": "1.08", "userIdentity": caller, "eventTime": given.created,
        "eventSource": "sts.amazonaws.com", "eventName": name, "awsRegion": "us-east-1",
        "sourceIPAddress": address, "userAgent": "test", "requestParameters": {},
        "responseElements": response, "eventID": random.uuid(), "requestID": random.uuid(),
        "eventType": "AwsApiCall", "recipientAccountId": ACCOUNT,
    })
}

/// Records that lead to a role session through up to three others, and whom they begin with.
fn chain(random: &mut Random, mut given: Given, records: &mut Vec<Value>) -> String {
    let number = random.within(0, 999_999_999);
    for hop in 0..random.index(4) {
        let role = Given {
            arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/hop-{hop}/s-{number}"),
            key: Some(format!("ASIAHOP{hop}{number:09}")),
            created: given.created.clone(),
        };
        let caller = json!({
            "type": "AssumedRole", "arn": role.arn, "principalId": format!("AROAHOP:s-{number}"),
            "accountId": ACCOUNT, "accessKeyId": role.key,
            "sessionContext": {"attributes": {"creationDate": role.created}},
        });
        records.push(assumption(random, &caller, &given, "198.51.100.1"));
        given = role;
    }
    let (caller, subject) = match random.percent(50) {
        true => {
            let subject = format!("repo:org/app-{number}:ref:refs/heads/main");
            (
                json!({"type": "WebIdentityUser", "userName": subject}),
                subject,
            )
        }
        false => {
            let arn = format!("arn:aws:iam::{ACCOUNT}:user/u-{number}");
            let user = format!("u-{number}");
            (
                json!({"type": "IAMUser", "arn": arn, "userName": user, "accessKeyId": "AKIA"}),
                arn,
            )
        }
    };
    records.push(assumption(random, &caller, &given, "203.0.113.77"));
    subject
}

/// The world with a log file of chains to its role sessions, and the origin of each session's key.
fn with_chains(name: &str, seed: u64) -> (Files, BTreeMap<String, String>) {
    let mut files = world(name, seed);
    let mut random = Random::new(seed);
    let (mut records, mut origins) = (Vec::new(), BTreeMap::new());
    let report = report(&files, &[]);
    for push in sessions(&report) {
        let credential = &push["credentials"][0];
        let (Some(key), Some(created), Some(arn)) = (
            credential["access_key_id"].as_str(),
            credential["created"].as_str(),
            push["identity"]["arn"].as_str(),
        ) else {
            continue;
        };
        if push["identity"]["type"] != json!("AssumedRole") || origins.contains_key(key) {
            continue;
        }
        let given = Given {
            arn: arn.to_owned(),
            // Some records do not show the key; then the second of the session's begin has to do.
            key: random.percent(80).then(|| key.to_owned()),
            created: created.to_owned(),
        };
        let subject = chain(&mut random, given, &mut records);
        origins.insert(key.to_owned(), subject);
    }
    random.shuffle(&mut records);
    files.push((
        "sts.json.gz".to_owned(),
        gzip(&json!({"Records": records}).to_string()),
    ));
    (files, origins)
}

#[test]
fn every_role_session_is_led_back_to_its_origin() {
    let (mut n_right, mut n_long, mut strengths) = (0, 0, BTreeSet::new());
    for (name, seed) in [("identities", 51), ("mixed", 52), ("parallel-jobs", 53)] {
        let (files, origins) = with_chains(name, seed);
        let report = report(&files, &["--trace-roles"]);
        for push in sessions(&report) {
            let key = push["credentials"][0]["access_key_id"].as_str();
            let Some(subject) = key.and_then(|key| origins.get(key)) else {
                continue;
            };
            let behind = &push["identity"]["behind"];
            if behind["chain"][0]["alternatives"] != json!([]) {
                // Two jobs of one session name that began within a second, their keys not shown.
                assert_eq!(behind["strength"], json!("hint"), "{name}: {behind}");
                continue;
            }
            assert_eq!(behind["subject"], json!(subject), "{name}: {behind}");
            assert_eq!(behind["ends"], json!("origin"), "{name}: {behind}");
            assert_eq!(
                behind["source_ip"],
                json!("203.0.113.77"),
                "{name}: {behind}"
            );
            strengths.insert(behind["strength"].to_string());
            n_right += 1;
            n_long += usize::from(
                behind["chain"]
                    .as_array()
                    .is_some_and(|steps| steps.len() > 2),
            );
        }
    }
    assert!(n_right > 60 && n_long > 15, "{n_right} {n_long}");
    assert_eq!(strengths.len(), 2, "{strengths:?}");
}

#[test]
fn tracing_roles_changes_nothing_else() {
    let (files, _) = with_chains("mixed", 54);
    let plain = report(&files, &[]);
    let mut traced = report(&files, &["--trace-roles"]);
    let counts = traced["coverage"]["records"].clone();
    let count = |name: &str| counts[name].as_u64().expect("a count");
    let sum = count("push") + count("other") + count("duplicate") + count("malformed");
    assert_eq!(count("seen"), sum, "{counts}");
    assert!(counts["other"].as_u64() > plain["coverage"]["records"]["other"].as_u64());
    assert_eq!(counts["push"], plain["coverage"]["records"]["push"]);
    let mut n_behind = 0;
    for push in traced["sessions"].as_array_mut().expect("an array") {
        n_behind += usize::from(!push["identity"]["behind"].is_null());
        push["identity"]["behind"] = Value::Null;
    }
    assert!(n_behind > 10, "{n_behind}");
    for field in ["sessions", "unplaced", "findings", "problems"] {
        assert!(traced[field] == plain[field], "{field}");
    }
}

#[test]
fn pushes_are_selected_by_who_stands_behind_them() {
    let (files, _) = with_chains("identities", 56);
    let whole = report(&files, &["--trace-roles"]);
    let is_meant = |push: &&Value| {
        let subject = push["identity"]["behind"]["subject"].as_str();
        subject.is_some_and(|subject| subject.starts_with("repo:org/"))
    };
    let meant: Vec<&Value> = sessions(&whole).iter().filter(is_meant).collect();
    let found = report(&files, &["--trace-roles", "--identity", "repo:org/*"]);
    assert!(meant.len() > 5, "{}", meant.len());
    assert_eq!(sessions(&found).iter().collect::<Vec<_>>(), meant);
}

#[test]
fn threads_and_copies_do_not_matter_to_who_stands_behind() {
    let (mut files, _) = with_chains("parallel-jobs", 55);
    let logs = Logs::new(&files);
    let args = ["--trace-roles", "--format", "json", "--jobs"];
    let one = logs.output(&[&args[..], &["1"]].concat());
    assert!(one == logs.output(&[&args[..], &["8"]].concat()));
    let copies: Files = files
        .iter()
        .map(|(path, content)| (format!("copy/{path}"), content.clone()))
        .collect();
    files.extend(copies);
    let behind = |report: &Value| -> Vec<Value> {
        let pushes = sessions(report).iter();
        pushes.map(|push| push["identity"].clone()).collect()
    };
    let single: Value = serde_json::from_str(&one).expect("JSON");
    let doubled = report(&files, &["--trace-roles"]);
    assert_eq!(behind(&single), behind(&doubled));
}
