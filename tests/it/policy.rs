//! Policies: what breaks a rule is told, what cannot be told is said, and what keeps it is not.
//!
//! In: cases, simulated logs and small scripts, with policies. Out: findings, messages, exit statuses, and the policies that
//! `--policy-from` writes.

use std::collections::BTreeMap;
use std::fs;

use reconstruct::Policy;
use serde_json::Value;

use crate::support::folder::Folder;
use crate::support::logs::Logs;
use crate::support::run::{project, run};
use crate::support::script;
use crate::support::script::Files;
use crate::support::simulate::scenario::SCENARIOS;
use crate::support::simulate::simulate;

/// The findings of a report about a policy, by code and severity, each with its message; those of pushes and of the log.
fn told(json: &str) -> Vec<(String, String)> {
    let report: Value = serde_json::from_str(json).expect("a report is JSON");
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let of_pushes = list(&report["sessions"]);
    let of_pushes = of_pushes.iter().flat_map(|push| list(&push["findings"]));
    let all = of_pushes.chain(list(&report["findings"]));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of_policy = all.filter(|of| text(&of["code"]).starts_with("policy"));
    of_policy
        .map(|of| {
            let what = format!("{} {}", text(&of["code"]), text(&of["severity"]));
            (what, text(&of["message"]))
        })
        .collect()
}

/// A policy in a folder of its own, and its path.
fn kept(policy: &str) -> (Folder, String) {
    let folder = Folder::new();
    folder.write("policy.toml", policy);
    let path = folder.0.join("policy.toml");
    let path = path.to_str().expect("Unicode").to_owned();
    (folder, path)
}

/// What a policy says of the logs of a script.
fn judged(script: &str, policy: &str) -> Vec<(String, String)> {
    let files =
        script::files(script).unwrap_or_else(|fault| panic!("{}: {}", fault.line, fault.what));
    let (_folder, path) = kept(policy);
    told(&Logs::new(&files).output(&["--format", "json", "--policy", &path]))
}

/// The messages of broken rules.
fn broken(told: &[(String, String)]) -> Vec<&str> {
    let errors = told.iter().filter(|(what, _)| what == "policy error");
    errors.map(|(_, message)| message.as_str()).collect()
}

/// The first policy of some logs breaks none of its rules on them, and does not depend on threads. Says whether there is one.
fn keeps_its_own(path: &str, what: &str) -> bool {
    let args = ["--quiet", "--policy-from", path];
    let one = run(args.into_iter().chain(["--jobs", "1"]));
    let many = run(args.into_iter().chain(["--jobs", "8"]));
    assert_eq!(one.stdout, many.stdout, "{what}");
    if one.status == 2 {
        // No log could be read, or nobody wrote anything.
        return false;
    }
    assert_eq!(one.status, 0, "{what}: {}", one.stderr);
    let policy = Policy::parse(&one.stdout);
    assert!(policy.is_ok(), "{what}: {policy:?}\n{}", one.stdout);
    let (_folder, file) = kept(&one.stdout);
    let report = run([path, "--format", "json", "--quiet", "--policy", &file]);
    let told = told(&report.stdout);
    assert_eq!(broken(&told), [""; 0], "{what}\n{}", one.stdout);
    let note = told.iter().all(|(what, _)| what != "policy error");
    assert!(note, "{what}");
    true
}

#[test]
fn first_policy_of_any_case_is_kept_by_the_case() {
    let mut n = 0;
    for entry in fs::read_dir(project("testdata/cases")).expect("the cases are there") {
        let logs = entry.expect("readable").path().join("in");
        let path = logs.to_str().expect("Unicode").to_owned();
        n += usize::from(keeps_its_own(&path, &path));
    }
    let sample = project("testdata/sample");
    n += usize::from(keeps_its_own(
        sample.to_str().expect("Unicode"),
        "the sample",
    ));
    assert!(n > 55, "{n} policies");
}

#[test]
fn first_policy_of_any_world_is_kept_by_the_world() {
    let mut n = 0;
    for (seed, scenario) in (4_001..).zip(SCENARIOS.iter().step_by(2)) {
        let logs = Logs::new(&simulate(scenario, seed).files);
        n += usize::from(keeps_its_own(logs.path(), scenario.name));
    }
    assert!(n > 20, "{n} policies");
}

#[test]
fn first_policy_quotes_what_an_attacker_wrote() {
    let files = hostile();
    let logs = Logs::new(&files);
    let text = logs.run(&["--quiet", "--policy-from", logs.path()]).stdout;
    assert!(text.is_ascii() && !text.contains('\u{1b}'), "{text}");
    assert_eq!(text.matches("\n[[rule]]").count(), 1, "{text}");
    assert!(text.contains("# [[rule]]"), "{text}");
    assert!(keeps_its_own(logs.path(), "hostile"));
}

/// A caller whose name would end its quotes, begin a rule and steer the terminal.
fn hostile() -> Files {
    let script = r#"
who eve user
repo team/app
noise 08:00 18:00 900
with eve /userIdentity/userName="x\"]\u000a[[rule]]\u000arepository=\u0027*\u0027\u000a#\u001b[2J" /userIdentity/arn="arn:aws:iam::123456789012:user/x\u0022"
09:00:05  eve  team/app  PutImage  v1 config=c1 layers=l1
"#;
    script::files(script).expect("a script")
}

#[test]
fn stolen_key_of_the_case_is_told_and_the_pipeline_is_not() {
    let case = project("testdata/cases/stolen-key");
    let (logs, policy) = (case.join("in"), case.join("policy.toml"));
    let (logs, policy) = (
        logs.to_str().expect("Unicode"),
        policy.to_str().expect("Unicode"),
    );
    let report = run([logs, "--format", "json", "--quiet", "--policy", policy]);
    assert_eq!(report.status, 1);
    let report: Value = serde_json::from_str(&report.stdout).expect("JSON");
    let mut by_push = BTreeMap::new();
    for push in report["sessions"].as_array().expect("pushes") {
        let errors = push["findings"].as_array().expect("a list");
        let errors = errors.iter().filter(|of| of["code"] == "policy");
        let who = push["identity"]["name"].as_str().unwrap_or_default();
        let who = who.split([' ', ',']).nth(1).unwrap_or_default().to_owned();
        *by_push.entry(who).or_insert(0) += errors.count();
    }
    let counts: Vec<(&str, usize)> = by_push.iter().map(|(who, n)| (who.as_str(), *n)).collect();
    assert_eq!(counts, [("admin-push", 3), ("ci-push", 0), ("deploy", 5)]);
}

#[test]
fn calls_beside_pushes_count_for_the_repository_period_and_caller_that_was_asked_for() {
    let case = project("testdata/cases/stolen-key");
    let (logs, policy) = (case.join("in"), case.join("policy.toml"));
    let (logs, policy) = (
        logs.to_str().expect("Unicode"),
        policy.to_str().expect("Unicode"),
    );
    let n = |args: &[&str]| {
        let args = [
            &[logs, "--format", "json", "--quiet", "--policy", policy],
            args,
        ]
        .concat();
        let report = run(args);
        let told = told(&report.stdout);
        let deletions = told
            .iter()
            .filter(|(_, message)| message.contains("delete"));
        let errors = deletions.clone().filter(|(what, _)| what == "policy error");
        (deletions.count(), errors.count(), report.status)
    };
    assert_eq!(n(&[]), (2, 1, 1));
    assert_eq!(n(&["--repository", "prod/web"]), (2, 1, 1));
    assert_eq!(
        n(&[
            "--since",
            "2026-03-17T13:11:30Z",
            "--until",
            "2026-03-17T13:13:00Z"
        ]),
        (1, 1, 1)
    );
    assert_eq!(
        n(&[
            "--since",
            "2026-03-17T13:10:30Z",
            "--until",
            "2026-03-17T13:11:30Z"
        ]),
        (1, 0, 0)
    );
    assert_eq!(n(&["--identity", "ci"]), (0, 0, 0));
    assert_eq!(
        n(&["--address", "203.0.113.0/24", "--identity", "deploy"]),
        (2, 1, 1)
    );
    assert_eq!(n(&["--tag", "old"]), (1, 1, 1));
    assert_eq!(n(&["--status", "failed"]).0, 0);
}

#[test]
fn pseudonyms_change_no_verdict_and_show_no_name() {
    let case = project("testdata/cases/stolen-key");
    let (logs, policy) = (case.join("in"), case.join("policy.toml"));
    let (logs, policy) = (
        logs.to_str().expect("Unicode"),
        policy.to_str().expect("Unicode"),
    );
    let args = [logs, "--format", "json", "--quiet", "--policy", policy];
    let (open, closed) = (run(args), run(args.into_iter().chain(["--redact"])));
    assert_eq!(open.status, closed.status);
    let codes = |told: &[(String, String)]| {
        told.iter()
            .map(|(what, _)| what.clone())
            .collect::<Vec<_>>()
    };
    let (before, after) = (told(&open.stdout), told(&closed.stdout));
    assert_eq!(codes(&before), codes(&after));
    assert!(before.len() > 8, "{before:?}");
    for name in [
        "releases",
        "role/ci",
        "198.51.100",
        "203.0.113.66",
        "deploy",
        "prod/",
    ] {
        assert!(open.stdout.contains(name), "{name}");
        assert!(!closed.stdout.contains(name), "{name}");
    }
}

#[test]
fn policy_that_is_wrong_stops_the_run_at_its_line() {
    let sample = project("testdata/sample");
    let sample = sample.to_str().expect("Unicode");
    let (_folder, path) = kept("[[rule]]\nname = \"web\"\nrepositry = \"shop/*\"\n");
    let run_ = run([sample, "--policy", &path]);
    assert_eq!((run_.status, run_.stdout.as_str()), (2, ""));
    for said in [
        "unknown key `repositry`",
        ":3:1",
        "3 │ repositry",
        "did you mean `repository`?",
    ] {
        assert!(run_.stderr.contains(said), "{said}: {}", run_.stderr);
    }
    let long = format!("[[rule]]\nrepository = '{}'\nx = 1\n", "a".repeat(70_000));
    let (_folder, path) = kept(&long);
    let run_ = run([sample, "--policy", &path]);
    assert!(
        run_.stderr.contains("line 3: unknown key `x`"),
        "{}",
        run_.stderr
    );
    assert!(run_.stderr.len() < 2_000, "{}", run_.stderr.len());
    let run_ = run([sample, "--policy", "/no/such/policy.toml"]);
    assert_eq!(run_.status, 2);
    assert!(
        run_.stderr.contains("cannot read the policy"),
        "{}",
        run_.stderr
    );
}

const HEAD: &str = "
who ci role
who mallory role
who dana user
repo prod/web
noise 08:00 18:00 900
";

/// What an attacker can name as he likes must not make him somebody who is allowed.
#[test]
fn names_that_anybody_can_choose_allow_nobody() {
    let policy = "[[rule]]\nrepository = '*'\ncallers = ['role/ci-push']\n";
    let put = "09:00:05  mallory  prod/web  PutImage  v1 config=c1 layers=l1\n";
    for with in [
        // A session named like the role.
        "with mallory /userIdentity/arn=\"arn:aws:sts::123456789012:assumed-role/dev/role/ci-push\" /userIdentity/principalId=\"AROAX:role/ci-push\"",
        "with mallory /userIdentity/arn=\"arn:aws:sts::123456789012:assumed-role/dev/ci-push\" /userIdentity/principalId=\"AROAX:ci-push\"",
        // A role of that name in another account.
        "with mallory /userIdentity/accountId=\"999988887777\" /userIdentity/arn=\"arn:aws:sts::999988887777:assumed-role/ci-push/x\" /userIdentity/sessionContext/sessionIssuer={\"userName\":\"ci-push\",\"type\":\"Role\"}",
        // A user of that name.
        "with mallory /userIdentity/type=\"IAMUser\" /userIdentity/userName=\"ci-push\" /userIdentity/arn=\"arn:aws:iam::123456789012:user/ci-push\"",
    ] {
        let told = judged(&format!("{HEAD}{with}\n{put}"), policy);
        assert_eq!(broken(&told).len(), 1, "{with}: {told:?}");
    }
    let good = judged(
        &format!("{HEAD}09:00:05  ci  prod/web  PutImage  v1 config=c1 layers=l1\n"),
        policy,
    );
    assert_eq!(broken(&good), [""; 0]);
    // A caller whose account is hidden is not told to be allowed, nor accused.
    let hidden = "with ci /userIdentity/accountId=null\n09:00:05  ci  prod/web  PutImage  v1 config=c1 layers=l1\n";
    let told = judged(&format!("{HEAD}{hidden}"), policy);
    assert_eq!(broken(&told), [""; 0]);
    assert!(
        told.iter()
            .any(|(what, _)| what == "policy-undecided warning"),
        "{told:?}"
    );
}

#[test]
fn tag_that_is_deleted_first_has_moved_all_the_same() {
    let script = "
09:00:05  ci  prod/web  PutImage  v1 config=c1 layers=l1
10:00:00  ci  prod/web  BatchDeleteImage  v1
10:00:05  ci  prod/web  PutImage  v1 config=c2 layers=l2
11:00:05  ci  prod/web  PutImage  v1 config=c3 layers=l3 !ImageTagAlreadyExistsException
12:00:05  ci  prod/web  PutImage  latest config=c2 layers=l2
12:00:06  ci  prod/web  PutImage  latest config=c1 layers=l1
";
    let policy = "[[rule]]\nrepository = '*'\nmoving-tags = ['latest']\n";
    let told = judged(&format!("{HEAD}{script}"), policy);
    let said = broken(&told);
    assert_eq!(said.len(), 1, "{told:?}");
    assert!(said[0].contains("moved `v1`"), "{said:?}");
}

#[test]
fn image_that_calls_itself_a_signature_needs_one_if_it_has_a_tag() {
    let policy = "[[rule]]\nrepository = '*'\nsignature = '10m'\n";
    let disguised = "
09:00:05  ci  prod/web  PutImage  v1 config=c1 layers=l1 as=good
10:00:05  ci  prod/web  PutImage  v2 config=c2 layers=l2 subject=good
10:00:06  ci  prod/web  PutImage  sha256-{good}.sig config=c3 layers=l3 layer-type=application/vnd.dev.cosign.simplesigning.v1+json oci
";
    let told = judged(&format!("{HEAD}{disguised}"), policy);
    // The first got its signature an hour late, the second none; the signature itself needs none.
    assert_eq!(broken(&told).len(), 2, "{told:?}");
    let late = policy.replace("10m", "2h");
    let told = judged(&format!("{HEAD}{disguised}"), &late);
    assert_eq!(broken(&told).len(), 1, "{told:?}");
}

#[test]
fn refused_push_breaks_no_rule_and_one_call_that_was_granted_does() {
    let policy = "[[rule]]\nrepository = '*'\ncallers = []\n";
    let refused = "09:00:05  dana  prod/web  Initiate  - !AccessDeniedException\n";
    let told = judged(&format!("{HEAD}{refused}"), policy);
    assert_eq!(broken(&told), [""; 0]);
    let begun = "09:00:05  dana  prod/web  Initiate  u1\n09:00:06  dana  prod/web  PutImage  v1 config=c1 !AccessDeniedException\n";
    let told = judged(&format!("{HEAD}{begun}"), policy);
    assert_eq!(broken(&told).len(), 1, "{told:?}");
}

#[test]
fn call_about_a_registry_is_judged_by_every_rule() {
    let policy = "
[[rule]]
repository = 'lab/*'
may-change-policies = ['user/dana']
[[rule]]
name = 'prod'
repository = 'prod/*'
may-change-policies = []
";
    let script = "10:00:00  dana  -  PutRegistryPolicy\n";
    let told = judged(&format!("{HEAD}{script}"), policy);
    let said = broken(&told);
    assert_eq!(said.len(), 1, "{told:?}");
    assert!(said[0].contains("rule `prod`"), "{said:?}");
}

/// The policies of the page, each on logs of the repository: how often it is broken there, and by whom.
#[test]
fn policies_of_the_page_do_what_it_says() {
    let page = fs::read_to_string(project("docs/policy.md")).expect("the page is text");
    let blocks: Vec<&str> = page
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    let tried = [
        ("testdata/cases/stolen-key/in", "user deploy"),
        (
            "testdata/cases/who-and-where/in",
            "through vpce-0ffffeeeeddddcccc",
        ),
        ("testdata/sample", "user maria"),
    ];
    assert_eq!(blocks.len(), tried.len());
    for (policy, (logs, said)) in blocks.into_iter().zip(tried) {
        let (_folder, path) = kept(policy);
        let logs = project(logs);
        let logs = logs.to_str().expect("Unicode");
        let report = run([logs, "--format", "json", "--quiet", "--policy", &path]);
        assert_eq!(report.status, 1, "{}", report.stderr);
        let told = told(&report.stdout);
        let broken = broken(&told);
        assert!(
            broken.iter().any(|message| message.contains(said)),
            "{logs}: {broken:?}"
        );
    }
}

#[test]
fn policy_of_the_sample_tells_what_its_story_says() {
    let (sample, policy) = (project("testdata/sample"), project("testdata/sample.toml"));
    let (sample, policy) = (
        sample.to_str().expect("Unicode"),
        policy.to_str().expect("Unicode"),
    );
    let report = run([sample, "--format", "json", "--quiet", "--policy", policy]);
    let told = told(&report.stdout);
    let broken = broken(&told);
    // Operations retagged an image by hand.
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(
        broken[0].contains("SSO user Operations@example.com"),
        "{broken:?}"
    );
}
