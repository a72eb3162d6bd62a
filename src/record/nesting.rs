//! Finds where a JSON object or array ends, 64 bytes at a time.
//!
//! Comes in: bytes from an opening bracket on, in pieces of any size. Goes out: the position after the bracket that
//! closes it. Never: a value, a recursion, or a check that a `[` is not closed by a `}`; whatever is used of a record
//! is parsed properly later.
//!
//! The method is that of simdjson ("Parsing gigabytes of JSON per second", Langdale and Lemire,
//! 2019, section 3.1): one bit a byte for quotes, backslashes and brackets, and the inside of
//! strings by a prefix sum over the quotes.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x64};

/// How many bytes are processed together.
const BLOCK: usize = 64;

/// How many brackets are open after the bytes so far, and whether they end in a string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Nesting {
    depth: u64,
    /// All ones inside a string, else zero; xoring it with the strings of a block inverts them.
    in_string: u64,
    /// One if the next byte is escaped, else zero; this carries an escape into the next block.
    escaped: u64,
    /// Whether a byte was not ASCII.
    beyond_ascii: bool,
}

impl Nesting {
    /// The state before an opening bracket.
    pub(super) fn outside() -> Self {
        Self::default()
    }

    /// The state inside one bracket, between two values.
    pub(super) fn inside() -> Self {
        Self {
            depth: 1,
            ..Self::default()
        }
    }

    /// Whether everything that was read is ASCII, up to the end of the last block.
    pub(super) fn is_ascii(&self) -> bool {
        !self.beyond_ascii
    }

    /// Reads on until the outermost bracket closes. Returns the number of bytes up to and including it, or `None` if
    /// it is still open at the end of `bytes`.
    ///
    /// # Complexity
    /// O(`bytes`), whatever they contain.
    pub(super) fn close(&mut self, bytes: &[u8]) -> Option<usize> {
        self.close_by(Level::new(), bytes)
    }

    /// [`Self::close`], with the instructions of one level.
    fn close_by(&mut self, level: Level, bytes: &[u8]) -> Option<usize> {
        dispatch!(level, simd => self.close_with(simd, bytes))
    }

    #[inline(always)]
    fn close_with<S: Simd>(&mut self, simd: S, bytes: &[u8]) -> Option<usize> {
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        // These are copies, so that they stay in registers.
        let mut state = *self;
        let mut union = u8x64::splat(simd, 0);
        let mut end = blocks.iter().enumerate().find_map(|(number, block)| {
            let block = u8x64::from_slice(simd, block);
            union |= block;
            let end = state.close_in(BlockBits::of(block))?;
            Some(number * BLOCK + end)
        });
        if end.is_none() && !rest.is_empty() {
            // The spaces that fill up a block change neither depth nor strings. But the first of them would use up an
            // escape at the end of the piece, so that escape is computed from the piece itself.
            let mut block = [b' '; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            let escaped_past_end = state.escaped_after(rest);
            let block = u8x64::from_slice(simd, &block);
            union |= block;
            end = state
                .close_in(BlockBits::of(block))
                .map(|end| blocks.len() * BLOCK + end);
            state.escaped = escaped_past_end;
        }
        state.beyond_ascii |= union.simd_ge(0x80).any_true();
        *self = state;
        end
    }

    /// Reads one block.
    #[inline(always)]
    fn close_in(&mut self, mut bits: BlockBits) -> Option<usize> {
        if self.escaped | bits.backslashes != 0 {
            bits.quotes &= !self.escape(bits.backslashes);
        }
        // A byte is inside a string if an odd number of quotes is before it. This counts the opening quote as inside
        // and the closing one as outside, which is harmless, as neither is a bracket.
        let strings = prefix_xor(bits.quotes) ^ self.in_string;
        self.in_string = (strings >> 63).wrapping_neg();
        let (opening, closing) = (bits.opening & !strings, bits.closing & !strings);
        let (n_opening, n_closing) = (count(opening), count(closing));
        // Most blocks cannot reach the outermost bracket, whatever the order of their brackets.
        if n_closing < self.depth {
            self.depth = self.depth + n_opening - n_closing;
            return None;
        }
        self.close_outermost(opening, closing)
    }

    /// Moves from one closing bracket of a block to the next.
    fn close_outermost(&mut self, mut opening: u64, mut closing: u64) -> Option<usize> {
        while closing != 0 {
            let before = closing ^ (closing - 1);
            self.depth += count(opening & before);
            if self.depth <= 1 {
                self.depth = 0;
                return Some(closing.trailing_zeros() as usize + 1);
            }
            self.depth -= 1;
            opening &= !before;
            closing &= closing - 1;
        }
        self.depth += count(opening);
        None
    }

    /// The bytes that are escaped by a backslash before them.
    ///
    /// From the first backslash of a run, every second byte is escaped, up to the byte after the run. So if a run
    /// starts at an odd position, the bytes it escapes are at even positions, and the reverse. Adding the starts of
    /// the runs at odd positions clears these runs by the carry; the runs that are left are those for which the
    /// pattern of even positions must be flipped.
    #[inline]
    fn escape(&mut self, backslashes: u64) -> u64 {
        const EVEN: u64 = 0x5555_5555_5555_5555;
        let backslashes = backslashes & !self.escaped;
        let follows = backslashes << 1 | self.escaped;
        let odd_starts = backslashes & !EVEN & !follows;
        let (even_runs, overflow) = odd_starts.overflowing_add(backslashes);
        self.escaped = u64::from(overflow);
        (EVEN ^ (even_runs << 1)) & follows
    }

    /// Whether the byte after a piece shorter than a block is escaped.
    fn escaped_after(self, rest: &[u8]) -> u64 {
        let run = rest.iter().rev().take_while(|&&byte| byte == b'\\').count();
        let before = if run == rest.len() { self.escaped } else { 0 };
        (run as u64 + before) % 2
    }
}

/// The positions of some bytes in a block: one bit for each, the first byte's the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct BlockBits {
    quotes: u64,
    backslashes: u64,
    /// `{` and `[`.
    opening: u64,
    /// `}` and `]`.
    closing: u64,
}

impl BlockBits {
    #[inline(always)]
    fn of<S: Simd>(block: u8x64<S>) -> Self {
        // `{` and `[`, `}` and `]` differ only by 0x20; no other byte becomes one of them.
        let folded = block | 0x20;
        Self {
            quotes: block.simd_eq(b'"').to_bitmask(),
            backslashes: block.simd_eq(b'\\').to_bitmask(),
            opening: folded.simd_eq(b'{').to_bitmask(),
            closing: folded.simd_eq(b'}').to_bitmask(),
        }
    }
}

#[inline(always)]
fn count(bits: u64) -> u64 {
    u64::from(bits.count_ones())
}

/// The parity of the bits up to and including each bit.
#[inline(always)]
fn prefix_xor(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::numbers;

    /// What this machine supports, and what every machine of its kind supports.
    const LEVELS: [fn() -> Level; 2] = [Level::new, Level::baseline];

    /// A slow [`Nesting::close`], byte by byte.
    fn close_slowly(bytes: &[u8]) -> Option<usize> {
        let (mut depth, mut in_string, mut escaped) = (0_u64, false, false);
        for (index, &byte) in bytes.iter().enumerate() {
            let was_escaped = escaped;
            escaped = byte == b'\\' && !was_escaped;
            match byte {
                b'"' if !was_escaped => in_string = !in_string,
                b'{' | b'[' if !in_string => depth += 1,
                b'}' | b']' if !in_string => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some(index + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }

    #[test]
    fn blocks_agree_with_single_bytes_on_any_text() {
        let alphabet = b"{}[]\"\\\\\\\",:x {}Y\xff\x5a";
        let mut next = numbers(0x1234_5678_9abc_def1);
        let mut closed = 0;
        for _ in 0..20_000 {
            let len = next(300);
            let mut text = vec![b'{'];
            // A long run of one kind now and then, so that depth and strings reach past a block.
            while text.len() < len {
                let byte = alphabet[next(alphabet.len())];
                for _ in 0..=next(4) * next(9) {
                    text.push(byte);
                }
            }
            let expected = close_slowly(&text);
            closed += usize::from(expected.is_some());
            let cut = next(text.len());
            let read = &text[..expected.map_or(text.len(), |end| {
                end.next_multiple_of(BLOCK).min(text.len())
            })];
            for level in LEVELS.map(|level| level()) {
                let mut state = Nesting::outside();
                assert_eq!(
                    state.close_by(level, &text),
                    expected,
                    "{level:?}: {text:?}"
                );
                assert_eq!(state.is_ascii(), read.is_ascii(), "{level:?}: {text:?}");
                let mut state = Nesting::outside();
                let in_pieces = state.close_by(level, &text[..cut]).or_else(|| {
                    let end = state.close_by(level, &text[cut..])?;
                    Some(cut + end)
                });
                assert_eq!(in_pieces, expected, "{level:?}, cut at {cut}: {text:?}");
            }
        }
        assert!((2_000..19_000).contains(&closed), "{closed} closed");
    }

    #[test]
    fn no_byte_is_mistaken_for_another() {
        let bits = |block: &[u8; BLOCK]| {
            let [best, least] = LEVELS.map(
                |level| dispatch!(level(), simd => BlockBits::of(u8x64::from_slice(simd, block))),
            );
            assert_eq!(best, least, "{block:?}");
            best
        };
        for byte in 0..=255_u8 {
            let all = |bytes: &[u8]| if bytes.contains(&byte) { u64::MAX } else { 0 };
            let expected = BlockBits {
                quotes: all(b"\""),
                backslashes: all(b"\\"),
                opening: all(b"{["),
                closing: all(b"}]"),
            };
            assert_eq!(bits(&[byte; BLOCK]), expected, "{byte:#x}");
        }
        for index in 0..BLOCK {
            let mut block = [b' '; BLOCK];
            block[index] = b'"';
            assert_eq!(bits(&block).quotes, 1 << index, "{index}");
            block[index] = b']';
            assert_eq!(bits(&block).closing, 1 << index, "{index}");
        }
    }
}
