//! Records that are looked for by their `eventID`.
//!
//! Comes in: a record that may be one. Goes out: its text, if its own `eventID` begins as it should. Never: more records than
//! [`MOST_SOUGHT`] in memory for long; which are left depends on their ids and places alone.

use crate::event::{Tables, parse_other};
use crate::ingest::reader::reading::Reading;
use crate::ingest::reader::shard::SoughtRecord;
use crate::ingest::sought::Sought;
use crate::location::RecordAt;
use crate::record::RawRecord;

/// The most records that a search gives: the first by id and place.
pub(in crate::ingest) const MOST_SOUGHT: usize = 64;

impl Reading<'_> {
    /// Keeps a record if it is one that is looked for.
    pub(super) fn seek(&mut self, record: &RawRecord<'_>, sought: &Sought) {
        self.document.tally.other += 1;
        let mut tables = Tables::default();
        let Some(event) = parse_other(self.file, record, &mut tables) else {
            return;
        };
        let event_id = event.event_id.text(&tables.texts);
        if !sought.begins(&event_id) {
            return;
        }
        let kept = &mut self.shard.sought;
        kept.push(SoughtRecord {
            event_id: event_id.into(),
            at: RecordAt {
                file: self.file,
                index: record.index,
            },
            text: record.text.into(),
        });
        if kept.len() >= 2 * MOST_SOUGHT {
            first(kept);
        }
    }
}

/// Leaves the first records by id and place.
pub(in crate::ingest) fn first(records: &mut Vec<SoughtRecord>) {
    records.sort_unstable();
    records.truncate(MOST_SOUGHT);
}
