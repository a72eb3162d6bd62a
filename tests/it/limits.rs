//! What is too large, too deep, too far off or written in an odd way costs itself and nothing beside it.
//!
//! In: one odd thing at a time, in a file between sound records. Out: which problem is told of, and which
//! push events are left; `docs/limits.md` says the same in words.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::logs::Logs;
use crate::support::torture::audit;
use crate::support::torture::damage::{gzip, zip};

/// A record of an upload's begin; the members of `odd` take the place of its own.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it is made where it is handed over"
)]
fn record(id: &str, odd: Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.08",
        "userIdentity": {"type": "IAMUser", "userName": "ci", "accountId": "123456789012"},
        "eventTime": "2026-03-17T10:00:00Z",
        "eventSource": "ecr.amazonaws.com",
        "eventName": "InitiateLayerUpload",
        "awsRegion": "eu-central-1",
        "requestParameters": {"repositoryName": "team/app"},
        "responseElements": {"uploadId": format!("u-{id}"), "partSize": 20_971_520},
        "eventID": id,
        "eventType": "AwsApiCall",
        "recipientAccountId": "123456789012",
    });
    let members = record.as_object_mut().expect("an object");
    members.extend(odd.as_object().expect("members").clone());
    record
}

fn sound(id: &str) -> String {
    record(id, json!({})).to_string()
}

/// The push events of a file, with the codes of the problems that it has.
fn read(content: &[u8], args: &[&str]) -> (BTreeSet<String>, BTreeSet<String>) {
    let logs = Logs::new(&vec![("log".to_owned(), content.to_vec())]);
    let args = [&["--format", "json", "--fail-on", "never"], args].concat();
    let run = logs.run(&args);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).expect("a report");
    audit::balance(&report).expect("counts that balance");
    let events = audit::partition(&report).expect("every event once");
    let events = events.into_iter().map(str::to_owned).collect();
    let problems = report["problems"].as_array().expect("a list").iter();
    let codes = problems.map(|problem| problem["code"].as_str().expect("a code").to_owned());
    (events, codes.collect())
}

/// Reads an odd line between two sound ones: whether its event is there, and the codes of problems.
fn between(odd: &[u8]) -> (bool, Vec<String>) {
    let content = [sound("before").as_bytes(), odd, sound("after").as_bytes()].join(&b'\n');
    let (mut events, codes) = read(&content, &[]);
    for id in ["before", "after"] {
        assert!(events.remove(id), "`{id}` is used beside {}", start(odd));
    }
    let is_there = events.remove("odd");
    assert!(events.is_empty(), "{events:?}");
    (is_there, codes.into_iter().collect())
}

fn start(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned()
}

/// How an odd record is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// Like any other.
    Whole,
    /// The event is there, with a problem of this code.
    With(&'static str),
    /// The event is not there, and a problem of this code is.
    Not(&'static str),
}

#[track_caller]
fn assert_taken(odd: &[u8], expected: Taken) {
    let (is_there, codes) = between(odd);
    let taken = match (is_there, codes.as_slice()) {
        (true, []) => (true, ""),
        (is_there, [code]) => (is_there, code.as_str()),
        (_, codes) => panic!("{codes:?}: {}", start(odd)),
    };
    let expected = match expected {
        Taken::Whole => (true, ""),
        Taken::With(code) => (true, code),
        Taken::Not(code) => (false, code),
    };
    assert_eq!(taken, expected, "{}", start(odd));
}

/// A record with one member replaced.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it is made where it is handed over"
)]
fn with(member: &str, value: Value) -> Vec<u8> {
    record("odd", json!({ member: value }))
        .to_string()
        .into_bytes()
}

/// A record with one more member, written as it stands here.
fn written(member: &str) -> Vec<u8> {
    let mut text = record("odd", json!({})).to_string();
    text.replace_range(..1, &format!("{{{member},"));
    text.into_bytes()
}

fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

#[test]
fn times_are_kept_as_far_as_four_digits_of_a_year_go() {
    for time in [
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2016-12-31T23:59:60Z",
        "2026-03-17T10:00:00.123456789Z",
        "2026-03-17T23:59:59.999+14:00",
        "2026-03-17t10:00:00z",
    ] {
        assert_taken(&with("eventTime", json!(time)), Taken::Whole);
    }
    for time in [
        json!("+10000-01-01T00:00:00Z"),
        json!("-0001-01-01T00:00:00Z"),
        json!("2026-02-29T10:00:00Z"),
        json!("2026-03-17T24:00:00Z"),
        json!("2026-03-17T10:00:61Z"),
        json!("2026-03-17"),
        json!("yesterday"),
        json!(""),
        json!(1_773_741_600),
        Value::Null,
    ] {
        assert_taken(&with("eventTime", time), Taken::Not("bad-field"));
    }
}

#[test]
fn numbers_out_of_range_cost_their_field() {
    let part = |first: &str, last: &str| {
        let text = String::from_utf8(with("eventName", json!("UploadLayerPart"))).expect("text");
        let members = format!(r#"{{"partFirstByte":{first},"partLastByte":{last},"#);
        text.replace(
            r#"{"repositoryName""#,
            &format!(r#"{members}"repositoryName""#),
        )
        .into_bytes()
    };
    assert_taken(&part("0", "18446744073709551615"), Taken::Whole);
    assert_taken(&part("\"0\"", "\"99\""), Taken::Whole);
    for last in [
        "18446744073709551616",
        "-1",
        "1.5",
        "1e3",
        "\"x\"",
        "[]",
        "true",
    ] {
        assert_taken(&part("0", last), Taken::With("bad-field"));
    }
    // The last byte before the first.
    assert_taken(&part("7", "6"), Taken::With("bad-field"));
    // No number at all, to most readers of JSON: where it is read it costs the record.
    assert_taken(&part("0", "1e999"), Taken::Not("bad-record"));
    assert_taken(&written(r#""x":1e999"#), Taken::Whole);
}

#[test]
fn nesting_is_of_no_matter() {
    for depth in [60, 200, 100_000] {
        assert_taken(&written(&format!(r#""x":{}"#, nested(depth))), Taken::Whole);
        let text = String::from_utf8(with("responseElements", json!("HERE"))).expect("text");
        let text = text.replace("\"HERE\"", &nested(depth));
        assert_taken(text.as_bytes(), Taken::With("bad-field"));
    }
    // Never closed: the line is cut, and what follows it is read.
    assert_taken(&b"{\"eventName\":".repeat(10_000), Taken::Not("truncated"));
}

#[test]
fn long_texts_and_names_are_kept() {
    let long = "x".repeat(3 << 20);
    assert_taken(&with("userAgent", json!(long)), Taken::Whole);
    assert_taken(
        &with("requestParameters", json!({"repositoryName": long})),
        Taken::Whole,
    );
    assert_taken(&written(&format!(r#""{long}":"{long}""#)), Taken::Whole);
}

#[test]
fn a_member_twice_costs_the_record_where_it_is_read() {
    for member in [r#""eventID":"odd""#, r#""event\u004eame":"PutImage""#] {
        assert_taken(&written(member), Taken::Not("bad-record"));
    }
    assert_taken(&written(r#""x":1,"x":2"#), Taken::Whole);
}

#[test]
fn what_is_no_unicode_costs_what_it_stands_in() {
    let mut bytes = with("userAgent", json!("agent"));
    let at = bytes.len() - 3;
    bytes[at] = 0xff;
    assert_taken(&bytes, Taken::Not("bad-record"));
    let half = |text: &str| sound("odd").replacen(text, "a\\ud800b", 1).into_bytes();
    assert_taken(&half("team/app"), Taken::With("half-pair"));
    assert_taken(&half("u-odd"), Taken::With("half-pair"));
    // Nobody reads it.
    assert_taken(&written(r#""x":"\ud800""#), Taken::Whole);
    assert_taken(
        &with("userAgent", json!("a\0b\u{1b}\u{202e}")),
        Taken::Whole,
    );
    assert_taken(&written("\"x\":\"a\0b\""), Taken::Not("bad-record"));
}

#[test]
fn marks_line_ends_and_padding_are_no_part_of_records() {
    let records = [sound("a"), sound("b")];
    for content in [
        format!("\u{feff}{}\r\n\u{feff}{}\r\n", records[0], records[1]),
        format!("{}\0\0\n\0{}\0\0\0", records[0], records[1]),
        format!("\u{1e}{}\n\u{1e}{}\n", records[0], records[1]),
        format!(
            "\u{feff}{{\"Records\":\r\n[{}\r\n,{}]}}\r\n\0",
            records[0], records[1]
        ),
    ] {
        let (events, problems) = read(content.as_bytes(), &[]);
        assert_eq!(events.len(), 2, "{content}");
        assert_eq!(problems, BTreeSet::new(), "{content}");
    }
}

#[test]
fn bombs_are_cut_at_the_limit_and_what_precedes_it_is_used() {
    let bomb = [sound("a").as_bytes(), &b"\n ".repeat(8 << 20)].concat();
    for packed in [
        gzip(&bomb),
        zstd::encode_all(&*bomb, 1).expect("memory"),
        zip(&[("log.json", &bomb)]),
        bomb.clone(),
    ] {
        let (events, problems) = read(&packed, &["--max-decoded", "1MiB"]);
        assert!(events.contains("a"), "{} bytes", packed.len());
        assert_eq!(problems, BTreeSet::from(["too-large".to_owned()]));
    }
    // In an archive all members together have to keep to it.
    let (one, many) = (b" ".repeat(700 << 10), sound("a"));
    let members = [
        ("1.json", many.as_bytes()),
        ("2.json", &one),
        ("3.json", &one),
    ];
    let (events, problems) = read(&zip(&members), &["--max-decoded", "1MiB"]);
    assert!(
        events.contains("a") && problems.contains("too-large"),
        "{problems:?}"
    );
}

#[test]
fn members_are_many_and_not_nested() {
    let members: Vec<Vec<u8>> = (0..2_000)
        .map(|id| gzip(sound(&id.to_string()).as_bytes()))
        .collect();
    let (events, problems) = read(&members.concat(), &[]);
    assert_eq!((events.len(), problems.len()), (2_000, 0));
    let names: Vec<String> = (0..500).map(|id| format!("{id}.json")).collect();
    let files: Vec<(&str, &[u8])> = names
        .iter()
        .zip(&members)
        .map(|(name, file)| (name.as_str(), &**file))
        .collect();
    let (events, problems) = read(&zip(&files), &[]);
    assert_eq!((events.len(), problems.len()), (500, 0));
    // What is packed twice is no log, and an archive is not looked for in another.
    let twice = gzip(&gzip(sound("a").as_bytes()));
    let run = Logs::new(&vec![("log".to_owned(), twice)]).run(&[]);
    assert_eq!(
        (run.status, run.stdout.as_str()),
        (2, ""),
        "nothing is read"
    );
    assert!(run.stderr.contains("not-cloudtrail"), "{}", run.stderr);
    let inner = zip(&[("a.json", sound("a").as_bytes())]);
    let (events, problems) = read(
        &zip(&[("b.zip", &inner), ("c.json", sound("c").as_bytes())]),
        &[],
    );
    assert_eq!((events.len(), problems.len()), (1, 1), "{problems:?}");
}

#[test]
fn records_and_files_are_as_many_as_there_are() {
    let other = r#"{"eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":"x"}"#;
    let content = format!("{}\n{}", format!("{other}\n").repeat(200_000), sound("a"));
    let (events, problems) = read(content.as_bytes(), &[]);
    assert_eq!((events.len(), problems.len()), (1, 0));
    let files = (0..2_000).map(|id| (format!("{id:04}.json"), sound(&id.to_string()).into_bytes()));
    let report = Logs::new(&files.collect()).output(&["--format", "json"]);
    let report: Value = serde_json::from_str(&report).expect("a report");
    assert_eq!(audit::count(&report, "push"), 2_000);
}

#[test]
fn problems_are_listed_up_to_a_number_and_counted_beyond() {
    let bad = with("eventTime", json!("no time"));
    let mut lines = vec![bad; 1_000];
    lines.push(sound("a").into_bytes());
    let content = lines.join(&b'\n');
    let logs = Logs::new(&vec![("log".to_owned(), content)]);
    let report: Value =
        serde_json::from_str(&logs.run(&["--format", "json"]).stdout).expect("a report");
    let problems = report["problems"].as_array().expect("a list");
    assert_eq!(problems.len(), 21);
    assert_eq!(audit::count(&report, "malformed"), 1_000);
    let last = problems
        .iter()
        .find(|problem| problem["code"] == json!("more-problems"));
    let said = last.and_then(|problem| problem["message"].as_str());
    assert_eq!(said, Some("980 more problems of this file"));
}

/// A `PutImage` of a manifest under the digest that it claims to have.
fn put(id: &str, manifest: &Value, digest: &str) -> String {
    record(
        id,
        json!({
            "eventName": "PutImage",
            "requestParameters": {"repositoryName": "team/app", "imageManifest": manifest.to_string()},
            "responseElements": {"image": {"imageId": {"imageDigest": digest}}},
        }),
    )
    .to_string()
}

fn digest(number: usize) -> String {
    format!("sha256:{number:064x}")
}

#[test]
fn manifests_are_read_whatever_their_size() {
    let layers: Vec<Value> = (0..20_000)
        .map(|at| json!({"digest": digest(at), "size": 1}))
        .collect();
    let manifest = json!({"config": {"digest": digest(1)}, "layers": layers});
    assert!(manifest.to_string().len() > 1 << 20);
    assert_taken(put("odd", &manifest, &digest(7)).as_bytes(), Taken::Whole);
    let manifest = json!({"config": {"digest": "sha256:x"}, "layers": []});
    assert_taken(
        put("odd", &manifest, &digest(7)).as_bytes(),
        Taken::With("bad-field"),
    );
}

#[test]
fn indexes_may_be_deep_and_even_list_each_other() {
    // Under a digest that is claimed anything can be listed, itself too.
    let index = |id: usize, child: usize| {
        let manifest = json!({"manifests": [{"digest": digest(child), "size": 1}]});
        put(&id.to_string(), &manifest, &digest(id))
    };
    let chain: Vec<String> = (1..2_000).map(|id| index(id, id - 1)).collect();
    let (events, problems) = read(chain.join("\n").as_bytes(), &[]);
    assert_eq!((events.len(), problems.len()), (1_999, 0));
    let ring: Vec<String> = (0..50).map(|id| index(id, (id + 1) % 50)).collect();
    let (events, problems) = read(ring.join("\n").as_bytes(), &[]);
    assert_eq!((events.len(), problems.len()), (50, 0));
    let (events, _) = read(index(3, 3).as_bytes(), &[]);
    assert_eq!(events.len(), 1);
}

#[test]
fn records_that_amend_each_other_are_not_counted_with_each_other() {
    let records: Vec<String> = (0..20_000)
        .map(|at| {
            let odd = json!({"addendum": {"originalEventID": "same"}, "sharedEventID": "same", "userAgent": at.to_string()});
            record("same", odd).to_string()
        })
        .collect();
    // What is left of them is of no weight; that they are read in time and counted is.
    let logs = Logs::new(&vec![("log".to_owned(), records.join("\n").into_bytes())]);
    let report: Value =
        serde_json::from_str(&logs.run(&["--format", "json"]).stdout).expect("a report");
    audit::balance(&report).expect("counts that balance");
    assert_eq!(audit::count(&report, "seen"), 20_000);
}
