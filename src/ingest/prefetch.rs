//! Fetches objects ahead of the threads that decode them.
//!
//! Comes in: the files, in the order they are to be read. Goes out: the files in that order,
//! objects with their bytes. Never: more than [`MAX_HELD`] bytes in memory.

use std::io::{self, Read as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, PoisonError};

use crate::source::{FileKind, Found, Origin, SourceFile};

/// The most bytes fetched and not yet decoded.
const MAX_HELD: u64 = 128 << 20;

/// The largest object that is fetched ahead; CloudTrail's are smaller (user guide, "Log file
/// examples": up to 50 MB compressed). A larger one is read by the thread that decodes it.
const MAX_FETCHED: u64 = 64 << 20;

/// A file that is next to be read.
pub(super) struct Turn<'a> {
    /// Its place in the list of files.
    pub(super) index: usize,
    /// Its content, if it was fetched.
    pub(super) fetched: Option<io::Result<Fetched>>,
    /// Returns the space for the bytes when it is dropped.
    _held: Option<Reserved<'a>>,
}

/// An object.
pub(super) struct Fetched {
    pub(super) bytes: Vec<u8>,
    /// The signature of a digest file, if there is one.
    pub(super) signature: Option<String>,
}

impl Turn<'_> {
    /// The turn of a file that is not fetched ahead.
    pub(super) fn at_hand(index: usize) -> Self {
        Self {
            index,
            fetched: None,
            _held: None,
        }
    }
}

/// What the fetching threads share.
pub(super) struct Prefetch<'a> {
    files: &'a [SourceFile],
    order: &'a [usize],
    next: AtomicUsize,
    held: Mutex<u64>,
    freed: Condvar,
}

/// Space reserved for bytes.
struct Reserved<'a> {
    by: &'a Prefetch<'a>,
    n_bytes: u64,
}

/// How many requests at once the buckets of the input accept; `None` if all files are local.
pub(super) fn connections(files: &[SourceFile]) -> Option<usize> {
    let objects = files.iter().filter(|file| is_read(file));
    let connections = objects.filter_map(|file| match &file.origin {
        Origin::File(_) | Origin::Reader(_) => None,
        Origin::Object(object) => Some(object.bucket.store.connections()),
    });
    connections.max()
}

fn is_read(file: &SourceFile) -> bool {
    match &file.found {
        Found::Readable(FileKind::Log | FileKind::Digest) => true,
        Found::Readable(FileKind::Insight)
        | Found::Empty
        | Found::Hidden
        | Found::Pruned(_)
        | Found::Unreadable { .. } => false,
    }
}

impl<'a> Prefetch<'a> {
    pub(super) fn new(files: &'a [SourceFile], order: &'a [usize]) -> Self {
        Self {
            files,
            order,
            next: AtomicUsize::new(0),
            held: Mutex::new(0),
            freed: Condvar::new(),
        }
    }

    /// Fetches and hands over one file after the other, until none is left or nobody takes them.
    pub(super) fn fetch(&'a self, to: &SyncSender<Turn<'a>>) {
        while let Some(&index) = self.order.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let file = &self.files[index];
            let n_bytes = match (&file.origin, is_read(file)) {
                (Origin::Object(_), true) if file.size_bytes <= MAX_FETCHED => file.size_bytes,
                (Origin::Object(_) | Origin::File(_) | Origin::Reader(_), _) => 0,
            };
            let turn = match n_bytes {
                0 => Turn::at_hand(index),
                _ => Turn {
                    index,
                    _held: Some(self.hold(n_bytes)),
                    fetched: whole(file),
                },
            };
            if to.send(turn).is_err() {
                return;
            }
        }
    }

    /// Waits for space.
    fn hold(&'a self, n_bytes: u64) -> Reserved<'a> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let mut held = self
            .freed
            .wait_while(held, |held| *held + n_bytes > MAX_HELD)
            .unwrap_or_else(PoisonError::into_inner);
        *held += n_bytes;
        Reserved { by: self, n_bytes }
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        let mut held = self.by.held.lock().unwrap_or_else(PoisonError::into_inner);
        *held -= self.n_bytes;
        self.by.freed.notify_all();
    }
}

/// All bytes of an object; `None` if it is larger than the listing said, so that no space was
/// reserved for it.
fn whole(file: &SourceFile) -> Option<io::Result<Fetched>> {
    let Origin::Object(object) = &file.origin else {
        return None;
    };
    let mut bytes = Vec::with_capacity(usize::try_from(file.size_bytes + 1).unwrap_or(0));
    let result = object.bucket.store.get(&object.key).and_then(|body| {
        let mut reader = body.reader.take(file.size_bytes + 1);
        reader.read_to_end(&mut bytes)?;
        Ok(body.signature)
    });
    match result {
        Ok(_) if bytes.len() as u64 > file.size_bytes => None,
        Ok(signature) => Some(Ok(Fetched { bytes, signature })),
        Err(error) => Some(Err(error)),
    }
}
