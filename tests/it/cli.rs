//! Arguments, streams and exit status, in process through `cli::run`.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use reconstruct::cli::{self, ExitStatus, Settings, SettingsFile, Streams, Surroundings};
use serde_json::json;

use crate::support::folder::Folder;

/// What a run wrote and how it ended.
#[derive(Debug)]
struct Run {
    stdout: String,
    stderr: String,
    status: ExitStatus,
}

fn run(args: &[&str]) -> Run {
    run_in(args, Surroundings::none())
}

fn run_in(args: &[&str], surroundings: Surroundings) -> Run {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let args = ["reconstruct"].iter().chain(args).map(OsString::from);
    let status = cli::run(
        args,
        Streams {
            stdin: Box::new(std::io::empty()),
            stdout: &mut stdout,
            stderr: &mut stderr,
            surroundings,
        },
    );
    Run {
        stdout: String::from_utf8(stdout).expect("UTF-8"),
        stderr: String::from_utf8(stderr).expect("UTF-8"),
        status,
    }
}

/// Writes a file and gives its path as text.
fn file(folder: &Folder, name: &str, content: &str) -> String {
    text(&folder.write(name, content))
}

fn text(path: &Path) -> String {
    path.to_str().expect("test paths are UTF-8").to_owned()
}

fn record(number: u32, time: &str, source: &str, name: &str) -> serde_json::Value {
    json!({
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser", "userName": "dana", "accountId": "123456789012",
            "principalId": "AIDAEXAMPLE", "arn": "arn:aws:iam::123456789012:user/dana",
            "accessKeyId": "AKIAEXAMPLE"
        },
        "eventTime": time, "eventSource": source, "eventName": name, "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli/2.15.30",
        "requestParameters": {"repositoryName": "shop/api", "imageTag": "v1"},
        "responseElements": null,
        "eventID": format!("00000000-0000-4000-8000-{number:012}"),
        "eventType": "AwsApiCall", "recipientAccountId": "123456789012"
    })
}

/// A refused push in the middle of a log of half a day.
fn log_of_refused_push() -> String {
    let mut refused = record(2, "2024-03-04T09:00:00Z", "ecr.amazonaws.com", "PutImage");
    refused["errorCode"] = json!("AccessDenied");
    refused["errorMessage"] = json!("not authorized");
    let other = |number, time| record(number, time, "s3.amazonaws.com", "ListBuckets");
    let records = [
        other(1, "2024-03-04T05:00:00Z"),
        refused,
        other(3, "2024-03-04T17:00:00Z"),
    ];
    json!({ "Records": records }).to_string()
}

/// Compares a page made from the code with the one in the repository.
fn assert_page(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name);
    if std::env::var_os("RECONSTRUCT_BLESS").is_some() {
        fs::write(&path, page).expect("the page can be written");
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == page,
        "docs/{name} is not what the code makes; RECONSTRUCT_BLESS=1 rewrites it"
    );
}

#[test]
fn the_page_of_the_command_line_is_its_help() {
    let page = format!(
        "# Command line\n\nMade from the code; `reconstruct --help` prints the same.\n\n\
         ```text\n{}\n```\n\n## Exit status\n\nEvery case; `tests/it/status.rs` tries each.\n\n\
         | status | when |\n|---|---|\n{}",
        cli::long_help().trim_end(),
        cli::exit_cases()
            .map(|(status, when)| format!("| {status} | {when} |\n"))
            .collect::<String>()
    );
    let lines: Vec<_> = page.lines().map(str::trim_end).collect();
    assert_page("cli.md", &(lines.join("\n") + "\n"));
}

#[test]
fn the_page_of_findings_is_what_explain_prints() {
    assert_page("findings.md", &cli::reference());
}

#[test]
fn help_goes_to_standard_output() {
    for flag in ["-h", "--help", "--version"] {
        let run = run(&[flag]);
        assert_eq!(run.status, ExitStatus::Success, "{flag}");
        assert_eq!(run.stderr, "", "{flag}");
        assert!(run.stdout.contains("reconstruct"), "{flag}");
    }
}

#[test]
fn version_names_the_commit_only_when_it_is_asked_for_at_length() {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(run(&["-V"]).stdout, format!("reconstruct {version}\n"));
    let commit = option_env!("RECONSTRUCT_COMMIT").unwrap_or("not recorded by this build");
    let long = format!("reconstruct {version}\ncommit {commit}\n");
    assert_eq!(run(&["--version"]).stdout, long);
}

#[test]
fn short_help_fits_one_screen() {
    let lines = run(&["-h"]).stdout.lines().count();
    assert!(lines <= 50, "{lines} lines");
}

#[test]
fn wrong_usage_is_status_2_and_says_what_would_be_right() {
    for (args, said) in [
        (&[][..], "<PATH>"),
        (&["--window", "15min", "x"], "did you mean `15m`?"),
        (&["--window", "0s", "x"], "longer than nothing"),
        (&["--max-decoded", "4GB", "x"], "did you mean `4GiB`?"),
        (&["--status", "faild", "x"], "did you mean `failed`?"),
        (&["--since", "7 days", "x"], "did you mean `7d`?"),
        (&["--until", "tomorrow", "x"], "an RFC 3339 time as"),
        (
            &["--since", "2024-03-04", "--until", "2024-03-04", "x"],
            "is not after `--since`",
        ),
        (&["--account", "1234", "x"], "did you mean `*1234*`?"),
        (&["--region", "EU_West_1", "x"], "did you mean `eu-west-1`?"),
        (
            &["--repository", "shop/web:v1", "x"],
            "did you mean `shop/web --tag v1`?",
        ),
        (&["--tag", "shop/web:v1", "x"], "did you mean `v1`?"),
        (&["--tag", "", "x"], "it is empty"),
        (&["--digest", "3B37", "x"], "did you mean `sha256:3b37*`?"),
        (
            &["--image", "shop/web:v1", "x"],
            "did you mean `--repository shop/web --tag v1`?",
        ),
        (&["--format", "jsn", "x"], "'json'"),
        (&["--width", "3", "x"], "from 40 to 1000"),
        (&["--jobs", "0", "x"], "at least 1"),
        (&["--summary", "--verbose", "x"], "cannot be used with"),
        (
            &["--explain", "upload-abandond"],
            "did you mean `upload-abandoned`?",
        ),
    ] {
        let run = run(args);
        assert_eq!(run.status, ExitStatus::Failure, "{args:?}");
        assert_eq!(run.stdout, "", "{args:?}");
        assert!(run.stderr.contains(said), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn a_path_that_does_not_exist_is_status_2() {
    let run = run(&["/no/such\u{1b}[31m/path"]);
    assert_eq!(run.status, ExitStatus::Failure);
    assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
    assert!(run.stderr.contains("help: check the spelling"));
    assert!(!run.stderr.contains('\u{1b}'));
}

#[test]
fn every_name_of_a_report_is_explained() {
    for code in [
        "failed-push",
        "truncated",
        "undetermined",
        "log-ends",
        "reconstruct::bad-field",
    ] {
        let run = run(&["--explain", code]);
        assert_eq!(run.status, ExitStatus::Success, "{code}");
        assert!(run.stdout.lines().all(|line| line.len() <= 80), "{code}");
    }
}

#[test]
fn explain_tells_why_an_event_is_in_its_push() {
    let logs = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/cases/complete/in");
    let report = run(&["--format", "json", logs]).stdout;
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    let push = &report["sessions"][0];
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let mut n_joined = 0;
    for event in push["events"].as_array().expect("events") {
        let found = run(&["--explain", &text(&event["event_id"]), logs]);
        assert_eq!(found.status, ExitStatus::Success, "{}", found.stderr);
        let named = format!("{}, complete: team/app:v1", text(&push["id"]));
        assert!(found.stdout.contains(&named), "{}", found.stdout);
        let said = match (&event["shared"], event["because"].get(0)) {
            (serde_json::Value::Bool(true), _) => "It is the login of these pushes, by".to_owned(),
            (_, None) => "The push hangs on it".to_owned(),
            (_, Some(because)) => {
                n_joined += 1;
                format!("It is in this push by\n  1. {}", text(&because["evidence"]))
            }
        };
        assert!(found.stdout.contains(&said), "{said}: {}", found.stdout);
    }
    assert!(n_joined > 2, "{n_joined} events are joined to another");
}

#[test]
fn an_age_counts_back_from_the_clock_of_the_surroundings() {
    let folder = Folder::new();
    let log = file(&folder, "a.json", &log_of_refused_push());
    let at = |now: &str| Surroundings {
        now: now.parse().expect("a time"),
        ..Surroundings::none()
    };
    let args = ["--since", "2h", "--summary", &log];
    let found = run_in(&args, at("2024-03-04T11:00:00Z"));
    assert_eq!(found.status, ExitStatus::Findings, "{}", found.stderr);
    let none = run_in(&args, at("2024-03-04T11:00:01Z"));
    assert_eq!(none.status, ExitStatus::Success, "{}", none.stderr);
    assert!(none.stderr.contains("none of 1 push selected"));
}

#[test]
fn explain_says_that_a_login_belongs_to_no_push() {
    let folder = Folder::new();
    let login = record(
        8,
        "2024-03-04T16:00:00Z",
        "ecr.amazonaws.com",
        "GetAuthorizationToken",
    );
    let log = file(
        &folder,
        "a.json",
        &json!({ "Records": [login] }).to_string(),
    );
    let found = run(&["--explain", "00000000-0000", &log]);
    assert_eq!(found.status, ExitStatus::Success, "{}", found.stderr);
    assert!(
        found.stdout.contains("It belongs to no push"),
        "{}",
        found.stdout
    );
}

#[test]
fn explain_takes_the_begin_of_an_event_id_if_it_is_the_only_one() {
    let folder = Folder::new();
    let log = file(&folder, "a.json", &log_of_refused_push());
    assert_eq!(
        run(&["--explain", "000000", &log]).stdout,
        run(&["--explain", "00000000-0000-4000-8000-000000000002", &log]).stdout
    );
    for (args, said) in [
        (&["--explain", "00000", &log][..], "at least 6 characters"),
        (
            &["--explain", "ffffffff", &log],
            "nothing in these logs has the id `ffffffff`",
        ),
        (&["--explain", "ffffffff"], "name the logs too"),
        (
            &["--explain", "000000", "--summary", &log],
            "cannot be used",
        ),
    ] {
        let run = run(args);
        assert_eq!(run.status, ExitStatus::Failure, "{args:?}");
        assert_eq!(run.stdout, "", "{args:?}");
        assert!(run.stderr.contains(said), "{args:?}: {}", run.stderr);
    }
    let page = run(&["--explain", "failed-push", &log]);
    assert_eq!(page.status, ExitStatus::Success);
}

#[test]
fn an_empty_file_is_a_problem_and_others_are_set_aside_by_name() {
    let folder = Folder::new();
    file(&folder, "a.json", &log_of_refused_push());
    file(&folder, "empty.json", "");
    file(&folder, ".hidden", "x");
    let path = text(&folder.0);
    let found = run(&["--fail-on", "never", "--strict", &path]);
    assert_eq!(found.status, ExitStatus::Problems);
    assert!(found.stderr.contains("reconstruct::empty-file"));
    assert!(found.stdout.contains("1 file set aside\n  1 hidden: "));
    assert!(found.stdout.contains("\n    .hidden\n"));
}

#[test]
fn a_log_without_push_is_status_0_and_says_what_was_read() {
    let folder = Folder::new();
    let only = record(1, "2024-03-04T05:00:00Z", "s3.amazonaws.com", "ListBuckets");
    let log = file(&folder, "a.json", &json!({ "Records": [only] }).to_string());
    let run = run(&[&log]);
    assert_eq!(run.status, ExitStatus::Success);
    assert!(
        run.stdout.starts_with("no push in these logs\n"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("1 log file"), "{}", run.stdout);
    assert_eq!(run.stderr, "reconstruct: no push in 1 log file\n");
}

#[test]
fn a_failed_push_is_status_1_unless_it_is_asked_otherwise() {
    let folder = Folder::new();
    let log = file(&folder, "a.json", &log_of_refused_push());
    assert_eq!(run(&[&log]).status, ExitStatus::Findings);
    assert_eq!(
        run(&["--fail-on", "warning", &log]).status,
        ExitStatus::Findings
    );
    assert_eq!(
        run(&["--fail-on", "never", &log]).status,
        ExitStatus::Success
    );
    let elsewhere = run(&["--status", "complete", &log]);
    assert_eq!(
        elsewhere.status,
        ExitStatus::Success,
        "only what is selected counts"
    );
    assert!(elsewhere.stdout.starts_with("0 pushes selected of 1\n"));
}

#[test]
fn problems_go_to_standard_error_and_are_status_3_only_with_strict() {
    let folder = Folder::new();
    let whole = log_of_refused_push();
    let log = file(&folder, "a.json", &whole[..whole.len() - 40]);
    let lenient = run(&["--fail-on", "never", &log]);
    assert_eq!(lenient.status, ExitStatus::Success);
    assert!(
        lenient.stderr.contains("reconstruct::"),
        "{}",
        lenient.stderr
    );
    let strict = run(&["--strict", "--fail-on", "never", &log]);
    assert_eq!(strict.status, ExitStatus::Problems);
    let quiet = run(&["--quiet", "--fail-on", "never", &log]);
    assert_eq!(quiet.stderr, "");
    assert_eq!(quiet.stdout, strict.stdout);
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let folder = Folder::new();
    let log = file(&folder, "a.json", &log_of_refused_push());
    let out = text(&folder.0.join("report.json"));
    let args = ["--format", "json", "--output", &out, &log];
    let first = run(&args);
    assert_eq!(first.stdout, "");
    assert!(first.stderr.contains("written to"), "{}", first.stderr);
    let written = fs::read_to_string(&out).expect("the report is there");
    assert!(written.ends_with("}\n"));
    assert_eq!(folder.names(), ["a.json", "report.json"]);

    fs::write(&out, "kept").expect("the file can be written");
    let second = run(&args);
    assert_eq!(second.status, ExitStatus::Failure);
    assert!(second.stderr.contains("--force"), "{}", second.stderr);
    assert_eq!(fs::read_to_string(&out).ok().as_deref(), Some("kept"));

    let forced = run(&["--format", "json", "--output", &out, "--force", &log]);
    assert_eq!(forced.status, ExitStatus::Findings);
    assert_eq!(fs::read_to_string(&out).ok(), Some(written));
    assert_eq!(folder.names(), ["a.json", "report.json"]);
}

#[test]
fn a_place_that_cannot_be_written_to_is_status_2() {
    let folder = Folder::new();
    let log = file(&folder, "a.json", &log_of_refused_push());
    let out = text(&folder.0.join("missing").join("report.json"));
    let run = run(&["--output", &out, &log]);
    assert_eq!(run.status, ExitStatus::Failure);
    assert!(
        run.stderr.contains("cannot write the report"),
        "{}",
        run.stderr
    );
}

/// Surroundings with these variables and this configuration file.
fn set(variables: &[(&str, &str)], file: Option<Result<&str, io::ErrorKind>>) -> Surroundings {
    let variables = variables.iter();
    let variables = variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Surroundings {
        settings: Settings {
            variables: variables.collect(),
            file: file.map(|text| SettingsFile {
                path: PathBuf::from("/home/dana/config.toml"),
                text: text.map(str::to_owned),
            }),
        },
        ..Surroundings::none()
    }
}

#[test]
fn option_comes_before_variable_before_file_before_what_is_built_in() {
    let folder = Folder::new();
    let log = file(&folder, "a.json", &log_of_refused_push());
    let of = |args: &[&str], surroundings| {
        let run = run_in(&[args, &[&log]].concat(), surroundings);
        run.stdout.lines().next().unwrap_or_default().to_owned()
    };
    let file = || Some(Ok("format = \"csv\"\nwidth = 60\nstrict = true\n"));
    let variable = [("RECONSTRUCT_FORMAT", "jsonl")];
    assert!(of(&[], set(&[], None)).starts_with("1 push"));
    assert!(of(&[], set(&[], file())).contains("time,"));
    assert!(of(&[], set(&variable, file())).starts_with("{\"type\":"));
    assert!(of(&["--format", "text"], set(&variable, file())).starts_with("1 push"));
}

#[test]
fn settings_decide_the_status_and_conflict_with_no_option() {
    let folder = Folder::new();
    let log = file(&folder, "a.json", &log_of_refused_push());
    let never = || {
        set(
            &[("RECONSTRUCT_FAIL_ON", "never")],
            Some(Ok("quiet = true")),
        )
    };
    let run = run_in(&[&log], never());
    assert_eq!(run.status, ExitStatus::Success);
    // Told although nothing else is: it decides the status.
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert!(
        run.stderr
            .contains("--fail-on is `never` by the environment")
    );
    let typed = run_in(&["--fail-on", "error", &log], never());
    assert_eq!(typed.status, ExitStatus::Findings);
    // `--explain` takes no `--format`; a default is none that was typed.
    let format = set(&[("RECONSTRUCT_FORMAT", "json")], None);
    let explained = run_in(&["--explain", "000000", &log], format);
    assert_eq!(
        explained.status,
        ExitStatus::Success,
        "{}",
        explained.stderr
    );
}

#[test]
fn settings_that_are_none_are_status_2_with_place_and_suggestion() {
    let in_file = |text| set(&[], Some(Ok(text)));
    for (surroundings, said) in [
        (
            in_file("width = 60\nwindw = \"1h\""),
            &[
                "setting in /home/dana/config.toml:2: `windw`",
                "did you mean `window`?",
            ][..],
        ),
        (
            in_file("window = \"15min\""),
            &[
                "`window in /home/dana/config.toml:1`",
                "did you mean `15m`?",
            ],
        ),
        (
            in_file("\nformat = \"jsn\""),
            &["config.toml:2", "did you mean `json`?"],
        ),
        (
            in_file("width = 1.5"),
            &["no float, in /home/dana/config.toml:1"],
        ),
        (in_file("strict = \"yes\""), &["one of true, false"]),
        (in_file("\n\nwidth 60"), &["in /home/dana/config.toml:3"]),
        (
            in_file("output = \"x\""),
            &["there are color, fail-on, format"],
        ),
        (
            set(&[], Some(Err(io::ErrorKind::PermissionDenied))),
            &["cannot read the configuration `/home/dana/config.toml`: permission denied"],
        ),
        (
            set(&[("RECONSTRUCT_FALE_ON", "never")], None),
            &[
                "variable `RECONSTRUCT_FALE_ON`",
                "did you mean `RECONSTRUCT_FAIL_ON`?",
            ],
        ),
        (
            set(&[("RECONSTRUCT_JOBS", "many")], None),
            &["`many` for `RECONSTRUCT_JOBS`: expected a whole number"],
        ),
    ] {
        let run = run_in(&["x"], surroundings.clone());
        assert_eq!(run.status, ExitStatus::Failure, "{said:?}");
        for said in said {
            assert!(run.stderr.contains(said), "{said}: {}", run.stderr);
        }
        // What reads no logs is not held up.
        assert_eq!(
            run_in(&["--version"], surroundings).status,
            ExitStatus::Success
        );
    }
}

#[test]
fn variables_for_building_and_testing_are_no_settings() {
    let variables = [
        ("RECONSTRUCT_BLESS", "1"),
        ("RECONSTRUCT_COMMIT", "0e7f3c2"),
    ];
    let run = run_in(&["--explain", "failed-push"], set(&variables, None));
    assert_eq!(run.status, ExitStatus::Success, "{}", run.stderr);
}

#[test]
fn help_names_every_option_that_can_be_set() {
    let help = cli::long_help();
    let words: Vec<&str> = help.split_whitespace().collect();
    let keys = cli::settings_keys().join(", ");
    assert!(words.join(" ").contains(&keys), "{help}");
}

/// Every long option that the help names.
fn long_options() -> Vec<String> {
    let help = cli::long_help();
    let words = help.lines().filter_map(|line| {
        let line = line.trim_start();
        line.split_whitespace()
            .take(2)
            .find(|word| line.starts_with('-') && word.starts_with("--"))
    });
    words
        .map(|word| {
            word.trim_start_matches("--")
                .trim_end_matches(',')
                .to_owned()
        })
        .collect()
}

#[test]
fn completions_and_manual_page_know_every_option() {
    let options = long_options();
    assert!(options.len() > 20, "{options:?}");
    for args in [
        &["--completions", "bash"][..],
        &["--completions", "elvish"],
        &["--completions", "fish"],
        &["--completions", "powershell"],
        &["--completions", "zsh"],
        &["--man"],
    ] {
        let run = run(args);
        assert_eq!(run.status, ExitStatus::Success, "{args:?}");
        assert_eq!(run.stderr, "", "{args:?}");
        let text = run.stdout.replace("\\-", "-");
        for option in &options {
            // fish writes `-l window`, and the name of a folder begins no option.
            let known = [format!("--{option}"), format!("-l {option}")];
            let is_known = known.iter().any(|known| text.contains(known));
            assert!(is_known, "{args:?} knows `{option}`");
        }
    }
}

#[test]
fn manual_page_has_its_sections_in_order() {
    let page = run(&["--man"]).stdout;
    let sections = page.lines().filter_map(|line| line.strip_prefix(".SH "));
    let sections: Vec<&str> = sections.collect();
    assert_eq!(sections[..3], ["NAME", "SYNOPSIS", "DESCRIPTION"]);
    let end = &sections[sections.len() - 3..];
    assert_eq!(end, ["\"EXIT STATUS\"", "DEFAULTS", "EXAMPLES"]);
    assert!(page.contains("\n.TH reconstruct 1 "), "{page}");
    assert!(
        page.contains("\nPrint the manual page, and stop\n"),
        "{page}"
    );
}

/// The script handed to the shell itself; a shell that is not there is passed over, aloud.
#[test]
fn shells_read_their_completions() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["--completions", shell]).stdout;
        let path = file(&folder, shell, &script);
        match Command::new(shell).args(["-n", &path]).output() {
            Ok(output) => assert!(output.status.success(), "{shell}: {output:?}"),
            Err(error) => eprintln!("SKIPPED: no {shell} to read its completions: {error}"),
        }
    }
}

/// What bash offers after some words; `None` if there is no bash.
fn offered(words: &[&str]) -> Option<Vec<String>> {
    let script = run(&["--completions", "bash"]).stdout;
    let last = words.len() - 1;
    let call = format!(
        "{script}\nCOMP_WORDS=({}); COMP_CWORD={last}\n_reconstruct reconstruct '{}' '{}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words
            .iter()
            .map(|word| format!("'{word}' "))
            .collect::<String>(),
        words[last],
        words[last - 1],
    );
    let output = Command::new("bash").args(["-c", &call]).output().ok()?;
    let text = String::from_utf8(output.stdout).expect("text");
    Some(text.lines().map(str::to_owned).collect())
}

#[test]
fn bash_offers_the_values_that_an_option_knows_and_others_are_accepted() {
    let Some(statuses) = offered(&["reconstruct", "--status", ""]) else {
        return eprintln!("SKIPPED: no bash to ask for completions");
    };
    assert_eq!(
        statuses,
        [
            "incomplete",
            "failed",
            "undetermined",
            "complete",
            "unchanged",
            "nothing-sent"
        ]
    );
    let of = |words: &[&str]| offered(words).expect("there is a bash");
    assert_eq!(of(&["reconstruct", "--status", "inc"]), ["incomplete"]);
    assert_eq!(of(&["reconstruct", "--format", "js"]), ["json", "jsonl"]);
    assert_eq!(of(&["reconstruct", "--finding", "absent"]), ["absent-log"]);
    assert_eq!(
        of(&["reconstruct", "--explain", "upload-ab"]),
        ["upload-abandoned"]
    );
    let folder = Folder::new();
    let log = file(&folder, "a.json", &log_of_refused_push());
    for status in ["f*", "failed,incomplete", "!complete"] {
        let run = run(&["--status", status, "--quiet", &log]);
        assert_eq!(run.status, ExitStatus::Findings, "{status}: {}", run.stderr);
    }
    assert!(!cli::long_help().contains("possible values: incomplete"));
}

/// A stream that fails from the first byte on.
struct Failing(io::ErrorKind);

impl Write for Failing {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Err(self.0.into())
    }
}

#[test]
fn a_closed_pipe_changes_no_status_and_a_full_disk_does() {
    let folder = Folder::new();
    let log = file(&folder, "a.json", &log_of_refused_push());
    for (kind, found, asked) in [
        (
            io::ErrorKind::BrokenPipe,
            ExitStatus::Findings,
            ExitStatus::Success,
        ),
        (
            io::ErrorKind::StorageFull,
            ExitStatus::Failure,
            ExitStatus::Failure,
        ),
    ] {
        for (args, expected) in [
            (&["--format", "json", &log][..], found),
            (&[&log], found),
            (&["--help"], asked),
        ] {
            let mut stderr = Vec::new();
            let status = cli::run(
                ["reconstruct"].iter().chain(args).map(OsString::from),
                Streams {
                    stdin: Box::new(std::io::empty()),
                    stdout: &mut Failing(kind),
                    stderr: &mut stderr,
                    surroundings: Surroundings::none(),
                },
            );
            assert_eq!(status, expected, "{args:?}");
        }
    }
}

#[test]
fn colour_follows_the_option_then_the_environment_then_the_terminal() {
    let folder = Folder::new();
    let log = file(&folder, "a.json", &log_of_refused_push());
    let terminal = Surroundings {
        stdout_is_terminal: true,
        width: Some(100),
        ..Surroundings::none()
    };
    let no_color = Surroundings {
        no_color: true,
        force_color: true,
        ..terminal.clone()
    };
    let forced = Surroundings {
        force_color: true,
        ..Surroundings::none()
    };
    let colours = |args: &[&str], surroundings: &Surroundings| {
        run_in(args, surroundings.clone()).stdout.contains('\u{1b}')
    };
    assert!(!colours(&[&log], &Surroundings::none()));
    assert!(colours(&[&log], &terminal));
    assert!(!colours(&[&log], &no_color));
    assert!(colours(&[&log], &forced));
    assert!(colours(&["--color", "always", &log], &no_color));
    assert!(!colours(&["--color", "never", &log], &terminal));
    assert!(!colours(
        &["--format", "json", "--color", "always", &log],
        &terminal
    ));
}

/// A run of the sample in a zone, on a machine of another.
fn in_zone(zone: &str, machine: Option<&str>, format: &str) -> Run {
    let surroundings = Surroundings {
        zone: machine.map(str::to_owned),
        ..Surroundings::none()
    };
    let sample = crate::support::run::project("testdata/sample")
        .to_string_lossy()
        .into_owned();
    let args = ["--time-zone", zone, "--format", format, "--quiet", &sample];
    run_in(&args, surroundings)
}

#[test]
fn people_read_times_in_their_zone_and_programs_in_utc() {
    let utc = |format| in_zone("UTC", None, format).stdout;
    for format in ["json", "jsonl", "csv", "dot", "trace", "ocel", "timesketch"] {
        let local = in_zone("local", Some("Asia/Kolkata"), format).stdout;
        assert!(local.len() > 200 && local == utc(format), "{format}");
    }
    let text = in_zone("local", Some("Asia/Kolkata"), "text").stdout;
    // What stays is a clock in the second of UTC, five and a half hours earlier.
    let head = "\
  period   2025-03-10T10:30:00+05:30 to 2025-03-10T23:59:58+05:30
  times    Asia/Kolkata
";
    assert!(text.contains(head), "{text}");
    let when = "  when   2025-03-10T14:32:04+05:30 to 14:32:09, 5 s\n";
    assert!(text.contains(when), "{text}");
    assert!(text.contains(" 1 │ 14:32:00      -4s "), "{text}");
    let stamps = |text: &str| text.matches("Z ").count() + text.matches("Z\n").count();
    assert!(stamps(&utc("text")) > 50);
    assert_eq!(stamps(&text), 0, "{text}");
    let html = in_zone("+05:30", None, "html").stdout;
    assert!(html.contains("2025-03-10 14:32:04+05:30"));
    assert!(html.contains("All times are UTC+05:30."));
}

#[test]
fn a_zone_that_is_not_known_is_wrong_usage() {
    let cases = [
        (
            "Berlin",
            None,
            "expected `local`, `UTC`, an offset as `+01:00`, or a place as `Europe/Berlin`\n\n  tip: did you mean `Europe/Berlin`?",
        ),
        (
            "local",
            None,
            "this machine does not say its zone; expected `local`, `UTC`, an offset as `+01:00`, or a place as `Europe/Berlin`",
        ),
        (
            "local",
            Some("XYZ4"),
            "this machine's zone is `XYZ4`, which names no zone; expected `local`, `UTC`, an offset as `+01:00`, or a place as `Europe/Berlin`",
        ),
    ];
    for (zone, machine, why) in cases {
        let ran = in_zone(zone, machine, "text");
        assert_eq!(ran.status, ExitStatus::Failure);
        let text = format!(
            "error: invalid value `{zone}` for `--time-zone <ZONE>`: {why}\n\nUsage: reconstruct \
             [OPTIONS] <PATH>...\n\nFor more information, try '--help'.\n"
        );
        assert_eq!(ran.stderr, text);
    }
}
