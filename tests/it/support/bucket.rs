//! A bucket in memory.
//!
//! In: objects. Out: listings and bytes as S3 gives them, and what was asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor};
use std::sync::{Arc, Mutex};

use reconstruct::problem::StoreError;
use reconstruct::source::ObjectStore;
use reconstruct::source::store::{Body, Depth, ListedObject, ListingPage, Query};

use super::script::Files;

/// Objects by key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    objects: Arc<BTreeMap<String, Vec<u8>>>,
    /// The metadata `signature` of some of them.
    pub(crate) signatures: BTreeMap<String, String>,
    /// The most entries of a page.
    page: usize,
}

impl Tree {
    /// A bucket that gives pages of so many entries.
    pub(crate) fn new(files: &Files, page: usize) -> Self {
        let objects = files.iter().cloned().collect();
        Self {
            objects: Arc::new(objects),
            signatures: BTreeMap::new(),
            page,
        }
    }

    /// The bytes of an object.
    pub(crate) fn object(&self, key: &str) -> Option<&[u8]> {
        self.objects.get(key).map(Vec::as_slice)
    }

    /// A page, as the S3 API reference has it: a folder counts as one entry, at its first key.
    pub(crate) fn page(&self, query: &Query<'_>) -> ListingPage {
        let from = query.token.or(query.after).unwrap_or_default();
        let most = self.page.min(query.most.into());
        let mut page = ListingPage::default();
        let mut folders = BTreeSet::new();
        let mut last: &str = from;
        for (key, content) in self.objects.range(from.to_owned()..) {
            let Some(rest) = key.strip_prefix(query.prefix) else {
                continue;
            };
            let folder = match (query.depth, rest.find('/')) {
                (Depth::Folder, Some(end)) => Some(&key[..query.prefix.len() + end + 1]),
                (Depth::Folder, None) | (Depth::Everything, _) => None,
            };
            // A token names the last key or folder that was given.
            let is_given = key == from || folder.is_some_and(|folder| folder == from);
            if is_given || folder.is_some_and(|folder| folders.contains(folder)) {
                continue;
            }
            if page.objects.len() + page.folders.len() == most {
                page.next = Some(last.to_owned());
                break;
            }
            match folder {
                Some(folder) => {
                    folders.insert(folder);
                    page.folders.push(folder.to_owned());
                    last = folder;
                }
                None => {
                    page.objects.push(ListedObject {
                        key: key.clone(),
                        size_bytes: content.len() as u64,
                        tag: Some(format!("\"{:016x}\"", fnv(content))),
                    });
                    last = key;
                }
            }
        }
        page
    }
}

/// A tag of a content.
fn fnv(content: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    content.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// A client of such a bucket, for the library.
#[derive(Debug)]
pub(crate) struct Fake {
    pub(crate) tree: Tree,
    pub(crate) connections: usize,
    /// Objects that the listing makes one byte large.
    pub(crate) grown: BTreeSet<String>,
    /// Objects that cannot be read.
    pub(crate) denied: BTreeSet<String>,
    /// The keys that were listed.
    pub(crate) listed: Mutex<BTreeSet<String>>,
}

impl Fake {
    pub(crate) fn new(tree: Tree, connections: usize) -> Self {
        Self {
            tree,
            connections,
            grown: BTreeSet::new(),
            denied: BTreeSet::new(),
            listed: Mutex::new(BTreeSet::new()),
        }
    }
}

impl ObjectStore for Fake {
    fn list(&self, query: &Query<'_>) -> Result<ListingPage, StoreError> {
        let mut page = self.tree.page(query);
        for ListedObject {
            key, size_bytes, ..
        } in &mut page.objects
        {
            if self.grown.contains(key) {
                *size_bytes = 1;
            }
            let mut listed = self.listed.lock().expect("no panic");
            listed.insert(key.clone());
        }
        Ok(page)
    }

    fn get(&self, key: &str) -> io::Result<Body> {
        if self.denied.contains(key) {
            return Err(io::Error::other("AccessDenied: no"));
        }
        let content = self.tree.object(key).ok_or(io::ErrorKind::NotFound)?;
        Ok(Body {
            reader: Box::new(Cursor::new(content.to_vec())),
            signature: self.tree.signatures.get(key).cloned(),
        })
    }

    fn connections(&self) -> usize {
        self.connections
    }
}
