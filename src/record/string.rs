//! Finds where a JSON string ends, sixteen bytes at a time.
//!
//! Comes in: bytes from within a string. Goes out: the first byte that cannot be in a string unescaped.
//! Never: its meaning, which is up to the reader.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x16};

/// How many bytes of a string are checked together.
const BLOCK: usize = 16;

/// The position, from `at` on, of the first quote, backslash or control character, or else the end.
#[inline(always)]
pub(crate) fn stop(bytes: &[u8], mut at: usize) -> usize {
    while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        match stops(block) {
            0 => at += BLOCK,
            marks => return at + marks.trailing_zeros() as usize,
        }
    }
    stop_slowly(bytes, at)
}

/// Finds the end byte by byte.
fn stop_slowly(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default().iter();
    let is_stop = |&byte: &u8| byte == b'"' || byte == b'\\' || byte < 0x20;
    at + rest.take_while(|byte| !is_stop(byte)).count()
}

/// One bit for each byte that cannot be in a string unescaped, the first byte's the lowest.
///
/// Strings are short. This uses only instructions that every machine has, so that it can be inlined.
#[inline(always)]
fn stops(block: &[u8; BLOCK]) -> u64 {
    dispatch!(Level::baseline(), simd => {
        let block = u8x16::from_slice(simd, block);
        let is_control = block.min(0x1f).simd_eq(block);
        (is_control | block.simd_eq(b'"') | block.simd_eq(b'\\')).to_bitmask()
    })
}

#[cfg(test)]
mod tests {
    use super::stop;

    #[test]
    fn every_byte_that_ends_a_run_is_found() {
        for shift in 0..40 {
            for byte in 0..=255_u8 {
                let mut bytes = vec![b'a'; shift];
                bytes.push(byte);
                bytes.extend(*b"zzzzzzzzzzzzzzzzzz\"");
                let stops = byte == b'"' || byte == b'\\' || byte < 0x20;
                let expected = if stops { shift } else { bytes.len() - 1 };
                assert_eq!(stop(&bytes, 0), expected, "{byte:#x} at {shift}");
            }
        }
    }
}
