//! The input as it was named, and the files in it.
//!
//! Comes in: paths, readers and parts of buckets. Goes out: the types that discovery fills and every later
//! stage reads. Never: an opened file.

use std::path::{Path, PathBuf};

use crate::source::layout::slashed;
use crate::source::{FileKind, Handed, Prefix, Side, StoredObject};

/// Something that the user named.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// A file or directory.
    Path(PathBuf),
    /// A path from a list, which may be older than the files; if nothing is there, that is a problem and
    /// not an error.
    Listed(PathBuf),
    /// Bytes that the caller passes in, such as standard input.
    Reader(Handed),
    /// A part of a bucket.
    #[doc(hidden)]
    Prefix(Prefix),
    /// A part of a bucket from a list; if nothing is there, that is a problem and not an error.
    #[doc(hidden)]
    ListedPrefix(Prefix),
}

/// A file of the input, or an entry in place of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Where its bytes are.
    pub origin: Origin,
    /// Its path relative to the input it was found under, with `/`, lossily as text, as reports show it.
    pub name: String,
    /// Its size in bytes by the directory listing.
    pub size_bytes: u64,
    /// What the listing says of its content beside the size.
    pub stamp: ContentStamp,
    /// What to do with it.
    pub found: Found,
}

/// What a listing says of a file's content beside its size: two stamps that differ are two contents.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContentStamp {
    /// Nothing.
    #[default]
    Unknown,
    /// When the file was last modified, in nanoseconds from 1970.
    Modified(i128),
    /// The `ETag` of an object, as the store writes it.
    Tag(Box<str>),
}

/// Where the bytes of a file are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// In the file system.
    File(PathBuf),
    /// In a reader.
    Reader(Handed),
    /// In a bucket.
    Object(StoredObject),
}

/// What discovery found out about a file without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// To be opened; the kind follows from its path.
    Readable(FileKind),
    /// It has no bytes.
    Empty,
    /// Its name starts with a dot; neither opened nor entered.
    Hidden,
    /// By its name it holds nothing of what was asked for; not opened.
    Pruned(Side),
    /// It cannot be read, or has no end, like a device or a pipe that was not named itself.
    Unreadable {
        /// The operating system's message, or a description.
        reason: String,
    },
}

impl Origin {
    /// The path, name or address, lossily as text, with `/` as separator.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::File(path) => slashed(path),
            Self::Reader(reader) => reader.name().to_owned(),
            Self::Object(object) => object.address(),
        }
    }
}

impl SourceFile {
    /// Whether it is a file or object that can be read: not a pipe, not hidden, not found unreadable.
    #[must_use]
    pub fn is_regular(&self) -> bool {
        let is_reader = matches!(self.origin, Origin::Reader(_));
        match self.found {
            Found::Readable(_) | Found::Empty | Found::Pruned(_) => !is_reader,
            Found::Hidden | Found::Unreadable { .. } => false,
        }
    }

    /// The path to open, the key in the bucket, or the name if there is neither.
    #[must_use]
    pub fn path(&self) -> &Path {
        match &self.origin {
            Origin::File(path) => path,
            Origin::Reader(reader) => Path::new(reader.name()),
            Origin::Object(object) => Path::new(&object.key),
        }
    }
}
