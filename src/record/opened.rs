//! Records in wrappers of any shape: in a text or an object that is a member of a member.
//!
//! Comes in: JSON that is no record. Goes out: the records in it, each with the names of the members that lead there.
//! Never: a look inside a record, so nothing that a caller wrote into a request is opened; a look into an event that
//! anybody may send to EventBridge; nor two records out of one object, but for the elements of arrays.
//!
//! Of an object the members are tried in a fixed order, whatever the order in the file: first those of [`KNOWN`], whose
//! services are known to keep a record there, then all others by name. The first that leads to a record is the only one.
//! Below names that are not known the search goes [`MAX_UNKNOWN`] members deep.
//!
//! | wrapper | members |
//! |---|---|
//! | Elasticsearch and OpenSearch, answers and documents | `hits.hits`, `_source`, `fields`, `event.original` |
//! | Splunk, search results and HTTP Event Collector | `result`, `results`, `_raw`, `event` |
//! | Filebeat, Vector, Fluent Bit, Graylog, Loki, Sumo | `message`, `log`, `full_message`, `line`, `values`, `_raw` |
//! | SQS, SNS, Lambda's events of both, Kinesis, Firehose | `Records`, `Messages`, `body`, `Body`, `Sns`, `Message`, `kinesis`, `records`, `data` |
//! | CloudWatch Logs, for Lambda | `awslogs.data`, then `logEvents` and `message` |
//! | CloudTrail Lake and Security Lake (OCSF) | `QueryResultRows`, `eventJson`, `raw_data` |

use std::borrow::Cow;
use std::fmt;
use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::record::event_bridge::tells_of_call;
use crate::record::mapped::mapped;
use crate::record::table::of_object;

/// What Splunk and Sumo keep as it came.
const RAW: &str = "_raw";

/// What OCSF keeps as it came.
const RAW_DATA: &str = "raw_data";

/// Members in which records are known to be kept, in the order in which they are tried.
const KNOWN: [&str; 33] = [
    RAW,
    "event.original",
    "original",
    "CloudTrailEvent",
    "eventJson",
    RAW_DATA,
    "@message",
    "message",
    "full_message",
    "log",
    "line",
    "Message",
    "Sns",
    "Body",
    "body",
    "hits",
    "_source",
    "fields",
    "event",
    "result",
    "results",
    "Records",
    "records",
    "Messages",
    "Events",
    "logEvents",
    "events",
    "QueryResultRows",
    "awslogs",
    "kinesis",
    "data",
    "streams",
    "values",
];

/// Members that callers fill, in lower case and without marks.
const OF_CALLERS: [&str; 5] = [
    "requestparameters",
    "responseelements",
    "additionaleventdata",
    "serviceeventdetails",
    "imagemanifest",
];

/// How many members with other names may lead to a record.
const MAX_UNKNOWN: u32 = 3;

/// The most members of a wrapper, so that one that is made to fill the memory costs no more than its file.
const MAX_MEMBERS: usize = 4096;

/// How many members, and texts of JSON, are opened one in the other.
const MAX_DEPTH: u32 = 12;

/// The most characters of a name that are shown; names may be endless.
const MOST_OF_NAME: usize = 64;

/// The most bytes that a text in Base64 may decode to: 6 MB is the most that Lambda is given at once.
const MAX_DECODED: u64 = 64 << 20;

/// What was found on the way to records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenedWrapper {
    /// How many records there are.
    pub n_records: u64,
    /// How many wrappers hold something else that is known: events that a service sends about itself.
    pub n_others: u64,
}

/// Takes each record found, with the names of the members that lead to it.
pub(crate) type OnRecord<'f> = &'f mut dyn FnMut(Cow<'_, str>, &str);

/// Finds the records in some JSON: an object, an array, or a text that holds either.
///
/// # Complexity
/// O(n · d) in its bytes and the depth of the wrappers, which is bounded.
pub fn open(json: &str, on_record: OnRecord<'_>) -> OpenedWrapper {
    let mut opening = Opening {
        path: Vec::new(),
        opened: OpenedWrapper::default(),
        on_record,
    };
    opening.value(json, MAX_UNKNOWN, MAX_DEPTH);
    opening.opened
}

/// Whether an object is a record of CloudTrail, by the members that none goes without.
#[must_use]
pub fn is_record(object: &str) -> bool {
    members(object).is_some_and(|members| is_record_of(&members))
}

fn is_record_of(members: &[NamedValue<'_>]) -> bool {
    let text = |name: &str| {
        let found = members.iter().find(|member| member.0 == name)?;
        serde_json::from_str::<Cow<'_, str>>(found.1.get()).ok()
    };
    let has = |name: &str| members.iter().any(|member| member.0 == name);
    // Other programs' events have `eventSource` too, and what Lambda is given of S3 or Kinesis says `aws:s3` there. An event
    // that a customer sends to CloudTrail Lake names any source, and has version and id.
    let is_of_cloudtrail = |source: &str| {
        source.contains(".amazonaws.")
            || !source.starts_with("aws:") && has("eventVersion") && has("eventID")
    };
    text("eventSource").is_some_and(|source| is_of_cloudtrail(&source))
        && text("eventName").is_some()
        && has("eventTime")
}

/// Whether the members that lead to a record are all those of services.
#[must_use]
pub fn is_known_path(path: &str) -> bool {
    let detail = ["detail"];
    let forms = ["OCSF", "AWSCloudTrail"];
    let mut known = KNOWN.iter().chain(&detail).chain(&forms);
    path.is_empty()
        || known.any(|known| match path.strip_prefix(known) {
            Some("") => true,
            Some(rest) => rest.strip_prefix('.').is_some_and(is_known_path),
            None => false,
        })
}

/// Whether what stands in a member was written by callers, however the name is spelt: `requestParameters`,
/// `aws.cloudtrail.request_parameters`.
fn is_of_callers(name: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let name: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    OF_CALLERS.iter().any(|theirs| name.contains(theirs))
}

/// The search, and where it is.
struct Opening<'f> {
    path: Vec<String>,
    opened: OpenedWrapper,
    on_record: OnRecord<'f>,
}

impl Opening<'_> {
    /// Opens a value; returns whether it led to a record, or to something else that is known.
    fn value(&mut self, json: &str, n_unknown: u32, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1) else {
            return false;
        };
        match json.as_bytes().first() {
            Some(b'{') => self.object(json, n_unknown, depth),
            Some(b'[') => {
                let elements = OpenedElements {
                    opening: self,
                    n_unknown,
                    depth,
                };
                let found = serde_json::Deserializer::from_str(json).deserialize_seq(elements);
                found.unwrap_or(false)
            }
            Some(b'"') => {
                let Ok(text) = serde_json::from_str::<Cow<'_, str>>(json) else {
                    return false;
                };
                self.text(&text, n_unknown, depth)
            }
            Some(_) | None => false,
        }
    }

    /// Opens a text that may be one whole value of JSON, or several one a line.
    fn text(&mut self, text: &str, n_unknown: u32, depth: u32) -> bool {
        let text = text.trim_ascii();
        match text.as_bytes().first() {
            Some(b'{' | b'[') => {}
            Some(_) | None => return false,
        }
        let mut found = false;
        for value in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
            // What is no JSON from here on is no record either.
            let Ok(value) = value else { break };
            found |= self.value(value.get(), n_unknown, depth);
        }
        found
    }

    fn object(&mut self, object: &str, n_unknown: u32, depth: u32) -> bool {
        let Some(mut members) = members(object) else {
            return false;
        };
        let known = |name: &str| KNOWN.iter().position(|known| *known == name);
        // A row of a search result may show a record's fields beside the record.
        let has = |name: &str| members.iter().any(|member| member.0 == name);
        let has_raw = has(RAW);
        if !has_raw && is_record_of(&members) {
            self.opened.n_records += 1;
            let path = self.path.join(".");
            (self.on_record)(Cow::Borrowed(object), &path);
            return true;
        }
        let member = |name: &str| members.iter().find(|member| member.0 == name);
        if let (Some((_, kind)), Some((_, detail))) = (member("detail-type"), member("detail")) {
            let source = member("source").map(|(_, source)| *source);
            return self.bridged(tells_of_call(kind, source), detail);
        }
        let may_be_mapped = has("AwsEventId") || (has("metadata") && has("api"));
        if !has_raw
            && may_be_mapped
            && let Some((record, form)) = mapped(object)
        {
            // It is a record itself, so of its members only the one that holds it as it came is opened.
            let raw = members.iter().find(|member| member.0 == RAW_DATA);
            if !raw.is_some_and(|(name, value)| self.member(name, value, 0, depth)) {
                self.opened.n_records += 1;
                (self.on_record)(Cow::Owned(record), form);
            }
            return true;
        }
        if !has_raw
            && has("eventname")
            && has("eventsource")
            && let Some(record) = of_object(members.iter().map(|(name, value)| (&**name, *value)))
        {
            self.opened.n_records += 1;
            let path = self.path.join(".");
            (self.on_record)(Cow::Owned(record), &path);
            return true;
        }
        members.sort_by_cached_key(|(name, _)| (known(name).unwrap_or(KNOWN.len()), name.clone()));
        for (name, value) in &members {
            let n_left = match known(name) {
                Some(_) => Some(n_unknown),
                None => n_unknown.checked_sub(1),
            };
            if let Some(n_left) = n_left
                && !is_of_callers(name)
                && self.member(name, value, n_left, depth)
            {
                return true;
            }
        }
        false
    }

    fn member(&mut self, name: &str, value: &RawValue, n_unknown: u32, depth: u32) -> bool {
        self.path.push(name.chars().take(MOST_OF_NAME).collect());
        let json = value.get();
        let found =
            self.value(json, n_unknown, depth) || name == "data" && self.encoded(json, depth);
        self.path.pop();
        found
    }

    /// Opens an event of EventBridge: its `detail`, if it is of CloudTrail.
    fn bridged(&mut self, is_call: bool, detail: &RawValue) -> bool {
        if is_call && is_record(detail.get()) {
            self.path.push("detail".to_owned());
            self.value(detail.get(), 0, 1);
            self.path.pop();
        } else {
            self.opened.n_others += 1;
        }
        true
    }

    /// Opens a text in Base64, perhaps of gzip, as Kinesis and CloudWatch Logs give to Lambda.
    fn encoded(&mut self, json: &str, depth: u32) -> bool {
        let text = serde_json::from_str::<Cow<'_, str>>(json).ok();
        let Some(mut bytes) = text.and_then(|text| STANDARD.decode(text.as_bytes()).ok()) else {
            return false;
        };
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut plain = Vec::new();
            let mut gzip = MultiGzDecoder::new(&bytes[..]).take(MAX_DECODED);
            if gzip.read_to_end(&mut plain).is_err() {
                return false;
            }
            bytes = plain;
        }
        match str::from_utf8(&bytes) {
            Ok(text) => self.text(text, 0, depth),
            Err(_) => false,
        }
    }
}

/// The elements of an array, opened one by one: an array may be as long as the file.
struct OpenedElements<'o, 'f> {
    opening: &'o mut Opening<'f>,
    n_unknown: u32,
    depth: u32,
}

impl<'de> Visitor<'de> for OpenedElements<'_, '_> {
    /// Whether one led to a record.
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<bool, A::Error> {
        let mut found = false;
        while let Some(element) = elements.next_element::<&RawValue>()? {
            let json = element.get();
            found |= self.opening.value(json, self.n_unknown, self.depth);
        }
        Ok(found)
    }
}

/// A member of an object: its name and its value.
type NamedValue<'a> = (Cow<'a, str>, &'a RawValue);

/// The members of an object, in order; `None` if it is no JSON object, or has more than [`MAX_MEMBERS`].
fn members(object: &str) -> Option<Vec<NamedValue<'_>>> {
    struct Members;

    impl<'a> Visitor<'a> for Members {
        type Value = Vec<NamedValue<'a>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(name) = map.next_key::<Name<'a>>()? {
                if members.len() == MAX_MEMBERS {
                    return Err(A::Error::custom("more members than any wrapper has"));
                }
                members.push((name.0, map.next_value()?));
            }
            Ok(members)
        }
    }

    serde_json::Deserializer::from_str(object)
        .deserialize_map(Members)
        .ok()
}

/// A member's name, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"eventVersion":"1.08","eventSource":"ecr.amazonaws.com","eventName":"PutImage","eventTime":"2026-02-03T09:00:00Z","requestParameters":{"a":"{\"eventSource\":\"x\",\"eventName\":\"y\",\"eventTime\":\"z\"}"}}"#;

    fn found(json: &str) -> (Vec<String>, u64) {
        let mut paths = Vec::new();
        let opened = open(json, &mut |text, path| {
            assert_eq!(text, RECORD);
            paths.push(path.to_owned());
        });
        assert_eq!(opened.n_records, paths.len() as u64);
        (paths, opened.n_others)
    }

    fn quoted(text: &str) -> String {
        serde_json::Value::from(text).to_string()
    }

    #[test]
    fn a_record_is_found_by_the_members_that_lead_to_it() {
        let text = quoted(RECORD);
        let bridge = format!(
            r#"{{"detail-type":"AWS API Call via CloudTrail","source":"aws.ecr","detail":{RECORD}}}"#
        );
        for (json, path) in [
            (text.clone(), ""),
            (format!("[{text}]"), ""),
            (format!(r#"{{"result":{{"_raw":{text}}}}}"#), "result._raw"),
            (
                format!(
                    r#"{{"hits":{{"hits":[{{"_source":{{"event":{{"original":{text}}}}}}}]}}}}"#
                ),
                "hits.hits._source.event.original",
            ),
            (
                format!(r#"{{"Records":[{{"body":{}}}]}}"#, quoted(&bridge)),
                "Records.body.detail",
            ),
            (
                format!(
                    r#"{{"records":[{{"data":"{}"}}]}}"#,
                    STANDARD.encode(RECORD)
                ),
                "records.data",
            ),
            (format!(r#"{{"a":{{"b":{{"c":{RECORD}}}}}}}"#), "a.b.c"),
        ] {
            assert_eq!(found(&json), (vec![path.to_owned()], 0), "{json}");
        }
    }

    #[test]
    fn the_first_in_a_fixed_order_is_the_only_one() {
        let other = RECORD.replace("PutImage", "Forged");
        for json in [
            format!(r#"{{"x":{other},"message":{RECORD}}}"#),
            format!(r#"{{"message":{RECORD},"x":{other}}}"#),
            format!(r#"{{"b":{other},"a":{RECORD}}}"#),
            format!(
                r#"{{"eventSource":"ecr","eventName":"x","eventTime":"y","_raw":{}}}"#,
                quoted(RECORD)
            ),
        ] {
            assert_eq!(found(&json).0.len(), 1, "{json}");
        }
    }

    #[test]
    fn what_is_made_to_be_endless_ends() {
        let long = format!(r#"{{"a":[{}0],"b":{RECORD}}}"#, "0,".repeat(200_000));
        assert_eq!(found(&long).0, ["b"]);
        let many: String = (0..MAX_MEMBERS).map(|n| format!("\"m{n}\":0,")).collect();
        assert_eq!(found(&format!("{{{many}\"z\":{RECORD}}}")).0.len(), 0);
        let deep = format!("{}{RECORD}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(found(&deep).0.len(), 0);
    }

    #[test]
    fn what_anybody_may_write_is_not_opened() {
        let forged = format!(
            r#"{{"detail-type":"AWS API Call via CloudTrail","source":"mine","detail":{RECORD}}}"#
        );
        assert_eq!(found(&forged), (vec![], 1));
        assert_eq!(
            found(&format!(r#"{{"message":{}}}"#, quoted(&forged))),
            (vec![], 1)
        );
        let parameter = format!(
            r#"{{"request_parameters":{{"imageManifest":{}}}}}"#,
            quoted(RECORD)
        );
        assert_eq!(found(&parameter), (vec![], 0));
        // Inside a record, too deep, and in a text among other words.
        let deep = format!(r#"{{"a":{{"b":{{"c":{{"d":{RECORD}}}}}}}}}"#);
        let words = format!(r#"{{"message":{}}}"#, quoted(&format!("see {RECORD}")));
        for json in [deep, words] {
            assert_eq!(found(&json), (vec![], 0), "{json}");
        }
        assert_eq!(found(RECORD), (vec![String::new()], 0));
    }
}
