//! S3 by its own SDK: a bucket is reported as its directory is, and what is refused says what to do.
//!
//! In: a bucket on loopback, and a network that fails. Out: the reports, and the requests that were made.

use crate::buckets::files;
use crate::support::bucket::Tree;
use crate::support::logs::Logs;
use crate::support::run::{Run, run_in};
use crate::support::s3_server::{Fault, Script, Server, reading};
use crate::support::script::Files;

/// A bucket on a server, read by the program.
pub(super) fn bucket(server: &Server, more: &[(&str, &str)], args: &[&str]) -> Run {
    let all = [&["--quiet", "--fail-on", "never"], args].concat();
    run_in(all, reading(&server.url, more))
}

#[test]
fn bucket_is_reported_as_the_directory_is() {
    let files = files();
    let logs = Logs::new(&files);
    for format in ["json", "text"] {
        let wanted = logs.output(&["--format", format]);
        for (connections, page) in [("1", 1_000), ("32", 1_000), ("32", 3)] {
            let server = Server::start(Tree::new(&files, page), Script::default());
            for path in ["s3://logs", "s3://logs/"] {
                let args = ["--format", format, "--connections", connections, path];
                let run = bucket(&server, &[], &args);
                assert_eq!((run.status, run.stderr.as_str()), (0, ""));
                assert!(run.stdout == wanted, "{format} {connections} {page} {path}");
            }
        }
    }
}

#[test]
fn failures_of_the_network_change_nothing() {
    let files = files();
    let wanted = Logs::new(&files).output(&["--format", "json"]);
    let mut n_tries = 0;
    for faults in [
        vec![Fault::SlowDown, Fault::SlowDown],
        vec![Fault::InternalError],
        vec![Fault::Cut],
        vec![Fault::HalfPage],
        vec![Fault::Silence, Fault::Cut, Fault::SlowDown],
    ] {
        for connections in ["1", "32"] {
            let is_long = faults.len() > 1 && connections == "1";
            if is_long {
                // Pauses add up; the others show that one connection fares no worse.
                continue;
            }
            let script = Script {
                faults: faults.clone(),
                ..Script::default()
            };
            let server = Server::start(Tree::new(&files, 40), script);
            let args = [
                "--format",
                "json",
                "--connections",
                connections,
                "s3://logs",
            ];
            let run = bucket(&server, &[], &args);
            assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{faults:?}");
            assert!(run.stdout == wanted, "{faults:?} {connections}");
            n_tries += server.requests.lock().expect("no panic").len();
        }
    }
    assert!(n_tries > 6 * files.len(), "{n_tries}");
}

#[test]
fn objects_and_folders_are_told_apart() {
    let files = files();
    let server = Server::start(Tree::new(&files, 1_000), Script::default());
    let folder: Files = files
        .iter()
        .filter_map(|(key, content)| {
            let below = key.strip_prefix("log-hole/")?;
            Some((below.to_owned(), content.clone()))
        })
        .collect();
    let logs = Logs::new(&folder);
    let summary = |path: &str| {
        let run = bucket(&server, &[], &["--summary", path]);
        (run.status, run.stdout, run.stderr)
    };
    let (status, text, _) = summary("s3://logs/log-hole");
    assert_eq!((status, text), (0, logs.output(&["--summary"])));
    assert_eq!(
        summary("s3://logs/log-hole/").1,
        summary("s3://logs/log-hole").1
    );
    let (key, _) = files
        .iter()
        .find(|(key, _)| key.contains("log-hole/AWSLogs/123456789012/CloudTrail/"))
        .expect("a log");
    assert_eq!(summary(&format!("s3://logs/{key}")).0, 0);
    let (status, _, message) = summary("s3://logs/log-ho");
    assert_eq!(status, 2);
    assert!(
        message.contains("no log file under `s3://logs/log-ho`"),
        "{message}"
    );
}

#[test]
fn notice_says_what_will_be_read() {
    let server = Server::start(Tree::new(&files(), 1_000), Script::default());
    let args = [
        "--summary",
        "--fail-on",
        "never",
        "s3://logs/log-hole/AWSLogs/",
    ];
    let run = run_in(args, reading(&server.url, &[]));
    let first = run.stderr.lines().next().expect("a line");
    let is_notice =
        first.starts_with("reconstruct: reading ") && first.ends_with(" from s3://logs");
    assert!(is_notice && first.contains(" objects ("), "{first}");
}

#[test]
fn other_days_accounts_and_regions_are_not_listed() {
    let mut files = files();
    for day in 1..=31 {
        for (account, region) in [
            ("123456789012", "eu-central-1"),
            ("123456789012", "us-west-2"),
            ("999999999999", "eu-central-1"),
        ] {
            for kind in ["CloudTrail", "CloudTrail-Digest"] {
                let name = match kind {
                    "CloudTrail" => format!("{account}_{kind}_{region}_202603{day:02}T0000Z_x"),
                    _ => format!("{account}_{kind}_{region}_t_{region}_202603{day:02}T000000Z"),
                };
                let path = format!("org/AWSLogs/o-abc/{account}/{kind}/{region}/2026/03/{day:02}");
                files.push((
                    format!("{path}/{name}.json.gz"),
                    b"{\"Records\":[]}".to_vec(),
                ));
            }
        }
    }
    let server = Server::start(Tree::new(&files, 1_000), Script::default());
    let args = [
        "--summary",
        "--since",
        "2026-03-17",
        "--until",
        "2026-03-18",
        "--account",
        "1234*",
        "--region",
        "eu-central-1",
        "s3://logs/org",
    ];
    let run = bucket(&server, &[], &args);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let requests = server.requests.lock().expect("no panic").split_off(0);
    let lists = requests
        .iter()
        .filter(|request| request.contains("list-type"))
        .count();
    let read: Vec<_> = requests
        .iter()
        .filter(|request| !request.contains("list-type"))
        .collect();
    // The 19th for what is delivered late, and of none more than its own hour and a log.
    for day in ["17", "18", "19"] {
        let of_day = |request: &&&String| request.contains(&format!("/2026/03/{day}/"));
        assert_eq!(read.iter().filter(of_day).count(), 2, "{read:#?}");
    }
    assert_eq!(read.len(), 6, "{read:#?}");
    // Two folders above, an account, two kinds with a region each, which is looked at twice.
    assert!(lists <= 12, "{lists}: {requests:#?}");
    assert!(
        !requests
            .iter()
            .any(|request| request.contains("9999") || request.contains("us-west"))
    );

    // A role may have been taken on anywhere, but not at any time.
    let run = bucket(&server, &[], &[&["--trace-roles"], &args[..]].concat());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let requests = server.requests.lock().expect("no panic");
    for place in ["/999999999999/", "/us-west-2/"] {
        let is_read = |request: &&String| {
            !request.contains("list-type") && request.contains(place) && request.contains("/03/17/")
        };
        assert_eq!(requests.iter().filter(is_read).count(), 2, "{requests:#?}");
    }
    assert!(!requests.iter().any(|request| request.contains("/03/05/")));
}

#[test]
fn addresses_may_stand_in_a_list() {
    let server = Server::start(Tree::new(&files(), 1_000), Script::default());
    let list = "s3://logs/log-hole/\ns3://logs/gone/\ns3://logs/gone.json\ns3://Logs/a\n";
    let lists: Files = [("list".to_owned(), list.as_bytes().to_vec())]
        .into_iter()
        .collect();
    let lists = Logs::new(&lists);
    let list = format!("{}/list", lists.path());
    let json = |args: &[&str]| -> serde_json::Value {
        let run = bucket(&server, &[], &[&["--format", "json"], args].concat());
        serde_json::from_str(&run.stdout).expect("a report")
    };
    let (typed, listed) = (
        json(&["s3://logs/log-hole/"]),
        json(&["--files-from", &list]),
    );
    assert!(listed["sessions"] == typed["sessions"]);
    assert!(!listed["sessions"].as_array().expect("an array").is_empty());
    let n_unreadable = |report: &serde_json::Value| {
        let count = &report["coverage"]["files"]["unreadable"];
        count.as_u64().expect("a number")
    };
    assert_eq!(n_unreadable(&listed), n_unreadable(&typed) + 3);
    // What is typed has to be there.
    let run = bucket(&server, &[], &["s3://logs/gone/"]);
    assert_eq!(run.status, 2);
    let run = bucket(&server, &[], &["s3://Logs/a"]);
    assert!(run.stderr.contains("invalid address"), "{}", run.stderr);
}

#[test]
fn selected_pushes_are_those_of_the_directory() {
    let files = files();
    let server = Server::start(Tree::new(&files, 1_000), Script::default());
    let logs = Logs::new(&files);
    let mut n_pushes = 0;
    for selection in [
        &["--since", "2026-03-17", "--until", "2026-03-18"][..],
        &["--account", "123456789012"],
        &[
            "--region",
            "eu-central-1",
            "--since",
            "2026-03-17T10:00:00Z",
        ],
    ] {
        let args = [&["--format", "jsonl"], selection].concat();
        let pushes = |text: &str| -> Vec<String> {
            let lines = text
                .lines()
                .filter(|line| line.contains("\"type\":\"session\""));
            lines.map(str::to_owned).collect()
        };
        let run = bucket(&server, &[], &[&args[..], &["s3://logs"]].concat());
        let (here, there) = (pushes(&logs.output(&args)), pushes(&run.stdout));
        assert!(here == there, "{selection:?}\n{}", run.stderr);
        n_pushes += here.len();
    }
    assert!(n_pushes > 5, "{n_pushes}");
}

#[test]
fn bucket_elsewhere_is_named() {
    let script = Script {
        region: Some("eu-north-1"),
        ..Script::default()
    };
    let server = Server::start(Tree::new(&files(), 1_000), script);
    let run = bucket(&server, &[], &["s3://logs"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("the bucket is in region `eu-north-1`"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("AWS_REGION=eu-north-1"),
        "{}",
        run.stderr
    );
    let run = bucket(
        &server,
        &[("AWS_REGION", "eu-north-1")],
        &["--summary", "s3://logs"],
    );
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
}

#[test]
fn refusals_say_what_is_needed() {
    let script = Script {
        key: Some("AKIDOTHER"),
        ..Script::default()
    };
    let server = Server::start(Tree::new(&files(), 1_000), script);
    let run = bucket(&server, &[], &["s3://logs"]);
    assert_eq!(run.status, 2);
    for words in [
        "cannot list `s3://logs`: AccessDenied",
        "s3:ListBucket",
        "kms:Decrypt",
    ] {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
    let nothing = [
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    let run = bucket(&server, &nothing, &["s3://logs"]);
    assert!(
        run.stderr.contains("no AWS credentials found"),
        "{}",
        run.stderr
    );
    let run = bucket(&server, &[], &["--profile", "none", "s3://logs"]);
    assert!(run.stderr.contains("no profile `none`"), "{}", run.stderr);
}

#[test]
fn refused_objects_are_status_2() {
    let script = Script {
        lists_only: true,
        ..Script::default()
    };
    let server = Server::start(Tree::new(&files(), 1_000), script);
    let run = bucket(&server, &[], &["s3://logs"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    let said = "no log could be read from `s3://logs`";
    assert!(run.stderr.contains(said), "{}", run.stderr);
}
