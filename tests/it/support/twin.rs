//! The slow way of reading records and their fields: `serde_json::Value` and no prefilter.
//!
//! In: text. Out: the records in it, and what one of them says, by the slow way and by the program's. Both
//! have to agree, on what is mutated too. The fuzz targets use this file as the tests do.

use reconstruct::event::{
    Action, Callers, Fault, Parsed, Pulls, Tables, Uid, is_read, parse, parse_first,
};
use reconstruct::location::{FileId, RecordAt, Span};
use reconstruct::record::RawRecord;
use serde_json::Value;

/// The event sources of ECR.
pub(crate) const SOURCES: [&str; 3] = [
    "ecr.amazonaws.com",
    "ecr-public.amazonaws.com",
    "ecrpublic.amazonaws.com",
];

/// The calls that a push consists of.
pub(crate) const PUSH_CALLS: [&str; 6] = [
    "PutImage",
    "UploadLayerPart",
    "InitiateLayerUpload",
    "CompleteLayerUpload",
    "BatchCheckLayerAvailability",
    "GetAuthorizationToken",
];

/// Every record of a text, by the slow way.
pub(crate) fn slow_records(text: &str) -> Vec<Value> {
    let text = text.trim_start_matches('\u{feff}');
    let mut records = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        by_itself(value.expect("valid JSON"), &mut records);
    }
    records
}

fn by_itself(value: Value, records: &mut Vec<Value>) {
    match value {
        Value::Array(values) => values.into_iter().for_each(|one| by_itself(one, records)),
        Value::Object(mut members) => match members.remove("Records") {
            Some(Value::Array(elements)) => records.extend(elements),
            _ => {
                if ["eventID", "eventName", "eventSource"]
                    .iter()
                    .any(|name| members.contains_key(*name))
                {
                    records.push(Value::Object(members));
                }
            }
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What is compared of a record: what it is, and the fields that joining events rests on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Push {
        event_id: String,
        time: i64,
        name: String,
        upload: Option<String>,
        tag: Option<String>,
        principal_id: Option<String>,
        first_byte: Option<u64>,
    },
    Other,
    Malformed,
}

/// A text with U+FFFD for every escape that is half a surrogate pair.
fn without_halves(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let unit = |text: &str| {
            let digits = text.strip_prefix("\\u")?.get(..4)?;
            u32::from_str_radix(digits, 16).ok()
        };
        let second = rest.get(6..).and_then(unit);
        let len = match (unit(rest), second) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                out.push('\u{fffd}');
                rest = &rest[6..];
                continue;
            }
            (Some(_), _) => 6,
            (None, _) if letter == '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            (None, _) => letter.len_utf8(),
        };
        out.push_str(&rest[..len]);
        rest = &rest[len..];
    }
    out
}

pub(crate) fn slow_reading(text: &str) -> Reading {
    let read = serde_json::from_str::<Value>(text);
    let read = read.or_else(|_| serde_json::from_str(&without_halves(text)));
    let Some(mut record) = read.ok().filter(Value::is_object) else {
        return Reading::Malformed;
    };
    for name in ["requestParameters", "responseElements", "userIdentity"] {
        let folded = record[name].as_str().map(serde_json::from_str::<Value>);
        if let Some(Ok(value @ (Value::Object(_) | Value::Array(_)))) = folded {
            record[name] = value;
        }
    }
    let text = |pointer: &str| {
        let text = record.pointer(pointer)?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    };
    let whole = |pointer: &str| {
        let number = record.pointer(pointer)?;
        number.as_u64().or_else(|| number.as_str()?.parse().ok())
    };
    let source = text("/eventSource").unwrap_or_default();
    let name = text("/eventName").unwrap_or_default();
    let is_push = SOURCES.contains(&&*source)
        && PUSH_CALLS.contains(&&*name)
        && text("/eventType").as_deref() != Some("AwsServiceEvent");
    let explains_one = SOURCES.contains(&&*source)
        && is_read(name.as_bytes(), Pulls::Ignored)
        && !PUSH_CALLS.contains(&&*name);
    if !is_push && !explains_one {
        return Reading::Other;
    }
    let time = text("/eventTime").and_then(|time| chrono::DateTime::parse_from_rfc3339(&time).ok());
    let (Some(time), Some(event_id)) = (time, text("/eventID")) else {
        return Reading::Malformed;
    };
    if explains_one {
        return Reading::Other;
    }
    let first_byte = whole("/requestParameters/partFirstByte");
    let last_byte = whole("/requestParameters/partLastByte");
    let request_or_response = |member: &str| {
        text(&format!("/requestParameters/{member}"))
            .or_else(|| text(&format!("/responseElements/{member}")))
    };
    Reading::Push {
        event_id,
        time: time.timestamp(),
        upload: match &*name {
            "InitiateLayerUpload" | "UploadLayerPart" | "CompleteLayerUpload" => {
                request_or_response("uploadId")
            }
            _ => None,
        },
        tag: match &*name {
            "PutImage" => text("/requestParameters/imageTag")
                .or_else(|| text("/responseElements/image/imageId/imageTag")),
            _ => None,
        },
        principal_id: text("/userIdentity/principalId"),
        first_byte: first_byte.filter(|first| {
            name == "UploadLayerPart" && last_byte.is_some_and(|last| last >= *first)
        }),
        name,
    }
}

fn first_byte_of(action: &Action) -> Option<u64> {
    let Action::UploadLayerPart { range, .. } = action else {
        return None;
    };
    range.map(|range| range.first)
}

fn reading(parsed: Parsed, tables: &Tables) -> Reading {
    match parsed {
        Parsed::Push(event) => {
            let uid = |uid: Uid| uid.text(&tables.texts).into_owned();
            Reading::Push {
                event_id: uid(event.event_id),
                time: event.time.timestamp(),
                name: event.action.name().to_owned(),
                upload: event.action.upload().map(|id| uid(*tables.uploads.get(id))),
                tag: event
                    .action
                    .tag()
                    .map(|tag| tables.texts.get(tag).to_string()),
                principal_id: tables
                    .identities
                    .get(event.identity)
                    .principal_id
                    .as_deref()
                    .map(str::to_owned),
                first_byte: first_byte_of(&event.action),
            }
        }
        Parsed::Context(_) | Parsed::Reads(_) | Parsed::Other => Reading::Other,
        Parsed::Malformed => Reading::Malformed,
    }
}

/// What the fastest way makes of the record that a text begins with, and its length, if it takes it.
pub(crate) fn first_reading(
    text: &str,
    tables: &mut Tables,
    callers: &mut Callers,
) -> Option<(usize, Reading)> {
    let at = RecordAt {
        file: FileId(0),
        index: 0,
    };
    let (len, parsed) = parse_first(at, text, Pulls::Ignored, tables, callers, &mut Vec::new())?;
    Some((len, reading(parsed, tables)))
}

/// What the fast way makes of a record, and whether it refused it for a member that occurs twice,
/// of which the slow way takes the last.
pub(crate) fn fast_reading(
    text: &str,
    tables: &mut Tables,
    callers: &mut Callers,
) -> (Reading, bool) {
    let len = text.len();
    let record = RawRecord {
        text,
        span: Span { start: 0, len },
        index: 0,
    };
    let mut defects = Vec::new();
    let parsed = parse(
        FileId(0),
        &record,
        Pulls::Ignored,
        tables,
        callers,
        &mut defects,
    );
    let reading = reading(parsed, tables);
    let is_twice = defects
        .iter()
        .any(|defect| matches!(&defect.fault, Fault::Syntax(said) if said.starts_with("duplicate field")));
    (reading, is_twice)
}
