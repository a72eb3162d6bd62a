//! Finds where a JSON object or array ends, 64 bytes at a time.
//!
//! Comes in: bytes from an opening bracket on, in as many pieces as they arrive in. Goes out: the
//! place after the bracket that closes it. Never: a value, a recursion, or a check that a `[` is
//! not closed by a `}`; what is read of a record later is parsed properly.
//!
//! The method is that of simdjson ("Parsing gigabytes of JSON per second", Langdale and Lemire,
//! 2019, section 3.1): one bit a byte for quotes, backslashes and brackets, and the inside of
//! strings by a prefix sum over the quotes.

use wide::u8x16;

/// Bytes that are looked at together.
const BLOCK: usize = 64;

/// How deep in brackets, and whether in a string, the bytes seen so far have led.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Nesting {
    depth: u64,
    /// All ones inside a string, else zero.
    in_string: u64,
    /// One if the next byte is escaped, else zero.
    escaped: u64,
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

    /// Reads on until the outermost bracket closes; the number of bytes up to and with it, or
    /// `None` when it is still open at the end of `bytes`.
    ///
    /// # Complexity
    /// O(`bytes`), whatever they hold.
    pub(super) fn close(&mut self, bytes: &[u8]) -> Option<usize> {
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        // A copy, so that it lives in registers.
        let mut state = *self;
        for (number, block) in blocks.iter().enumerate() {
            if let Some(end) = state.close_in(block) {
                *self = state;
                return Some(number * BLOCK + end);
            }
        }
        *self = state;
        if rest.is_empty() {
            return None;
        }
        let mut block = [b' '; BLOCK];
        block[..rest.len()].copy_from_slice(rest);
        let escaped_past_end = self.escaped_after(rest);
        let end = self.close_in(&block);
        self.escaped = escaped_past_end;
        end.map(|end| blocks.len() * BLOCK + end)
    }

    /// Reads one block.
    #[inline(always)]
    fn close_in(&mut self, block: &[u8; BLOCK]) -> Option<usize> {
        let (mut quotes, mut brackets) = quotes_and_brackets(block);
        if self.escaped != 0 || any(block, b'\\') {
            quotes &= !self.escape(places(quarters(block), b'\\'));
        }
        let strings = prefix_xor(quotes) ^ self.in_string;
        self.in_string = (strings >> 63).wrapping_neg();
        brackets &= !strings;
        while brackets != 0 {
            let index = brackets.trailing_zeros() as usize % BLOCK;
            if is_opening(block[index]) {
                self.depth += 1;
            } else if self.depth <= 1 {
                self.depth = 0;
                return Some(index + 1);
            } else {
                self.depth -= 1;
            }
            brackets &= brackets - 1;
        }
        None
    }

    /// The bytes that a backslash before them escapes.
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

/// Whether a bracket opens; `{` and `[` have the second bit, `}` and `]` have not.
#[inline(always)]
fn is_opening(bracket: u8) -> bool {
    bracket & 2 != 0
}

/// Where quotes stand, and where brackets do.
#[inline(always)]
fn quotes_and_brackets(block: &[u8; BLOCK]) -> (u64, u64) {
    let quarters = quarters(block);
    // `{` and `[`, `}` and `]` differ by 0x20 alone; no other byte becomes one of them.
    let folded = quarters.map(|quarter| quarter | u8x16::splat(0x20));
    let is_bracket =
        |quarter: u8x16| quarter.simd_eq(u8x16::splat(b'{')) | quarter.simd_eq(u8x16::splat(b'}'));
    (places(quarters, b'"'), bits(folded.map(is_bracket)))
}

/// Where a byte stands in a block.
#[inline(always)]
fn places(quarters: [u8x16; 4], byte: u8) -> u64 {
    bits(quarters.map(|quarter| quarter.simd_eq(u8x16::splat(byte))))
}

/// Whether a byte occurs in a block.
#[inline(always)]
fn any(block: &[u8; BLOCK], byte: u8) -> bool {
    let [a, b, c, d] = quarters(block).map(|quarter| quarter.simd_eq(u8x16::splat(byte)));
    (a | b | c | d).to_bitmask() != 0
}

#[inline(always)]
fn quarters(block: &[u8; BLOCK]) -> [u8x16; 4] {
    let (quarters, _) = block.as_chunks::<16>();
    [0, 1, 2, 3].map(|at| u8x16::new(quarters[at]))
}

/// One bit for each byte of all ones, the first byte's the least.
#[inline(always)]
fn bits(quarters: [u8x16; 4]) -> u64 {
    let [a, b, c, d] = quarters.map(|quarter| u64::from(quarter.to_bitmask()));
    a | b << 16 | c << 32 | d << 48
}

/// The parity of the bits up to and with each bit.
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

    /// The same, a byte at a time.
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
            assert_eq!(Nesting::outside().close(&text), expected, "{text:?}");
            let cut = next(text.len());
            let mut state = Nesting::outside();
            let in_pieces = state.close(&text[..cut]).or_else(|| {
                let end = state.close(&text[cut..])?;
                Some(cut + end)
            });
            assert_eq!(in_pieces, expected, "cut at {cut}: {text:?}");
        }
        assert!((2_000..19_000).contains(&closed), "{closed} closed");
    }

    #[test]
    fn no_byte_is_mistaken_for_another() {
        for byte in 0..=255_u8 {
            let all = |is: bool| if is { u64::MAX } else { 0 };
            let expected = (all(byte == b'"'), all(b"{}[]".contains(&byte)));
            assert_eq!(quotes_and_brackets(&[byte; BLOCK]), expected, "{byte:#x}");
            let backslashes = places(quarters(&[byte; BLOCK]), b'\\');
            assert_eq!(backslashes, all(byte == b'\\'), "{byte:#x}");
        }
        for index in 0..BLOCK {
            let mut block = [b' '; BLOCK];
            block[index] = b'"';
            assert_eq!(quotes_and_brackets(&block), (1 << index, 0), "{index}");
            block[index] = b']';
            assert_eq!(quotes_and_brackets(&block), (0, 1 << index), "{index}");
        }
    }
}
