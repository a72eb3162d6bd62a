//! Decodes gzip in pieces, and keeps what precedes a defect (RFC 1952).
//!
//! Comes in: compressed bytes. Goes out: decoded bytes, then the end or the reason why there is no
//! more. Never: a second look at decoded bytes.

use std::io::{self, BufRead};

use flate2::{Crc, Decompress, FlushDecompress, Status};

use crate::source::decode_error::DecodeError;

/// The first bytes of a gzip member.
pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A reader of gzip members, one after the other.
pub(super) struct Gunzip<R> {
    input: R,
    phase: Phase,
    inflate: Decompress,
    checksum: Crc,
}

/// What comes next in the input.
#[derive(Clone, Copy)]
enum Phase {
    /// The first member.
    First,
    /// A further member, or the end.
    Further,
    /// Compressed data.
    Body,
    /// Checksum and size.
    Trailer,
    /// Nothing, because of a defect.
    Failed,
}

impl<R: BufRead> Gunzip<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            phase: Phase::First,
            inflate: Decompress::new(false),
            checksum: Crc::new(),
        }
    }

    /// Decodes into `out`, which must not be empty; returns the number of bytes, 0 at the end.
    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<usize, DecodeError> {
        loop {
            let phase = std::mem::replace(&mut self.phase, Phase::Failed);
            match phase {
                Phase::First => self.header()?,
                Phase::Further => match self.input.fill_buf().map_err(DecodeError::Read)? {
                    [] => {
                        self.phase = Phase::Further;
                        return Ok(0);
                    }
                    _ => self.header()?,
                },
                Phase::Body => {
                    let decoded = self.body(out)?;
                    if decoded > 0 {
                        return Ok(decoded);
                    }
                }
                Phase::Trailer => self.trailer()?,
                Phase::Failed => return Err(DecodeError::Data),
            }
        }
    }

    /// Inflates some bytes; the phase stays failed after an error that follows decoded bytes.
    fn body(&mut self, out: &mut [u8]) -> Result<usize, DecodeError> {
        let input = self.input.fill_buf().map_err(DecodeError::Read)?;
        if input.is_empty() {
            return Err(DecodeError::Data);
        }
        let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(input, out, FlushDecompress::None);
        let n_read = usize_of(self.inflate.total_in() - read);
        let n_written = usize_of(self.inflate.total_out() - written);
        self.input.consume(n_read);
        self.checksum.update(&out[..n_written]);
        match status {
            Ok(Status::StreamEnd) => self.phase = Phase::Trailer,
            Ok(Status::Ok | Status::BufError) if n_read + n_written > 0 => self.phase = Phase::Body,
            Ok(Status::Ok | Status::BufError) | Err(_) if n_written == 0 => {
                return Err(DecodeError::Data);
            }
            Ok(Status::Ok | Status::BufError) | Err(_) => {}
        }
        Ok(n_written)
    }

    fn header(&mut self) -> Result<(), DecodeError> {
        const HAS_CHECKSUM: u8 = 2;
        const HAS_EXTRA: u8 = 4;
        const HAS_NAME: u8 = 8;
        const HAS_COMMENT: u8 = 16;
        const RESERVED: u8 = 0xe0;
        let head: [u8; 10] = self.bytes()?;
        let flags = head[3];
        if head[..2] != MAGIC || head[2] != 8 || flags & RESERVED != 0 {
            return Err(DecodeError::Data);
        }
        if flags & HAS_EXTRA != 0 {
            for _ in 0..u16::from_le_bytes(self.bytes()?) {
                self.bytes::<1>()?;
            }
        }
        for flag in [HAS_NAME, HAS_COMMENT] {
            if flags & flag != 0 {
                while self.bytes()? != [0] {}
            }
        }
        if flags & HAS_CHECKSUM != 0 {
            self.bytes::<2>()?;
        }
        self.inflate.reset(false);
        self.checksum = Crc::new();
        self.phase = Phase::Body;
        Ok(())
    }

    fn trailer(&mut self) -> Result<(), DecodeError> {
        let checksum = u32::from_le_bytes(self.bytes()?);
        let size = u32::from_le_bytes(self.bytes()?);
        if checksum != self.checksum.sum() || size != self.checksum.amount() {
            return Err(DecodeError::Data);
        }
        self.phase = Phase::Further;
        Ok(())
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let mut bytes = [0; N];
        match self.input.read_exact(&mut bytes) {
            Ok(()) => Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(DecodeError::Data),
            Err(error) => Err(DecodeError::Read(error)),
        }
    }
}

/// A number of bytes in memory.
fn usize_of(n_bytes: u64) -> usize {
    usize::try_from(n_bytes).expect("no more bytes than a buffer holds")
}
