//! Records: counted, parsed if they may matter, and kept if they do.
//!
//! Comes in: the text of a record. Goes out: an event or a line for an extract, and the time of the
//! record for its account and region. Never: an uncounted record.

use crate::event::assume::{self, Assumption};
use crate::event::log::ContextEvent;
use crate::event::{Event, Fetch, Mark, Parsed, PrincipalKey, Stamp};
use crate::event::{parse, parse_first, stamp};
use crate::ingest::coverage::Source;
use crate::ingest::ledger::Defective;
use crate::ingest::options::Roles;
use crate::ingest::reader::reading::Reading;
use crate::ingest::reader::shard::{CountsAs, KeepAs, Kept, Shard};
use crate::ingest::timeline::Timeline;
use crate::location::{RecordAt, Span};
use crate::record::RawRecord;
use crate::record::{fingerprint, line};

/// A parsed record that is used.
enum UsedRecord {
    Push(Event),
    Context(Box<ContextEvent>),
    Assumption(Assumption),
    Reads(Vec<Fetch>),
}

impl Reading<'_> {
    /// Notes the time of a record and its caller, for its account and region.
    pub(super) fn stamp(&mut self, record: &str) {
        if let Some(stamp) = stamp(record) {
            self.hear(&stamp);
        }
    }

    pub(super) fn record(&mut self, record: RawRecord<'_>, is_candidate: bool) {
        if !is_candidate {
            if self.document.stamps {
                self.stamp(record.text);
            }
            self.document.tally.other += 1;
            return;
        }
        if let Some(sought) = self.shared.prefilter.sought() {
            return self.seek(&record, sought);
        }
        let Shard {
            tables, callers, ..
        } = &mut *self.shard;
        if self.shared.roles == Roles::Traced
            && let Some(assumption) = assume::parse(record.text, tables)
        {
            self.document.tally.other += 1;
            return self.keep(&record, UsedRecord::Assumption(assumption));
        }
        let (pulls, defects) = (self.shared.pulls, &mut self.defects);
        let parsed = parse(self.file, &record, pulls, tables, callers, defects);
        self.parsed(&record, parsed);
    }

    /// Takes the record at the start of a text, if it is of a call that is read, and returns its
    /// length. `start` is its offset in the file, `index` its position there.
    pub(super) fn first(&mut self, text: &str, start: usize, index: u32) -> Option<usize> {
        let at = RecordAt {
            file: self.file,
            index: index.saturating_add(self.n_unwrapped),
        };
        let Shard {
            tables, callers, ..
        } = &mut *self.shard;
        let (pulls, defects) = (self.shared.pulls, &mut self.defects);
        let (len, parsed) = parse_first(at, text, pulls, tables, callers, defects)?;
        let record = RawRecord {
            text: text.get(..len)?,
            span: Span { start, len },
            index: self.position(index),
        };
        self.document.tally.seen += 1;
        self.parsed(&record, parsed);
        Some(len)
    }

    /// Counts a record that was parsed, and keeps it if it is used.
    fn parsed(&mut self, record: &RawRecord<'_>, parsed: Parsed) {
        let call = match parsed {
            Parsed::Push(event) => {
                self.document.tally.push += 1;
                Some(UsedRecord::Push(event))
            }
            Parsed::Context(event) => {
                self.document.tally.other += 1;
                Some(UsedRecord::Context(event))
            }
            Parsed::Reads(reads) => {
                self.document.tally.other += 1;
                Some(UsedRecord::Reads(reads))
            }
            Parsed::Other => {
                self.document.tally.other += 1;
                None
            }
            Parsed::Malformed => {
                self.document.tally.malformed += 1;
                None
            }
        };
        let is_defective = !self.defects.is_empty();
        let (n_listed, n_before) = (self.shard.ledger.problems.len(), self.n_problems);
        let mut defects = std::mem::take(&mut self.defects);
        for defect in defects.drain(..) {
            self.defect(record, defect, call.is_none());
        }
        self.defects = defects;
        let Some(call) = call else {
            if self.document.stamps {
                self.stamp(record.text);
            }
            return;
        };
        if is_defective {
            let problems = self.shard.ledger.problems.split_off(n_listed);
            self.shard.ledger.defective.push(Defective {
                at: self.place(record),
                fingerprint: fingerprint(&line(record.text)),
                n_counted: self.n_problems - n_before - problems.len() as u64,
                problems,
            });
        }
        self.keep(record, call);
    }

    /// Keeps a used record, as an event or as a line.
    fn keep(&mut self, record: &RawRecord<'_>, call: UsedRecord) {
        self.stamp_call(record, &call);
        let at = self.place(record);
        let shard = &mut *self.shard;
        match self.shared.keep {
            KeepAs::Events => match call {
                UsedRecord::Push(event) => shard.events.push(event),
                UsedRecord::Context(event) => shard.context.push(*event),
                UsedRecord::Assumption(assumption) => shard.assumptions.push(assumption),
                UsedRecord::Reads(reads) => shard.reads.extend(reads),
            },
            KeepAs::Lines => {
                let line = line(record.text);
                let (counts_as, mark) = match &call {
                    UsedRecord::Push(event) => {
                        (CountsAs::Push, Mark::of_event(event, &shard.tables))
                    }
                    UsedRecord::Context(_) | UsedRecord::Assumption(_) | UsedRecord::Reads(_) => {
                        (CountsAs::Other, Mark::of_text(&line))
                    }
                };
                let known = shard
                    .ledger
                    .defective
                    .last()
                    .filter(|defective| defective.at == at);
                shard.kept.push(Kept {
                    at,
                    mark,
                    counts_as,
                    defective: known.map(|defective| defective.fingerprint),
                    line: line.into(),
                });
            }
        }
    }

    /// Notes the account, region and time of a record in a file whose times were found as text. An
    /// extract holds the record without the file's name, so both have to be known.
    fn stamp_call(&mut self, record: &RawRecord<'_>, call: &UsedRecord) {
        let UsedRecord::Push(event) = call else {
            return self.stamp(record.text);
        };
        let tables = &self.shard.tables;
        let (account, region) = (
            tables.texts.get(event.recipient),
            tables.texts.get(event.region),
        );
        let caller = &tables.identities.get(event.identity).principal_id;
        match &mut self.newest {
            Some((source, timeline))
                if source.account == *account
                    && source.region == *region
                    && !self.shared.hashes =>
            {
                timeline.hear_time(event.time, || caller.as_deref().map(PrincipalKey::of));
            }
            Some(_) | None => self.stamp(record.text),
        }
    }

    fn place(&self, record: &RawRecord<'_>) -> RecordAt {
        RecordAt {
            file: self.file,
            index: record.index,
        }
    }

    fn hear(&mut self, stamp: &Stamp) {
        let (account, region) = (&*stamp.account, &*stamp.region);
        if self.shared.hashes {
            self.own(account, region)
                .hear_time(stamp.time, || stamp.caller);
        }
        if let Some((source, timeline)) = &mut self.newest
            && *source.account == *account
            && *source.region == *region
        {
            return timeline.hear_time(stamp.time, || stamp.caller);
        }
        self.put_back_newest();
        let source = Source::new(account, region);
        let mut timeline = self
            .shard
            .ledger
            .timelines
            .remove(&source)
            .unwrap_or_default();
        timeline.hear_time(stamp.time, || stamp.caller);
        self.newest = Some((source, timeline));
    }

    /// The times of this file's own records of an account and region.
    pub(super) fn own(&mut self, account: &str, region: &str) -> &mut Timeline {
        let source = Source::new(account, region);
        self.document.own.entry(source).or_default()
    }

    pub(super) fn put_back_newest(&mut self) {
        if let Some((source, timeline)) = self.newest.take() {
            self.shard.ledger.timelines.insert(source, timeline);
        }
    }
}
