//! What is being done and how far reading has come, for whoever wants to show it.
//!
//! Comes in: the stage that begins, and from every thread the files it has read. Goes out: the stage and sums. Never: a
//! clock, or a reader that waits for whoever is looking. A file costs three additions, a record none.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// What is being done, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doing {
    /// Files are looked for.
    #[default]
    Searching,
    /// Files are read.
    Reading,
    /// What was read is merged and sorted.
    Merging,
    /// Evidence is found.
    Linking,
    /// Pushes are put together.
    Assembling,
    /// Findings are made.
    Examining,
    /// The output is written.
    Writing,
    /// The output is written to its end.
    Done,
}

impl Doing {
    /// All values, in order.
    const ALL: [Self; 8] = [
        Self::Searching,
        Self::Reading,
        Self::Merging,
        Self::Linking,
        Self::Assembling,
        Self::Examining,
        Self::Writing,
        Self::Done,
    ];
}

/// What has been read so far. Threads add to it while another reads it, hence the atomics.
#[derive(Debug, Default)]
pub struct Progress {
    doing: AtomicU8,
    all_files: AtomicU64,
    all_bytes: AtomicU64,
    files: AtomicU64,
    bytes: AtomicU64,
    records: AtomicU64,
}

/// Progress at one instant; the numbers may be from slightly different instants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// What is being done.
    pub doing: Doing,
    /// How many files are to be read; 0 until this is known.
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
    /// Sets what is being done from now on.
    pub fn enter(&self, doing: Doing) {
        self.doing.store(doing as u8, Ordering::Relaxed);
    }

    /// Sets how much there is to read.
    pub(super) fn begin(&self, files: u64, bytes: u64) {
        self.enter(Doing::Reading);
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
        let doing = usize::from(self.doing.load(Ordering::Relaxed));
        Reached {
            doing: Doing::ALL.get(doing).copied().unwrap_or_default(),
            all_files: self.all_files.load(Ordering::Relaxed),
            all_bytes: self.all_bytes.load(Ordering::Relaxed),
            files: self.files.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            records: self.records.load(Ordering::Relaxed),
        }
    }
}
