//! Redaction: nothing of the original in any format, and everything else as it was.

mod planted;

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::path::Path;

use reconstruct::render::{Format, Summary};
use serde_json::{Value, json};

use crate::laws::without_places;
use crate::support::logs::{Logs, refused_push};
use crate::support::run::{project, run};
use crate::support::script::Files;
use crate::support::script::damage::decoded;
use crate::support::simulate::scenario::scenario;
use crate::support::simulate::simulate;

/// Simulated logs: name and seed.
const WORLDS: [(&str, u64); 3] = [("mixed", 31), ("cross-account", 32), ("parallel-jobs", 33)];

/// Shorter names occur in every report: `v1` is a word of media types.
const SHORTEST: usize = 4;

/// What the program says of its own accord: in texts, findings and the page.
const VOCABULARY: [&str; 5] = [
    "src/event/nature.rs",
    "src/finding",
    "src/render",
    "src/report",
    "src/words.rs",
];

/// The fields of records whose texts name somebody or something.
const NAMING: [&str; 24] = [
    "accessKeyId",
    "accountId",
    "ARN",
    "arn",
    "credentialId",
    "credentialsIssuedTo",
    "identityStoreArn",
    "imageTag",
    "principalId",
    "provider",
    "recipientAccountId",
    "registryId",
    "repositoryName",
    "repositoryUri",
    "signInSessionArn",
    "sourceAccount",
    "sourceArn",
    "sourceIPAddress",
    "sourceIdentity",
    "subjectFromWebIdentityToken",
    "userId",
    "userName",
    "vpcEndpointAccountId",
    "vpcEndpointId",
];

/// The fields of a report that hold names, and may differ.
const TOLD: [&str; 42] = [
    "access_key_id",
    "account",
    "arn",
    "artifact_type",
    "caller",
    "credential_id",
    "ends",
    "error_code",
    "error_message",
    "explanation",
    "file",
    "help",
    "identity_store",
    "image",
    "invoked_by",
    "invoked_by_delegate",
    "issued_to",
    "label",
    "media_type",
    "message",
    "name",
    "principal_id",
    "provider",
    "refused_tags",
    "registry",
    "repository",
    "session",
    "sign_in_session",
    "source_account",
    "source_arn",
    "source_identity",
    "source_ip",
    "subject",
    "tag",
    "tags",
    "user_agent",
    "what",
    "user_id",
    "values",
    "vpc_endpoint_account",
    "vpc_endpoint_id",
    "who",
];

/// Adds the names that a record holds, whole and in their parts.
fn collect(key: &str, value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(key, value)| collect(key, value, names)),
        Value::Array(items) => items.iter().for_each(|item| collect(key, item, names)),
        Value::String(text) if NAMING.contains(&key) => {
            let is_marker = key == "sourceIPAddress" && text.parse::<IpAddr>().is_err();
            let is_derived = key == "imageTag" && text.starts_with("sha256-");
            if text.ends_with(".amazonaws.com") || is_marker || is_derived {
                return;
            }
            names.insert(text.clone());
            match key {
                "principalId" => names.extend(text.split(':').map(str::to_owned)),
                "arn" | "ARN" => names.extend(text.rsplit('/').next().map(str::to_owned)),
                _ => {}
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The words that the program says of its own accord, which a log may use for names too: a tag
/// `latest`, a repository `tools`.
fn vocabulary() -> BTreeSet<String> {
    let mut texts = Files::new();
    for place in VOCABULARY.map(project) {
        match place.is_dir() {
            true => walk(&place, &place, &mut texts),
            false => texts.push((String::new(), fs::read(&place).expect("a file"))),
        }
    }
    let words = texts.iter().flat_map(|(_, text)| {
        let text = String::from_utf8_lossy(text).into_owned();
        let words = text.split(|c: char| !c.is_ascii_lowercase());
        words.map(str::to_owned).collect::<Vec<_>>()
    });
    words.collect()
}

/// The names in the records of pushes, and of roles taken on, that are no word of the program's own.
fn originals(files: &Files) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, content) in files {
        let Ok(file) = serde_json::from_slice::<Value>(&decoded(content)) else {
            continue;
        };
        for record in file["Records"].as_array().into_iter().flatten() {
            let source = record["eventSource"].as_str().unwrap_or_default();
            if source.starts_with("ecr") || source.starts_with("sts") {
                collect("", record, &mut names);
            }
        }
    }
    let own = vocabulary();
    names.retain(|name| name.len() >= SHORTEST && !own.contains(name));
    names
}

/// Whether a name stands in a text as a word by itself.
fn stands(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// Everything that the program can write of a log under pseudonyms.
fn outputs(path: &str) -> Vec<(String, String)> {
    let mut runs: Vec<Vec<&str>> = Format::ALL
        .iter()
        .map(|format| vec!["--format", format.name])
        .collect();
    let brief = Format::ALL
        .iter()
        .filter(|format| format.summary == Summary::Drawn);
    runs.extend(brief.map(|format| vec!["--format", format.name, "--summary"]));
    runs.push(vec!["--verbose"]);
    let texts = runs.into_iter().map(|args| {
        let always = ["--redact", "--trace-roles", path];
        let run = run(args.iter().copied().chain(always));
        (args.join(" "), run.stdout + &run.stderr)
    });
    texts.collect()
}

fn case_folders() -> Vec<(String, Files)> {
    let entries = fs::read_dir(project("testdata/cases")).expect("the cases are there");
    let mut folders: Vec<_> = entries
        .map(|entry| entry.expect("readable").path().join("in"))
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    let read = |path: &Path| {
        let mut files = Files::new();
        walk(path, path, &mut files);
        (path.to_string_lossy().into_owned(), files)
    };
    folders.iter().map(|path| read(path)).collect()
}

fn walk(root: &Path, folder: &Path, files: &mut Files) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            walk(root, &path, files);
            continue;
        }
        let below = path.strip_prefix(root).expect("below the root");
        let name = below.to_string_lossy().into_owned();
        files.push((name, fs::read(&path).expect("a file")));
    }
}

/// Fails where a name is found; tells how many were looked for.
fn nothing_is_left(place: &str, path: &str, files: &Files) -> usize {
    let names = originals(files);
    for (args, output) in outputs(path) {
        let left: Vec<_> = names.iter().filter(|name| stands(&output, name)).collect();
        assert!(left.is_empty(), "{place} {args}: {left:?}");
    }
    names.len()
}

#[test]
fn nothing_of_the_original_is_left_in_any_format() {
    let mut n_names = 0;
    for (path, files) in case_folders() {
        n_names += nothing_is_left(&path, &path, &files);
    }
    assert!(n_names > 500, "only {n_names} names were looked for");
}

#[test]
fn nothing_of_simulated_logs_is_left_in_any_format() {
    for (name, seed) in WORLDS {
        let files = world(name, seed);
        let logs = Logs::new(&files);
        let n_names = nothing_is_left(name, logs.path(), &files);
        assert!(n_names > 50, "{name}: only {n_names} names");
    }
}

fn world(name: &str, seed: u64) -> Files {
    simulate(scenario(name).expect("a scenario of that name"), seed).files
}

/// Compares two reports: only what may hold a name differs, and whatever differs is told apart.
fn same(key: &str, shown: &Value, told: &Value, n_told: &mut usize) {
    match (shown, told) {
        // In order of their names.
        (Value::Array(shown), Value::Array(told))
            if ["spans", "holes", "missing", "there"].contains(&key) =>
        {
            assert_eq!(shown.len(), told.len(), "{key}");
        }
        (Value::Array(shown), Value::Array(told)) => {
            assert_eq!(shown.len(), told.len(), "{key}");
            let pairs = shown.iter().zip(told);
            pairs.for_each(|(shown, told)| same(key, shown, told, n_told));
        }
        (Value::Object(shown), Value::Object(told)) => {
            assert!(shown.keys().eq(told.keys()), "{key}");
            for (key, shown) in shown {
                same(key, shown, &told[key], n_told);
            }
        }
        (_, Value::Null) if key == "excerpt" => {}
        (Value::String(shown), Value::String(told)) if TOLD.contains(&key) => {
            *n_told += usize::from(shown != told);
        }
        _ => assert_eq!(shown, told, "{key}"),
    }
}

#[test]
fn everything_but_names_stays() {
    let mut n_told = 0;
    for (path, _) in case_folders() {
        let report = |more: &[&str]| {
            let args = [path.as_str(), "--format", "json", "--trace-roles"];
            let run = run(args.into_iter().chain(more.iter().copied()));
            let report: Value = serde_json::from_str(&run.stdout).unwrap_or_default();
            (run.status, report)
        };
        let (shown, told) = (report(&[]), report(&["--redact"]));
        assert_eq!(shown.0, told.0, "{path}");
        same("", &shown.1, &told.1, &mut n_told);
    }
    for (name, seed) in WORLDS {
        let logs = Logs::new(&world(name, seed));
        let report = |more: &[&str]| -> Value {
            let args = [&["--format", "json"], more].concat();
            serde_json::from_str(&logs.output(&args)).expect("a report is JSON")
        };
        same("", &report(&[]), &report(&["--redact"]), &mut n_told);
    }
    assert!(n_told > 1_000, "only {n_told} names differ");
}

#[test]
fn pseudonyms_depend_on_neither_files_nor_threads() {
    let files = world("mixed", 34);
    let report = |files: &Files, jobs: &str| {
        let args = ["--format", "json", "--redact", "--jobs", jobs];
        Logs::new(files).output(&args)
    };
    let one = report(&files, "1");
    assert_eq!(one, report(&files, "8"));
    let total = files.len();
    let renamed = files.iter().enumerate().map(|(place, (_, content))| {
        let name = format!("x/{:05}.json.gz", total - place);
        (name, content.clone())
    });
    let other = report(&renamed.collect::<Files>(), "2");
    let parse = |text: &str| {
        let report: Value = serde_json::from_str(text).expect("a report is JSON");
        without_places(report)
    };
    assert_eq!(parse(&one)["sessions"], parse(&other)["sessions"]);
}

#[test]
fn filters_go_by_the_true_names() {
    let path = project("testdata/cases/redacted/in");
    let path = path.to_string_lossy();
    for (option, value, n_pushes) in [("--repository", "team/base", 1), ("--tag", "v9", 0)] {
        let args = [&*path, "--redact", "--format", "json", option, value];
        let run = run(args);
        let report: Value = serde_json::from_str(&run.stdout).expect("a report is JSON");
        assert_eq!(report["summary"]["pushes"], n_pushes, "{option}");
        assert!(
            !stands(&run.stdout, value) && !stands(&run.stderr, value),
            "{option}"
        );
    }
}

#[test]
fn an_explanation_of_an_event_is_redacted_too() {
    let path = project("testdata/cases/redacted/in");
    let path = path.to_string_lossy();
    let report = run([&*path, "--format", "json"]).stdout;
    let report: Value = serde_json::from_str(&report).expect("a report is JSON");
    let event = &report["sessions"][0]["events"][1]["event_id"];
    let event = event.as_str().expect("an id");
    let page = run([&*path, "--redact", "--explain", event]).stdout;
    assert!(
        page.contains("repository-1") && page.contains(event),
        "{page}"
    );
    assert!(!stands(&page, "team/app"), "{page}");
}

#[test]
fn one_name_has_one_pseudonym_wherever_and_however_it_stands() {
    let tag = format!("sha256-{}.sig", "ab".repeat(32));
    let mut record = refused_push(1);
    record["requestParameters"]["imageTag"] = json!(tag);
    record["errorMessage"] =
        json!("DANA may not push SHOP%2F1 of 1234-5678-9012 from ip-198-51-100-7: dana.");
    let name = "dana/123456789012_CloudTrail_eu-west-1_20240304T0105Z_0123456789abcdef.json";
    let files = vec![
        (
            name.to_owned(),
            json!({"Records": [record]}).to_string().into_bytes(),
        ),
        ("dana/Ann.json".to_owned(), b"{\"Records\":[{\"".to_vec()),
    ];
    let run = Logs::new(&files).run(&["--redact", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).expect("a report is JSON");
    let push = &report["sessions"][0];
    assert_eq!(push["repository"], "repository-1");
    assert_eq!(
        push["events"][0]["error_message"],
        "user-1 may not push repository-1 of account-1 from address-1: user-1."
    );
    assert!(run.stdout.contains(&tag), "{}", run.stdout);
    let path = "user-1/account-1_CloudTrail_eu-west-1_20240304T0105Z_file-1.json";
    assert!(run.stdout.contains(path), "{}", run.stdout);
    assert!(run.stderr.contains("user-1/file-2.json"), "{}", run.stderr);
}

#[test]
fn a_run_that_fails_names_nothing_either() {
    for (args, told) in [
        (&["/home/dana/logs"][..], "cannot look at `/name-1`: "),
        (
            &["--files-from", "/home/dana/list"],
            "cannot read the list `/name-1`: ",
        ),
    ] {
        let run = run(["--redact"].into_iter().chain(args.iter().copied()));
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains(told), "{}", run.stderr);
        assert!(!run.stderr.contains("dana"), "{}", run.stderr);
    }
}
