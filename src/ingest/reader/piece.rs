//! What the splitter finds: records, their wrappers, lines of extracts, and everything else.
//!
//! Comes in: a piece of a file. Goes out: the records in it, each with its place. Never: a record made
//! from the inside of another.

use crate::ingest::carried;
use crate::ingest::prefilter::Mentions;
use crate::ingest::reader::reading::{MAX_RECORD_BYTES, Reading};
use crate::location::Span;
use crate::problem::{MAX_PROBLEMS, ProblemKind};
use crate::record::line::{OwnLine, is_own, own};
use crate::record::unwrap;
use crate::record::{Array, Piece, RawRecord, Unwrapped};
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
            Piece::Garbage { span } => {
                self.document.first_foreign.get_or_insert(span);
            }
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
            Unwrapped::Other => self.document.n_skipped += 1,
            Unwrapped::Unknown => match DigestFile::parse(bytes) {
                Some(digest) => self.document.digests.push(digest),
                None => {
                    self.document.first_foreign.get_or_insert(span);
                }
            },
        }
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
