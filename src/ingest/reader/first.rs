//! Reads push events before their end is known.
//!
//! Comes in: what the splitter finds in a file that is in memory. Goes out: all of it, taken one by one. After many
//! push events in a row, the next record is parsed first as if it were one. Never: a different result for it.
//!
//! Finding the end of a record takes one pass over its bytes, and deciding that it may be a push event takes two
//! more. Parsing the record does both, which pays only if most records are push events.

use crate::ingest::prefilter::Mentions;
use crate::ingest::reader::reading::Reading;
use crate::record::{Piece, Sink};

/// How many push events in a row make the next record be tried as one.
const MANY: u32 = 8;

/// How many bytes are checked for being text at once.
const STRETCH: usize = 64 << 10;

/// If fewer bytes than this are known to be text, a record may be cut.
const LEFT: usize = 8 << 10;

/// A file being read, and what the records so far suggest about the next.
pub(super) struct Sequence<'r, 'a, 's> {
    reading: &'r mut Reading<'s>,
    bytes: &'a [u8],
    mentions: Mentions<'a>,
    /// Push events in a row, up to the last record.
    n_pushes: u32,
    /// The part of the file that is known to be text, and where it starts.
    text: &'a str,
    start: usize,
}

impl<'r, 'a, 's> Sequence<'r, 'a, 's> {
    pub(super) fn new(
        reading: &'r mut Reading<'s>,
        bytes: &'a [u8],
        mentions: Mentions<'a>,
    ) -> Self {
        Self {
            reading,
            bytes,
            mentions,
            n_pushes: 0,
            text: "",
            start: 0,
        }
    }

    /// The text from a byte on, long enough for any record but a very long one.
    fn text(&mut self, at: usize) -> &'a str {
        let known = at
            .checked_sub(self.start)
            .and_then(|at| self.text.get(at..));
        match known {
            Some(text) if text.len() >= LEFT => text,
            Some(_) | None => {
                let end = self.bytes.len().min(at + STRETCH);
                self.text = valid(self.bytes.get(at..end).unwrap_or_default());
                self.start = at;
                self.text
            }
        }
    }

    /// Counts the push event that was found, or resets the count.
    fn count(&mut self, n_before: u64) {
        let is_push = self.reading.document.tally.push > n_before;
        self.n_pushes = if is_push {
            self.n_pushes.saturating_add(1)
        } else {
            0
        };
    }
}

impl<'a> Sink<'a> for Sequence<'_, 'a, '_> {
    fn piece(&mut self, piece: Piece<'a>) {
        let n_before = self.reading.document.tally.push;
        self.reading.piece(piece, 0, &mut self.mentions);
        self.count(n_before);
    }

    fn first(&mut self, start: usize, index: u32) -> Option<usize> {
        if self.n_pushes < MANY {
            return None;
        }
        let n_before = self.reading.document.tally.push;
        let text = self.text(start);
        let len = self.reading.first(text, start, index)?;
        self.count(n_before);
        Some(len)
    }
}

/// The valid text at the start of some bytes.
fn valid(bytes: &[u8]) -> &str {
    str::from_utf8(bytes)
        .or_else(|error| str::from_utf8(&bytes[..error.valid_up_to()]))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
