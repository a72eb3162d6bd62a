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

use crate::ingest::Roles;

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
    sources: Vec<Finder<'static>>,
    escape: Finder<'static>,
}

impl Default for Prefilter {
    fn default() -> Self {
        Self {
            // The second stands for both spellings of ECR Public.
            sources: vec![
                finder("ecr.amazonaws.com", *b"r."),
                finder("public.amazonaws.com", *b"bp"),
            ],
            escape: Finder::new("\\u00"),
        }
    }
}

impl Prefilter {
    /// What to look for; the records of STS too where roles are traced.
    pub(super) fn new(roles: Roles) -> Self {
        let mut prefilter = Self::default();
        match roles {
            Roles::Ignored => {}
            Roles::Traced => prefilter.sources.push(finder("sts.amazonaws.com", *b"t.")),
        }
        prefilter
    }

    /// Looks through some bytes as it is asked about them.
    pub(super) fn mentions<'a>(&'a self, bytes: &'a [u8]) -> Mentions<'a> {
        Mentions {
            prefilter: self,
            bytes,
            scanned: 0,
            found: Vec::new(),
            n_past: 0,
        }
    }

    /// Adds where the mentions begin that begin in a stretch of some bytes, in order.
    fn scan(&self, bytes: &[u8], start: usize, end: usize, found: &mut Vec<usize>) {
        let before = found.len();
        let stretch = |len: usize| &bytes[start..bytes.len().min(end + len - 1)];
        for source in &self.sources {
            let places = source.find_iter(stretch(source.needle().len()));
            found.extend(places.map(|place| start + place));
        }
        // An escape is six bytes long, the last two of which tell whether it counts.
        let escapes = self.escape.find_iter(stretch(self.escape.needle().len()));
        found.extend(
            escapes
                .map(|place| start + place)
                .filter(|place| bytes.get(place + 4..place + 6).is_some_and(hides_a_source)),
        );
        found[before..].sort_unstable();
    }
}

/// Whether two hexadecimal digits are the code of a character of an event source.
fn hides_a_source(digits: &[u8]) -> bool {
    matches!(digits, [b'2', b'd' | b'D' | b'e' | b'E'] | [b'6' | b'7', _])
}

/// The bytes that are looked through at once: few enough to stay in the nearer caches while each
/// text is looked for.
const STRETCH: usize = 64 << 10;

/// The mentions in some bytes, found in their order.
pub(super) struct Mentions<'a> {
    prefilter: &'a Prefilter,
    bytes: &'a [u8],
    /// The bytes looked through so far.
    scanned: usize,
    /// Where mentions begin, of those not long past.
    found: Vec<usize>,
    /// How many of these lie before what was asked about last.
    n_past: usize,
}

impl Mentions<'_> {
    /// Whether there is one anywhere.
    pub(super) fn any(&mut self) -> bool {
        while self.found.is_empty() && self.scanned < self.bytes.len() {
            self.scan();
        }
        !self.found.is_empty()
    }

    /// Whether there is one in a stretch; later stretches only may be asked about after it.
    pub(super) fn any_in(&mut self, start: usize, end: usize) -> bool {
        loop {
            let ahead = &self.found[self.n_past..];
            self.n_past += ahead.iter().take_while(|&&at| at < start).count();
            match self.found.get(self.n_past) {
                Some(&at) => return at < end,
                None if self.scanned >= end.min(self.bytes.len()) => return false,
                None => self.scan(),
            }
        }
    }

    fn scan(&mut self) {
        self.found.drain(..self.n_past);
        self.n_past = 0;
        let end = self.bytes.len().min(self.scanned + STRETCH);
        self.prefilter
            .scan(self.bytes, self.scanned, end, &mut self.found);
        self.scanned = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mention_is_found_wherever_a_stretch_ends() {
        let prefilter = Prefilter::default();
        for mention in [
            "ecr.amazonaws.com",
            "ecr-public.amazonaws.com",
            "\\u002E",
            "\\u0065",
        ] {
            for shift in 0..30 {
                let mut text = "x".repeat(2 * STRETCH - shift);
                let at = text.len();
                text.push_str(mention);
                text.push_str(&"y".repeat(STRETCH));
                let bytes = text.as_bytes();
                assert!(prefilter.mentions(bytes).any(), "{mention} {shift}");
                let mut mentions = prefilter.mentions(bytes);
                assert!(!mentions.any_in(0, at));
                assert!(mentions.any_in(at, at + mention.len()));
                assert!(!mentions.any_in(at + mention.len(), bytes.len()));
            }
        }
    }

    #[test]
    fn what_cannot_hide_a_source_is_no_mention() {
        let prefilter = Prefilter::default();
        for text in [
            "",
            "\\u003d \\u0026 \\u00",
            "ecr.amazonaws",
            "s3.amazonaws.com",
        ] {
            assert!(!prefilter.mentions(text.as_bytes()).any(), "{text}");
        }
    }
}
