//! Secrets planted in every text of every kind of record, in many spellings, and looked for in all that
//! the program writes.
//!
//! In: records of every kind that is read, as `testdata` and AWS's documents have them. Out: the places
//! and spellings whose secret came through.

mod kinds;
mod secret;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use reconstruct::render::{Format, Summary};
use serde_json::{Value, json};

use crate::support::logs::Logs;
use crate::support::run::{Run, run};
use crate::support::script::Files;
use secret::{SPELLINGS, Secret, found};

/// What a record needs in order to be read at all; elsewhere every text is planted at once.
const NEEDED: [&str; 4] = ["/eventSource", "/eventName", "/eventTime", "/eventType"];

/// An image of the records.
const IMAGE: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:v1";

/// Where and how each secret was planted, by its number.
#[derive(Default)]
struct Planted(Vec<String>);

impl Planted {
    fn next(&mut self, place: &str, spelling: usize) -> Secret {
        self.0.push(format!("{place} in spelling {spelling}"));
        Secret(self.0.len() - 1)
    }

    /// The places of the secrets that stand in what was written.
    fn told(&self, run: &Run) -> BTreeSet<&str> {
        let numbers = found(&run.stdout).into_iter().chain(found(&run.stderr));
        let place = |number: usize| self.0.get(number).map_or("(unknown)", String::as_str);
        numbers.map(place).collect()
    }
}

/// A record's texts by their JSON pointers; a manifest is still the object that it is a text of.
fn texts(value: &Value, at: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                texts(value, &format!("{at}/{name}"), out);
            }
        }
        Value::Array(items) => {
            for (place, value) in items.iter().enumerate() {
                texts(value, &format!("{at}/{place}"), out);
            }
        }
        Value::String(_) => out.push(at.to_owned()),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Plants a secret in one text of a record.
fn plant(record: &mut Value, pointer: &str, secret: &Secret, spelling: usize) {
    let text = record.pointer_mut(pointer).expect("a pointer of it");
    let spelt = secret.spelt(spelling, text.as_str().unwrap_or_default());
    *text = json!(spelt);
}

/// Makes manifests and policies the texts that they are.
fn folded(record: &mut Value) {
    for pointer in [
        "/requestParameters/imageManifest",
        "/responseElements/image/imageManifest",
        "/requestParameters/policyText",
    ] {
        if let Some(manifest) = record.pointer_mut(pointer).filter(|it| it.is_object()) {
            *manifest = json!(manifest.to_string());
        }
    }
}

/// Gives a record times and ids of its own.
fn numbered(record: &mut Value, number: usize) {
    let (hour, minute, second) = (number / 3_600 % 24, number / 60 % 60, number % 60);
    record["eventTime"] = json!(format!("2024-03-04T{hour:02}:{minute:02}:{second:02}Z"));
    // One id of two records would make them one call.
    for (id, begin) in [("eventID", "00000000"), ("sharedEventID", "11111111")] {
        record[id] = json!(format!("{begin}-0000-4000-8000-{number:012x}"));
    }
}

/// Every kind of record, with secrets: all texts at once in each spelling, and each text alone.
fn records(planted: &mut Planted) -> Vec<Value> {
    let mut records = Vec::new();
    for (kind, (name, record)) in kinds::kinds().into_iter().enumerate() {
        let mut pointers = Vec::new();
        texts(&record, "", &mut pointers);
        for spelling in 0..SPELLINGS {
            let mut all = record.clone();
            numbered(&mut all, records.len());
            for pointer in &pointers {
                let is_digest = |text: &str| text.starts_with("sha256:");
                let old = all.pointer(pointer).and_then(Value::as_str);
                if NEEDED.contains(&&**pointer) || old.is_some_and(is_digest) {
                    continue;
                }
                let secret = planted.next(&format!("{name}{pointer} among all"), spelling);
                plant(&mut all, pointer, &secret, spelling);
            }
            records.push(all);
        }
        for (place, pointer) in pointers.iter().enumerate() {
            let spelling = (kind + place) % SPELLINGS;
            let mut one = record.clone();
            numbered(&mut one, records.len());
            let secret = planted.next(&format!("{name}{pointer}"), spelling);
            plant(&mut one, pointer, &secret, spelling);
            records.push(one);
        }
    }
    records.iter_mut().for_each(folded);
    records
}

/// Everything that the program can be asked to write of a log.
fn ways() -> Vec<Vec<&'static str>> {
    let mut ways: Vec<Vec<&str>> = Format::ALL
        .iter()
        .map(|format| vec!["--format", format.name])
        .collect();
    let brief = Format::ALL
        .iter()
        .filter(|format| format.summary == Summary::Drawn);
    ways.extend(brief.map(|format| vec!["--format", format.name, "--summary"]));
    ways.push(vec!["--verbose"]);
    let of = [
        "--history",
        "--repository",
        "team/app",
        "--image",
        IMAGE,
        "--verbose",
    ];
    let able = Format::ALL
        .iter()
        .filter(|format| format.renderer.has_histories());
    ways.extend(able.map(|format| [&["--format", format.name], &of[..]].concat()));
    ways
}

/// The secrets that any way of writing tells.
fn told<'p>(planted: &'p Planted, logs: &Logs, more: &[&str]) -> BTreeSet<&'p str> {
    let mut all = BTreeSet::new();
    for way in ways() {
        let always = ["--redact", "--trace-roles", "--verify"];
        let run = logs.run(&[&way[..], &always, more].concat());
        assert!(!run.stderr.starts_with("error"), "{way:?}: {}", run.stderr);
        all.extend(planted.told(&run));
    }
    all
}

/// Fails with the first of the secrets that were found.
fn none(told: &BTreeSet<&str>, of: usize) {
    let mut list = String::new();
    for place in told.iter().take(200) {
        let _ = writeln!(list, "  {place}");
    }
    assert!(
        told.is_empty(),
        "{} of {of} planted secrets found:\n{list}",
        told.len()
    );
}

#[test]
fn no_secret_of_any_text_of_any_record_is_told() {
    let mut planted = Planted::default();
    let records = records(&mut planted);
    let name = "123456789012_CloudTrail_eu-west-1_20240304T2359Z_0123456789abcdef.json";
    let content = json!({"Records": records}).to_string();
    let logs = Logs::new(&vec![(name.to_owned(), content.into_bytes())]);
    let n = planted.0.len();
    assert!(n > 10_000, "only {n} secrets were planted");
    let shown = logs.run(&["--format", "json", "--trace-roles"]);
    let n_shown = planted.told(&shown).len();
    assert!(n_shown > 2_000, "only {n_shown} secrets are told at all");
    none(&told(&planted, &logs, &[]), n);
}

#[test]
fn no_secret_is_told_by_an_explanation() {
    let mut planted = Planted::default();
    let files: Files = vec![(
        "log.json".to_owned(),
        json!({"Records": records(&mut planted)})
            .to_string()
            .into_bytes(),
    )];
    let logs = Logs::new(&files);
    let report = logs.output(&["--format", "json", "--trace-roles"]);
    let report: Value = serde_json::from_str(&report).expect("a report is JSON");
    let mut ids: Vec<&str> = Vec::new();
    for session in report["sessions"].as_array().expect("sessions") {
        let events = session["events"].as_array().expect("events");
        ids.extend(events.iter().filter_map(|event| event["event_id"].as_str()));
    }
    // Those that are words, and some of the rest: a page costs a reading of the log.
    ids.sort_by_key(|id| id.starts_with("00000000-"));
    ids.dedup();
    let mut all = BTreeSet::new();
    let mut n_pages = 0;
    for id in ids.iter().step_by(ids.len() / 40 + 1) {
        let run = logs.run(&["--redact", "--trace-roles", "--explain", id]);
        n_pages += usize::from(run.status == 0);
        all.extend(planted.told(&run));
    }
    assert!(n_pages > 20, "only {n_pages} pages: {:?}", &ids[..5]);
    none(&all, planted.0.len());
}

#[test]
fn no_secret_of_a_path_is_told() {
    let mut planted = Planted::default();
    let mut files = Files::new();
    let sound = json!({"Records": [kinds::kinds().swap_remove(0).1]}).to_string();
    for spelling in 0..SPELLINGS {
        // A component of a path holds neither `/` nor more than 255 bytes.
        let mut part = |place: &str, old: &str| {
            let secret = planted.next(place, spelling);
            let spelt = secret.spelt(spelling, old).replace('/', "_");
            spelt[..spelt.floor_char_boundary(60)].to_owned()
        };
        for (number, content) in [sound.as_bytes(), b"{\"Records\":[{\"a", b"", b"\x1f\x8b12"]
            .into_iter()
            .enumerate()
        {
            let trail = format!(
                "{}/AWSLogs/{}/CloudTrail/{}/2024/03/04",
                part("prefix", "logs"),
                part("account folder", "123456789012"),
                part("region folder", "eu-west-1"),
            );
            let name = format!(
                "{}_CloudTrail_{}_20240304T0905Z_{}.json",
                part("account", "123456789012"),
                part("region", "eu-west-1"),
                part("unique part", "0123456789abcdef"),
            );
            files.push((format!("{trail}/{name}"), content.to_vec()));
            let name = format!("{number}{}.json.gz", part("name", "file"));
            files.push((name, content.to_vec()));
            let name = format!("{}.json", part("hidden", "file"));
            files.push((format!("x/.{name}"), content.to_vec()));
        }
    }
    let logs = Logs::new(&files);
    none(&told(&planted, &logs, &[]), planted.0.len());
}

#[test]
fn no_secret_of_an_extract_or_table_is_told() {
    let mut planted = Planted::default();
    let mut files = Files::new();
    for spelling in 0..SPELLINGS {
        let mut text = |place: &str, old: &str| {
            let secret = planted.next(place, spelling);
            json!(secret.spelt(spelling, old))
        };
        let kinds = [
            ("empty-file", json!({})),
            ("half-pair", json!({})),
            (
                "unreadable",
                json!({"reason": text("unreadable", "Permission denied (os error 13)")}),
            ),
            (
                "bad-record",
                json!({"reason": text("bad-record", "expected value")}),
            ),
            (
                "bad-table",
                json!({"reason": text("bad-table", "there is no column eventName")}),
            ),
            (
                "bad-coverage",
                json!({"reason": text("bad-coverage", "missing field `files`")}),
            ),
            (
                "undecodable",
                json!({"format": text("undecodable", "gzip"), "kept_bytes": 1}),
            ),
            (
                "bad-field",
                json!({"field": text("field", "requestParameters.uploadId"),
                "expected": text("expected", "a whole number"), "skipped": false}),
            ),
        ];
        let problems = kinds.map(|(code, members)| {
            json!({"file": text(code, "a/b.json"), "record": 1, "byte": 5, "bytes": 2,
                "problem": {code: members},
                "excerpt": {"text": text("excerpt", "{}"), "byte": 0, "bytes": 1}})
        });
        let counts = json!({"read": 1, "without_push_events": 0, "digest": 0, "insight": 0,
            "empty": 0, "hidden": 1, "pruned": 0, "not_cloudtrail": 0, "unreadable": 1});
        let span = [[1_709_542_800, 1_709_546_400]];
        let line = json!({"reconstruct.coverage": {"version": 1, "files": counts,
            "set_aside": [{"why": "hidden", "file": text("set aside", "a/.b.json")}],
            "set_aside_more": 0, "records": {"other": 0, "duplicate": 0, "malformed": 1},
            "skipped": 0, "archives": false,
            "sources": [{"account": text("account of coverage", "123456789012"),
                "region": text("region of coverage", "eu-west-1"), "heard": span, "vouched": span}],
            "digests": [], "names": "", "told": "", "problems": problems}});
        files.push((format!("{spelling}.jsonl"), line.to_string().into_bytes()));
        let wrong = json!({"reconstruct.coverage": {"version": 1, "files": text("in place of counts", "x"),
            text("a member", "x").as_str().unwrap_or_default(): 1}});
        files.push((format!("{spelling}w.jsonl"), wrong.to_string().into_bytes()));
        let cell = |value: &Value| {
            let text = value.as_str().unwrap_or_default();
            format!("\"{}\"", text.replace('"', "\"\""))
        };
        let table = format!(
            "eventtime,eventsource,eventname,{}\n{},ecr.amazonaws.com,PutImage,{}\n",
            cell(&text("a column", "eventid")),
            cell(&text("a time", "2024-03-04T09:05:00Z")),
            cell(&text("a cell", "x")),
        );
        files.push((format!("{spelling}.csv"), table.into_bytes()));
    }
    let logs = Logs::new(&files);
    let shown = logs.run(&["--format", "json"]);
    let n_shown = planted.told(&shown).len();
    assert!(n_shown > 100, "only {n_shown} secrets are told at all");
    none(&told(&planted, &logs, &[]), planted.0.len());
}

#[test]
fn no_secret_that_was_typed_is_told() {
    let mut planted = Planted::default();
    let log = json!({"Records": [kinds::kinds().swap_remove(0).1]}).to_string();
    let logs = Logs::new(&vec![("log.json".to_owned(), log.into_bytes())]);
    let mut all = BTreeSet::new();
    let mut runs = Vec::new();
    for spelling in 0..SPELLINGS {
        for (option, old) in [
            ("--account", "123456789012"),
            ("--region", "eu-west-1"),
            ("--repository", "team/app"),
            ("--identity", "dana"),
            ("--tag", "v1"),
            ("--digest", "sha256:00"),
        ] {
            let secret = planted.next(option, spelling);
            let value = secret.spelt(spelling, old);
            for format in ["text", "json", "html"] {
                let args = [option, value.as_str(), "--redact", "--format", format];
                runs.push(logs.run(&args));
            }
        }
        let secret = planted.next("a path that is not there", spelling);
        let missing = format!("{}/{}", logs.path(), secret.spelt(spelling, "a"));
        runs.push(run([missing.as_str(), "--redact"]));
        runs.push(run([
            "--redact",
            "--public-keys",
            &missing,
            "--verify",
            logs.path(),
        ]));
        runs.push(run(["--redact", "--files-from", &missing]));
        let nowhere = format!("{missing}/{}", secret.spelt(spelling, "a"));
        runs.push(run(["--redact", "--output", &nowhere, logs.path()]));
        let id = secret.spelt(spelling, "00000000");
        runs.push(run(["--redact", logs.path(), "--explain", &id]));
    }
    // A value that an option does not take is told to whoever typed it; nothing is read then.
    let is_usage = |run: &Run| run.stderr.starts_with("error: invalid value");
    assert!(runs.iter().filter(|run| !is_usage(run)).count() > 100);
    for run in runs.iter().filter(|run| !is_usage(run)) {
        all.extend(planted.told(run));
    }
    none(&all, planted.0.len());
}

#[cfg(feature = "aws")]
mod in_a_bucket {
    use super::*;

    use crate::support::bucket::Tree;
    use crate::support::run::run_in;
    use crate::support::s3_server::{Script, Server, reading};

    #[test]
    fn no_secret_of_a_bucket_is_told() {
        let mut planted = Planted::default();
        let secret = planted.next("the bucket", 0);
        let name = secret.word();
        let prefix = planted.next("the prefix", 0).word();
        let log = json!({"Records": [kinds::kinds().swap_remove(0).1]}).to_string();
        let files: Files = vec![
            (format!("{prefix}/a.json"), log.into_bytes()),
            (format!("{prefix}/b.json"), b"{".to_vec()),
        ];
        let server = Server::start(Tree::new(&files, 10), Script::default());
        let surroundings = || reading(&server.url, &[]);
        let address = format!("s3://logs/{prefix}/");
        let absent = format!("s3://{name}/{prefix}/");
        for address in [address, absent] {
            let run = run_in([&*address, "--redact", "--verbose"], surroundings());
            none(&planted.told(&run), 2);
            assert!(!run.stderr.contains("s3://logs"), "{}", run.stderr);
            assert!(!run.stderr.is_empty());
        }
    }
}
