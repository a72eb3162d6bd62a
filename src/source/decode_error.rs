//! Why decoding stops early, for any compression.
//!
//! Comes in: a defect of the data, or an error of the reader. Goes out: one type for both. Never: the
//! bytes decoded before, which the caller has.

use std::io;

/// Why decoding stopped before the end.
#[derive(Debug)]
pub(super) enum DecodeError {
    /// The data is cut, corrupt, fails its checksum, or is followed by something else.
    Data,
    /// The rest of the file could not be read.
    Read(io::Error),
}
