//! What the arguments and lists name as input.
//!
//! Comes in: a path as it was typed or listed. Goes out: standard input, a path, a part of a bucket or an event history.
//! Never: a look at a file.

use std::path::{Path, PathBuf};

use crate::cli::address::{Address, HistoryOf};
use crate::cli::spelled;
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
    /// The event history of a region.
    History(HistoryOf),
}

impl Operand {
    /// Parses an argument.
    ///
    /// # Errors
    /// An address that no bucket or region can have.
    pub(super) fn parse(path: PathBuf) -> Result<Self, WrongUsage> {
        if let Some(history) = path.to_str().and_then(HistoryOf::parse) {
            let text = path.display().to_string();
            let bad = |expected| BadValue::expected(expected, None).of("address", &text);
            return history.map(Self::History).map_err(bad);
        }
        match path.to_str().and_then(Address::parse) {
            None if is_stdin(&path) => Ok(Self::Stdin),
            None => Ok(Self::Path(path)),
            Some(Ok(address)) => Ok(Self::Bucket(address)),
            Some(Err(expected)) => {
                let text = path.display().to_string();
                let bad = BadValue::expected(expected, spelled::meant(&text));
                Err(bad.of("address", &text))
            }
        }
    }

    /// Reads an entry of a list, in which `-` is a file with that name, and an impossible address is a
    /// path that does not exist.
    pub(super) fn listed(path: PathBuf) -> Self {
        let text = path.to_str();
        match (
            text.and_then(Address::parse),
            text.and_then(HistoryOf::parse),
        ) {
            (Some(Ok(address)), _) => Self::Bucket(address),
            (_, Some(Ok(history))) => Self::History(history),
            (Some(Err(_)) | None, Some(Err(_)) | None) => Self::Path(path),
        }
    }
}

/// Whether a path that was typed means standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path == Path::new(STDIN)
}
