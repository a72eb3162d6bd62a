//! Everything that is written into a state.
//!
//! Comes in: names below one directory, and bytes. Goes out: files that are whole and on the disk before anything refers
//! to them. Never: a file outside the directory, or a name of the input.
//!
//! Each step can be made to fail, and with it all after it, as when the program is killed there: so the tests try every
//! place at which a run may end.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::source::ContentHash;
use crate::source::seal::Hasher;
use crate::state::failure::StateError;

/// The directory of a state.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    /// How many steps may still be made; `u64::MAX` for any number.
    left: AtomicU64,
}

impl Disk {
    /// The directory at a path, which need not exist.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self::failing_after(root, u64::MAX)
    }

    /// A directory in which only so many steps succeed, for tests.
    #[must_use]
    pub fn failing_after(root: &Path, steps: u64) -> Self {
        Self {
            root: root.to_path_buf(),
            left: AtomicU64::new(steps),
        }
    }

    /// The directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path of a name in it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Whether one more step may be made.
    fn step(&self) -> io::Result<()> {
        let used =
            self.left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| match left {
                    u64::MAX => Some(u64::MAX),
                    left => left.checked_sub(1),
                });
        match used {
            Ok(_) => Ok(()),
            Err(_) => Err(io::Error::other("no step is left")),
        }
    }

    fn failed<'a>(
        &self,
        doing: &'a str,
        name: &'a str,
    ) -> impl FnOnce(io::Error) -> StateError + use<'a> {
        let path = self.path(name);
        move |source| StateError::Io {
            doing: format!("{doing} `{}`", path.display()),
            source,
        }
    }

    /// Makes a directory with those above it, if it is not there.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn make_folder(&self, name: &str) -> Result<(), StateError> {
        let path = self.path(name);
        if path.is_dir() {
            return Ok(());
        }
        self.step()
            .and_then(|()| fs::create_dir_all(&path))
            .map_err(self.failed("make the directory", name))
    }

    /// Writes a new file under its own name, which nothing refers to yet; returns its size and hash.
    ///
    /// # Errors
    /// If it cannot be written; what was written stays until the next run, which removes it.
    pub fn write_new<T>(
        &self,
        name: &str,
        content: impl FnOnce(&mut dyn Write) -> io::Result<T>,
    ) -> Result<(T, u64, ContentHash), StateError> {
        let write = || {
            self.step()?;
            let path = self.path(name);
            // A file of this name is left from a run that ended before it was referred to.
            let file = File::create(path)?;
            let mut hashed = Hashed {
                out: io::BufWriter::with_capacity(1 << 16, file),
                disk: self,
                hasher: Hasher::default(),
                n_bytes: 0,
            };
            let given = content(&mut hashed)?;
            let Hashed {
                out,
                hasher,
                n_bytes,
                ..
            } = hashed;
            let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
            self.step()?;
            file.sync_all()?;
            Ok((given, n_bytes, hasher.finish()))
        };
        write().map_err(self.failed("write", name))
    }

    /// Replaces a small file at once: it holds either the old or the new content, whenever the run ends.
    ///
    /// # Errors
    /// If it cannot be written; the old content stays.
    pub fn replace(&self, name: &str, content: &[u8]) -> Result<(), StateError> {
        let aside = format!("{name}.new");
        self.write_new(&aside, |out| out.write_all(content))?;
        self.rename(&aside, name)?;
        self.sync_folder("")
    }

    /// Renames a file or directory.
    ///
    /// # Errors
    /// If it cannot be renamed.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), StateError> {
        self.step()
            .and_then(|()| fs::rename(self.path(from), self.path(to)))
            .map_err(self.failed("replace", to))
    }

    /// Puts the names in a directory on the disk.
    ///
    /// # Errors
    /// If the system reports a failure; one that cannot sync directories is passed over.
    pub fn sync_folder(&self, name: &str) -> Result<(), StateError> {
        let sync = || {
            self.step()?;
            match cfg!(unix) {
                true => File::open(self.path(name))?.sync_all(),
                false => Ok(()),
            }
        };
        sync().map_err(self.failed("write", name))
    }

    /// Writes bytes at a place of a file, cuts it behind them, and puts it on the disk.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_at(&self, name: &str, place: u64, content: &[u8]) -> Result<(), StateError> {
        let write = || {
            self.step()?;
            let mut file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .open(self.path(name))?;
            file.set_len(place)?;
            file.seek(SeekFrom::Start(place))?;
            let (first, rest) = content.split_at(content.len() / 2);
            file.write_all(first)?;
            self.step()?;
            file.write_all(rest)?;
            self.step()?;
            file.sync_all()
        };
        write().map_err(self.failed("write", name))
    }

    /// Removes a file that nothing refers to; one that is not there is no failure.
    pub fn remove(&self, name: &str) {
        if self.step().is_ok() {
            // What stays is removed by the next run.
            let _ = fs::remove_file(self.path(name));
        }
    }

    /// The content of a file, at most so many bytes.
    ///
    /// # Errors
    /// If it cannot be read, or is longer.
    pub fn read(&self, name: &str, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(self.path(name))?
            .take(most.saturating_add(1))
            .read_to_end(&mut bytes)?;
        match bytes.len() as u64 > most {
            true => Err(io::Error::other(format!("is longer than {most} bytes"))),
            false => Ok(bytes),
        }
    }

    /// The size of a file in bytes.
    ///
    /// # Errors
    /// If it is not there or cannot be looked at.
    pub fn size(&self, name: &str) -> io::Result<u64> {
        Ok(fs::metadata(self.path(name))?.len())
    }

    /// The hash of a file's content.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn hash(&self, name: &str) -> io::Result<ContentHash> {
        let mut file = File::open(self.path(name))?;
        let (mut hasher, mut buffer) = (Hasher::default(), vec![0; 1 << 16]);
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(hasher.finish()),
                n_read => hasher.update(buffer.get(..n_read).unwrap_or_default()),
            }
        }
    }

    /// The names in a directory, sorted; none if it is not there.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn names(&self, folder: &str) -> Result<Vec<String>, StateError> {
        let list = || -> io::Result<Vec<String>> {
            let mut names = Vec::new();
            for entry in fs::read_dir(self.path(folder))? {
                names.push(entry?.file_name().to_string_lossy().into_owned());
            }
            names.sort();
            Ok(names)
        };
        match list() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            listed => listed.map_err(self.failed("read", folder)),
        }
    }
}

/// A writer that hashes and counts what passes.
struct Hashed<'a, W> {
    out: W,
    disk: &'a Disk,
    hasher: Hasher,
    n_bytes: u64,
}

impl<W: Write> Write for Hashed<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.disk.step()?;
        let n_written = self.out.write(bytes)?;
        self.hasher
            .update(bytes.get(..n_written).unwrap_or_default());
        self.n_bytes += n_written as u64;
        Ok(n_written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
