//! Durations and sizes as options take them.
//!
//! Comes in: `15m`, `4GiB`. Goes out: seconds and bytes, or what is wrong with the value. Never: a guess.

use std::time::Duration;

use crate::cli::usage::BadValue;
use crate::words::quantity::{self, NoQuantity};

/// Reads a duration: a whole number and `s`, `m`, `h` or `d`.
pub(super) fn duration(text: &str) -> Result<Duration, BadValue> {
    quantity::duration(text).map_err(bad)
}

/// Reads a size: a whole number and `KiB`, `MiB`, `GiB` or `TiB`.
pub(super) fn size(text: &str) -> Result<u64, BadValue> {
    quantity::bytes(text).map_err(bad)
}

fn bad(NoQuantity { expected, meant }: NoQuantity) -> BadValue {
    BadValue::expected(expected, meant)
}
