//! Opens zip archives.
//!
//! Comes in: an archive. Goes out: the names of its members, and a reader for each. Never: trust in
//! the sizes that the archive claims.

use std::borrow::Cow;
use std::io::{self, BufReader, Cursor, Read, Seek};

use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipResult;

/// The first bytes of an archive: those of its first member, or of its end if it has none
/// (APPNOTE.TXT, sections 4.3.7 and 4.3.16).
pub(super) const MAGIC: [[u8; 4]; 2] = [*b"PK\x03\x04", *b"PK\x05\x06"];

/// The reader below an archive.
trait Seekable: Read + Seek {}

impl<T: Read + Seek> Seekable for T {}

/// A zip archive.
pub struct Archive {
    zip: ZipArchive<Box<dyn Seekable>>,
}

impl Archive {
    /// Opens an archive in memory.
    pub(super) fn in_memory(bytes: Vec<u8>) -> io::Result<Self> {
        Self::open(Box::new(Cursor::new(bytes)))
    }

    /// Opens an archive on disk.
    pub(super) fn in_file(file: std::fs::File) -> io::Result<Self> {
        Self::open(Box::new(BufReader::new(file)))
    }

    fn open(input: Box<dyn Seekable>) -> io::Result<Self> {
        let zip = ZipArchive::new(input)?;
        Ok(Self { zip })
    }

    /// The number of its members, folders included.
    #[must_use]
    pub fn n_members(&self) -> usize {
        self.zip.len()
    }

    /// The path of a member, as the archive's directory has it.
    #[must_use]
    pub fn name(&self, index: usize) -> Option<Cow<'_, str>> {
        self.zip.name_for_index(index)?.ok()
    }

    /// A member: its bytes without the archive's own compression.
    ///
    /// # Errors
    /// If it is encrypted, or compressed by an unknown method.
    pub(super) fn member(&mut self, index: usize) -> ZipResult<ZipFile<'_, impl Read>> {
        self.zip.by_index(index)
    }
}
