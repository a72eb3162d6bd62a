//! A record as one line, and this program's own two lines in an extract.
//!
//! Comes in: the text of a record, or an object at the top level. Goes out: the record without line
//! breaks, or the content of our own key. Never: a change to a value, to the order of members or to
//! the spelling of a number; or an object that has members besides our key.

use std::borrow::Cow;

use memchr::memchr2;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::split::{Alone, alone};

/// The only member of a line that says what an extract was made from.
pub const COVERAGE: &str = "reconstruct.coverage";

/// The only member of a line that holds a record which would be taken for something else by itself.
pub const RECORD: &str = "reconstruct.record";

/// A line of our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnLine<'a> {
    /// What an extract was made from.
    Coverage(&'a str),
    /// A record.
    Record(&'a str),
}

/// A record as an extract holds it: on one line, so that it is recognised there too.
///
/// The text is that of the log unless it has line breaks, which in JSON occur only between tokens;
/// then all white space between tokens is left out. A record may start with a member that makes it
/// look like a log file, such as `Records`; such a record is wrapped.
#[must_use]
pub fn line(record: &str) -> Cow<'_, str> {
    let compact = compact(record);
    match alone(compact.as_bytes()) {
        Alone::Record => compact,
        Alone::Foreign | Alone::Cut | Alone::Text => {
            Cow::Owned(format!("{{\"{RECORD}\":{compact}}}"))
        }
    }
}

/// A JSON text without line breaks.
fn compact(json: &str) -> Cow<'_, str> {
    if memchr2(b'\n', b'\r', json.as_bytes()).is_none() {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len());
    let (mut in_string, mut is_escaped) = (false, false);
    for character in json.chars() {
        if !in_string && matches!(character, ' ' | '\t' | '\n' | '\r') {
            continue;
        }
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = in_string,
            '"' => in_string = !in_string,
            _ => {}
        }
        text.push(character);
    }
    Cow::Owned(text)
}

/// Whether an object has one of our own keys as its first member, with any value.
#[must_use]
pub fn is_own(object: &[u8]) -> bool {
    let inside = object.strip_prefix(b"{").unwrap_or_default();
    inside
        .trim_ascii_start()
        .strip_prefix(b"\"reconstruct.")
        .is_some_and(|rest| rest.starts_with(b"coverage\"") || rest.starts_with(b"record\""))
}

/// Reads an object with one of our own keys.
///
/// # Errors
/// What is wrong with it, in the words of the JSON parser.
pub fn own(object: &[u8]) -> Result<OwnLine<'_>, serde_json::Error> {
    #[derive(Deserialize)]
    enum Own<'a> {
        #[serde(rename = "reconstruct.coverage", borrow)]
        Coverage(&'a RawValue),
        #[serde(rename = "reconstruct.record", borrow)]
        Record(&'a RawValue),
    }
    // An enum is an object with exactly one member.
    Ok(match serde_json::from_slice(object)? {
        Own::Coverage(value) => OwnLine::Coverage(value.get()),
        Own::Record(value) => OwnLine::Record(value.get()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_on_one_line_stays_as_it_is() {
        for record in [
            r#"{"eventID":"a",  "n": 1.50e+1 }"#,
            r#"{ "eventName":"\\\"\n {", "eventName":"b"}"#,
        ] {
            assert!(matches!(line(record), Cow::Borrowed(text) if text == record));
        }
    }

    #[test]
    fn line_breaks_go_with_the_white_space_between_tokens() {
        let record = "{\r\n  \"eventID\": \"a \\\" b\\\\\",\n\t\"x\": [1.50e+1, \"  \"]\n}";
        let expected = r#"{"eventID":"a \" b\\","x":[1.50e+1,"  "]}"#;
        assert_eq!(line(record), expected);
        assert_eq!(line(expected), expected);
    }

    #[test]
    fn what_would_be_split_by_itself_is_wrapped() {
        let record = r#"{"Records":[{"eventID":"forged"}],"eventID":"a"}"#;
        let wrapped = line(record);
        assert_eq!(wrapped, format!(r#"{{"reconstruct.record":{record}}}"#));
        assert!(is_own(wrapped.as_bytes()));
        let read = own(wrapped.as_bytes()).expect("a line of our own");
        assert_eq!(read, OwnLine::Record(record));
    }

    #[test]
    fn what_has_more_than_our_key_is_none_of_ours() {
        assert!(!is_own(br#"{"a":1,"reconstruct.coverage":{}}"#));
        assert!(is_own(br#"{ "reconstruct.coverage" : {} }"#));
        for object in [
            r#"{"reconstruct.coverage":{},"a":1}"#,
            r#"{"reconstruct.coverage":{},"reconstruct.coverage":{}}"#,
            r#"{"reconstruct.coverage":"#,
        ] {
            assert!(is_own(object.as_bytes()), "{object}");
            assert!(own(object.as_bytes()).is_err(), "{object}");
        }
    }
}
