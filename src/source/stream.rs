//! Reads decoded bytes whatever the compression, which the first bytes tell.
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
    /// Not at all.
    Plain,
    /// As RFC 1952 says.
    Gzip,
    /// As RFC 8878 says.
    Zstd,
    /// As a zip archive of files.
    Zip,
}

impl Compression {
    /// The format that a file's first bytes tell.
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
    /// A reader of a format's data, which for an archive are the bytes that it consists of.
    ///
    /// # Errors
    /// When there is no memory for a decoder.
    pub(super) fn new(format: Compression, input: R) -> io::Result<Self> {
        Ok(match format {
            Compression::Plain | Compression::Zip => Self::Plain(input),
            Compression::Gzip => Self::Gzip(Box::new(Gunzip::new(input))),
            Compression::Zstd => Self::Zstd(Box::new(Unzstd::new(input)?)),
        })
    }

    /// Decodes into `out`, which is not empty; the number of bytes, 0 at the end. Of a defect it is
    /// said that `kept_bytes` precede it.
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
