//! The exit status, case by case: every row of the table in `docs/cli.md` is tried here, or names the test
//! that tries it.
//!
//! In: logs in a folder. Out: the status, and the word that tells why.

use std::fs;
use std::io::{self, Write};

use reconstruct::cli::{self, Settings, Streams, Surroundings};
use serde_json::json;

use crate::support::folder::Folder;
use crate::support::logs::{Logs, refused_push};
use crate::support::run::{Run, project, run, run_in};
use crate::support::script;

/// How a row is tried.
enum Try {
    /// By a run; what it has to say on either stream.
    Here(fn() -> Run, &'static str),
    /// By another test, which has this name.
    There(&'static str),
}
use Try::{Here, There};

const TRIES: &[(&str, Try)] = &[
    (
        "no finding at or above",
        Here(|| case(&["--fail-on", "warning"], "complete"), "1 complete"),
    ),
    (
        "hold no push",
        Here(|| of(&[], &quiet_day()), "no push in these logs"),
    ),
    (
        "`--fail-on never`, whatever",
        Here(
            || case(&["--fail-on", "never"], "upload-abandoned"),
            "incomplete",
        ),
    ),
    (
        "warnings alone",
        Here(|| case(&[], "log-ends-inside-push"), "undetermined"),
    ),
    (
        "`--follow` was asked",
        There("state::follow_tells_each_push_once_and_ends_after_the_round"),
    ),
    (
        "`--state` is in use",
        There("state::a_state_is_used_by_one_run_and_refuses_what_is_none"),
    ),
    (
        "a push failed",
        Here(|| case(&[], "upload-abandoned"), "incomplete"),
    ),
    (
        "a login was refused",
        Here(|| case(&["--summary"], "login-refused"), ""),
    ),
    (
        "breaks a rule",
        Here(
            || {
                case(
                    &["--policy", &beside("stolen-key", "policy.toml")],
                    "stolen-key",
                )
            },
            "rule `releases`",
        ),
    ),
    (
        "keeps a rule",
        Here(
            || {
                let policy = beside("policy-undecided", "policy.toml");
                let args = [
                    "--policy",
                    &policy,
                    "--fail-on",
                    "warning",
                    "--finding",
                    "policy-undecided",
                ];
                case(&args, "policy-undecided")
            },
            "cannot be told",
        ),
    ),
    (
        "the policy of `--policy`",
        Here(
            || {
                case(
                    &["--policy", &beside("stolen-key", "case.md")],
                    "stolen-key",
                )
            },
            "cannot be used",
        ),
    ),
    (
        "with `--policy-from`",
        Here(
            || case(&["--policy-from", &beside("unchanged", "in")], "unchanged"),
            "no policy can be made",
        ),
    ),
    (
        "not reach at all",
        Here(
            || case(&["--summary", "--since", "2027-01-01"], "complete"),
            "period-not-covered",
        ),
    ),
    (
        "is altered",
        There("verify::altered_log_counts_under_every_selection"),
    ),
    (
        "listed and absent",
        There("verify::absent_log_counts_under_every_selection"),
    ),
    (
        "with `--list-missing`, a log file",
        Here(|| case(&["--list-missing"], "log-hole"), "s3://"),
    ),
    (
        "no digest file of what was asked for",
        Here(
            || case(&["--list-missing"], "complete"),
            "no digest file in",
        ),
    ),
    (
        "reached in part",
        Here(
            || {
                case(
                    &["--fail-on", "warning", "--since", "2026-03-16"],
                    "complete",
                )
            },
            "period-not-covered",
        ),
    ),
    (
        "occurs nowhere",
        Here(
            || case(&["--fail-on", "warning", "--tag", "v9"], "complete"),
            "not-in-log",
        ),
    ),
    (
        "could not be read or used",
        Here(
            || damaged(&["--fail-on", "warning", "--repository", "team/app"]),
            "damaged-input",
        ),
    ),
    (
        "a hole in the log",
        Here(
            || {
                case(
                    &["--fail-on", "warning", "--status", "complete"],
                    "log-hole",
                )
            },
            "log-hole",
        ),
    ),
    (
        "whose end is not in the log",
        Here(
            || case(&["--fail-on", "warning"], "log-ends-inside-push"),
            "undetermined",
        ),
    ),
    ("a reader of the output that goes", Here(gone_reader, "")),
    ("wrong usage", Here(|| run(["--windo", "15m"]), "--windo")),
    (
        "a path that does not exist",
        Here(|| run(["/no/such/path"]), "/no/such/path"),
    ),
    (
        "a folder without files",
        Here(|| of(&[], &[]), "no log file under"),
    ),
    (
        "the base of `--compare`",
        Here(
            || case(&["--compare", "/no/such/base.json"], "complete"),
            "cannot compare with `/no/such/base.json`",
        ),
    ),
    (
        "all files are empty",
        Here(other_files, "no log could be read from"),
    ),
    (
        "a list of which nothing exists",
        Here(list_of_nothing, "no log could be read from `/no/such/a`"),
    ),
    (
        "before its first record",
        Here(
            || of(&[], &[("a.json", "{\"Records\":[{\"a\"".to_owned())]),
            "no log could be read",
        ),
    ),
    (
        "every object of a bucket",
        There("cloud/s3::refused_objects_are_status_2"),
    ),
    (
        "no room",
        There("faults::no_room_ends_with_status_2_and_leaves_nothing"),
    ),
    (
        "without `--force`",
        There("cli::a_file_is_written_whole_or_not_at_all"),
    ),
    (
        "is a link, a device",
        There("faults::output_replaces_nothing_but_a_regular_file_of_its_own"),
    ),
    (
        "with `--strict`",
        Here(|| damaged(&["--strict"]), "truncated"),
    ),
    ("a defect of its own", Here(defect, "please report")),
    ("interrupted", There("interrupt")),
];

#[test]
fn every_row_of_the_table_holds() {
    let source = project("tests/it");
    let mut untried: Vec<&str> = cli::exit_cases().map(|(_, when)| when).collect();
    for (words, try_it) in TRIES {
        let (status, when) = cli::exit_cases()
            .find(|(_, when)| when.contains(words))
            .unwrap_or_else(|| panic!("no row with {words}"));
        untried.retain(|other| *other != when);
        match try_it {
            Here(make, said) => {
                let run = make();
                let all = format!("{}{}", run.stdout, run.stderr);
                assert_eq!(run.status, status, "{when}: {all}");
                assert!(all.contains(said), "{when}: {all}");
            }
            There(name) => {
                let (file, test) = name.split_once("::").unwrap_or((name, "#[test]"));
                let text = fs::read_to_string(source.join(format!("{file}.rs"))).expect("a test");
                assert!(text.contains(test), "{name}");
            }
        }
    }
    assert_eq!(untried, [""; 0], "rows that nothing tries");
}

/// A run on the logs of a case.
fn case(args: &[&str], name: &str) -> Run {
    let logs = project("testdata/cases").join(name).join("in");
    let logs = logs.to_str().expect("Unicode").to_owned();
    run([&[logs.as_str()], args].concat())
}

/// A file beside the logs of a case.
fn beside(name: &str, file: &str) -> String {
    let path = project("testdata/cases").join(name).join(file);
    path.to_str().expect("Unicode").to_owned()
}

/// A run on files made for it.
fn of(args: &[&str], files: &[(&str, String)]) -> Run {
    let folder = Folder::new();
    for (name, content) in files {
        folder.write(name, content);
    }
    let path = folder.0.to_str().expect("Unicode").to_owned();
    run([&[path.as_str()], args].concat())
}

fn quiet_day() -> Vec<(&'static str, String)> {
    let mut other = refused_push(1);
    other["eventSource"] = json!("s3.amazonaws.com");
    vec![("a.json", json!({"Records": [other]}).to_string())]
}

/// A sound push that completed, and a file beside it that breaks off.
fn damaged(args: &[&str]) -> Run {
    let mut files = script::files(
        "who ci role\nrepo team/app\nnoise 14:10 18:50 200\n\
         16:42:14 ci - GetAuthorizationToken\n16:42:15 ci team/app Initiate u1\n\
         16:42:16 ci team/app Part u1 0-5MiB\n16:42:17 ci team/app Complete u1 aa\n\
         16:42:20 ci team/app PutImage v1 config=aa layers=aa\n",
    )
    .expect("a sound script");
    files.push(("cut.json".to_owned(), b"{\"Records\":[{\"a\"".to_vec()));
    Logs::new(&files).run(args)
}

fn other_files() -> Run {
    let digest = json!({
        "awsAccountId": "123456789012", "digestStartTime": "2026-03-17T15:00:00Z",
        "digestEndTime": "2026-03-17T16:00:00Z", "logFiles": [],
    });
    let files = [
        ("empty.json", String::new()),
        (".hidden.json", "{\"Records\":[]}".to_owned()),
        ("CloudTrail-Digest/d.json", digest.to_string()),
        ("notes.txt", "hello".to_owned()),
    ];
    for file in &files {
        assert_eq!(of(&[], std::slice::from_ref(file)).status, 2, "{}", file.0);
    }
    of(&[], &files)
}

fn list_of_nothing() -> Run {
    let folder = Folder::new();
    let list = folder.write("list", "/no/such/a\n/no/such/b\n");
    run(["--files-from", list.to_str().expect("Unicode")])
}

/// A stream whose reader has gone.
struct Gone;

impl Write for Gone {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A stream that shows what a defect does.
struct Defective;

impl Write for Defective {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        panic!("secret words of a log")
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn run_to(stdout: &mut (dyn Write + Send), args: &[&str]) -> Run {
    let mut stderr = Vec::new();
    let args = ["reconstruct"].iter().chain(args).map(Into::into);
    let streams = Streams {
        stdin: Box::new(io::empty()),
        stdout,
        stderr: &mut stderr,
        surroundings: Surroundings::none(),
    };
    let status = cli::run(args, streams).code();
    Run {
        stdout: String::new(),
        stderr: String::from_utf8(stderr).expect("UTF-8"),
        status,
    }
}

fn gone_reader() -> Run {
    let logs = project("testdata/cases/upload-abandoned/in");
    let logs = logs.to_str().expect("Unicode").to_owned();
    let never = run_to(&mut Gone, &[&logs, "--fail-on", "never"]);
    assert_eq!((never.status, never.stderr.as_str()), (0, ""));
    // An extract has no findings, but problems.
    let folder = Folder::new();
    let cut = "{\"Records\":[".to_owned() + &refused_push(1).to_string();
    let cut = folder.write("a.json", cut);
    let args = [
        "--extract",
        "--strict",
        "--quiet",
        cut.to_str().expect("Unicode"),
    ];
    assert_eq!(run_to(&mut Gone, &args).status, 3);
    run_to(&mut Gone, &[&logs])
}

fn defect() -> Run {
    let logs = project("testdata/cases/complete/in");
    let run = run_to(&mut Defective, &[logs.to_str().expect("Unicode")]);
    assert!(!run.stderr.contains("secret"), "{}", run.stderr);
    run
}

#[test]
fn what_weakens_the_status_from_outside_is_named() {
    let logs = project("testdata/cases/upload-abandoned/in");
    let logs = logs.to_str().expect("Unicode");
    let surroundings = || Surroundings {
        settings: Settings {
            variables: [("FAIL_ON", "never"), ("QUIET", "true"), ("WINDOW", "25h")]
                .map(|(name, value)| (format!("RECONSTRUCT_{name}"), value.to_owned()))
                .into(),
            file: None,
        },
        ..Surroundings::none()
    };
    let weak = run_in([logs, "--format", "json"], surroundings());
    assert_eq!(weak.status, 0);
    assert_eq!(
        weak.stderr.matches("which weakens the exit status").count(),
        2
    );
    let report: serde_json::Value = serde_json::from_str(&weak.stdout).expect("JSON");
    let named = |option: &str, value: &str| json!({"option": option, "value": value, "from": "environment"});
    let weakened = json!([named("fail-on", "never"), named("window", "25h")]);
    assert_eq!(report["options"]["weakened"], weakened);
    assert_eq!(report["options"]["fail_on"], "never");
    let typed = ["--fail-on", "error", "--window", "15m", logs];
    let strong = run_in(typed, surroundings());
    assert_eq!((strong.status, strong.stderr.as_str()), (1, ""));
}

#[test]
fn a_period_is_asked_for_with_its_slack() {
    // The log of the case goes from 15:20:00 to 18:34:13.
    for (args, status) in [
        (&["--since", "2026-03-17T15:10:00Z"][..], 0),
        (&["--since", "2026-03-17T15:00:00Z"], 1),
        (&["--until", "2026-03-17T18:49:00Z"], 0),
        (&["--until", "2026-03-17T18:50:00Z"], 1),
        (&["--until", "2026-03-17T17:00:00Z"], 0),
        (
            &["--account", "123456789012", "--region", "eu-central-1"],
            0,
        ),
        (&["--account", "1*"], 0),
        (&["--region", "us-east-1"], 1),
        (
            &["--account", "123456789012", "--account", "210987654321"],
            1,
        ),
    ] {
        let args = [args, &["--fail-on", "warning", "--quiet"]].concat();
        let run = case(&args, "complete");
        assert_eq!(run.status, status, "{args:?}: {}", run.stdout);
        assert_eq!(run.stdout.contains("period-not-covered"), status == 1);
    }
}

#[test]
fn what_was_asked_for_is_told_on_both_streams_and_under_pseudonyms() {
    let args = [
        "--summary",
        "--redact",
        "--account",
        "210987654321",
        "--tag",
        "nightly",
    ];
    let run = case(&args, "complete");
    for stream in [&run.stdout, &run.stderr] {
        assert!(stream.contains("period-not-covered"), "{stream}");
        assert!(stream.contains("not-in-log"), "{stream}");
        assert!(!stream.contains("210987654321"), "{stream}");
        assert!(!stream.contains("nightly"), "{stream}");
    }
}
