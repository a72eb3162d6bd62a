//! A file written whole or not at all.
//!
//! Comes in: a path and what writes the content. Goes out: the finished file in its place. Never:
//! half a file under the name that was asked for, or under any name once the run has ended.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::cli::interrupt::Unfinished;
use crate::cli::plan::{Existing, Output};

/// Fails early where the file must not be replaced.
///
/// # Errors
/// When the file exists and is to be kept.
pub(super) fn check(output: &Output) -> io::Result<()> {
    match output.existing {
        Existing::Keep if output.path.symlink_metadata().is_ok() => Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            format!("`{}` exists; --force replaces it", output.path.display()),
        )),
        Existing::Keep | Existing::Replace => Ok(()),
    }
}

/// Writes into a new file beside the target, then moves it into place.
///
/// # Errors
/// Whatever writing, or `content`, fails with; the unfinished file is removed.
pub(super) fn write<T>(
    output: &Output,
    unfinished: &Unfinished,
    content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<T>,
) -> io::Result<T> {
    let path = beside(&output.path)?;
    let file = {
        let mut held = unfinished.hold();
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        *held = Some(path.clone());
        file
    };
    let filled = fill(file, content).and_then(|given| {
        check(output)?;
        Ok(given)
    });
    let mut held = unfinished.hold();
    let written = filled.and_then(|given| {
        std::fs::rename(&path, &output.path)?;
        Ok(given)
    });
    if written.is_err() {
        // The error that counts is the first one.
        let _ = std::fs::remove_file(&path);
    }
    *held = None;
    written
}

fn fill<T>(
    file: File,
    content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<T>,
) -> io::Result<T> {
    let mut out = BufWriter::with_capacity(1 << 16, file);
    let given = content(&mut out)?;
    out.into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_all()?;
    Ok(given)
}

/// A name of this process's own in the same folder, for a file is renamed only within a file system.
fn beside(target: &Path) -> io::Result<PathBuf> {
    let Some(name) = target.file_name() else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("`{}` is no name for a file", target.display()),
        ));
    };
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.tmp", std::process::id()));
    Ok(target.with_file_name(hidden))
}
