//! Wrappers: what is taken out of one is an object, and is there.

#![no_main]

use libfuzzer_sys::fuzz_target;
use reconstruct::record::{Array, Unwrapped, unwrap};

fuzz_target!(|bytes: &[u8]| {
    for within in [
        None,
        Some(Array::Records),
        Some(Array::Events),
        Some(Array::LogEvents),
    ] {
        if let Unwrapped::Record { text, at } = unwrap(bytes, within) {
            assert!(text.starts_with('{') && text.ends_with('}'), "{text}");
            if let Some(at) = at {
                assert_eq!(bytes.get(at..at + text.len()), Some(text.as_bytes()));
            }
        }
    }
});
