//! The bounds of records: the same whole and in pieces, in order, and those that serde finds in sound JSON.

#![no_main]

use libfuzzer_sys::fuzz_target;
use reconstruct::record::{Piece, Splitter, split};
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let mut whole = Vec::new();
    let mut end = 0;
    split(bytes, &mut |piece| {
        if let Piece::Record {
            bytes: record,
            span,
            is_ascii,
            ..
        } = piece
        {
            assert!(!is_ascii || record.is_ascii());
            assert!(span.start >= end, "records overlap");
            end = span.start + span.len;
            assert_eq!(record, &bytes[span.start..end]);
            whole.push(span);
        }
    });
    // The first byte says how large the pieces are.
    let step = 1 + usize::from(bytes.first().copied().unwrap_or(0));
    let mut splitter = Splitter::default();
    let (mut start, mut filled) = (0, 0);
    let mut in_pieces = Vec::new();
    while filled < bytes.len() {
        filled = (filled + step).min(bytes.len());
        start += splitter.feed(&bytes[start..filled], &mut |piece| {
            if let Piece::Record { span, .. } = piece {
                in_pieces.push(span);
            }
        });
    }
    splitter.finish(&bytes[start..], &mut |piece| {
        if let Piece::Record { span, .. } = piece {
            in_pieces.push(span);
        }
    });
    assert_eq!(whole, in_pieces);
    if let Ok(text) = std::str::from_utf8(bytes) {
        is_as_serde_has_it(text, whole.len());
    }
});

/// In a sound log file as CloudTrail delivers it, every object of the array is a record.
fn is_as_serde_has_it(text: &str, n_records: usize) {
    let is_plain = text.starts_with("{\"Records\":[")
        && text.matches("Records").count() == 1
        && !text.contains("\\u");
    if is_plain && let Ok(file) = serde_json::from_str::<Value>(text) {
        let records = file["Records"].as_array().expect("it begins so");
        let n_objects = records.iter().filter(|record| record.is_object()).count();
        assert_eq!(n_records, n_objects);
    }
}
