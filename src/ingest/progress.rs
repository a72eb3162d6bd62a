//! How far reading has come, for whoever wants to show it.
//!
//! Comes in: from every thread, the files it has read. Goes out: sums. Never: a clock, or a reader
//! that waits for whoever is looking. A file costs three additions, a record none.

use std::sync::atomic::{AtomicU64, Ordering};

/// What has been read so far. Threads add to it while another reads it, hence the atomics.
#[derive(Debug, Default)]
pub struct Progress {
    all_files: AtomicU64,
    all_bytes: AtomicU64,
    files: AtomicU64,
    bytes: AtomicU64,
    records: AtomicU64,
}

/// Progress at one instant; the numbers may be from slightly different instants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// How many files there are; 0 until this is known.
    pub all_files: u64,
    /// Their bytes, by their listed sizes.
    pub all_bytes: u64,
    /// How many files have been read.
    pub files: u64,
    /// Their bytes, by their listed sizes.
    pub bytes: u64,
    /// The records seen in them.
    pub records: u64,
}

impl Progress {
    /// Sets how much there is to read.
    pub(super) fn begin(&self, files: u64, bytes: u64) {
        self.all_bytes.store(bytes, Ordering::Relaxed);
        self.all_files.store(files, Ordering::Relaxed);
    }

    /// Adds a file that has been read.
    pub(super) fn file(&self, bytes: u64, records: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.records.fetch_add(records, Ordering::Relaxed);
        self.files.fetch_add(1, Ordering::Relaxed);
    }

    /// The progress so far.
    #[must_use]
    pub fn reached(&self) -> Reached {
        Reached {
            all_files: self.all_files.load(Ordering::Relaxed),
            all_bytes: self.all_bytes.load(Ordering::Relaxed),
            files: self.files.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            records: self.records.load(Ordering::Relaxed),
        }
    }
}
