//! The directory of a state, opened by the one run that writes to it.
//!
//! Comes in: its path, the files that the input lists, and what there is to tell. Goes out: parts that hold the input, as
//! files to report from, and the book of what was told. Never: a part in use that is not whole, or a step that cannot be
//! ended in the middle: what counts is what the manifest names, and it is replaced at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::ingest::{self, Progress, ReadOptions, Roles};
use crate::problem::ProblemKind;
use crate::source::{ContentStamp, FileKind, Found, Origin, Reach, Side, SourceFile};
use crate::state::book::{self, BookLine, ToldBook};
use crate::state::disk::Disk;
use crate::state::failure::{StateError, StateNotice};
use crate::state::manifest::{BadManifest, STATE_VERSION, StateManifest, WireTelling};
use crate::state::news::News;
use crate::state::part::{
    self, KnownFile, PART_VERSION, PartHead, StatePart, extract_name, list_name, number_of,
};
use crate::state::refresh::{self, Making, SeenFile, Wants};
use crate::threads::{self, Threads};

const MANIFEST: &str = "manifest.json";
const LOCK: &str = "lock";
/// How often a lock that is held is tried again, and after which pause: half a second in all.
const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(5);
const PARTS: &str = "parts";

/// The longest manifest, list or book that is read, in bytes.
const MOST_BYTES: u64 = 4 << 30;

/// How many parts are made before the manifest names them, so that a long first run that ends is not lost.
const BATCH: usize = 32;

/// How hard extracts are compressed: the fastest level that still has most of the gain.
const LEVEL: i32 = 3;

/// How many lines a book may have beyond those that stand before it is written anew.
const MOST_DEAD: usize = 4_096;

/// A state, locked.
#[derive(Debug)]
pub struct StateDir {
    disk: Disk,
    manifest: StateManifest,
    parts: Vec<StatePart>,
    book: ToldBook,
    notices: Vec<StateNotice>,
    lock: File,
}

/// What a run did to bring a state up to date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Files of the input that were read.
    pub files: u64,
    /// Their bytes, as they were listed.
    pub bytes: u64,
    /// Files that the input lists.
    pub listed: u64,
}

/// A file that the telling is renamed to when it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TellingOutput {
    /// The file that is there until it is renamed.
    pub unless: PathBuf,
}

impl StateDir {
    /// Opens or makes the state in a directory. `holder` is what other runs are told about this one.
    ///
    /// # Errors
    /// A directory that is in use, holds something else, or cannot be read or written.
    pub fn open(disk: Disk, holder: &str) -> Result<Self, StateError> {
        let mut notices = Vec::new();
        check_own(&disk, &mut notices)?;
        disk.make_folder("")?;
        let lock = lock(&disk, holder, &mut notices)?;
        disk.make_folder(PARTS)?;
        let (manifest, is_new) = read_manifest(&disk, &mut notices)?;
        let mut state = Self {
            disk,
            manifest,
            parts: Vec::new(),
            book: ToldBook::default(),
            notices,
            lock,
        };
        if is_new {
            state.commit()?;
        }
        state.read_parts();
        state.read_book()?;
        state.sweep()?;
        Ok(state)
    }

    /// What is to be told about the state, once.
    pub fn notices(&mut self) -> Vec<StateNotice> {
        std::mem::take(&mut self.notices)
    }

    /// Whether it holds no part.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(|part| part.is_forgotten)
    }

    /// What was told.
    #[must_use]
    pub fn book(&self) -> &ToldBook {
        &self.book
    }

    /// The second since 1970 up to which the log went when a report was last made.
    #[must_use]
    pub fn reported(&self) -> Option<i64> {
        self.manifest.reported
    }

    /// The earliest second up to which these event histories were asked; `None` if one was not.
    #[must_use]
    pub fn asked_to<'a>(&self, regions: impl Iterator<Item = &'a str>) -> Option<i64> {
        let asked = regions.map(|region| self.manifest.histories.get(region).copied());
        asked.min().flatten()
    }

    /// The regions whose event histories were asked.
    pub fn histories(&self) -> impl Iterator<Item = &str> {
        self.manifest.histories.keys().map(String::as_str)
    }

    /// Whether a file of the input could not be read when it was last tried.
    #[must_use]
    pub fn has_failed(&self, address: &str) -> bool {
        let files = self.parts.iter().flat_map(|part| &part.files);
        files
            .rev()
            .find(|file| file.address == address)
            .is_some_and(|file| file.has_failed)
    }

    /// Reads what is new or changed, and forgets what is older than `keep_from`, in seconds since 1970. The report will
    /// need the parts within `reach`.
    ///
    /// # Errors
    /// If it cannot be written; what was kept before is kept.
    pub fn refresh(
        &mut self,
        listing: &[SourceFile],
        options: &ReadOptions,
        keep_from: Option<i64>,
        reach: &Reach,
        progress: &Progress,
    ) -> Result<Refreshed, StateError> {
        self.manifest.roles |= options.roles == Roles::Traced;
        let options = ReadOptions {
            roles: match self.manifest.roles {
                true => Roles::Traced,
                false => Roles::Ignored,
            },
            verify: None,
            ..options.clone()
        };
        let sources: Vec<&SourceFile> = listing
            .iter()
            .filter(|file| !matches!(file.found, Found::Pruned(_)))
            .collect();
        let listed: Vec<SeenFile> = sources.iter().map(|file| listed(file)).collect();
        let damaged = self.damaged(&options, reach);
        let wanted = Wants {
            roles: self.manifest.roles,
            max_decoded_bytes: options.max_decoded_bytes,
        };
        let todo = refresh::refresh(&self.parts, &listed, &damaged, wanted);
        for &(position, again, lost) in &todo.damaged {
            let name = self.parts[position].extract_name();
            self.notices
                .push(StateNotice::Damaged { name, again, lost });
        }
        for &(place, position) in &todo.doubled {
            self.notices.push(StateNotice::Doubled {
                address: listed[place].address.clone(),
                name: self.parts[position].extract_name(),
            });
        }
        let mut done = Refreshed {
            listed: listed.len() as u64,
            ..Refreshed::default()
        };
        let dropped: BTreeSet<u64> = todo
            .drop
            .iter()
            .map(|&position| self.parts[position].head.number)
            .collect();
        // What takes the place of dropped parts has to be there with them gone: one manifest says both.
        let replaces = !dropped.is_empty();
        let mut made = Vec::new();
        for (nth, making) in (1..).zip(&todo.make) {
            made.push(self.make(making, (&sources, &listed), &options, progress)?);
            done.files += making.files.len() as u64;
            done.bytes += making
                .files
                .iter()
                .map(|&place| listed[place].size_bytes)
                .sum::<u64>();
            if !replaces && nth % BATCH == 0 {
                self.parts.append(&mut made);
                self.commit()?;
            }
        }
        let has_made = !made.is_empty();
        self.parts.append(&mut made);
        let n_before = self.parts.len();
        self.parts
            .retain(|part| !dropped.contains(&part.head.number));
        let has_forgotten = self.forget(keep_from);
        let n_joined = self.join(&options, progress)?;
        if has_made || has_forgotten || n_joined > 0 || self.parts.len() != n_before {
            self.commit()?;
            self.sweep()?;
        }
        Ok(done)
    }

    /// The parts as files to report from, and those that are outside a reach marked so.
    #[must_use]
    pub fn files(&self, reach: &Reach) -> Vec<SourceFile> {
        let parts = self.parts.iter().filter(|part| !part.is_forgotten);
        let mut files: Vec<SourceFile> = parts
            .map(|part| {
                let name = part.extract_name();
                SourceFile {
                    origin: Origin::File(self.disk.path(&name)),
                    size_bytes: part.head.bytes,
                    stamp: ContentStamp::Unknown,
                    found: match beyond(part, reach) {
                        Some(side) => Found::Pruned(side),
                        None => Found::Readable(FileKind::Log),
                    },
                    name,
                }
            })
            .collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        files
    }

    /// Notes what is about to be told. Until [`Self::end_telling`], a run that ends may have told it.
    ///
    /// # Errors
    /// If it cannot be written; nothing may be told then.
    pub fn begin_telling(
        &mut self,
        news: &News,
        output: Option<TellingOutput>,
    ) -> Result<(), StateError> {
        let text =
            book::text(news.lines.iter().cloned()).map_err(|error| unwritable("book", error))?;
        let (number, from) = self.manifest.book;
        self.disk
            .write_at(&book_name(number), from, text.as_bytes())?;
        self.manifest.telling = Some(WireTelling {
            to: from + text.len() as u64,
            unless: output.map(|output| output.unless),
        });
        self.commit()
    }

    /// Notes that all of it was told.
    ///
    /// # Errors
    /// If it cannot be written; the next run then says of each that it is told again.
    pub fn end_telling(&mut self, news: &News) -> Result<(), StateError> {
        if let Some(telling) = self.manifest.telling.take() {
            self.manifest.book.1 = telling.to;
        }
        news.lines
            .iter()
            .cloned()
            .for_each(|line| self.book.apply(line));
        if self.book.n_lines > self.book.pushes.len() * 2 + MOST_DEAD {
            self.rewrite_book()?;
        }
        self.commit()
    }

    /// Notes that nothing of it was told.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn drop_telling(&mut self) -> Result<(), StateError> {
        let Some(telling) = self.manifest.telling.take() else {
            return Ok(());
        };
        self.manifest.telling = Some(WireTelling {
            to: self.manifest.book.1,
            ..telling
        });
        self.commit()?;
        self.manifest.telling = None;
        Ok(())
    }

    /// Notes up to which second the log of a report went, and that event histories were asked.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn note_report(&mut self, log_to: Option<DateTime<Utc>>) -> Result<(), StateError> {
        let reported = log_to.map(|to| to.timestamp()).max(self.manifest.reported);
        match reported == self.manifest.reported {
            true => Ok(()),
            false => {
                self.manifest.reported = reported;
                self.commit()
            }
        }
    }

    /// Notes up to which second event histories were asked and have settled.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn note_histories<'a>(
        &mut self,
        regions: impl Iterator<Item = &'a str>,
        settled: i64,
    ) -> Result<(), StateError> {
        let mut has_moved = false;
        for region in regions {
            let asked = self
                .manifest
                .histories
                .entry(region.to_owned())
                .or_insert(i64::MIN);
            has_moved |= *asked < settled;
            *asked = settled.max(*asked);
        }
        match has_moved {
            true => self.commit(),
            false => Ok(()),
        }
    }

    /// The parts that cannot be used, by position. Of those outside the reach, which this run does not read, only the size
    /// is looked at.
    fn damaged(&self, options: &ReadOptions, reach: &Reach) -> BTreeSet<usize> {
        let threads = Threads::new(options.jobs);
        let places: Vec<usize> = (0..self.parts.len()).collect();
        let is_sound = |position: &usize| {
            let part = &self.parts[*position];
            let name = part.extract_name();
            let has_size = || {
                self.disk
                    .size(&name)
                    .is_ok_and(|bytes| bytes == part.head.bytes)
            };
            let has_hash = || {
                let hash = self.disk.hash(&name);
                hash.is_ok_and(|hash| hash.to_string() == part.head.sha256)
            };
            part.is_forgotten || has_size() && (beyond(part, reach).is_some() || has_hash())
        };
        let checked = threads.within(|| threads::map(places, |place| (place, is_sound(&place))));
        let damaged = checked.into_iter().filter(|(_, is_sound)| !is_sound);
        damaged.map(|(place, _)| place).collect()
    }

    /// Makes a part, which nothing refers to yet.
    fn make(
        &mut self,
        making: &Making,
        (sources, listed): (&[&SourceFile], &[SeenFile]),
        options: &ReadOptions,
        progress: &Progress,
    ) -> Result<StatePart, StateError> {
        let files: Vec<SourceFile> = making
            .files
            .iter()
            .map(|&place| sources[place].clone())
            .collect();
        let known: Vec<KnownFile> = making
            .files
            .iter()
            .map(|&place| KnownFile {
                address: listed[place].address.clone(),
                size_bytes: listed[place].size_bytes,
                stamp: listed[place].stamp.clone(),
                has_failed: false,
            })
            .collect();
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        let (mut part, failed) = self.extract(&files, options, progress)?;
        part.files = known
            .into_iter()
            .zip(names)
            .map(|(file, name)| KnownFile {
                has_failed: failed.contains(name),
                ..file
            })
            .collect();
        part.head.group.clone_from(&making.group);
        part.head.alone = making.alone;
        part.head.roles = options.roles == Roles::Traced;
        self.list(&part)?;
        Ok(part)
    }

    /// Writes the extract of files under a number of its own; returns the part, without its files and its group, and the
    /// names of the files that could not be read.
    fn extract(
        &mut self,
        files: &[SourceFile],
        options: &ReadOptions,
        progress: &Progress,
    ) -> Result<(StatePart, BTreeSet<String>), StateError> {
        let number = self.manifest.next;
        self.manifest.next += 1;
        let (extracted, bytes, hash) = self.disk.write_new(&extract_name(number), |out| {
            let mut packed = zstd::Encoder::new(out, LEVEL)?;
            packed.include_checksum(true)?;
            let extracted = ingest::extract(files, options, progress, &mut packed)?;
            packed.finish()?;
            Ok(extracted)
        })?;
        let (mut failed, mut limit) = (BTreeSet::new(), None);
        for problem in &extracted.problems {
            let name = extracted.coverage.elsewhere.get(problem.at.file.0 as usize);
            match &problem.kind {
                ProblemKind::Unreadable { .. } => failed.extend(name.cloned()),
                ProblemKind::TooLarge { limit: passed } => limit = limit.max(Some(*passed)),
                ProblemKind::Empty
                | ProblemKind::Undecodable { .. }
                | ProblemKind::NotCloudTrail { .. }
                | ProblemKind::Truncated { .. }
                | ProblemKind::BadRecord { .. }
                | ProblemKind::BadField { .. }
                | ProblemKind::HalfPair
                | ProblemKind::ConflictingDuplicate { .. }
                | ProblemKind::Integrity { .. }
                | ProblemKind::BadTable { .. }
                | ProblemKind::BadCoverage { .. }
                | ProblemKind::MoreConflicts { .. }
                | ProblemKind::More { .. } => {}
            }
        }
        let covered = extracted.coverage.interval();
        let head = PartHead {
            version: PART_VERSION,
            number,
            group: String::new(),
            alone: false,
            files: 0,
            records: extracted.n_records,
            bytes,
            sha256: hash.to_string(),
            first: covered.map(|covered| covered.from.timestamp()),
            last: covered.map(|covered| covered.to.timestamp()),
            roles: false,
            limit,
        };
        let part = StatePart {
            head,
            files: Vec::new(),
            is_forgotten: false,
        };
        Ok((part, failed))
    }

    /// Writes the list of a part.
    fn list(&self, part: &StatePart) -> Result<(), StateError> {
        let text =
            part::write(&part.head, &part.files).map_err(|error| unwritable("list", error))?;
        let name = list_name(part.head.number);
        self.disk
            .write_new(&name, |out| out.write_all(text.as_bytes()))?;
        Ok(())
    }

    /// Marks parts whose records are all too old; returns whether there were any.
    fn forget(&mut self, keep_from: Option<i64>) -> bool {
        let Some(keep_from) = keep_from else {
            return false;
        };
        let mut has_forgotten = false;
        for part in &mut self.parts {
            let is_old = part.head.last.is_some_and(|last| last < keep_from);
            has_forgotten |= is_old && !part.is_forgotten;
            part.is_forgotten |= is_old;
        }
        has_forgotten
    }

    /// Joins parts of groups that have many; returns how many groups.
    fn join(&mut self, options: &ReadOptions, progress: &Progress) -> Result<usize, StateError> {
        let joins = refresh::joins(&self.parts);
        let mut joined: BTreeSet<u64> = BTreeSet::new();
        let mut made = Vec::new();
        for group in &joins {
            let parts = group.iter().map(|&position| &self.parts[position]);
            let files: Vec<SourceFile> = parts
                .clone()
                .map(|part| SourceFile {
                    origin: Origin::File(self.disk.path(&part.extract_name())),
                    name: part.extract_name(),
                    size_bytes: part.head.bytes,
                    stamp: ContentStamp::Unknown,
                    found: Found::Readable(FileKind::Log),
                })
                .collect();
            let known = parts
                .clone()
                .flat_map(|part| part.files.iter().cloned())
                .collect();
            let has_roles = parts.clone().all(|part| part.head.roles);
            let limit = parts.clone().filter_map(|part| part.head.limit).min();
            let name = parts.clone().next().map(|part| part.head.group.clone());
            joined.extend(parts.map(|part| part.head.number));
            // Extracts are read whole, whatever the cap on one file of the input.
            let options = ReadOptions {
                max_decoded_bytes: u64::MAX,
                ..options.clone()
            };
            let (mut part, _) = self.extract(&files, &options, progress)?;
            part.files = known;
            part.head.group = name.unwrap_or_default();
            part.head.roles = has_roles;
            part.head.limit = limit;
            self.list(&part)?;
            made.push(part);
        }
        self.parts
            .retain(|part| !joined.contains(&part.head.number));
        self.parts.append(&mut made);
        Ok(joins.len())
    }

    /// Replaces the manifest by one that names the parts that are there now.
    fn commit(&mut self) -> Result<(), StateError> {
        self.disk.sync_folder(PARTS)?;
        self.parts.sort_by_key(|part| part.head.number);
        let mut sealed = BTreeMap::new();
        for list in self.manifest.parts.iter().chain(&self.manifest.forgotten) {
            sealed.insert(list.0, list.1.clone());
        }
        let (mut parts, mut forgotten) = (Vec::new(), Vec::new());
        for part in &self.parts {
            let number = part.head.number;
            let hash = match sealed.remove(&number) {
                Some(hash) => hash,
                None => self
                    .disk
                    .hash(&list_name(number))
                    .map_err(|source| StateError::Io {
                        doing: format!("read `{}`", self.disk.path(&list_name(number)).display()),
                        source,
                    })?
                    .to_string(),
            };
            match part.is_forgotten {
                true => forgotten.push((number, hash)),
                false => parts.push((number, hash)),
            }
        }
        (self.manifest.parts, self.manifest.forgotten) = (parts, forgotten);
        let text = self
            .manifest
            .text()
            .map_err(|error| unwritable("manifest", error))?;
        self.disk.replace(MANIFEST, text.as_bytes())
    }

    /// Removes what no manifest names.
    fn sweep(&self) -> Result<(), StateError> {
        let named: BTreeMap<u64, bool> = self
            .parts
            .iter()
            .map(|part| (part.head.number, part.is_forgotten))
            .collect();
        for name in self.disk.names(PARTS)? {
            let Some(number) = number_of(&name) else {
                continue;
            };
            let is_list = name.ends_with(".files.jsonl");
            let is_needed = match named.get(&number) {
                Some(is_forgotten) => is_list || !is_forgotten,
                None => false,
            };
            if !is_needed {
                self.disk.remove(&format!("{PARTS}/{name}"));
            }
        }
        for name in self.disk.names("")? {
            let is_old_book =
                book_number(&name).is_some_and(|number| number != self.manifest.book.0);
            if is_old_book || name.ends_with(".new") && is_own(&name) {
                self.disk.remove(&name);
            }
        }
        Ok(())
    }

    /// Reads the lists of the parts that the manifest names. A part whose list is damaged cannot be used: its files are
    /// not known to be read, so they are read again if they are there.
    fn read_parts(&mut self) {
        let lists = self.manifest.parts.iter().map(|list| (list, false));
        let lists = lists.chain(self.manifest.forgotten.iter().map(|list| (list, true)));
        for ((number, sha256), is_forgotten) in lists {
            match read_list(&self.disk, *number, Some(sha256)) {
                Ok(part) => self.parts.push(StatePart {
                    is_forgotten,
                    ..part
                }),
                Err(why) => self.notices.push(StateNotice::BadList {
                    name: list_name(*number),
                    why,
                }),
            }
        }
        self.parts.sort_by_key(|part| part.head.number);
    }

    /// Reads the book, and decides what became of a telling that a run before began.
    fn read_book(&mut self) -> Result<(), StateError> {
        let (number, n_bytes) = self.manifest.book;
        let name = book_name(number);
        let telling = self.manifest.telling.take();
        let read = || -> Result<(ToldBook, Vec<BookLine>), String> {
            let bytes = match self.disk.read(&name, MOST_BYTES) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::NotFound && n_bytes == 0 => Vec::new(),
                Err(error) => return Err(error.to_string()),
            };
            let text = |from: u64, to: u64| {
                let range = usize::try_from(from).ok()?..usize::try_from(to).ok()?;
                std::str::from_utf8(bytes.get(range)?).ok()
            };
            let whole = text(0, n_bytes).ok_or("it is shorter than it was")?;
            let end = telling.as_ref().map_or(n_bytes, |telling| telling.to);
            let tail = text(n_bytes, end).ok_or("it is shorter than it was")?;
            let lines = tail.lines().map(serde_json::from_str);
            let lines: Result<Vec<BookLine>, _> = lines.collect();
            Ok((
                ToldBook::read(whole)?,
                lines.map_err(|error| error.to_string())?,
            ))
        };
        let tail = match read() {
            Ok((book, tail)) => {
                self.book = book;
                tail
            }
            Err(why) => {
                self.notices.push(StateNotice::LostBook { why });
                self.manifest.book = (number + 1, 0);
                return self.commit();
            }
        };
        let Some(telling) = telling else {
            return Ok(());
        };
        match &telling.unless {
            // It was noted before that nothing was told, and only the file was not removed yet.
            Some(unless) if telling.to == n_bytes => {
                remove_outside(unless);
                Ok(())
            }
            // The file was not renamed, so that nobody has read it. That is noted before it is removed.
            Some(unless) if unless.exists() => {
                self.manifest.telling = Some(WireTelling {
                    to: n_bytes,
                    unless: Some(unless.clone()),
                });
                self.commit()?;
                remove_outside(unless);
                self.manifest.telling = None;
                Ok(())
            }
            Some(_) => {
                tail.into_iter().for_each(|line| self.book.apply(line));
                self.manifest.book.1 = telling.to;
                self.commit()
            }
            None => {
                // Whoever saw nothing of it still has what was told before, so that nothing of that is gone.
                for line in tail {
                    match line {
                        BookLine::Told(push) => {
                            let maybe = book::ToldPush {
                                maybe: true,
                                ..push
                            };
                            self.book.apply(BookLine::Told(maybe));
                        }
                        BookLine::Gone(_) => {}
                    }
                }
                self.rewrite_book()?;
                self.commit()
            }
        }
    }

    /// Writes the book anew, under the next number; the next commit makes it the one that counts.
    fn rewrite_book(&mut self) -> Result<(), StateError> {
        let text = book::text(self.book.lines()).map_err(|error| unwritable("book", error))?;
        let number = self.manifest.book.0 + 1;
        self.disk.write_at(&book_name(number), 0, text.as_bytes())?;
        self.manifest.book = (number, text.len() as u64);
        self.book.n_lines = self.book.all().count();
        Ok(())
    }
}

impl Drop for StateDir {
    /// A run that comes to its end, whatever that is, takes its name off the lock; one that is killed does not.
    fn drop(&mut self) {
        // Whoever cannot write that has been told of the disk before.
        let _ = self.lock.set_len(0);
    }
}

/// Removes the file of a telling that was not made.
fn remove_outside(path: &Path) {
    // Whoever cannot remove it finds it there the next time, which says the same.
    let _ = std::fs::remove_file(path);
}

fn unwritable(what: &str, error: serde_json::Error) -> StateError {
    StateError::Io {
        doing: format!("write the {what} of the state"),
        source: error.into(),
    }
}

fn book_name(number: u64) -> String {
    format!("told-{number}.jsonl")
}

fn book_number(name: &str) -> Option<u64> {
    name.strip_prefix("told-")?
        .strip_suffix(".jsonl")?
        .parse()
        .ok()
}

/// Whether a name at the top of the directory is one of ours.
fn is_own(name: &str) -> bool {
    let name = name.strip_suffix(".new").unwrap_or(name);
    [MANIFEST, LOCK, PARTS].contains(&name)
        || name.starts_with("version-")
        || book_number(name).is_some()
}

/// Refuses a directory that holds something else, and tells of what does not belong to a state.
fn check_own(disk: &Disk, notices: &mut Vec<StateNotice>) -> Result<(), StateError> {
    let names = disk.names("")?;
    let is_state = names
        .iter()
        .any(|name| name == MANIFEST || name == PARTS || name == LOCK);
    for name in names.into_iter().filter(|name| !is_own(name)) {
        match is_state {
            true => notices.push(StateNotice::Foreign { name }),
            false => {
                let path = disk.root().to_path_buf();
                return Err(StateError::Foreign { path, name });
            }
        }
    }
    let inside = disk
        .names(PARTS)?
        .into_iter()
        .filter(|name| number_of(name).is_none());
    notices.extend(inside.map(|name| StateNotice::Foreign {
        name: format!("{PARTS}/{name}"),
    }));
    Ok(())
}

/// Takes the lock. What an earlier holder wrote is still there if it did not end by itself.
fn lock(disk: &Disk, holder: &str, notices: &mut Vec<StateNotice>) -> Result<File, StateError> {
    let path = disk.path(LOCK);
    let failed = |source| StateError::Io {
        doing: format!("lock `{}`", path.display()),
        source,
    };
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let mut file = options.open(&path).map_err(failed)?;
    let mut before = String::new();
    // Whoever starts a program holds its locks until that program runs, also those that were given up meanwhile.
    let mut taken = file.try_lock();
    for _ in 0..LOCK_TRIES {
        if !matches!(taken, Err(TryLockError::WouldBlock)) {
            break;
        }
        thread::sleep(LOCK_PAUSE);
        taken = file.try_lock();
    }
    // What another process wrote is for people; whatever it is, it is no reason to stop.
    let _ = (&file).take(300).read_to_string(&mut before);
    let before = before.trim().to_owned();
    match taken {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(StateError::Locked {
                path: disk.root().to_path_buf(),
                holder: before,
            });
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    if !before.is_empty() {
        notices.push(StateNotice::Unfinished { holder: before });
    }
    let write = |file: &mut File| {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{holder}")
    };
    write(&mut file).map_err(failed)?;
    Ok(file)
}

/// Reads the manifest, and whether it has to be written; one of another version is put aside with its parts, and one that is
/// damaged is made anew from them.
fn read_manifest(
    disk: &Disk,
    notices: &mut Vec<StateNotice>,
) -> Result<(StateManifest, bool), StateError> {
    let failed = |source| StateError::Io {
        doing: format!("read `{}`", disk.path(MANIFEST).display()),
        source,
    };
    let bytes = match disk.read(MANIFEST, MOST_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let has_parts = disk
                .names(PARTS)?
                .iter()
                .any(|name| name.ends_with(".files.jsonl"));
            // A first run that ended before its first manifest leaves parts that are as good as any.
            return Ok((rebuilt(disk)?, has_parts));
        }
        Err(error) => return Err(failed(error)),
    };
    match StateManifest::read(&String::from_utf8_lossy(&bytes)) {
        Ok(manifest) => Ok((manifest, false)),
        Err(BadManifest::Version(version)) => {
            let aside = format!("version-{version}");
            disk.make_folder(&aside)?;
            for name in disk.names("")? {
                let is_content = name == MANIFEST || name == PARTS || book_number(&name).is_some();
                if is_content {
                    disk.rename(&name, &format!("{aside}/{name}"))?;
                }
            }
            disk.make_folder(PARTS)?;
            notices.push(StateNotice::OtherVersion {
                kept: disk.path(&aside).display().to_string(),
            });
            Ok((StateManifest::default(), true))
        }
        Err(BadManifest::Damaged(why)) => {
            notices.push(StateNotice::BadManifest { why });
            Ok((rebuilt(disk)?, true))
        }
    }
}

/// A manifest of the parts that are there and sound: each that has a file that no later part has.
fn rebuilt(disk: &Disk) -> Result<StateManifest, StateError> {
    let mut manifest = StateManifest::default();
    let mut parts = Vec::new();
    let numbers: BTreeSet<u64> = disk
        .names(PARTS)?
        .iter()
        .filter_map(|name| number_of(name))
        .collect();
    for number in numbers {
        manifest.next = manifest.next.max(number + 1);
        let Ok(part) = read_list(disk, number, None) else {
            continue;
        };
        let hash = disk.hash(&part.extract_name());
        if hash.is_ok_and(|hash| hash.to_string() == part.head.sha256) {
            parts.push(part);
        }
    }
    for (position, own) in refresh::owned(&parts) {
        let number = parts[position].head.number;
        if own.is_empty() {
            continue;
        }
        manifest.roles |= parts[position].head.roles;
        if let Ok(hash) = disk.hash(&list_name(number)) {
            manifest.parts.push((number, hash.to_string()));
        }
    }
    manifest.parts.sort_unstable();
    let books = disk.names("")?;
    if let Some(number) = books.iter().filter_map(|name| book_number(name)).max() {
        // Nobody knows what of it was told to the end, and nothing may be dropped: all of it is told again.
        let bytes = disk
            .read(&book_name(number), MOST_BYTES)
            .unwrap_or_default();
        let whole = bytes
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |end| end + 1);
        manifest.book = (number, 0);
        manifest.telling = Some(WireTelling {
            to: whole as u64,
            unless: None,
        });
    }
    Ok(manifest)
}

fn read_list(disk: &Disk, number: u64, sha256: Option<&String>) -> Result<StatePart, String> {
    let bytes = disk
        .read(&list_name(number), MOST_BYTES)
        .map_err(|error| error.to_string())?;
    let hash = crate::source::ContentHash::of(&bytes).to_string();
    if sha256.is_some_and(|sha256| *sha256 != hash) {
        return Err("its hash is another one".to_owned());
    }
    let part = part::read(std::str::from_utf8(&bytes).map_err(|error| error.to_string())?)?;
    match part.head.number == number {
        true => Ok(part),
        false => Err("it is the list of another part".to_owned()),
    }
}

/// A file of the input, by an address that does not depend on where the run was started.
fn listed(file: &SourceFile) -> SeenFile {
    SeenFile {
        address: match &file.origin {
            Origin::File(path) => absolute(path).to_string_lossy().into_owned(),
            // What is asked for anew each time has a name of its own each time.
            Origin::Reader(_) => file.name.clone(),
            Origin::Object(_) => file.origin.shown(),
        },
        size_bytes: file.size_bytes,
        stamp: file.stamp.clone(),
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// The end at which all records of a part are outside a reach.
fn beyond(part: &StatePart, reach: &Reach) -> Option<Side> {
    let (first, last) = (part.head.first?, part.head.last?);
    match (reach.from, reach.to) {
        (Some(from), _) if last < from.timestamp() => Some(Side::Before),
        (_, Some(to)) if first > to.timestamp() => Some(Side::After),
        (Some(_) | None, _) => None,
    }
}

/// The version, for whoever tells of it.
#[must_use]
pub fn version() -> u32 {
    STATE_VERSION
}
