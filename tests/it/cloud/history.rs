//! Event histories: the report equals that of the same records in files, whatever the service does.
//!
//! In: a service on loopback that speaks LookupEvents. Out: reports, coverage, the requests made, and messages.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use reconstruct::cli::Surroundings;
use reconstruct::source::Waits;
use serde_json::{Value, json};

use super::trail_server::{ACCOUNT, Log, Manner, start};
use crate::support::logs::Logs;
use crate::support::run::{Run, run_in};
use crate::support::s3_server::{Server, reading};
use crate::support::script::{self, Files};
use crate::wrappers::placeless;

/// Three pushes with many parts, one of them given up, and a whole day of other calls around them.
fn script() -> String {
    let mut text =
        String::from("who ci role\nwho dev user\nrepo team/app\nnoise 00:10 23:50 300\n");
    for (push, (minute, who)) in [(10, "ci"), (20, "dev"), (40, "ci")]
        .into_iter()
        .enumerate()
    {
        let call =
            |second: usize| format!("12:{:02}:{:02}  {who}", minute + second / 60, second % 60);
        let _ = writeln!(text, "{}  -         GetAuthorizationToken", call(0));
        let _ = writeln!(text, "{}  team/app  Initiate  u{push}", call(1));
        for part in 0..60 {
            let (first, last) = (part * 5, part * 5 + 5);
            let _ = writeln!(
                text,
                "{}  team/app  Part  u{push} {first}MiB-{last}MiB",
                call(2 + part)
            );
        }
        if push == 1 {
            continue;
        }
        let _ = writeln!(text, "{}  team/app  Complete  u{push} a{push}", call(70));
        let _ = writeln!(
            text,
            "{}  team/app  PutImage  v{push} config=c{push} layers=a{push}",
            call(71)
        );
    }
    text
}

/// The files of the script, and every record in them.
fn played() -> (Files, Vec<Value>) {
    let files = script::files(&script()).expect("a sound script");
    let logs = files
        .iter()
        .filter(|(path, _)| path.contains("/CloudTrail/"));
    let records = logs.flat_map(|(_, content)| {
        let log: Value = serde_json::from_slice(&script::damage::decoded(content)).expect("a log");
        log["Records"].as_array().expect("records").clone()
    });
    let mut records: Vec<Value> = records.collect();
    // A call of the same name, of another service, and the newest of its name.
    let mut other = records
        .iter()
        .find(|record| record["eventName"] == "UploadLayerPart")
        .expect("a part")
        .clone();
    other["eventSource"] = json!("imagebuilder.amazonaws.com");
    other["eventTime"] = json!("2026-03-17T22:00:00Z");
    other["eventID"] = json!("00000000-0000-4000-8000-000000000000");
    records.push(other);
    (files, records)
}

const NOW: &str = "2026-03-18T00:00:00Z";

fn surroundings(server: &Server) -> Surroundings {
    let now: DateTime<Utc> = NOW.parse().expect("a time");
    Surroundings {
        now,
        ..reading(&server.url, &[("AWS_REGION", "eu-central-1")])
    }
}

fn ask(server: &Server, args: &[&str]) -> Run {
    let all = [&["--fail-on", "never"], args].concat();
    run_in(all, surroundings(server))
}

fn report(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("no report: {}", run.stderr))
}

#[test]
fn history_is_reported_as_the_same_records_in_files() {
    let (files, records) = played();
    let wanted: Value =
        serde_json::from_str(&Logs::new(&files).output(&["--format", "json"])).expect("JSON");
    assert_eq!(wanted["sessions"].as_array().map(Vec::len), Some(3));
    for manner in [
        Manner::default(),
        Manner {
            throttled: 3,
            ..Manner::default()
        },
        Manner {
            forgotten: 2,
            ..Manner::default()
        },
        Manner {
            overlaps: true,
            ..Manner::default()
        },
        Manner {
            grows: true,
            ..Manner::default()
        },
        Manner {
            throttled: 5,
            forgotten: 3,
            overlaps: true,
            grows: true,
            ..Manner::default()
        },
    ] {
        let (server, log) = start(records.clone(), manner);
        // The log in files goes on until then.
        let run = ask(
            &server,
            &[
                "--quiet",
                "--format",
                "json",
                "--settle",
                "14m",
                "event-history://eu-central-1",
            ],
        );
        assert_eq!((run.status, &*run.stderr), (0, ""), "{manner:?}");
        let report = report(&run);
        assert_eq!(
            placeless(report["sessions"].clone()),
            placeless(wanted["sessions"].clone()),
            "{manner:?}"
        );
        assert_eq!(report["coverage"]["records"]["duplicate"], 0, "{manner:?}");
        let log = log.lock().expect("no panic");
        assert!(log.n_events > 186, "{}", log.n_events);
    }
}

#[test]
fn coverage_is_the_period_less_the_slack() {
    let (_, records) = played();
    let (server, _) = start(records, Manner::default());
    for (args, from, to) in [
        (
            &["--settle", "60m"][..],
            "2026-03-11T00:00:00Z",
            "2026-03-17T23:00:00Z",
        ),
        (
            &["--settle", "5m", "--since", "2026-03-17"],
            "2026-03-16T11:45:00Z",
            "2026-03-17T23:55:00Z",
        ),
        // No further back than CloudTrail keeps it.
        (
            &["--since", "2025-01-01"],
            "2025-12-18T00:00:00Z",
            "2026-03-17T23:00:00Z",
        ),
    ] {
        let args = [args, &["--quiet", "--format", "json", "event-history://"]].concat();
        let spans = report(&ask(&server, &args))["coverage"]["spans"].clone();
        let expected =
            json!([{"account": ACCOUNT, "region": "eu-central-1", "from": from, "to": to}]);
        assert_eq!(spans, expected, "{args:?}");
    }
}

#[test]
fn only_calls_that_are_read_are_asked_for_and_each_by_its_name() {
    let (_, records) = played();
    let asked = |args: &[&str]| -> BTreeSet<String> {
        let (server, log) = start(records.clone(), Manner::default());
        let run = ask(
            &server,
            &[
                args,
                &["--quiet", "--summary", "event-history://eu-central-1"],
            ]
            .concat(),
        );
        assert_eq!(run.status, 0, "{}", run.stderr);
        let log = log.lock().expect("no panic");
        log.asked.iter().map(|(_, name)| name.clone()).collect()
    };
    let usual = asked(&[]);
    for name in [
        "PutImage",
        "GetAuthorizationToken",
        "UploadLayerPart",
        "CreateRepository",
    ] {
        assert!(usual.contains(name), "{name}");
    }
    for name in [
        "BatchGetImage",
        "GetDownloadUrlForLayer",
        "TagResource",
        "AssumeRole",
    ] {
        assert!(!usual.contains(name), "{name}");
    }
    assert!(asked(&["--trace-roles"]).contains("AssumeRoleWithWebIdentity"));
}

#[test]
fn history_without_a_push_is_covered_and_said_to_be_empty() {
    let (server, _) = start(Vec::new(), Manner::default());
    let run = ask(
        &server,
        &["--quiet", "--format", "json", "event-history://eu-west-1"],
    );
    assert_eq!((run.status, &*run.stderr), (0, ""));
    let report = report(&run);
    assert_eq!(report["sessions"], json!([]));
    assert_eq!(report["coverage"]["spans"][0]["account"], ACCOUNT);
}

#[test]
fn regions_are_asked_side_by_side_and_those_that_refuse_are_told() {
    let (_, mut records) = played();
    for (at, record) in records.iter_mut().enumerate() {
        if at % 2 == 0 {
            record["awsRegion"] = json!("us-east-1");
        }
    }
    let manner = Manner {
        refusing: "af-south-1,ap-east-1",
        ..Manner::default()
    };
    let (server, log) = start(records, manner);
    let run = ask(&server, &["--format", "json", "event-history://*"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let found = report(&run);
    let spans = found["coverage"]["spans"].as_array().expect("spans");
    assert!(spans.len() > 25, "{}", spans.len());
    let refused: Vec<&str> = found["problems"]
        .as_array()
        .expect("problems")
        .iter()
        .filter_map(|problem| problem["file"].as_str())
        .collect();
    assert_eq!(
        refused,
        ["event-history://af-south-1", "event-history://ap-east-1"]
    );
    for words in ["UnrecognizedClientException", "the account has this region"] {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
    let regions: BTreeSet<String> = log
        .lock()
        .expect("no panic")
        .asked
        .iter()
        .map(|(region, _)| region.clone())
        .collect();
    assert!(regions.len() > 25, "{regions:?}");
    let run = ask(
        &server,
        &[
            "--quiet",
            "--format",
            "json",
            "--region",
            "us-*",
            "event-history://*",
        ],
    );
    let spans = report(&run)["coverage"]["spans"].clone();
    let regions: Vec<&str> = spans
        .as_array()
        .expect("spans")
        .iter()
        .filter_map(|span| span["region"].as_str())
        .collect();
    assert_eq!(
        regions,
        ["us-east-1", "us-east-2", "us-west-1", "us-west-2"]
    );
}

#[test]
fn extract_of_a_history_gives_its_report_without_another_look_up() {
    let (_, records) = played();
    let (server, log) = start(records, Manner::default());
    let args = [
        "--quiet",
        "--format",
        "json",
        "event-history://eu-central-1",
    ];
    let wanted = report(&ask(&server, &args));
    let extract = run_in(
        ["--quiet", "--extract", "event-history://eu-central-1"],
        surroundings(&server),
    );
    assert_eq!((extract.status, &*extract.stderr), (0, ""));
    let n_asked = log.lock().expect("no panic").asked.len();
    let files: Files = [("extract.jsonl".to_owned(), extract.stdout.into_bytes())]
        .into_iter()
        .collect();
    let found: Value =
        serde_json::from_str(&Logs::new(&files).output(&["--format", "json"])).expect("JSON");
    assert_eq!(
        placeless(found["sessions"].clone()),
        placeless(wanted["sessions"].clone())
    );
    assert_eq!(found["coverage"]["spans"], wanted["coverage"]["spans"]);
    assert_eq!(log.lock().expect("no panic").asked.len(), n_asked);
}

#[test]
fn refused_look_up_says_what_is_needed() {
    let server = Server::play(|_, out| {
        let reply =
            super::trail_server::refusal(400, "AccessDeniedException", "User is not authorized");
        std::io::Write::write_all(out, &reply).is_ok()
    });
    let run = ask(&server, &["event-history://eu-west-1"]);
    assert_eq!(
        (run.status, &*run.stdout, &*run.stderr),
        (
            2,
            "",
            "error: cannot ask the event history of `eu-west-1`: AccessDeniedException: User is not authorized\n\n  \
             help: these credentials need cloudtrail:LookupEvents; docs/aws.md has a policy\n"
        )
    );
    // Of several, each says so by itself.
    let run = ask(
        &server,
        &["event-history://eu-west-1", "event-history://us-east-1"],
    );
    assert_eq!((run.status, &*run.stdout), (2, ""));
    for words in [
        "no log could be read",
        "event-history://us-east-1: it cannot be read",
    ] {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
    let none = Surroundings {
        ..reading(&server.url, &[])
    };
    let run = run_in(["event-history://"], none);
    assert_eq!(
        (run.status, &*run.stderr),
        (
            2,
            "error: no region is configured\n\n  help: name one as in `event-history://eu-west-1`, or set AWS_REGION\n"
        )
    );
    let run = run_in(["event-history://EU"], Surroundings::none());
    assert_eq!(run.status, 2);
    assert!(
        run.stderr
            .contains("invalid address `event-history://EU`: expected a region"),
        "{}",
        run.stderr
    );
}

#[test]
fn look_up_that_leads_in_circles_ends() {
    let circle = |token: &'static str| {
        let count = Mutex::new(0);
        Server::play(move |_, out| {
            let mut count = count.lock().expect("no panic");
            *count += 1;
            let token = match token {
                "" => count.to_string(),
                token => token.to_owned(),
            };
            let page = json!({"Events": [], "NextToken": token}).to_string();
            let reply = crate::support::s3_server::answer(
                200,
                "content-type: application/x-amz-json-1.1\r\n",
                page.as_bytes(),
            );
            std::io::Write::write_all(out, &reply).is_ok()
        })
    };
    for token in ["again", ""] {
        let run = ask(&circle(token), &["event-history://eu-west-1"]);
        assert_eq!(run.status, 2, "{}", run.stderr);
        assert!(
            run.stderr.contains("it leads back to one before it"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn failure_in_the_middle_cuts_the_coverage() {
    let (_, records) = played();
    let (inner, log) = (records.clone(), Arc::<Mutex<Log>>::default());
    let manner = Manner::default();
    let served = Mutex::new(0);
    let server = Server::play(move |asked, out| {
        let mut served = served.lock().expect("no panic");
        *served += 1;
        let reply = match *served > 36 {
            true => super::trail_server::refusal(400, "AccessDeniedException", "no more"),
            false => super::trail_server::respond(&inner, &manner, &log, asked),
        };
        std::io::Write::write_all(out, &reply).is_ok()
    });
    let run = ask(
        &server,
        &["--format", "json", "event-history://eu-central-1"],
    );
    let report = report(&run);
    let from = report["coverage"]["spans"][0]["from"]
        .as_str()
        .expect("a time")
        .to_owned();
    assert!(
        from.as_str() > "2026-03-17T12:20:00Z" && from.as_str() < "2026-03-17T12:42:00Z",
        "{from}"
    );
    assert!(
        run.stderr.contains("AccessDeniedException"),
        "{}",
        run.stderr
    );
}

/// Interrupts the program after so many requests; its status, its report if there is one, and what it said.
fn interrupted(n_requests: usize) -> (Option<i32>, Option<Value>, String) {
    let (_, mut records) = played();
    // The program's own clock counts.
    let now = DateTime::<Utc>::from(std::time::SystemTime::now());
    let shift = now - NOW.parse::<DateTime<Utc>>().expect("a time");
    for record in &mut records {
        let time: DateTime<Utc> = record["eventTime"]
            .as_str()
            .expect("a time")
            .parse()
            .expect("a time");
        record["eventTime"] = json!((time + shift).format("%Y-%m-%dT%H:%M:%SZ").to_string());
    }
    // Many calls of the same name, before those.
    let other = records.last().expect("records").clone();
    for n in 0..2_000 {
        let mut other = other.clone();
        other["eventTime"] = json!(
            (now - chrono::TimeDelta::minutes(1_440 + n))
                .format("%Y-%m-%dT%H:%M:%SZ")
                .to_string()
        );
        other["eventID"] = json!(format!("00000000-0000-4000-8000-{n:012}"));
        records.push(other);
    }
    let (server, log) = start(records, Manner::default());
    let child = Command::new(env!("CARGO_BIN_EXE_reconstruct"))
        .args([
            "--format",
            "json",
            "--fail-on",
            "never",
            "event-history://eu-central-1",
        ])
        .env_clear()
        .envs([
            ("AWS_ENDPOINT_URL", server.url.as_str()),
            ("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("XDG_CONFIG_HOME", "/nonexistent"),
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    while log.lock().expect("no panic").asked.len() < n_requests {
        std::thread::sleep(Duration::from_millis(20));
    }
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(sent.expect("`kill` runs").success());
    let output = child.wait_with_output().expect("a child ends");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        stderr.contains("interrupted: no more is asked for"),
        "{stderr}"
    );
    assert!(log.lock().expect("no panic").asked.len() <= n_requests + 1);
    (
        output.status.code(),
        serde_json::from_slice(&output.stdout).ok(),
        stderr,
    )
}

#[test]
fn interrupt_reports_what_came_with_its_coverage() {
    let (status, report, stderr) = interrupted(42);
    assert_eq!(status, Some(0), "{stderr}");
    let report = report.expect("a report");
    assert_eq!(report["sessions"].as_array().map(Vec::len), Some(3));
    let from: DateTime<Utc> = report["coverage"]["spans"][0]["from"]
        .as_str()
        .expect("a time")
        .parse()
        .expect("a time");
    let age = (DateTime::<Utc>::from(std::time::SystemTime::now()) - from).num_minutes();
    assert!((1_440..5_000).contains(&age), "{age}");
}

#[test]
fn interrupt_before_anything_is_whole_gives_no_report() {
    let (status, report, stderr) = interrupted(4);
    assert_eq!((status, report), (Some(2), None), "{stderr}");
    assert!(stderr.contains("it was ended before"), "{stderr}");
}

#[test]
fn requests_keep_the_pace() {
    let (server, log) = start(Vec::new(), Manner::default());
    let mut surroundings = surroundings(&server);
    surroundings.waits = Waits {
        lookup: Duration::from_millis(20),
        ..surroundings.waits
    };
    let began = std::time::Instant::now();
    let run = run_in(
        ["--quiet", "--summary", "event-history://eu-west-1"],
        surroundings,
    );
    assert_eq!(run.status, 0, "{}", run.stderr);
    let n_asked = u32::try_from(log.lock().expect("no panic").asked.len()).expect("few");
    assert!(n_asked > 30 && began.elapsed() >= Duration::from_millis(20) * (n_asked - 1));
}
