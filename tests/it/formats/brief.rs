//! The report with one row a push: the facts of the whole report, as objects and as a table, and little of it.

use std::collections::BTreeSet;

use reconstruct::render::{Detail, Format, Style, Summary};
use reconstruct::report::SUMMARY_SCHEMA;
use reconstruct::source::Input;
use reconstruct::{Options, Reconstruction, reconstruct};
use serde_json::{Value, json};

use crate::fixture;
use crate::formats::csv::{assert_runs_nothing, marked, records, text, unguarded};
use crate::formats::{array, draw, parse};
use crate::renderers;
use crate::support::logs::Logs;
use crate::support::run::{project, run};
use crate::support::script;
use crate::support::simulate::scenario::scenario;
use crate::support::simulate::simulate;

/// Simulated logs: name and seed.
const WORLDS: [(&str, u64); 6] = [
    ("mixed", 61),
    ("parallel-jobs", 62),
    ("cross-account", 63),
    ("loops-of-tags", 64),
    ("later-mixed", 65),
    ("signatures", 66),
];

/// A client that asks for an upload and sends nothing.
const ASKED: &str = "\
who ci role
repo team/app
noise 11:00 15:00 60
12:00:00 ci - Initiate u1
";

/// The columns of the table that hold numbers, and those that need no guard because of the letters before each value.
const NUMBERS: [&str; 2] = ["duration_s", "uploaded_bytes"];
const MARKED: [&str; 4] = ["push", "made_good_by", "registry", "account"];

fn in_brief(reconstruction: &Reconstruction, format: &str, width: usize) -> String {
    let style = Style {
        detail: Detail::Summary,
        width,
        ..Style::default()
    };
    let renderer = Format::find(format).expect("a format").renderer;
    let mut out = Vec::new();
    let drawn = renderer.render(&reconstruction.report(), &style, &mut out);
    drawn.expect("a vector takes all");
    String::from_utf8(out).expect("reports are UTF-8")
}

fn read(path: impl Into<std::path::PathBuf>) -> Reconstruction {
    reconstruct(&[Input::Path(path.into())], &Options::default()).expect("logs")
}

/// The logs that the laws are tried on: made by hand, the cases together, and simulated worlds.
fn everywhere(mut law: impl FnMut(&Reconstruction)) {
    law(&fixture::reconstruction());
    law(&read(project("testdata/cases")));
    let asked = script::files(ASKED).expect("a script that plays");
    law(&read(Logs::new(&asked).path()));
    for (name, seed) in WORLDS {
        let scenario = scenario(name).expect("a scenario of that name");
        law(&read(Logs::new(&simulate(scenario, seed).files).path()));
    }
}

fn each_once<'v>(values: impl Iterator<Item = &'v Value>) -> Value {
    let mut kept: Vec<&Value> = Vec::new();
    for value in values {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    json!(kept)
}

/// The error code of the call that the first error of a push names; `null` if it names none that was refused.
fn refused_beside(push: &Value) -> Value {
    let mut errors = array(push, "findings")
        .iter()
        .filter(|finding| finding["severity"] == "error");
    let event = errors.find_map(|finding| {
        let named = &finding["events"][0];
        let mut events = array(push, "events").iter();
        events.find(|event| event["event_id"] == *named && !event["error_code"].is_null())
    });
    event.map_or(Value::Null, |event| event["error_code"].clone())
}

/// Attention and cause, from the status, its reason and the findings.
fn attention(push: &Value) -> (&'static str, Value) {
    let findings = array(push, "findings").iter();
    let has_error = findings
        .into_iter()
        .any(|finding| finding["severity"] == "error");
    let reason = &push["reason"];
    let status = push["status"].as_str().expect("a status");
    match (status, has_error) {
        ("undetermined", _) => ("undetermined", reason["kind"].clone()),
        ("incomplete", _) if reason["kind"] == "nothing-sent" => ("none", reason["kind"].clone()),
        ("failed", true) => ("unresolved", reason["error_code"].clone()),
        ("failed", false) => ("made-good", reason["error_code"].clone()),
        ("incomplete", true) => ("unresolved", reason["kind"].clone()),
        ("incomplete", false) => ("made-good", reason["kind"].clone()),
        ("complete" | "unchanged", _) => match refused_beside(push) {
            code if code.is_null() => ("none", code),
            code => ("unresolved", code),
        },
        (other, _) => panic!("status {other}"),
    }
}

/// A push of the whole report as the brief report has it, explanation and user agent whole.
fn brief(push: &Value, row: &Value) -> Value {
    let (attention, cause) = attention(push);
    let client = &push["client"];
    let by = match client["source_ip"].is_null() {
        true => &Value::Null,
        false if client["from"] == "call" => &client["from"],
        false => &push["authorization"]["strength"],
    };
    let refused = array(push, "manifests").iter();
    let refused = refused.flat_map(|put| array(put, "refused_tags"));
    let image = &push["image"];
    json!({
        "id": push["id"],
        "status": push["status"],
        "attention": attention,
        "cause": cause,
        "made_good_by": if attention == "made-good" { &push["superseded_by"] } else { &Value::Null },
        "first": push["first"],
        "last": push["last"],
        "duration_s": push["duration_s"],
        "uploaded_bytes": push["uploaded_bytes"],
        "service": push["service"],
        "registry": push["registry"],
        "region": push["region"],
        "repository": push["repository"],
        "tags": image.get("tags").unwrap_or(&json!([])),
        "refused_tags": each_once(refused),
        "digest": image["digest"],
        "what": image["what"],
        "who": row["who"],
        "session_name": row["session_name"],
        "account": push["identity"]["account"],
        "source_ip": client["source_ip"],
        "source_ip_by": by,
        "program": client["user_agent"],
        "confidence": push["confidence"],
        "integrity": push["integrity"],
        "findings": each_once(array(push, "findings").iter().map(|finding| &finding["code"])),
        "explanation": push["explanation"],
    })
}

/// The caller of a push without the session is its name without it.
fn assert_who(push: &Value, row: &Value) {
    let name = push["identity"]["name"].as_str().expect("a name");
    let who = row["who"].as_str().expect("a name");
    match row["session_name"].as_str() {
        Some(session) if name != who => assert_eq!(name, format!("{who}, session {session}")),
        // A user of IAM Identity Center is named by the session.
        Some(session) => assert!(name.contains(session), "{name}"),
        None => assert_eq!(name, who),
    }
}

#[test]
fn brief_objects_hold_the_facts_of_the_whole_report() {
    let mut seen = BTreeSet::new();
    everywhere(|reconstruction| {
        let whole = parse(&draw(reconstruction, "json"));
        let brief_report = parse(&in_brief(reconstruction, "json", 80));
        renderers::check(&brief_report, "");
        assert_eq!(brief_report["summary"], whole["summary"]);
        assert_eq!(brief_report["selection"], whole["selection"]);
        for key in ["files", "records", "first", "last", "pruned"] {
            assert_eq!(brief_report["coverage"][key], whole["coverage"][key]);
        }
        let (pushes, rows) = (array(&whole, "sessions"), array(&brief_report, "pushes"));
        assert_eq!(pushes.len(), rows.len());
        for (push, row) in pushes.iter().zip(rows) {
            assert_who(push, row);
            let mut expected = brief(push, row);
            if expected["attention"] == "none" {
                expected["explanation"] = Value::Null;
            }
            let program = expected["program"].as_str();
            expected["program"] = json!(program.and_then(|text| text.split(' ').next()));
            assert_eq!(*row, expected);
            for key in ["status", "attention", "source_ip_by", "confidence"] {
                seen.insert(format!("{key} {}", row[key]));
            }
            if row["cause"] == "nothing-sent" {
                seen.insert("nothing sent".to_owned());
            }
        }
        for (row, finding) in array(&brief_report, "findings")
            .iter()
            .zip(array(&whole, "findings"))
        {
            for key in ["code", "severity", "message", "help"] {
                assert_eq!(row[key], finding[key]);
            }
        }
        assert_eq!(
            array(&brief_report, "findings").len(),
            array(&whole, "findings").len()
        );
    });
    // All words but `proof` for an address: no login is proven to be that of a push.
    assert_eq!(seen.len(), 5 + 4 + 4 + 3 + 1, "{seen:?}");
}

#[test]
fn brief_lines_are_the_objects_of_the_brief_report() {
    everywhere(|reconstruction| {
        let report = parse(&in_brief(reconstruction, "json", 80));
        let lines = in_brief(reconstruction, "jsonl", 80);
        let mut lines: Vec<Value> = lines.lines().map(parse).collect();
        let mut kinds = Vec::new();
        for line in &mut lines {
            let fields = line.as_object_mut().expect("an object");
            kinds.push(fields.shift_remove("type").expect("a type"));
        }
        let last = lines.last_mut().and_then(Value::as_object_mut);
        let mut last = last.expect("the coverage").clone();
        assert_eq!(last.shift_remove("schema"), Some(json!(SUMMARY_SCHEMA)));
        for key in ["summary", "selection"] {
            assert_eq!(last.shift_remove(key).as_ref(), Some(&report[key]));
        }
        assert_eq!(report["coverage"], Value::Object(last));
        let (pushes, findings) = (array(&report, "pushes"), array(&report, "findings"));
        assert_eq!(lines[..lines.len() - 1], [pushes, findings].concat());
        let expected = [
            vec!["push"; pushes.len()],
            vec!["finding"; findings.len()],
            vec!["coverage"],
        ];
        assert_eq!(kinds, expected.concat());
    });
}

/// A value as the table of pushes has it, without the guard.
fn cell(column: &str, push: &Value) -> String {
    let marked = |mark: &str, value| text(&marked(mark, value));
    let list = |key: &str, mark: &str| {
        let items = array(push, key).iter();
        let items = items.map(|item| marked(mark, item));
        items.collect::<Vec<_>>().join(" ")
    };
    let repository = format!("{}:", text(&push["repository"]));
    match column {
        "push" => marked("p", &push["id"]),
        "made_good_by" => marked("p", &push[column]),
        "registry" | "account" => marked("aws-", &push[column]),
        "image" if array(push, "tags").is_empty() => list("refused_tags", &repository),
        "image" => list("tags", &repository),
        "refused_tags" => list(column, &repository),
        "findings" => list(column, ""),
        "user_agent" => text(&push["program"]),
        same => text(push.get(same).expect("a key of that name")),
    }
}

#[test]
fn the_table_of_pushes_holds_the_facts_in_the_order_of_the_text() {
    let mut n_rows = 0;
    everywhere(|reconstruction| {
        let whole = parse(&draw(reconstruction, "json"));
        let objects = parse(&in_brief(reconstruction, "json", 80));
        let pairs = array(&whole, "sessions").iter();
        let pairs = pairs.zip(array(&objects, "pushes"));
        let pushes: Vec<Value> = pairs.map(|(push, row)| brief(push, row)).collect();
        let text = in_brief(reconstruction, "csv", 80);
        assert_runs_nothing(&text);
        let table = records(&text);
        let (header, rows) = table.split_first().expect("a header");
        assert_eq!(rows.len(), pushes.len());
        for row in rows {
            let push = pushes
                .iter()
                .find(|push| cell("push", push) == row[0])
                .expect("a push of that id");
            for (column, shown) in header.iter().zip(row) {
                assert_eq!(unguarded(shown), cell(column, push), "column {column}");
                let is_marked = MARKED.contains(&&**column);
                assert!(!is_marked || !shown.starts_with('\''), "{column}: {shown}");
                let is_number = shown.parse::<f64>().is_ok();
                assert_eq!(is_number, NUMBERS.contains(&&**column), "{column}: {shown}");
            }
            n_rows += 1;
        }
        let list = in_brief(reconstruction, "text", 1_000);
        let lines = list.lines().skip_while(|line| !line.starts_with("status"));
        let ids = lines.skip(1).map(|line| line.split_whitespace().nth(1));
        let ids: Vec<String> = ids.map(|id| format!("p{}", id.unwrap_or(""))).collect();
        let first: Vec<&str> = rows.iter().map(|row| &*row[0]).collect();
        assert_eq!(first, ids);
    });
    assert!(n_rows > 200, "{n_rows}");
}

#[test]
fn the_header_of_pushes_stays_as_it_is() {
    assert_eq!(
        in_brief(&fixture::empty(), "csv", 80),
        "push,status,attention,cause,made_good_by,first,last,duration_s,uploaded_bytes,service,\
         registry,region,repository,image,refused_tags,digest,what,who,session_name,account,\
         source_ip,source_ip_by,user_agent,confidence,integrity,findings,explanation\r\n"
    );
}

#[test]
fn the_sample_in_brief_fits_twenty_kilobytes() {
    let sample = in_brief(&read(project("testdata/sample")), "json", 80);
    assert_eq!(array(&parse(&sample), "pushes").len(), 25);
    assert!(sample.len() <= 20_000, "{} bytes", sample.len());
}

#[test]
fn coverage_in_brief_lists_six_holes_and_counts_the_rest() {
    let mut reconstruction = fixture::reconstruction();
    let (_, span) = reconstruction
        .coverage
        .spans
        .iter_mut()
        .find(|(_, span)| !span.holes.is_empty())
        .expect("the fixture has a hole");
    span.holes = vec![span.holes[0]; 9];
    let whole = parse(&draw(&reconstruction, "json"));
    let brief = parse(&in_brief(&reconstruction, "json", 80));
    renderers::check(&brief, "");
    let holes = array(&whole["coverage"], "holes");
    assert_eq!(array(&brief["coverage"], "holes"), &holes[..6]);
    assert_eq!(brief["coverage"]["holes_more"], holes.len() - 6);
}

#[test]
fn the_brief_report_of_verified_logs_follows_its_schema() {
    let path = project("testdata/cases/altered-log/in");
    let path = path.to_string_lossy();
    let report = |more: &[&str]| {
        let args = [&*path, "--verify", "--format", "json"];
        parse(&run(args.iter().chain(more).copied()).stdout)
    };
    let (whole, brief) = (report(&[]), report(&["--summary"]));
    renderers::check(&brief, "");
    let log_files = &brief["coverage"]["log_files"];
    assert_eq!(*log_files, whole["coverage"]["verification"]["log_files"]);
    assert!(log_files["altered"].as_u64() > Some(0), "{log_files}");
    let integrity: Vec<&Value> = array(&brief, "pushes")
        .iter()
        .map(|push| &push["integrity"])
        .collect();
    assert!(
        integrity.iter().all(|basis| basis.is_string()),
        "{integrity:?}"
    );
}

#[test]
fn every_format_draws_a_summary_or_refuses_it() {
    let sample = project("testdata/cases/immutable-tag/in");
    let sample = sample.to_string_lossy();
    let (drawn, refused): (Vec<&Format>, Vec<&Format>) = Format::ALL
        .iter()
        .partition(|format| format.summary == Summary::Drawn);
    assert!(!drawn.is_empty() && !refused.is_empty());
    for format in &drawn {
        let args = [&*sample, "--fail-on", "never", "--format", format.name];
        let whole = run(args);
        let brief = run(args.into_iter().chain(["--summary"]));
        assert_eq!((brief.status, whole.status), (0, 0), "{}", brief.stderr);
        assert!(!brief.stdout.is_empty());
        assert_ne!(brief.stdout, whole.stdout, "{}", format.name);
    }
    for format in refused {
        let brief = run([&*sample, "--summary", "--format", format.name]);
        assert_eq!((brief.status, &*brief.stdout), (2, ""), "{}", format.name);
        for format in &drawn {
            let name = format!("`{}`", format.name);
            assert!(brief.stderr.contains(&name), "{}", brief.stderr);
        }
    }
    let help = run(["--help"]).stdout;
    let help = help.split("--summary\n").nth(1).expect("the option");
    let help = help.split("\n\n      --").next().unwrap_or_default();
    for format in drawn {
        assert!(help.contains(format.name), "{help}");
    }
}

#[test]
fn what_is_copied_from_the_table_selects_its_push() {
    let sample = project("testdata/sample");
    let sample = sample.to_string_lossy();
    let table = |more: &[&str]| {
        let args = [
            &*sample,
            "--format",
            "csv",
            "--summary",
            "--fail-on",
            "never",
        ];
        records(&run(args.iter().chain(more).copied()).stdout)
    };
    let all = table(&[]);
    let [header, row, ..] = &*all else {
        panic!("the sample has pushes")
    };
    let cell = |name: &str| {
        let place = header.iter().position(|column| column == name);
        &*row[place.expect("a column")]
    };
    assert_eq!(
        table(&["--push", cell("push")]),
        [header.clone(), row.clone()]
    );
    let start = &cell("push")[..7];
    assert_eq!(table(&["--push", start]), [header.clone(), row.clone()]);
    assert_eq!(table(&["--account", cell("registry")]), all);
    let others = format!("!{}", cell("push"));
    assert_eq!(table(&["--push", &others]).len(), all.len() - 1);
}
