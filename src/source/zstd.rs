//! Decodes Zstandard in pieces, and keeps what precedes a defect (RFC 8878).
//!
//! Comes in: compressed bytes. Goes out: decoded bytes, then the end or the reason why there is no
//! more. Never: a window over 128 MiB, which is the library's own limit, whatever a frame asks for.

use std::io::{self, BufRead};

use zstd::stream::raw::{Decoder, Operation as _};

use crate::source::decode_error::DecodeError;

/// How many decoded bytes are requested at once, whatever the room. If the data is corrupt, the
/// library does not say how many of them were good.
const STEP_BYTES: usize = 4 << 10;

/// Whether bytes start with a frame, or with a skippable one (RFC 8878, section 3.1).
pub(super) fn is_frame(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]
    )
}

/// A reader of Zstandard frames, one after the other.
pub(super) struct Unzstd<R> {
    input: R,
    decoder: Decoder<'static>,
    state: FrameState,
    /// The bytes decoded last, and how many of them were passed on.
    decoded: [u8; STEP_BYTES],
    n_decoded: usize,
    n_taken: usize,
}

/// What the library expects next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FrameState {
    /// A frame, or the end.
    Between,
    /// More of a frame.
    Inside,
    /// Room for what it has decoded.
    Full,
    /// Nothing, because of a defect.
    Failed,
}

impl<R: BufRead> Unzstd<R> {
    /// # Errors
    /// If there is no memory for a decoder.
    pub(super) fn new(input: R) -> io::Result<Self> {
        Ok(Self {
            input,
            decoder: Decoder::new()?,
            state: FrameState::Between,
            decoded: [0; STEP_BYTES],
            n_decoded: 0,
            n_taken: 0,
        })
    }

    /// Decodes into `out`, which must not be empty; returns the number of bytes, 0 at the end.
    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<usize, DecodeError> {
        if self.n_taken == self.n_decoded {
            self.n_taken = 0;
            self.n_decoded = self.step()?;
        }
        let ready = &self.decoded[self.n_taken..self.n_decoded];
        let n_read = ready.len().min(out.len());
        out[..n_read].copy_from_slice(&ready[..n_read]);
        self.n_taken += n_read;
        Ok(n_read)
    }

    /// Decodes some more bytes; 0 at the end.
    fn step(&mut self) -> Result<usize, DecodeError> {
        self.n_decoded = 0;
        loop {
            let input = self.input.fill_buf().map_err(DecodeError::Read)?;
            match self.state {
                FrameState::Failed => return Err(DecodeError::Data),
                FrameState::Between if input.is_empty() => return Ok(0),
                FrameState::Inside if input.is_empty() => {
                    self.state = FrameState::Failed;
                    return Err(DecodeError::Data);
                }
                FrameState::Between if !may_be_frame(input) => {
                    self.state = FrameState::Failed;
                    return Err(DecodeError::Data);
                }
                FrameState::Between | FrameState::Inside | FrameState::Full => {}
            }
            let Ok(status) = self.decoder.run_on_buffers(input, &mut self.decoded) else {
                self.state = FrameState::Failed;
                return Err(DecodeError::Data);
            };
            self.input.consume(status.bytes_read);
            self.state = match status.remaining {
                0 => FrameState::Between,
                _ if status.bytes_written == STEP_BYTES => FrameState::Full,
                _ => FrameState::Inside,
            };
            if status.bytes_written > 0 {
                return Ok(status.bytes_written);
            }
        }
    }
}

/// Whether some bytes can start a frame; the library also accepts frames of old versions.
fn may_be_frame(bytes: &[u8]) -> bool {
    bytes.len() < 4 || is_frame(bytes)
}
