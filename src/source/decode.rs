//! Reads and decodes one file.
//!
//! Comes in: a [`SourceFile`]. Goes out: its decoded bytes, in one buffer or, if they are too many, in
//! pieces, with the defect that ended them, if any. Never: more memory than the file needs because a
//! trailer claims so, or a lost byte that could be decoded.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use libdeflater::Decompressor;

use crate::problem::ProblemKind;
use crate::source::archive::{Archive, ArchiveInput, is_tar};
use crate::source::inflate::{Inflated, inflate};
use crate::source::stream::{Compression, Stream};
use crate::source::{Origin, SourceFile, StoredObject};

/// The most decoded bytes in one buffer; larger files are read in pieces.
const MAX_BUFFERED: u64 = 256 << 20;

/// The largest buffer that is kept from one file to the next.
const MAX_KEPT: usize = 32 << 20;

/// A decoder with the buffers that it reuses from file to file.
pub struct Decoder {
    inflate: Decompressor,
    raw: Vec<u8>,
    decoded: Vec<u8>,
    max_buffered: u64,
}

/// The content of a file.
pub enum Decoded<'a> {
    /// All of it, as far as it could be decoded.
    Whole {
        /// The bytes.
        bytes: &'a [u8],
        /// What ended them early.
        defect: Option<ProblemKind>,
    },
    /// A reader for content that is too large for a buffer.
    Pieces(PieceReader<'a>),
    /// Several files in one.
    Archive(Archive),
}

/// A member of an archive.
pub struct ArchiveMember<'a> {
    /// Its path in the archive.
    pub name: String,
    /// Its content.
    pub content: Decoded<'a>,
}

/// The source of bytes to decode.
#[derive(Clone, Copy)]
enum Whence<'f> {
    /// A file, which can be opened again.
    File(&'f Path, u64),
    /// An object, which can be fetched again.
    Object(&'f StoredObject, u64),
    /// A reader, which is read once.
    Reader,
    /// A member of an archive, which is read once and is not treated as an archive itself.
    Member,
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

impl Decoder {
    /// A decoder that reads files in pieces if they decode to more than this.
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
    /// The operating system's, if nothing of the file can be read; also if it is an archive that cannot
    /// be opened.
    pub fn decode(&mut self, file: &SourceFile, limit: u64) -> io::Result<Decoded<'_>> {
        match &file.origin {
            Origin::File(path) => {
                let input = Box::new(File::open(path)?);
                self.decode_from(input, Whence::File(path, file.size_bytes), limit)
            }
            Origin::Reader(reader) => self.decode_from(reader.take()?, Whence::Reader, limit),
            Origin::Object(object) => {
                let input = object.bucket.store.get(&object.key)?.reader;
                self.decode_from(input, Whence::Object(object, file.size_bytes), limit)
            }
        }
    }

    /// Decodes bytes that were already fetched, like a reader that has reached its end.
    ///
    /// # Errors
    /// If they are an archive that cannot be opened.
    pub fn decode_fetched(&mut self, raw: Vec<u8>, limit: u64) -> io::Result<Decoded<'_>> {
        self.raw = raw;
        self.forget();
        self.decode_raw(Box::new(io::empty()), Whence::Reader, None, limit)
    }

    /// Decodes a member of an archive, up to `limit` decoded bytes; `None` for a folder. A member may be
    /// compressed once more, like a plain file.
    ///
    /// # Errors
    /// If nothing of the member can be read: it is encrypted, compressed by an unknown method, damaged
    /// at its start, or an archive.
    pub fn decode_member<'a>(
        &'a mut self,
        archive: &'a mut Archive,
        index: usize,
        limit: u64,
    ) -> Result<Option<ArchiveMember<'a>>, ProblemKind> {
        let format = archive.format();
        let undecodable = |_| ProblemKind::Undecodable {
            format: format.into(),
            kept_bytes: 0,
        };
        let Some(ArchiveInput { name, input }) = archive.member(index).map_err(undecodable)? else {
            return Ok(None);
        };
        let content = self
            .decode_from(input, Whence::Member, limit)
            .map_err(undecodable)?;
        Ok(Some(ArchiveMember { name, content }))
    }

    /// Frees the memory that a large file took.
    fn forget(&mut self) {
        if self.decoded.len() > MAX_KEPT {
            self.decoded = Vec::new();
        }
    }

    /// Decodes the bytes of a reader.
    fn decode_from<'a>(
        &'a mut self,
        mut input: Box<dyn Read + 'a>,
        whence: Whence<'_>,
        limit: u64,
    ) -> io::Result<Decoded<'a>> {
        self.raw.clear();
        self.raw.shrink_to(MAX_KEPT);
        self.forget();
        if let Whence::File(_, size) | Whence::Object(_, size) = whence {
            let size = size.min(self.max_buffered) + 1;
            self.raw.reserve(usize::try_from(size).unwrap_or(0));
        }
        let read = input
            .by_ref()
            .take(self.max_buffered + 1)
            .read_to_end(&mut self.raw);
        let failure = match (whence, read) {
            (_, Ok(_)) => None,
            (Whence::Member, Err(_)) if !self.raw.is_empty() => Some(ProblemKind::Undecodable {
                format: "zip".into(),
                kept_bytes: self.raw.len() as u64,
            }),
            (Whence::Reader, Err(error)) if !self.raw.is_empty() => Some(ProblemKind::Unreadable {
                reason: error.to_string(),
            }),
            (_, Err(error)) => return Err(error),
        };
        self.decode_raw(input, whence, failure, limit)
    }

    /// Decodes the raw bytes; if they are too many, `rest` follows them. `failure` ended them early.
    fn decode_raw<'a>(
        &'a mut self,
        rest: Box<dyn Read + 'a>,
        whence: Whence<'_>,
        failure: Option<ProblemKind>,
        limit: u64,
    ) -> io::Result<Decoded<'a>> {
        let is_too_large = self.raw.len() as u64 > self.max_buffered;
        let format = Compression::of(&self.raw);
        match (format, whence) {
            (Compression::Zip, Whence::File(path, _)) if is_too_large => {
                return Ok(Decoded::Archive(Archive::in_file(File::open(path)?)?));
            }
            (Compression::Zip, Whence::Object(..) | Whence::Reader) if is_too_large => {
                return Err(io::Error::other(
                    "is a zip archive of over 256 MiB, which can be read from a file only",
                ));
            }
            (Compression::Zip, Whence::File(..) | Whence::Object(..) | Whence::Reader) => {
                let bytes = std::mem::take(&mut self.raw);
                return Ok(Decoded::Archive(Archive::in_memory(bytes)?));
            }
            (Compression::Zip, Whence::Member) => {
                return Err(io::Error::other("is an archive in an archive"));
            }
            (Compression::Plain | Compression::Gzip | Compression::Zstd, _) => {}
        }
        if is_too_large {
            return self.in_pieces(rest, whence, limit);
        }
        let cap = usize::try_from(limit.min(self.max_buffered)).unwrap_or(usize::MAX);
        let outcome = match format {
            Compression::Plain | Compression::Zip => {
                if is_tar(&self.raw) && !matches!(whence, Whence::Member) {
                    let bytes = std::mem::take(&mut self.raw);
                    return Ok(Decoded::Archive(Archive::of_tar(bytes)));
                }
                let (len, defect) = cut(self.raw.len(), limit);
                let (bytes, defect) = (&self.raw[..len], failure.or(defect));
                return Ok(Decoded::Whole { bytes, defect });
            }
            Compression::Gzip => inflate(&mut self.inflate, &self.raw, &mut self.decoded, cap),
            Compression::Zstd => Inflated::Defective,
        };
        let (len, defect) = match outcome {
            Inflated::Whole(len) => (len, None),
            Inflated::TooLarge if limit > self.max_buffered => {
                return self.in_pieces(rest, whence, limit);
            }
            Inflated::Defective | Inflated::TooLarge => self.decode_slowly(format, cap, limit)?,
        };
        let is_too_large = matches!(defect, Some(ProblemKind::TooLarge { .. }));
        if is_too_large && limit > self.max_buffered {
            return self.in_pieces(rest, whence, limit);
        }
        let bytes = &self.decoded[..len];
        if is_tar(bytes) && !matches!(whence, Whence::Member) {
            return Ok(Decoded::Archive(Archive::of_tar(bytes.to_vec())));
        }
        let defect = failure.or(defect);
        Ok(Decoded::Whole { bytes, defect })
    }

    /// Starts again, without a buffer for the whole; `rest` follows the raw bytes read so far.
    fn in_pieces<'a>(
        &'a mut self,
        rest: Box<dyn Read + 'a>,
        whence: Whence<'_>,
        limit: u64,
    ) -> io::Result<Decoded<'a>> {
        let format = Compression::of(&self.raw);
        let read = std::mem::take(&mut self.raw);
        let input: Box<dyn Read + 'a> = match whence {
            Whence::File(path, _) => {
                drop((read, rest));
                Box::new(File::open(path)?)
            }
            Whence::Object(object, _) => {
                drop((read, rest));
                object.bucket.store.get(&object.key)?.reader
            }
            // The bytes already read cannot be read again.
            Whence::Reader | Whence::Member => Box::new(Cursor::new(read).chain(rest)),
        };
        let input: Box<dyn BufRead + 'a> = Box::new(BufReader::with_capacity(1 << 18, input));
        Ok(Decoded::Pieces(PieceReader {
            stream: Stream::new(format, input)?,
            n_read: 0,
            limit,
        }))
    }

    /// Decodes the raw bytes as far as possible; returns the number of bytes, and what ended them early.
    fn decode_slowly(
        &mut self,
        format: Compression,
        cap: usize,
        limit: u64,
    ) -> io::Result<(usize, Option<ProblemKind>)> {
        let mut stream = Stream::new(format, self.raw.as_slice())?;
        let mut len = 0;
        loop {
            if len == self.decoded.len() {
                let doubled = self.decoded.len().saturating_mul(2).max(1 << 16);
                // One byte over the cap shows whether there is more.
                self.decoded.resize(doubled.min(cap.saturating_add(1)), 0);
            }
            match stream.read(&mut self.decoded[len..], len as u64) {
                Ok(0) => return Ok((len, None)),
                Ok(n_decoded) if len + n_decoded > cap => {
                    return Ok((cap, Some(ProblemKind::TooLarge { limit })));
                }
                Ok(n_decoded) => len += n_decoded,
                Err(defect) => return Ok((len, Some(defect))),
            }
        }
    }
}

/// A reader for a file that is too large for a buffer.
pub struct PieceReader<'a> {
    stream: Stream<Box<dyn BufRead + 'a>>,
    n_read: u64,
    limit: u64,
}

impl PieceReader<'_> {
    /// Reads decoded bytes into `buffer`, which must not be empty; returns 0 at the end.
    ///
    /// # Errors
    /// What ends the bytes early; bytes read before stay valid.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ProblemKind> {
        let too_large = ProblemKind::TooLarge { limit: self.limit };
        if self.n_read > self.limit {
            return Err(too_large);
        }
        let n_read = self.stream.read(buffer, self.n_read)?;
        let left = self.limit - self.n_read;
        self.n_read += n_read as u64;
        match usize::try_from(left) {
            Ok(0) if n_read > 0 => Err(too_large),
            Ok(left) if left < n_read => Ok(left),
            Ok(_) | Err(_) => Ok(n_read),
        }
    }
}

/// The bytes of a plain file that are used, and the problem if that is not all.
fn cut(len: usize, limit: u64) -> (usize, Option<ProblemKind>) {
    match usize::try_from(limit) {
        Ok(cap) if cap < len => (cap, Some(ProblemKind::TooLarge { limit })),
        Ok(_) | Err(_) => (len, None),
    }
}

#[cfg(test)]
mod tests;
