//! Compares records that are parsed at once with records taken piece by piece.

use std::collections::BTreeSet;

use super::*;
use crate::event::Pulls;
use crate::event::content;
use crate::ingest::options::Roles;
use crate::ingest::prefilter::Prefilter;
use crate::ingest::reader::Shard;
use crate::ingest::reader::shard::{KeepAs, Shared};
use crate::ingest::timeline::Timeline;
use crate::location::FileId;
use crate::numbers::numbers;
use crate::record::{split, split_into};

/// Elements of `Records`, valid and not, and whether each is a push event.
const AMONG_PUSHES: [(&[u8], bool); 12] = [
    (br#"{"eventSource":"s3.amazonaws.com","eventName":"GetObject"}"#, false),
    (br#"{"eventSource":"ecr.amazonaws.com","eventName":"BatchGetImage"}"#, false),
    (br#"{"eventSource":"ecr.amazonaws.com","eventName":"PutImage","eventTime":"now"}"#, false),
    (br#"{"eventID":"i","eventSource":"ecr.amazonaws.com","eventName":"PutImage","eventID":"i"}"#, false),
    (br#"{"eventID":"i","eventSource":"ecr.amazonaws.com","eventName":"DeleteRepository","eventTime":"2024-03-01T10:00:00Z"}"#, false),
    (b"{\"eventSource\":\"ecr.amazonaws.com\",\"eventName\":\"PutImage\",\"x\":\"\xff\"}", false),
    (br#"{"eventSource":"ecr.amazonaws.com","eventName":"PutImage","x":x}"#, false),
    (br#"{"eventID":"i","eventSource":"ecr.amazonaws.com","event\u004eame":"PutImage","eventTime":"2024-03-01T10:00:00Z"}"#, true),
    (br#"{"eventID":"\ud800","eventSource":"ecr.amazonaws.com","eventName":"PutImage","eventTime":"2024-03-01T10:00:00Z"}"#, true),
    (b"{ \"eventName\" : \"PutImage\", \"eventSource\":\"ecr.amazonaws.com\" ,\"eventID\":\"i\",\"eventTime\":\"2024-03-01T10:00:00Z\"\n }", true),
    (br#"{"eventID":"i","eventSource":"ecr.amazonaws.com","eventName":"PutImage","eventTime":"2024-03-01T10:00:00Z","requestParameters":7}"#, true),
    (b"7", false),
];

/// A file of push events in longer and shorter runs with others between them, and how many push
/// events it has.
fn file() -> (Vec<u8>, usize) {
    let mut next = numbers(0x9e37_79b9_7f4a_7c15);
    let (mut bytes, mut n_push) = (b"{\"Records\":[".to_vec(), 0);
    while bytes.len() < 40 * STRETCH {
        for _ in 0..next(40) {
            // Some are longer than the stretch checked at once, and some than what must be left of
            // it.
            let n_letters = match next(100) {
                0 => STRETCH / 2 + next(100),
                1 | 2 => LEFT / 2 - 100 + next(100),
                _ => next(1_000),
            };
            bytes.extend(
                format!(
                    r#"{{"eventID":"{n_push}","eventSource":"ecr.amazonaws.com","eventName":"PutImage","eventTime":"2024-03-01T10:{:02}:00Z","x":"{}"}},"#,
                    next(60),
                    "é".repeat(n_letters)
                )
                .as_bytes(),
            );
            n_push += 1;
        }
        for _ in 0..=next(2) {
            let (other, is_push) = AMONG_PUSHES[next(AMONG_PUSHES.len())];
            bytes.extend(other);
            bytes.push(b',');
            n_push += usize::from(is_push);
        }
    }
    bytes.extend(b"null]}");
    (bytes, n_push)
}

/// Counts the records that are parsed at once.
struct Counting<'r, 'a, 's> {
    sequence: Sequence<'r, 'a, 's>,
    n_first: usize,
}

impl<'a> Sink<'a> for Counting<'_, 'a, '_> {
    fn piece(&mut self, piece: Piece<'a>) {
        self.sequence.piece(piece);
    }

    fn first(&mut self, start: usize, index: u32) -> Option<usize> {
        let len = self.sequence.first(start, index);
        self.n_first += usize::from(len.is_some());
        len
    }
}

/// The contents of a shard, for comparing two.
fn told(shard: Shard) -> impl PartialEq + std::fmt::Debug {
    let events = shard.events.iter();
    let events: Vec<_> = (events.map(|e| (e.at, content(e, &shard.tables)))).collect();
    let context: Vec<_> = (shard.context.iter().map(|e| e.event_id)).collect();
    let timelines: Vec<_> = (shard.ledger.timelines.into_values().map(Timeline::span)).collect();
    let n_defective = shard.ledger.defective.len();
    (
        events,
        context,
        timelines,
        shard.ledger.records,
        shard.ledger.problems,
        n_defective,
    )
}

#[test]
fn records_after_many_push_events_are_read_like_any() {
    let shared = Shared {
        keep: KeepAs::Events,
        roles: Roles::Ignored,
        pulls: Pulls::Ignored,
        limit: 1 << 30,
        hashes: false,
        prefilter: Prefilter::default(),
        present: BTreeSet::new(),
        has_archives: false,
    };
    let (bytes, n_push) = file();
    let mut slow = Shard::default();
    let mut reading = Reading::new(&mut slow, &shared, FileId(0));
    let mut mentions = shared.prefilter.mentions(&bytes);
    split(&bytes, &mut |piece| reading.piece(piece, 0, &mut mentions));
    reading.count();
    reading.list_more();

    let mut fast = Shard::default();
    let mut reading = Reading::new(&mut fast, &shared, FileId(0));
    let mentions = shared.prefilter.mentions(&bytes);
    let mut counting = Counting {
        sequence: Sequence::new(&mut reading, &bytes, mentions),
        n_first: 0,
    };
    split_into(&bytes, &mut counting);
    let n_first = counting.n_first;
    reading.count();
    reading.list_more();

    assert_eq!(slow.events.len(), n_push);
    assert!(n_first > n_push / 3, "{n_first} of {n_push} at once");
    assert_eq!(told(fast), told(slow));
}
