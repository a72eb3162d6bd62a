//! What other services wrap around CloudTrail's records: the same push comes out of every form.

use std::fs;
use std::io::Write as _;

use serde_json::{Value, json};

use crate::support::logs::{Logs, refused_push};
use crate::support::run::{project, run, run_on};
use crate::support::script::Files;

/// The files of `testdata/wrappers`, each with what it skips; all hold the records of the first.
const FORMS: &[(&str, u64)] = &[
    ("records.json", 0),
    ("array-of-wrappers.json", 0),
    ("array.json", 0),
    ("athena-get-query-results.json", 0),
    ("athena-semicolons.csv", 0),
    ("athena-unload.ndjson", 0),
    ("athena.csv", 0),
    ("athena.tsv", 0),
    ("cloudwatch-export-task.txt", 0),
    ("cloudwatch-filter-log-events.json", 0),
    ("cloudwatch-get-query-results.json", 0),
    ("cloudwatch-insights.csv", 0),
    ("cloudwatch-insights.jsonl", 0),
    ("cloudwatch-lambda.json", 0),
    ("cloudwatch-subscription.json", 1),
    ("cloudwatch-tail.txt", 0),
    ("datadog.ndjson", 0),
    ("elastic-fields.json", 0),
    ("elastic-search.json", 0),
    ("elastic.ndjson", 0),
    ("eventbridge.jsonl", 1),
    ("filebeat.ndjson", 0),
    ("fluent-bit.ndjson", 0),
    ("graylog.ndjson", 0),
    ("jq-strings.jsonl", 0),
    ("kibana.csv", 0),
    ("lake-get-query-results.json", 0),
    ("lake.csv", 0),
    ("lambda-firehose.json", 0),
    ("lambda-kinesis.json", 0),
    ("lambda-sqs-eventbridge.json", 0),
    ("lines.jsonl", 0),
    ("loki-logcli.jsonl", 0),
    ("loki-query.json", 0),
    ("lookup-events-lines.jsonl", 0),
    ("lookup-events.json", 0),
    ("lookup-query-strings.json", 0),
    ("ocsf-raw-data.ndjson", 0),
    ("ocsf.ndjson", 0),
    ("opensearch-search.json", 0),
    ("panther.ndjson", 0),
    ("records.tar.gz", 0),
    ("sentinel.ndjson", 0),
    ("snowflake.ndjson", 0),
    ("sns-notifications.jsonl", 0),
    ("splunk-hec.jsonl", 0),
    ("splunk-results.json", 0),
    ("splunk-results.jsonl", 0),
    ("splunk.csv", 0),
    ("sqs-receive-message.json", 0),
    ("utf-16.json", 0),
    ("wazuh.ndjson", 0),
];

/// The push events among the records.
const PUSHES: u64 = 14;

/// The report in JSON of one path, which must be read without a problem.
fn report(path: &str) -> Value {
    let run = run(["--format", "json", "--fail-on", "never", path]);
    let report: Value = serde_json::from_str(&run.stdout).expect("a report");
    assert_eq!(report["problems"], json!([]), "{path}: {}", run.stderr);
    report
}

fn wrapper(name: &str) -> String {
    let path = project("testdata/wrappers").join(name);
    path.to_string_lossy().into_owned()
}

/// A part of a report without the places of its events.
pub(crate) fn placeless(mut value: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.remove("at");
                members.values_mut().for_each(strip);
            }
            Value::Array(elements) => elements.iter_mut().for_each(strip),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    strip(&mut value);
    value
}

/// What must be the same whatever the records were wrapped in.
fn pushes(report: &Value) -> Value {
    let coverage = &report["coverage"];
    let covered = ["first", "last", "holes", "spans"].map(|key| coverage[key].clone());
    placeless(json!([
        report["sessions"],
        report["unplaced"],
        report["findings"],
        covered
    ]))
}

#[test]
fn every_form_gives_the_report_of_the_plain_one() {
    let plain = report(&wrapper(FORMS[0].0));
    assert_eq!(plain["sessions"][0]["status"], "complete");
    let mut names: Vec<String> = fs::read_dir(project("testdata/wrappers"))
        .expect("the forms")
        .map(|entry| {
            let name = entry.expect("readable").file_name();
            name.to_string_lossy().into_owned()
        })
        .collect();
    names.sort();
    let mut listed: Vec<&str> = FORMS.iter().map(|(name, _)| *name).collect();
    listed.sort_unstable();
    assert_eq!(names, listed);
    for (name, n_skipped) in FORMS {
        let wrapped = report(&wrapper(name));
        assert_eq!(pushes(&wrapped), pushes(&plain), "{name}");
        assert_eq!(
            wrapped["coverage"]["records"], plain["coverage"]["records"],
            "{name}"
        );
        assert_eq!(wrapped["coverage"]["skipped"], *n_skipped, "{name}");
        let n_files = if name.contains(".tar") { 2 } else { 1 };
        assert_eq!(wrapped["coverage"]["files"]["read"], n_files, "{name}");
    }
}

#[test]
fn every_event_bears_the_position_of_its_record() {
    let records: Value =
        serde_json::from_slice(&fs::read(wrapper("records.json")).expect("the records"))
            .expect("JSON");
    let ids: Vec<&Value> = records["Records"]
        .as_array()
        .expect("an array")
        .iter()
        .map(|record| &record["eventID"])
        .collect();
    for name in [
        "cloudwatch-subscription.json",
        "array-of-wrappers.json",
        "eventbridge.jsonl",
    ] {
        let report = report(&wrapper(name));
        let events = report["sessions"][0]["events"].as_array().expect("events");
        assert_eq!(events.len() as u64, PUSHES);
        for event in events {
            let at = event["at"]["record"].as_u64().expect("a position");
            assert_eq!(event["at"]["file"], name);
            assert_eq!(*ids[at as usize], event["event_id"], "{name} {at}");
        }
    }
}

#[test]
fn all_forms_at_once_give_the_push_once() {
    let all = report(&wrapper(""));
    let plain = report(&wrapper(FORMS[0].0));
    assert_eq!(pushes(&all), pushes(&plain));
    let records = &all["coverage"]["records"];
    assert_eq!(records["push"], PUSHES);
    assert_eq!(records["duplicate"], (FORMS.len() as u64 - 1) * PUSHES);
    assert_eq!(all["coverage"]["skipped"], 2);
    // An archive has two.
    assert_eq!(all["coverage"]["files"]["read"], FORMS.len() + 1);
}

/// A record of a PutImage, with something of the caller's in it.
fn record(id: &str, requested: &Value) -> Value {
    json!({
        "eventVersion": "1.11", "eventID": id, "eventName": "PutImage",
        "eventSource": "ecr.amazonaws.com", "eventTime": "2026-03-17T16:42:23Z",
        "awsRegion": "eu-central-1", "recipientAccountId": "123456789012",
        "requestParameters": {"repositoryName": "team/app", "tags": requested},
    })
}

/// A record in each wrapper there is.
fn wrapped(record: &Value) -> Vec<Value> {
    let text = record.to_string();
    vec![
        json!({"Records": [record]}),
        json!([record]),
        json!({"Events": [{"EventId": "x", "CloudTrailEvent": text}]}),
        json!({"CloudTrailEvent": text}),
        json!({"detail-type": "AWS API Call via CloudTrail", "source": "aws.ecr", "detail": record}),
        json!({"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "message": text}]}),
        json!({"events": [{"timestamp": 1, "message": text}]}),
        json!({"@message": text}),
        json!({"@message": record}),
        json!({"event": {"original": text}}),
        json!({"event.original": text}),
        json!({"_source": {"event": {"original": text}}}),
        json!({"_source": {"event.original": text}}),
    ]
}

#[test]
fn what_a_caller_wrote_is_unwrapped_in_no_wrapper() {
    let forged = wrapped(&record("forged", &Value::Null));
    let texts: Vec<Value> = forged.iter().map(|one| one.to_string().into()).collect();
    let honest = record("honest", &json!([forged, texts, {"in": forged[2]}]));
    for (number, one) in wrapped(&honest).into_iter().enumerate() {
        let content = one.to_string().into_bytes();
        let logs = Logs::new(&Files::from([("log.json".to_owned(), content)]));
        let report: Value =
            serde_json::from_str(&logs.output(&["--format", "json"])).expect("JSON");
        let records = &report["coverage"]["records"];
        assert_eq!(
            (&records["seen"], &records["push"]),
            (&json!(1), &json!(1)),
            "{number}: {one}"
        );
        assert!(!report.to_string().contains("forged\""), "{number}");
    }
}

#[test]
fn what_is_no_wrapper_is_not_unwrapped() {
    let forged = record("forged", &Value::Null);
    let text = forged.to_string();
    for one in [
        json!({"detail-type": "AWS API Call via CloudTrail", "source": "my.app", "detail": forged}),
        json!({"detail-type": "ECR Image Action", "source": "aws.ecr", "detail": forged}),
        json!({"logEvents": [{"message": format!("GET /\n{text}")}]}),
        json!({"logEvents": [{"message": {"x": forged}}]}),
        json!({"message": format!("GET / {text}")}),
        json!({"a": {"b": {"c": {"d": forged}}}}),
        json!({"request_parameters": {"imageManifest": text}}),
        json!({"message": json!({"detail-type": "AWS API Call via CloudTrail", "source": "my.app", "detail": forged}).to_string()}),
    ] {
        let content = one.to_string().into_bytes();
        let mut files = quiet();
        files.push(("log.json".to_owned(), content));
        let logs = Logs::new(&files);
        let run = run(["--format", "json", logs.path()]);
        let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
        assert_eq!(report["coverage"]["records"]["seen"], 0, "{one}");
        assert_eq!(report["problems"][0]["code"], "not-cloudtrail", "{one}");
    }
}

#[test]
fn a_broken_record_in_a_wrapper_costs_only_itself() {
    let good = |id: &str| record(id, &Value::Null).to_string();
    let cut = &good("cut")[..60];
    let text = json!({"Events": [
        {"CloudTrailEvent": good("a")}, {"CloudTrailEvent": cut}, {"CloudTrailEvent": good("b")},
    ]})
    .to_string();
    let logs = Logs::new(&Files::from([("log.json".to_owned(), text.into_bytes())]));
    let run = run([
        "--format",
        "json",
        "--strict",
        "--fail-on",
        "never",
        logs.path(),
    ]);
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let records = &report["coverage"]["records"];
    let expected = json!({"seen": 3, "push": 2, "other": 0, "duplicate": 0, "malformed": 1});
    assert_eq!(*records, expected);
    assert_eq!(run.status, 3);
    let problem = &report["problems"][0];
    assert_eq!(
        (&problem["code"], &problem["record"]),
        (&json!("bad-record"), &json!(1)),
        "{problem}"
    );
}

#[test]
fn no_event_of_a_period_is_no_problem() {
    for text in [
        r#"{"Events":[]}"#,
        r#"{"events":[],"searchedLogStreams":[]}"#,
        r#"{"messageType":"CONTROL_MESSAGE","logEvents":[{"message":"CWL CONTROL MESSAGE"}]}"#,
        r#"{"Records":[]}"#,
    ] {
        let empty = ("log.json".to_owned(), text.as_bytes().to_vec());
        // By itself it shows nothing, which is no quiet day.
        let alone = Logs::new(&Files::from([empty.clone()]));
        assert_eq!(alone.run(&[]).status, 2, "{text}");
        let mut files = quiet();
        files.push(empty);
        let logs = Logs::new(&files);
        let report: Value =
            serde_json::from_str(&logs.output(&["--format", "json"])).expect("JSON");
        assert_eq!(report["problems"], json!([]), "{text}");
        assert_eq!(report["coverage"]["files"]["not_cloudtrail"], 0, "{text}");
    }
}

/// The plain records under the name that standard input has.
fn from_stdin(bytes: Vec<u8>) -> Value {
    let run = run_on(["--format", "json", "--fail-on", "never", "-"], bytes);
    let report: Value = serde_json::from_str(&run.stdout).expect("a report");
    assert_eq!(report["problems"], json!([]), "{}", run.stderr);
    report
}

#[test]
fn standard_input_is_read_in_every_form_and_compression() {
    let plain = report(&wrapper(FORMS[0].0));
    for (name, _) in FORMS {
        let bytes = fs::read(wrapper(name)).expect("a form");
        assert_eq!(pushes(&from_stdin(bytes)), pushes(&plain), "{name}");
    }
    let bytes = fs::read(wrapper(FORMS[0].0)).expect("the records");
    let gzip = from_stdin(gzip(&bytes));
    let zstd = from_stdin(zstd::encode_all(bytes.as_slice(), 3).expect("memory"));
    for report in [gzip, zstd] {
        assert_eq!(pushes(&report), pushes(&plain));
        assert_eq!(report["sessions"][0]["events"][0]["at"]["file"], "-");
    }
}

/// A log of another service, for what would else be nothing to read.
fn quiet() -> Files {
    let mut other = refused_push(1);
    other["eventSource"] = json!("s3.amazonaws.com");
    let log = json!({ "Records": [other] }).to_string();
    vec![("quiet.json".to_owned(), log.into_bytes())]
}

#[test]
fn nothing_on_standard_input_is_a_problem() {
    let beside = Logs::new(&quiet());
    let run = run_on(["--strict", "-", beside.path()], Vec::new());
    assert_eq!(run.status, 3, "{}", run.stderr);
    let alone = run_on(["--strict", "-"], Vec::new());
    assert_eq!(alone.status, 2, "{}", alone.stderr);
}

#[test]
fn a_list_gives_what_its_paths_give() {
    let names = ["array.json", "elastic.ndjson"].map(wrapper);
    let expected = run(["--format", "json", &names[0], &names[1]]);
    let lines = format!("{}\n\n{}\r\n", names[0], names[1]);
    let nul = format!("{}\0{}\0", names[0], names[1]);
    for list in [lines, nul] {
        let logs = Logs::new(&Files::from([(
            "list".to_owned(),
            list.clone().into_bytes(),
        )]));
        let file = format!("{}/list", logs.path());
        let by_file = run(["--format", "json", "--files-from", &file]);
        let by_stdin = run_on(["--format", "json", "--files-from", "-"], list.into_bytes());
        let beside = run_on(
            ["--format", "json", "--files-from", "-", &names[1]],
            format!("{}\n", names[0]).into_bytes(),
        );
        for run in [by_file, by_stdin, beside] {
            assert_eq!(run.stdout, expected.stdout);
            assert_eq!(run.status, expected.status);
        }
    }
}

#[test]
fn a_path_of_a_list_that_is_missing_costs_only_itself() {
    let list = format!("{}\n/no/such/log.json.gz\n", wrapper("array.json"));
    let run = run_on(
        [
            "--format",
            "json",
            "--fail-on",
            "never",
            "--strict",
            "--files-from",
            "-",
        ],
        list.into_bytes(),
    );
    let report: Value = serde_json::from_str(&run.stdout).expect("a report");
    assert_eq!(run.status, 3, "{}", run.stderr);
    assert_eq!(report["coverage"]["files"]["unreadable"], 1);
    assert_eq!(report["coverage"]["files"]["read"], 1);
    assert_eq!(report["problems"][0]["file"], "log.json.gz");
    assert_eq!(report["sessions"][0]["status"], "complete");
}

#[test]
fn what_cannot_be_listed_is_told() {
    for (args, stdin, expected) in [
        (
            &["--files-from", "/no/such/list"][..],
            "",
            "cannot read the list `/no/such/list`",
        ),
        (&["--files-from", "-"], "\n\n", "the list `-` names no file"),
        (&["--files-from", "-", "-"], "", "both read standard input"),
    ] {
        let run = run_on(args.iter().copied(), stdin.as_bytes().to_vec());
        assert_eq!(run.status, 2, "{}", run.stdout);
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
}

/// A zip archive of members.
fn zip(members: &[(&str, Vec<u8>)], method: zip::CompressionMethod) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    writer.add_directory("logs/", options).expect("memory");
    for (name, content) in members {
        writer.start_file(*name, options).expect("memory");
        writer.write_all(content).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).expect("memory");
    gzip.finish().expect("memory")
}

/// The records, one after the other with noise between them, as members of an archive.
fn members() -> Vec<(&'static str, Vec<u8>)> {
    let form = |name: &str| fs::read(wrapper(name)).expect("a form");
    vec![
        ("logs/a.json.gz", gzip(&form("records.json"))),
        ("logs/b.json", form("lookup-events.json")),
        (
            "logs/c.zst",
            zstd::encode_all(form("elastic.ndjson").as_slice(), 1).expect("memory"),
        ),
        ("__MACOSX/._a.json.gz", b"Mac OS X".to_vec()),
    ]
}

#[test]
fn every_member_of_an_archive_is_read() {
    let plain = report(&wrapper(FORMS[0].0));
    for method in [
        zip::CompressionMethod::Stored,
        zip::CompressionMethod::Deflated,
    ] {
        let bytes = zip(&members(), method);
        let logs = Logs::new(&Files::from([("logs".to_owned(), bytes.clone())]));
        let by_file: Value =
            serde_json::from_str(&logs.output(&["--format", "json"])).expect("a report");
        for report in [by_file, from_stdin(bytes)] {
            assert_eq!(pushes(&report), pushes(&plain));
            let coverage = &report["coverage"];
            assert_eq!(coverage["files"]["read"], 3);
            assert_eq!(coverage["files"]["hidden"], 1);
            assert_eq!(coverage["records"]["duplicate"], 2 * PUSHES);
        }
    }
}

#[test]
fn a_damaged_member_costs_only_what_follows_in_it() {
    let bytes = zip(&members(), zip::CompressionMethod::Stored);
    let plain = report(&wrapper(FORMS[0].0));
    // In the middle of the last member that is read, whose checksum tells.
    let end = bytes
        .windows(8)
        .position(|window| window == b"__MACOSX")
        .expect("a name");
    let mut damaged = bytes.clone();
    damaged[end - 400] ^= 0x55;
    let run = run_on(
        ["--format", "json", "--fail-on", "never", "--strict", "-"],
        damaged,
    );
    let report: Value = serde_json::from_str(&run.stdout).expect("a report");
    assert_eq!(
        report["problems"][0]["code"], "undecodable",
        "{}",
        run.stderr
    );
    assert_eq!(pushes(&report)[0], pushes(&plain)[0]);
    assert_eq!(run.status, 3);
    // Without its directory, which stands at the end, an archive cannot be opened.
    let cut = bytes[..bytes.len() - 30].to_vec();
    let beside = Logs::new(&quiet());
    let run = run_on(["--format", "json", "--strict", "-", beside.path()], cut);
    let report: Value = serde_json::from_str(&run.stdout).expect("a report");
    assert_eq!(report["coverage"]["files"]["unreadable"], 1);
    assert_eq!(run.status, 3);
}

#[test]
fn the_limit_of_an_archive_is_on_all_members() {
    let members: Vec<(String, Vec<u8>)> = (0..50)
        .map(|n| (format!("{n}.json"), vec![b' '; 1 << 20]))
        .collect();
    let members: Vec<(&str, Vec<u8>)> = members
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.clone()))
        .collect();
    let bytes = zip(&members, zip::CompressionMethod::Deflated);
    assert!(bytes.len() < 1 << 18);
    let beside = Logs::new(&quiet());
    // A limit that a member just reaches, and one that cuts a member.
    for limit in ["5MiB", "5121KiB"] {
        let run = run_on(
            [
                "--format",
                "json",
                "--max-decoded",
                limit,
                "-",
                beside.path(),
            ],
            bytes.clone(),
        );
        let report: Value = serde_json::from_str(&run.stdout).expect("a report");
        assert_eq!(report["coverage"]["files"]["empty"], 5, "{}", run.stderr);
        assert!(report["coverage"]["files"]["found"].as_u64() <= Some(7));
        let problems = report["problems"].as_array().expect("a list");
        let n_too_large = problems.iter().filter(|p| p["code"] == "too-large").count();
        assert_eq!(n_too_large, 1, "{limit}: {problems:?}");
    }
}

#[test]
fn an_archive_in_an_archive_is_not_opened() {
    let inner = zip(&members(), zip::CompressionMethod::Stored);
    let bytes = zip(&[("inner.zip", inner)], zip::CompressionMethod::Stored);
    let beside = Logs::new(&quiet());
    let args = ["--format", "json", "--fail-on", "never", "-", beside.path()];
    let run = run_on(args, bytes);
    let report: Value = serde_json::from_str(&run.stdout).expect("a report");
    assert_eq!(report["coverage"]["files"]["unreadable"], 1);
    assert_eq!(report["coverage"]["records"]["seen"], 0);
}

#[test]
fn what_is_known_and_not_read_is_named() {
    let named: [(&[u8], &str); 14] = [
        (b"BZh91AY&SY", "bzip2"),
        (b"\xfd7zXZ\0\0\0", "`xz -dk FILE`"),
        (b"PAR1\x15\x04", "Parquet"),
        (b"Events:\n- EventId: x\n", "`--output json`"),
        (b"EVENTS\tAKIA\t{}\n", "`--output json`"),
        (b"User name,Event time,Event source,Event name\na,b,c,d\n", "Download as JSON"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:aa\n", "`git lfs pull`"),
        (b"-----BEGIN PGP MESSAGE-----\n", "decrypt"),
        (b"<!DOCTYPE html><html></html>", "a page for a browser"),
        (b"<?xml version=\"1.0\"?><Error/>", "XML"),
        (
            br#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","eventTime":"2026-03-17T16:42:23Z","s3":{}}]}"#,
            "which files came into a bucket",
        ),
        (
            br#"{"Records":[{"messageId":"m","body":"hello","eventSource":"aws:sqs"}]}"#,
            "messages of a queue",
        ),
        (
            br#"{"detail-type":"ECR Image Action","source":"aws.ecr","detail":{}}"#,
            "events that ECR sends to EventBridge itself",
        ),
        (br#"{"Records":[{"id":1}]}"#, "holds no CloudTrail records"),
    ];
    for (content, words) in named {
        let mut files = quiet();
        files.push(("log.json".to_owned(), content.to_vec()));
        let logs = Logs::new(&files);
        let run = run(["--format", "json", logs.path()]);
        let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
        let problem = &report["problems"][0];
        assert_eq!(problem["code"], "not-cloudtrail", "{words}");
        assert!(problem.to_string().contains(words), "{problem}");
        // By itself it is no log at all.
        let alone = Logs::new(&vec![("log.json".to_owned(), content.to_vec())]);
        assert_eq!(alone.run(&[]).status, 2, "{words}");
    }
}
