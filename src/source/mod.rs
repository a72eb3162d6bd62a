//! PATHS -> BYTES.
//!
//! Comes in: what the user named. Goes out: the sorted list of files, and the decoded bytes of
//! each, as far as they could be decoded. Never: a look at what the bytes mean beyond telling logs
//! from what lies beside them.

pub mod decode;
pub mod digest_file;
pub mod discover;
mod gzip;
pub mod layout;
pub mod seal;

use std::path::{Path, PathBuf};

pub use decode::{Decoded, Decoder};
pub use digest_file::DigestFile;
pub use discover::discover;
pub use layout::{Kind, LogName};
pub use seal::{ContentHash, PublicKeys};

/// Something that the user named.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// A file or directory.
    Path(PathBuf),
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
    /// It cannot be read, or is nothing that can be read to an end, like a pipe.
    Unreadable {
        /// The operating system's message, or what it is.
        reason: String,
    },
}

impl SourceFile {
    /// The path to open.
    #[must_use]
    pub fn path(&self) -> &Path {
        match &self.origin {
            Origin::File(path) => path,
        }
    }
}
