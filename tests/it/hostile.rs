//! One log that is hostile in every text, through the true path and into every format.
//!
//! In: values that steer terminals, forge lines, run in browsers, spreadsheets and graphs, or are
//! merely huge. Out: for each format, that it still keeps its own rules and shows nothing raw.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use reconstruct::render::{Detail, Format, Style};
use reconstruct::source::{Input, Reach};
use reconstruct::{Options, Reconstruction, ingest};
use serde_json::{Value, json};

use crate::formats;
use crate::renderers;
use crate::support::folder::Folder;
use crate::support::logs::Logs;
use crate::support::run::project;
use crate::support::script;
use crate::support::script::damage::decoded;

/// What stands for half a surrogate pair until the log is text: no string can hold one.
const LONE: &str = "HALF-A-PAIR";

/// Texts that do harm where they are taken for more than text.
fn texts() -> Vec<String> {
    let short = [
        "<script>alert(1)</script>",
        "\"'><img src=x onerror=alert(1)>",
        "</style></svg>--><!--]]>{{7*7}}${7*7}",
        "=cmd|' /C calc'!A0",
        "@SUM(1+1)*cmd",
        "+1;=2;@3",
        "-1,=1,\"=1\"",
        "\t=1",
        "\r=1",
        "'=1",
        "＝1+1",
        "x;=HYPERLINK(\"http://example.org\")",
        "\u{1b}[2J\u{1b}]0;pwned\u{7}\u{9b}31m\u{7f}",
        "\u{202e}txt.exe\u{2066}\u{200b}\u{feff}",
        "a\0b\u{1}",
        "\r\nCOMPLETE  fake/push",
        "\"]; x -> y; z [label=\"",
        "\\N\\G\\",
        "&#x202e;&lt;&#27;",
        "\"},{\"ph\":\"X\"",
        "a,b;c\td|e",
        "🇩🇪👩‍👩‍👧‍👦é̂画像",
        LONE,
        "",
    ];
    let mut texts: Vec<String> = short.map(str::to_owned).into();
    texts.push(format!("<script>{}", "A".repeat(100_000)));
    texts.push("画\u{1b}".repeat(5_000));
    texts
}

/// The records of one push in which every text is this one.
fn push(number: usize, text: &str) -> Vec<Value> {
    let minute = number % 60;
    let blob = format!("{number:064x}");
    // A text that is no digest makes a manifest unreadable, so not all have it.
    let second = match number.is_multiple_of(4) {
        true => text.to_owned(),
        false => format!("sha256:{number:064x}"),
    };
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": text,
        "config": {"mediaType": text, "digest": format!("sha256:{blob}"), "size": 10},
        "layers": [
            {"mediaType": text, "digest": format!("sha256:{blob}"), "size": 10},
            {"mediaType": text, "digest": second, "size": 10},
        ],
    });
    let on = |extra: Value| {
        let mut parameters =
            json!({"registryId": text, "repositoryName": format!("r{number}{text}")});
        let fields = parameters.as_object_mut().expect("an object");
        fields.extend(extra.as_object().expect("an object").clone());
        parameters
    };
    let upload = format!("u{number}{text}");
    let calls = [
        ("GetAuthorizationToken", Value::Null, Value::Null),
        (
            "BatchCheckLayerAvailability",
            on(json!({"layerDigests": [format!("sha256:{blob}"), text]})),
            Value::Null,
        ),
        (
            "InitiateLayerUpload",
            on(json!({})),
            json!({"uploadId": upload, "partSize": 20_971_520}),
        ),
        (
            "UploadLayerPart",
            on(json!({"uploadId": upload, "partFirstByte": 0, "partLastByte": 9})),
            json!({"uploadId": upload, "lastByteReceived": 9}),
        ),
        (
            "CompleteLayerUpload",
            on(json!({"uploadId": upload, "layerDigests": [format!("sha256:{blob}")]})),
            json!({"uploadId": upload, "layerDigest": format!("sha256:{blob}")}),
        ),
        (
            "PutImage",
            on(
                json!({"imageTag": text, "imageManifest": manifest.to_string(), "imageManifestMediaType": text}),
            ),
            Value::Null,
        ),
    ];
    let records = calls.into_iter().enumerate();
    records
        .map(|(place, (action, parameters, response))| {
            let mut record = json!({
                "eventVersion": "1.08",
                "userIdentity": {
                    "type": "IAMUser", "userName": text, "principalId": format!("P{number}{text}"),
                    "arn": format!("arn:aws:iam::123456789012:user/{number}{text}"),
                    "accountId": "123456789012", "accessKeyId": format!("K{number}{text}"),
                },
                "eventTime": format!("2026-03-17T10:{minute:02}:{place:02}Z"),
                "eventSource": "ecr.amazonaws.com",
                "eventName": action,
                "awsRegion": if number.is_multiple_of(2) { text } else { "eu-central-1" },
                "sourceIPAddress": text,
                "userAgent": text,
                "requestParameters": parameters,
                "responseElements": response,
                "requestID": text,
                "eventID": format!("{number}-{place}-{text}"),
                "eventType": "AwsApiCall",
                "recipientAccountId": "123456789012",
            });
            // Every other manifest is refused.
            if action == "PutImage" && !number.is_multiple_of(2) {
                record["errorCode"] = text.into();
                record["errorMessage"] = text.into();
            }
            record
        })
        .collect()
}

/// What the logs say, read from a file whose name is hostile too.
fn reconstruction() -> Reconstruction {
    let records: Vec<Value> = texts()
        .iter()
        .enumerate()
        .flat_map(|(number, text)| push(number, text))
        .collect();
    let log = json!({ "Records": records }).to_string();
    let log = log.replace(LONE, "\\ud800");
    // It stays there: `tests/formats` shows it to other programs.
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("hostile");
    fs::create_dir_all(&root).expect("a folder");
    let name = "=<script>alert(1)<script>\u{1b}[31m\u{202e}\";x.json";
    fs::write(root.join(name), log).expect("a file");
    let options = Options {
        reach: Reach::default(),
        ingest: ingest::ReadOptions {
            jobs: Some(1),
            roles: ingest::Roles::Ignored,
            pulls: reconstruct::event::Pulls::Ignored,
            verify: None,
            max_decoded_bytes: 1 << 30,
        },
        window: Duration::from_secs(900),
        ..Options::default()
    };
    reconstruct::reconstruct(&[Input::Path(root)], &options).expect("a log file")
}

fn draw(reconstruction: &Reconstruction, format: &Format, style: &Style) -> String {
    let mut out = Vec::new();
    let drawn = format
        .renderer
        .render(&reconstruction.report(), style, &mut out);
    drawn.expect("a vector takes all");
    String::from_utf8(out).expect("reports are UTF-8")
}

#[test]
fn a_hostile_log_does_no_harm_in_any_format() {
    let reconstruction = reconstruction();
    let report = formats::json(&reconstruction);
    let tags: BTreeSet<&str> = formats::array(&report, "sessions")
        .iter()
        .flat_map(|push| formats::array(push, "events"))
        .filter_map(|event| event["tag"].as_str())
        .collect();
    for text in texts()
        .iter()
        .filter(|text| *text != LONE && !text.is_empty())
    {
        let start: String = text.chars().take(40).collect();
        assert!(tags.contains(&**text), "the program reads {start:?}");
    }
    for format in Format::ALL {
        let mut last = String::new();
        for (detail, unicode) in [
            (Detail::Summary, true),
            (Detail::Normal, true),
            (Detail::Normal, false),
            (Detail::Verbose, true),
        ] {
            let style = Style {
                color: false,
                unicode,
                width: 80,
                detail,
                ..Style::default()
            };
            let output = draw(&reconstruction, format, &style);
            assert!(!output.is_empty());
            // Most formats look the same in every style.
            if output != last {
                harmless(format.name, &output);
            }
            last = output;
        }
    }
    formats::csv::assert_same(&reconstruction);
    formats::timesketch::assert_same(&reconstruction);
    formats::dot::assert_same(&reconstruction);
    formats::trace::assert_same(&reconstruction);
    formats::ocel::assert_same(&reconstruction);
}

/// What no format may show, and what each must still be.
fn harmless(format: &str, output: &str) {
    let lines = match format {
        // RFC 4180 ends lines with CRLF.
        "csv" => output.replace("\r\n", "\n"),
        _ => output.to_owned(),
    };
    let found = lines.chars().find(|letter| renderers::steers(*letter));
    assert_eq!(found, None, "{format}");
    let forged = lines
        .lines()
        .find(|line| line.starts_with("COMPLETE  fake"));
    assert_eq!(forged, None, "{format}");
    match format {
        "text" => {
            let width = |line: &str| unicode_width::UnicodeWidthStr::width(line);
            let widest = lines.lines().map(width).max();
            assert!(widest <= Some(80), "{widest:?}");
        }
        "json" => renderers::check(&formats::parse(output), ""),
        "jsonl" | "ocsf" => {
            assert!(output.lines().all(|line| formats::parse(line).is_object()));
        }
        "csv" => formats::csv::assert_runs_nothing(output),
        "trace" => _ = formats::trace::assert_valid(output),
        "markdown" => formats::markdown::assert_inert(output),
        // Held against their rules and the report, whatever the style.
        "timesketch" | "dot" | "ocel" | "messages" => {}
        // A format that a browser may open.
        other => {
            for raw in [
                "<script>alert(",
                "<img src=x",
                "</style></svg>-->",
                "<!--]]>",
            ] {
                assert!(!output.contains(raw), "{other} holds `{raw}`");
            }
        }
    }
}

/// Ends any text: steers a terminal, turns its direction, forges a line, opens a tag.
const ENDING: &str =
    "\u{1b}[2J\u{9b}31m\u{202e}\u{2066}\0\r\nCOMPLETE  fake\u{2028}<script>alert(1)</script>\"]";

/// Fields that decide whether a record is read at all, or when it was.
const DECIDING: [&str; 4] = ["/eventName", "/eventSource", "/eventTime", "/eventType"];

/// Records of every kind of call and refusal in some of the cases, three of each.
fn every_kind() -> Vec<Value> {
    let mut n_of_kind: BTreeMap<String, usize> = BTreeMap::new();
    let mut records = Vec::new();
    let cases = [
        "image-history",
        "repository-history",
        "refused-uploads",
        "refused-manifests",
        "ecr-public",
        "roles-traced",
    ];
    for case in cases {
        let script = fs::read_to_string(project("testdata/cases").join(case).join("script.txt"));
        let files = script::files(&script.expect("a script")).expect("a script that plays");
        for (_, content) in files {
            let file: Value = serde_json::from_slice(&decoded(&content)).unwrap_or_default();
            for record in file["Records"].as_array().into_iter().flatten() {
                let kind = format!("{} {}", record["eventName"], record["errorCode"]);
                let n_before = n_of_kind.entry(kind).or_default();
                *n_before += 1;
                if *n_before <= 3 {
                    records.push(record.clone());
                }
            }
        }
    }
    records
}

/// The pointers to all texts of a value.
fn pointers(value: &Value, pointer: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::String(_) => drop(found.insert(pointer.to_owned())),
        Value::Array(values) => {
            for (at, value) in values.iter().enumerate() {
                pointers(value, &format!("{pointer}/{at}"), found);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                pointers(value, &format!("{pointer}/{name}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The log of some records in which every text that a pointer leads to ends in [`ENDING`].
fn spoilt(records: &[Value], pointers: &[&String]) -> Logs {
    let mut records = records.to_vec();
    for record in &mut records {
        for pointer in pointers {
            if let Some(Value::String(text)) = record.pointer_mut(pointer) {
                text.push_str(ENDING);
            }
        }
    }
    let log = json!({ "Records": records }).to_string().into_bytes();
    Logs::new(&vec![(
        format!("{}.json", ENDING.replace(['/', '\0'], "")),
        log,
    )])
}

/// Runs the program, whose messages have to be as harmless as what it prints.
///
/// Returns the status: 0, or 2 if not one record could be used.
fn run_harmlessly(logs: &Logs, format: &str, args: &[&str]) -> u8 {
    let always = [
        "--format",
        format,
        "--fail-on",
        "never",
        "--width",
        "80",
        "--trace-roles",
    ];
    let run = logs.run(&[&always, args].concat());
    match run.status {
        // Not one record could be used.
        2 => assert_eq!(run.stdout, "", "{}", run.stderr),
        status => {
            assert_eq!(status, 0, "{format}: {}", run.stderr);
            assert!(!run.stdout.is_empty());
            harmless(format, &run.stdout);
        }
    }
    harmless("messages", &run.stderr);
    run.status
}

/// The same with logs that are of use.
fn draw_harmlessly(logs: &Logs, format: &str, args: &[&str]) {
    let status = run_harmlessly(logs, format, args);
    assert_eq!(status, 0, "{format} {args:?}");
}

/// The histories of all repositories.
const HISTORY: [&str; 3] = ["--history", "--repository", "*"];

#[test]
fn hostile_principals_of_a_policy_do_no_harm() {
    let record = every_kind().into_iter().find(|record| {
        let policy = record["requestParameters"]["policyText"].as_str();
        record["eventName"] == "SetRepositoryPolicy" && policy.is_some()
    });
    let mut record = record.expect("the case has a policy");
    let principals: Vec<String> = texts()
        .into_iter()
        .chain([ENDING.to_owned(), format!("arn:aws:iam::{ENDING}:root")])
        .collect();
    let logs: Vec<Logs> = principals
        .iter()
        .map(|principal| {
            let policy =
                json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": principal}}]});
            record["requestParameters"]["policyText"] = policy.to_string().into();
            let log = json!({"Records": [record]}).to_string().into_bytes();
            Logs::new(&vec![("log.json".to_owned(), log)])
        })
        .collect();
    let told = logs.iter().filter(|logs| {
        for format in Format::ALL
            .iter()
            .filter(|one| one.renderer.has_histories())
        {
            draw_harmlessly(logs, format.name, &HISTORY);
            draw_harmlessly(logs, format.name, &[&HISTORY[..], &["--redact"]].concat());
        }
        let report = logs.output(&[&HISTORY[..], &["--format", "json"]].concat());
        report.contains("policy, allowing ")
    });
    // One of the texts is empty.
    assert_eq!(told.count(), principals.len() - 1);
}

#[test]
fn a_hostile_ending_of_any_text_does_no_harm_in_any_output() {
    let records = every_kind();
    let mut found = BTreeSet::new();
    for record in &records {
        pointers(record, "", &mut found);
    }
    assert!(
        records.len() > 60 && found.len() > 50,
        "{} {}",
        records.len(),
        found.len()
    );
    // Each by itself, so that a text that costs its record hides no other.
    for pointer in &found {
        let logs = spoilt(&records, &[pointer]);
        run_harmlessly(&logs, "text", &["--verbose"]);
        run_harmlessly(&logs, "text", &HISTORY);
    }
    let all: Vec<&String> = found
        .iter()
        .filter(|name| !DECIDING.contains(&&***name))
        .collect();
    let logs = spoilt(&records, &all);
    for format in Format::ALL {
        draw_harmlessly(&logs, format.name, &[]);
        draw_harmlessly(&logs, format.name, &["--redact"]);
        if format.renderer.has_histories() {
            draw_harmlessly(&logs, format.name, &HISTORY);
            draw_harmlessly(&logs, format.name, &[&HISTORY[..], &["--redact"]].concat());
        }
    }
    let folder = Folder::new();
    let json = logs.run(&["--format", "json"]).stdout;
    let base = folder.write("base.json", &json);
    let base = base.to_str().expect("a path in Unicode");
    let compares = |format: &&Format| format.renderer.comparison().is_some();
    for format in Format::ALL.iter().filter(compares) {
        for base in ["..2026-03-17T16:30:00Z", base] {
            draw_harmlessly(&logs, format.name, &["--compare", base, "--verbose"]);
        }
        let period = ["--redact", "--compare", "..2026-03-17T16:30:00Z"];
        draw_harmlessly(&logs, format.name, &period);
    }
    let report: Value = serde_json::from_str(&json).expect("a report");
    let event = &report["sessions"][0]["events"][0]["event_id"];
    let id = event.as_str().expect("an event").to_owned();
    assert!(id.ends_with(ENDING), "{id:?}");
    // What an argument cannot hold is named by what precedes it.
    let start = id.split('\0').next().unwrap_or_default();
    let run = logs.run(&["--explain", start]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    harmless("messages", &run.stdout);
    harmless("messages", &run.stderr);
}
