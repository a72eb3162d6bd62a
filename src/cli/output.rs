//! Writes a file whole or not at all.
//!
//! Comes in: a path and the code that writes the content. Goes out: the finished file in its place.
//! Never: half a file after the run, under any name, or a replaced link, device or input file.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::cli::interrupt::Unfinished;
use crate::source::is_same;

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output {
    /// Its path.
    pub(super) path: PathBuf,
    /// What to do with an existing file.
    pub(super) existing: Existing,
    /// A name for such a file, for whoever named a folder.
    pub(super) usual: String,
}

/// What to do with an existing file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Existing {
    /// Leave it and fail.
    Keep,
    /// Replace it with the report.
    Replace,
}

/// Fails early if the file must not be replaced. Only a regular file is ever replaced, and no link,
/// because a link may lead anywhere.
///
/// # Errors
/// If the file exists and must be kept, or is not a regular file.
pub(super) fn check(output: &Output) -> io::Result<()> {
    let path = output.path.display();
    let in_it = || output.path.join(&output.usual).display().to_string();
    let Ok(there) = output.path.symlink_metadata() else {
        let is_folder = path.to_string().ends_with(std::path::is_separator);
        let why = format!(
            "`{path}` names a folder, which does not exist\n\n  tip: make it, and write to `{}`",
            in_it()
        );
        return match is_folder {
            true => Err(io::Error::new(io::ErrorKind::NotADirectory, why)),
            false => Ok(()),
        };
    };
    let why = match output.existing {
        _ if there.is_symlink() => {
            format!("`{path}` is a link; name the file that it leads to")
        }
        _ if there.is_dir() => {
            format!(
                "`{path}` is a folder\n\n  tip: name a file in it: `{}`",
                in_it()
            )
        }
        _ if !there.is_file() => format!("`{path}` exists and is no regular file"),
        Existing::Keep => format!("`{path}` exists; --force replaces it"),
        Existing::Replace => return Ok(()),
    };
    Err(io::Error::new(io::ErrorKind::AlreadyExists, why))
}

/// Fails if the file is one of those being read, by any path.
///
/// # Errors
/// If it is among `read`.
pub(super) fn spare<'a>(
    output: &Output,
    read: impl IntoIterator<Item = &'a Path>,
) -> io::Result<()> {
    let path = &output.path;
    let is_there = path.symlink_metadata().is_ok();
    match is_there && read.into_iter().any(|other| is_same(path, other)) {
        true => Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            format!("`{}` is read by this run; write elsewhere", path.display()),
        )),
        false => Ok(()),
    }
}

/// What is noted of a file around the moment when it is moved into place.
pub(super) trait Noted: Send {
    /// The file lies whole under this path, and is moved next.
    ///
    /// # Errors
    /// It is not to be moved.
    fn before(&mut self, path: &Path) -> io::Result<()>;

    /// It was not moved; returns whether it may be removed.
    fn undone(&mut self) -> bool;
}

/// Nothing is noted.
struct Unnoted;

impl Noted for Unnoted {
    fn before(&mut self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    fn undone(&mut self) -> bool {
        true
    }
}

/// Writes into a new file next to the target, then moves it into place.
///
/// # Errors
/// Any error of writing or of `content`; the unfinished file is removed.
pub(super) fn write<T>(
    output: &Output,
    unfinished: &Unfinished,
    content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<T>,
) -> io::Result<T> {
    write_noted(output, unfinished, content, &mut Unnoted)
}

/// Likewise, and notes the moment.
///
/// # Errors
/// Those of [`write`], and what could not be noted.
pub(super) fn write_noted<T>(
    output: &Output,
    unfinished: &Unfinished,
    content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<T>,
    noted: &mut dyn Noted,
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
    // Held, so that a signal finds the file either unmoved and unnoted, or moved.
    let written = filled.and_then(|given| {
        noted.before(&path)?;
        std::fs::rename(&path, &output.path)?;
        Ok(given)
    });
    if written.is_err() && noted.undone() {
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

/// A name in the target's folder that only this process uses, as a file can be renamed only within a
/// file system.
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

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn a_defect_while_the_file_is_written_leaves_none() {
        let folder =
            std::env::temp_dir().join(format!("reconstruct-defect-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let output = Output {
            path: folder.join("report.txt"),
            existing: Existing::Keep,
            usual: "report.txt".to_owned(),
        };
        let n_files = || std::fs::read_dir(&folder).expect("the folder").count();
        let unfinished = Unfinished::default();
        let ran = catch_unwind(AssertUnwindSafe(|| {
            write(&output, &unfinished, |_| -> io::Result<()> {
                assert_eq!(n_files(), 0, "the file is there, and so this fails");
                Ok(())
            })
        }));
        assert!(ran.is_err());
        assert_eq!(n_files(), 1);
        unfinished.discard();
        assert_eq!(n_files(), 0);
        std::fs::remove_dir_all(&folder).expect("the folder was made here");
    }
}
