//! Numbers for bytes by FNV-1a, 64 bits.
//!
//! Comes in: bytes. Goes out: a number that never changes, so that an id made of it can be quoted in a
//! ticket. Never: a promise that no other bytes have this number.

/// The number for no bytes.
pub const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// The number for `bytes` after the bytes whose number is `hash`.
#[must_use]
pub fn fnv1a(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The number for a text.
#[must_use]
pub fn fingerprint(text: &str) -> u64 {
    fnv1a(FNV_OFFSET, text.as_bytes())
}
