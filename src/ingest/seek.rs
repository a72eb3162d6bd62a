//! FILES -> THE RECORDS WITH AN `eventID`, of whatever call.
//!
//! Comes in: the files, the beginning of an `eventID`, and the log of their push events. Goes out: the records with such an id,
//! added to the log beside its events, and how much was searched. Never: a push event of the log; a record that counts.

use crate::event::Pulls;
use crate::event::{Category, Event, EventId, EventLog, OtherEvent, ReadAs, Twin, parse_other};
use crate::ingest::options::{ReadOptions, Roles};
use crate::ingest::pool;
use crate::ingest::prefilter::Prefilter;
use crate::ingest::progress::Progress;
use crate::ingest::reader::{KeepAs, MOST_SOUGHT, Shared, first};
use crate::location::Span;
use crate::record::RawRecord;
use crate::source::{Origin, SourceFile};
use crate::threads::Threads;

/// How much was searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Searched {
    /// Files that were read.
    pub n_files: u64,
    /// Records in them.
    pub n_records: u64,
    /// Inputs that can be read only once, and so were not searched.
    pub n_gone: u64,
    /// Whether there are more records than were added.
    pub has_more: bool,
}

/// Reads the files again for records whose `eventID` begins with a text.
///
/// # Complexity
/// O(n) in the bytes of the files.
pub fn seek(
    files: &[SourceFile],
    begin: &str,
    options: &ReadOptions,
    progress: &Progress,
    log: &mut EventLog,
) -> Searched {
    let options = ReadOptions {
        roles: Roles::Ignored,
        pulls: Pulls::Ignored,
        verify: None,
        ..options.clone()
    };
    pool::begin(files, progress);
    let shared = Shared {
        prefilter: Prefilter::seeking(begin),
        ..pool::share(files, &options, KeepAs::Events)
    };
    let threads = Threads::new(options.jobs);
    let shards = pool::read_files(files, 0..files.len(), &shared, &threads, progress);
    let is_gone = |file: &&SourceFile| matches!(file.origin, Origin::Reader(_));
    let mut searched = Searched {
        n_gone: files.iter().filter(is_gone).count() as u64,
        ..Searched::default()
    };
    let mut records = Vec::new();
    for shard in shards {
        searched.n_files += shard.ledger.files.logs() + shard.ledger.loose.logs();
        searched.n_records += shard.ledger.records.seen;
        records.extend(shard.sought);
    }
    searched.has_more = records.len() > MOST_SOUGHT;
    first(&mut records);
    let mut last: Option<Box<str>> = None;
    for record in records {
        if last.as_ref() == Some(&record.text)
            && let Some(other) = log.others.last_mut()
        {
            other.copies.push(record.at);
            continue;
        }
        let raw = RawRecord {
            text: &record.text,
            span: Span {
                start: 0,
                len: record.text.len(),
            },
            index: record.at.index,
        };
        if let Some(mut other) = parse_other(record.at.file, &raw, &mut log.tables) {
            if other.reading == ReadAs::SetAside
                && let Some((twin, kept)) = kept(log, &other)
            {
                other.reading = ReadAs::Replaced(twin, kept);
            }
            log.others.push(other);
            last = Some(record.text);
        }
    }
    searched
}

/// The event of the log that was kept in the place of a record, by the rules of the merge.
fn kept(log: &EventLog, other: &OtherEvent) -> Option<(Twin, EventId)> {
    let id = other.event_id.text(&log.tables.texts);
    let twin = |event: &Event| {
        let same = |one: Option<_>, other: Option<_>| one.is_some() && one == other;
        let amends = event.amends.map(|text| log.text(text));
        if amends == Some(&*id) {
            Some(Twin::Amends)
        } else if same(event.amends, other.amends) {
            Some(Twin::AmendsToo)
        } else if same(event.shared_event_id, other.shared_event_id) {
            Some(Twin::Delivered)
        } else if other.category == Category::NetworkActivity
            && event.request_id.is_some()
            && event.request_id == other.request_id
        {
            Some(Twin::Network)
        } else {
            None
        }
    };
    log.iter().find_map(|(at, event)| Some((twin(event)?, at)))
}
