//! The fields of a record: what the cursor reads is what serde reads.

#![no_main]

#[expect(dead_code, reason = "records are found by another target")]
#[path = "../../it/support/twin.rs"]
mod twin;

use libfuzzer_sys::fuzz_target;
use reconstruct::event::{Callers, Tables, stamp};

fuzz_target!(|text: &str| {
    let _ = stamp(text);
    // Deeper than this the slow way does not read.
    if text.matches(['[', '{']).count() > 120 {
        return;
    }
    // Twice, for the second time the caller is known.
    let (mut tables, mut callers) = (Tables::default(), Callers::default());
    let slow = twin::slow_reading(text);
    for _ in 0..2 {
        let (fast, is_twice) = twin::fast_reading(text, &mut tables, &mut callers);
        if !is_twice {
            assert_eq!(fast, slow);
        }
    }
    if let Some((len, first)) = twin::first_reading(text, &mut tables, &mut callers) {
        assert_eq!(first, twin::slow_reading(&text[..len]));
    }
});
