//! The limits of an earlier report, kept while its bytes pass.
//!
//! Comes in: bytes. Goes out: the same bytes, or an error where a limit is broken. Never: a judgement on what is JSON.

use std::fmt;
use std::io::{self, Read};

use crate::event::Bytes;
use crate::words;

/// The longest text: longer than any that a record of CloudTrail can hold.
const MOST_TEXT: u64 = 16 << 20;

/// The deepest nesting: deeper than that of any report.
const MOST_DEPTH: u64 = 200;

/// A limit that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// All bytes.
    Size(u64),
    /// The bytes of one text.
    Text,
    /// Arrays and objects in one another.
    Depth,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size(most) => write!(f, "it has more than {}", words::size(Bytes(*most))),
            Self::Text => {
                let most = words::size(Bytes(MOST_TEXT));
                write!(f, "one of its texts has more than {most}")
            }
            Self::Depth => write!(f, "it nests deeper than {MOST_DEPTH} levels"),
        }
    }
}

/// A reader that keeps the limits.
#[derive(Debug)]
pub(super) struct Guard<R> {
    input: R,
    most_bytes: u64,
    n_bytes: u64,
    depth: u64,
    /// The bytes of the text that is being read, if one is.
    text: Option<u64>,
    is_escaped: bool,
    broken: Option<Limit>,
}

impl<R> Guard<R> {
    pub(super) fn new(input: R, most_bytes: u64) -> Self {
        Self {
            input,
            most_bytes,
            n_bytes: 0,
            depth: 0,
            text: None,
            is_escaped: false,
            broken: None,
        }
    }

    /// The limit that was broken, if one was.
    pub(super) fn broken(&self) -> Option<Limit> {
        self.broken
    }

    fn pass(&mut self, byte: u8) {
        match &mut self.text {
            Some(_) if byte == b'"' && !self.is_escaped => self.text = None,
            Some(length) => {
                *length += 1;
                self.is_escaped = byte == b'\\' && !self.is_escaped;
            }
            None => match byte {
                b'"' => self.text = Some(0),
                b'[' | b'{' => self.depth += 1,
                b']' | b'}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            },
        }
    }

    fn check(&self) -> Option<Limit> {
        match self {
            _ if self.n_bytes > self.most_bytes => Some(Limit::Size(self.most_bytes)),
            _ if self.text > Some(MOST_TEXT) => Some(Limit::Text),
            _ if self.depth > MOST_DEPTH => Some(Limit::Depth),
            _ => None,
        }
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(buffer)?;
        self.n_bytes += n as u64;
        for &byte in buffer.iter().take(n) {
            self.pass(byte);
            // A buffer may open more than it is deep, and close it again.
            if self.depth > MOST_DEPTH {
                break;
            }
        }
        self.broken = self.broken.or_else(|| self.check());
        match self.broken {
            Some(limit) => Err(io::Error::other(limit.to_string())),
            None => Ok(n),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(bytes: &[u8], most: u64) -> Option<Limit> {
        let mut guard = Guard::new(bytes, most);
        let _ = io::copy(&mut guard, &mut io::sink());
        guard.broken()
    }

    #[test]
    fn each_limit_holds_and_no_text_counts_as_structure() {
        let deep = "[".repeat(300);
        assert_eq!(broken(deep.as_bytes(), 1_000), Some(Limit::Depth));
        assert_eq!(
            broken(format!("\"{deep}\\\"{deep}\"").as_bytes(), 1_000),
            None
        );
        assert_eq!(broken("[]".repeat(300).as_bytes(), 1_000), None);
        assert_eq!(broken(&[b' '; 11], 10), Some(Limit::Size(10)));
        let long = format!("\"{}", "\\\"".repeat(9 << 20));
        assert_eq!(broken(long.as_bytes(), u64::MAX), Some(Limit::Text));
        let many = "\"a\",".repeat(6 << 20);
        assert_eq!(broken(many.as_bytes(), u64::MAX), None);
    }
}
