//! What the splitter finds: records, their wrappers, lines of extracts, and everything else.
//!
//! Comes in: a piece of a file. Goes out: the records in it, each with its place. Never: a record made
//! from the inside of another.

use memchr::memmem;

use crate::ingest::carried;
use crate::ingest::prefilter::Mentions;
use crate::ingest::reader::reading::{MAX_RECORD_BYTES, Reading};
use crate::location::Span;
use crate::problem::{MAX_PROBLEMS, ProblemKind};
use crate::record::line::{OwnLine, is_own, own};
use crate::record::unwrap;
use crate::record::{Array, Export, Piece, RawRecord, Unwrapped, answer, is_record, open};
use crate::source::DigestFile;

impl Reading<'_> {
    /// Takes a piece of the file; `start` is the offset of the bytes that `mentions` searches.
    pub(super) fn piece(&mut self, piece: Piece<'_>, start: usize, mentions: &mut Mentions<'_>) {
        match piece {
            Piece::Array(Array::Records) => self.document.n_arrays += 1,
            Piece::Array(Array::Events | Array::LogEvents) => self.document.n_wrapping += 1,
            Piece::Record {
                bytes,
                span,
                index,
                is_ascii,
            } => {
                if self.document.tally.seen == 0 {
                    self.document.is_of_messages =
                        str::from_utf8(bytes).is_ok_and(|text| !is_record(text));
                }
                if self.document.is_of_messages {
                    return self.message(bytes, span, index);
                }
                let is_candidate = self.document.counts
                    && mentions.any_in(span.start - start, span.start - start + span.len)
                    && self.shared.prefilter.may_be_read(bytes);
                self.document.tally.seen += 1;
                if !is_candidate && !self.document.stamps && is_ascii {
                    self.document.tally.other += 1;
                    return;
                }
                let index = self.position(index);
                match std::str::from_utf8(bytes) {
                    Ok(text) => self.record(RawRecord { text, span, index }, is_candidate),
                    Err(error) => {
                        let at = span.start + error.valid_up_to();
                        let reason = "invalid UTF-8".to_owned();
                        self.bad_record(index, Span { start: at, len: 1 }, reason);
                    }
                }
            }
            Piece::NotAnObject { span, index } => {
                self.document.tally.seen += 1;
                let index = self.position(index);
                self.bad_record(index, span, "expected an object".to_owned());
            }
            Piece::TooLong { span, index } => {
                self.document.tally.seen += 1;
                let reason = format!("longer than {} MiB", MAX_RECORD_BYTES >> 20);
                let index = self.position(index);
                self.bad_record(index, span, reason);
            }
            Piece::Foreign {
                bytes,
                span,
                within,
                index,
            } => self.foreign(bytes, span, within, index),
            Piece::Text { bytes, span, index } => self.text(bytes, span, index),
            Piece::Break { at, record } => {
                let record = record.map(|(index, span)| (self.position(index), span));
                if record.is_some() {
                    self.document.tally.seen += 1;
                    self.document.tally.malformed += 1;
                }
                if self.document.breaks.len() <= MAX_PROBLEMS {
                    self.document.breaks.push((at, record));
                } else {
                    self.n_problems += 1;
                }
            }
        }
    }

    /// A record's position in the file, from its position among the records that are not wrapped one
    /// by one.
    pub(super) fn position(&mut self, index: u32) -> u32 {
        let position = index.saturating_add(self.n_unwrapped);
        self.n_positions = position.saturating_add(1);
        position
    }

    /// Takes an object that is no record: the wrapper of a record, a digest file, or neither.
    fn foreign(&mut self, bytes: &[u8], span: Span, within: Option<Array>, index: u32) {
        if within.is_none() && is_own(bytes) {
            return self.own_line(bytes, span, index);
        }
        match unwrap(bytes, within) {
            // Whoever wraps an event of their own as CloudTrail's are wrapped has no log.
            Unwrapped::Record { text, .. }
                if self.document.tally.seen == 0 && !is_record(&text) =>
            {
                self.document.n_skipped += 1;
                self.document.first_foreign.get_or_insert(span);
            }
            Unwrapped::Record { text, at } => {
                self.document.n_wrapped += 1;
                let span = match at {
                    Some(at) => Span {
                        start: span.start + at,
                        len: text.len(),
                    },
                    None => span,
                };
                let index = self.position(index);
                self.n_unwrapped = self.n_unwrapped.saturating_add(1);
                let text = &*text;
                self.unwrapped(RawRecord { text, span, index });
            }
            Unwrapped::Broken => {
                let index = self.position(index);
                self.n_unwrapped = self.n_unwrapped.saturating_add(1);
                self.document.tally.seen += 1;
                let reason = "what its wrapper holds is cut or no record".to_owned();
                self.bad_record(index, span, reason);
            }
            Unwrapped::Other => {
                self.document.n_skipped += 1;
                let is_control = memmem::find(bytes, CONTROL).is_some();
                self.document.n_control += u64::from(is_control);
            }
            Unwrapped::Unknown => match DigestFile::parse(bytes) {
                Some(digest) => self.document.digests.push(digest),
                None if self.answer(bytes, span) || self.open(bytes, span, index) => {}
                None => {
                    self.document.first_foreign.get_or_insert(span);
                }
            },
        }
    }

    /// Takes an object in the place of a record that is none, as the messages of a queue are.
    fn message(&mut self, bytes: &[u8], span: Span, index: u32) {
        if !self.open(bytes, span, index) {
            self.document.n_skipped += 1;
            self.document.first_foreign.get_or_insert(span);
        }
    }

    /// Takes a text that is no object: a text of JSON that holds one, or a line with a record after its time.
    fn text(&mut self, bytes: &[u8], span: Span, index: u32) {
        let Some(at) = after_time(bytes) else {
            if !self.open(bytes, span, index) {
                self.document.first_foreign.get_or_insert(span);
            }
            return;
        };
        let rest = &bytes[at..];
        let rest = Span {
            start: span.start + at,
            len: rest.trim_ascii_end().len(),
        };
        if !self.open(&bytes[at..at + rest.len], rest, index) {
            self.document.n_skipped += 1;
            self.document.first_foreign.get_or_insert(span);
        }
    }

    /// Takes the answer of a query, which is a table.
    fn answer(&mut self, bytes: &[u8], span: Span) -> bool {
        let Some(table) = answer(bytes) else {
            return false;
        };
        let is_table = Export::of(&table).map(|table| self.table(&table, Some(span)));
        is_table.is_some()
    }

    /// Takes the records in a wrapper of any shape, if there are any, or what is known to be something else.
    pub(super) fn open(&mut self, bytes: &[u8], span: Span, index: u32) -> bool {
        let Ok(text) = str::from_utf8(bytes) else {
            return false;
        };
        let opened = open(text, &mut |record, path| {
            self.document.n_wrapped += 1;
            self.document.count_opened(path);
            let index = self.position(index);
            self.n_unwrapped = self.n_unwrapped.saturating_add(1);
            let mentions = self.shared.prefilter.mentions(record.as_bytes()).any();
            self.document.counts |= mentions;
            // A record that stands in the file as it is has a place of its own.
            let at = (record.as_ptr() as usize).checked_sub(bytes.as_ptr() as usize);
            let span = match at.filter(|at| at + record.len() <= bytes.len()) {
                Some(at) => Span {
                    start: span.start + at,
                    len: record.len(),
                },
                None => span,
            };
            let text = &*record;
            self.unwrapped(RawRecord { text, span, index });
        });
        self.document.n_skipped += opened.n_others;
        opened.n_records + opened.n_others > 0
    }

    /// Takes a line that an extract holds besides records.
    fn own_line(&mut self, bytes: &[u8], span: Span, index: u32) {
        let carried = match own(bytes) {
            Ok(OwnLine::Record(text)) => {
                let index = self.position(index);
                self.n_unwrapped = self.n_unwrapped.saturating_add(1);
                return self.unwrapped(RawRecord { text, span, index });
            }
            Ok(OwnLine::Coverage(value)) => carried::read(value),
            Err(_) => Err("it is cut, or holds more than it should".to_owned()),
        };
        match carried {
            Ok(carried) => {
                self.document.n_carried += 1;
                self.shard.ledger.carried.push(carried);
            }
            Err(reason) => self.problem(ProblemKind::BadCoverage { reason }, None, span),
        }
    }

    /// Takes a record whose text was not searched with the rest of the file.
    pub(super) fn unwrapped(&mut self, record: RawRecord<'_>) {
        let bytes = record.text.as_bytes();
        let shared = self.shared;
        let is_candidate = self.document.counts
            && shared.prefilter.mentions(bytes).any()
            && shared.prefilter.may_be_read(bytes);
        self.document.tally.seen += 1;
        if !self.document.stamps {
            // The search through the whole file may have missed this record's time.
            self.stamp(record.text);
        }
        self.record(record, is_candidate);
    }
}

/// What CloudWatch Logs sends before the first batch of a subscription.
const CONTROL: &[u8] = b"CWL CONTROL MESSAGE";

/// The longest text before a record in a line: a time, and the name of a log stream (CloudWatch Logs API, `LogStream`:
/// 512 characters).
const MOST_BEFORE: usize = 640;

/// Where the object of a line starts that begins with a time, as CloudWatch Logs exports it and `aws logs tail` prints it;
/// between the two stands at most the name of a log stream.
fn after_time(line: &[u8]) -> Option<usize> {
    let is_date = |(place, byte): (usize, &u8)| match place {
        4 | 7 => *byte == b'-',
        10 => *byte == b'T',
        _ => byte.is_ascii_digit(),
    };
    let is_time = line.len() > 11 && line.iter().take(11).enumerate().all(is_date);
    let head = line.get(..MOST_BEFORE).unwrap_or(line);
    let at = head.iter().position(|byte| *byte == b'{')?;
    let before = str::from_utf8(&head[..at]).ok()?;
    (is_time && before.split_whitespace().count() <= 2 && before.ends_with(' ')).then_some(at)
}
