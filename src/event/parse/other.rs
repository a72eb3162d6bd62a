//! RECORD OF ANY SERVICE -> [`OtherEvent`].
//!
//! Comes in: a record that was looked for. Goes out: who called what, when and from where, and what the program reads such a
//! record as. Never: a decision about a second record.

use crate::event::Pulls;
use crate::event::other::{OtherEvent, ReadAs};
use crate::event::parse::{Defect, Parsed, Reader, parse, read_wire};
use crate::event::repository::Service;
use crate::event::time::parse_time;
use crate::event::wire::Record;
use crate::event::{Callers, Tables, Uid, assume};
use crate::location::{FileId, RecordAt};
use crate::record::RawRecord;

/// Reads a record of any service into `tables`; `None` if it is no JSON or has no `eventID`.
#[must_use]
pub fn parse_other(
    file: FileId,
    record: &RawRecord<'_>,
    tables: &mut Tables,
) -> Option<OtherEvent> {
    let reading = read_as(file, record);
    let at = RecordAt {
        file,
        index: record.index,
    };
    // Of its own: what callers were read into other tables means nothing here.
    let (mut callers, mut defects) = (Callers::default(), Vec::new());
    let read = |text: &str, wire: &Record<'_>, callers: &mut Callers, defects: &mut Vec<Defect>| {
        let source = wire.event_source.text();
        let service = source.and_then(Service::of_event_source);
        let mut reader = Reader {
            text,
            wire,
            service: service.unwrap_or(Service::Ecr),
            tables,
            callers,
            defects,
        };
        reader.other(at, reading, service.is_some())
    };
    read_wire(record.text, &mut callers, &mut defects, read)?
}

/// What the program reads a record as.
fn read_as(file: FileId, record: &RawRecord<'_>) -> ReadAs {
    let (mut tables, mut callers, mut defects) =
        (Tables::default(), Callers::default(), Vec::new());
    let pulls = Pulls::Ignored;
    match parse(file, record, pulls, &mut tables, &mut callers, &mut defects) {
        Parsed::Push(_) => ReadAs::SetAside,
        Parsed::Context(_) => ReadAs::Context,
        Parsed::Malformed => {
            let last = defects.last();
            ReadAs::Malformed {
                field: last.map_or("", |defect| defect.field),
                expected: last.map_or("", |defect| defect.expected),
            }
        }
        Parsed::Reads(_) => ReadAs::Unread,
        Parsed::Other => match assume::parse(record.text, &mut tables) {
            Some(_) => ReadAs::Assumption,
            None => ReadAs::Unread,
        },
    }
}

impl Reader<'_> {
    fn other(&mut self, at: RecordAt, reading: ReadAs, is_of_ecr: bool) -> Option<OtherEvent> {
        let wire = self.wire;
        let caller = self.caller();
        let event_id = Uid::intern(wire.event_id.text()?, &mut self.tables.texts);
        let ids = self.ids();
        Some(OtherEvent {
            event_id,
            action: (self.tables).text(wire.event_name.text().unwrap_or_default()),
            source: (self.tables).text(wire.event_source.text().unwrap_or_default()),
            time: wire.event_time.text().and_then(parse_time),
            request_id: ids.request_id,
            shared_event_id: ids.shared_event_id,
            amends: ids.amends,
            category: self.category(),
            identity: caller.identity,
            client: self.client(caller),
            failure: self.failure(),
            repository: is_of_ecr.then(|| self.repository(caller)).flatten(),
            recipient: self.recipient(),
            region: self.region(),
            reading,
            at,
            copies: Vec::new(),
        })
    }
}
