//! The fast way of reading against a slow one: flate2, `serde_json::Value`, no prefilter, one thread.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;

use reconstruct::event::{Callers, Tables};
use reconstruct::ingest::{ReadOptions, Roles, ingest};
use reconstruct::record::{Piece, split};
use reconstruct::source::{Input, discover};
use serde_json::Value;

use crate::support::folder::Folder;
use crate::support::numbers::numbers;
use crate::support::twin::{
    PUSH_CALLS, Reading, fast_reading, first_reading, slow_reading, slow_records,
};

fn pick<'a>(numbers: &mut impl FnMut(usize) -> usize, from: &[&'a str]) -> &'a str {
    from[numbers(from.len())]
}

const SOURCES: &[&str] = &[
    "ecr.amazonaws.com",
    "ecr-public.amazonaws.com",
    "ecrpublic.amazonaws.com",
    r"ecr\u002eamazonaws.com",
    r"\u0065cr.amazonaws\u002Ecom",
    "s3.amazonaws.com",
    "notecr.amazonaws.com",
    "ecr.amazonaws.com.example",
    "kms.amazonaws.com",
];

const NAMES: &[&str] = &[
    "PutImage",
    "UploadLayerPart",
    "InitiateLayerUpload",
    "CompleteLayerUpload",
    "BatchCheckLayerAvailability",
    "GetAuthorizationToken",
    "CreateRepository",
    "GetObject",
];

/// Values that a caller could have written, made to be mistaken for something else.
const TRAPS: &[&str] = &[
    "null",
    "[]",
    r#""{\"Records\":[{\"eventSource\":\"ecr.amazonaws.com\"}]}""#,
    r#"{"Records":[{"eventSource":"ecr.amazonaws.com","eventName":"PutImage","eventID":"fake","eventTime":"2024-03-01T10:00:00Z"}]}"#,
    r#"[{"eventSource":"ecr.amazonaws.com","eventName":"PutImage","eventID":"fake"}]"#,
    r#""\\\"}]}\\\\""#,
    r#""\u00e9\u0065 ecr.amazonaws.com ]}""#,
    r#"{"a":{"b":[{"c":"\\"}]}}"#,
    "-1.5e9",
];

/// One record; its members in any order, with a nested value that is a trap.
fn record(numbers: &mut impl FnMut(usize) -> usize, id: usize) -> String {
    let space = pick(numbers, &["", "", " ", "\n  "]);
    let mut members = [
        format!(r#""eventID":{space}"{id:08x}-0000-4000-8000-000000000000""#),
        format!(r#""eventSource":{space}"{}""#, pick(numbers, SOURCES)),
        format!(r#""eventName":{space}"{}""#, pick(numbers, NAMES)),
        format!(
            r#""eventTime":{space}"2024-03-01T10:{:02}:00Z""#,
            numbers(60)
        ),
        format!(r#""additionalEventData":{space}{}"#, pick(numbers, TRAPS)),
        r#""awsRegion":"eu-west-1""#.to_owned(),
        r#""recipientAccountId":"123456789012""#.to_owned(),
    ];
    for last in (1..members.len()).rev() {
        members.swap(last, numbers(last + 1));
    }
    format!("{{{}{space}}}", members.join(&format!(",{space}")))
}

/// A file of records in one of the forms that people keep them in.
fn file(numbers: &mut impl FnMut(usize) -> usize, records: &[String]) -> String {
    match numbers(6) {
        0 => format!(r#"{{"Records":[{}]}}"#, records.join(",")),
        1 => format!(
            "{{\n \"a\": {}, \"Records\" :\n[ {} ]\r\n , \"b\": 1}}\n",
            pick(numbers, TRAPS),
            records.join(" ,\n")
        ),
        2 => format!("[{}]", records.join(",")),
        3 => records.join("\n"),
        4 => records
            .iter()
            .map(|one| format!("{{\"Records\":[{one}]}}\n"))
            .collect(),
        _ => format!("\u{feff}{}", records.concat()),
    }
}

/// The `eventID`s of the push events among records, sorted.
fn slow_pushes(records: &[Value]) -> Vec<String> {
    let is = |record: &Value, member: &str, values: &[&str]| {
        record[member]
            .as_str()
            .is_some_and(|text| values.contains(&text))
    };
    let sources = [
        "ecr.amazonaws.com",
        "ecr-public.amazonaws.com",
        "ecrpublic.amazonaws.com",
    ];
    let mut ids: Vec<String> = records
        .iter()
        .filter(|record| {
            is(record, "eventSource", &sources) && is(record, "eventName", &PUSH_CALLS)
        })
        .map(|record| record["eventID"].as_str().expect("an id").to_owned())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Every record of a text, by the fast way.
fn fast_records(text: &[u8]) -> Vec<String> {
    let mut records = Vec::new();
    let mut end = 0;
    split(text, &mut |piece| {
        if let Piece::Record {
            bytes, span, index, ..
        } = piece
        {
            assert!(index as usize >= records.len(), "an index is given twice");
            assert!(span.start >= end, "records overlap");
            end = span.start + span.len;
            assert_eq!(bytes, &text[span.start..end]);
            records.push(String::from_utf8_lossy(bytes).into_owned());
        }
    });
    records
}

#[test]
fn fast_and_slow_find_the_same_records() {
    let mut numbers = numbers(0x2545_f491_4f6c_dd1d);
    let mut n_found = 0;
    for round in 0..2000 {
        let records: Vec<String> = (0..numbers(6)).map(|id| record(&mut numbers, id)).collect();
        let text = file(&mut numbers, &records);
        let fast: Vec<Value> = fast_records(text.as_bytes())
            .iter()
            .map(|record| serde_json::from_str(record).expect("a whole record"))
            .collect();
        assert_eq!(fast, slow_records(&text), "round {round}: {text}");
        n_found += fast.len();
    }
    assert!(n_found > 3000, "{n_found} records");
}

#[test]
fn a_cut_anywhere_costs_what_follows_it_and_no_more() {
    let mut numbers = numbers(0x9e37_79b9_7f4a_7c15);
    for _ in 0..400 {
        let records: Vec<String> = (0..4).map(|id| record(&mut numbers, id)).collect();
        let text = format!(r#"{{"Records":[{}]}}"#, records.join(","));
        let cut = numbers(text.len());
        let mut end = 12;
        let whole = records.iter().take_while(|record| {
            end += record.len() + 1;
            end - 1 <= cut
        });
        assert_eq!(
            fast_records(&text.as_bytes()[..cut]),
            whole.cloned().collect::<Vec<_>>()
        );
    }
}

#[test]
fn damage_never_leads_out_of_bounds() {
    let mut numbers = numbers(0xd1b5_4a32_d192_ed03);
    let mut n_found = 0;
    for _ in 0..4000 {
        let records: Vec<String> = (0..5).map(|id| record(&mut numbers, id)).collect();
        let mut bytes = file(&mut numbers, &records).into_bytes();
        for _ in 0..=numbers(3) {
            let at = numbers(bytes.len());
            match numbers(3) {
                0 => bytes[at] = b"{}[]\"\\,:\n\0x\xff"[numbers(12)],
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, b"{}[]\"\\,:\n\0x\xff"[numbers(12)]),
            }
        }
        // Bounds and order are checked where they are read.
        n_found += fast_records(&bytes).len();
    }
    assert!(n_found > 4000, "{n_found} records");
}

fn slow_decode(path: &Path) -> String {
    let bytes = fs::read(path).expect("a file");
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut decoder = flate2::read::MultiGzDecoder::new(bytes.as_slice());
        decoder.read_to_string(&mut text).expect("sound gzip");
    } else {
        text = String::from_utf8(bytes).expect("text");
    }
    text
}

#[test]
fn fast_and_slow_read_the_same_pushes() {
    let mut numbers = numbers(0x853c_49e6_748f_ea9b);
    let folder = Folder::new();
    let mut id = 0;
    for number in 0..120 {
        let records: Vec<String> = (0..numbers(12))
            .map(|_| {
                id += 1;
                record(&mut numbers, id)
            })
            .collect();
        let text = file(&mut numbers, &records);
        let name = match numbers(2) {
            0 => format!("{number}.json"),
            _ => format!("123456789012_CloudTrail_eu-west-1_20240301T1055Z_{number:016}.json.gz"),
        };
        let path = folder.0.join(name);
        if numbers(2) == 0 {
            fs::write(path, text).expect("a file");
            continue;
        }
        let half = text.len() / 2;
        let mut out = fs::File::create(path).expect("a file");
        let mut members = vec![text.as_bytes()];
        if numbers(2) == 0 {
            members = vec![&text.as_bytes()[..half], &text.as_bytes()[half..]];
        }
        for member in members {
            let mut encoder = flate2::write::GzEncoder::new(&mut out, flate2::Compression::fast());
            encoder.write_all(member).expect("a file");
            encoder.finish().expect("a file");
        }
    }
    let files = discover(&[Input::Path(folder.0.clone())]).expect("files");
    let slow: Vec<Value> = files
        .iter()
        .flat_map(|file| slow_records(&slow_decode(file.path())))
        .collect();
    let expected = slow_pushes(&slow);
    assert!(expected.len() > 100, "{} pushes", expected.len());
    for jobs in [1, 4] {
        let options = ReadOptions {
            jobs: Some(jobs),
            max_decoded_bytes: 1 << 32,
            verify: None,
            roles: Roles::Ignored,
            pulls: reconstruct::event::Pulls::Ignored,
        };
        let read = ingest(&files, &options);
        let texts = &read.log.tables.texts;
        let mut ids: Vec<String> = read
            .log
            .events
            .iter()
            .map(|event| event.event_id.text(texts).into_owned())
            .collect();
        ids.sort_unstable();
        assert_eq!(ids, expected);
        let times = slow
            .iter()
            .filter_map(|record| record["eventTime"].as_str());
        let (first, last) = (times.clone().min(), times.max());
        let covered = read.coverage.interval().expect("an interval");
        let shown = |time: chrono::DateTime<chrono::Utc>| time.to_rfc3339().replace("+00:00", "Z");
        assert_eq!(Some(&*shown(covered.from)), first);
        assert_eq!(Some(&*shown(covered.to)), last);
    }
}

/// Every record of the logs in `testdata` that are sound.
fn records_of_testdata() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let files = discover(&[Input::Path(root)]).expect("the logs of the tests");
    let names = ["/in/", "sample/", "documents/"];
    let sound = files.iter().filter(|file| {
        names.iter().any(|name| file.name.contains(name))
            && !file.name.contains("damaged-files")
            && !file.name.contains("/expect/")
            && (file.name.ends_with(".json.gz") || file.name.ends_with(".json"))
    });
    let mut records = Vec::new();
    for file in sound {
        for record in slow_records(&slow_decode(file.path())) {
            if record.get("eventName").is_some() {
                records.push(record.to_string());
            }
        }
    }
    records
}

#[test]
fn every_record_of_testdata_is_read_alike_sound_and_mutated() {
    let mut numbers = numbers(0x5851_f42d_4c95_7f2d);
    let (mut tables, mut callers) = (Tables::default(), Callers::default());
    let (mut n_push, mut n_malformed, mut n_mutated, mut n_first) = (0, 0, 0, 0);
    let mut check = |text: &str| {
        let slow = slow_reading(text);
        let (fast, is_twice) = fast_reading(text, &mut tables, &mut callers);
        if !is_twice {
            assert_eq!(fast, slow, "{text}");
        }
        let before_others = format!("{text},{{\"eventName\":[]}}]}}");
        if let Some((len, first)) = first_reading(&before_others, &mut tables, &mut callers) {
            assert_eq!(first, slow_reading(&before_others[..len]), "{text}");
            n_first += 1;
        }
        fast
    };
    let records = records_of_testdata();
    for record in &records {
        n_push += usize::from(matches!(check(record), Reading::Push { .. }));
    }
    for round in 0..8 {
        for record in records.iter().skip(round).step_by(3) {
            let mut bytes = record.clone().into_bytes();
            for _ in 0..=numbers(2) {
                let at = numbers(bytes.len());
                let byte = b"{}[]\"\\,:0-9etnu x"[numbers(17)];
                match numbers(4) {
                    0 => bytes.truncate(at.max(1)),
                    1 => drop(bytes.remove(at)),
                    2 => bytes.insert(at, byte),
                    _ => bytes[at] = byte,
                }
            }
            if let Ok(text) = std::str::from_utf8(&bytes) {
                n_mutated += 1;
                n_malformed += usize::from(check(text) == Reading::Malformed);
            }
        }
    }
    assert!(n_push > 500, "{n_push} push events");
    assert!(n_first > n_push, "{n_first} read at once");
    assert!(
        n_mutated > 2 * n_push && n_malformed > 100,
        "{n_mutated} {n_malformed}"
    );
}
