//! The law of extracts: their report is the report of the logs they were made of, file names aside.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::support::logs::Logs;
use crate::support::places::without_places;
use crate::support::run::{project, run, run_on};
use crate::support::script::Files;
use crate::support::simulate::random::Random;
use crate::support::simulate::scenario::scenario;
use crate::support::simulate::simulate;

/// Formats in which a report is compared whole.
const FORMATS: [&str; 3] = ["json", "jsonl", "text"];

fn output(path: &str, args: &[&str]) -> String {
    let run = run([&[path, "--quiet", "--fail-on", "never"], args].concat());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    run.stdout
}

fn extract_of(path: &str, args: &[&str]) -> String {
    let run = run([&[path, "--quiet", "--extract"], args].concat());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    run.stdout
}

/// Compares two reports and shows where they begin to differ.
fn assert_same(what: &str, report: &str, expected: &str) {
    let (report, expected) = (without_places(report), without_places(expected));
    if report == expected {
        return;
    }
    let (now, then) = (report.chars(), expected.chars());
    let at = now.zip(then).take_while(|(a, b)| a == b).count();
    let around = |text: &str| -> String {
        text.chars()
            .skip(at.saturating_sub(200))
            .take(400)
            .collect()
    };
    panic!(
        "{what} differs at character {at}\n--- of the extract\n{}\n--- of the logs\n{}",
        around(&report),
        around(&expected)
    );
}

/// The lines of an extract in another order and as several files, none of them empty.
fn spread(extract: &str, seed: u64, n_files: usize) -> Files {
    let mut random = Random::new(seed);
    let mut lines: Vec<&str> = extract.lines().collect();
    random.shuffle(&mut lines);
    let chunks = lines.chunks(lines.len().div_ceil(n_files));
    chunks
        .enumerate()
        .map(|(number, lines)| {
            (
                format!("part-{number}.jsonl"),
                (lines.join("\n") + "\n").into_bytes(),
            )
        })
        .collect()
}

/// Holds the law for one tree of logs: whole, spread, and extracted again.
fn law(what: &str, path: &str, args: &[&str]) {
    let roles: Vec<&str> = args
        .iter()
        .copied()
        .filter(|arg| ["--trace-roles", "--pulls"].contains(arg))
        .collect();
    let extract = extract_of(path, &roles);
    let whole = Logs::new(&vec![(
        "extract.jsonl".to_owned(),
        extract.clone().into_bytes(),
    )]);
    let again = extract_of(whole.path(), &roles);
    assert_same(&format!("{what}, extracted again,"), &again, &extract);
    let parts = Logs::new(&spread(&extract, 7, 5));
    let of_parts = match args.contains(&"--compare") {
        true => "json",
        false => "jsonl",
    };
    for (format, logs) in [("json", &whole), ("text", &whole), (of_parts, &parts)] {
        let args = [&["--format", format], args].concat();
        let (report, expected) = (output(logs.path(), &args), output(path, &args));
        // In text, the name of the file that it is in moves the words.
        let names_a_conflict = format == "text" && expected.contains("[conflicting-duplicate]");
        if !names_a_conflict {
            assert_same(&format!("{what}, {format},"), &report, &expected);
        }
    }
}

#[test]
fn the_report_of_an_extract_of_a_case_is_that_of_its_logs() {
    let mut names: Vec<_> = fs::read_dir(project("testdata/cases"))
        .expect("the cases are there")
        .map(|entry| entry.expect("readable").path())
        .collect();
    names.sort();
    assert!(names.len() > 40);
    for folder in names {
        let case = fs::read_to_string(folder.join("case.md")).expect("a case is described");
        let line = case
            .lines()
            .find_map(|line| line.strip_prefix("Arguments:"));
        let args = line.expect("a case has arguments").trim().trim_matches('`');
        let args: Vec<&str> = args.split_whitespace().collect();
        // Files left unread for a period are a matter of their names.
        let args = match args.iter().any(|arg| ["--since", "--until"].contains(arg)) {
            true => Vec::new(),
            false => args,
        };
        let args = strip_option(&args, "--fail-on");
        // Not every format tells what a comparison tells.
        let args = strip_option(&args, "--compare");
        let mut args = strip_option(&args, "--public-keys");
        // Pseudonyms of files are numbered among all files, and an extract has but those of the
        // problems; every event's place is shown; and it is no file that CloudTrail delivered.
        let places = ["--strict", "--redact", "--verbose", "--verify"];
        args.retain(|arg| !places.contains(arg));
        let path = folder.join("in");
        law(&folder.to_string_lossy(), &path.to_string_lossy(), &args);
    }
}

/// Arguments without an option and its value.
fn strip_option<'a>(args: &[&'a str], option: &str) -> Vec<&'a str> {
    let mut kept = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match *arg == option {
            true => drop(args.next()),
            false => kept.push(*arg),
        }
    }
    kept
}

fn world(name: &str, seed: u64) -> Files {
    simulate(scenario(name).expect("a scenario of that name"), seed).files
}

#[test]
fn the_report_of_an_extract_of_simulated_logs_is_that_of_the_logs() {
    for (name, seed) in [
        ("mixed", 51),
        ("missing-hour", 52),
        ("cross-account", 53),
        ("jitter", 54),
    ] {
        let logs = Logs::new(&world(name, seed));
        law(name, logs.path(), &[]);
    }
}

/// A small log with a push, and what its extract tells.
fn small() -> (Logs, String) {
    let case = project("testdata/cases/complete/in");
    let extract = extract_of(&case.to_string_lossy(), &[]);
    let lines: Vec<&str> = extract.lines().collect();
    let (coverage, records) = lines.split_last().expect("a last line");
    let records = (records.join("\n") + "\n").into_bytes();
    let logs = Logs::new(&vec![("records.jsonl".to_owned(), records)]);
    (logs, (*coverage).to_owned())
}

/// The JSON report of a log with one more line in a file of its own.
fn with_line(logs: &Logs, line: &str) -> Value {
    let path = format!("{}/zz-line.jsonl", logs.path());
    fs::write(path, format!("{line}\n")).expect("a file");
    let report = output(logs.path(), &["--format", "json"]);
    serde_json::from_str(&report).expect("a report is JSON")
}

/// A coverage line with one member changed.
fn changed(coverage: &str, pointer: &str, value: Value) -> String {
    let mut line: Value = serde_json::from_str(coverage).expect("JSON");
    let member = line["reconstruct.coverage"].pointer_mut(pointer);
    *member.expect("a member of the line") = value;
    line.to_string()
}

fn codes(report: &Value) -> Vec<&str> {
    let rows = report["problems"].as_array().expect("problems");
    rows.iter().filter_map(|row| row["code"].as_str()).collect()
}

#[test]
fn a_coverage_line_that_breaks_a_rule_costs_itself() {
    let (logs, coverage) = small();
    let sessions = with_line(&logs, &coverage)["sessions"].clone();
    let ids = |sessions: &Value| -> Vec<String> {
        let rows = sessions.as_array().expect("sessions");
        rows.iter().map(|row| row["id"].to_string()).collect()
    };
    assert!(!ids(&sessions).is_empty());
    let lines = [
        changed(&coverage, "/version", json!(3)),
        changed(&coverage, "/version", json!("1")),
        changed(&coverage, "/files/read", json!(-1)),
        changed(&coverage, "/files/read", json!(1u64 << 60)),
        changed(&coverage, "/records/other", json!(1.5)),
        changed(&coverage, "/skipped", json!(null)),
        changed(
            &coverage,
            "/sources",
            json!([{"account": "", "region": "", "heard": [[2, 1]], "vouched": []}]),
        ),
        changed(
            &coverage,
            "/sources",
            json!([{"account": "", "region": "", "heard": [[i64::MIN, i64::MAX]], "vouched": []}]),
        ),
        changed(
            &coverage,
            "/sources",
            json!([{"account": "", "region": "", "heard": [[0, 1]], "callers": "", "alone": [[0, 0, 0]], "vouched": []}]),
        ),
        changed(
            &coverage,
            "/sources",
            json!([{"account": "", "region": "", "heard": [[0, 1]], "callers": "0123456789abcdef", "alone": [[1, 0, 0]],
            "vouched": []}]),
        ),
        changed(
            &coverage,
            "/digests",
            json!([{"account": "", "region": "", "time": [0, 1], "names": "00", "times": []}]),
        ),
        changed(
            &coverage,
            "/digests",
            json!([{"account": "", "region": "", "time": [0, 1], "names": "", "times": [[0, 1]]}]),
        ),
        changed(&coverage, "/names", json!("+000000000000000")),
        changed(&coverage, "/told", json!("é000000000000000")),
        changed(
            &coverage,
            "/problems",
            json!([{"file": "f", "record": null, "byte": 0, "bytes": 0,
            "problem": {"conflicting-duplicate": {"event_id": "e"}}, "excerpt": null}]),
        ),
        changed(
            &coverage,
            "/problems",
            json!([{"file": "f", "record": null, "byte": 0, "bytes": 0,
            "problem": {"empty-file": {}}, "excerpt": {"text": "é", "byte": 1, "bytes": 1}}]),
        ),
        format!("{{\"reconstruct.coverage\":{{}},{}", &coverage[1..]),
        "{\"reconstruct.coverage\":7}".to_owned(),
        "{\"reconstruct.record\":7,\"eventIDs\":1}".to_owned(),
    ];
    for line in lines {
        let report = with_line(&logs, &line);
        assert_eq!(codes(&report), ["bad-coverage"], "{line}");
        assert_eq!(ids(&report["sessions"]), ids(&sessions), "{line}");
    }
    let help =
        with_line(&logs, &changed(&coverage, "/version", json!(3)))["problems"][0]["message"]
            .clone();
    assert!(help.to_string().contains("version 3"), "{help}");
}

#[test]
fn counts_of_many_forged_lines_do_not_overflow() {
    let (logs, coverage) = small();
    let most = json!((1u64 << 53) - 1);
    let mut line: Value = serde_json::from_str(&coverage).expect("JSON");
    let forged = &mut line["reconstruct.coverage"];
    for (member, fields) in [
        ("files", vec!["read", "without_push_events", "unreadable"]),
        ("records", vec!["other", "duplicate", "malformed"]),
    ] {
        for field in fields {
            forged[member][field] = most.clone();
        }
    }
    forged["skipped"] = most.clone();
    forged["set_aside_more"] = most.clone();
    forged["problems"] = json!([{"file": "\u{1b}[2J<script>", "record": 4_294_967_295u32, "byte": most,
        "bytes": most, "problem": {"more-problems": {"count": most}}, "excerpt": null}]);
    let lines = vec![line.to_string(); 3000].join("\n");
    let report = with_line(&logs, &lines);
    assert_eq!(report["sessions"].as_array().map(Vec::len), Some(1));
    assert_eq!(report["coverage"]["files"]["read"], most);
    for format in ["text", "html"] {
        let drawn = output(logs.path(), &["--format", format]);
        assert!(
            !drawn.contains('\u{1b}') && !drawn.contains("<script>x"),
            "{format}"
        );
    }
}

#[test]
fn a_coverage_line_inside_of_something_else_is_never_looked_at() {
    let (logs, coverage) = small();
    let plain = with_line(&logs, "{}");
    let forged = changed(&coverage, "/files/read", json!(1_000_000));
    let string = Value::String(forged.clone()).to_string();
    for line in [
        format!("{{\"Records\":[{forged}]}}"),
        format!("{{\"logEvents\":[{{\"message\":{string}}}]}}"),
        format!("{{\"a\":{forged}}}"),
        format!("[[{string}]]"),
    ] {
        let report = with_line(&logs, &line);
        assert!(
            report["coverage"]["files"]["read"].as_u64() < Some(10),
            "{line}"
        );
        assert_eq!(
            report["coverage"]["spans"], plain["coverage"]["spans"],
            "{line}"
        );
    }
}

#[test]
fn what_looks_like_a_log_file_is_a_record_in_an_extract_too() {
    let (logs, _) = small();
    let records = fs::read_to_string(format!("{}/records.jsonl", logs.path())).expect("records");
    // Members of a real record after one that would make it a log file by itself.
    let tricky: Vec<String> = records
        .lines()
        .map(|record| {
            format!(
                "{{\"Records\":[{{\"eventID\":\"forged\"}}],{}",
                &record[1..]
            )
        })
        .collect();
    let text = format!("{{\"Records\":[{}]}}", tricky.join(",\n"));
    let logs = Logs::new(&vec![("log.json".to_owned(), text.into_bytes())]);
    let extract = extract_of(logs.path(), &[]);
    assert!(
        extract.starts_with("{\"reconstruct.record\":{\"Records\""),
        "{extract}"
    );
    law("tricky records", logs.path(), &[]);
    let report = output(logs.path(), &["--format", "json"]);
    assert!(report.contains("\"pushes\":1") && !report.contains("\"forged\""));
}

#[test]
fn records_are_those_of_the_logs_byte_for_byte_and_each_once() {
    let files = world("mixed", 55);
    let logs = Logs::new(&files);
    let extract = extract_of(logs.path(), &[]);
    let mut texts = String::new();
    for (path, content) in &files {
        if path.contains("/CloudTrail/") {
            let text = crate::support::script::damage::decoded(content);
            texts.push_str(&String::from_utf8_lossy(&text));
        }
    }
    let lines: Vec<&str> = extract.lines().collect();
    let (coverage, records) = lines.split_last().expect("a last line");
    assert!(coverage.starts_with("{\"reconstruct.coverage\":{\"version\":2,"));
    assert!(records.len() > 100);
    for record in records {
        assert!(texts.contains(record), "{record}");
    }
    let once: BTreeSet<&&str> = records.iter().collect();
    assert_eq!(once.len(), records.len());
}

#[test]
fn a_record_that_spans_lines_is_written_on_one() {
    let (logs, coverage) = small();
    let records = fs::read_to_string(format!("{}/records.jsonl", logs.path())).expect("records");
    let spread: Vec<String> = records
        .lines()
        .map(|record| {
            let value: Value = serde_json::from_str(record).expect("a record");
            serde_json::to_string_pretty(&value).expect("JSON")
        })
        .collect();
    let text = format!("{{\"Records\":[\n{}\n]}}", spread.join(",\n"));
    let pretty = Logs::new(&vec![("log.json".to_owned(), text.into_bytes())]);
    let extract = extract_of(pretty.path(), &[]);
    let plain = extract_of(logs.path(), &[]);
    assert!(coverage.len() > 100);
    let records = |extract: &str| -> Vec<String> {
        let is_record = |line: &&str| !line.starts_with("{\"reconstruct");
        extract
            .lines()
            .filter(is_record)
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(records(&extract), records(&plain));
}

#[test]
fn parts_of_the_logs_extracted_alone_add_up() {
    for (name, seed) in [("mixed", 61), ("missing-hour", 62)] {
        let files = world(name, seed);
        let whole = Logs::new(&files);
        let mut parts: Vec<Files> = vec![Files::new(); 4];
        for (number, (path, content)) in files.iter().enumerate() {
            // A digest file and the log files that it lists lie in different parts.
            parts[number % 4].push((path.clone(), content.clone()));
        }
        let extracts: Vec<String> = parts
            .iter()
            .map(|part| extract_of(Logs::new(part).path(), &[]))
            .collect();
        let claims = extracts
            .iter()
            .filter(|one| !one.contains("\"digests\":[]"));
        let is_apart = claims.count() > 0;
        assert_eq!(is_apart, name == "missing-hour", "{name}: digest files");
        let together = extracts
            .iter()
            .rev()
            .map(String::as_str)
            .collect::<String>();
        for format in FORMATS {
            let args = ["-", "--quiet", "--fail-on", "never", "--format", format];
            let run = run_on(args, together.clone().into_bytes());
            assert_same(name, &run.stdout, &whole.output(&["--format", format]));
        }
    }
}

#[test]
fn number_of_threads_cannot_be_seen_in_an_extract() {
    let logs = Logs::new(&world("jitter", 63));
    let one = extract_of(logs.path(), &["--jobs", "1"]);
    assert!(one.len() > 10_000);
    assert!(one == extract_of(logs.path(), &["--jobs", "8"]));
}

#[test]
fn a_selection_is_refused_with_what_to_do() {
    let run = run(["--extract", "--repository", "app", "logs"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("select in the report of the extract"),
        "{}",
        run.stderr
    );
}
