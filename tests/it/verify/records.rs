//! What is judged is the record, not the name of its file: forged, amended, swapped, absent and claimed.

use super::*;

/// The push of a region.
fn push<'a>(checked: &'a Checked, region: &str) -> &'a Value {
    let sessions = checked.report["sessions"].as_array().expect("pushes");
    let mut sessions = sessions.iter();
    sessions
        .find(|push| push["region"] == region)
        .expect("a push there")
}

/// The record of the `PutImage` of a region.
fn put(files: &Files, region: &str) -> Value {
    let log = parsed(&files[log_of_put(files, region)].1);
    let records = log["Records"].as_array().expect("records");
    let mut puts = records.iter();
    let put = puts.find(|record| record["eventName"] == "PutImage");
    put.expect("a put").clone()
}

fn forged(name: &str, record: &Value) -> (String, Vec<u8>) {
    let content = json!({ "Records": [record] }).to_string();
    match name.ends_with(".gz") {
        true => (name.to_owned(), gzip(&content)),
        false => (name.to_owned(), content.into_bytes()),
    }
}

/// Names that say nothing, and CloudTrail's own of another time, account or region.
const NAMES: [&str; 5] = [
    "notes.json",
    "AWSLogs/backup",
    "210987654321_CloudTrail_us-west-2_20260317T2355Z_AAAAAAAAAAAAAAAA.json.gz",
    "210987654321_CloudTrail_eu-west-3_20260317T1540Z_AAAAAAAAAAAAAAAA.json.gz",
    "000000000000_CloudTrail_us-west-2_20260317T1540Z_AAAAAAAAAAAAAAAA.json.gz",
];

#[test]
fn forged_file_is_told_whatever_its_name() {
    let sound = sound();
    let mut record = put(&sound, "us-west-2");
    record["eventID"] = json!("00000000-0000-4000-8000-000000000001");
    record["requestID"] = json!("00000000-0000-4000-8000-000000000002");
    record["eventTime"] = json!("2026-03-17T16:10:00Z");
    record["requestParameters"]["repositoryName"] = json!("tools/forged");
    for name in NAMES {
        let mut files = sound.clone();
        files.push(forged(name, &record));
        let checked = check(&files);
        assert_eq!(
            checked.log_files(),
            json!({"verified": n_logs(&sound), "unlisted": 1}),
            "{name}"
        );
        let unlisted = ("unlisted-file", name);
        assert_eq!(checked.problems(), [unlisted]);
        assert_eq!(checked.findings(None), [("unverified-log", "warning")]);
        let sessions = checked.report["sessions"].as_array().expect("pushes");
        for push in sessions {
            let is_forged = push["repository"] == "tools/forged";
            let integrity = if is_forged { "unverified" } else { "verified" };
            assert_eq!(push["integrity"], integrity, "{name}");
        }
        assert_eq!(sessions.len(), 3, "{name}");
    }
}

#[test]
fn forged_copy_replaces_and_joins_nothing() {
    let sound = sound();
    let before = check(&sound);
    let record = put(&sound, "us-west-2");
    let mut refused = record.clone();
    refused["errorCode"] = json!("AccessDenied");
    refused["responseElements"] = Value::Null;
    let mut amended = refused.clone();
    amended["eventID"] = json!("00000000-0000-4000-8000-000000000001");
    amended["addendum"] = json!({
        "reason": "UPDATED_DATA", "updatedFields": "errorCode",
        "originalEventID": record["eventID"], "originalRequestID": record["requestID"],
    });
    let mut fuller = record.clone();
    fuller["userIdentity"]["userName"] = json!("mallory");
    let mut twin = record.clone();
    twin["eventID"] = json!("00000000-0000-4000-8000-000000000000");
    twin["sharedEventID"] = json!("11111111-0000-4000-8000-000000000000");
    for (what, record) in [
        ("copy", &refused),
        ("amendment", &amended),
        ("copy that says more", &fuller),
    ] {
        let mut files = sound.clone();
        files.push(forged("0.json", record));
        let checked = check(&files);
        for region in ["us-west-2", "eu-central-1"] {
            let (mut was, mut is) = (
                push(&before, region).clone(),
                push(&checked, region).clone(),
            );
            for push in [&mut was, &mut is] {
                for event in push["events"].as_array_mut().expect("events") {
                    event["at"] = Value::Null;
                }
            }
            assert_eq!(is, was, "{what}");
            assert_eq!(is["integrity"], "verified", "{what}");
        }
        let codes: Vec<&str> = checked.problems().iter().map(|(code, _)| *code).collect();
        assert!(codes.contains(&"unlisted-file"), "{what}: {codes:?}");
    }
}

#[test]
fn forged_record_of_the_same_second_comes_last() {
    let sound = sound();
    let mut record = put(&sound, "us-west-2");
    record["eventID"] = json!("00000000-0000-4000-8000-000000000000");
    record["errorCode"] = json!("ImageTagAlreadyExistsException");
    record["responseElements"] = Value::Null;
    let mut files = sound.clone();
    files.push(forged("0.json", &record));
    let checked = check(&files);
    let with_put = checked.report["sessions"]
        .as_array()
        .expect("pushes")
        .iter();
    let with_put = with_put.filter(|push| push["region"] == "us-west-2");
    let order: Vec<&Value> = with_put
        .flat_map(|push| push["events"].as_array().expect("events"))
        .filter(|event| event["action"] == "PutImage")
        .map(|event| &event["event_id"])
        .collect();
    assert_eq!(order.len(), 2);
    assert_eq!(order[1], &record["eventID"], "{order:?}");
}

#[test]
fn swapped_files_are_both_altered() {
    let mut files = sound();
    let (one, other) = (
        log_of_put(&files, "us-west-2"),
        logs(&files, "us-west-2", "1400", "1500")[0],
    );
    let content = files[one].1.clone();
    files[one].1 = std::mem::replace(&mut files[other].1, content);
    let checked = check(&files);
    assert_eq!(checked.log_files()["altered"], 2);
    assert_eq!(push(&checked, "us-west-2")["integrity"], "contradicted");
    assert_eq!(push(&checked, "eu-central-1")["integrity"], "verified");
    let text = Logs::new(&files).output(&["--verify", "--verbose"]);
    assert!(text.contains("contradicted: a log file"), "{text}");
    let html = Logs::new(&files).output(&["--verify", "--format", "html"]);
    assert!(html.contains("contradicted: a log file"));
    assert_eq!(unasked(&files)["sessions"][0]["integrity"], Value::Null);
}

/// The report without a check.
fn unasked(files: &Files) -> Value {
    let report = Logs::new(files).output(&["--format", "json"]);
    serde_json::from_str(&report).expect("JSON")
}

#[cfg(unix)]
#[test]
fn listed_file_that_is_no_regular_file_is_absent() {
    let mut files = sound();
    let at = log_of_put(&files, "us-west-2");
    let (path, _) = files.remove(at);
    let root = folder("fifo", &files);
    let pipe = root.join(&path);
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("`mkfifo` runs").success());
    let text = root.to_string_lossy().into_owned();
    let keys = keys();
    let args = [
        "--verify",
        "--public-keys",
        &keys,
        "--format",
        "json",
        "--quiet",
    ];
    let piped = run([&[text.as_str()], &args[..]].concat());
    assert_eq!(piped.status, 1);
    let report: Value = serde_json::from_str(&piped.stdout).expect("JSON");
    let row = &report["coverage"]["verification"]["log_files"];
    assert_eq!(
        nonzero(row),
        json!({"verified": n_logs(&files), "absent": 1})
    );
    let holes = report["coverage"]["holes"].to_string();
    assert!(holes.contains("digest-lists-absent-file"), "{holes}");
    fs::remove_file(&pipe).expect("a pipe of ours");
    std::os::unix::fs::symlink("nowhere", &pipe).expect("a link");
    let dangling = run([&[text.as_str()], &args[..]].concat());
    assert_eq!(dangling.status, 1);
    fs::remove_dir_all(root).expect("the folder can go");
}

#[test]
fn coverage_line_of_an_extract_proves_nothing() {
    let mut files = sound();
    let extract = Logs::new(&files).run(&["--extract"]).stdout;
    let line = extract.lines().last().expect("a line");
    assert!(line.contains("reconstruct.coverage"), "{line}");
    let at = logs(&files, "eu-central-1", "1500", "1510")[0];
    files.remove(at);
    files.push(("extract.jsonl".to_owned(), format!("{line}\n").into_bytes()));
    // An archive could hold the file, but for all that is known of its members.
    files.push((
        "empty.zip".to_owned(),
        b"PK\x05\x06".iter().copied().chain([0; 18]).collect(),
    ));
    let holes = check(&files).report["coverage"]["holes"].to_string();
    assert!(holes.contains("digest-lists-absent-file"), "{holes}");
}

#[test]
fn forged_files_stretch_no_period() {
    let sound = sound();
    let spans = |files: &Files| check(files).report["coverage"]["spans"].clone();
    let before = spans(&sound);
    // Records of the covered hours, and of the day after.
    let mut inside = put(&sound, "us-west-2");
    let mut after = inside.clone();
    inside["eventSource"] = json!("s3.amazonaws.com");
    after["eventTime"] = json!("2026-03-18T16:10:00Z");
    let mut files = sound.clone();
    let both = json!({"Records": [inside, after]}).to_string();
    files.push(("forged.json".to_owned(), both.into_bytes()));
    assert_eq!(spans(&files), before);
    // A digest file that nobody signed, of a quiet night.
    let last = &sound[digests(&sound, "us-west-2")[2]];
    let mut digest = parsed(&last.1);
    let object = last.0.replace("T170000Z", "T230000Z");
    assert_ne!(object, last.0);
    digest["digestS3Object"] = json!(object);
    digest["digestStartTime"] = json!("2026-03-17T17:00:00Z");
    digest["digestEndTime"] = json!("2026-03-17T23:00:00Z");
    digest["digestPublicKeyFingerprint"] = json!("00000000000000000000000000000000");
    digest["logFiles"] = json!([]);
    let mut files = sound.clone();
    files.push((object, gzip(&digest.to_string())));
    assert_eq!(spans(&files), before);
}

#[test]
fn forged_file_that_a_forged_digest_file_lists_replaces_nothing() {
    let sound = sound();
    let before = check(&sound);
    let mut record = put(&sound, "us-west-2");
    record["errorCode"] = json!("AccessDenied");
    record["responseElements"] = Value::Null;
    let name = "210987654321_CloudTrail_us-west-2_20260317T1535Z_AAAAAAAAAAAAAAAA.json.gz";
    let log = forged(name, &record);
    let model = &sound[digests(&sound, "us-west-2")[1]];
    let mut digest = parsed(&model.1);
    let object = model.0.replace("_main_", "_other_");
    assert_ne!(object, model.0);
    digest["digestS3Object"] = json!(object);
    digest["digestPublicKeyFingerprint"] = json!("00000000000000000000000000000000");
    digest["previousDigestS3Object"] = Value::Null;
    digest["logFiles"] = json!([{
        "s3Bucket": digest["digestS3Bucket"], "s3Object": name,
        "hashValue": sha256(&text(&log.1)), "hashAlgorithm": "SHA-256",
        "newestEventTime": record["eventTime"], "oldestEventTime": record["eventTime"],
    }]);
    let mut files = sound.clone();
    files.push(log);
    files.push((object, gzip(&digest.to_string())));
    let checked = check(&files);
    assert_eq!(checked.log_files()["unsigned"], 1);
    let (was, is) = (push(&before, "us-west-2"), push(&checked, "us-west-2"));
    for field in ["status", "identity", "image", "integrity"] {
        assert_eq!(is[field], was[field], "{field}");
    }
    let conflict = ("conflicting-duplicate", name);
    assert!(
        checked.problems().contains(&conflict),
        "{:?}",
        checked.problems()
    );
}

#[test]
fn chains_are_told_with_begin_end_and_gaps() {
    let mut files = sound();
    let chain = |checked: &Checked, at: usize| {
        checked.report["coverage"]["verification"]["chains"][at].clone()
    };
    let whole = chain(&check(&files), 1);
    assert_eq!(whole["region"], "us-west-2");
    assert_eq!(whole["gaps"], json!([]));
    assert_eq!(
        (&whole["files"], &whole["end"]),
        (&json!(3), &json!("signed"))
    );
    let middle = digests(&files, "us-west-2")[1];
    files.remove(middle);
    files.retain(|(path, _)| !path.ends_with(".sig"));
    let broken = check(&files);
    let cut = chain(&broken, 1);
    assert_eq!(
        (&cut["files"], &cut["end"]),
        (&json!(2), &json!("unchecked"))
    );
    assert_eq!(cut["gaps"].as_array().map(Vec::len), Some(1));
    let text = Logs::new(&files).output(&["--verify"]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("2 digest files"), "{text}");
    assert!(text.contains("1 gap"), "{text}");
    assert!(
        text.contains("whether more followed is not shown"),
        "{text}"
    );
}

/// The status of a check of what an option selects.
fn status(files: &Files, args: &[&str]) -> u8 {
    let keys = keys();
    let check = ["--verify", "--public-keys", &keys, "--quiet"];
    Logs::new(files).run(&[&check, args].concat()).status
}

/// Tries every selection: what is wrong lies in the log of `us-west-2` around 15:32.
pub(super) fn counts_under_every_selection(files: &Files) {
    for args in [
        &[][..],
        &["--repository", "team/app"],
        &["--tag", "v1"],
        &["--status", "complete"],
        &["--identity", "*ci*"],
        &["--account", "210987654321"],
        &["--region", "us-west-2"],
        &[
            "--since",
            "2026-03-17T15:00:00Z",
            "--until",
            "2026-03-17T16:00:00Z",
        ],
    ] {
        assert_eq!(status(files, args), 1, "{args:?}");
    }
    for args in [
        &["--account", "123456789012"][..],
        &["--region", "eu-central-1"],
        &["--until", "2026-03-17T15:00:00Z"],
        &["--fail-on", "never"],
    ] {
        assert_eq!(status(files, args), 0, "{args:?}");
    }
}
