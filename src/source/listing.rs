//! Finds the objects of the input.
//!
//! Comes in: the parts of buckets that the user named. Goes out: the files that [`discover`] would find in a
//! directory with that tree, without folders whose names rule them out. Never: more than one page in memory
//! for each connection, or a listing of days that nobody asked for.
//!
//! [`discover`]: crate::source::discover

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::problem::{Error, StoreError};
use crate::source::layout::{Folder, Level};
use crate::source::store::{Depth, ListedObject, ListingPage, Prefix, Query, StoredObject};
use crate::source::{ContentStamp, FileKind, Found, Origin, SourceFile};

/// The number of entries in a full page.
const PAGE: u16 = 1_000;

/// The number of entries requested when looking for one object; marks of folders may come before it.
const FEW: u16 = 8;

/// How many pages without an entry may follow one another. Some stores pass over deleted objects in this way.
const MOST_EMPTY: u32 = 1_000;

/// The most entries under one name; a listing without an end would fill the memory.
const MOST_LISTED: u64 = 1 << 25;

/// How many folders deep `AWSLogs` is looked for; below that, everything is listed flat.
const DEEPEST: usize = 3;

/// Something to list.
struct Task<'a> {
    prefix: &'a Prefix,
    folder: String,
    how: How,
}

#[derive(Clone, Copy)]
enum How {
    /// Whether there is an object of this exact name, or a folder.
    Probe,
    /// Objects and folders in the folder.
    Folder,
    /// Everything below the folder, within the wanted dates.
    Everything,
}

/// What a task found.
#[derive(Default)]
struct Listed<'a> {
    files: Vec<SourceFile>,
    /// The hidden entries among them.
    hidden: BTreeSet<String>,
    further: Vec<Task<'a>>,
    /// Whether anything is there, wanted or not.
    is_there: bool,
}

/// Lists the objects, with as many requests at once as the buckets' clients accept.
///
/// # Errors
/// [`Error::Listing`] if a store refuses, [`Error::NoLogFiles`] if a typed name has nothing. A name from a
/// list, which may be older than the bucket, then gives a file that cannot be read.
pub(super) fn list(typed: &[&Prefix], listed: &[&Prefix]) -> Result<Vec<SourceFile>, Error> {
    let mut files = Vec::new();
    let mut tasks: Vec<_> = typed.iter().chain(listed).copied().map(root).collect();
    let n_roots = tasks.len();
    let mut is_first = true;
    while !tasks.is_empty() {
        let mut further = Vec::new();
        for (at, (task, listed)) in tasks.iter().zip(run(&tasks)).enumerate() {
            let prefix = task.prefix;
            let listed = listed.map_err(|source| Error::Listing {
                address: prefix.address(),
                source,
            })?;
            if is_first && !listed.is_there {
                if at < typed.len() {
                    let path = prefix.address().into();
                    return Err(Error::NoLogFiles { path });
                }
                files.push(absent(task));
            }
            files.extend(listed.files);
            further.extend(listed.further);
        }
        tasks = further;
        is_first = false;
    }
    if n_roots > 1 {
        let mut seen = BTreeSet::new();
        files.retain(|file| seen.insert(file.origin.shown()));
    }
    Ok(files)
}

fn root(prefix: &Prefix) -> Task<'_> {
    let is_folder = prefix.path.is_empty() || prefix.path.ends_with('/');
    Task {
        prefix,
        folder: prefix.path.clone(),
        how: match is_folder {
            true => How::Folder,
            false => How::Probe,
        },
    }
}

/// The entry for a name from a list under which there is nothing.
fn absent(task: &Task<'_>) -> SourceFile {
    let path = &task.prefix.path;
    let name = path.trim_end_matches('/').rsplit('/').next();
    let file = match name.filter(|name| !name.is_empty()) {
        Some(name) => task.file(&nothing(path), name),
        None => task.file(&nothing(path), &task.prefix.address()),
    };
    let reason = "no such object or folder".to_owned();
    SourceFile {
        found: Found::Unreadable { reason },
        ..file
    }
}

/// Runs all tasks; returns the results in their order.
fn run<'a>(tasks: &[Task<'a>]) -> Vec<Result<Listed<'a>, StoreError>> {
    let connections = tasks
        .iter()
        .map(|task| task.prefix.bucket.store.connections());
    let n_threads = connections.max().unwrap_or(1).min(tasks.len());
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(tasks.len()));
    let work = || {
        while let Some((at, task)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            tasks.get(at).map(|task| (at, task))
        } {
            let listed = task.list();
            if listed.is_err() {
                // Results of tasks that have not started would be useless.
                next.store(tasks.len(), Ordering::Relaxed);
            }
            if let Ok(mut done) = done.lock() {
                done.push((at, listed));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..n_threads {
            scope.spawn(work);
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, listed)| listed).collect()
}

/// The pages of one listing, which has to come to an end.
#[derive(Default)]
struct Pages {
    token: Option<String>,
    has_ended: bool,
    last: String,
    n_empty: u32,
    n_listed: u64,
}

impl Pages {
    /// The next page; `None` after the last.
    fn next(
        &mut self,
        task: &Task<'_>,
        query: Query<'_>,
    ) -> Result<Option<ListingPage>, StoreError> {
        if self.has_ended {
            return Ok(None);
        }
        let page = task.page(&Query {
            token: self.token.as_deref(),
            ..query
        })?;
        self.goes_on(&page)?;
        self.has_ended = page.next.is_none();
        self.token.clone_from(&page.next);
        Ok(Some(page))
    }

    /// Whether a page can be one of a listing that ends: its names come after those before (S3 API reference,
    /// "ListObjectsV2": in the order of their bytes).
    fn goes_on(&mut self, page: &ListingPage) -> Result<(), StoreError> {
        let names = page
            .objects
            .iter()
            .map(|object| &object.key)
            .chain(&page.folders);
        let (first, last) = (names.clone().min(), names.max());
        self.n_listed += (page.objects.len() + page.folders.len()) as u64;
        self.n_empty = match last {
            Some(_) => 0,
            None => self.n_empty + 1,
        };
        let repeats = page.next.is_some() && page.next == self.token;
        let returns = first.is_some_and(|first| *first <= self.last) && !self.last.is_empty();
        if repeats || returns || self.n_empty > MOST_EMPTY {
            return Err("the store lists in circles: a page repeats one before it".into());
        }
        if self.n_listed > MOST_LISTED {
            return Err(format!("the listing has more than {MOST_LISTED} entries").into());
        }
        if let Some(last) = last {
            self.last.clone_from(last);
        }
        Ok(())
    }
}

impl<'a> Task<'a> {
    fn list(&self) -> Result<Listed<'a>, StoreError> {
        let mut listed = Listed::default();
        match self.how {
            How::Probe => self.probe(&mut listed)?,
            How::Folder => self.folder(&mut listed)?,
            How::Everything => self.everything(&mut listed)?,
        }
        Ok(listed)
    }

    fn query(&self, depth: Depth) -> Query<'_> {
        Query {
            prefix: &self.folder,
            after: None,
            depth,
            most: PAGE,
            token: None,
        }
    }

    /// Finds out whether the name belongs to an object or a folder.
    fn probe(&self, listed: &mut Listed<'a>) -> Result<(), StoreError> {
        let query = Query {
            most: 1,
            ..self.query(Depth::Everything)
        };
        let page = self.page(&query)?;
        let mut objects = page.objects.iter();
        if let Some(object) = objects.find(|object| object.key == self.folder) {
            let name = object.key.rsplit('/').next().unwrap_or(&object.key);
            listed.is_there = true;
            listed.files.push(self.file(object, name));
            return Ok(());
        }
        let folder = Self {
            folder: format!("{}/", self.folder),
            how: How::Folder,
            prefix: self.prefix,
        };
        folder.folder(listed)
    }

    /// Lists one folder, and notes what to list next.
    fn folder(&self, listed: &mut Listed<'a>) -> Result<(), StoreError> {
        let mut pages = Pages::default();
        while let Some(page) = pages.next(self, self.query(Depth::Folder))? {
            for object in &page.objects {
                self.object(listed, object);
            }
            for folder in page.folders {
                self.enter(listed, folder);
            }
        }
        Ok(())
    }

    /// Adds a folder to the next round, unless nothing in it is wanted.
    fn enter(&self, listed: &mut Listed<'a>, folder: String) {
        listed.is_there = true;
        let place = Folder::of(&folder);
        let below = folder.strip_prefix(self.root()).unwrap_or(&folder);
        if hidden(below.trim_end_matches('/')).is_some() {
            return self.object(listed, &nothing(&folder[..folder.len() - 1]));
        }
        if !self.is_wanted(&place) {
            return;
        }
        let how = match place.level {
            Level::Above if below.matches('/').count() < DEEPEST => How::Folder,
            Level::Inside => How::Folder,
            Level::Above | Level::Region { .. } | Level::Foreign => How::Everything,
        };
        listed.further.push(Task {
            prefix: self.prefix,
            folder,
            how,
        });
    }

    /// Lists everything below a folder. Below a region it lists only the wanted days, and one object before
    /// and after them, if there is any, to show that the log continues there.
    fn everything(&self, listed: &mut Listed<'a>) -> Result<(), StoreError> {
        let (first, last) = self.days();
        let query = self.query(Depth::Everything);
        if let Some(first) = &first {
            let page = self.page(&Query { most: FEW, ..query })?;
            listed.is_there |= !page.objects.is_empty();
            let mut earlier = page.objects.iter().filter(|object| object.key <= *first);
            if let Some(object) = earlier.find(|object| !object.key.ends_with('/')) {
                self.object(listed, object);
            }
        }
        let mut pages = Pages::default();
        let query = Query {
            after: first.as_deref(),
            ..query
        };
        while let Some(page) = pages.next(self, query)? {
            for object in &page.objects {
                self.object(listed, object);
                let key = &object.key;
                if last.as_ref().is_some_and(|last| key > last) && !key.ends_with('/') {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The keys that bound the wanted days of a region.
    fn days(&self) -> (Option<String>, Option<String>) {
        let Level::Region { root } = Folder::of(&self.folder).level else {
            return (None, None);
        };
        let (first, last) = self.prefix.scope.reach().days();
        let first = first.map(|day| format!("{root}{}", day.format("%Y/%m/%d")));
        // The character after `/`: greater than all keys of the day, and less than those of the next.
        let last = last.map(|day| format!("{root}{}0", day.format("%Y/%m/%d")));
        (first, last)
    }

    fn page(&self, query: &Query<'_>) -> Result<ListingPage, StoreError> {
        self.prefix.bucket.store.list(query)
    }

    fn is_wanted(&self, place: &Folder<'_>) -> bool {
        let scope = &self.prefix.scope;
        place.account.is_none_or(|name| scope.has_account(name))
            && place.region.is_none_or(|name| scope.has_region(name))
    }

    /// The folder that names are relative to, with its `/`.
    fn root(&self) -> &str {
        // Only keys inside a folder are requested, so a name that is not a folder's ends before one.
        let len = self.prefix.path.len();
        match self.prefix.path.ends_with('/') || len == 0 {
            true => &self.prefix.path,
            false => self.folder.get(..=len).unwrap_or_default(),
        }
    }

    /// Lists an object, unless it marks a folder or is not wanted.
    fn object(&self, listed: &mut Listed<'a>, object: &ListedObject) {
        let key = object.key.as_str();
        listed.is_there = true;
        if key.ends_with('/') || !self.is_wanted(&Folder::of(key)) {
            return;
        }
        let name = key.strip_prefix(self.root()).unwrap_or(key);
        match hidden(name) {
            Some(name) if listed.hidden.insert(name.to_owned()) => listed.files.push(SourceFile {
                found: Found::Hidden,
                ..self.file(&nothing(key), name)
            }),
            Some(_) => {}
            None => listed.files.push(self.file(object, name)),
        }
    }

    fn file(&self, object: &ListedObject, name: &str) -> SourceFile {
        let tag = object.tag.as_deref();
        SourceFile {
            origin: Origin::Object(StoredObject {
                bucket: self.prefix.bucket.clone(),
                key: object.key.clone(),
            }),
            name: name.to_owned(),
            size_bytes: object.size_bytes,
            stamp: tag.map_or(ContentStamp::Unknown, |tag| ContentStamp::Tag(tag.into())),
            found: match object.size_bytes {
                0 => Found::Empty,
                _ => Found::Readable(FileKind::of(&object.key)),
            },
        }
    }
}

/// The entry for a key of which the listing says nothing else.
fn nothing(key: &str) -> ListedObject {
    ListedObject {
        key: key.to_owned(),
        ..ListedObject::default()
    }
}

/// The name up to its first part that starts with a dot, if there is one.
fn hidden(name: &str) -> Option<&str> {
    let mut end = 0;
    for part in name.split('/') {
        end += part.len();
        if part.starts_with('.') {
            return name.get(..end);
        }
        end += 1;
    }
    None
}
