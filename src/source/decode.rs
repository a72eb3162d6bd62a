//! Reads and decodes one file.
//!
//! Comes in: a [`SourceFile`]. Goes out: its decoded bytes, in one buffer where that is not too
//! large and else in pieces, with the defect that ended them, if one did. Never: more memory than
//! the file needs because a trailer says so, or a byte lost that could be decoded.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};

use libdeflater::{DecompressionError, Decompressor};
use memchr::memmem;

use crate::problem::ProblemKind;
use crate::source::gzip::{Defect, Gunzip, MAGIC};
use crate::source::{Origin, SourceFile};

/// Decoded bytes that are held in one buffer; larger files are read in pieces.
const MAX_BUFFERED: u64 = 256 << 20;

/// The buffer that is kept from one file to the next.
const MAX_KEPT: usize = 32 << 20;

/// Decoded bytes that one compressed byte can at most stand for (zlib technical details, "Maximum
/// compression factor": 1032 to 1).
const MAX_RATIO: usize = 1032;

/// A decoder with the buffers that it reuses from file to file.
pub struct Decoder {
    inflate: Decompressor,
    raw: Vec<u8>,
    decoded: Vec<u8>,
    max_buffered: u64,
}

/// The bytes of a file as they lie there.
type Input = Box<dyn Read + Send>;

/// What a file holds.
pub enum Decoded<'a> {
    /// All of it, as far as it could be decoded.
    Whole {
        /// The bytes.
        bytes: &'a [u8],
        /// What ended them early.
        defect: Option<ProblemKind>,
    },
    /// A reader of what is too large for a buffer.
    Pieces(Pieces),
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            inflate: Decompressor::new(),
            raw: Vec::new(),
            decoded: Vec::new(),
            max_buffered: MAX_BUFFERED,
        }
    }
}

/// What became of the attempt to decode into one buffer.
enum Outcome {
    /// That many bytes, and all is well.
    Whole(usize),
    /// Something is wrong, and only reading in pieces tells where.
    Defective,
    /// The buffer may not become large enough.
    TooLarge,
}

impl Decoder {
    /// A decoder that reads files in pieces which are larger than this when decoded.
    #[cfg(test)]
    pub(crate) fn with_buffer(max_buffered: u64) -> Self {
        Self {
            max_buffered,
            ..Self::default()
        }
    }

    /// Decodes a file, up to `limit` decoded bytes.
    ///
    /// # Errors
    /// The operating system's, when nothing of the file can be read.
    pub fn decode(&mut self, file: &SourceFile, limit: u64) -> io::Result<Decoded<'_>> {
        self.raw.clear();
        self.raw.shrink_to(MAX_KEPT);
        let size = file.size_bytes.min(self.max_buffered) + 1;
        self.raw.reserve(usize::try_from(size).unwrap_or(0));
        open(file)?
            .take(self.max_buffered + 1)
            .read_to_end(&mut self.raw)?;
        self.decode_raw(file, limit)
    }

    /// Decodes a file whose bytes were fetched already, up to `limit` decoded bytes.
    ///
    /// # Errors
    /// The store's, when the object decodes to so much that it has to be read again in pieces.
    pub fn decode_fetched(
        &mut self,
        file: &SourceFile,
        raw: Vec<u8>,
        limit: u64,
    ) -> io::Result<Decoded<'_>> {
        self.raw = raw;
        self.decode_raw(file, limit)
    }

    fn decode_raw(&mut self, file: &SourceFile, limit: u64) -> io::Result<Decoded<'_>> {
        if self.decoded.len() > MAX_KEPT {
            self.decoded = Vec::new();
        }
        let is_gzip = self.raw.starts_with(&MAGIC);
        if self.raw.len() as u64 > self.max_buffered {
            self.raw = Vec::new();
            return Ok(Decoded::Pieces(Pieces::open(file, is_gzip, limit)?));
        }
        if !is_gzip {
            let (len, defect) = cut(self.raw.len(), limit);
            let bytes = &self.raw[..len];
            return Ok(Decoded::Whole { bytes, defect });
        }
        let cap = usize::try_from(limit.min(self.max_buffered)).unwrap_or(usize::MAX);
        match self.inflate(cap) {
            Outcome::Whole(len) => {
                let bytes = &self.decoded[..len];
                let defect = None;
                Ok(Decoded::Whole { bytes, defect })
            }
            Outcome::TooLarge if limit > self.max_buffered => {
                self.raw = Vec::new();
                Ok(Decoded::Pieces(Pieces::open(file, true, limit)?))
            }
            Outcome::Defective | Outcome::TooLarge => Ok(self.inflate_slowly(cap, limit)),
        }
    }

    /// Decodes every gzip member of the raw bytes into the buffer.
    fn inflate(&mut self, cap: usize) -> Outcome {
        let (mut at, mut len) = (0_usize, 0_usize);
        loop {
            let rest = &self.raw[at..];
            let wanted = size_hint(rest);
            loop {
                let end = len.saturating_add(wanted).min(cap);
                if self.decoded.len() < end {
                    self.decoded.resize(end, 0);
                }
                let room = self.decoded.len().min(cap);
                match self
                    .inflate
                    .gzip_decompress(rest, &mut self.decoded[len..room])
                {
                    Ok(n_decoded) => {
                        let Some(n_raw) = member_end(rest, &self.decoded[len..len + n_decoded])
                        else {
                            return Outcome::Defective;
                        };
                        at += n_raw;
                        len += n_decoded;
                        break;
                    }
                    Err(DecompressionError::BadData) => return Outcome::Defective,
                    Err(DecompressionError::InsufficientSpace) if room == cap => {
                        return Outcome::TooLarge;
                    }
                    Err(DecompressionError::InsufficientSpace) => {
                        let doubled = self.decoded.len().saturating_mul(2).max(1 << 16);
                        self.decoded.resize(doubled.min(cap), 0);
                    }
                }
            }
            match &self.raw[at..] {
                [] => return Outcome::Whole(len),
                rest if rest.starts_with(&MAGIC) => {}
                _ => return Outcome::Defective,
            }
        }
    }

    /// Decodes the raw bytes as far as they go.
    fn inflate_slowly(&mut self, cap: usize, limit: u64) -> Decoded<'_> {
        let mut reader = Gunzip::new(self.raw.as_slice());
        let mut len = 0;
        let defect = loop {
            if len == self.decoded.len() {
                let doubled = self.decoded.len().saturating_mul(2).max(1 << 16);
                // One byte over the cap tells whether there is more.
                self.decoded.resize(doubled.min(cap.saturating_add(1)), 0);
            }
            match reader.read(&mut self.decoded[len..]) {
                Ok(0) => break None,
                Ok(n_decoded) if len + n_decoded > cap => {
                    len = cap;
                    break Some(ProblemKind::TooLarge { limit });
                }
                Ok(n_decoded) => len += n_decoded,
                Err(Defect::Data) => break Some(undecodable(len as u64)),
                Err(Defect::Read(error)) => break Some(unreadable(&error)),
            }
        };
        let bytes = &self.decoded[..len];
        Decoded::Whole { bytes, defect }
    }
}

/// A reader of a file that is too large for a buffer.
pub struct Pieces {
    source: Source,
    n_read: u64,
    limit: u64,
}

enum Source {
    Gzip(Box<Gunzip<BufReader<Input>>>),
    Plain(BufReader<Input>),
}

impl Pieces {
    fn open(file: &SourceFile, is_gzip: bool, limit: u64) -> io::Result<Self> {
        let input = BufReader::with_capacity(1 << 18, open(file)?);
        let source = if is_gzip {
            Source::Gzip(Box::new(Gunzip::new(input)))
        } else {
            Source::Plain(input)
        };
        Ok(Self {
            source,
            n_read: 0,
            limit,
        })
    }

    /// Reads decoded bytes into `buffer`, which is not empty; 0 at the end.
    ///
    /// # Errors
    /// What ends the bytes early; what was read before it stays good.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ProblemKind> {
        let too_large = ProblemKind::TooLarge { limit: self.limit };
        if self.n_read > self.limit {
            return Err(too_large);
        }
        let n_read = match &mut self.source {
            Source::Gzip(gzip) => gzip.read(buffer).map_err(|defect| match defect {
                Defect::Data => undecodable(self.n_read),
                Defect::Read(error) => unreadable(&error),
            })?,
            Source::Plain(file) => {
                let bytes = file.fill_buf().map_err(|error| unreadable(&error))?;
                let n_read = bytes.len().min(buffer.len());
                buffer[..n_read].copy_from_slice(&bytes[..n_read]);
                file.consume(n_read);
                n_read
            }
        };
        let left = self.limit - self.n_read;
        self.n_read += n_read as u64;
        match usize::try_from(left) {
            Ok(0) if n_read > 0 => Err(too_large),
            Ok(left) if left < n_read => Ok(left),
            Ok(_) | Err(_) => Ok(n_read),
        }
    }
}

fn open(file: &SourceFile) -> io::Result<Input> {
    match &file.origin {
        Origin::File(path) => Ok(Box::new(File::open(path)?)),
        Origin::Object(object) => object.bucket.store.get(&object.key),
    }
}

fn undecodable(kept_bytes: u64) -> ProblemKind {
    ProblemKind::Undecodable {
        format: "gzip",
        kept_bytes,
    }
}

fn unreadable(error: &io::Error) -> ProblemKind {
    ProblemKind::Unreadable {
        reason: error.to_string(),
    }
}

/// The bytes of a plain file that are used, and the problem if those are not all.
fn cut(len: usize, limit: u64) -> (usize, Option<ProblemKind>) {
    match usize::try_from(limit) {
        Ok(cap) if cap < len => (cap, Some(ProblemKind::TooLarge { limit })),
        Ok(_) | Err(_) => (len, None),
    }
}

/// The room to begin with: the size that the trailer claims, if so many bytes can come of so few.
fn size_hint(gzip: &[u8]) -> usize {
    let claimed = gzip
        .last_chunk::<4>()
        .map_or(0, |size| u32::from_le_bytes(*size) as usize);
    let most = gzip.len().saturating_mul(MAX_RATIO);
    match claimed {
        0 => 1 << 12,
        _ if claimed <= most => claimed,
        _ => gzip.len().saturating_mul(8),
    }
}

/// Where the member ends that `gzip` begins with and that decodes to `decoded`.
///
/// The library does not tell. A member ends with the size of what it decodes to; if those four
/// bytes occur only at the end of the file, that is the end of the member. If they occur before,
/// the checksum in front of them tells. `None` when it tells nothing.
fn member_end(gzip: &[u8], decoded: &[u8]) -> Option<usize> {
    const LEAST: usize = 18;
    let size = u32::try_from(decoded.len()).ok()?.to_le_bytes();
    let mut checksum = None;
    for found in memmem::find_iter(gzip.get(LEAST - 4..)?, &size) {
        let size_at = LEAST - 4 + found;
        if size_at + 4 == gzip.len() && checksum.is_none() {
            return Some(gzip.len());
        }
        let checksum = *checksum.get_or_insert_with(|| libdeflater::crc32(decoded).to_le_bytes());
        if gzip[size_at - 4..size_at] == checksum {
            return Some(size_at + 4);
        }
    }
    None
}

#[cfg(test)]
mod tests;
