//! Comparisons: what is new, gone or changed is so whatever way it is asked, and nothing is claimed that nobody can know.
//!
//! In: simulated worlds and cases. Out: that laws of comparisons hold, and that no text is taken for a base that is none.

use std::fs;

use reconstruct::render::Format;
use serde_json::{Value, json};

use crate::laws::{everywhere, shuffled};
use crate::renderers::check;
use crate::support::folder::Folder;
use crate::support::logs::Logs;
use crate::support::run::{project, run};

/// The lists of a comparison.
const LISTS: [&str; 6] = [
    "pushers",
    "addresses",
    "clients",
    "repositories",
    "failures",
    "medians",
];

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("")
}

fn count(value: &Value, name: &str) -> u64 {
    value[name].as_u64().expect("a count")
}

/// A comparison in JSON, as its schema has it.
fn compare(logs: &Logs, args: &[&str]) -> Value {
    let comparison = json(&logs.output(&[&["--format", "json"], args].concat()));
    check(&comparison, "");
    comparison
}

/// The changes that a comparison tells of, list by list.
fn changes(comparison: &Value) -> Vec<(&'static str, &str)> {
    let of_list = |name| {
        let rows = list(comparison, name).iter();
        rows.map(move |row| (name, row["change"].as_str().unwrap_or("changed")))
    };
    LISTS.into_iter().flat_map(of_list).collect()
}

/// When the pushes of some logs began, in order.
fn begins(logs: &Logs) -> Vec<String> {
    let report = json(&logs.output(&["--format", "json"]));
    let pushes = list(&report, "sessions").iter();
    pushes.map(|push| text(push, "first").to_owned()).collect()
}

#[test]
fn nothing_is_new_to_the_report_of_the_same_logs() {
    let mut n_failures = 0;
    everywhere(|name, files| {
        let logs = Logs::new(&files);
        for format in ["json", "jsonl"] {
            let folder = Folder::new();
            let base = folder.write("base", logs.output(&["--format", format]));
            let comparison = compare(&logs, &["--compare", base.to_str().expect("Unicode")]);
            for (list, change) in changes(&comparison) {
                assert_eq!(
                    (list, change),
                    ("failures", "continuing"),
                    "{name} {format}"
                );
                n_failures += 1;
            }
            let [shared, now, before] = [
                &comparison["shared"],
                &comparison["now"]["pushes"],
                &comparison["base"]["pushes"],
            ];
            assert!(
                shared == now && now == before,
                "{name}: {shared} {now} {before}"
            );
            assert_eq!(
                comparison["base"]["spans"], comparison["now"]["spans"],
                "{name}"
            );
        }
    });
    assert!(n_failures > 5, "{n_failures}");
}

#[test]
fn a_period_and_the_report_of_that_period_give_the_same_rows() {
    let mut n_rows = 0;
    everywhere(|name, files| {
        let logs = Logs::new(&files);
        let begins = begins(&logs);
        let cuts = [(0, 2), (1, 3)].map(|(from, to)| {
            let at = |part: usize| begins[part * (begins.len() - 1) / 4].as_str();
            (at(from), at(to))
        });
        for (since, until) in cuts.into_iter().filter(|(since, until)| since < until) {
            let folder = Folder::new();
            let selected = ["--since", since, "--until", until, "--format", "json"];
            let base = folder.write("base.json", logs.output(&selected));
            let base = base.to_str().expect("Unicode");
            let by_report = compare(&logs, &["--compare", base, "--since", until]);
            let by_period = compare(&logs, &["--compare", &format!("{since}..{until}")]);
            for list in LISTS.into_iter().chain(["pushes", "now"]) {
                assert_eq!(
                    by_report[list], by_period[list],
                    "{name} {since} {until} {list}"
                );
            }
            for field in ["pushes", "complete", "failed", "spans", "since", "until"] {
                let (one, other) = (&by_report["base"][field], &by_period["base"][field]);
                assert_eq!(one, other, "{name} {since} {until} {field}");
            }
            n_rows += changes(&by_period).len();
        }
    });
    assert!(n_rows > 100, "{n_rows}");
}

#[test]
fn every_push_is_on_one_side_alone() {
    everywhere(|name, files| {
        let logs = Logs::new(&files);
        let begins = begins(&logs);
        let (early, late) = (&begins[begins.len() / 3], &begins[begins.len() / 2]);
        let after = format!("..{late}");
        let all = u64::try_from(begins.len()).expect("fits");
        for args in [
            &["--compare", &after][..],
            &["--compare", "..", "--since", late],
            &["--compare", &after, "--since", early],
            &["--compare", "..", "--since", early, "--until", late],
        ] {
            let comparison = compare(&logs, args);
            let [base, now] = ["base", "now"].map(|side| count(&comparison[side], "pushes"));
            assert_eq!(base + now, all, "{name} {args:?}");
            assert_eq!(comparison["shared"], 0, "{name} {args:?}");
            assert!(base > 0 && now > 0, "{name} {args:?}: {base} {now}");
        }
    });
}

#[test]
fn a_push_that_is_named_is_held_against_all_others() {
    let sample = project("testdata/sample");
    let sample = sample.to_string_lossy();
    // One of 15:05 and one of 09:02.
    for (push, base, n_base) in [
        ("bfbc04f5fa0d", "..", 24),
        ("bfbc04f5fa0d", "..2025-03-10T15:00:00Z", 18),
        ("0da9badcb941", "..2025-03-10T15:00:00Z", 17),
    ] {
        let args = [
            &*sample,
            "--quiet",
            "--format",
            "json",
            "--push",
            push,
            "--compare",
            base,
        ];
        let comparison = json(&run(args).stdout);
        let [of_base, of_now] = ["base", "now"].map(|side| count(&comparison[side], "pushes"));
        assert_eq!((of_base, of_now), (n_base, 1), "{push} {base}");
        assert_eq!(list(&comparison, "pushes")[0]["push"], push, "{comparison}");
        let selection = ["base", "now"].map(|side| list(&comparison[side], "selection").len());
        assert_eq!(selection, [0, 1], "{comparison}");
        let mut notices = list(&comparison, "notices").iter();
        assert!(
            !notices.any(|notice| notice["kind"] == "selection"),
            "{comparison}"
        );
    }
}

#[test]
fn neither_threads_nor_the_order_of_records_can_be_seen() {
    everywhere(|name, files| {
        let (plain, shuffled) = shuffled(&files);
        let (plain, shuffled) = (Logs::new(&plain), Logs::new(&shuffled));
        let begins = begins(&plain);
        let base = format!("..{}", begins[begins.len() / 2]);
        for format in ["text", "json"] {
            let args = |jobs| ["--compare", &base, "--format", format, "--jobs", jobs];
            let one = plain.output(&args("1"));
            assert!(one.len() > 500, "{name}: {one}");
            assert_eq!(one, plain.output(&args("8")), "{name}");
            assert_eq!(one, shuffled.output(&args("8")), "{name}");
        }
    });
}

/// A comparison of the case made for it.
fn case(args: &[&str]) -> Value {
    let logs = project("testdata/cases/compared/in");
    let logs = logs.to_str().expect("Unicode");
    let always = [
        logs,
        "--compare",
        "..2026-03-17T12:00:00Z",
        "--format",
        "json",
    ];
    let always = [&always[..], &["--quiet", "--fail-on", "never"]].concat();
    let run = run([&always, args].concat());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let comparison = json(&run.stdout);
    check(&comparison, "");
    comparison
}

#[test]
fn filters_but_the_period_are_those_of_both_sides() {
    let comparison = case(&[
        "--repository",
        "team/web",
        "--identity",
        "role/*,x",
        "--identity",
        "*push*",
    ]);
    for side in ["base", "now"] {
        let selection = &comparison[side]["selection"];
        let expected = json!([
            {"option": "--identity", "values": ["*push*", "role/*,x"]},
            {"option": "--repository", "values": ["team/web"]},
        ]);
        assert_eq!(*selection, expected, "{side}");
    }
    assert_eq!(comparison["base"]["pushes"], 2);
    assert_eq!(comparison["now"]["pushes"], 1);
    assert_eq!(comparison["notices"].as_array().map(Vec::len), Some(0));
    let others = ["team/app", "mallory", "user old"];
    let shown = comparison.to_string();
    assert!(!others.iter().any(|other| shown.contains(other)), "{shown}");
}

#[test]
fn a_base_that_was_selected_otherwise_is_told() {
    let logs = project("testdata/cases/compared/in");
    let logs = logs.to_str().expect("Unicode");
    let base = run([
        logs,
        "--format",
        "json",
        "--repository",
        "team/web",
        "--window",
        "1h",
    ])
    .stdout;
    let folder = Folder::new();
    let base = folder.write("base.json", base);
    let base = base.to_str().expect("Unicode");
    let told = |args: &[&str]| {
        let comparison = run([&[logs, "--compare", base, "--format", "json"], args].concat());
        let comparison = json(&comparison.stdout);
        let notices = list(&comparison, "notices").iter();
        let kinds: Vec<String> = notices.map(|row| text(row, "kind").to_owned()).collect();
        kinds
    };
    assert_eq!(told(&[]), ["selection", "window", "shared"]);
    assert_eq!(
        told(&["--repository", "team/web", "--window", "1h"]),
        ["shared"]
    );
}

#[test]
fn pseudonyms_change_nothing_but_names() {
    let (clear, redacted) = (case(&[]), case(&["--redact"]));
    assert_eq!(changes(&clear).len(), changes(&redacted).len());
    let counted = |comparison: &Value| {
        let rows = LISTS.into_iter().flat_map(|name| list(comparison, name));
        let rows = rows.map(|row| format!("{} {} {}", row["change"], row["base"], row["now"]));
        let mut rows: Vec<String> = rows.collect();
        rows.sort();
        rows
    };
    assert_eq!(counted(&clear), counted(&redacted));
    let shown = redacted.to_string();
    for name in ["mallory", "team/", "nightly", "203.0.113.", "123456789012"] {
        assert!(clear.to_string().contains(name), "{name}");
        assert!(!shown.contains(name), "{name} in {shown}");
    }
}

#[test]
fn formats_without_a_form_for_it_name_those_that_have_one() {
    let sample = project("testdata/sample");
    let sample = sample.to_str().expect("Unicode");
    let mut n_refused = 0;
    for format in Format::ALL {
        let run = run([
            sample,
            "--compare",
            "..2025-03-10T12:00:00Z",
            "--format",
            format.name,
        ]);
        match format.renderer.comparison() {
            Some(_) => assert!(run.status < 2 && run.stdout.len() > 200, "{}", run.stderr),
            None => {
                n_refused += 1;
                assert_eq!(
                    (run.status, run.stdout.as_str()),
                    (2, ""),
                    "{}",
                    format.name
                );
                assert!(
                    run.stderr.contains("one of `text`, `json`, `markdown`"),
                    "{}",
                    run.stderr
                );
            }
        }
    }
    assert!(n_refused > 3, "{n_refused}");
}

/// What a run says that is given this text as its base.
fn refused(base: impl AsRef<[u8]>, args: &[&str]) -> String {
    let folder = Folder::new();
    let base = folder.write("base.json", base);
    let base = base.to_str().expect("Unicode");
    let sample = project("testdata/sample");
    let sample = sample.to_str().expect("Unicode");
    let run = run([&[sample, "--compare", base], args].concat());
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains("base.json`: "), "{}", run.stderr);
    assert!(run.stderr.contains("\n  help: "), "{}", run.stderr);
    run.stderr
}

#[test]
fn what_is_no_base_is_told_with_its_place() {
    let sample = project("testdata/sample");
    let sample = sample.to_str().expect("Unicode");
    let report = run([sample, "--format", "json"]).stdout;
    let lines = run([sample, "--format", "jsonl"]).stdout;
    let redacted = run([sample, "--format", "json", "--redact"]).stdout;
    let with = |from: &str, to: &str| {
        assert!(report.contains(from), "{from}");
        report.replacen(from, to, 1)
    };
    let no_identity = with("\"identity\":{", "\"identity\":null,\"other\":{");
    let deep = "[".repeat(1_000);
    for (base, said) in [
        (report[..report.len() / 2].to_owned(), "EOF while parsing"),
        (lines[..lines.len() / 2].to_owned(), "EOF while parsing"),
        (lines.lines().take(3).collect(), "what it covers"),
        (String::new(), "no schema"),
        ("{}".to_owned(), "no schema"),
        ("[]".to_owned(), "expected a report"),
        ("{\"Records\":[]}".to_owned(), "no schema"),
        (
            with("report/1", "report/2"),
            "its schema is `reconstruct.report/2`",
        ),
        (
            with("report/1", "compare/1"),
            "its schema is `reconstruct.compare/1`",
        ),
        (with("\"coverage\": ", "\"covered\": "), "what it covers"),
        (redacted, "pseudonyms"),
        (
            with("\"status\":\"complete\"", "\"status\":\"done\\u001b[2J\""),
            "push 1: `done\\u{1b}[2J`",
        ),
        (
            with("\"status\":\"complete\",", ""),
            "push 1: it has no `status`",
        ),
        (no_identity, "push 1: it has no `identity`"),
        (with("\"id\":\"", "\"id\":\"x"), "the id of a push"),
        (
            with("\"duration_s\":", "\"duration_s\":1e99,\"x\":"),
            "line ",
        ),
        (
            with("\"from\":\"2025", "\"from\":\"a day in 2025"),
            "an RFC 3339 time",
        ),
        (format!("{{\"x\": {deep}"), "deeper than 200 levels"),
        ("\u{0}".repeat(1_000), "line 1 column 1"),
    ] {
        let told = refused(&base, &[]);
        assert!(told.contains(said), "{said}: {told}");
    }
    refused(b"\xff\xfe{\x00", &[]);
    assert!(refused(&report, &["--max-decoded", "1KiB"]).contains("--max-decoded"));
}

#[test]
fn a_base_is_read_in_any_order_and_form() {
    let logs = project("testdata/cases/compared/in");
    let logs = logs.to_str().expect("Unicode");
    let report = run([logs, "--until", "2026-03-17T12:00:00Z", "--format", "json"]).stdout;
    let Value::Object(members) = json(&report) else {
        panic!("a report is an object")
    };
    let reversed: Value = members
        .into_iter()
        .rev()
        .collect::<serde_json::Map<_, _>>()
        .into();
    let folder = Folder::new();
    let with = |name: &str, base: &str| {
        let base = folder.write(name, base);
        let base = base.to_str().expect("Unicode").to_owned();
        let since = ["--since", "2026-03-17T12:00:00Z", "--format", "json"];
        run([&[logs, "--compare", &base][..], &since].concat()).stdout
    };
    let plain = with("plain.json", &report);
    let pretty = serde_json::to_string_pretty(&reversed).expect("JSON");
    assert!(plain.contains("user mallory"));
    assert_eq!(plain, with("pretty.json", &pretty));
}

#[test]
fn output_never_replaces_the_base() {
    let sample = project("testdata/sample");
    let sample = sample.to_str().expect("Unicode");
    let report = run([sample, "--format", "json"]).stdout;
    let folder = Folder::new();
    let base = folder.write("base.json", &report);
    let name = base.to_str().expect("Unicode");
    let run = run([sample, "--compare", name, "--output", name, "--force"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("is read by this run"), "{}", run.stderr);
    assert_eq!(fs::read_to_string(&base).expect("still there"), report);
}

/// A comparison of the sample with one base, whatever its status, and the text of it.
fn of_sample(base: &str) -> (Value, String) {
    let sample = project("testdata/sample");
    let sample = sample.to_str().expect("Unicode");
    let text = run([sample, "--compare", base]).stdout;
    let comparison = json(&run([sample, "--compare", base, "--format", "json"]).stdout);
    check(&comparison, "");
    (comparison, text)
}

#[test]
fn a_failure_is_gone_only_if_it_was_tried_often_enough_since() {
    let (comparison, text) = of_sample("..2025-03-10T14:00:00Z");
    let failures = list(&comparison, "failures").iter();
    let told: Vec<_> = failures
        .map(|row| {
            (
                row["change"].as_str(),
                row["tried"].as_u64(),
                row["cause"].as_str(),
            )
        })
        .collect();
    let row = |change, tried, cause| (Some(change), Some(tried), Some(cause));
    let expected = [
        row("not-due", 1, "ImageTagAlreadyExistsException"),
        row("not-due", 2, "index-missing"),
        row("not-due", 1, "no-put-image"),
        row("not-due", 1, "upload-abandoned"),
        row("not-tried", 0, "AccessDeniedException"),
        row("not-tried", 0, "LayerPartTooSmallException"),
    ];
    assert_eq!(told, expected);
    assert!(
        text.contains("6 causes, 2 of them not tried again"),
        "{text}"
    );
}

#[test]
fn hosted_builds_do_not_fill_the_list_of_addresses() {
    let (comparison, text) = of_sample("..2025-03-10T14:00:00Z");
    let new = list(&comparison, "addresses").iter();
    let new = new.filter(|row| row["change"] == "new" && row["roaming"] == true);
    let users: Vec<&str> = new
        .map(|row| self::text(&row["pushers"][0], "pusher"))
        .collect();
    assert_eq!(users, ["role github-shop"; 4]);
    assert!(text.contains("roaming     4 of role github-shop"), "{text}");
}

#[test]
fn what_no_log_covers_is_neither_new_nor_gone() {
    for (base, change) in [("..2025-03-01", "unknown"), ("..2026-01-01", "not-covered")] {
        let (comparison, text) = of_sample(base);
        let changes = changes(&comparison);
        assert!(changes.len() > 20, "{base}: {changes:?}");
        assert!(
            changes.iter().all(|(_, other)| *other == change),
            "{base}: {changes:?}"
        );
        assert!(text.contains("nothing can be compared"), "{base}: {text}");
    }
}

#[test]
fn holes_and_lengths_of_both_sides_stand_at_the_head() {
    let logs = project("testdata/cases/log-hole/in");
    let logs = logs.to_str().expect("Unicode");
    for (base, expected) in [
        ("..2026-03-17T16:30:00Z", &["base-empty", "now-holes"][..]),
        (
            "..2026-03-17T19:00:00Z",
            &["now-empty", "base-longer", "base-holes"],
        ),
        (
            "..2026-03-17T15:30:00Z",
            &["base-empty", "base-shorter", "now-holes"],
        ),
    ] {
        let comparison = json(&run([logs, "--compare", base, "--format", "json"]).stdout);
        let notices = list(&comparison, "notices").iter();
        let kinds: Vec<&str> = notices.map(|row| text(row, "kind")).collect();
        assert_eq!(kinds, expected, "{base}");
    }
}

#[test]
fn what_named_pushes_do_not_have_is_not_gone() {
    let logs = project("testdata/cases/compared-one-push/in");
    let logs = logs.to_str().expect("Unicode");
    let with = |args: &[&str]| {
        let run = run([&[logs, "--format", "json", "--compare"], args].concat());
        let comparison = json(&run.stdout);
        check(&comparison, "");
        comparison
    };
    let period = [
        "--since",
        "2026-03-17T15:30:00Z",
        "--until",
        "2026-03-17T15:40:00Z",
    ];
    let by_period = with(&[&[".."], &period[..]].concat());
    let by_name = with(&["..", "--push", "d33bde2e"]);
    assert_eq!(by_name["pushes"], by_period["pushes"]);
    assert_eq!(by_name["base"]["pushes"], by_period["base"]["pushes"]);
    // The push began after the base, or in it: it is the one that is named.
    for base in ["..2026-03-17T12:00:00Z", "2026-03-17T12:00:00Z.."] {
        let comparison = with(&[base, "--push", "d33bde2ef20f"]);
        let named = &comparison["pushes"][0]["push"];
        assert_eq!(
            (named, &comparison["now"]["pushes"]),
            (&json!("d33bde2ef20f"), &json!(1))
        );
        let is_gone = |(_, change): &(&str, &str)| *change == "gone";
        assert_eq!(
            changes(&comparison).into_iter().find(is_gone),
            None,
            "{base}"
        );
    }
    let several = [
        "d33bde2ef20f",
        "3f7a92eb0fc1",
        "4df878073f19",
        "263e00a6e049",
    ]
    .join(",");
    let comparison = with(&["..2026-03-17T12:00:00Z", "--push", &several]);
    assert_eq!(comparison["now"]["pushes"], 4);
    assert_eq!(comparison["pushes"], json!([]));
    let absent = changes(&comparison);
    let absent: Vec<&str> = absent.iter().map(|(_, change)| *change).collect();
    assert!(
        absent.contains(&"not-covered") && !absent.contains(&"gone"),
        "{absent:?}"
    );
}
