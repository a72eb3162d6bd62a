//! A part of a state: an extract, and the files that it was made of.
//!
//! Comes in: the list of a part, as lines of JSON. Goes out: its fields, or what is wrong with it. Never: a look at the
//! extract itself.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::source::ContentStamp;

/// The version of the list of a part.
pub(super) const PART_VERSION: u32 = 1;

/// A file of the input that a part was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// Its path from the root of the file system, or its address.
    pub address: String,
    /// Its size in bytes when it was listed.
    pub size_bytes: u64,
    /// What the listing said of its content.
    pub stamp: ContentStamp,
    /// Whether it could not be read, so that it has to be tried again.
    pub has_failed: bool,
}

/// What is known of a part without its files; the first line of its list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartHead {
    /// [`PART_VERSION`].
    pub(super) version: u32,
    /// Its number; a later part has a greater one.
    pub number: u64,
    /// Which files it may be joined with: those of one account and day, or of one folder.
    pub group: String,
    /// Whether it holds a file that changed once, so that it stays by itself.
    pub alone: bool,
    /// How many files it was made of, so that a list that was cut is known.
    pub files: u64,
    /// How many records the extract holds.
    pub records: u64,
    /// The size of the extract in bytes, compressed.
    pub bytes: u64,
    /// The SHA-256 of the extract, compressed.
    pub sha256: String,
    /// The second since 1970 of the first record of any service; `None` without records.
    pub first: Option<i64>,
    /// The second of the last.
    pub last: Option<i64>,
    /// Whether records of STS were asked for.
    pub roles: bool,
    /// The cap in bytes that a file passed, if one did.
    pub limit: Option<u64>,
}

/// A part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatePart {
    /// What is known of it.
    pub head: PartHead,
    /// The files that it was made of, by address.
    pub files: Vec<KnownFile>,
    /// Whether it was forgotten: its files are known, and its extract is gone.
    pub is_forgotten: bool,
}

impl StatePart {
    /// The name of its extract.
    #[must_use]
    pub fn extract_name(&self) -> String {
        extract_name(self.head.number)
    }
}

/// The name of the extract of a part.
pub(super) fn extract_name(number: u64) -> String {
    format!("parts/{number:08}.jsonl.zst")
}

/// The name of the list of a part.
pub(super) fn list_name(number: u64) -> String {
    format!("parts/{number:08}.files.jsonl")
}

/// The number in the name of an extract or a list.
pub(super) fn number_of(name: &str) -> Option<u64> {
    let number = name
        .strip_suffix(".files.jsonl")
        .or_else(|| name.strip_suffix(".jsonl.zst"))?;
    let is_number = number.len() >= 8 && number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse().ok().filter(|_| is_number)
}

/// The list of a part as text: its head, then a line a file.
pub(super) fn write(head: &PartHead, files: &[KnownFile]) -> Result<String, serde_json::Error> {
    let head = PartHead {
        files: files.len() as u64,
        ..head.clone()
    };
    let mut text = serde_json::to_string(&Headed { head })?;
    text.push('\n');
    for file in files {
        let row = (
            &file.address,
            file.size_bytes,
            stamp_text(&file.stamp),
            file.has_failed,
        );
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{}", serde_json::to_string(&row)?);
    }
    Ok(text)
}

/// Reads the list of a part.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(text: &str) -> Result<StatePart, String> {
    let mut lines = text.lines();
    let head: Headed = serde_json::from_str(lines.next().unwrap_or_default())
        .map_err(|error| error.to_string())?;
    if head.head.version != PART_VERSION {
        return Err(format!("is of version {}", head.head.version));
    }
    let mut files = Vec::new();
    for line in lines {
        let (address, size_bytes, stamp, has_failed): (String, u64, String, bool) =
            serde_json::from_str(line).map_err(|error| error.to_string())?;
        files.push(KnownFile {
            address,
            size_bytes,
            stamp: stamp_of(&stamp),
            has_failed,
        });
    }
    if files.len() as u64 != head.head.files {
        return Err(format!(
            "it names {} files of {}",
            files.len(),
            head.head.files
        ));
    }
    Ok(StatePart {
        head: head.head,
        files,
        is_forgotten: false,
    })
}

#[derive(Serialize, Deserialize)]
struct Headed {
    #[serde(rename = "reconstruct.part")]
    head: PartHead,
}

fn stamp_text(stamp: &ContentStamp) -> String {
    match stamp {
        ContentStamp::Unknown => String::new(),
        ContentStamp::Modified(nanoseconds) => format!("modified {nanoseconds}"),
        ContentStamp::Tag(tag) => format!("tag {tag}"),
    }
}

fn stamp_of(text: &str) -> ContentStamp {
    let modified = text
        .strip_prefix("modified ")
        .and_then(|text| text.parse().ok());
    match (modified, text.strip_prefix("tag ")) {
        (Some(nanoseconds), _) => ContentStamp::Modified(nanoseconds),
        (None, Some(tag)) => ContentStamp::Tag(tag.into()),
        (None, None) => ContentStamp::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_it_was_written() {
        let head = PartHead {
            version: PART_VERSION,
            number: 7,
            group: "123456789012 2024-03-10".to_owned(),
            alone: false,
            files: 3,
            records: 3,
            bytes: 400,
            sha256: "ab".repeat(32),
            first: Some(-5),
            last: None,
            roles: true,
            limit: Some(9),
        };
        let file = |stamp| KnownFile {
            address: "/a \"b\"\n".to_owned(),
            size_bytes: 4,
            stamp,
            has_failed: true,
        };
        let files = vec![
            file(ContentStamp::Unknown),
            file(ContentStamp::Modified(-17)),
            file(ContentStamp::Tag("\"9b\"".into())),
        ];
        let text = write(&head, &files).expect("JSON");
        let part = read(&text).expect("a list");
        assert_eq!((part.head, part.files), (head, files));
        assert!(read(&text[..text.len() - 5]).is_err());
        assert_eq!(number_of("00000012.files.jsonl"), Some(12));
        assert_eq!(number_of("notes.files.jsonl"), None);
    }
}
