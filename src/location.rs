//! Where a byte came from: a file of the input, a record in it, a span of its decoded bytes.
//!
//! Comes in: numbers from the stages that read. Goes out: places that problems and events carry.
//! Never: a path or a byte; those stay with the file list and the file's own task.

/// The index of a file in the sorted list of input files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A half-open range of bytes in a decoded file or an excerpt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte, 0-based.
    pub start: usize,
    /// The number of bytes.
    pub len: usize,
}

/// A record of a file, by its position among the file's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordAt {
    /// The file that holds the record.
    pub file: FileId,
    /// The record's position in the file, 0-based.
    pub index: u32,
}

/// A place in the input that a problem can point at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// The record's position in the file, 0-based; `None` when the whole file is meant.
    pub record: Option<u32>,
    /// Bytes of the decoded file; empty when the whole file is meant.
    pub span: Span,
}

impl Location {
    /// Points at a record as a whole.
    pub(crate) fn record(at: RecordAt) -> Self {
        Self {
            record: Some(at.index),
            ..Self::file(at.file)
        }
    }

    /// Points at a file as a whole.
    #[must_use]
    pub fn file(file: FileId) -> Self {
        Self {
            file,
            record: None,
            span: Span { start: 0, len: 0 },
        }
    }
}
