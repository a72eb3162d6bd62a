//! Decodes whole gzip files with the fastest library.
//!
//! Comes in: all bytes of a file. Goes out: their decoded bytes, in one buffer. Never: the bytes
//! before a defect, which only reading in pieces finds.

use libdeflater::{DecompressionError, Decompressor};
use memchr::memmem;

use crate::source::gzip::MAGIC;

/// How many decoded bytes one compressed byte can give at most (zlib technical details, "Maximum
/// compression factor": 1032 to 1).
const MAX_RATIO: usize = 1032;

/// The result of decoding into one buffer.
pub(super) enum Inflated {
    /// Success, with this many bytes.
    Whole(usize),
    /// Something is wrong; only reading in pieces shows where.
    Defective,
    /// The buffer may not become large enough.
    TooLarge,
}

/// Decodes every gzip member into one buffer, of at most `cap` bytes.
pub(super) fn inflate(
    library: &mut Decompressor,
    raw: &[u8],
    decoded: &mut Vec<u8>,
    cap: usize,
) -> Inflated {
    let (mut at, mut len) = (0_usize, 0_usize);
    loop {
        let rest = &raw[at..];
        let wanted = size_hint(rest);
        loop {
            let end = len.saturating_add(wanted).min(cap);
            if decoded.len() < end {
                decoded.resize(end, 0);
            }
            let room = decoded.len().min(cap);
            match library.gzip_decompress(rest, &mut decoded[len..room]) {
                Ok(n_decoded) => {
                    let Some(n_raw) = member_end(rest, &decoded[len..len + n_decoded]) else {
                        return Inflated::Defective;
                    };
                    at += n_raw;
                    len += n_decoded;
                    break;
                }
                Err(DecompressionError::BadData) => return Inflated::Defective,
                Err(DecompressionError::InsufficientSpace) if room == cap => {
                    return Inflated::TooLarge;
                }
                Err(DecompressionError::InsufficientSpace) => {
                    let doubled = decoded.len().saturating_mul(2).max(1 << 16);
                    decoded.resize(doubled.min(cap), 0);
                }
            }
        }
        match &raw[at..] {
            [] => return Inflated::Whole(len),
            rest if rest.starts_with(&MAGIC) => {}
            _ => return Inflated::Defective,
        }
    }
}

/// The initial buffer size: the size that the trailer claims, if that many bytes can come from so few.
fn size_hint(gzip: &[u8]) -> usize {
    let claimed = gzip
        .last_chunk::<4>()
        .map_or(0, |size| u32::from_le_bytes(*size) as usize);
    let most = gzip.len().saturating_mul(MAX_RATIO);
    match claimed {
        0 => 1 << 12,
        _ if claimed <= most => claimed,
        _ => gzip.len().saturating_mul(8),
    }
}

/// The end of the member at the start of `gzip` that decodes to `decoded`.
///
/// The library does not report it. A member ends with the size of its decoded bytes; if those four
/// bytes occur only at the end of the file, that is the end of the member. If they occur before, the
/// checksum in front of them decides. `None` if it decides nothing.
fn member_end(gzip: &[u8], decoded: &[u8]) -> Option<usize> {
    const LEAST: usize = 18;
    let size = u32::try_from(decoded.len()).ok()?.to_le_bytes();
    let mut checksum = None;
    for found in memmem::find_iter(gzip.get(LEAST - 4..)?, &size) {
        let size_at = LEAST - 4 + found;
        if size_at + 4 == gzip.len() && checksum.is_none() {
            return Some(gzip.len());
        }
        let checksum = *checksum.get_or_insert_with(|| libdeflater::crc32(decoded).to_le_bytes());
        if gzip[size_at - 4..size_at] == checksum {
            return Some(size_at + 4);
        }
    }
    None
}
