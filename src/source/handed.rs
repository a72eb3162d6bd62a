//! A reader that the caller passes in, such as standard input.
//!
//! Comes in: a reader and its name. Goes out: the reader, once. Never: a second reading; what was
//! read is gone.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::source::layout::slashed;

/// Bytes that can be read once.
///
/// Inputs are shared and a reader cannot be, so the first caller takes it. This is the only interior
/// mutability in this room.
#[derive(Clone)]
pub struct Handed {
    name: Arc<str>,
    reader: Arc<Mutex<Option<Box<dyn Read + Send>>>>,
}

impl Handed {
    /// Takes a reader under the name that reports show.
    pub fn new(name: &str, reader: Box<dyn Read + Send>) -> Self {
        Self {
            name: name.into(),
            reader: Arc::new(Mutex::new(Some(reader))),
        }
    }

    /// A pipe by its path. It is opened only when it is first read, because opening waits for a
    /// writer.
    pub(super) fn pipe(path: &Path) -> Self {
        Self::new(&slashed(path), Box::new(Pipe::Named(path.to_path_buf())))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The reader.
    ///
    /// # Errors
    /// If it was already taken.
    pub(super) fn take(&self) -> io::Result<Box<dyn Read + Send>> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader
            .take()
            .ok_or_else(|| io::Error::other("was read before, and can be read only once"))
    }
}

/// A pipe of the file system.
enum Pipe {
    Named(PathBuf),
    Open(File),
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self {
                Self::Named(path) => *self = Self::Open(File::open(path)?),
                Self::Open(file) => return file.read(buffer),
            }
        }
    }
}

impl fmt::Debug for Handed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handed").field(&self.name).finish()
    }
}

impl PartialEq for Handed {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.reader, &other.reader)
    }
}

impl Eq for Handed {}
