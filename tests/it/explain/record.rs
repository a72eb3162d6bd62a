//! A record that is no event of a push: found wherever it stands, and told for what it is.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{is_kept, on_sample};
use crate::renderers;
use crate::support::logs::{Logs, refused_push};
use crate::support::run::{Run, project, run, run_on};
use crate::support::script::Files;

/// The `eventID` that is looked for.
const ID: &str = "0e7f3c21-5b1a-4c5e-9d7e-3f2a1b0c9d8e";

fn record(source: &str, name: &str) -> Value {
    json!({
        "eventVersion": "1.08", "eventID": ID, "eventTime": "2024-03-04T09:00:00Z",
        "eventSource": source, "eventName": name, "awsRegion": "eu-west-1",
        "userIdentity": {"type": "IAMUser", "userName": "dana", "accountId": "123456789012",
            "principalId": "AIDAEXAMPLE", "arn": "arn:aws:iam::123456789012:user/dana"},
        "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli/2.15.30",
        "requestParameters": {"repositoryName": "shop/api"}, "responseElements": null,
        "requestID": "11111111-0000-4000-8000-000000000000",
        "eventType": "AwsApiCall", "recipientAccountId": "123456789012",
    })
}

/// A log of these records, and of a push beside them.
fn log(records: &[Value]) -> Logs {
    let mut records = records.to_vec();
    records.push(refused_push(1));
    Logs::new(&vec![(
        "a.json".to_owned(),
        json!({"Records": records}).to_string().into(),
    )])
}

/// The page of the record, on lines of any length.
fn page(logs: &Logs, args: &[&str]) -> String {
    logs.output(&[&["--explain", ID, "--width", "400"], args].concat())
}

#[test]
fn each_kind_of_record_is_told_for_what_it_is() {
    let changed = |source: &str, name: &str, pointer: &str, value: Value| {
        let mut record = record(source, name);
        record[pointer] = value;
        record
    };
    let (ecr, sts) = ("ecr.amazonaws.com", "sts.amazonaws.com");
    let given = json!({"assumedRoleUser": {"arn": "arn:aws:sts::123456789012:assumed-role/ci/x"}});
    for (record, said) in [
        (
            record(ecr, "BatchGetImage"),
            "It is no part of a push: it pulls an image, and pulls are not read.",
        ),
        (
            record("ecr-public.amazonaws.com", "GetDownloadUrlForLayer"),
            "pulls are not read.",
        ),
        (
            record("s3.amazonaws.com", "BatchGetImage"),
            "Calls of other services are not read",
        ),
        (
            record(ecr, "DescribeImages"),
            "this call of ECR is not read.",
        ),
        (
            record(ecr, "CreateRepository"),
            "Such calls are read to explain pushes",
        ),
        (
            changed(sts, "AssumeRole", "responseElements", given),
            "With --trace-roles such calls are read, to say who",
        ),
        (
            record(sts, "AssumeRole"),
            "this one was refused, or its record shows no session.",
        ),
        (
            record(sts, "GetCallerIdentity"),
            "Calls of other services are not read",
        ),
        (
            changed(ecr, "PutImage", "eventTime", json!("yesterday")),
            "It could not be used: `eventTime` is not as expected, an RFC 3339 timestamp",
        ),
        (
            changed(
                ecr,
                "CreateRepository",
                "eventCategory",
                json!("NetworkActivity"),
            ),
            "a VPC endpoint recorded the call too",
        ),
    ] {
        let found = page(&log(std::slice::from_ref(&record)), &[]);
        let name = record["eventName"].as_str().expect("a name");
        assert!(found.starts_with(&format!("{name} of ")), "{found}");
        for told in [
            said,
            ID,
            "  who    user dana\n",
            "  from   198.51.100.7, aws-cli/2.15.30\n",
            "a.json record 0",
        ] {
            assert!(found.contains(told), "`{told}` of {record}: {found}");
        }
    }
}

#[test]
fn a_record_of_a_call_that_another_record_tells_leads_to_the_one_kept() {
    let kept = "00000000-1111-4000-8000-000000000000";
    let pair = |of_kept: &[(&str, Value)], of_other: &[(&str, Value)]| {
        let mut pair = [
            record("ecr.amazonaws.com", "PutImage"),
            record("ecr.amazonaws.com", "PutImage"),
        ];
        pair[0]["eventID"] = json!(kept);
        for (record, members) in pair.iter_mut().zip([of_kept, of_other]) {
            for (name, value) in members {
                record[*name] = value.clone();
            }
        }
        pair
    };
    let amends = |id: &str| json!({"reason": "UPDATED_DATA", "originalEventID": id});
    let shared = [(
        "sharedEventID",
        json!("22222222-0000-4000-8000-000000000000"),
    )];
    let network = [
        ("eventCategory", json!("NetworkActivity")),
        ("eventType", json!("AwsVpceEvent")),
    ];
    for (pair, said) in [
        (
            pair(&shared, &shared),
            "delivered to two accounts. The record of the other account was kept.",
        ),
        (
            pair(&[("addendum", amends(ID))], &[]),
            "CloudTrail amended it, and the record that amends it was kept.",
        ),
        (
            pair(&[], &network),
            "as a VPC endpoint recorded it. The service's own record was kept.",
        ),
    ] {
        let logs = log(&pair);
        let found = page(&logs, &[]);
        assert!(
            found.starts_with("PutImage of ecr.amazonaws.com\n"),
            "{found}"
        );
        assert!(found.contains(said), "{said}: {found}");
        let of_kept = logs.output(&["--explain", kept, "--width", "400"]);
        assert!(
            found.ends_with(&format!("\n\n{of_kept}")),
            "{found}\n{of_kept}"
        );
    }
}

#[test]
fn copies_of_a_record_are_named_once_with_their_places() {
    let one = record("ecr.amazonaws.com", "BatchGetImage");
    let mut other = one.clone();
    other["eventName"] = json!("DescribeImages");
    let found = page(&log(&[one.clone(), one.clone(), one]), &[]);
    assert_eq!(found.matches("pulls are not read").count(), 1, "{found}");
    assert!(
        found.contains(
            "  read   a.json record 0\n  copy   a.json record 1\n  copy   a.json record 2\n"
        ),
        "{found}"
    );
    let forged = page(
        &log(&[record("ecr.amazonaws.com", "BatchGetImage"), other]),
        &[],
    );
    assert_eq!(forged.matches("  event  ").count(), 2, "{forged}");
}

#[test]
fn a_record_is_found_in_every_form_and_spelling() {
    let mut n_forms = 0;
    for entry in std::fs::read_dir(project("testdata/wrappers")).expect("the forms") {
        let path = entry
            .expect("readable")
            .path()
            .to_string_lossy()
            .into_owned();
        for id in ["6440ae70", "6440AE70"] {
            let found = run(["--explain", id, &path]);
            assert_eq!(found.status, 0, "{path}: {}", found.stderr);
            assert!(
                found.stdout.contains("It is no part of a push"),
                "{path}: {}",
                found.stdout
            );
        }
        n_forms += 1;
    }
    assert!(n_forms > 10, "{n_forms}");
    let text = json!({"Records": [record("s3.amazonaws.com", "ListBuckets")]}).to_string();
    for (plain, spelt) in [
        ("0e7f3c21", "\\u0030e7f3c21"),
        ("\"eventID\"", "\"event\\u0049D\""),
        ("\"eventID\":", "\"eventID\" :\n "),
    ] {
        let spelt = text.replace(plain, spelt);
        assert_ne!(spelt, text);
        let logs = Logs::new(&vec![("a.json".to_owned(), spelt.into())]);
        assert!(page(&logs, &[]).starts_with("ListBuckets of s3"), "{plain}");
    }
    // Only the record's own id counts.
    let mut inside = record("s3.amazonaws.com", "ListBuckets");
    inside["eventID"] = json!("33333333-0000-4000-8000-000000000000");
    inside["requestParameters"] = json!({"eventID": ID, "Records": [{"eventID": ID}]});
    let logs = Logs::new(&vec![(
        "a.json".to_owned(),
        json!({"Records": [inside]}).to_string().into(),
    )]);
    assert_eq!(logs.run(&["--explain", ID]).status, 2);
}

#[test]
fn pages_of_records_of_the_sample_are_kept() {
    for (id, name) in [
        ("5c8fa491", "pull.txt"),
        ("fc992b61-d334-467c-a3dd-84642a87ff34", "other-service.txt"),
    ] {
        let page = on_sample(&["--explain", id]);
        assert_eq!((page.status, &*page.stderr), (0, ""));
        is_kept(name, &page.stdout);
    }
}

#[test]
fn an_id_that_is_nowhere_tells_what_was_searched_and_what_is_near() {
    let found = on_sample(&["--explain", "0da9badcb942"]);
    assert_eq!((found.status, &*found.stdout), (2, ""));
    is_kept("absent.txt", &found.stderr);
    let far = on_sample(&["--explain", "ffffffff-ffff"]);
    assert!(!far.stderr.contains("tip"), "{}", far.stderr);
}

#[test]
fn a_beginning_of_many_ids_lists_the_first_whatever_the_threads() {
    let mut files = Files::new();
    for file in 0..9 {
        let numbers = (0..40).map(|number| (file * 40 + number) * 7 % 360);
        let records: Vec<Value> = numbers
            .map(|number| {
                let mut record = record("s3.amazonaws.com", "ListBuckets");
                record["eventID"] = json!(format!("0e7f3c21-0000-4000-8000-{number:012}"));
                record
            })
            .collect();
        files.push((
            format!("{file}.json"),
            json!({"Records": records}).to_string().into(),
        ));
    }
    let logs = Logs::new(&files);
    let runs: Vec<Run> = ["1", "2", "8"]
        .map(|jobs| logs.run(&["--explain", "0e7f3c21", "--jobs", jobs]))
        .into();
    let mut said =
        String::from("error: more than 64 ids begin with `0e7f3c21`\n\n  help: type more of it: ");
    for number in 0..5 {
        let comma = if number == 0 { "" } else { ", " };
        write!(said, "{comma}event 0e7f3c21-0000-4000-8000-{number:012}")
            .expect("a string takes all");
    }
    said.push_str(" and 59 more\n");
    for run in runs {
        assert_eq!((run.status, &*run.stdout, &*run.stderr), (2, "", &*said));
    }
    let one = logs.output(&["--explain", "0e7f3c21-0000-4000-8000-000000000359"]);
    assert!(one.starts_with("ListBuckets of s3"), "{one}");
}

#[test]
fn what_can_be_read_only_once_is_not_searched_and_that_is_told() {
    let text = json!({"Records": [record("s3.amazonaws.com", "ListBuckets")]}).to_string();
    let run = run_on(["--explain", ID, "-"], text.into_bytes());
    assert_eq!((run.status, &*run.stdout), (2, ""));
    assert!(
        run.stderr
            .contains("standard input or a pipe cannot be read again"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_hostile_record_does_no_harm_and_a_redacted_one_names_nobody() {
    let hostile = "\u{1b}[2J\u{202e}\r\nCOMPLETE  fake\0<b>";
    let mut record = record("s3.amazonaws.com", "ListBuckets");
    for name in [
        "eventName",
        "eventSource",
        "eventTime",
        "awsRegion",
        "sourceIPAddress",
        "userAgent",
        "errorCode",
        "errorMessage",
        "recipientAccountId",
    ] {
        record[name] = json!(format!("{name}{hostile}"));
    }
    record["userIdentity"]["userName"] = json!(format!("dana{hostile}"));
    let logs = log(&[record]);
    let shown = logs.run(&["--explain", ID]);
    assert_eq!(shown.status, 0, "{}", shown.stderr);
    assert!(
        !shown.stdout.chars().any(renderers::steers),
        "{:?}",
        shown.stdout
    );
    assert!(
        shown
            .stdout
            .lines()
            .all(|line| line.chars().count() <= 80 && !line.starts_with("COMPLETE"))
    );
    let redacted = page(&logs, &["--redact"]);
    assert!(redacted.contains(ID), "{redacted}");
    for name in [
        "dana",
        "fake",
        "eventName",
        "userAgent",
        "errorMessage",
        "sourceIPAddress",
    ] {
        assert!(!redacted.contains(name), "{name}: {redacted}");
    }
}
