//! Compares a large file read in pieces with the same file read whole.

use std::fs;
use std::path::PathBuf;

use std::collections::BTreeSet;

use super::*;
use crate::event::Pulls;
use crate::event::content;
use crate::ingest::options::Roles;
use crate::ingest::prefilter::Prefilter;
use crate::ingest::reader::form::PIECE_BYTES;
use crate::ingest::reader::shard::SoughtRecord;
use crate::ingest::timeline::Timeline;
use crate::source::{Input, discover};

/// A file for one test, removed at its end.
struct OnDisk(PathBuf);

impl Drop for OnDisk {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn read_with(decoder: Decoder, path: &OnDisk) -> Shard {
    read_for(Prefilter::default(), decoder, path)
}

fn read_for(prefilter: Prefilter, mut decoder: Decoder, path: &OnDisk) -> Shard {
    let files = discover(&[Input::Path(path.0.clone())]).expect("the file");
    let shared = Shared {
        keep: KeepAs::Events,
        roles: Roles::Ignored,
        pulls: Pulls::Ignored,
        limit: 1 << 30,
        hashes: true,
        prefilter,
        present: BTreeSet::new(),
        has_archives: false,
    };
    let mut shard = Shard::default();
    read(
        &mut shard,
        &mut decoder,
        &shared,
        FileId(0),
        &files[0],
        None,
    );
    shard
}

#[test]
fn pieces_and_the_whole_hold_the_same() {
    let mut text = String::from("{\"Records\":[");
    let mut number = 0;
    while text.len() < 3 * PIECE_BYTES {
        let source = if number % 50 == 0 { "ecr" } else { "s3" };
        // One record is longer than the buffer that reading starts with.
        let filler = if number == 700 { 2 * PIECE_BYTES } else { 1200 };
        let comma = if number == 0 { "" } else { "," };
        text.push_str(&format!(
            r#"{comma}{{"eventID":"{number}","eventSource":"{source}.amazonaws.com","eventName":"PutImage","eventTime":"2024-03-01T10:{:02}:00Z","x":"{}\"}}"}}"#,
            number % 60,
            "y".repeat(filler)
        ));
        number += 1;
    }
    let name = format!("reconstruct-{}-pieces.json", std::process::id());
    let path = OnDisk(std::env::temp_dir().join(name));
    for tail in ["]}", "", ",{\"eventID\":\"ecr.amazonaws.com"] {
        fs::write(&path.0, format!("{text}{tail}")).expect("a file");
        let whole = read_with(Decoder::default(), &path);
        let in_pieces = read_with(Decoder::with_buffer(1 << 20), &path);
        assert_eq!(in_pieces.ledger.records, whole.ledger.records);
        assert_eq!(in_pieces.ledger.files, whole.ledger.files);
        assert_eq!(in_pieces.ledger.problems, whole.ledger.problems);
        let hash = ContentHash::of(format!("{text}{tail}").as_bytes());
        for shard in [&in_pieces, &whole] {
            let hashes = shard.testimony.logs.iter().map(|log| log.content);
            assert_eq!(hashes.collect::<Vec<_>>(), [ContentSeen::Whole(hash)]);
        }
        let places = |shard: &Shard| {
            shard
                .events
                .iter()
                .map(|e| (e.at, content(e, &shard.tables)))
                .collect::<Vec<_>>()
        };
        assert_eq!(places(&in_pieces), places(&whole));
        assert!(whole.events.len() > 20, "{} events", whole.events.len());
        let spans = |shard: Shard| {
            shard
                .ledger
                .timelines
                .into_values()
                .map(Timeline::span)
                .collect::<Vec<_>>()
        };
        assert_eq!(spans(in_pieces), spans(whole));
        let found = |decoder| {
            let mut found = read_for(Prefilter::seeking("70"), decoder, &path).sought;
            first(&mut found);
            found
        };
        let whole = found(Decoder::default());
        assert_eq!(found(Decoder::with_buffer(1 << 20)), whole);
        let is_long = |record: &SoughtRecord| record.text.len() > PIECE_BYTES;
        assert!(whole.len() > 10 && whole.iter().any(is_long));
    }
}
