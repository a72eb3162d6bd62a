//! Histories: what is told of a repository or an image, in which order, and what is left out.

use reconstruct::event::Deed;
use reconstruct::render::Format;
use serde_json::Value;

use crate::support::logs::Logs;
use crate::support::run::project;
use crate::support::script;

const REGISTRY: &str = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";

fn logs(text: &str) -> Logs {
    Logs::new(&script::files(text).expect("a script that plays"))
}

/// The histories of a report.
fn histories(logs: &Logs, args: &[&str]) -> Vec<Value> {
    let output = logs.output(&[&["--format", "json", "--history"], args].concat());
    let report: Value = serde_json::from_str(&output).expect("a report");
    report["history"].as_array().expect("histories").clone()
}

fn entries(history: &Value) -> &[Value] {
    history["entries"].as_array().expect("entries")
}

/// `10:00:00 kind message` of every entry of the only history.
fn told(logs: &Logs, args: &[&str]) -> Vec<String> {
    let [history] = &histories(logs, args)[..] else {
        panic!("one history")
    };
    let line = |entry: &Value| {
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        format!(
            "{} {} {}",
            &text("time")[11..19],
            text("kind"),
            text("message")
        )
    };
    entries(history).iter().map(line).collect()
}

const MOVED: &str = "\
who ci role
who dana user
repo team/app
repo team/web
noise 08:00 18:00 900
08:30:00  dana  team/app  CreateRepository
08:40:00  dana  team/web  CreateRepository
10:00:00  ci    team/app  PutImage  v1 config=c1 layers=l1 as=first
10:10:00  ci    team/web  PutImage  v1 config=c9 layers=l9
10:20:00  dana  team/app  PutLifecyclePolicy
12:00:00  ci    team/app  PutImage  v1 config=c2 layers=l2 as=second
12:10:00  dana  team/app  BatchDeleteImage  v1
";

#[test]
fn what_stood_before_the_period_counts_and_is_not_told() {
    let logs = logs(MOVED);
    let since = [
        "--repository",
        "team/app",
        "--since",
        "2026-03-17T11:00:00Z",
    ];
    let told = told(&logs, &since);
    let kinds: Vec<&str> = told.iter().map(|line| &line[..14]).collect();
    assert_eq!(kinds, ["12:00:00 moved", "12:10:00 delet"]);
    let history = &histories(&logs, &since)[0];
    let moved = &entries(history)[0];
    let whole = &histories(&logs, &["--repository", "team/app"])[0];
    let first = entries(whole).iter().find(|entry| entry["kind"] == "put");
    assert_eq!(moved["from"], first.expect("the first put")["digest"]);
    assert_eq!(history["tags"], whole["tags"]);
}

#[test]
fn callers_and_addresses_choose_what_is_told() {
    let logs = logs(MOVED);
    let all = told(&logs, &["--repository", "team/app"]);
    assert_eq!(all.len(), 5, "{all:?}");
    let by = |args: &[&str]| told(&logs, &[&["--repository", "team/app"], args].concat());
    let by_dana = by(&["--identity", "dana"]);
    let by_ci = by(&["--identity", "!dana"]);
    assert_eq!((by_dana.len(), by_ci.len()), (3, 2));
    let mut both = [by_dana.clone(), by_ci].concat();
    both.sort();
    assert_eq!(both, all);
    let history = &histories(&logs, &["--repository", "team/app"])[0];
    let made = &entries(history)[0];
    let address = made["source_ip"].as_str().expect("an address");
    assert_eq!(by(&["--address", address]), by_dana);
}

#[test]
fn an_image_without_a_tag_is_its_repository() {
    let logs = logs(MOVED);
    let image = format!("{REGISTRY}/team/app");
    let by_image = histories(&logs, &["--image", &image]);
    assert_eq!(by_image, histories(&logs, &["--repository", "team/app"]));
    let pushes = |args: &[&str]| {
        let output = logs.output(&[&["--format", "json"], args].concat());
        let report: Value = serde_json::from_str(&output).expect("a report");
        report["sessions"].clone()
    };
    let sessions = pushes(&["--image", &image]);
    assert_eq!(sessions.as_array().map(Vec::len), Some(2));
    assert_eq!(sessions, pushes(&["--repository", "team/app"]));
    // Each repository of several has its own.
    let names: Vec<Value> = histories(&logs, &["--repository", "team/*"])
        .iter()
        .map(|history| history["image"].clone())
        .collect();
    let web = format!("{REGISTRY}/team/web");
    assert_eq!(names, [image.as_str(), web.as_str()]);
}

#[test]
fn a_repository_that_is_made_again_holds_nothing() {
    let logs = logs(
        "\
who ci role
who dana user
repo team/app
noise 08:00 18:00 900
10:00:00  ci    -  PutImage  v1 config=c1 layers=l1 as=first
11:00:00  dana  -  DeleteRepository  /requestParameters/force=true
12:00:00  dana  -  CreateRepository
13:00:00  ci    -  PutImage  v1 config=c2 layers=l2
14:00:00  ci    -  PutImage  v2 manifest=first
15:00:00  dana  -  DeleteRepository
",
    );
    let told = told(&logs, &["--repository", "team/app"]);
    let kinds: Vec<&str> = told
        .iter()
        .filter_map(|line| line.split(' ').nth(1))
        .collect();
    assert_eq!(
        kinds,
        [
            "put",
            "repository",
            "repository",
            "put",
            "put",
            "repository"
        ]
    );
    assert!(told[1].ends_with("deleted the repository with the images in it"));
    let history = &histories(&logs, &["--repository", "team/app"])[0];
    assert_eq!(history["ends"], "then the repository is gone");
    assert_eq!(history["tags"], Value::Array(Vec::new()));
}

#[test]
fn a_registry_is_that_of_one_account_and_region() {
    let logs = logs(
        "\
who dana user
repo team/app
account 210987654321
repo their/app
account 123456789012
region eu-west-1
repo far/app
noise 08:00 18:00 900
09:00:00  dana  team/app   CreateRepository
09:10:00  dana  their/app  CreateRepository
09:20:00  dana  far/app    CreateRepository
10:00:00  dana  team/app   PutAccountSetting  /requestParameters/name=\"A\"
11:00:00  dana  their/app  PutAccountSetting  /requestParameters/name=\"B\"
12:00:00  dana  far/app    PutAccountSetting  /requestParameters/name=\"C\"
",
    );
    for (name, setting) in [("team/app", "A"), ("their/app", "B"), ("far/app", "C")] {
        let told = told(&logs, &["--repository", name]);
        let of_registry: Vec<&String> = told
            .iter()
            .filter(|line| line.contains(" registry "))
            .collect();
        let [only] = of_registry[..] else {
            panic!("{name}: {told:?}")
        };
        assert!(only.ends_with(&format!("setting `{setting}`")), "{only}");
    }
}

#[test]
fn a_call_that_two_accounts_recorded_is_told_once_with_its_caller() {
    let own = "/sharedEventID=\"s\" /userIdentity={\"type\":\"AWSAccount\",\"accountId\":\"210987654321\"}";
    let theirs = "/sharedEventID=\"s\" id=twin /recipientAccountId=\"210987654321\"";
    for [first, second] in [[own, theirs], [theirs, own]] {
        let logs = logs(&format!(
            "\
who dana user
repo team/app
noise 08:00 18:00 900
10:00:00  dana  -  BatchDeleteImage  v1  {first}
10:00:00  dana  -  BatchDeleteImage  v1  {second}
"
        ));
        let history = &histories(&logs, &["--repository", "team/app"])[0];
        let [only] = entries(history) else {
            panic!("one entry: {history}")
        };
        assert_eq!(only["who"], "user dana");
    }
}

#[test]
fn what_signs_an_image_is_in_its_history() {
    let logs = logs(
        "\
who ci role
who sig user
repo team/app
noise 08:00 18:00 900
10:00:00  ci   -  PutImage  v1 config=c1 layers=l1 as=app
11:00:00  sig  -  PutImage  sha256-{app}.sig config=c2 layers=l2 oci layer-type=application/vnd.dev.cosign.simplesigning.v1+json
12:00:00  ci   -  PutImage  v1 config=c3 layers=l3 as=other
13:00:00  sig  -  PutImage  - config=c4 layers=l4 oci subject=app type=application/spdx+json
",
    );
    let image = format!("{REGISTRY}/team/app:v1");
    let told = told(&logs, &["--image", &image]);
    let kinds: Vec<&str> = told
        .iter()
        .filter_map(|line| line.split(' ').nth(1))
        .collect();
    // The last is of an image that the tag left.
    assert_eq!(kinds, ["put", "signed", "moved"], "{told:?}");
    assert!(told[1].ends_with("put the signature of it"), "{told:?}");
    let all = histories(&logs, &["--repository", "team/app"]);
    let n_signed = entries(&all[0])
        .iter()
        .filter(|entry| entry["kind"] == "signed");
    assert_eq!(n_signed.count(), 2);
}

#[test]
fn many_pushes_are_told_on_few_lines_and_nothing_else_is_hidden() {
    let mut text = "who ci role\nwho dana user\nrepo team/app\nnoise 00:00 23:59 900\n".to_owned();
    for n in 0..400 {
        let (hour, minute) = (1 + n / 20, n % 20 * 3);
        text += &format!("{hour:02}:{minute:02}:00  ci  -  PutImage  v{n} config=c{n} layers=l1\n");
        if n % 50 == 7 {
            text += &format!("{hour:02}:{minute:02}:30  dana  -  BatchDeleteImage  v{n}\n");
        }
    }
    let logs = logs(&text);
    let args = ["--repository", "team/app", "--history"];
    let short = logs.output(&args);
    assert!(short.lines().count() < 80, "{short}");
    assert_eq!(short.matches(" deleted `v").count(), 8, "{short}");
    assert!(short.contains("50 pushes up to "), "{short}");
    assert!(!short.contains("COMPLETE"), "{short}");
    let whole = logs.output(&[&args[..], &["--verbose"]].concat());
    assert_eq!(whole.matches(" pushed ").count(), 400);
    assert_eq!(entries(&histories(&logs, &args[..2])[0]).len(), 408);
    let page = logs.output(&[&args[..], &["--format", "html"]].concat());
    assert!(page.contains("50 pushes up to "));
}

#[test]
fn what_cannot_be_told_is_refused() {
    let logs = logs(MOVED);
    let refusal = |args: &[&str]| {
        let run = logs.run(args);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{args:?}");
        run.stderr
    };
    for args in [
        &["--history"][..],
        &["--history", "--repository", "!team/app"],
    ] {
        let text = refusal(args);
        assert!(
            text.contains("--repository NAME") && text.contains("--image REF"),
            "{text}"
        );
    }
    let mut n_refused = 0;
    for format in Format::ALL {
        let args = [
            "--history",
            "--repository",
            "team/app",
            "--format",
            format.name,
        ];
        if format.renderer.has_histories() {
            assert!(logs.output(&args).contains("made the repository"));
            continue;
        }
        let text = refusal(&args);
        assert!(
            text.contains("expected `text`, `json`, `jsonl`, `html`, `markdown`"),
            "{text}"
        );
        n_refused += 1;
    }
    assert_eq!(n_refused, 6);
    refusal(&["--history", "--repository", "team/app", "--summary"]);
}

#[test]
fn a_repository_without_a_push_is_in_the_log() {
    let logs = logs(
        "\
who dana user
repo team/app
noise 08:00 18:00 900
10:00:00  dana  -  CreateRepository
",
    );
    let run = logs.run(&["--repository", "team/app", "--history"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stdout.contains("made the repository"), "{}", run.stdout);
    assert!(!run.stdout.contains("not-in-log"), "{}", run.stdout);
    let image = format!("{REGISTRY}/team/app");
    let run = logs.run(&["--image", &image, "--history"]);
    assert!(!run.stdout.contains("not-in-log"), "{}", run.stdout);
    let run = logs.run(&["--repository", "team/other", "--history"]);
    assert!(run.stdout.contains("not-in-log"), "{}", run.stdout);
}

#[test]
fn every_call_that_is_read_is_in_the_history_of_the_case() {
    let case = project("testdata/cases/repository-history/expect/report.json");
    let report = std::fs::read_to_string(case).expect("the case has a report");
    let report: Value = serde_json::from_str(&report).expect("a report");
    let told: Vec<&str> = entries(&report["history"][0])
        .iter()
        .filter_map(|entry| entry["action"].as_str())
        .collect();
    for deed in Deed::ALL {
        assert!(told.contains(&deed.name()), "{}", deed.name());
    }
}
