//! Tells cheaply what cannot hold a push event.
//!
//! Comes in: the decoded bytes of a file. Goes out: for the file and for any stretch of it, whether
//! a record in it may be of ECR. Never: a no where the answer is yes.
//!
//! A push event has the `eventSource` `ecr.amazonaws.com`, `ecr-public.amazonaws.com` or
//! `ecrpublic.amazonaws.com`. JSON allows any of these characters to be written as an escape, which
//! CloudTrail does not do; so that nothing hides behind one, an escape of a letter, a hyphen or a
//! full stop counts as a mention too.

use memchr::arch::all::packedpair::HeuristicFrequencyRank;
use memchr::memmem::{Finder, FinderBuilder};

/// A text to look for, with two of its bytes that seldom stand so in a log file.
///
/// The search looks for these two first. Those it would choose by itself, for text in general,
/// are in `amazonaws.com`, which every record holds several times.
pub(super) fn finder(text: &'static str, seldom: [u8; 2]) -> Finder<'static> {
    FinderBuilder::new().build_forward_with_ranker(Seldom(seldom), text)
}

/// Ranks two bytes before all others.
struct Seldom([u8; 2]);

impl HeuristicFrequencyRank for Seldom {
    fn rank(&self, byte: u8) -> u8 {
        let [first, second] = self.0;
        match byte {
            _ if byte == first => 0,
            _ if byte == second => 1,
            _ => 200,
        }
    }
}

/// What to look for, made ready once.
pub(super) struct Prefilter {
    sources: [Finder<'static>; 2],
    escape: Finder<'static>,
}

impl Default for Prefilter {
    fn default() -> Self {
        Self {
            // The second stands for both spellings of ECR Public.
            sources: [
                finder("ecr.amazonaws.com", *b"r."),
                finder("public.amazonaws.com", *b"bp"),
            ],
            escape: Finder::new("\\u00"),
        }
    }
}

impl Prefilter {
    /// Looks through some bytes as it is asked about them.
    pub(super) fn mentions<'a>(&'a self, bytes: &'a [u8]) -> Mentions<'a> {
        Mentions {
            prefilter: self,
            bytes,
            next: [Some(0); 3],
            is_fresh: true,
        }
    }

    /// The first mention from `from` on, of one of the three kinds.
    fn find(&self, kind: usize, bytes: &[u8], mut from: usize) -> Option<usize> {
        if let Some(source) = self.sources.get(kind) {
            return Some(from + source.find(bytes.get(from..)?)?);
        }
        loop {
            let found = from + self.escape.find(bytes.get(from..)?)?;
            let digits = bytes.get(found + 4..found + 6)?;
            if hides_a_source(digits) {
                return Some(found);
            }
            from = found + 4;
        }
    }
}

/// Whether two hexadecimal digits are the code of a character of an event source.
fn hides_a_source(digits: &[u8]) -> bool {
    matches!(digits, [b'2', b'd' | b'D' | b'e' | b'E'] | [b'6' | b'7', _])
}

/// The mentions in some bytes, found in their order.
pub(super) struct Mentions<'a> {
    prefilter: &'a Prefilter,
    bytes: &'a [u8],
    /// The next mention of each kind, at or after what was asked about last.
    next: [Option<usize>; 3],
    is_fresh: bool,
}

impl Mentions<'_> {
    /// Whether there is one anywhere.
    pub(super) fn any(&mut self) -> bool {
        self.seek(0);
        self.next.iter().any(Option::is_some)
    }

    /// Whether there is one in a stretch; later stretches only may be asked about after it.
    pub(super) fn any_in(&mut self, start: usize, end: usize) -> bool {
        self.seek(start);
        self.next.iter().flatten().any(|&at| at < end)
    }

    fn seek(&mut self, start: usize) {
        for (kind, next) in self.next.iter_mut().enumerate() {
            if next.is_some_and(|at| at < start || self.is_fresh) {
                *next = self.prefilter.find(kind, self.bytes, start);
            }
        }
        self.is_fresh = false;
    }
}
