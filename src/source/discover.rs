//! Finds the files of the input.
//!
//! Comes in: what the user named. Goes out: one [`SourceFile`] for each file there, sorted by the bytes
//! of its name. Files that cannot or need not be read are included, so that they are counted. Never: an
//! opened file, or an error about something the user did not name.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use crate::problem::Error;
use crate::source::layout::slashed;
use crate::source::{ContentStamp, FileKind, Found, Handed, Input, Origin, SourceFile, listing};

/// Finds every file that the inputs name or contain.
///
/// Directories are read to any depth, also through links. A file or directory that is reached a second
/// time, through a link or a second input, is left out. Hidden entries of a directory are listed and not
/// opened; a named path is read whatever its name. A pipe is read as a stream if the user names it; inside
/// a directory it is listed as unreadable, so that nothing waits for it.
///
/// # Errors
/// [`Error::NoSuchPath`] if a named path does not exist or cannot be accessed, [`Error::NoLogFiles`] if
/// there is no file at all, [`Error::Listing`] if a bucket cannot be listed.
pub fn discover(inputs: &[Input]) -> Result<Vec<SourceFile>, Error> {
    let mut walk = Walk::default();
    let (mut typed, mut listed) = (Vec::new(), Vec::new());
    for input in inputs {
        match input {
            Input::Path(path) => walk.root(path).map_err(|source| Error::NoSuchPath {
                path: path.clone(),
                source,
            })?,
            Input::Listed(path) => {
                if let Err(error) = walk.root(path) {
                    walk.unreadable(named(path), &error);
                }
            }
            Input::Reader(reader) => walk.files.push(SourceFile {
                origin: Origin::Reader(reader.clone()),
                name: reader.name().to_owned(),
                size_bytes: 0,
                stamp: ContentStamp::Unknown,
                found: Found::Readable(FileKind::Log),
            }),
            Input::Prefix(prefix) => typed.push(prefix),
            Input::ListedPrefix(prefix) => listed.push(prefix),
        }
    }
    let mut files = walk.files;
    files.extend(listing::list(&typed, &listed)?);
    if files.is_empty() {
        let path = inputs.iter().find_map(|input| match input {
            Input::Path(path) | Input::Listed(path) => Some(path.clone()),
            Input::Prefix(prefix) | Input::ListedPrefix(prefix) => Some(prefix.address().into()),
            Input::Reader(_) => None,
        });
        return match path {
            Some(path) => Err(Error::NoLogFiles { path }),
            None => Ok(files),
        };
    }
    if inputs.len() > 1 {
        tell_apart(&mut files);
    }
    files.sort_by(|a, b| {
        let names = a.name.as_bytes().cmp(b.name.as_bytes());
        names.then_with(|| a.path().cmp(b.path()))
    });
    Ok(files)
}

/// Shows files with equal names by the path at which they were found.
fn tell_apart(files: &mut [SourceFile]) {
    let (mut seen, mut twice) = (BTreeSet::new(), BTreeSet::new());
    for file in files.iter() {
        if !seen.insert(file.name.as_str()) {
            twice.insert(file.name.clone());
        }
    }
    for file in files {
        if twice.contains(&file.name) {
            file.name = file.origin.shown();
        }
    }
}

/// What identifies a file, whatever path leads to it.
type FileIdentity = (u64, u64, PathBuf);

#[derive(Default)]
struct Walk {
    files: Vec<SourceFile>,
    seen: BTreeSet<FileIdentity>,
}

/// A directory entry to look at.
struct DirEntry {
    path: PathBuf,
    name: String,
}

/// A named path, under its last part.
fn named(path: &Path) -> DirEntry {
    let name = path
        .file_name()
        .map_or_else(|| slashed(path), |name| slashed(Path::new(name)));
    DirEntry {
        path: path.to_path_buf(),
        name,
    }
}

impl Walk {
    fn root(&mut self, path: &Path) -> io::Result<()> {
        let metadata = fs::metadata(path)?;
        if metadata.is_dir() {
            if self.is_new(path, &metadata) {
                self.directory(path);
            }
            return Ok(());
        }
        if is_pipe(&metadata) {
            // A shell makes a pipe of `<(zcat …)`; it is read once, to its end, in its turn.
            if self.is_new(path, &metadata) {
                self.files.push(SourceFile {
                    origin: Origin::Reader(Handed::pipe(path)),
                    name: slashed(path),
                    size_bytes: 0,
                    stamp: ContentStamp::Unknown,
                    found: Found::Readable(FileKind::Log),
                });
            }
            return Ok(());
        }
        self.file(named(path), &metadata);
        Ok(())
    }

    /// Walks a directory: its own files first, then those that links lead to, so that a file in the
    /// directory itself is listed by its own path.
    fn directory(&mut self, root: &Path) {
        let mut links = Vec::new();
        let mut directories = vec![DirEntry {
            path: root.to_path_buf(),
            name: String::new(),
        }];
        loop {
            while let Some(directory) = directories.pop() {
                self.entries(&directory, &mut directories, &mut links);
            }
            // Links in the order of their names, each walked to its end before the next.
            links.sort_by(|a: &DirEntry, b: &DirEntry| b.name.as_bytes().cmp(a.name.as_bytes()));
            let Some(link) = links.pop() else {
                return;
            };
            match fs::metadata(&link.path) {
                Ok(metadata) if metadata.is_dir() => {
                    if self.is_new(&link.path, &metadata) {
                        directories.push(link);
                    }
                }
                Ok(metadata) => self.file(link, &metadata),
                Err(error) => self.unreadable(link, &error),
            }
        }
    }

    /// Lists one directory.
    fn entries(
        &mut self,
        directory: &DirEntry,
        directories: &mut Vec<DirEntry>,
        links: &mut Vec<DirEntry>,
    ) {
        let itself = || DirEntry {
            path: directory.path.clone(),
            // A folder that was named itself is named as it was then.
            name: match directory.name.as_str() {
                "" => directory.path.to_string_lossy().into_owned(),
                name => name.to_owned(),
            },
        };
        let listing = match fs::read_dir(&directory.path) {
            Ok(listing) => listing,
            Err(error) => return self.unreadable(itself(), &error),
        };
        for listed in listing {
            let listed = match listed {
                Ok(listed) => listed,
                Err(error) => {
                    self.unreadable(itself(), &error);
                    continue;
                }
            };
            let file_name = listed.file_name();
            let entry = DirEntry {
                path: listed.path(),
                name: join(&directory.name, &file_name),
            };
            if file_name.as_encoded_bytes().starts_with(b".") {
                self.push(entry, (0, ContentStamp::Unknown), Found::Hidden);
                continue;
            }
            // The metadata of the link itself, which is not followed here.
            match listed.metadata() {
                Ok(metadata) if metadata.is_symlink() => links.push(entry),
                Ok(metadata) if metadata.is_dir() => {
                    if self.is_new(&entry.path, &metadata) {
                        directories.push(entry);
                    }
                }
                Ok(metadata) => self.file(entry, &metadata),
                Err(error) => self.unreadable(entry, &error),
            }
        }
    }

    /// Lists an entry that is not a directory.
    fn file(&mut self, entry: DirEntry, metadata: &Metadata) {
        if !metadata.is_file() {
            let reason = format!("is {}, not a file", special(metadata.file_type()));
            return self.push(
                entry,
                (0, ContentStamp::Unknown),
                Found::Unreadable { reason },
            );
        }
        if !self.is_new(&entry.path, metadata) {
            return;
        }
        let found = match metadata.len() {
            0 => Found::Empty,
            _ => Found::Readable(FileKind::of(&slashed(&entry.path))),
        };
        self.push(entry, (metadata.len(), stamp(metadata)), found);
    }

    fn unreadable(&mut self, entry: DirEntry, error: &io::Error) {
        let reason = error.to_string();
        self.push(
            entry,
            (0, ContentStamp::Unknown),
            Found::Unreadable { reason },
        );
    }

    fn push(&mut self, entry: DirEntry, (size_bytes, stamp): (u64, ContentStamp), found: Found) {
        self.files.push(SourceFile {
            origin: Origin::File(entry.path),
            name: entry.name,
            size_bytes,
            stamp,
            found,
        });
    }

    /// Whether a file or directory is seen for the first time, by any path.
    fn is_new(&mut self, path: &Path, metadata: &Metadata) -> bool {
        self.seen.insert(identity(path, metadata))
    }
}

/// When a file was modified; file systems without such times say nothing.
fn stamp(metadata: &Metadata) -> ContentStamp {
    let Ok(modified) = metadata.modified() else {
        return ContentStamp::Unknown;
    };
    let nanoseconds = |time: Duration| i128::try_from(time.as_nanos()).unwrap_or(i128::MAX);
    ContentStamp::Modified(match modified.duration_since(UNIX_EPOCH) {
        Ok(after) => nanoseconds(after),
        Err(before) => -nanoseconds(before.duration()),
    })
}

/// Whether two paths lead to the same file or directory; a path that cannot be accessed leads to none.
pub fn is_same(one: &Path, other: &Path) -> bool {
    let of = |path: &Path| Some(identity(path, &fs::metadata(path).ok()?));
    of(one).is_some_and(|identity| of(other) == Some(identity))
}

#[cfg(unix)]
fn identity(_path: &Path, metadata: &Metadata) -> FileIdentity {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino(), PathBuf::new())
}

#[cfg(not(unix))]
fn identity(path: &Path, _metadata: &Metadata) -> FileIdentity {
    (
        0,
        0,
        fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()),
    )
}

#[cfg(unix)]
fn special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    match kind {
        _ if kind.is_fifo() => "a pipe",
        _ if kind.is_socket() => "a socket",
        _ if kind.is_block_device() || kind.is_char_device() => "a device",
        _ => "something else",
    }
}

#[cfg(unix)]
fn is_pipe(metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    metadata.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_metadata: &Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn special(_kind: FileType) -> &'static str {
    "something else"
}

fn join(directory: &str, name: &OsStr) -> String {
    let name = name.to_string_lossy();
    match directory {
        "" => name.into_owned(),
        _ => format!("{directory}/{name}"),
    }
}

#[cfg(test)]
mod tests;
