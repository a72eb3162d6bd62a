//! Selection: a filter chooses from the report and changes nothing in it, and what it leaves unread is not missed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde_json::Value;

use crate::laws::without_places;
use crate::support::logs::Logs;
use crate::support::run::{project, run};
use crate::support::script::Files;
use crate::support::script::damage::decoded;
use crate::support::simulate::clock::{BEGIN, HOUR, format};
use crate::support::simulate::random::Random;
use crate::support::simulate::scenario::scenario;
use crate::support::simulate::simulate;
use crate::support::simulate::trail::gzip;

fn world(name: &str, seed: u64) -> Files {
    simulate(scenario(name).expect("a scenario of that name"), seed).files
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("a report is JSON")
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("")
}

/// Options and values, as typed.
type Typed = Vec<(&'static str, String)>;

/// Whether `pattern`, with `*` for any text, fits the whole of `text`.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|left| {
            let mut ends = left.char_indices().map(|(at, _)| at).chain([left.len()]);
            ends.any(|at| fits(rest, &left[at..]))
        }),
    }
}

/// The events of a push but for the login.
fn own_events(push: &Value) -> impl Iterator<Item = &Value> {
    list(push, "events")
        .iter()
        .filter(|event| event["shared"] != Value::Bool(true))
}

/// What the report shows of a push where an option looks, by `docs/selection.md`.
fn shown(push: &Value, option: &str) -> Vec<String> {
    let identity = &push["identity"];
    let one = |value: &Value| value.as_str().map(str::to_owned);
    let digests = |rows: &[Value]| -> Vec<String> {
        let rows = rows.iter();
        rows.filter_map(|row| one(&row["digest"])).collect()
    };
    match option {
        "--account" => [&push["registry"], &identity["account"]]
            .into_iter()
            .filter_map(one)
            .collect(),
        "--region" => one(&push["region"]).into_iter().collect(),
        "--repository" => one(&push["repository"]).into_iter().collect(),
        "--status" => one(&push["status"]).into_iter().collect(),
        "--finding" => {
            let findings = list(push, "findings").iter();
            findings
                .filter_map(|finding| one(&finding["code"]))
                .collect()
        }
        "--client" | "--address" => {
            let field = match option {
                "--client" => "user_agent",
                _ => "source_ip",
            };
            let events = list(push, "events").iter();
            let shown = events.filter_map(|event| one(&event[field]));
            // The front of the registry shows a marker where its own address would stand.
            let is_shown = |text: &String| field != "source_ip" || text.parse::<IpAddr>().is_ok();
            shown.filter(is_shown).collect()
        }
        "--identity" => {
            let mut names: Vec<String> = ["name", "arn", "principal_id"]
                .into_iter()
                .filter_map(|field| one(&identity[field]))
                .collect();
            let keys = list(push, "credentials").iter();
            names.extend(keys.filter_map(|key| one(&key["access_key_id"])));
            let words: Vec<String> = names
                .iter()
                .flat_map(|name| name.split(['/', ' ', ',', ':']))
                .map(str::to_owned)
                .collect();
            names.extend(words);
            names
        }
        "--tag" => own_events(push)
            .filter_map(|event| one(&event["tag"]))
            .collect(),
        "--digest" => {
            let mut all = digests(list(push, "manifests"));
            all.extend(digests(list(push, "layers")));
            for event in own_events(push) {
                all.extend(list(event, "digests").iter().filter_map(one));
            }
            all
        }
        _ => Vec::new(),
    }
}

/// Whether a push meets everything that was typed, by what the report shows of it.
fn is_met(push: &Value, typed: &Typed) -> bool {
    let options: BTreeSet<&str> = typed.iter().map(|(option, _)| *option).collect();
    let values = |option: &str| {
        let of = typed.iter().filter(move |(of, _)| *of == option);
        of.map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    options.into_iter().all(|option| match option {
        "--since" | "--until" => own_events(push).any(|event| {
            let time = text(event, "time");
            values("--since").iter().all(|since| since.as_str() <= time)
                && values("--until").iter().all(|until| time < until.as_str())
        }),
        "--image" => values("--image")
            .iter()
            .any(|image| own_events(push).any(|event| puts(push, event, image))),
        "--push" => values("--push")
            .iter()
            .any(|digits| text(push, "id").starts_with(digits)),
        _ => {
            let shown = shown(push, option);
            let mut values = values(option).into_iter();
            values.any(|pattern| shown.iter().any(|text| fits(&pattern, text)))
        }
    })
}

/// The references of a `PutImage`: by tag and by digest.
fn references(push: &Value, event: &Value) -> Vec<String> {
    let name = text(push, "repository");
    let place = match text(push, "service") {
        "ecr-public" => format!("public.ecr.aws/{}/{name}", text(push, "registry")),
        _ => format!(
            "{}.dkr.ecr.{}.amazonaws.com/{name}",
            text(push, "registry"),
            text(push, "region")
        ),
    };
    let tag = event["tag"].as_str().map(|tag| format!("{place}:{tag}"));
    let digest = event["digest"].as_str();
    let digest = digest.map(|digest| format!("{place}@{digest}"));
    tag.into_iter().chain(digest).collect()
}

fn puts(push: &Value, event: &Value, image: &str) -> bool {
    text(event, "action") == "PutImage"
        && references(push, event)
            .iter()
            .any(|reference| reference == image)
}

/// Some options whose values occur in the report, each so that it selects something by itself.
fn random_filter(random: &mut Random, report: &Value) -> Typed {
    let pushes = list(report, "sessions");
    let mut typed = Typed::new();
    // Of one push, so that together they may select something too.
    let push = random.pick(pushes);
    for _ in 0..=random.index(3) {
        let options = [
            "--since",
            "--until",
            "--account",
            "--region",
            "--repository",
            "--identity",
            "--tag",
            "--digest",
            "--status",
            "--address",
            "--client",
            "--finding",
            "--image",
            "--push",
        ];
        let option = *random.pick(&options);
        let source = if random.percent(30) {
            random.pick(pushes)
        } else {
            push
        };
        let value = match option {
            // Given once each, and never the wrong way round.
            "--since" if !typed.iter().any(|(of, _)| *of == "--since") => {
                text(source, "first").to_owned()
            }
            "--until" if typed.is_empty() => text(source, "last").to_owned(),
            "--since" | "--until" => continue,
            "--image" => {
                let puts = own_events(source).filter(|event| text(event, "action") == "PutImage");
                let all: Vec<String> = puts.flat_map(|put| references(source, put)).collect();
                if all.is_empty() {
                    continue;
                }
                random.pick(&all).clone()
            }
            "--push" => text(source, "id")[..6 + random.index(7)].to_owned(),
            _ => {
                let shown = shown(source, option);
                let shown: Vec<&String> = shown.iter().filter(|text| text.len() > 2).collect();
                if shown.is_empty() {
                    continue;
                }
                let text = (*random.pick(&shown)).clone();
                // A part of a name that the program knows whole is no value of its own.
                let is_word = option == "--identity" && !text.contains([' ', ':', '/']);
                match random.index(if is_word { 1 } else { 4 }) {
                    0 if is_word => format!("*{text}*"),
                    0 | 1 => text,
                    2 => format!("{}*", &text[..text.len() / 2]),
                    _ => format!("*{}", &text[text.len() / 2..]),
                }
            }
        };
        if option == "--since"
            && typed
                .iter()
                .any(|(of, until)| *of == "--until" && *until <= value)
        {
            continue;
        }
        typed.push((option, value));
    }
    typed
}

/// The blocks of a text report by the push that they are of.
fn blocks(report: &str) -> BTreeMap<&str, String> {
    let mut blocks = BTreeMap::new();
    let mut open: Option<&str> = None;
    for line in report.lines() {
        let is_title = line.starts_with(|letter: char| letter.is_ascii_uppercase());
        match line.rsplit_once("  push ") {
            Some((_, id)) if is_title => open = Some(id),
            Some(_) | None
                if is_title || line.contains(" to no push") || line.starts_with("about ") =>
            {
                open = None;
            }
            Some(_) | None => {}
        }
        if let Some(id) = open {
            let block: &mut String = blocks.entry(id).or_default();
            block.push_str(line);
            block.push('\n');
        }
    }
    for block in blocks.values_mut() {
        block.truncate(block.trim_end().len());
    }
    blocks
}

#[test]
fn filtering_the_report_is_reporting_the_filtered() {
    let (mut n_some, mut n_none, mut n_findings) = (0, 0, 0);
    let mut options = BTreeSet::new();
    for (name, seed) in [
        ("mixed", 31),
        ("cross-account", 32),
        ("ecr-public", 33),
        ("missing-hour", 34),
    ] {
        let logs = Logs::new(&world(name, seed));
        let whole = json(&logs.output(&["--format", "json"]));
        let whole_text = logs.output(&["--verbose"]);
        let whole_blocks = blocks(&whole_text);
        assert_eq!(whole_blocks.len(), list(&whole, "sessions").len());
        let mut random = Random::new(seed);
        for _ in 0..14 {
            let typed = random_filter(&mut random, &whole);
            if typed.is_empty() {
                continue;
            }
            let flags: Vec<&str> = typed
                .iter()
                .flat_map(|(option, value)| [*option, value.as_str()])
                .collect();
            let expected: Vec<&Value> = list(&whole, "sessions")
                .iter()
                .filter(|push| is_met(push, &typed))
                .collect();
            let run = logs.run(&[&["--format", "json", "--fail-on", "warning"], &*flags].concat());
            let found = json(&run.stdout);
            let ids = |pushes: &[&Value]| -> Vec<String> {
                pushes
                    .iter()
                    .map(|push| text(push, "id").to_owned())
                    .collect()
            };
            let sessions: Vec<&Value> = list(&found, "sessions").iter().collect();
            assert_eq!(ids(&sessions), ids(&expected), "{name}: {typed:?}");
            assert_eq!(sessions, expected, "{name}: {typed:?}");
            let told = list(&found, "history").iter();
            let told: BTreeSet<&str> = told
                .flat_map(|history| list(history, "entries"))
                // What signs an image is told of, whatever its push.
                .filter(|entry| entry["kind"] != "signed")
                .filter_map(|entry| entry["session"].as_str())
                .collect();
            let by_image = typed.iter().any(|(option, _)| *option == "--image");
            let of_pushes = expected.iter().filter(|_| by_image);
            let of_pushes: BTreeSet<&str> = of_pushes.map(|push| text(push, "id")).collect();
            assert_eq!(told, of_pushes, "{name}: {typed:?}");
            for field in ["coverage", "problems"] {
                assert_eq!(found[field], whole[field], "{name}: {field} {typed:?}");
            }
            let is_asked = |finding: &&Value| {
                matches!(text(finding, "code"), "period-not-covered" | "not-in-log")
            };
            let of_log: Vec<&Value> = list(&found, "findings").iter().collect();
            let (asked, of_log): (Vec<&Value>, Vec<&Value>) =
                of_log.into_iter().partition(is_asked);
            let of_whole: Vec<&Value> = list(&whole, "findings").iter().collect();
            assert_eq!(of_log, of_whole, "{name}: {typed:?}");
            // A hole counts, by itself or as one of the period, account or region asked for.
            let asks_for_coverage = typed.iter().any(|(option, _)| {
                matches!(*option, "--since" | "--until" | "--account" | "--region")
            });
            let has_hole = of_log.iter().any(|finding| finding["code"] == "log-hole");
            let is_warned = expected.iter().any(|push| {
                let mut findings = list(push, "findings").iter();
                findings.any(|finding| text(finding, "severity") != "note")
            });
            let is_warned = is_warned || !asked.is_empty() || (has_hole && !asks_for_coverage);
            assert_eq!(run.status, u8::from(is_warned), "{name}: {typed:?}");
            n_findings += usize::from(is_warned);

            let lines = logs.output(&[&["--format", "jsonl"], &*flags].concat());
            let of_lines: Vec<String> = lines
                .lines()
                .map(json)
                .filter(|line| text(line, "type") == "session")
                .map(|push| text(&push, "id").to_owned())
                .collect();
            assert_eq!(of_lines, ids(&expected), "{name}: {typed:?}");
            let output = logs.output(&[&["--verbose"], &*flags].concat());
            let mut shown = blocks(&output);
            for push in &expected {
                let id = text(push, "id");
                assert_eq!(shown.remove(id).as_ref(), whole_blocks.get(id), "{typed:?}");
            }
            assert_eq!(shown, BTreeMap::new(), "{name}: {typed:?}");
            options.extend(typed.iter().map(|(option, _)| *option));
            match expected.len() {
                0 => n_none += 1,
                _ => n_some += 1,
            }
        }
    }
    assert!(
        n_some > 35 && n_findings > 10,
        "{n_some} {n_none} {n_findings}"
    );
    assert_eq!(options.len(), 14, "{options:?}");
}

/// What to do with the ids of a day's records.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ids {
    Kept,
    New,
}

/// The log files of a world so many days later.
fn days_later(files: &Files, days: i64, ids: Ids) -> Files {
    let logs = files
        .iter()
        .filter(|(path, _)| path.contains("/CloudTrail/"));
    logs.map(|(path, content)| {
        let mut text = String::from_utf8(decoded(content)).expect("records are text");
        let mut path = path.clone();
        // The latest day first, so that none is moved twice.
        for day in (-1..3).rev() {
            for form in ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"] {
                let of = |day: i64| format(BEGIN + day * 24 * HOUR, form);
                text = text.replace(&of(day), &of(day + days));
                path = path.replace(&of(day), &of(day + days));
            }
        }
        if ids == Ids::New {
            for name in ["eventID", "sharedEventID", "requestID", "uploadId"] {
                let marker = format!("\"{name}\":\"");
                text = text.replace(&marker, &format!("{marker}{days}"));
            }
        }
        (path, gzip(&text))
    })
    .collect()
}

/// The same files under names that tell no time.
fn renamed(files: &Files) -> Files {
    let numbered = files.iter().enumerate();
    numbered
        .map(|(number, (_, content))| (format!("{number:05}.json.gz"), content.clone()))
        .collect()
}

/// Reports one day of six, with and without leaving files unread: the pushes of both.
fn pruned_and_whole(files: &Files) -> (Value, Value) {
    let day = |day: i64| format(BEGIN + day * 24 * HOUR, "%Y-%m-%d");
    let (since, until) = (day(2), day(3));
    let args = ["--format", "json", "--since", &since, "--until", &until];
    let pruned = json(&Logs::new(files).output(&args));
    let whole = json(&Logs::new(&renamed(files)).output(&args));
    let n_files =
        |report: &Value, kind: &str| report["coverage"]["files"][kind].as_u64().expect("a count");
    let found = files.len() as u64;
    assert_eq!(
        (n_files(&pruned, "found"), n_files(&whole, "found")),
        (found, found)
    );
    assert!(
        n_files(&pruned, "pruned") * 3 > found,
        "a third is left unread"
    );
    assert_eq!(n_files(&whole, "pruned"), 0);
    (without_places(pruned), without_places(whole))
}

/// What may differ where a push rests on one of an unread day: who put there what it found in place, whose work it
/// did again, where its tag stood before, and how long the log goes on.
const OF_UNREAD_DAYS: [&str; 7] = [
    "explanation",
    "findings",
    "layers",
    "manifests",
    "reason",
    "related",
    "retry_of",
];

/// The fields by which the pushes of two reports differ; they are the same pushes.
fn differing(name: &str, pruned: &Value, whole: &Value, n_same: &mut usize) -> BTreeSet<String> {
    let ids = |report: &Value| -> Vec<String> {
        let pushes = list(report, "sessions").iter();
        pushes
            .map(|push| format!("{} {}", text(push, "first"), text(push, "id")))
            .collect()
    };
    assert_eq!(ids(pruned), ids(whole), "{name}");
    let mut differing = BTreeSet::new();
    for (pruned, whole) in list(pruned, "sessions").iter().zip(list(whole, "sessions")) {
        let fields = pruned.as_object().expect("a push is an object");
        let fields = fields
            .keys()
            .filter(|field| pruned[*field] != whole[*field]);
        let fields: BTreeSet<String> = fields.cloned().collect();
        *n_same += usize::from(fields.is_empty());
        differing.extend(fields);
    }
    differing
}

#[test]
fn files_left_unread_are_not_missed() {
    let (mut n_same, mut fields) = (0, BTreeSet::new());
    for name in ["mixed", "cross-account"] {
        let days = 0..6_i64;
        let files: Files = days
            .flat_map(|day| days_later(&world(name, 100 + day.unsigned_abs()), day, Ids::Kept))
            .collect();
        let (pruned, whole) = pruned_and_whole(&files);
        fields.extend(differing(name, &pruned, &whole, &mut n_same));
    }
    assert!(n_same > 40, "{n_same}");
    // Tags are called alike every day, and their moves are told; so is how long the log goes on.
    let allowed = ["explanation", "findings", "reason"]
        .map(str::to_owned)
        .into();
    assert!(fields.is_subset(&allowed), "{fields:?}");
}

#[test]
fn what_rests_on_unread_days_is_all_that_differs() {
    let (mut n_same, mut fields) = (0, BTreeSet::new());
    for name in ["mixed", "rebuilt"] {
        let world = world(name, 7);
        let days = 0..6_i64;
        let files: Files = days
            .flat_map(|day| days_later(&world, day, Ids::New))
            .collect();
        let (pruned, whole) = pruned_and_whole(&files);
        fields.extend(differing(name, &pruned, &whole, &mut n_same));
    }
    let allowed = OF_UNREAD_DAYS.map(str::to_owned).into();
    assert!(
        n_same > 20 && fields.is_subset(&allowed),
        "{n_same} {fields:?}"
    );
}

#[test]
fn a_caller_is_found_by_who_and_what_stands_behind_it() {
    let path = project("testdata/cases/who-and-where/in");
    let path = path.to_string_lossy();
    for (pattern, n_pushes) in [
        ("jdoe@corp.example", 1),
        ("*@corp.example", 2),
        ("94482488-3041-7026-18f3-be45837cd0e4", 1),
        ("*:user-profile/d-1/jdoe", 1),
        ("codepipeline.amazonaws.com", 2),
        ("*:session/3f1c", 1),
        ("corp.example", 0),
    ] {
        let run = run([&*path, "--format", "json", "--identity", pattern]);
        let report = json(&run.stdout);
        assert_eq!(report["summary"]["pushes"], n_pushes, "{pattern}");
    }
}

/// The ids of the pushes of the sample that some options select.
fn ids_of_sample(options: &[&str]) -> BTreeSet<String> {
    let sample = project("testdata/sample");
    let sample = sample.to_string_lossy();
    let mut typed = vec![&*sample, "--format", "json", "--fail-on", "never"];
    typed.extend(options);
    let report = json(&run(typed).stdout);
    let pushes = list(&report, "sessions").iter();
    pushes.map(|push| text(push, "id").to_owned()).collect()
}

#[test]
fn values_with_commas_between_them_are_values_of_their_own() {
    let both = ids_of_sample(&["--status", "failed,incomplete"]);
    assert_eq!(both.len(), 6);
    let by_two = ids_of_sample(&["--status", "failed", "--status", "incomplete"]);
    assert_eq!(both, by_two);
    assert_eq!(both, ids_of_sample(&["--not-ok"]));
}

#[test]
fn unresolved_are_those_that_did_not_end_well_and_that_no_later_run_made_good() {
    let sample = project("testdata/sample");
    let text = run([&*sample.to_string_lossy(), "--unresolved"]).stdout;
    let unresolved = ids_of_sample(&["--unresolved"]);
    assert_eq!(unresolved.len(), 4, "{text}");
    assert!(unresolved.is_subset(&ids_of_sample(&["--not-ok"])));
    assert!(text.contains("  filter   --unresolved\n"), "{text}");
    assert!(
        text.contains("4 pushes did not end well: 4 unresolved\n"),
        "{text}"
    );
    let both = ids_of_sample(&["--unresolved", "--not-ok"]);
    assert_eq!(both, ids_of_sample(&["--not-ok"]));
    // What cannot be known is not resolved.
    let path = project("testdata/cases/log-ends-inside-push/in");
    let report = run([&*path.to_string_lossy(), "--format", "json", "--unresolved"]).stdout;
    let report = json(&report);
    assert_eq!(list(&report, "sessions")[0]["status"], "undetermined");
}

#[test]
fn six_digits_of_an_id_select_its_push_and_fewer_are_refused() {
    let all = ids_of_sample(&[]);
    for id in &all {
        let one = BTreeSet::from([id.clone()]);
        assert_eq!(ids_of_sample(&["--push", &id[..6]]), one);
        let others = ids_of_sample(&["--push", &format!("!{id}")]);
        assert_eq!(&others | &one, all);
    }
    let run = run(["--push", "12345", "testdata/sample"]);
    let text = "\
error: invalid value `12345` for `--push`: expected the 12 hexadecimal digits of a push, or its \
first six or more

Usage: reconstruct [OPTIONS] <PATH>...

For more information, try '--help'.
";
    assert_eq!(run.stderr, text);
}

#[test]
fn a_refused_tag_beside_an_accepted_one_did_not_end_well() {
    let path = project("testdata/cases/second-tag-refused/in");
    let path = path.to_string_lossy();
    let report = json(&run([&*path, "--format", "json", "--not-ok"]).stdout);
    let pushes = list(&report, "sessions").iter();
    let found: Vec<_> = pushes
        .map(|push| {
            let errors = list(push, "findings").iter();
            let errors = errors.filter(|finding| text(finding, "severity") == "error");
            (
                text(push, "repository"),
                text(push, "status"),
                errors.count(),
            )
        })
        .collect();
    let complete = |name| (name, "complete", 1);
    assert_eq!(found, ["team/app", "team/web", "team/old"].map(complete));
}

#[test]
fn what_is_excluded_and_what_is_left_are_all_there_is() {
    let all = ids_of_sample(&[]);
    let roles = ids_of_sample(&["--identity", "role *"]);
    let others = ids_of_sample(&["--identity", "!role *"]);
    assert!(!roles.is_empty() && !others.is_empty());
    assert!(roles.is_disjoint(&others));
    assert_eq!(&roles | &others, all);
    let neither = ["--identity", "!role *", "--identity", "!user maria"];
    assert!(ids_of_sample(&neither).is_subset(&others));
}

#[test]
fn a_network_selects_its_addresses() {
    let whole = ids_of_sample(&["--address", "198.51.100.0/24"]);
    assert_eq!(whole, ids_of_sample(&["--address", "198.51.100.*"]));
    assert!(whole.is_superset(&ids_of_sample(&["--address", "198.51.100.96"])));
    assert_eq!(ids_of_sample(&["--address", "2001:db8::/32"]).len(), 0);
}

#[test]
fn a_push_that_sent_nothing_is_not_among_those_that_did_not_end_well() {
    let logs = Logs::new(&world("stray-initiates", 1));
    let pushes = |options: &[&str]| {
        let mut typed = vec!["--format", "json"];
        typed.extend(options);
        list(&json(&logs.output(&typed)), "sessions").len()
    };
    let n_sent_nothing = pushes(&["--status", "nothing-sent"]);
    assert!(n_sent_nothing > 0);
    let n_incomplete = pushes(&["--status", "incomplete"]);
    let n_ended_otherwise = pushes(&["--status", "failed,undetermined"]);
    assert_eq!(
        n_incomplete + n_ended_otherwise,
        n_sent_nothing + pushes(&["--not-ok"])
    );
}
