//! States: what was read once and told once, held against the logs.
//!
//! In: logs that change between runs. Out: the report of what was kept, and what was told.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use reconstruct::ingest::Progress;
use reconstruct::source::store::Everything;
use reconstruct::source::{Bucket, Input, Prefix, Purpose, Reach};
use reconstruct::state::{Disk, StateDir};
use reconstruct::{Options, find, reconstruct_files};
use serde_json::{Value, json};

use crate::laws::without_places;
use crate::support::bucket::{Fake, Tree};
use crate::support::deliveries::{Delivered, Deliveries};
use crate::support::folder::Folder;
use crate::support::logs::refused_push;
use crate::support::run::{Run, project, run};

fn text(path: &Path) -> String {
    path.to_str().expect("Unicode").to_owned()
}

/// The JSON report, places aside.
fn report(args: &[&str]) -> Value {
    let run = run([&["--quiet", "--fail-on", "never", "--format", "json"], args].concat());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    without_places(serde_json::from_str(&run.stdout).expect("JSON"))
}

/// Refused pushes in a file.
fn pushes(folder: &Folder, name: &str, numbers: impl Iterator<Item = u64>) -> std::path::PathBuf {
    let records: Vec<Value> = numbers.map(refused_push).collect();
    folder.write(name, json!({ "Records": records }).to_string())
}

/// A run of the program on a folder and its state.
fn on(folder: &Folder, args: &[&str]) -> Run {
    let (input, state) = (text(&folder.0.join("in")), text(&folder.0.join("state")));
    run([&[input.as_str(), "--state", &state], args].concat())
}

#[test]
fn the_report_of_a_state_is_that_of_its_logs_and_reads_nothing_twice() {
    for case in [
        "../sample",
        "cases/damaged-files/in",
        "cases/log-hole/in",
        "cases/multi-architecture/in",
    ] {
        let logs = text(
            &project("testdata/cases")
                .join("..")
                .join(case.trim_start_matches("../")),
        );
        let folder = Folder::new();
        let state = text(&folder.0.join("state"));
        let direct = report(&[&logs]);
        for _ in 0..2 {
            let kept = report(&[&logs, "--state", &state]);
            for part in ["coverage", "sessions", "unplaced", "findings"] {
                assert_eq!(kept[part], direct[part], "{case}: {part}");
            }
        }
        let again = run([
            logs.as_str(),
            "--state",
            &state,
            "--summary",
            "--fail-on",
            "never",
        ]);
        let tries_again = case.contains("damaged");
        assert!(
            tries_again || again.stderr.contains("nothing new in"),
            "{case}: {}",
            again.stderr
        );
        // The selection is one of the report, and what it needs was kept.
        let failed = report(&[&logs, "--state", &state, "--status", "failed"]);
        assert_eq!(
            failed["sessions"],
            report(&[&logs, "--status", "failed"])["sessions"]
        );
    }
}

#[test]
fn what_changed_is_read_again_and_what_is_gone_is_kept() {
    let folder = Folder::new();
    let first = pushes(&folder, "in/a.json", 0..3);
    pushes(&folder, "in/b.json", 3..5);
    let n_pushes = |folder: &Folder| {
        let run = on(folder, &["--format", "json", "--fail-on", "never"]);
        let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
        let number = |name: &str| report["summary"][name].as_u64();
        (
            number("pushes"),
            report["coverage"]["records"]["duplicate"].as_u64(),
            run.stderr,
        )
    };
    assert_eq!(n_pushes(&folder).0, Some(5));
    pushes(&folder, "in/b.json", 3..9);
    let (n, duplicate, said) = n_pushes(&folder);
    assert_eq!((n, duplicate), (Some(9), Some(0)), "{said}");
    fs::remove_file(&first).expect("it is there");
    let (n, _, said) = n_pushes(&folder);
    assert!(n == Some(9) && said.contains("nothing new"), "{said}");
    // The whole input may be gone.
    fs::remove_file(folder.0.join("in/b.json")).expect("it is there");
    assert_eq!(n_pushes(&folder).0, Some(9));
    // A file comes back under its name with something else: both are kept.
    pushes(&folder, "in/a.json", 20..21);
    pushes(&folder, "in/c.json", 30..31);
    assert_eq!(n_pushes(&folder).0, Some(8), "its own part is made anew");
}

#[test]
fn many_small_parts_are_joined_and_say_the_same() {
    let folder = Folder::new();
    for number in 0..12 {
        pushes(&folder, &format!("in/{number:02}.json"), number..number + 1);
        let run = on(&folder, &["--summary", "--quiet"]);
        assert_eq!((run.status, run.stderr.as_str()), (1, ""));
    }
    let parts = fs::read_dir(folder.0.join("state/parts"))
        .expect("parts")
        .count();
    assert!(parts <= 2 * 8, "{parts}");
    let (input, state) = (text(&folder.0.join("in")), text(&folder.0.join("state")));
    let (kept, direct) = (report(&[&input, "--state", &state]), report(&[&input]));
    for part in ["coverage", "sessions", "findings"] {
        assert_eq!(kept[part], direct[part], "{part}");
    }
}

#[test]
fn what_is_gone_outlives_a_change_of_what_it_was_read_with() {
    let folder = Folder::new();
    let gone = pushes(&folder, "in/a.json", 0..3);
    pushes(&folder, "in/b.json", 3..5);
    assert_eq!(on(&folder, &["--summary"]).status, 1);
    fs::remove_file(gone).expect("it is there");
    pushes(&folder, "in/b.json", 3..9);
    for is_first in [true, false] {
        let run = on(&folder, &["--format", "json"]);
        let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
        assert_eq!(report["summary"]["pushes"], json!(9));
        assert_eq!(
            run.stderr.contains("the part is kept"),
            is_first,
            "{}",
            run.stderr
        );
    }
}

#[test]
fn damage_is_named_and_mended() {
    type Harm<'a> = (&'a str, &'a str, &'a dyn Fn(&Path));
    let damage: [Harm<'_>; 5] = [
        ("parts/00000001.jsonl.zst", "made anew", &|path| {
            let mut bytes = fs::read(path).expect("a part");
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0xff;
            fs::write(path, bytes).expect("a part");
        }),
        ("parts/00000001.jsonl.zst", "made anew", &|path| {
            fs::remove_file(path).expect("a part");
        }),
        ("parts/00000001.files.jsonl", "is damaged", &|path| {
            fs::write(path, "x").expect("a list");
        }),
        (
            "manifest.json",
            "the manifest of the state is damaged",
            &|path| {
                let text = fs::read_to_string(path).expect("a manifest");
                fs::write(path, text.replace("\"roles\": false", "\"roles\": true"))
                    .expect("a manifest");
            },
        ),
        ("manifest.json", "another version", &|path| {
            let text = fs::read_to_string(path).expect("a manifest");
            fs::write(
                path,
                text.replace("\"reconstruct.state\": 1", "\"reconstruct.state\": 7"),
            )
            .expect("a manifest");
        }),
    ];
    for (name, said, spoil) in damage {
        let folder = Folder::new();
        pushes(&folder, "in/a.json", 0..3);
        let before = on(&folder, &["--format", "json"]).stdout;
        spoil(&folder.0.join("state").join(name));
        let run = on(&folder, &["--format", "json"]);
        assert!(run.stderr.contains(said), "{name}: {}", run.stderr);
        let bare = |text: &str| without_places(serde_json::from_str(text).expect("JSON"));
        assert_eq!(bare(&run.stdout), bare(&before), "{name}");
        let quiet = on(&folder, &["--format", "json", "--quiet"]).stderr;
        assert_eq!(quiet, "", "{name}: told once");
    }
}

#[test]
fn a_state_is_used_by_one_run_and_refuses_what_is_none() {
    let folder = Folder::new();
    pushes(&folder, "in/a.json", 0..3);
    assert_eq!(on(&folder, &[]).status, 1);
    let held = StateDir::open(Disk::new(&folder.0.join("state")), "process 4711").expect("a state");
    let run = on(&folder, &[]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("in use by another run: process 4711"),
        "{}",
        run.stderr
    );
    drop(held);
    assert_eq!(on(&folder, &[]).status, 1);
    // Whoever is killed leaves its name, and no lock.
    fs::write(folder.0.join("state/lock"), "process 4712").expect("the lock");
    let run = on(&folder, &[]);
    assert!(
        run.status == 1 && run.stderr.contains("(process 4712)"),
        "{}",
        run.stderr
    );
    folder.write("state/notes.txt", "mine");
    let run = on(&folder, &[]);
    assert!(
        run.stderr.contains("`notes.txt` in the state is not of it"),
        "{}",
        run.stderr
    );
    folder.write("other/mine.txt", "mine");
    let (input, other) = (text(&folder.0.join("in")), text(&folder.0.join("other")));
    let run = self::run([input.as_str(), "--state", &other]);
    assert!(
        run.status == 2 && run.stderr.contains("is no state: it holds `mine.txt`"),
        "{}",
        run.stderr
    );
    assert_eq!(fs::read_dir(&other).expect("a folder").count(), 1);
    let file = text(&folder.write("file", "x"));
    assert_eq!(self::run([input.as_str(), "--state", &file]).status, 2);
}

#[test]
fn what_cannot_be_kept_is_refused_with_a_reason() {
    let folder = Folder::new();
    let (input, state) = (
        text(&pushes(&folder, "in/a.json", 0..3)),
        text(&folder.0.join("state")),
    );
    for (args, said) in [
        (&["-", "--state", &state][..], "standard input cannot"),
        (&[&input, "--compare", "last-run"], "needs `--state DIR`"),
        (&[&input, "--new"], "--state"),
        (&["--state", &state, "--follow", &input], "takes a time"),
        (
            &[&input, "--state", &state, "--follow", "--format", "html"],
            "use one of `text`, `jsonl`",
        ),
        (
            &[&input, "--state", &state, "--verify"],
            "cannot be used with",
        ),
        (&[&input, "--state", &state, "--keep", "soon"], "--keep"),
    ] {
        let run = run(args.iter().copied());
        assert!(
            run.status == 2 && run.stderr.contains(said),
            "{args:?}: {}",
            run.stderr
        );
    }
}

#[test]
fn each_push_is_told_once_and_marked_when_it_changed() {
    let folder = Folder::new();
    pushes(&folder, "in/a.json", (0..3).chain([600]));
    let told = |args: &[&str]| {
        let run = on(
            &folder,
            &[&["--new", "--format", "jsonl", "--quiet"], args].concat(),
        );
        let rows = run
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"));
        let rows: Vec<Value> = rows.collect();
        let pushes = rows.iter().filter(|row| row["type"] == json!("session"));
        let told: Vec<String> = pushes
            .map(|row| {
                format!(
                    "{} {}",
                    row["repository"].as_str().unwrap_or(""),
                    row["told"]["kind"].as_str().unwrap_or("")
                )
            })
            .collect();
        (told, run.status)
    };
    let first = ["shop/0 new", "shop/1 new", "shop/2 new"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(told(&[]), (first, 1), "the last one may go on");
    assert_eq!(told(&[]), (vec![], 0));
    // A record that came late: what one of them asked for before it was refused.
    let mut late = refused_push(1);
    let digest = format!("sha256:{}", "a".repeat(64));
    for (name, value) in [
        ("eventID", json!("00000000-0000-4000-8000-00000000abcd")),
        ("eventTime", json!("2024-03-04T00:00:59Z")),
        ("eventName", json!("BatchCheckLayerAvailability")),
        ("errorCode", Value::Null),
        ("errorMessage", Value::Null),
        (
            "requestParameters",
            json!({"repositoryName": "shop/1", "layerDigests": [digest]}),
        ),
    ] {
        late[name] = value;
    }
    folder.write("in/b.json", json!({"Records": [late]}).to_string());
    assert_eq!(told(&[]), (vec!["shop/1 changed".to_owned()], 1));
    assert_eq!(told(&[]), (vec![], 0));
    // What is not selected is not told, and so not forgotten.
    pushes(&folder, "in/c.json", [700, 900].into_iter());
    assert_eq!(told(&["--repository", "other"]), (vec![], 0));
    let rest = ["shop/600 new", "shop/700 new"].map(str::to_owned).to_vec();
    assert_eq!(told(&[]), (rest, 1));
    // By a file, whose kinds are in words.
    pushes(&folder, "in/d.json", [1_000, 1_200].into_iter());
    let file = text(&folder.0.join("told.txt"));
    let run = on(&folder, &["--new", "--output", &file]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    let page = fs::read_to_string(&file).expect("it was written");
    assert!(
        page.contains("shop/900") && page.contains("shop/1000") && !page.contains("shop/1200"),
        "{page}"
    );
    assert_eq!(told(&[]), (vec![], 0));
}

#[test]
fn the_last_run_is_a_base() {
    let folder = Folder::new();
    pushes(&folder, "in/a.json", 0..3);
    let run = on(&folder, &["--compare", "last-run"]);
    assert!(
        run.status == 2 && run.stderr.contains("there is no base"),
        "{}",
        run.stderr
    );
    pushes(&folder, "in/b.json", 100..101);
    let run = on(&folder, &["--compare", "last-run", "--format", "json"]);
    let compared: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(compared["now"]["pushes"], json!(1), "{}", run.stderr);
    assert_eq!(compared["base"]["pushes"], json!(3));
    assert_eq!(
        compared["repositories"][0]["change"],
        json!("new"),
        "{compared}"
    );
}

#[test]
fn what_is_older_than_it_is_kept_is_forgotten_and_not_read_again() {
    let folder = Folder::new();
    pushes(&folder, "in/old/a.json", 0..3);
    let mut young = refused_push(7);
    young["eventTime"] = json!("2024-03-09T10:00:00Z");
    folder.write("in/young/b.json", json!({"Records": [young]}).to_string());
    let run = |args: &[&str]| {
        let (input, state) = (text(&folder.0.join("in")), text(&folder.0.join("state")));
        let surroundings = reconstruct::cli::Surroundings {
            now: "2024-03-10T00:00:00Z".parse().expect("a time"),
            ..reconstruct::cli::Surroundings::none()
        };
        let args = [
            &[input.as_str(), "--state", &state, "--format", "json"],
            args,
        ]
        .concat();
        let run = crate::support::run::run_in(args, surroundings);
        let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
        (report["summary"]["pushes"].clone(), run.stderr)
    };
    assert_eq!(run(&[]).0, json!(4));
    assert_eq!(run(&["--keep", "3d"]).0, json!(1));
    let (n, said) = run(&["--keep", "3d"]);
    assert!(n == json!(1) && said.contains("nothing new"), "{said}");
    assert!(!folder.0.join("state/parts/00000001.jsonl.zst").exists());
}

#[test]
fn a_bucket_is_listed_and_what_it_has_not_changed_is_not_fetched() {
    let files = crate::buckets::files();
    let tree = Tree::new(&files, 1_000);
    let folder = Folder::new();
    let (options, reach, progress) = (Options::default(), Reach::default(), Progress::default());
    let read = |fake: Fake| {
        let input = Input::Prefix(Prefix {
            bucket: Bucket {
                name: "logs".into(),
                store: Arc::new(fake),
            },
            path: String::new(),
            scope: Arc::new(Everything),
        });
        let listing = find(&[input], &options, Purpose::Pushes).expect("a listing");
        let disk = Disk::new(&folder.0.join("state"));
        let mut state = StateDir::open(disk, "a test").expect("a state");
        let refreshed = state.refresh(&listing, &options.ingest, None, &reach, &progress);
        let made = reconstruct_files(state.files(&reach), &options, &progress);
        (
            refreshed.expect("it can be written").files,
            made.report().summary(),
        )
    };
    let (n_files, summary) = read(Fake::new(tree.clone(), 4));
    assert!(n_files > 10 && summary.pushes > 0, "{n_files}");
    let mut closed = Fake::new(tree, 4);
    closed
        .denied
        .extend(files.iter().map(|(key, _)| key.clone()));
    assert_eq!(read(closed), (0, summary));
    // An object that changed costs its part, and the next time itself alone.
    let mut changed = files.clone();
    let place = changed
        .iter()
        .position(|(key, _)| key.contains("multi-architecture"))
        .expect("a key");
    changed[place].1.push(b'\n');
    let (n_of_part, _) = read(Fake::new(Tree::new(&changed, 1_000), 4));
    assert!(
        (1..n_files).contains(&n_of_part),
        "{n_of_part} of {n_files}"
    );
    changed[place].1.push(b'\n');
    assert_eq!(read(Fake::new(Tree::new(&changed, 1_000), 4)).0, 1);
}

#[test]
fn deliveries_in_any_order_to_runs_that_end_early_are_told_once() {
    let mut sum = Delivered::default();
    for (name, seed) in [("mixed", 1), ("killed-and-rerun", 2), ("refused-layer", 3)] {
        let deliveries = Deliveries::new(name, seed);
        for schedule in 0..8 {
            match deliveries.play(schedule) {
                Ok(tried) => sum.add(tried),
                Err(what) => panic!("{name} {seed}, schedule {schedule}: {what}"),
            }
        }
    }
    assert!(
        sum.killed > 10 && sum.changed > 0 && sum.again > 0 && sum.gone > 0,
        "{sum:?}"
    );
}

#[test]
fn a_run_that_ends_at_any_step_loses_and_doubles_nothing() {
    let deliveries = Deliveries::new("refused-layer", 1);
    for is_file in [false, true] {
        let n_steps = deliveries
            .end_at_each_step(is_file)
            .unwrap_or_else(|what| panic!("{what}"));
        assert!(n_steps > 20, "{n_steps}");
    }
}

#[test]
fn a_program_that_is_killed_loses_and_doubles_nothing() {
    let deliveries = Deliveries::new("refused-layer", 4);
    let tried = deliveries.kill_the_program(env!("CARGO_BIN_EXE_reconstruct"), 10, 5);
    let tried = tried.unwrap_or_else(|what| panic!("{what}"));
    assert!(tried.killed == 10 && tried.told > 5, "{tried:?}");
}

#[test]
fn follow_tells_each_push_once_and_ends_after_the_round() {
    for format in ["jsonl", "text"] {
        let folder = Folder::new();
        pushes(&folder, "in/a.json", 0..2);
        let mut child = Command::new(env!("CARGO_BIN_EXE_reconstruct"))
            .arg(folder.0.join("in"))
            .arg("--state")
            .arg(folder.0.join("state"))
            .args(["--follow", "1s", "--format", format])
            .env("XDG_CONFIG_HOME", "/nonexistent")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut next = || lines.next().expect("a line").expect("text");
        let first = [next(), next()];
        assert!(
            first[0].contains("shop/0") && first[1].contains("shop/1"),
            "{first:?}"
        );
        assert_eq!(
            format == "jsonl",
            first[0].starts_with("{\"type\":\"session\"")
        );
        // A round that fails is told, and the next one goes on.
        fs::rename(folder.0.join("in"), folder.0.join("away")).expect("it is there");
        std::thread::sleep(std::time::Duration::from_millis(1_300));
        fs::rename(folder.0.join("away"), folder.0.join("in")).expect("it is there");
        pushes(&folder, "in/b.json", 2..3);
        // That the log goes on may decide what was not certain before.
        loop {
            let line = next();
            if line.contains("shop/2") {
                break;
            }
            assert!(line.contains("changed"), "{line}");
        }
        let ended = Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .status();
        assert!(ended.expect("`kill` runs").success());
        assert!(lines.next().is_none());
        let output = child.wait_with_output().expect("a child ends");
        assert_eq!(output.status.code(), Some(0));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("ending after this round"), "{said}");
        assert!(
            said.contains("no such path") || said.contains("error:"),
            "{said}"
        );
    }
}

/// When recent pushes begin: recipes keep 90 days by the clock, and all of this day is settled.
fn begin() -> DateTime<Utc> {
    static BEGIN: LazyLock<DateTime<Utc>> = LazyLock::new(|| {
        let now = DateTime::<Utc>::from(std::time::SystemTime::now());
        (now - TimeDelta::days(3)).trunc_subsecs(0)
    });
    *BEGIN
}

/// Refused pushes of that day, a minute each.
fn recent(folder: &Folder, name: &str, numbers: std::ops::Range<u64>) {
    let records = numbers.map(|number| {
        let mut record = refused_push(number);
        let time = begin() + TimeDelta::minutes(i64::try_from(number).expect("a minute"));
        record["eventTime"] = json!(time.format("%Y-%m-%dT%H:%M:%SZ").to_string());
        record
    });
    let records: Vec<Value> = records.collect();
    folder.write(name, json!({ "Records": records }).to_string());
}

/// The files of `docs/alerts`, run with a `curl` that keeps what it is given.
struct Alerts {
    folder: Folder,
    path: String,
}

impl Alerts {
    fn new() -> Self {
        let folder = Folder::new();
        let curl = "#!/bin/sh\nfor last; do :; done\n[ ! -e \"$SENT.down\" ] || exit 22\ncat >> \"$SENT\"\n\
                    printf '\\n%s\\n' \"$last\" >> \"$SENT\"\n";
        let curl = folder.write("bin/curl", curl);
        let made = Command::new("chmod").arg("+x").arg(&curl).status();
        assert!(made.expect("`chmod` runs").success());
        std::os::unix::fs::symlink(
            env!("CARGO_BIN_EXE_reconstruct"),
            folder.0.join("bin/reconstruct"),
        )
        .expect("a link");
        let path = std::env::var("PATH").unwrap_or_default();
        Self {
            path: format!("{}:{path}", text(&folder.0.join("bin"))),
            folder,
        }
    }

    /// Runs a script by `sh` in the folder.
    fn sh(&self, script: &str) -> Option<i32> {
        let run = Command::new("sh")
            .args(["-c", script])
            .current_dir(&self.folder.0)
            .env("PATH", &self.path)
            .env("XDG_CONFIG_HOME", "/nonexistent")
            .env("SENT", self.folder.0.join("sent"))
            .env("SLACK_URL", "slack://url")
            .env("SPLUNK_URL", "splunk://url")
            .env("SPLUNK_TOKEN", "token")
            .env("ELASTIC_URL", "elastic://url")
            .env("GITHUB_STEP_SUMMARY", self.folder.0.join("summary.md"))
            .output()
            .expect("`sh` runs");
        run.status.code()
    }

    /// What was sent since this was asked before.
    fn sent(&self) -> String {
        let path = self.folder.0.join("sent");
        let sent = fs::read_to_string(&path).unwrap_or_default();
        let _ = fs::remove_file(path);
        sent
    }
}

fn alert(name: &str) -> String {
    text(&project("docs/alerts").join(name))
}

#[test]
fn alerts_of_the_recipes_are_sent_and_none_is_dropped() {
    if Command::new("jq").arg("--version").output().is_err() {
        return;
    }
    let alerts = Alerts::new();
    recent(&alerts.folder, "in/a.json", 0..3);
    fs::create_dir(alerts.folder.0.join("kept")).expect("a folder");
    let tell = |sender: &str| alerts.sh(&format!("{} in kept {}", alert("tell.sh"), alert(sender)));
    assert_eq!(tell("slack.sh"), Some(0));
    let sent = alerts.sent();
    assert_eq!(sent.matches("slack://url").count(), 3, "{sent}");
    assert!(
        sent.contains("shop/1 in 123456789012 eu-west-1, push "),
        "{sent}"
    );
    assert_eq!((tell("slack.sh"), alerts.sent()), (Some(0), String::new()));
    // What could not be sent is sent the next time, before what is new.
    recent(&alerts.folder, "in/b.json", 500..501);
    alerts.folder.write("sent.down", "");
    assert_ne!(tell("splunk.sh"), Some(0));
    assert_ne!(tell("splunk.sh"), Some(0));
    fs::remove_file(alerts.folder.0.join("sent.down")).expect("it is there");
    recent(&alerts.folder, "in/c.json", 900..901);
    assert_eq!(tell("splunk.sh"), Some(0));
    let sent = alerts.sent();
    let events: Vec<Value> = sent
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let repositories: Vec<&Value> = events
        .iter()
        .map(|event| &event["event"]["repository"])
        .collect();
    assert!(
        repositories.contains(&&json!("shop/500")) && repositories.contains(&&json!("shop/900")),
        "{sent}"
    );
    assert!(
        sent.contains("splunk://url/services/collector/event"),
        "{sent}"
    );
    let time = events
        .iter()
        .find(|event| event["event"]["repository"] == json!("shop/500"));
    let seconds = time
        .and_then(|event| event["time"].as_i64())
        .expect("it was sent");
    assert_eq!(seconds, begin().timestamp() + 500 * 60, "{sent}");
    recent(&alerts.folder, "in/d.json", 1_300..1_301);
    assert_eq!(tell("elastic.sh"), Some(0));
    let sent = alerts.sent();
    assert!(
        sent.contains("{\"index\":{\"_index\":\"pushes\"") && sent.contains("elastic://url/_bulk"),
        "{sent}"
    );
}

#[test]
fn timers_of_the_recipes_run_what_they_say() {
    let alerts = Alerts::new();
    recent(&alerts.folder, "in/a.json", 0..3);
    fs::create_dir(alerts.folder.0.join("kept")).expect("a folder");
    let read = |name: &str| fs::read_to_string(alert(name)).expect("a file");
    let here = |command: &str| {
        command
            .replace(
                "/usr/local/bin/",
                &format!("{}/", text(&project("docs/alerts"))),
            )
            .replace("s3://my-trail/AWSLogs/", "in")
            .replace("${STATE_DIRECTORY}", "kept")
            .replace("/var/lib/reconstruct", "kept")
            .replace("slack.sh", "../../bin/true")
    };
    // The sender is tried by another test.
    alerts.folder.write("bin/true", "#!/bin/sh\n");
    let unit = read("reconstruct.service");
    let command = unit
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart="))
        .expect("a command");
    let command = here(command).replace(
        &format!("{}/../../bin/true", text(&project("docs/alerts"))),
        "true",
    );
    assert_eq!(alerts.sh(&command), Some(0), "{command}");
    assert!(alerts.folder.0.join("kept/state/manifest.json").exists());
    let table = read("crontab");
    let line = table
        .lines()
        .find(|line| line.starts_with("*/10 * * * * "))
        .expect("a line");
    let command = line
        .trim_start_matches("*/10 * * * * ")
        .trim_start_matches("flock -n /var/lib/reconstruct/cron.lock ");
    let command = here(command).replace(
        &format!("{}/../../bin/true", text(&project("docs/alerts"))),
        "true",
    );
    assert_eq!(alerts.sh(&command), Some(0), "{command}");
    // By Kubernetes: the words of the container.
    let job = read("cronjob.yaml");
    let words = job
        .split("args:\n")
        .nth(1)
        .and_then(|rest| rest.split("volumeMounts").next())
        .expect("words");
    let words: Vec<&str> = words
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- "))
        .collect();
    assert!(words.len() > 5, "{words:?}");
    let command = format!("reconstruct {} > lines", words.join(" "));
    let command = here(&command).replace("/state/reconstruct", "claim");
    assert_eq!(alerts.sh(&command), Some(0), "{command}");
    let lines = fs::read_to_string(alerts.folder.0.join("lines")).expect("lines");
    assert_eq!(lines.matches("\"type\":\"push\"").count(), 3, "{lines}");
    // By GitHub: the script of the step.
    let work = read("github.yml");
    let script = work.split("run: |\n").nth(1).expect("a script");
    assert_eq!(alerts.sh(&here(script)), Some(1), "{script}");
    let page = fs::read_to_string(alerts.folder.0.join("summary.md")).expect("a page");
    assert!(page.contains("shop/2"), "{page}");
    let timer = read("reconstruct.timer");
    let when = timer
        .lines()
        .find_map(|line| line.strip_prefix("OnCalendar="))
        .expect("a time");
    if let Ok(checked) = Command::new("systemd-analyze")
        .args(["calendar", when])
        .output()
    {
        assert!(checked.status.success(), "{when}");
    }
}
