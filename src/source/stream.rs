//! Reads decoded bytes of any compression, which is recognised by the first bytes.
//!
//! Comes in: the bytes of a file, as they are read. Goes out: decoded bytes, then the end or the
//! reason why there is no more. Never: trust in a file's name.

use std::io::{self, BufRead};

use crate::problem::ProblemKind;
use crate::source::archive;
use crate::source::decode_error::DecodeError;
use crate::source::gzip::{self, Gunzip};
use crate::source::zstd::{self, Unzstd};

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    /// Uncompressed.
    Plain,
    /// By RFC 1952.
    Gzip,
    /// By RFC 8878.
    Zstd,
    /// A zip archive of files.
    Zip,
}

impl Compression {
    /// The format, by a file's first bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        match bytes {
            _ if bytes.starts_with(&gzip::MAGIC) => Self::Gzip,
            _ if zstd::is_frame(bytes) => Self::Zstd,
            _ if archive::MAGIC.iter().any(|magic| bytes.starts_with(magic)) => Self::Zip,
            _ => Self::Plain,
        }
    }
}

/// A reader of decoded bytes.
pub(super) enum Stream<R> {
    Plain(R),
    Gzip(Box<Gunzip<R>>),
    Zstd(Box<Unzstd<R>>),
}

impl<R: BufRead> Stream<R> {
    /// A reader for a format's data; for an archive it gives the raw bytes.
    ///
    /// # Errors
    /// If there is no memory for a decoder.
    pub(super) fn new(format: Compression, input: R) -> io::Result<Self> {
        Ok(match format {
            Compression::Plain | Compression::Zip => Self::Plain(input),
            Compression::Gzip => Self::Gzip(Box::new(Gunzip::new(input))),
            Compression::Zstd => Self::Zstd(Box::new(Unzstd::new(input)?)),
        })
    }

    /// Decodes into `out`, which must not be empty; returns the number of bytes, 0 at the end. A
    /// defect is reported with `kept_bytes` before it.
    pub(super) fn read(&mut self, out: &mut [u8], kept_bytes: u64) -> Result<usize, ProblemKind> {
        let (format, read) = match self {
            Self::Plain(input) => ("", input.read(out).map_err(DecodeError::Read)),
            Self::Gzip(gzip) => ("gzip", gzip.read(out)),
            Self::Zstd(zstd) => ("zstd", zstd.read(out)),
        };
        read.map_err(|defect| match defect {
            DecodeError::Data => ProblemKind::Undecodable {
                format: format.into(),
                kept_bytes,
            },
            DecodeError::Read(error) => ProblemKind::Unreadable {
                reason: error.to_string(),
            },
        })
    }
}
