//! `--verify`: each way in which a file can fail, one at a time, on logs with signed digest files.
//!
//! What a digest file vouches for must be told as such, and what was altered must be told and nothing else.

mod places;
mod records;

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::renderers;
use crate::support::logs::Logs;
use crate::support::run::{project, run};
use crate::support::script::damage::decoded;
use crate::support::script::{self, Files};
use crate::support::simulate::seal::{FINGERPRINT, Sealed, seal, sha256};
use crate::support::simulate::trail::gzip;

/// Two accounts and regions, a push in each, three hours with digest files in both.
const SCRIPT: &str = "
who ci role
repo team/app
noise 14:10 16:50 200
digests
15:12:14  ci  -         GetAuthorizationToken
15:12:15  ci  team/app  Initiate  u1
15:12:16  ci  team/app  Part      u1 0-5MiB
15:12:17  ci  team/app  Complete  u1 aa
15:12:20  ci  team/app  PutImage  v1 config=cc layers=aa
account 210987654321
region us-west-2
who ops user
repo tools/web
15:32:14  ops  tools/web  GetAuthorizationToken
15:32:15  ops  tools/web  Initiate  u2
15:32:16  ops  tools/web  Part      u2 0-5MiB
15:32:17  ops  tools/web  Complete  u2 bb
15:32:20  ops  tools/web  PutImage  v1 config=dd layers=bb
";

/// The files of the script, with the signature of the last digest file of each chain beside it, as `head-object`
/// prints it and as plain digits.
fn sound() -> Files {
    let mut files = script::files(SCRIPT).expect("a sound script");
    let last = |region: &str| {
        let mut of_region = digests(&files, region);
        of_region.pop().expect("digest files")
    };
    let first = last("eu-central-1");
    let head = json!({"Metadata": {"signature": signature(&files, first), "signature-algorithm": "SHA256withRSA"}});
    let second = last("us-west-2");
    let beside = [
        (format!("{}.json", files[first].0), head.to_string()),
        (
            format!("{}.sig", files[second].0),
            format!("{}\n", signature(&files, second)),
        ),
    ];
    files.extend(beside.map(|(path, text)| (path, text.into_bytes())));
    files.sort();
    files
}

/// Where the digest files of a region are, in order.
fn digests(files: &Files, region: &str) -> Vec<usize> {
    let folder = format!("/CloudTrail-Digest/{region}/");
    let is_meant = |path: &str| path.contains(&folder) && path.ends_with(".json.gz");
    (0..files.len())
        .filter(|&at| is_meant(&files[at].0))
        .collect()
}

/// Where the log files of a region are that were delivered between two times, as `1510` and `1520`.
fn logs(files: &Files, region: &str, from: &str, to: &str) -> Vec<usize> {
    let folder = format!("/CloudTrail/{region}/");
    let is_meant = |path: &str| {
        let stamp = path
            .split("_20260317T")
            .nth(1)
            .and_then(|rest| rest.get(..4));
        path.contains(&folder) && stamp.is_some_and(|stamp| (from..to).contains(&stamp))
    };
    (0..files.len())
        .filter(|&at| is_meant(&files[at].0))
        .collect()
}

/// The log file that holds a `PutImage`.
fn log_of_put(files: &Files, region: &str) -> usize {
    let mut of_region = logs(files, region, "0000", "2400").into_iter();
    of_region
        .find(|&at| text(&files[at].1).contains("PutImage"))
        .expect("a push")
}

fn text(content: &[u8]) -> String {
    String::from_utf8(decoded(content)).expect("text")
}

fn parsed(content: &[u8]) -> Value {
    serde_json::from_slice(&decoded(content)).expect("a digest file is JSON")
}

/// The signature of a digest file, made anew.
fn signature(files: &Files, at: usize) -> String {
    let digest = parsed(&files[at].1);
    let previous = digest["previousDigestS3Object"].as_str().map(|object| {
        let (_, content) = files
            .iter()
            .find(|(path, _)| path == object)
            .expect("the one before");
        Sealed {
            text: text(content),
            object: object.to_owned(),
            signature: digest["previousDigestSignature"]
                .as_str()
                .expect("signed")
                .to_owned(),
        }
    });
    let sealed = seal(digest, previous.as_ref());
    assert_eq!(sealed.text, text(&files[at].1), "the same file again");
    sealed.signature
}

/// What the report of a check says.
struct Checked {
    report: Value,
}

impl Checked {
    fn log_files(&self) -> Value {
        nonzero(&self.report["coverage"]["verification"]["log_files"])
    }

    fn digest_files(&self) -> Value {
        nonzero(&self.report["coverage"]["verification"]["digest_files"])
    }

    /// The code and the end of the file name of each problem.
    fn problems(&self) -> Vec<(&str, &str)> {
        let problems = self.report["problems"].as_array().expect("problems");
        problems
            .iter()
            .map(|problem| {
                let code = problem["code"].as_str().expect("a code");
                (code, problem["file"].as_str().expect("a file"))
            })
            .collect()
    }

    /// Code and severity of what was found of a push, and of the log where `region` is none.
    fn findings(&self, region: Option<&str>) -> Vec<(&str, &str)> {
        let findings = match region {
            None => &self.report["findings"],
            Some(region) => {
                let sessions = self.report["sessions"].as_array().expect("pushes");
                let mut sessions = sessions.iter();
                let session = sessions.find(|session| session["region"] == region);
                &session.expect("a push there")["findings"]
            }
        };
        let of_files = ["altered-log", "unverified-log"];
        let findings = findings.as_array().expect("findings").iter();
        findings
            .map(|finding| {
                let code = finding["code"].as_str().expect("a code");
                (code, finding["severity"].as_str().expect("a severity"))
            })
            .filter(|(code, _)| of_files.contains(code))
            .collect()
    }
}

/// The counts that are not zero.
fn nonzero(row: &Value) -> Value {
    let row = row.as_object().expect("counts").iter();
    row.filter(|(_, n)| n.as_u64() != Some(0))
        .map(|(name, n)| (name.clone(), n.clone()))
        .collect()
}

fn keys() -> String {
    project("testdata/keys/public-keys.json")
        .to_string_lossy()
        .into_owned()
}

fn check_with(files: &Files, args: &[&str]) -> Checked {
    let args = [&["--verify", "--format", "json"], args].concat();
    let output = Logs::new(files).output(&args);
    let report = serde_json::from_str(&output).expect("a report is JSON");
    renderers::check(&report, "");
    Checked { report }
}

fn check(files: &Files) -> Checked {
    check_with(files, &["--public-keys", &keys()])
}

fn n_logs(files: &Files) -> usize {
    files
        .iter()
        .filter(|(path, _)| path.contains("/CloudTrail/"))
        .count()
}

#[test]
fn sound_files_of_two_accounts_are_verified() {
    let files = sound();
    let checked = check(&files);
    assert_eq!(checked.log_files(), json!({"verified": n_logs(&files)}));
    assert_eq!(checked.digest_files(), json!({"signed": 6}));
    assert_eq!(checked.problems(), []);
    assert_eq!(checked.findings(None), []);
    for region in ["eu-central-1", "us-west-2"] {
        assert_eq!(checked.findings(Some(region)), []);
    }
    assert_eq!(digests(&files, "us-west-2").len(), 3);
}

#[test]
fn without_keys_hashes_and_chain_are_checked() {
    let files = sound();
    let checked = check_with(&files, &[]);
    assert_eq!(checked.log_files(), json!({"verified": n_logs(&files)}));
    assert_eq!(checked.digest_files(), json!({"unchecked": 6}));
    assert_eq!(
        checked.report["coverage"]["verification"]["signatures"],
        "not-asked"
    );
    assert_eq!(checked.problems(), []);
}

#[test]
fn unpacked_files_are_as_good() {
    let mut files = sound();
    for (path, content) in &mut files {
        if let Some(bare) = path.strip_suffix(".gz") {
            *content = decoded(content);
            *path = bare.to_owned();
        }
    }
    let checked = check(&files);
    assert_eq!(checked.log_files(), json!({"verified": n_logs(&files)}));
    assert_eq!(checked.digest_files(), json!({"signed": 6}));
}

#[test]
fn unasked_nothing_is_said() {
    let report = Logs::new(&sound()).output(&["--format", "json"]);
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["coverage"]["verification"], Value::Null);
    assert_eq!(report["problems"], json!([]));
}

#[test]
fn altered_log_is_told_and_so_is_the_push_in_it() {
    let mut files = sound();
    let at = log_of_put(&files, "us-west-2");
    files[at].1 = gzip(&text(&files[at].1).replace("tools/web", "tools/wob"));
    for args in [vec![], vec!["--public-keys".to_owned(), keys()]] {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let checked = check_with(&files, &args);
        assert_eq!(
            checked.log_files(),
            json!({"verified": n_logs(&files) - 1, "altered": 1})
        );
        assert_eq!(checked.problems(), [("altered-file", files[at].0.as_str())]);
        assert_eq!(
            checked.findings(Some("us-west-2")),
            [("altered-log", "error")]
        );
        assert_eq!(checked.findings(Some("eu-central-1")), []);
        assert_eq!(checked.findings(None), [("altered-log", "error")]);
    }
}

#[test]
fn altered_log_without_push_gives_status_1() {
    let mut files = sound();
    // The hour before the pushes.
    let at = logs(&files, "eu-central-1", "1420", "1430")[0];
    files[at].1 = gzip("{\"Records\":[]}");
    assert_eq!(check(&files).findings(None), [("altered-log", "error")]);
    let root = folder("status", &files);
    let path = root.to_string_lossy().into_owned();
    let keys = keys();
    let asked = run([path.as_str(), "--quiet", "--verify", "--public-keys", &keys]);
    assert_eq!(asked.status, 1);
    assert_eq!(run([path.as_str(), "--quiet"]).status, 0);
    fs::remove_dir_all(root).expect("the folder can go");
}

#[test]
fn altered_log_counts_under_every_selection() {
    let mut files = sound();
    let at = log_of_put(&files, "us-west-2");
    files[at].1 = gzip(&text(&files[at].1).replace("v1", "v2"));
    records::counts_under_every_selection(&files);
}

#[test]
fn absent_log_counts_under_every_selection() {
    let mut files = sound();
    let at = log_of_put(&files, "us-west-2");
    files.remove(at);
    records::counts_under_every_selection(&files);
}

/// Writes files where more than one run reads them.
fn folder(name: &str, files: &Files) -> PathBuf {
    let name = format!("verify-{}-{name}", std::process::id());
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    for (path, content) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("a folder");
        fs::write(path, content).expect("a file");
    }
    root
}

#[test]
fn log_cut_short_is_altered() {
    let mut files = sound();
    let at = log_of_put(&files, "us-west-2");
    let content = &mut files[at].1;
    content.truncate(content.len() * 2 / 3);
    let checked = check(&files);
    assert_eq!(
        checked.log_files(),
        json!({"verified": n_logs(&files) - 1, "altered": 1})
    );
    let codes: Vec<&str> = checked.problems().iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, ["altered-file", "undecodable"]);
}

#[test]
fn log_over_the_limit_is_unread() {
    let mut files = sound();
    let at = log_of_put(&files, "us-west-2");
    let padded = format!("{}{}", text(&files[at].1), " ".repeat(100 << 10));
    files[at].1 = gzip(&padded);
    let checked = check_with(
        &files,
        &["--public-keys", &keys(), "--max-decoded", "64KiB"],
    );
    assert_eq!(
        checked.log_files(),
        json!({"verified": n_logs(&files) - 1, "unread": 1})
    );
    let expected = [("unverified-log", "warning")];
    assert_eq!(checked.findings(Some("us-west-2")), expected);
}

#[test]
fn emptied_log_is_altered() {
    let mut files = sound();
    let at = log_of_put(&files, "us-west-2");
    files[at].1.clear();
    let checked = check(&files);
    assert_eq!(
        checked.log_files(),
        json!({"verified": n_logs(&files) - 1, "altered": 1})
    );
}

#[test]
fn something_after_the_gzip_is_told() {
    let mut files = sound();
    let at = log_of_put(&files, "us-west-2");
    files[at].1.extend(b"{\"Records\":[]}");
    let checked = check(&files);
    assert_eq!(
        checked.log_files(),
        json!({"verified": n_logs(&files) - 1, "trailing_data": 1})
    );
    let codes: Vec<&str> = checked.problems().iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, ["trailing-data", "undecodable"]);
    // The content that is used is the one that was delivered.
    assert_eq!(checked.findings(Some("us-west-2")), []);
    assert_eq!(checked.findings(None), [("altered-log", "error")]);
}

#[test]
fn second_gzip_member_alters_a_log() {
    let mut files = sound();
    let at = log_of_put(&files, "us-west-2");
    let mut more = GzEncoder::new(Vec::new(), Compression::fast());
    more.write_all(b"{\"Records\":[]}").expect("written");
    files[at].1.extend(more.finish().expect("written"));
    let checked = check(&files);
    assert_eq!(checked.problems(), [("altered-file", files[at].0.as_str())]);
}

#[test]
fn absent_log_is_told() {
    let mut files = sound();
    let at = logs(&files, "eu-central-1", "1410", "1450")[1];
    let (path, _) = files.remove(at);
    let checked = check(&files);
    assert_eq!(
        checked.log_files(),
        json!({"verified": n_logs(&files), "absent": 1})
    );
    let first = digests(&files, "eu-central-1")[0];
    assert_eq!(
        checked.problems(),
        [("absent-file", files[first].0.as_str())]
    );
    let name = path
        .rsplit('/')
        .next()
        .expect("a name")
        .trim_end_matches(".gz");
    let message = checked.report["problems"][0]["message"].as_str();
    assert!(message.expect("a text").contains(name), "{message:?}");
}

#[test]
fn unlisted_log_is_told_and_so_is_the_push_in_it() {
    let mut files = sound();
    let at = log_of_put(&files, "us-west-2");
    let path = files[at].0.clone();
    let stem = path.rsplit_once('_').expect("a name of CloudTrail's").0;
    files[at].0 = format!("{stem}_AAAAAAAAAAAAAAAA.json.gz");
    let name = files[at].0.clone();
    let checked = check(&files);
    assert_eq!(
        checked.log_files(),
        json!({"verified": n_logs(&files) - 1, "unlisted": 1, "absent": 1})
    );
    assert!(
        checked
            .problems()
            .contains(&("unlisted-file", name.as_str()))
    );
    assert_eq!(
        checked.findings(Some("us-west-2")),
        [("unverified-log", "warning")]
    );
    assert_eq!(checked.findings(Some("eu-central-1")), []);
}

#[test]
fn log_without_a_digest_file_is_noted() {
    let mut files = sound();
    files.retain(|(path, _)| !path.contains("CloudTrail-Digest/us-west-2"));
    let checked = check(&files);
    let n_there = files
        .iter()
        .filter(|(path, _)| path.contains("/CloudTrail/us-west-2"))
        .count();
    assert_eq!(
        checked.log_files(),
        json!({"verified": n_logs(&files) - n_there, "not_covered": n_there})
    );
    assert_eq!(checked.problems(), []);
    assert_eq!(
        checked.findings(Some("us-west-2")),
        [("unverified-log", "note")]
    );
    assert_eq!(checked.findings(Some("eu-central-1")), []);
}

#[test]
fn altered_digest_file_is_told_and_vouches_for_nothing() {
    let mut files = sound();
    let log = log_of_put(&files, "us-west-2");
    let middle = digests(&files, "us-west-2")[1];
    // The log is altered, and its hash in the digest file with it.
    let altered = text(&files[log].1).replace("tools/web", "tools/wob");
    let digest = text(&files[middle].1).replace(&sha256(&text(&files[log].1)), &sha256(&altered));
    assert_ne!(digest, text(&files[middle].1));
    files[log].1 = gzip(&altered);
    files[middle].1 = gzip(&digest);
    let checked = check(&files);
    assert_eq!(checked.digest_files(), json!({"signed": 5, "altered": 1}));
    assert_eq!(
        checked.problems(),
        [("altered-digest-file", files[middle].0.as_str())]
    );
    assert_eq!(
        checked.findings(Some("us-west-2")),
        [("unverified-log", "warning")]
    );
    assert_eq!(checked.findings(None), [("altered-log", "error")]);
    // The chain of hashes shows it without keys too.
    let checked = check_with(&files, &[]);
    assert_eq!(
        checked.digest_files(),
        json!({"unchecked": 5, "altered": 1})
    );
}

#[test]
fn digest_file_that_is_no_json_is_told() {
    let mut files = sound();
    let middle = digests(&files, "us-west-2")[1];
    files[middle].1 = gzip("not a digest file");
    let checked = check(&files);
    let last = digests(&files, "us-west-2")[2];
    let expected = [
        ("not-cloudtrail", files[middle].0.as_str()),
        ("broken-chain", files[last].0.as_str()),
    ];
    assert_eq!(checked.problems(), expected);
}

#[test]
fn bad_signature_beside_the_last_digest_file_is_told() {
    let mut files = sound();
    let last = digests(&files, "us-west-2")[2];
    let other = digests(&files, "us-west-2")[0];
    let wrong = signature(&files, other);
    let beside = format!("{}.sig", files[last].0);
    let at = files
        .iter()
        .position(|(path, _)| *path == beside)
        .expect("the side file");
    files[at].1 = wrong.into_bytes();
    let checked = check(&files);
    assert_eq!(
        checked.digest_files(),
        json!({"signed": 5, "bad_signature": 1})
    );
    assert_eq!(
        checked.problems(),
        [("bad-signature", files[last].0.as_str())]
    );
    assert_eq!(checked.findings(None), [("altered-log", "error")]);
}

#[test]
fn missing_signature_of_the_last_digest_file_is_counted() {
    let mut files = sound();
    files.retain(|(path, _)| !path.ends_with(".sig"));
    let checked = check(&files);
    assert_eq!(checked.digest_files(), json!({"signed": 5, "unchecked": 1}));
    assert_eq!(checked.problems(), []);
    let unsigned = &checked.log_files()["unsigned"];
    assert!(unsigned.as_u64().is_some_and(|n| n > 0), "{unsigned}");
    // Its push lies in the hour before, which the last digest file signs.
    assert_eq!(checked.findings(Some("us-west-2")), []);
}

#[test]
fn unknown_key_is_told() {
    let files = sound();
    let keys = fs::read_to_string(keys()).expect("the keys");
    let root = folder("keys", &Vec::new());
    fs::create_dir_all(&root).expect("a folder");
    let path = root.join("keys.json");
    let other = keys.replace(FINGERPRINT, "00000000000000000000000000000000");
    fs::write(&path, other).expect("written");
    let checked = check_with(&files, &["--public-keys", &path.to_string_lossy()]);
    assert_eq!(checked.digest_files(), json!({"unknown_key": 6}));
    assert_eq!(checked.log_files(), json!({"unsigned": n_logs(&files)}));
    let codes: Vec<&str> = checked.problems().iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, ["unknown-key"; 6]);
    assert_eq!(
        checked.findings(Some("us-west-2")),
        [("unverified-log", "note")]
    );
    fs::remove_dir_all(root).expect("the folder can go");
}

#[test]
fn missing_digest_file_breaks_the_chain() {
    let mut files = sound();
    let middle = digests(&files, "us-west-2")[1];
    files.remove(middle);
    let checked = check(&files);
    let last = digests(&files, "us-west-2")[1];
    // The signature of the first was in the one that is gone.
    assert_eq!(
        checked.digest_files(),
        json!({"signed": 4, "unchecked": 1, "breaks": 1})
    );
    assert_eq!(
        checked.problems(),
        [("broken-chain", files[last].0.as_str())]
    );
    assert_eq!(checked.findings(None), [("unverified-log", "warning")]);
}

#[test]
fn chain_that_begins_anew_is_told() {
    let mut files = sound();
    let last = digests(&files, "us-west-2")[2];
    files[last].1 = gzip(&seal(parsed(&files[last].1), None).text);
    files.retain(|(path, _)| !path.ends_with(".sig"));
    let checked = check(&files);
    assert_eq!(
        checked.digest_files(),
        json!({"signed": 4, "unchecked": 2, "breaks": 1})
    );
    let message = checked.report["problems"][0]["message"].as_str();
    assert!(
        message.expect("a text").contains("begins a chain"),
        "{message:?}"
    );
}

#[test]
fn digest_file_put_between_is_told() {
    let mut files = sound();
    let [first, middle, _] = digests(&files, "us-west-2")[..] else {
        panic!("three digest files");
    };
    let before = Sealed {
        text: text(&files[first].1),
        object: files[first].0.clone(),
        signature: signature(&files, first),
    };
    let mut forged = parsed(&files[middle].1);
    let object = files[middle].0.replace("T160000Z", "T163000Z");
    assert_ne!(object, files[middle].0);
    forged["digestS3Object"] = json!(object);
    forged["digestEndTime"] = json!("2026-03-17T16:30:00Z");
    files.push((object.clone(), gzip(&seal(forged, Some(&before)).text)));
    files.sort();
    let checked = check(&files);
    let digest_files = json!({"signed": 6, "unchecked": 1, "breaks": 2});
    assert_eq!(checked.digest_files(), digest_files);
    let last = digests(&files, "us-west-2")[3];
    let expected = [
        ("broken-chain", object.as_str()),
        ("broken-chain", files[last].0.as_str()),
    ];
    assert_eq!(checked.problems(), expected);
}

#[test]
fn names_of_any_length_are_cut() {
    let name = "x".repeat(1 << 20);
    let digest = json!({
        "awsAccountId": "123456789012",
        "digestStartTime": "2026-03-17T15:00:00Z",
        "digestEndTime": "2026-03-17T16:00:00Z",
        "logFiles": [{"s3Object": name, "hashValue": "00"}, {"s3Object": "", "hashValue": ""}],
    });
    let path = "CloudTrail-Digest/a.json.gz".to_owned();
    let digest = (path, gzip(&digest.to_string()));
    let record = json!({
        "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets", "eventTime": "2026-03-17T15:30:00Z",
        "awsRegion": "us-east-1", "recipientAccountId": "123456789012",
    });
    let log = (
        "log.json".to_owned(),
        json!({"Records": [record]}).to_string().into_bytes(),
    );
    let checked = check_with(&vec![digest, log], &[]);
    assert_eq!(checked.log_files(), json!({"absent": 2, "not_covered": 1}));
    for problem in checked.report["problems"].as_array().expect("problems") {
        assert!(problem["message"].as_str().expect("a text").len() < 300);
    }
}

#[test]
fn keys_that_are_none_stop_the_run() {
    let root = folder("no-keys", &sound());
    let path = root.to_string_lossy().into_owned();
    let readme = project("README.md").to_string_lossy().into_owned();
    for (file, expected) in [
        (readme.as_str(), "PublicKeyList"),
        ("no/such/file", "cannot use"),
    ] {
        let run = run([path.as_str(), "--verify", "--public-keys", file]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""));
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
    fs::remove_dir_all(root).expect("the folder can go");
}

#[test]
fn check_is_the_same_on_one_thread_and_on_eight() {
    let mut files = sound();
    let at = log_of_put(&files, "us-west-2");
    files[at].1 = gzip(&text(&files[at].1).replace("tools/web", "tools/wob"));
    files.remove(logs(&files, "eu-central-1", "1410", "1450")[0]);
    let logs = Logs::new(&files);
    let keys = keys();
    for more in [&[][..], &["--trace-roles"], &["--redact"]] {
        let with = |jobs| {
            let args = ["--verify", "--public-keys", &keys, "--jobs", jobs];
            logs.output(&[more, &args[..]].concat())
        };
        assert_eq!(with("1"), with("8"));
        assert!(with("1").contains("altered-log"));
    }
}

#[test]
fn sample_says_what_its_keys_are_for() {
    let keys: Value = serde_json::from_str(&fs::read_to_string(keys()).expect("the keys"))
        .expect("the keys are JSON");
    assert_eq!(keys["PublicKeyList"][0]["Fingerprint"], FINGERPRINT);
}
