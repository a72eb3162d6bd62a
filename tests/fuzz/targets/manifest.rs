//! Manifests: whatever the registry is said to have been given, the event is kept, with its digest.

#![no_main]

use libfuzzer_sys::fuzz_target;
use reconstruct::event::{Action, Callers, Digest, Field, Parsed, Pulls, Tables, parse};
use reconstruct::location::{FileId, Span};
use reconstruct::record::RawRecord;
use serde_json::json;

fuzz_target!(|manifest: &str| {
    let record = json!({
        "eventSource": "ecr.amazonaws.com", "eventName": "PutImage", "eventID": "1",
        "eventTime": "2026-03-17T10:00:00Z", "requestParameters": {"imageManifest": manifest},
    });
    let text = &*record.to_string();
    let span = Span {
        start: 0,
        len: text.len(),
    };
    let record = RawRecord {
        text,
        span,
        index: 0,
    };
    let (mut tables, mut defects) = (Tables::default(), Vec::new());
    let parsed = parse(
        FileId(0),
        &record,
                Pulls::Ignored,
        &mut tables,
        &mut Callers::default(),
        &mut defects,
    );
    let Parsed::Push(event) = parsed else {
        panic!("the event is lost: {defects:?}");
    };
    let Action::PutImage(put) = event.action else {
        panic!("it is a PutImage");
    };
    let computed = put.digest.computed.map(|id| tables.digests.get(id).clone());
    let is_there = !manifest.is_empty();
    assert_eq!(computed, is_there.then(|| Digest::of(manifest.as_bytes())));
    match put.manifest {
        Field::Known(id) => _ = tables.manifests.get(id).blobs().count(),
        Field::Unreadable => assert!(!defects.is_empty()),
        Field::Absent => assert!(!is_there),
        Field::Omitted { .. } => panic!("nothing was omitted"),
    }
});
