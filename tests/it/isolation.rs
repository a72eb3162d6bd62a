//! Isolation: what a forger adds to a log changes nothing about the pushes of others.
//!
//! In: simulated logs, and calls that CloudTrail would record of somebody with keys of the account. Out: the rows of
//! all other pushes, which have to be as they were; of a stolen credential no refusal that weighs less.

use serde_json::{Value, json};

use crate::support::forger::{Forger, Tried, forged};
use crate::support::logs::Logs;
use crate::support::simulate::scenario::scenario;

/// The worlds that the law is tried on.
const WORLDS: [&str; 6] = [
    "mixed",
    "later-mixed",
    "parallel-jobs",
    "refused-manifest",
    "refused-as-eof",
    "side-by-side",
];

/// Calls added to each log.
const N_CALLS: usize = 120;

fn everywhere(forger: Forger) -> Tried {
    let mut sum = Tried::default();
    for (seed, name) in (2_001..).zip(WORLDS) {
        let scenario = scenario(name).expect("a scenario of that name");
        match forged(scenario, seed, forger, N_CALLS).compare() {
            Ok(tried) => sum.add(tried),
            Err(what) => panic!("{what}"),
        }
    }
    assert!(sum.n_added >= (WORLDS.len() * N_CALLS) as u64, "{sum:?}");
    assert!(sum.n_accepted > sum.n_added / 8, "{sum:?}");
    sum
}

#[test]
fn no_forger_changes_a_push_of_another() {
    for forger in Forger::ALL {
        let sum = everywhere(forger);
        match forger {
            Forger::Stranger | Forger::OtherKey => assert!(sum.n_pushes > 200, "{sum:?}"),
            Forger::SameKey => assert!(sum.n_flagged > 20, "{sum:?}"),
        }
    }
}

/// A call at a second of the day.
fn call(second: u32, (name, parameters): (&str, Value), who: &str) -> Value {
    let (hour, minute) = (second / 3600, second / 60 % 60);
    let is_push = name != "ListBuckets";
    json!({
        "eventVersion": "1.08",
        "eventTime": format!("2025-03-10T{hour:02}:{minute:02}:{:02}Z", second % 60),
        "eventSource": if is_push { "ecr.amazonaws.com" } else { "s3.amazonaws.com" },
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "AWS Internal",
        "userAgent": "AWS Internal",
        "userIdentity": {"type": "AssumedRole", "accountId": "123456789012", "principalId": format!("AROAX:{who}"),
            "arn": format!("arn:aws:sts::123456789012:assumed-role/ci/{who}"), "accessKeyId": "ASIAX"},
        "requestParameters": parameters,
        "responseElements": {"uploadId": "64e6ba0a-2ab9-4bf7-a87d-9e4d0e53d5a0"},
        "eventID": format!("{second:08x}-0000-4000-8000-{:012x}", who.len()),
        "recipientAccountId": "123456789012",
    })
}

/// How a log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeptAs {
    /// As one file of any name, whose records are read one by one.
    OneFile,
    /// As files of CloudTrail's own names and order of members, whose times are found as text.
    Named,
    /// As such files, but with members in the order of the alphabet.
    NamedAndSorted,
    /// As an extract of such files.
    Extracted,
}

/// The log of some records, which are in order of time.
fn kept(records: &[Value], how: KeptAs) -> Logs {
    if how == KeptAs::OneFile {
        let text = json!({ "Records": records }).to_string().into_bytes();
        return Logs::new(&vec![("log.json".to_owned(), text)]);
    }
    let of_file = |one: &Value, other: &Value| {
        let minutes = |record: &Value| {
            record["eventTime"]
                .as_str()
                .map(|time| time[..15].to_owned())
        };
        minutes(one) == minutes(other)
    };
    let files = records.chunk_by(of_file).map(|records| {
        let time = records[0]["eventTime"].as_str().unwrap_or_default();
        let minute: String = time[..15]
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let name = format!("123456789012_CloudTrail_eu-west-1_{minute}9Z_abcdefghijklmnop.json");
        let texts: Vec<String> = records
            .iter()
            .map(|record| match how {
                KeptAs::NamedAndSorted => record.to_string(),
                KeptAs::OneFile | KeptAs::Named | KeptAs::Extracted => {
                    let mut rest = record.clone();
                    let identity = rest["userIdentity"].take();
                    rest.as_object_mut()
                        .expect("an object")
                        .remove("userIdentity");
                    let rest = rest.to_string();
                    format!(
                        "{{\"eventVersion\":\"1.08\",\"userIdentity\":{identity},{}",
                        &rest[1..]
                    )
                }
            })
            .collect();
        (
            name,
            format!("{{\"Records\":[{}]}}", texts.join(",")).into_bytes(),
        )
    });
    let logs = Logs::new(&files.collect::<Vec<_>>());
    match how {
        KeptAs::Extracted => {
            let extract = logs.run(&["--extract"]).stdout.into_bytes();
            Logs::new(&vec![("extract.jsonl".to_owned(), extract)])
        }
        KeptAs::OneFile | KeptAs::Named | KeptAs::NamedAndSorted => logs,
    }
}

/// The status of the last push of a log in which `busy` makes some call each minute for five hours, `ci` begins an upload
/// and stops, others call every 25 minutes, and nothing is recorded for two hours after it.
fn left_before_a_silence(busy: &str, name: &'static str, how: KeptAs) -> String {
    let upload = json!({"registryId": "123456789012", "repositoryName": "app",
        "uploadId": "64e6ba0a-2ab9-4bf7-a87d-9e4d0e53d5a0", "partFirstByte": 0, "partLastByte": 9});
    let check = json!({"registryId": "123456789012", "repositoryName": "app",
        "layerDigests": [format!("sha256:{}", "a".repeat(64))]});
    let end = 5 * 3600;
    let every_minute = (0..end).step_by(60);
    let mut records: Vec<Value> = every_minute
        .map(|second| call(second, (name, check.clone()), busy))
        .collect();
    let others = (7..10 * 3600).step_by(25 * 60);
    let others = others.filter(|second| !(end..end + 2 * 3600).contains(second));
    records.extend(others.map(|second| call(second, ("ListBuckets", Value::Null), "other")));
    records.push(call(end + 1, ("InitiateLayerUpload", upload.clone()), "ci"));
    records.push(call(end + 2, ("UploadLayerPart", upload), "ci"));
    records.sort_by_key(|record| record["eventTime"].to_string());
    let text = kept(&records, how).output(&["--format", "json"]);
    let report: Value = serde_json::from_str(&text).expect("a report is JSON");
    let pushes = report["sessions"].as_array().expect("pushes");
    let mut left = pushes
        .iter()
        .filter(|push| push["layers"].as_array().is_some_and(|all| !all.is_empty()));
    let left = left.next_back().expect("the upload is in a push");
    left["status"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_silence_that_only_the_pusher_makes_unusual_hides_no_push() {
    for how in [
        KeptAs::OneFile,
        KeptAs::Named,
        KeptAs::NamedAndSorted,
        KeptAs::Extracted,
    ] {
        for name in ["BatchCheckLayerAvailability", "ListBuckets"] {
            let status = |busy| left_before_a_silence(busy, name, how);
            assert_eq!(status("another"), "undetermined", "{name} {how:?}");
            assert_eq!(status("ci"), "incomplete", "{name} {how:?}");
        }
    }
}
