//! Opens archives: zip, and tar once it is decoded.
//!
//! Comes in: an archive. Goes out: the names of its members, and a reader for each. Never: trust in
//! the sizes that the archive claims.

use std::borrow::Cow;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::ops::Range;

use zip::ZipArchive;

/// The first bytes of an archive: those of its first member, or of its end if it has none
/// (APPNOTE.TXT, sections 4.3.7 and 4.3.16).
pub(super) const MAGIC: [[u8; 4]; 2] = [*b"PK\x03\x04", *b"PK\x05\x06"];

/// The reader below an archive.
trait Seekable: Read + Seek {}

impl<T: Read + Seek> Seekable for T {}

/// An archive, whose members are read in turn.
pub struct Archive(ArchiveKind);

enum ArchiveKind {
    Zip(ZipArchive<Box<dyn Seekable>>),
    /// All of it, and the path and the place of each file in it.
    Tar(Vec<u8>, Vec<(String, Range<usize>)>),
}

/// A member of an archive.
pub(super) struct ArchiveInput<'a> {
    /// Its path.
    pub(super) name: String,
    /// Its bytes without the archive's own compression.
    pub(super) input: Box<dyn Read + 'a>,
}

impl Archive {
    /// Opens a zip archive in memory.
    pub(super) fn in_memory(bytes: Vec<u8>) -> io::Result<Self> {
        Self::open(Box::new(Cursor::new(bytes)))
    }

    /// Opens a zip archive on disk.
    pub(super) fn in_file(file: std::fs::File) -> io::Result<Self> {
        Self::open(Box::new(BufReader::new(file)))
    }

    fn open(input: Box<dyn Seekable>) -> io::Result<Self> {
        Ok(Self(ArchiveKind::Zip(ZipArchive::new(input)?)))
    }

    /// Opens a tar archive in memory. What follows the first header that is damaged is left out, and a member that is cut
    /// there is as long as there are bytes.
    pub(super) fn of_tar(bytes: Vec<u8>) -> Self {
        let mut members = Vec::new();
        let mut tar = tar::Archive::new(&bytes[..]);
        for entry in tar.entries().into_iter().flatten() {
            let Ok(entry) = entry else { break };
            // Links and folders hold nothing.
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let start = usize::try_from(entry.raw_file_position()).unwrap_or(usize::MAX);
            let len = usize::try_from(entry.size()).unwrap_or(usize::MAX);
            let end = start.saturating_add(len).min(bytes.len());
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            members.push((name, start.min(end)..end));
        }
        Self(ArchiveKind::Tar(bytes, members))
    }

    /// The number of its members, of zip with folders.
    #[must_use]
    pub fn n_members(&self) -> usize {
        match &self.0 {
            ArchiveKind::Zip(zip) => zip.len(),
            ArchiveKind::Tar(_, members) => members.len(),
        }
    }

    /// The path of a member, as the archive's directory has it.
    #[must_use]
    pub fn name(&self, index: usize) -> Option<Cow<'_, str>> {
        match &self.0 {
            ArchiveKind::Zip(zip) => zip.name_for_index(index)?.ok(),
            ArchiveKind::Tar(_, members) => members.get(index).map(|(name, _)| Cow::from(name)),
        }
    }

    /// A member; `None` for a folder.
    ///
    /// # Errors
    /// If it is encrypted, or compressed by an unknown method.
    pub(super) fn member(&mut self, index: usize) -> io::Result<Option<ArchiveInput<'_>>> {
        let (name, input): (String, Box<dyn Read + '_>) = match &mut self.0 {
            ArchiveKind::Zip(zip) => {
                let file = zip.by_index(index)?;
                if file.is_dir() {
                    return Ok(None);
                }
                let name = String::from_utf8_lossy(file.name_raw()).into_owned();
                (name, Box::new(file))
            }
            ArchiveKind::Tar(bytes, members) => {
                let Some((name, place)) = members.get(index) else {
                    return Ok(None);
                };
                let content = bytes.get(place.clone()).unwrap_or_default();
                (name.clone(), Box::new(content))
            }
        };
        Ok(Some(ArchiveInput { name, input }))
    }

    /// The format, for messages.
    pub(super) fn format(&self) -> &'static str {
        match self.0 {
            ArchiveKind::Zip(_) => "zip",
            ArchiveKind::Tar(..) => "tar",
        }
    }
}

/// Whether decoded bytes are a tar archive (POSIX.1-1988 and later, and GNU: `magic` in the header block).
#[must_use]
pub fn is_tar(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar")
}
