//! PATHS -> BYTES.
//!
//! Comes in: what the user named. Goes out: the sorted list of files, and the decoded bytes of
//! each, as far as they could be decoded. Never: a look at what the bytes mean beyond telling logs
//! from what lies beside them.

pub mod archive;
pub mod decode;
pub mod digest_file;
pub mod discover;
mod gzip;
mod handed;
pub mod layout;
mod listing;
pub mod reach;
pub mod seal;
pub mod store;
mod stream;
mod zstd;

use std::path::{Path, PathBuf};

pub use decode::{Decoded, Decoder};
pub use digest_file::{DigestFile, file_name};
pub use discover::{discover, is_same};
pub use handed::Handed;
pub use layout::{Kind, LogName};
pub use reach::{Purpose, Reach, Side};
pub use seal::{ContentHash, PublicKeys};
pub use store::{Bucket, Object, ObjectStore, Prefix, Scope};

/// Something that the user named.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// A file or directory.
    Path(PathBuf),
    /// The same from a list, which may be older than the files: if there is none, that is a problem
    /// and not an error.
    Listed(PathBuf),
    /// Bytes that the caller hands in, such as standard input.
    Reader(Handed),
    /// A part of a bucket.
    #[doc(hidden)]
    Prefix(Prefix),
    /// The same from a list: if there is none, that is a problem and not an error.
    #[doc(hidden)]
    ListedPrefix(Prefix),
}

/// A file of the input, or what stands in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Where its bytes are.
    pub origin: Origin,
    /// Its path relative to the input it was found under, with `/`, lossily as text: what reports show.
    pub name: String,
    /// Its size in bytes as the directory lists it.
    pub size_bytes: u64,
    /// What is to be done with it.
    pub found: Found,
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
    Object(Object),
}

/// What discovery made of a file without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// To be opened; the kind is what its path says.
    Readable(Kind),
    /// It has no bytes.
    Empty,
    /// Its name begins with a dot; neither opened nor entered.
    Hidden,
    /// Its name says that it holds nothing of the period asked for; not opened.
    Pruned(Side),
    /// It cannot be read, or is nothing that can be read to an end, like a device or a pipe that was
    /// not named by itself.
    Unreadable {
        /// The operating system's message, or what it is.
        reason: String,
    },
}

impl Origin {
    /// The path, name or address, lossily as text, its parts parted by `/`.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::File(path) => discover::slashed(path),
            Self::Reader(reader) => reader.name().to_owned(),
            Self::Object(object) => object.address(),
        }
    }
}

impl SourceFile {
    /// Whether it is a file or object that is there to be read: no pipe, nothing hidden, nothing that
    /// was found unreadable.
    #[must_use]
    pub fn is_regular(&self) -> bool {
        let is_reader = matches!(self.origin, Origin::Reader(_));
        match self.found {
            Found::Readable(_) | Found::Empty | Found::Pruned(_) => !is_reader,
            Found::Hidden | Found::Unreadable { .. } => false,
        }
    }

    /// The path to open, the key in the bucket, or the name of what has neither.
    #[must_use]
    pub fn path(&self) -> &Path {
        match &self.origin {
            Origin::File(path) => path,
            Origin::Reader(reader) => Path::new(reader.name()),
            Origin::Object(object) => Path::new(&object.key),
        }
    }
}
