//! Which push a call is of: for every rule of `src/session/own` and the rooms beside it, the smallest script that
//! shows it and the pushes that come out.
//!
//! In: an event script whose times are seconds from the moment that it plays. `Upload aa` stands for the three calls
//! of one upload. `ci`, a role, the repository `app` and records of other services two hours around are always
//! there. Out: one line a push, `REPOSITORY STATUS REASON TAGS: N calls`, in order of their first calls, then what
//! is in no push.
//!
//! Each script is also played later in the day, with other eventIDs, and with its records shuffled over other files.
//! The lines must be the same.

mod claim;
mod cluster;
mod cut;
mod doubt;
mod form;
mod lanes;
mod login;
mod place;
mod status;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::logs::Logs;
use crate::support::run::Run;
use crate::support::script::damage::decoded;
use crate::support::script::{self, Files};
use crate::support::simulate::random::Random;
use crate::support::simulate::trail::gzip;

/// When scripts play, in seconds after midnight, and when they play once more.
const START: i64 = 12 * 3_600 + 30 * 60;
const LATER: i64 = 19 * 3_600 + 59 * 60 + 57;

/// How many times the eventIDs are drawn anew: two calls of a second have changed places then, most likely.
const N_DRAWS: u64 = 3;

/// What a line tells beside status, tags and calls.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Telling {
    /// Nothing.
    Pushes,
    /// How sure the push is, and at which call, by its second from the push's first.
    Confidence,
    /// The second of its login, from the push's first call.
    Login,
    /// Findings that are no notes; and after all pushes those about the log, and the exit status.
    Findings,
}

/// Has a script give these pushes.
#[track_caller]
fn shows(script: &str, expected: &[&str]) {
    assert_eq!(told(script, Telling::Pushes), expected, "{script}");
}

/// Has a script give these pushes, with how sure they are.
#[track_caller]
fn shows_confidence(script: &str, expected: &[&str]) {
    assert_eq!(told(script, Telling::Confidence), expected, "{script}");
}

/// Has a script give these pushes, with their logins.
#[track_caller]
fn shows_login(script: &str, expected: &[&str]) {
    assert_eq!(told(script, Telling::Login), expected, "{script}");
}

/// Has a script give these pushes, with their findings and the exit status.
#[track_caller]
fn shows_findings(script: &str, expected: &[&str]) {
    assert_eq!(told(script, Telling::Findings), expected, "{script}");
}

/// The lines of a script, which are the same whenever it plays, whatever the eventIDs and wherever its records are.
#[track_caller]
fn told(script: &str, telling: Telling) -> Vec<String> {
    let files = play(script, START);
    let told = lines(&files, telling);
    let later = lines(&play(script, LATER), telling);
    assert_eq!(later, told, "played later: {script}");
    for draw in 1..=N_DRAWS {
        let renamed = lines(&with_other_ids(&files, draw), telling);
        assert_eq!(renamed, told, "with other eventIDs, draw {draw}: {script}");
    }
    let shuffled = lines(&shuffled(&files), telling);
    assert_eq!(shuffled, told, "shuffled: {script}");
    told
}

/// The log files of a script that plays at some second of the day.
#[track_caller]
fn play(script: &str, start: i64) -> Files {
    let text = on_the_clock(script, start);
    match script::files(&text) {
        Ok(files) => files,
        Err(fault) => panic!("line {}: {}\n{text}", fault.line, fault.what),
    }
}

/// A script with times of day, and with what is always there.
fn on_the_clock(script: &str, start: i64) -> String {
    let clock = |seconds: &str| {
        let seconds = start + seconds.parse::<i64>().ok()?;
        let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
        Some(format!("{hours:02}:{minutes:02}:{:02}", seconds % 60))
    };
    let mut text = "who ci role\nrepo app\n".to_owned();
    let mut line = |line: &[&str]| {
        text.push_str(&line.join(" "));
        text.push('\n');
    };
    for (number, words) in script.lines().enumerate() {
        let words: Vec<&str> = words.split_whitespace().collect();
        let first = words.first().and_then(|first| clock(first));
        match (words.as_slice(), first) {
            ([_, who, place, "Upload", blob, others @ ..], Some(at)) => {
                let upload = format!("of-{number}");
                let of = [&at, *who, *place];
                line(&[&of[..], &["Initiate", &upload], others].concat());
                line(&[&of[..], &["Part", &upload, "0-999"], others].concat());
                line(&[&of[..], &["Complete", &upload, blob], others].concat());
            }
            ([_, others @ ..], Some(at)) => line(&[&[at.as_str()], others].concat()),
            ([edge @ ("begins" | "ends"), at], None) => {
                line(&[edge, &clock(at).expect("an edge has its second")]);
            }
            (words, _) => line(words),
        }
    }
    let around = ["-7200", "14000"].map(|at| clock(at).expect("a number"));
    let _ = writeln!(text, "noise {} {} 800", around[0], around[1]);
    text
}

fn records(files: &Files) -> Vec<Value> {
    let of_file = |(_, content): &(String, Vec<u8>)| -> Vec<Value> {
        let file: Value = serde_json::from_slice(&decoded(content)).expect("a sound log file");
        file["Records"].as_array().expect("records").clone()
    };
    files.iter().flat_map(of_file).collect()
}

fn file_of(name: String, records: &[Value]) -> (String, Vec<u8>) {
    (name, gzip(&json!({ "Records": records }).to_string()))
}

/// The same records with other eventIDs, so that those of one second stand in another order.
fn with_other_ids(files: &Files, draw: u64) -> Files {
    let mut random = Random::new(draw);
    let mut drawn: BTreeMap<String, String> = BTreeMap::new();
    let mut records = records(files);
    for record in &mut records {
        let id = record["eventID"].as_str().expect("an eventID").to_owned();
        let new = drawn.entry(id).or_insert_with(|| random.uuid());
        record["eventID"] = json!(new);
    }
    vec![file_of("all.json.gz".to_owned(), &records)]
}

/// The same records in another order, in files with other names.
fn shuffled(files: &Files) -> Files {
    let mut records = records(files);
    Random::new(1).shuffle(&mut records);
    let chunks = records.chunks(records.len() / 5 + 1).enumerate();
    let files = chunks.map(|(number, some)| file_of(format!("{}.json.gz", 9 - number), some));
    files.collect()
}

/// What the program says of log files, a line a push.
fn lines(files: &Files, telling: Telling) -> Vec<String> {
    let Run {
        stdout,
        stderr,
        status,
    } = Logs::new(files).run(&["--quiet", "--format", "json"]);
    assert_eq!(stderr, "");
    let report: Value = serde_json::from_str(&stdout).expect("a report is JSON");
    let sessions = list(&report, "sessions").iter();
    let mut pushes: Vec<(&str, String)> = sessions
        .map(|session| (text(session, "first"), push_line(session, telling)))
        .collect();
    // Pushes that begin in one second stand in the order of their ids, which are made from eventIDs.
    pushes.sort();
    let mut lines: Vec<String> = pushes.into_iter().map(|(_, line)| line).collect();
    let mut unplaced: BTreeMap<&str, usize> = BTreeMap::new();
    for event in list(&report, "unplaced") {
        *unplaced.entry(action(event)).or_default() += 1;
    }
    let unplaced = unplaced.into_iter();
    lines.extend(unplaced.map(|(action, n)| format!("unplaced: {n} {action}")));
    if telling == Telling::Findings {
        lines.extend(findings(&report));
        lines.push(format!("exit {status}"));
    }
    lines
}

fn push_line(session: &Value, telling: Telling) -> String {
    let own = list(session, "events").iter();
    let n_own = own.filter(|event| event["shared"] == json!(false)).count();
    let tags = list(&session["image"], "tags").iter();
    let mut tags: Vec<&str> = tags.filter_map(Value::as_str).collect();
    // Tags that were put in one second have no order.
    tags.sort_unstable();
    let words = [
        repository(session),
        text(session, "status"),
        text(&session["reason"], "kind"),
        &tags.join(","),
    ];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let calls = if n_own == 1 { "call" } else { "calls" };
    let mut line = format!("{}: {n_own} {calls}", words.join(" "));
    let more: Vec<String> = match telling {
        Telling::Pushes => Vec::new(),
        Telling::Confidence => vec![sureness(session)],
        Telling::Login => vec![
            match of_id(session, text(&session["authorization"], "event_id")) {
                Some(event) => format!("login {}", event["offset_s"]),
                None => "no login".to_owned(),
            },
        ],
        Telling::Findings => findings(session),
    };
    for more in more {
        let _ = write!(line, ", {more}");
    }
    line
}

fn sureness(session: &Value) -> String {
    let confidence = text(session, "confidence");
    match of_id(session, text(session, "doubt")) {
        Some(event) => format!("{confidence} at {} {}", action(event), event["offset_s"]),
        None => confidence.to_owned(),
    }
}

fn of_id<'a>(session: &'a Value, id: &str) -> Option<&'a Value> {
    let mut events = list(session, "events").iter();
    events.find(|event| text(event, "event_id") == id)
}

/// Findings that are no notes, sorted.
fn findings(of: &Value) -> Vec<String> {
    let rows = list(of, "findings").iter();
    let rows = rows.filter(|row| text(row, "severity") != "note");
    let mut rows: Vec<String> = rows
        .map(|row| format!("{} {}", text(row, "severity"), text(row, "code")))
        .collect();
    rows.sort();
    rows
}

fn repository(row: &Value) -> &str {
    row["repository"].as_str().unwrap_or("-")
}

fn action(event: &Value) -> &str {
    match text(event, "action") {
        "GetAuthorizationToken" => "Login",
        "BatchCheckLayerAvailability" => "Check",
        "InitiateLayerUpload" => "Initiate",
        "UploadLayerPart" => "Part",
        "CompleteLayerUpload" => "Complete",
        other => other,
    }
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("")
}
