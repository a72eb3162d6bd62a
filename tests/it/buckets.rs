//! Buckets: a tree in S3 gives the report of the same tree in a directory, whatever the network does.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reconstruct::cli::{Environment, Surroundings};
use reconstruct::ingest;
use reconstruct::render::{Detail, Format, Style};
use reconstruct::source::store::Everything;
use reconstruct::source::{Bucket, Input, Prefix, Reach, Scope};
use reconstruct::{Options, reconstruct};

use crate::support::bucket::{Fake, Tree};
use crate::support::logs::Logs;
use crate::support::run::{Run, project, run_in};
use crate::support::s3_server::{Fault, Script, Server};
use crate::support::script::Files;

/// Logs as buckets hold them: several cases under folders of their own, and what may lie beside them.
fn files() -> Files {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for case in ["damaged-files", "multi-architecture", "log-hole"] {
        walk(
            &project(&format!("testdata/cases/{case}/in")),
            case,
            &mut files,
        );
    }
    for (path, content) in [
        ("a b+c/ü.json", &b"{\"Records\":[]}"[..]),
        ("empty.json", b""),
        (".hidden/AWSLogs/a.json", b"x"),
        ("log-hole/.hidden-1", b"x"),
        ("log-hole/AWSLogs/notes.txt", b"no log"),
        ("log-hole/AWSLogs/123456789012/vpcflowlogs/a.log", b"no log"),
        ("1/2/3/4/5/deep.json", b"no log"),
    ] {
        files.push((path.to_owned(), content.to_vec()));
    }
    files.into_iter().collect()
}

fn walk(folder: &Path, name: &str, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        let below = path.file_name().unwrap_or_default().to_string_lossy();
        let below = format!("{name}/{below}");
        match path.is_dir() {
            true => walk(&path, &below, files),
            false => files.push((below, fs::read(&path).expect("a file"))),
        }
    }
}

fn environment(server: &Server, more: &[(&str, &str)]) -> Surroundings {
    let set = [
        ("AWS_ENDPOINT_URL", server.url.as_str()),
        ("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ];
    // What is set later goes before; an empty value is as good as none.
    let all: BTreeMap<_, _> = set.iter().chain(more).copied().collect();
    Surroundings {
        environment: all.into_iter().collect::<Environment>(),
        ..Surroundings::none()
    }
}

fn bucket(server: &Server, more: &[(&str, &str)], args: &[&str]) -> Run {
    let all = [&["--quiet", "--fail-on", "never"], args].concat();
    run_in(all, environment(server, more))
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
    let run = run_in(args, environment(&server, &[]));
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
fn every_form_of_a_file_is_read_from_a_bucket() {
    let mut files: Files = Files::default();
    walk(&project("testdata/wrappers"), "forms", &mut files);
    let whole = fs::read(project("testdata/wrappers/records.json")).expect("a file");
    let packed = zstd::encode_all(whole.as_slice(), 3).expect("memory");
    files.push(("packed/records.json.zst".to_owned(), packed));
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("records.json", options).expect("memory");
    archive.write_all(&whole).expect("memory");
    let archive = archive.finish().expect("memory").into_inner();
    files.push(("packed/records.zip".to_owned(), archive));

    let logs = Logs::new(&files);
    let wanted = report(&[Input::Path(logs.path().into())], 1);
    let value: serde_json::Value = serde_json::from_str(&wanted).expect("JSON");
    assert_eq!(value["problems"], serde_json::json!([]));
    let tree = Tree::new(&files, 1_000);
    assert!(report(&[prefix(Fake::new(tree.clone(), 4), "")], 2) == wanted);
    // Nothing is fetched ahead of what the listing makes smaller than it is.
    let mut fake = Fake::new(tree, 4);
    fake.grown.extend(files.iter().map(|(key, _)| key.clone()));
    assert!(report(&[prefix(fake, "")], 2) == wanted);
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

/// Reads the bucket with credentials that are set up so, and asserts that they are `key`.
fn reads_with(key: &'static str, script: Script, set: &[(&str, &str)], args: &[&str]) {
    let script = Script {
        key: Some(key),
        ..script
    };
    let server = Server::start(Tree::new(&files(), 1_000), script);
    let local = |value: &str| value.replace("SERVER", &server.url);
    let set: Vec<_> = set
        .iter()
        .map(|(name, value)| (*name, local(value)))
        .collect();
    let mut more = vec![("AWS_ACCESS_KEY_ID", "")];
    more.extend(set.iter().map(|(name, value)| (*name, value.as_str())));
    let args = [args, &["--summary", "s3://logs/log-hole"]].concat();
    let run = bucket(&server, &more, &args);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{key}");
}

const DOCUMENT: &str = r#"{"Version":1,"AccessKeyId":"AKIDJSON","SecretAccessKey":"s",
    "Token":"t","Expiration":"2999-01-01T00:00:00Z"}"#;

const CREDENTIALS: &str = "<R><Credentials><AccessKeyId>AKIDSTS</AccessKeyId>\
    <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
    <Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></R>";

fn documents(pairs: &[(&'static str, &str)]) -> Script {
    let pairs = pairs.iter().map(|(path, text)| (*path, (*text).to_owned()));
    Script {
        documents: pairs.collect(),
        ..Script::default()
    }
}

/// A file for the time of a test.
fn file(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("s3-{name}"));
    fs::write(&path, text).expect("a file");
    path.to_string_lossy().into_owned()
}

#[test]
fn credentials_of_profiles_are_found() {
    let process = file("process.json", DOCUMENT);
    let config = format!(
        "[profile process]\ncredential_process = cat \"{process}\"\n\
         [profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = static\n\
         external_id = e x\n[profile static]\nregion = eu-west-3\n\
         [profile loop]\nrole_arn = r\nsource_profile = loop\n\
         [profile mfa]\nrole_arn = r\nsource_profile = static\nmfa_serial = m\n\
         [profile sso]\nsso_session = s\n"
    );
    let config = file("config", &config);
    let keys = "[static]\naws_access_key_id = AKIDSTATIC\naws_secret_access_key = s\n\
                [default]\naws_access_key_id = AKIDDEFAULT\naws_secret_access_key = s\n";
    let keys = file("credentials", keys);
    let files = [
        ("AWS_CONFIG_FILE", config.as_str()),
        ("AWS_SHARED_CREDENTIALS_FILE", keys.as_str()),
    ];
    let none = || Script::default();
    reads_with("AKIDDEFAULT", none(), &files, &[]);
    reads_with("AKIDSTATIC", none(), &files, &["--profile", "static"]);
    reads_with("AKIDJSON", none(), &files, &["--profile", "process"]);
    let sts = documents(&[("POST /", CREDENTIALS)]);
    reads_with("AKIDSTS", sts, &files, &["--profile", "role"]);
    let by_variable = [&files[..], &[("AWS_PROFILE", "static")]].concat();
    reads_with("AKIDSTATIC", none(), &by_variable, &[]);
    // Keys in the environment go before a profile that is only a variable's.
    let both = [&by_variable[..], &[("AWS_ACCESS_KEY_ID", "AKIDENV")]].concat();
    reads_with("AKIDENV", none(), &both, &[]);
    reads_with("AKIDDEFAULT", none(), &both, &["--profile", "default"]);

    let server = Server::start(Tree::new(&Files::new(), 1), Script::default());
    for (profile, words) in [
        ("loop", "takes on a role and has no keys"),
        ("mfa", "aws configure export-credentials --profile mfa"),
        ("sso", "aws configure export-credentials --profile sso"),
    ] {
        let run = bucket(&server, &files, &["--profile", profile, "s3://logs"]);
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
}

#[test]
fn credentials_of_containers_instances_and_web_identities_are_found() {
    let container = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "SERVER/role")];
    reads_with(
        "AKIDJSON",
        documents(&[("GET /role", DOCUMENT)]),
        &container,
        &[],
    );
    let instance = documents(&[
        ("PUT /latest/api/token", "token"),
        ("GET /latest/meta-data/iam/security-credentials/", "role-1"),
        (
            "GET /latest/meta-data/iam/security-credentials/role-1",
            DOCUMENT,
        ),
    ]);
    let service = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", "SERVER")];
    reads_with("AKIDJSON", instance, &service, &[]);
    let token = file("token", "ey.J\n");
    let identity = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()),
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r"),
    ];
    reads_with(
        "AKIDSTS",
        documents(&[("POST /", CREDENTIALS)]),
        &identity,
        &[],
    );
}

/// The JSON report of inputs by the library.
fn report(inputs: &[Input], jobs: usize) -> String {
    let options = Options {
        ingest: ingest::ReadOptions {
            jobs: Some(jobs),
            max_decoded_bytes: 1 << 30,
            roles: ingest::Roles::Ignored,
            verify: None,
        },
        window: Duration::from_secs(900),
        reach: Reach::default(),
    };
    let whole = reconstruct(inputs, &options).expect("logs");
    let format = Format::find("json").expect("a format");
    let style = Style {
        color: false,
        unicode: true,
        width: 80,
        detail: Detail::Normal,
        ..Style::default()
    };
    let mut text = Vec::new();
    let written = format.renderer.render(&whole.report(), &style, &mut text);
    written.expect("memory takes all");
    String::from_utf8(text).expect("reports are UTF-8")
}

fn prefix(fake: Fake, path: &str) -> Input {
    let scope: Arc<dyn Scope> = Arc::new(Everything);
    Input::Prefix(Prefix {
        bucket: Bucket {
            name: "logs".into(),
            store: Arc::new(fake),
        },
        path: path.to_owned(),
        scope,
    })
}

#[test]
fn threads_and_connections_change_nothing() {
    let tree = Tree::new(&files(), 7);
    let wanted = report(&[prefix(Fake::new(tree.clone(), 1), "")], 1);
    for (jobs, connections) in [(1, 32), (8, 1), (8, 32)] {
        let mut fake = Fake::new(tree.clone(), connections);
        // One that is larger than the listing said is read once more.
        let key = files()
            .into_iter()
            .find(|(key, _)| key.ends_with(".json.gz"));
        fake.grown.extend(key.map(|(key, _)| key));
        assert_eq!(fake.grown.len(), 1);
        assert!(
            report(&[prefix(fake, "")], jobs) == wanted,
            "{jobs} {connections}"
        );
    }
}

#[test]
fn an_object_that_cannot_be_read_costs_only_itself() {
    let files = files();
    let tree = Tree::new(&files, 1_000);
    let mut fake = Fake::new(tree, 4);
    let (key, _) = files
        .iter()
        .find(|(key, _)| key.ends_with(".json.gz"))
        .expect("a log");
    fake.denied.insert(key.clone());
    let text = report(&[prefix(fake, "")], 2);
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value["coverage"]["files"]["unreadable"], 1);
    assert!(text.contains("AccessDenied: no"));
}
