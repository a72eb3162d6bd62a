//! PATHS -> BYTES.
//!
//! Comes in: what the user named. Goes out: the sorted list of files, and the decoded bytes of
//! each, as far as they could be decoded. Never: a look at what the bytes mean beyond telling logs
//! from what lies beside them.

use std::path::PathBuf;

use crate::problem::Error;

/// Something that the user named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file or directory.
    Path(PathBuf),
}

/// A file of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its path relative to the input it was found under, with `/`, lossily as text: what reports show.
    pub name: String,
    /// Its size in bytes as the directory lists it.
    pub size_bytes: u64,
}

/// stub
///
/// # Errors
/// stub
pub fn discover(inputs: &[Input]) -> Result<Vec<SourceFile>, Error> {
    match inputs.first() {
        Some(Input::Path(path)) => match std::fs::metadata(path) {
            Ok(_) => Ok(Vec::new()),
            Err(source) => Err(Error::NoSuchPath {
                path: path.clone(),
                source,
            }),
        },
        None => Ok(Vec::new()),
    }
}
