//! Finds two texts in one pass over a file.
//!
//! Comes in: decoded bytes. Goes out: the places of a text that all event sources of ECR start with, and of the name
//! of the member that holds a record's time. Never: what either is part of; a string, a key and a damaged record look
//! alike here.
//!
//! Most files of a trail do not mention ECR. Only their times are needed, for the coverage, so this pass is most of
//! the cost of such a file after decompression. Two separate searches would read its bytes twice.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x64};

/// The start of the event sources of ECR, and of no others.
pub(super) const SOURCE: &[u8] = b"\"ecr";

/// The member that holds a record's time.
pub(super) const TIME: &[u8] = b"\"eventTime\"";

/// How many places are checked together.
const BLOCK: usize = 64;

/// The bytes that are read to check one block of places.
const WINDOW: usize = BLOCK + 3;

/// The offset of the `T` in [`TIME`]. Its `T` and `m` are as far apart as the quote and the `c` of [`SOURCE`], so
/// both are compared with the same bytes.
const MARK: usize = 6;

/// The places of two texts in some bytes, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// Where [`SOURCE`] begins.
    pub sources: Vec<usize>,
    /// Where [`TIME`] begins.
    pub times: Vec<usize>,
}

impl Places {
    /// Forgets them all.
    pub(super) fn clear(&mut self) {
        self.sources.clear();
        self.times.clear();
    }

    /// Adds the sources that start in a stretch of some bytes, and the times whose `T` is in it.
    ///
    /// # Complexity
    /// O(`end` - `start`), for any bytes.
    pub(super) fn find(&mut self, bytes: &[u8], start: usize, end: usize) {
        dispatch!(Level::new(), simd => self.find_with(simd, bytes, start, end));
    }

    #[inline(always)]
    fn find_with<S: Simd>(&mut self, simd: S, bytes: &[u8], mut start: usize, end: usize) {
        while let Some(mut marks) = next_marked(simd, bytes, &mut start, end) {
            // One bit for each place, the lowest first; clearing it is one instruction.
            while marks != 0 {
                let after = marks.trailing_zeros() as usize;
                self.add(bytes, start - BLOCK + after);
                marks &= marks - 1;
            }
        }
        // Less than a block is left.
        for place in start..end {
            self.add(bytes, place);
        }
    }

    fn add(&mut self, bytes: &[u8], place: usize) {
        if bytes[place..].starts_with(SOURCE) {
            self.sources.push(place);
        } else if let Some(place) = place.checked_sub(MARK)
            && bytes[place..].starts_with(TIME)
        {
            self.times.push(place);
        }
    }
}

/// Moves past the next block that may have a place, and returns which places these are; `None` if less than a block
/// is left.
#[inline(always)]
fn next_marked<S: Simd>(simd: S, bytes: &[u8], at: &mut usize, end: usize) -> Option<u64> {
    // A window reaches three bytes past its block; at the end of the file the caller checks single places.
    while *at + BLOCK <= end {
        let marks = marked(simd, bytes[*at..].first_chunk()?);
        *at += BLOCK;
        if marks != 0 {
            return Some(marks);
        }
    }
    None
}

/// The places of a block that may start one of the texts, one bit for each; the first place is the lowest bit.
///
/// For each text, two or three bytes are compared that rarely occur together in a log file. More bytes would give
/// fewer false places, but cost more in the blocks that have none, which are nearly all.
#[inline(always)]
fn marked<S: Simd>(simd: S, window: &[u8; WINDOW]) -> u64 {
    let [first, third, fourth] =
        [0, 2, 3].map(|after| u8x64::from_slice(simd, &window[after..after + BLOCK]));
    let source = first.simd_eq(b'"') & third.simd_eq(b'c') & fourth.simd_eq(b'r');
    let time = first.simd_eq(b'T') & third.simd_eq(b'm');
    (source | time).to_bitmask()
}

#[cfg(test)]
mod tests {
    use memchr::memmem;

    use super::*;
    use crate::numbers::numbers;

    #[test]
    fn one_pass_finds_what_two_searches_find() {
        let words: [&[u8]; 8] = [
            SOURCE,
            TIME,
            b"\"eventTimes\"",
            b"\"cr",
            b"ecr\"",
            b"entTim",
            b"x",
            b" padding that is longer than most, and holds neither",
        ];
        let mut next = numbers(0x5eed_0f91_ace5);
        let mut n_found = 0;
        for _ in 0..5_000 {
            let mut text = Vec::new();
            for _ in 0..next(20) {
                text.extend(words[next(words.len())]);
            }
            let end = next(text.len() + 1);
            let start = next(end + 1);
            let search = |word: &[u8], mark: usize| {
                let is_asked_for = |place: &usize| (start..end).contains(&(place + mark));
                memmem::find_iter(&text, word)
                    .filter(is_asked_for)
                    .collect()
            };
            let expected = Places {
                sources: search(SOURCE, 0),
                times: search(TIME, MARK),
            };
            for level in [Level::new(), Level::baseline()] {
                let mut found = Places::default();
                dispatch!(level, simd => found.find_with(simd, &text, start, end));
                assert_eq!(found, expected, "{level:?}: {}", text.escape_ascii());
            }
            n_found += expected.sources.len() + expected.times.len();
        }
        assert!(n_found > 2_500, "{n_found} found");
    }
}
