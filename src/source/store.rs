//! What the library needs from an object store.
//!
//! Comes in: names of objects. Goes out: listings and bytes, through the client that was passed in.
//! Never: a connection of its own; the library knows no network and no credentials.

use std::fmt::Debug;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use crate::problem::StoreError;
use crate::source::Reach;

/// A client for one bucket. It retries requests by itself.
pub trait ObjectStore: Debug + Send + Sync {
    /// One page of a listing, in the order of the keys' bytes.
    ///
    /// # Errors
    /// The store's answer, if it finally refuses.
    fn list(&self, query: &Query<'_>) -> Result<ListingPage, StoreError>;

    /// A whole object.
    ///
    /// # Errors
    /// The store's answer, if it finally refuses; the reader's errors are also final.
    fn get(&self, key: &str) -> io::Result<Body>;

    /// How many requests to make at once, at least 1.
    fn connections(&self) -> usize;
}

/// How long a client waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// For the whole answer to a request, or for the begin of an object.
    pub answer: Duration,
    /// For the next piece of an object, so that one byte a second is not waited for.
    pub piece: Duration,
    /// After the first failure; each further one doubles it, up to two hundred times it.
    pub pause: Duration,
    /// From one look-up in an event history to the next (CloudTrail API reference, "LookupEvents": two a second, per
    /// account and region).
    pub lookup: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(60),
            piece: Duration::from_secs(30),
            pause: Duration::from_millis(50),
            lookup: Duration::from_millis(500),
        }
    }
}

/// A whole object that has not been read yet.
pub struct Body {
    /// Its bytes.
    pub reader: Box<dyn Read + Send>,
    /// Its metadata `signature`, in which CloudTrail keeps the signature of a digest file
    /// (CloudTrail user guide, "Custom implementations of CloudTrail log file integrity
    /// validation").
    pub signature: Option<String>,
}

/// What to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query<'a> {
    /// The prefix of the keys.
    pub prefix: &'a str,
    /// Only keys after this one.
    pub after: Option<&'a str>,
    /// Whether to list folders or their contents.
    pub depth: Depth,
    /// The most entries of a page; stores give at most 1,000.
    pub most: u16,
    /// [`ListingPage::next`] of the page before.
    pub token: Option<&'a str>,
}

/// Whether to list folders or their contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Objects and folders directly under the prefix.
    Folder,
    /// All objects under the prefix.
    Everything,
}

/// An object in a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedObject {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Its `ETag`, which changes with its content; `None` if the store gives none.
    pub tag: Option<String>,
}

/// A page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListingPage {
    /// Objects.
    pub objects: Vec<ListedObject>,
    /// Folders, each with its `/`.
    pub folders: Vec<String>,
    /// The token to request the next page with; `None` at the end.
    pub next: Option<String>,
}

/// A bucket with the client that reads it.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Its name.
    pub name: Arc<str>,
    /// The client.
    pub store: Arc<dyn ObjectStore>,
}

impl PartialEq for Bucket {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Bucket {}

/// An object: like a file, but in a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// Where it is.
    pub bucket: Bucket,
    /// Its name there.
    pub key: String,
}

impl StoredObject {
    /// Its address, as users write it.
    #[must_use]
    pub fn address(&self) -> String {
        format!("s3://{}/{}", self.bucket.name, self.key)
    }
}

/// A part of a bucket: one object, or everything below a folder.
#[derive(Clone, Debug)]
pub struct Prefix {
    /// The bucket.
    pub bucket: Bucket,
    /// The key or folder; empty for the whole bucket.
    pub path: String,
    /// Which parts of it are wanted.
    pub scope: Arc<dyn Scope>,
}

impl PartialEq for Prefix {
    fn eq(&self, other: &Self) -> bool {
        self.bucket == other.bucket && self.path == other.path
    }
}

impl Eq for Prefix {}

impl Prefix {
    /// Its address, as users write it.
    #[must_use]
    pub fn address(&self) -> String {
        match &*self.path {
            "" => format!("s3://{}", self.bucket.name),
            path => format!("s3://{}/{path}", self.bucket.name),
        }
    }
}

/// Which accounts, regions and times of a bucket are wanted; CloudTrail's folders are named after
/// them.
pub trait Scope: Debug + Send + Sync {
    /// The stretch of time that is wanted.
    fn reach(&self) -> Reach;
    /// Whether an account is wanted.
    fn has_account(&self, account: &str) -> bool;
    /// Whether a region is wanted.
    fn has_region(&self, region: &str) -> bool;
}

/// Everything is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Everything;

impl Scope for Everything {
    fn reach(&self) -> Reach {
        Reach::default()
    }

    fn has_account(&self, _account: &str) -> bool {
        true
    }

    fn has_region(&self, _region: &str) -> bool {
        true
    }
}
