//! What the arguments and lists name as input.
//!
//! Comes in: a path as it was typed or listed. Goes out: standard input, a path or a part of a bucket.
//! Never: a look at a file.

use std::path::{Path, PathBuf};

use crate::cli::s3::{self, Address};
use crate::cli::usage::{BadValue, WrongUsage};

/// The name of standard input, as argument and in reports.
pub(super) const STDIN: &str = "-";

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    /// Standard input.
    Stdin,
    /// A file or directory.
    Path(PathBuf),
    /// A part of a bucket.
    Bucket(Address),
}

impl Operand {
    /// Parses an argument.
    ///
    /// # Errors
    /// An address that no bucket can have.
    pub(super) fn parse(path: PathBuf) -> Result<Self, WrongUsage> {
        match path.to_str().and_then(Address::parse) {
            None if is_stdin(&path) => Ok(Self::Stdin),
            None => Ok(Self::Path(path)),
            Some(Ok(address)) => Ok(Self::Bucket(address)),
            Some(Err(expected)) => {
                let text = path.display().to_string();
                let bad = BadValue::expected(expected, s3::meant(&text));
                Err(bad.of("address", &text))
            }
        }
    }

    /// Reads an entry of a list, in which `-` is a file with that name, and an impossible address is a
    /// path that does not exist.
    pub(super) fn listed(path: PathBuf) -> Self {
        match path.to_str().and_then(Address::parse) {
            Some(Ok(address)) => Self::Bucket(address),
            Some(Err(_)) | None => Self::Path(path),
        }
    }
}

/// Whether a path that was typed means standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path == Path::new(STDIN)
}
