//! Log files that digest files list and that are not there: counted by account, region and hour, and listed by address.
//!
//! In: logs with digest files from which something was taken. Out: what the report says, and the lines of
//! `--list-missing`.

use std::fs;

use serde_json::{Value, json};

use crate::support::folder::Folder;
use crate::support::logs::Logs;
use crate::support::run::{Run, run};
use crate::support::script::{self, Files};

/// Two accounts and regions, three hours with digest files in both.
const SCRIPT: &str = "
who ci role
repo team/app
noise 14:10 16:50 600
digests
15:12:20  ci  team/app  PutImage  v1 config=cc layers=aa
account 210987654321
region us-west-2
repo tools/web
";

fn files() -> Files {
    script::files(SCRIPT).expect("a sound script")
}

/// The files without the log files of an account and region that were delivered at some times of the day, as `15`.
fn without(region: &str, hours: &[&str]) -> (Files, Vec<String>) {
    let is_meant = |path: &str| {
        let stamp = path.split("_20260317T").nth(1).unwrap_or_default();
        path.contains(&format!("/CloudTrail/{region}/"))
            && hours.iter().any(|hour| stamp.starts_with(hour))
    };
    let (gone, left): (Files, Files) = files().into_iter().partition(|(path, _)| is_meant(path));
    assert!(!gone.is_empty(), "there are such files");
    let gone = gone.into_iter().map(|(path, _)| path).collect();
    (left, gone)
}

/// How many digest files there are, of one region or of all.
fn n_digests(region: &str) -> usize {
    let folder = format!("/CloudTrail-Digest/{region}");
    let files = files();
    files
        .iter()
        .filter(|(path, _)| path.contains(&folder))
        .count()
}

fn report(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).expect("a report is JSON")
}

/// The bucket that the digest files name.
fn bucket() -> String {
    let (_, digest) = files()
        .into_iter()
        .find(|(path, _)| path.contains("CloudTrail-Digest"))
        .expect("a digest file");
    let digest = script::damage::decoded(&digest);
    let digest: Value = serde_json::from_slice(&digest).expect("JSON");
    digest["digestS3Bucket"]
        .as_str()
        .expect("a bucket")
        .to_owned()
}

/// The lines that name files.
fn addresses(gone: &[String]) -> String {
    let bucket = bucket();
    let lines = gone.iter().map(|path| format!("s3://{bucket}/{path}\n"));
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    lines.concat()
}

#[test]
fn missing_files_are_counted_by_hour_with_a_check_and_without() {
    let (left, gone) = without("eu-central-1", &["15"]);
    let logs = Logs::new(&left);
    let plain = report(&logs.run(&["--format", "json"]));
    let checked = report(&logs.run(&["--format", "json", "--verify"]));
    let missing = &plain["coverage"]["missing"];
    assert_eq!(*missing, checked["coverage"]["missing"]);
    let rows = missing.as_array().expect("rows");
    let n_files: u64 = rows.iter().filter_map(|row| row["files"].as_u64()).sum();
    assert_eq!(n_files, gone.len() as u64);
    for row in rows {
        assert_eq!(row["region"], "eu-central-1");
        assert_eq!(row["account"], "123456789012");
        let hour = |end: &str| row[end].as_str().expect("a time")[11..].to_owned();
        assert!(
            [("14:00:00Z", "15:00:00Z"), ("15:00:00Z", "16:00:00Z")]
                .contains(&(&hour("from"), &hour("to"))),
            "{row}"
        );
    }
    // What is made of these logs says the same.
    let extract = logs.run(&["--extract"]);
    let folder = Folder::new();
    let extract = folder.write("a.jsonl", extract.stdout);
    let again = run([extract.to_str().expect("Unicode"), "--format", "json"]);
    assert_eq!(*missing, report(&again)["coverage"]["missing"]);
}

#[test]
fn the_report_and_standard_error_group_what_is_missing() {
    let (left, gone) = without("us-west-2", &["15"]);
    let n = gone.len();
    let logs = Logs::new(&left);
    let run = logs.run(&["--verify", "--width", "200"]);
    let rows = &report(&logs.run(&["--verify", "--format", "json"]))["coverage"]["missing"];
    let from = rows[0]["from"].as_str().expect("a time");
    let group =
        format!("{n} log files of 210987654321 us-west-2 between {from} and 2026-03-17T16:00:00Z");
    let expected = format!(
        "warning: {n} log files that digest files list are not here, as counted by hour; --list-missing \
         names them [absent-file]\n  {group}\n"
    );
    assert!(run.stderr.starts_with(&expected), "{}", run.stderr);
    let head = format!("  missing  {group}\n           --list-missing names them\n");
    assert!(run.stdout.contains(&head), "{}", run.stdout);
    let hole = format!(
        "  warning  digest files list {n} log files of `210987654321` in `us-west-2` that are not in the input: \
         between {from} and 2026-03-17T16:00:00Z [log-hole]\n  help  `--list-missing` names them; fetch them\n"
    );
    assert!(run.stdout.contains(&hole), "{}", run.stdout);
    let problems = format!(
        "{n} problems of the input\n  {n} log files that digest files list are not here, as counted by hour; \
         --list-missing names them [absent-file]\n"
    );
    assert!(run.stdout.ends_with(&problems), "{}", run.stdout);
}

#[test]
fn each_missing_file_is_one_line_sorted_and_nothing_else() {
    let (left, gone) = without("us-west-2", &["15", "16"]);
    let logs = Logs::new(&left);
    let run = logs.run(&["--list-missing"]);
    assert_eq!((run.status, &*run.stdout), (1, &*addresses(&gone)));
    let last = run.stderr.lines().last().expect("a line");
    let n = gone.len();
    assert_eq!(
        last,
        format!(
            "reconstruct: {n} log files missing that {} digest files list",
            n_digests("")
        )
    );
    let quiet = logs.run(&["--list-missing", "--quiet", "--fail-on", "never"]);
    assert_eq!(
        (quiet.status, &*quiet.stdout, &*quiet.stderr),
        (0, &*run.stdout, "")
    );
}

#[test]
fn nothing_missing_is_status_0_and_said() {
    let run = Logs::new(&files()).run(&["--list-missing", "--fail-on", "warning", "--strict"]);
    let n = n_digests("");
    let told = format!("reconstruct: no log file missing that {n} digest files list\n");
    assert_eq!((run.status, &*run.stdout, &*run.stderr), (0, "", &*told));
}

#[test]
fn account_region_and_time_select_what_is_listed() {
    let (left, gone) = without("us-west-2", &["14", "15", "16"]);
    let logs = Logs::new(&left);
    let list = |args: &[&str]| logs.run(&[&["--list-missing"], args].concat());
    for args in [
        &["--region", "us-*"][..],
        &["--account", "210987654321"],
        &["--region", "!eu-central-1"],
        &["--since", "2026-03-17"],
    ] {
        assert_eq!(list(args).stdout, addresses(&gone), "{args:?}");
    }
    let other = list(&["--region", "eu-central-1"]);
    let n = n_digests("eu-central-1");
    let told = format!("reconstruct: no log file missing that {n} digest files list\n");
    assert_eq!(
        (other.status, &*other.stdout, &*other.stderr),
        (0, "", &*told)
    );
    // Twelve hours and the window after `--until` are needed for its pushes, and a day for late delivery.
    let late = list(&["--until", "2026-03-16T05:00:00Z"]);
    assert_eq!((late.status, &*late.stdout), (1, &*addresses(&gone)));
    let early = list(&["--until", "2026-03-16T03:00:00Z"]);
    let is_early = |path: &&String| {
        let stamp = path.split("_20260317T").nth(1).unwrap_or_default();
        &stamp[..4] <= "1515"
    };
    let n_gone = gone.len();
    let gone: Vec<String> = gone.iter().filter(is_early).cloned().collect();
    assert!((1..n_gone).contains(&gone.len()), "{gone:?}");
    assert_eq!((early.status, &*early.stdout), (1, &*addresses(&gone)));
}

#[test]
fn without_a_digest_file_there_is_no_answer() {
    let logs: Files = files();
    let is_digest = |path: &str| path.contains("CloudTrail-Digest");
    let none: Files = logs
        .iter()
        .filter(|(path, _)| !is_digest(path))
        .cloned()
        .collect();
    let none = Logs::new(&none);
    let run = none.run(&["--list-missing"]);
    assert_eq!((run.status, &*run.stdout), (2, ""));
    assert_eq!(
        run.stderr,
        format!(
            "error: no digest file in `{}`, so nothing says which log files there should be\n\n  help: digest files \
             lie in the folder `CloudTrail-Digest` beside `CloudTrail`; fetch those too, of the same days. Only \
             trails with log file validation have them\n",
            none.path()
        )
    );
    let all = Logs::new(&logs);
    let elsewhere = all.run(&["--list-missing", "--region", "ap-south-1"]);
    assert_eq!((elsewhere.status, &*elsewhere.stdout), (2, ""));
    assert_eq!(
        elsewhere.stderr,
        format!(
            "error: no digest file in `{}` is of the accounts and regions asked for\n\n  help: there are those of \
             123456789012 eu-central-1 and 210987654321 us-west-2\n",
            all.path()
        )
    );
}

#[test]
fn a_digest_file_that_is_missing_or_altered_is_no_status_0() {
    let middle = |files: &Files| {
        let is_middle =
            |path: &str| path.contains("CloudTrail-Digest/us-west-2") && path.contains("T160000Z");
        files
            .iter()
            .position(|(path, _)| is_middle(path))
            .expect("there")
    };
    let mut gap = files();
    gap.remove(middle(&gap));
    let run = Logs::new(&gap).run(&["--list-missing"]);
    assert_eq!((run.status, &*run.stdout), (1, ""), "{}", run.stderr);
    assert!(
        run.stderr.contains("reconstruct::broken-chain"),
        "{}",
        run.stderr
    );
    let mut altered = files();
    let at = middle(&altered);
    let text = String::from_utf8(script::damage::decoded(&altered[at].1)).expect("text");
    altered[at].1 = text
        .replace("\"logFiles\":[", "\"logFiles\": [")
        .into_bytes();
    let run = Logs::new(&altered).run(&["--list-missing"]);
    assert_eq!((run.status, &*run.stdout), (1, ""), "{}", run.stderr);
    assert!(
        run.stderr.contains("reconstruct::altered-digest-file"),
        "{}",
        run.stderr
    );
}

/// A digest file of one hour that lists log files by these keys.
fn digest(keys: &[&str]) -> String {
    let listed = keys.iter().map(|key| {
        json!({"s3Bucket": "trail", "s3Object": key, "hashValue": "00", "hashAlgorithm": "SHA-256",
               "oldestEventTime": "2026-03-17T15:10:00Z", "newestEventTime": "2026-03-17T15:20:00Z"})
    });
    json!({
        "awsAccountId": "123456789012", "digestStartTime": "2026-03-17T15:00:00Z",
        "digestEndTime": "2026-03-17T16:00:00Z", "digestS3Bucket": "trail",
        "digestS3Object": "AWSLogs/123456789012/CloudTrail-Digest/eu-west-1/2026/03/17/123456789012_CloudTrail-Digest_eu-west-1_t_eu-west-1_20260317T160000Z.json.gz",
        "logFiles": listed.collect::<Vec<_>>(),
    })
    .to_string()
}

#[test]
fn hostile_names_break_no_line_and_are_told_of() {
    let folder = Folder::new();
    let keys = [
        "a b/sound.json.gz",
        "two\nlines.json.gz",
        "s3://evil\u{1b}[2J.json.gz",
        "it's.json.gz",
        "\u{202e}zg.nosj",
    ];
    let path = folder.write("digest.json", digest(&keys));
    let run = run([path.to_str().expect("Unicode"), "--list-missing"]);
    assert_eq!(
        (run.status, &*run.stdout),
        (1, "s3://trail/a b/sound.json.gz\n")
    );
    assert_eq!(
        run.stderr,
        "warning: 4 missing log files not printed, as there are quotes, backslashes or characters that do not show \
         in the address:\n  s3://trail/it's.json.gz\n  s3://trail/s3://evil\\u{1b}[2J.json.gz\n  \
         s3://trail/two\\nlines.json.gz\n  \
         5 log files of 123456789012 eu-west-1 between 2026-03-17T15:00:00Z and 2026-03-17T16:00:00Z\n\
         reconstruct: 5 log files missing that 1 digest file lists\n"
    );
}

#[test]
fn the_list_goes_into_a_file_and_takes_no_selection_of_pushes() {
    let folder = Folder::new();
    let path = folder.write("digest.json", digest(&["sound.json.gz"]));
    let (path, out) = (path.to_str().expect("Unicode"), folder.0.join("list"));
    let to = out.to_str().expect("Unicode");
    let written = run([path, "--list-missing", "--output", to, "--quiet"]);
    assert_eq!(
        (written.status, &*written.stdout, &*written.stderr),
        (1, "", "")
    );
    let list = fs::read_to_string(&out).expect("the list");
    assert_eq!(list, "s3://trail/sound.json.gz\n");
    let wrong = run([path, "--list-missing", "--tag", "v1"]);
    assert_eq!(wrong.status, 2);
    assert_eq!(
        wrong.stderr,
        "error: `--list-missing` takes no `--tag`: nobody knows what is in a file that is not here\n\n  tip: \
         `--since`, `--until`, `--account` and `--region` apply\n\nUsage: reconstruct [OPTIONS] <PATH>...\n\n\
         For more information, try '--help'.\n"
    );
}

#[cfg(feature = "aws")]
mod in_a_bucket {
    use super::*;

    use crate::support::bucket::Tree;
    use crate::support::run::run_in;
    use crate::support::s3_server::{Script, Server, reading};

    #[test]
    fn of_a_bucket_only_digest_files_are_fetched() {
        let (left, gone) = without("us-west-2", &["15"]);
        let server = Server::start(Tree::new(&left, 1_000), Script::default());
        let surroundings = reading(&server.url, &[("AWS_REGION", "eu-west-1")]);
        let run = run_in(["s3://logs", "--list-missing", "--quiet"], surroundings);
        assert_eq!((run.status, &*run.stdout), (1, &*addresses(&gone)));
        let requests = server.requests.lock().expect("requests").clone();
        let fetched = requests
            .iter()
            .filter(|request| request.contains(".json.gz"));
        let fetched: Vec<&String> = fetched.collect();
        assert_eq!(fetched.len(), n_digests(""), "{fetched:?}");
        let is_digest = |request: &&String| request.contains("CloudTrail-Digest");
        assert!(fetched.iter().all(is_digest), "{fetched:?}");
    }
}
