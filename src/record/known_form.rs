//! Forms of files that hold no records that can be read, told by their first bytes.
//!
//! Comes in: the bytes of a file in which no record was found. Goes out: what it is, if that is known. Never: a look at
//! more than its first [`HEAD`] bytes.

use memchr::memmem;

use crate::problem::KnownForm;

/// How many bytes are looked at.
const HEAD: usize = 4 << 10;

/// What a file begins with, and what it is then. The longer beginnings come first.
const BEGINS: [(&[u8], KnownForm); 16] = [
    (b"\xfd7zXZ\0", KnownForm::Xz),
    (b"7z\xbc\xaf\x27\x1c", KnownForm::SevenZip),
    (b"BZh", KnownForm::Bzip2),
    (b"\x04\x22\x4d\x18", KnownForm::Lz4),
    (b"PAR1", KnownForm::Parquet),
    (b"ORC", KnownForm::Orc),
    (b"Obj\x01", KnownForm::Avro),
    (b"SQLite format 3\0", KnownForm::Sqlite),
    (
        b"version https://git-lfs.github.com/spec/",
        KnownForm::LfsPointer,
    ),
    (b"/annex/objects/", KnownForm::AnnexPointer),
    (b"-----BEGIN PGP MESSAGE", KnownForm::Encrypted),
    (b"age-encryption.org/", KnownForm::Encrypted),
    (b"Salted__", KnownForm::Encrypted),
    (b"<!DOCTYPE html", KnownForm::WebPage),
    (b"<html", KnownForm::WebPage),
    (b"<?xml", KnownForm::Xml),
];

/// What is found near the beginning, and what the file is then.
const HOLDS: [(&[u8], KnownForm); 9] = [
    (b"\"aws:s3\"", KnownForm::S3Notification),
    (b"\"s3ObjectKey", KnownForm::S3Notification),
    (b"\\\"s3ObjectKey", KnownForm::S3Notification),
    (b"\"ECR Image Action\"", KnownForm::EcrEvents),
    (b"\"ECR Image Scan\"", KnownForm::EcrEvents),
    (b"\"aws:sqs\"", KnownForm::Queue),
    (b"\"aws:sns\"", KnownForm::Queue),
    (b"\"aws:kinesis\"", KnownForm::Queue),
    (b"\"aws:dynamodb\"", KnownForm::Queue),
];

/// What a file is that holds no record.
#[must_use]
pub fn known_form(bytes: &[u8]) -> Option<KnownForm> {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let begins = BEGINS.iter().find(|(begin, _)| head.starts_with(begin));
    let holds = || {
        HOLDS
            .iter()
            .find(|(text, _)| memmem::find(head, text).is_some())
    };
    let found = begins.or_else(holds).map(|(_, form)| *form);
    found.or_else(|| text_form(head))
}

/// What a text is, by the line that it begins with.
fn text_form(head: &[u8]) -> Option<KnownForm> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let line = text.split(|byte| *byte == b'\n').next()?.trim_ascii();
    // The console names its columns in words; the table has neither parameters nor responses.
    let is_console = memmem::find(line, b"Event name").is_some()
        && memmem::find(line, b"Event source").is_some();
    let is_yaml = matches!(line, b"---" | b"Events:" | b"Records:");
    let is_cli_text = line.starts_with(b"EVENTS\t");
    [
        (is_console, KnownForm::ConsoleCsv),
        (is_yaml, KnownForm::Yaml),
        (is_cli_text, KnownForm::CliText),
    ]
    .into_iter()
    .find_map(|(is_it, form)| is_it.then_some(form))
}
