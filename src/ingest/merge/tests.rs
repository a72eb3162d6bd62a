//! What ingest as a whole does with duplicate records.

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::event::ParamKind;
use crate::ingest::coverage::{HoleReason, RecordTally, SetAside};
use crate::ingest::{ReadOptions, Roles, ingest};
use crate::location::FileId;
use crate::source::{Input, discover};

/// A directory of log files for one test, removed at its end.
struct Logs(PathBuf);

impl Logs {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let root = format!("reconstruct-{}-merge-{name}", std::process::id());
        let root = std::env::temp_dir().join(root);
        let _ = fs::remove_dir_all(&root);
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            fs::write(path, text).expect("a file");
        }
        Self(root)
    }

    fn ingest(&self, jobs: usize) -> Ingest {
        let files = discover(&[Input::Path(self.0.clone())]).expect("files");
        let options = ReadOptions {
            jobs: Some(jobs),
            max_decoded_bytes: 1 << 30,
            verify: None,
            roles: Roles::Ignored,
            pulls: crate::event::Pulls::Ignored,
        };
        let ingest = ingest(&files, &options);
        let RecordTally {
            seen,
            push,
            other,
            duplicate,
            malformed,
        } = ingest.coverage.records;
        assert_eq!(seen, push + other + duplicate + malformed);
        assert_eq!(ingest.coverage.files.found(), files.len() as u64);
        assert_eq!(ingest.log.events.len() as u64, push);
        ingest
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A part of an upload, at a second of an hour; `more` are further members, each preceded by a comma.
fn part(id: &str, second: u32, more: &str) -> String {
    let (minute, second) = (second / 60, second % 60);
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"2024-03-01T10:{minute:02}:{second:02}Z","eventSource":"ecr.amazonaws.com","eventName":"UploadLayerPart","awsRegion":"eu-west-1","requestParameters":{{"repositoryName":"app","uploadId":"u"}},"recipientAccountId":"123456789012","eventID":"{id}"{more}}}"#
    )
}

fn records(records: &[String]) -> String {
    format!(r#"{{"Records":[{}]}}"#, records.join(","))
}

/// The ids of the events, in order.
fn ids(ingest: &Ingest) -> Vec<String> {
    let texts = &ingest.log.tables.texts;
    let ids = ingest.log.events.iter();
    ids.map(|event| event.event_id.text(texts).into_owned())
        .collect()
}

#[test]
fn a_record_delivered_twice_counts_once() {
    let (a, b) = (part("a", 2, ""), part("b", 1, ""));
    let logs = Logs::new(
        "twice",
        &[
            ("x.json", &records(&[a.clone(), b.clone()])),
            ("y.json", &records(&[a.clone(), a.clone()])),
            ("z.jsonl", &format!("{b}\n")),
        ],
    );
    let ingest = logs.ingest(2);
    assert_eq!(ids(&ingest), ["b", "a"]);
    assert_eq!(ingest.coverage.records.duplicate, 3);
    assert_eq!(ingest.problems, []);
}

#[test]
fn one_id_with_two_contents_is_a_problem_and_keeps_both() {
    let other = part("a", 2, r#","errorCode":"AccessDenied""#);
    let logs = Logs::new(
        "conflict",
        &[
            ("x.json", &records(&[part("a", 2, ""), other.clone()])),
            ("y.json", &records(&[other])),
        ],
    );
    let ingest = logs.ingest(2);
    assert_eq!(ids(&ingest), ["a", "a"]);
    assert_eq!(ingest.coverage.records.duplicate, 1);
    let kinds: Vec<_> = ingest
        .problems
        .iter()
        .map(|problem| problem.kind.code())
        .collect();
    assert_eq!(kinds, ["conflicting-duplicate"]);
}

/// A record of `a` with extra members between those that all records share.
fn with(more: &[&str]) -> String {
    part("a", 2, &more.join(""))
}

#[test]
fn records_that_do_not_differ_in_what_both_say_are_one_event() {
    const AGENT: &str = r#","userAgent":"docker""#;
    const REQUEST: &str = r#","requestID":"r""#;
    const KEY: &str = r#","userIdentity":{"type":"AssumedRole","accessKeyId":"ASIA"}"#;
    const ARN: &str = r#","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/r/s","sessionContext":{"sourceIdentity":"d"}}"#;
    const RESPONSE: &str = r#","responseElements":{"lastByteReceived":9}"#;
    let copies = [
        with(&[AGENT, KEY]),
        with(&[REQUEST, ARN]),
        with(&[RESPONSE, AGENT]),
    ];
    let told = |order: &[usize], jobs: usize| {
        let files: Vec<(String, String)> = order
            .iter()
            .enumerate()
            .map(|(file, &copy)| (format!("{file}.json"), records(&[copies[copy].clone()])))
            .collect();
        let files: Vec<_> = files
            .iter()
            .map(|(name, text)| (&**name, &**text))
            .collect();
        let ingest = Logs::new("joined", &files).ingest(jobs);
        assert_eq!(ingest.problems, []);
        assert_eq!(ingest.coverage.records.duplicate, order.len() as u64 - 1);
        let [event] = &ingest.log.events[..] else {
            panic!("one event")
        };
        let tables = &ingest.log.tables;
        let identity = tables.identities.get(event.identity);
        let key = tables.credentials.get(event.credential);
        format!(
            "{:?} {identity:?} {key:?} {:?} {:?}",
            event
                .request_id
                .map(|id| id.text(&tables.texts).into_owned()),
            tables.clients.get(event.client),
            event.action,
        )
    };
    let whole = told(&[0, 1, 2], 1);
    for wanted in [
        "\"r\"",
        "ASIA",
        "source_identity: Some(\"d\")",
        "docker",
        "Some(9)",
    ] {
        assert!(whole.contains(wanted), "{wanted}: {whole}");
    }
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        for jobs in [1, 3] {
            assert_eq!(told(&order, jobs), whole);
        }
    }
    assert_eq!(told(&[2, 1, 0, 0, 2], 3), whole);
}

#[test]
fn of_records_that_differ_only_those_go_that_add_nothing() {
    let tagged = |n: u32| format!(r#","requestID":"{n}""#);
    const AGENT: &str = r#","userAgent":"docker""#;
    for (copies, n_left) in [
        // Agrees with both, and says nothing beyond them.
        (vec![with(&[&tagged(1)]), with(&[&tagged(2)]), with(&[])], 2),
        // Says more, and could agree with either.
        (
            vec![with(&[&tagged(1)]), with(&[&tagged(2)]), with(&[AGENT])],
            3,
        ),
        // A call that was refused was not granted.
        (
            vec![with(&[]), with(&[r#","errorCode":"AccessDenied""#])],
            2,
        ),
        (vec![with(&[]), part("a", 3, "")], 2),
    ] {
        let mut reversed = copies.clone();
        reversed.reverse();
        for copies in [copies, reversed] {
            let ingest = Logs::new("differing", &[("x.json", &records(&copies))]).ingest(1);
            assert_eq!(ingest.log.events.len(), n_left, "{copies:?}");
            let problems = ingest.problems.iter();
            let conflicts = problems.filter(|one| one.kind.code() == "conflicting-duplicate");
            assert_eq!(conflicts.count(), n_left - 1);
        }
    }
}

#[test]
fn calls_beside_the_pushes_are_joined_alike() {
    let created = |more: &str| part("a", 2, more).replace("UploadLayerPart", "CreateRepository");
    let answer = r#","responseElements":{"repository":{"repositoryUri":"u"}}"#;
    let files = [
        ("x.json", records(&[created(""), created(answer)])),
        (
            "y.json",
            records(&[created(r#","userAgent":"docker""#), created("")]),
        ),
    ];
    let files = files.each_ref().map(|(name, text)| (*name, &**text));
    for jobs in [1, 2] {
        let ingest = Logs::new("beside", &files).ingest(jobs);
        let [event] = &ingest.log.context[..] else {
            panic!("one call")
        };
        let client = ingest.log.tables.clients.get(event.client);
        assert_eq!(client.user_agent.as_deref(), Some("docker"));
        assert!(event.one(ParamKind::Uri).is_some());
    }
}

#[test]
fn an_amended_record_gives_way() {
    let amends =
        |id: &str| format!(r#","addendum":{{"reason":"UPDATED_DATA","originalEventID":"{id}"}}"#);
    let text = records(&[
        part("original", 1, ""),
        part("second", 9, &amends("original")),
        part("first", 5, &amends("original")),
        part("third", 9, &amends("second")),
        part("lost", 3, &amends("nowhere")),
        part("round", 20, &amends("trip")),
        part("trip", 21, &amends("round")),
        part("self", 22, &amends("self")),
    ]);
    let ingest = Logs::new("amended", &[("x.json", &text)]).ingest(1);
    assert_eq!(ids(&ingest), ["lost", "third", "trip", "self"]);
    assert_eq!(ingest.coverage.records.duplicate, 4);
}

#[test]
fn of_twins_the_one_with_the_callers_arn_is_kept() {
    let shared = r#","sharedEventID":"s""#;
    let named =
        format!(r#"{shared},"userIdentity":{{"type":"AWSAccount","arn":"arn:aws:sts::1:x"}}"#);
    let without = part("a", 1, shared).replace(r#""repositoryName":"app","#, "");
    let named = part("b", 1, &named).replace(r#""repositoryName":"app","#, "");
    let third = part("c", 1, shared);
    let logs = Logs::new(
        "twins",
        &[
            ("x.json", &records(&[without])),
            ("y.json", &records(&[named])),
            ("z.json", &records(&[third])),
        ],
    );
    for jobs in [1, 3] {
        let ingest = logs.ingest(jobs);
        assert_eq!(ids(&ingest), ["b"]);
        let repository = ingest.log.events[0]
            .repository
            .expect("the twin's repository");
        assert_eq!(&*ingest.log.tables.repositories.get(repository).name, "app");
    }
}

#[test]
fn a_sign_in_session_is_carried_to_all_records_of_its_key() {
    let caller = |key: &str, more: &str| {
        format!(
            r#","userIdentity":{{"type":"AssumedRole","accessKeyId":"{key}","sessionContext":{{"attributes":{{"creationDate":"2024-03-01T09:59:00Z"}}{more}}}}}"#
        )
    };
    let signed = |arn: &str| format!(r#","signInSessionArn":"{arn}""#);
    let text = records(&[
        part("a", 1, &caller("ASIAONE", "")),
        part("b", 2, &caller("ASIAONE", &signed("s"))),
        part("c", 3, &caller("ASIATWO", &signed("s"))),
        part("d", 4, &caller("ASIATWO", &signed("other"))),
        part("e", 5, &caller("ASIATWO", "")),
        part("f", 6, &caller("ASIASIX", "")),
    ]);
    let log = Logs::new("signed", &[("x.json", &text)]).ingest(1).log;
    let credentials = log.events.iter();
    let credentials = credentials.map(|event| log.tables.credentials.get(event.credential));
    let signed: Vec<_> = credentials
        .map(|credential| credential.sign_in_session.as_deref())
        .collect();
    let (one, other) = (Some("s"), Some("other"));
    assert_eq!(signed, [one, one, one, other, None, None]);
    assert_eq!(log.events[0].credential, log.events[1].credential);
}

#[test]
fn a_network_activity_event_gives_way_to_the_record_of_its_call() {
    let call = |id: &str| format!(r#","requestID":"{id}""#);
    let network = |id: &str| {
        format!(
            r#"{},"eventType":"AwsVpceEvent","sharedEventID":"s{id}""#,
            call(id)
        )
    };
    let blank = |text: String| text.replace(r#""repositoryName":"app","uploadId":"u""#, "");
    let denied = r#","errorCode":"VpceAccessDenied""#;
    let text = records(&[
        part("a", 1, &call("r1")),
        part("b", 2, &network("r1")),
        // In the form that the user guide shows: without parameters, and in two accounts.
        blank(part("c", 3, &network("r1"))),
        // Another call, by its upload, its second or its name.
        part("d", 1, &network("r1")).replace(r#""uploadId":"u""#, r#""uploadId":"v""#),
        part("e", 9, &network("r1")),
        part("f", 1, &network("r1")).replace("UploadLayerPart", "InitiateLayerUpload"),
        // Nobody else recorded these; about one of them nothing is known.
        part("g", 11, &network("r2")),
        blank(part("h", 12, &network("r3"))),
        blank(part("i", 13, &network("r4"))).replace("UploadLayerPart", "GetAuthorizationToken"),
        blank(part("j", 14, &(network("r5") + denied))),
    ]);
    let mut reversed = text.clone();
    for (from, to) in [("a", "z"), ("b", "0")] {
        let id = |id: &str| format!(r#""eventID":"{id}""#);
        reversed = reversed.replace(&id(from), &id(to));
    }
    for (text, first) in [(text, "a"), (reversed, "z")] {
        let ingest = Logs::new("network", &[("x.json", &text)]).ingest(1);
        let mut left = ids(&ingest);
        left.sort_unstable();
        let mut wanted = [first, "d", "e", "f", "g", "i", "j"];
        wanted.sort_unstable();
        assert_eq!(left, wanted);
        let coverage = &ingest.coverage;
        assert_eq!(coverage.n_network_activity, 3);
        assert_eq!((coverage.records.duplicate, coverage.records.other), (2, 1));
    }
}

#[test]
fn files_order_and_threads_leave_no_trace() {
    let all: Vec<String> = (0..200)
        .map(|n| part(&format!("{n:03}"), n * 7 % 50, ""))
        .collect();
    let mut texts = Vec::new();
    for (n_files, name) in [(1, "one"), (7, "seven"), (50, "fifty")] {
        let files: Vec<(String, String)> = (0..n_files)
            .map(|file| {
                let share = all.iter().skip(file).step_by(n_files).rev().cloned();
                (
                    format!("{}.json", (file * 31) % 97),
                    records(&share.collect::<Vec<_>>()),
                )
            })
            .collect();
        let files: Vec<_> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        let logs = Logs::new(name, &files);
        for jobs in [1, 8] {
            let mut ingest = logs.ingest(jobs);
            for event in &mut ingest.log.events {
                event.at.index = 0;
                event.at.file = FileId(0);
            }
            texts.push(format!("{:?} {:?}", ingest.log, ingest.coverage.spans));
        }
    }
    assert_eq!(
        ids(&Logs::new("ids", &[("x", &records(&all))]).ingest(1)).len(),
        200
    );
    assert!(texts.iter().all(|text| *text == texts[0]));
}

#[test]
fn a_log_in_cloudtrails_layout_covers_what_its_records_cover() {
    let other = part("b", 250, "").replace("ecr.amazonaws.com", "s3.amazonaws.com");
    let nested = part("c", 60, r#","x":{"eventTime":"2019-01-01T00:00:00Z"}"#);
    let text = records(&[part("a", 10, ""), other.clone(), nested]);
    let name = |stamp: &str| format!("123456789012_CloudTrail_eu-west-1_20240301T{stamp}Z_x.json");
    let mut spans = Vec::new();
    for name in [
        name("1005"),
        name("1200"),
        name("1900"),
        "x.json".to_owned(),
    ] {
        let ingest = Logs::new("layout", &[(&name, &text)]).ingest(1);
        spans.push(ingest.coverage.spans);
        // A file that mentions no push is not split, but still counts for coverage.
        let ingest =
            Logs::new("layout", &[(&name, &records(std::slice::from_ref(&other)))]).ingest(1);
        assert_eq!(ingest.coverage.files.without_push_events, 1);
        assert_eq!(ingest.coverage.records.seen, 0);
        assert_eq!(ingest.coverage.spans.len(), 1);
    }
    let span = spans[0].values().next().expect("a span");
    let seconds = (span.interval.to - span.interval.from).num_seconds();
    assert_eq!((spans[0].len(), seconds), (1, 240));
    assert!(spans.iter().all(|other| *other == spans[0]), "{spans:?}");
}

#[test]
fn a_digest_file_names_what_is_absent() {
    let digest = |listed: &str| {
        format!(
            r#"{{"awsAccountId":"123456789012","digestStartTime":"2024-03-01T10:00:00Z","digestEndTime":"2024-03-01T11:00:00Z",
            "digestS3Object":"AWSLogs/123456789012/CloudTrail-Digest/eu-west-1/x/123456789012_CloudTrail-Digest_eu-west-1_t_eu-west-1_20240301T110000Z.json.gz",
            "logFiles":[{{"s3Bucket":"b","s3Object":"AWSLogs/{listed}.json.gz","hashValue":"0",
            "oldestEventTime":"2024-03-01T10:00:20Z","newestEventTime":"2024-03-01T10:01:40Z"}}]}}"#
        )
    };
    let log = records(&[part("a", 10, ""), part("b", 250, "")]);
    for folder in ["CloudTrail-Digest/d.json", "elsewhere.json"] {
        let ingest =
            Logs::new("absent", &[("log.json", &log), (folder, &digest("gone"))]).ingest(1);
        assert_eq!(ingest.coverage.files.digest, 1);
        let span = ingest
            .coverage
            .span("123456789012", "eu-west-1")
            .expect("a span");
        assert_eq!(span.holes.len(), 1);
        assert_eq!(span.holes[0].reason, HoleReason::DigestListsAbsentFile);
        let ingest =
            Logs::new("present", &[("log.json", &log), (folder, &digest("log"))]).ingest(1);
        let span = ingest
            .coverage
            .span("123456789012", "eu-west-1")
            .expect("a span");
        assert_eq!(span.holes, []);
        assert_eq!((span.interval.to - span.interval.from).num_seconds(), 3600);
    }
}

#[test]
fn every_file_is_counted_by_what_it_is() {
    let cut = &records(&[part("a", 1, ""), part("b", 2, "")])[..400];
    let ingest = Logs::new(
        "kinds",
        &[
            ("empty.json", ""),
            ("blank.json", " \n"),
            (".hidden", "x"),
            ("notes.txt", "not a log\n"),
            ("other.json", r#"{"a":[1,2]}"#),
            ("CloudTrail-Insight/i.json", "{}"),
            ("cut.json", cut),
            ("utf8.json", &records(&[part("c", 1, "")])),
        ],
    )
    .ingest(1);
    let files = ingest.coverage.files;
    assert_eq!((files.empty, files.hidden, files.insight), (2, 1, 1));
    assert_eq!((files.not_cloudtrail, files.read), (2, 2));
    assert_eq!(ids(&ingest), ["a", "c"]);
    assert_eq!(ingest.coverage.records.malformed, 1);
    let codes: Vec<_> = ingest
        .problems
        .iter()
        .map(|problem| problem.kind.code())
        .collect();
    assert_eq!(
        codes,
        [
            "empty-file",
            "truncated",
            "empty-file",
            "not-cloudtrail",
            "not-cloudtrail"
        ]
    );
    let aside: Vec<_> = ingest
        .coverage
        .set_aside
        .iter()
        .map(|(why, _)| *why)
        .collect();
    assert_eq!(
        aside,
        [
            SetAside::NotCloudTrail,
            SetAside::NotCloudTrail,
            SetAside::Hidden,
            SetAside::Insight
        ]
    );
}

#[test]
fn invalid_utf8_costs_only_its_record() {
    let text = records(&[
        part("a", 1, ""),
        part("b", 2, ",\"x\":\"?\""),
        part("c", 3, ""),
    ]);
    let logs = Logs::new("utf8", &[("x.json", "")]);
    let bytes = text.replace('?', "\u{1}").into_bytes();
    let bytes: Vec<u8> = bytes
        .into_iter()
        .map(|b| if b == 1 { 0xff } else { b })
        .collect();
    fs::write(logs.0.join("x.json"), bytes).expect("a file");
    let ingest = logs.ingest(1);
    assert_eq!(ids(&ingest), ["a", "c"]);
    assert_eq!(ingest.coverage.records.malformed, 1);
    assert_eq!(ingest.problems[0].kind.code(), "bad-record");
}
