//! What readers saw of each file, for the check against digest files.
//!
//! Comes in: hashes, digest files and signatures, noted while the files were read. Goes out: all of them
//! together. Never: a second read of a file.

use std::collections::BTreeMap;

use crate::ingest::coverage::Source;
use crate::ingest::timeline::Timeline;
use crate::ingest::verify::verdict::Part;
use crate::location::FileId;
use crate::problem::ProblemKind;
use crate::source::digest_file::file_name;
use crate::source::{ContentHash, DigestFile, SourceFile};

/// What was seen of the files while they were read.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Testimony {
    pub(in crate::ingest) logs: Vec<LogSeen>,
    pub(in crate::ingest) digests: Vec<DigestSeen>,
    /// Signatures in files beside digest files.
    pub(in crate::ingest) signatures: Vec<(Bearer, String)>,
}

/// The file or member that holds a content.
#[derive(Clone, Debug)]
pub(in crate::ingest) struct Bearer {
    pub(in crate::ingest) part: Part,
    /// The path of a member of an archive; `None` for a plain file.
    pub(in crate::ingest) member: Option<Box<str>>,
}

impl Bearer {
    pub(in crate::ingest) fn file(file: FileId) -> Self {
        let (part, member) = (Part::file(file), None);
        Self { part, member }
    }

    /// A member of an archive, by its position in the directory.
    pub(in crate::ingest) fn member(
        file: FileId,
        first_record: u32,
        place: usize,
        path: &str,
    ) -> Self {
        let part = Part {
            file,
            first_record,
            member: u32::try_from(place).unwrap_or(u32::MAX),
        };
        let member = Some(path.into());
        Self { part, member }
    }

    /// Whether it is a member of an archive.
    pub(super) fn is_member(&self) -> bool {
        self.member.is_some()
    }

    /// The last part of its path.
    pub(super) fn name<'a>(&'a self, files: &'a [SourceFile]) -> Option<&'a str> {
        let of_file = || files.get(self.part.file.0 as usize);
        let path = match &self.member {
            Some(path) => path,
            None => of_file()?.name.as_str(),
        };
        Some(file_name(path))
    }
}

/// A file that is not a digest file.
#[derive(Debug)]
pub(in crate::ingest) struct LogSeen {
    pub(in crate::ingest) bearer: Bearer,
    pub(in crate::ingest) content: ContentSeen,
    /// Whether it holds records; if not, it matters only if a digest file lists it.
    pub(in crate::ingest) has_records: bool,
    /// The times of its records, by account and region.
    pub(in crate::ingest) heard: BTreeMap<Source, Timeline>,
}

/// The content of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) enum ContentSeen {
    /// All of it.
    Whole(ContentHash),
    /// The part before a defect of the compression.
    BeforeDefect(ContentHash),
    /// Not read, or not to its end.
    Unread,
    /// A file that cannot be opened, which counts as missing.
    Absent,
}

impl ContentSeen {
    /// The content with that hash, which a defect may have cut short.
    pub(in crate::ingest) fn of(hash: ContentHash, defect: Option<&ProblemKind>) -> Self {
        match defect {
            None => Self::Whole(hash),
            Some(ProblemKind::Undecodable { .. }) => Self::BeforeDefect(hash),
            Some(_) => Self::Unread,
        }
    }

    /// The hash of what was read; `None` if that means nothing.
    pub(in crate::ingest) fn hash(self) -> Option<ContentHash> {
        match self {
            Self::Whole(hash) | Self::BeforeDefect(hash) => Some(hash),
            Self::Unread | Self::Absent => None,
        }
    }
}

/// A digest file.
#[derive(Debug)]
pub(in crate::ingest) struct DigestSeen {
    pub(in crate::ingest) bearer: Bearer,
    pub(in crate::ingest) hash: ContentHash,
    pub(in crate::ingest) digest: DigestFile,
    /// The signature that came with it, if it is an object.
    pub(in crate::ingest) own_signature: Option<String>,
}

impl Testimony {
    /// Notes a file that holds records, and their times.
    pub(in crate::ingest) fn used(
        &mut self,
        bearer: Bearer,
        content: ContentSeen,
        heard: BTreeMap<Source, Timeline>,
    ) {
        self.logs.push(LogSeen {
            bearer,
            content,
            has_records: true,
            heard,
        });
    }

    /// Notes a file that holds none, or was not read; it matters if a digest file lists it.
    pub(in crate::ingest) fn unused(&mut self, bearer: Bearer, content: ContentSeen) {
        self.logs.push(LogSeen {
            bearer,
            content,
            has_records: false,
            heard: BTreeMap::new(),
        });
    }

    pub(in crate::ingest) fn absorb(&mut self, other: Self) {
        self.logs.extend(other.logs);
        self.digests.extend(other.digests);
        self.signatures.extend(other.signatures);
    }
}
