//! Reads the members of a zip archive in turn.
//!
//! Comes in: an archive. Goes out: each member by its name, decoded as a file by itself is, so that
//! it may be compressed once more. Never: trust in the sizes that the archive claims.

use std::borrow::Cow;
use std::io::{self, BufReader, Cursor, Read, Seek};

use zip::ZipArchive;

use crate::problem::ProblemKind;
use crate::source::decode::{Decoded, Decoder, Whence};

/// The first bytes of an archive: of its first member, or of its end if it has none (APPNOTE.TXT,
/// sections 4.3.7 and 4.3.16).
pub(super) const MAGIC: [[u8; 4]; 2] = [*b"PK\x03\x04", *b"PK\x05\x06"];

/// What an archive is read from.
trait Seekable: Read + Seek {}

impl<T: Read + Seek> Seekable for T {}

/// A zip archive.
pub struct Archive {
    zip: ZipArchive<Box<dyn Seekable>>,
    decoder: Box<Decoder>,
}

/// A member of an archive.
pub struct ArchiveMember<'a> {
    /// Its path in the archive.
    pub name: String,
    /// What it holds.
    pub content: Decoded<'a>,
}

impl Archive {
    /// Opens an archive that lies in memory.
    pub(super) fn in_memory(bytes: Vec<u8>) -> io::Result<Self> {
        Self::open(Box::new(Cursor::new(bytes)))
    }

    /// Opens an archive that lies on a disk.
    pub(super) fn in_file(file: std::fs::File) -> io::Result<Self> {
        Self::open(Box::new(BufReader::new(file)))
    }

    fn open(input: Box<dyn Seekable>) -> io::Result<Self> {
        Ok(Self {
            zip: ZipArchive::new(input)?,
            decoder: Box::default(),
        })
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

    /// Decodes a member, up to `limit` decoded bytes; `None` for a folder.
    ///
    /// # Errors
    /// When nothing of the member can be read: it is encrypted, or compressed in a way that is not
    /// known, or damaged at its begin, or an archive.
    pub fn member(
        &mut self,
        index: usize,
        limit: u64,
    ) -> Result<Option<ArchiveMember<'_>>, ProblemKind> {
        let undecodable = || ProblemKind::Undecodable {
            format: "zip".into(),
            kept_bytes: 0,
        };
        let file = self.zip.by_index(index).map_err(|_| undecodable())?;
        if file.is_dir() {
            return Ok(None);
        }
        let name = String::from_utf8_lossy(file.name_raw()).into_owned();
        let content = self
            .decoder
            .decode_from(Box::new(file), Whence::Member, limit)
            .map_err(|_| undecodable())?;
        Ok(Some(ArchiveMember { name, content }))
    }
}
