//! Tells cheaply what cannot hold a push event.
//!
//! Comes in: the decoded bytes of a file. Goes out: for the file and for any stretch of it, whether
//! a record in it may be of ECR. Never: a no where the answer is yes.
//!
//! A push event has the `eventSource` `ecr.amazonaws.com`, `ecr-public.amazonaws.com` or
//! `ecrpublic.amazonaws.com`, as a string that begins so. JSON allows any of these characters to be
//! written as an escape, which CloudTrail does not do; so that nothing hides behind one, an escape of
//! a quote, a letter, a hyphen or a full stop counts as a mention too. A record that is written into
//! a string has backslashes before its quotes, so its mentions are found as they stand.

use memchr::arch::all::packedpair::HeuristicFrequencyRank;
use memchr::memmem::{Finder, FinderBuilder};
use memchr::{memchr, memchr2};

use crate::event::is_read;
use crate::ingest::options::Roles;
use crate::ingest::places::{Places, SOURCE};

/// A text to look for, with two of its bytes that seldom stand so in a log file.
///
/// The search looks for these two first. Those it would choose by itself, for text in general,
/// are in `amazonaws.com`, which every record holds several times.
fn finder(text: &'static str, seldom: [u8; 2]) -> Finder<'static> {
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

/// What follows the first letters of an event source of ECR.
const SOURCES: [&[u8]; 3] = [
    b".amazonaws.com",
    b"-public.amazonaws.com",
    b"public.amazonaws.com",
];

/// What to look for, made ready once.
pub(super) struct Prefilter {
    /// Calls that give a role session, where roles are traced.
    role: Option<Finder<'static>>,
    escape: Finder<'static>,
    name: Finder<'static>,
}

impl Default for Prefilter {
    fn default() -> Self {
        Self {
            role: None,
            escape: Finder::new("\\u00"),
            name: finder("\"eventName\"", *b"tN"),
        }
    }
}

impl Prefilter {
    /// What to look for; the records of STS too where roles are traced.
    pub(super) fn new(roles: Roles) -> Self {
        let mut prefilter = Self::default();
        match roles {
            Roles::Ignored => {}
            Roles::Traced => prefilter.role = Some(finder("\"AssumeRole", *b"RA")),
        }
        prefilter
    }

    /// Looks through some bytes as it is asked about them.
    pub(super) fn mentions<'a>(&'a self, bytes: &'a [u8]) -> Mentions<'a> {
        Mentions {
            prefilter: self,
            bytes,
            scanned: 0,
            places: Places::default(),
            found: Vec::new(),
            n_past: 0,
        }
    }

    /// Whether a record of ECR may be of a call that is read; most are pulls, which are not.
    ///
    /// Its own `eventName` is not told from one in somebody's parameters, so every one counts, as
    /// does an escape, which may stand in the name or in its value.
    pub(super) fn may_be_read(&self, record: &[u8]) -> bool {
        let mut names = self.name.find_iter(record);
        names.any(|place| {
            let value = string_after(record, place + self.name.needle().len());
            value.is_none_or(|value| match memchr2(b'"', b'\\', value) {
                Some(end) if value[end] == b'"' => {
                    is_read(&value[..end])
                        || (self.role.is_some() && value.starts_with(b"AssumeRole"))
                }
                Some(_) | None => true,
            })
        }) || self.escape.find(record).is_some()
    }

    /// Adds where the mentions begin that begin in a stretch of some bytes, in order.
    ///
    /// `places` gets where times stand in it.
    fn scan(
        &self,
        bytes: &[u8],
        start: usize,
        end: usize,
        places: &mut Places,
        found: &mut Vec<usize>,
    ) {
        places.clear();
        places.find(bytes, start, end);
        let before = found.len();
        found.extend(places.sources.iter().filter(|&&place| {
            let after = &bytes[place + SOURCE.len()..];
            SOURCES.iter().any(|rest| after.starts_with(rest))
        }));
        let mut search = |finder: &Finder<'static>, from: usize, to: usize, is_one: IsOne| {
            let len = finder.needle().len();
            let stretch = &bytes[from..bytes.len().min(to + len - 1)];
            let places = finder.find_iter(stretch).map(|place| from + place);
            found.extend(places.filter(|place| is_one(&bytes[place + len..])));
        };
        if let Some(role) = &self.role {
            search(role, start, end, |_| true);
        }
        // Backslashes are few, or many in one place: one byte is found faster than four.
        let mut from = start;
        while let Some(ahead) = memchr(b'\\', &bytes[from..end]) {
            let to = end.min(from + ahead + ESCAPES);
            // Of an escape, two more digits tell whether it counts.
            search(&self.escape, from + ahead, to, |after| {
                after.get(..2).is_some_and(hides_a_source)
            });
            from = to;
        }
        found[before..].sort_unstable();
    }
}

/// Whether what follows a place makes it a mention.
type IsOne = fn(&[u8]) -> bool;

/// The bytes after a backslash that are looked through for escapes at once.
const ESCAPES: usize = 512;

/// Whether two hexadecimal digits are the code of a character of an event source, or of the quote
/// before it, which stands so in records that were written into a string.
fn hides_a_source(digits: &[u8]) -> bool {
    matches!(
        digits,
        [b'2', b'2' | b'd' | b'D' | b'e' | b'E'] | [b'6' | b'7', _]
    )
}

/// What follows the opening quote of the string that is the value of a member.
pub(super) fn string_after(bytes: &[u8], name_end: usize) -> Option<&[u8]> {
    let rest = bytes.get(name_end..)?.trim_ascii_start();
    let rest = rest.strip_prefix(b":")?.trim_ascii_start();
    rest.strip_prefix(b"\"")
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
    /// What was found in the last stretch.
    places: Places,
    /// Where mentions begin, of those not long past.
    found: Vec<usize>,
    /// How many of these lie before what was asked about last.
    n_past: usize,
}

impl Mentions<'_> {
    /// Whether there is one.
    pub(super) fn any(&mut self) -> bool {
        while self.found.is_empty() && self.next_times().is_some() {}
        !self.found.is_empty()
    }

    /// Looks through the next stretch, and tells where [`TIME`](super::places::TIME) stands in it; `None`
    /// when there is no more.
    pub(super) fn next_times(&mut self) -> Option<&[usize]> {
        if self.scanned >= self.bytes.len() {
            return None;
        }
        self.scan();
        Some(&self.places.times)
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
        let Self { places, found, .. } = self;
        self.prefilter
            .scan(self.bytes, self.scanned, end, places, found);
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
            "\"ecr.amazonaws.com",
            "\"ecr-public.amazonaws.com",
            "\"ecrpublic.amazonaws.com",
            "\\u002E",
            "\\u0065",
            "\\u0022ecr.amazonaws.com",
            "\\\"ecr.amazonaws.com",
            "\\\\\\\"ecr.amazonaws.com",
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
    fn every_escape_is_found_however_far_behind_a_backslash() {
        let prefilter = Prefilter::default();
        for distance in (1..20)
            .chain(ESCAPES - 20..ESCAPES + 20)
            .chain(2 * ESCAPES..2 * ESCAPES + 3)
        {
            let text = format!("x\\{}\\u0065y", "z".repeat(distance - 1));
            let mut mentions = prefilter.mentions(text.as_bytes());
            assert!(!mentions.any_in(0, 1 + distance), "{distance}");
            assert!(mentions.any_in(1 + distance, text.len()), "{distance}");
        }
    }

    #[test]
    fn only_records_of_other_calls_need_no_reading() {
        let prefilter = Prefilter::default();
        for (record, expected) in [
            (r#"{"eventName":"PutImage"}"#, true),
            (r#"{"eventName" : "CreateRepository"}"#, true),
            (r#"{"eventName":"BatchGetImage"}"#, false),
            (
                r#"{"a":{"eventName":"BatchGetImage"},"eventName":"PutImage"}"#,
                true,
            ),
            (r#"{"eventName":"Put\u0049mage"}"#, true),
            (
                r#"{"event\u004eame":"PutImage","eventName":"BatchGetImage"}"#,
                true,
            ),
            (r#"{"eventName":7}"#, true),
            (r#"{"eventName":"Put"#, true),
            (r#"{"eventSource":"ecr.amazonaws.com"}"#, false),
        ] {
            assert_eq!(
                prefilter.may_be_read(record.as_bytes()),
                expected,
                "{record}"
            );
        }
    }

    #[test]
    fn what_cannot_hide_a_source_is_no_mention() {
        let prefilter = Prefilter::default();
        for text in [
            "",
            "\\u003d \\u0026 \\u00",
            "\"ecr.amazonaws",
            "\"ecr:PutImage",
            "notecr.amazonaws.com",
            "\"s3.amazonaws.com",
        ] {
            assert!(!prefilter.mentions(text.as_bytes()).any(), "{text}");
        }
    }
}
