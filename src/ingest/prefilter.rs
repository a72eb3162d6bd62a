//! Finds cheaply what cannot hold a push event.
//!
//! Comes in: the decoded bytes of a file. Goes out: for the file and any stretch of it, whether it may
//! hold a record of ECR, or one with an `eventID` that is looked for. Never: a no if the answer is yes.
//!
//! A push event has the `eventSource` `ecr.amazonaws.com`, `ecr-public.amazonaws.com` or
//! `ecrpublic.amazonaws.com`, as a string that starts with it. JSON allows any of these characters to be
//! written as an escape, which CloudTrail does not do. So that nothing can hide behind one, an escape of
//! a quote, a letter, a hyphen or a full stop counts as a mention too. A record that is written into a
//! string has backslashes before its quotes, so its mentions are found unchanged.

use memchr::arch::all::packedpair::HeuristicFrequencyRank;
use memchr::memmem::{Finder, FinderBuilder};
use memchr::{memchr, memchr2};

use crate::event::{Pulls, is_read};
use crate::ingest::options::Roles;
use crate::ingest::places::{Places, SOURCE};
use crate::ingest::sought::Sought;

/// A text to look for, with two of its bytes that rarely occur together in a log file.
///
/// The search looks for these two first. The bytes it would choose by default, for text in general, are
/// in `amazonaws.com`, which every record contains several times.
fn finder(text: &'static str, seldom: [u8; 2]) -> Finder<'static> {
    FinderBuilder::new().build_forward_with_ranker(Seldom(seldom), text)
}

/// Ranks two bytes as the rarest.
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

/// What follows the first letters in an event source of ECR.
const SOURCES: [&[u8]; 3] = [
    b".amazonaws.com",
    b"-public.amazonaws.com",
    b"public.amazonaws.com",
];

/// The texts to look for, prepared once.
pub(super) struct Prefilter {
    /// Calls that return a role session, if roles are traced.
    role: Option<Finder<'static>>,
    /// Whether the calls that take images are read too.
    pulls: Pulls,
    /// If set, only records with this `eventID` are looked for, of any call.
    sought: Option<Sought>,
    escape: Finder<'static>,
    name: Finder<'static>,
}

impl Default for Prefilter {
    fn default() -> Self {
        Self {
            role: None,
            pulls: Pulls::Ignored,
            sought: None,
            escape: Finder::new("\\u00"),
            name: finder("\"eventName\"", *b"tN"),
        }
    }
}

impl Prefilter {
    /// The texts to look for; if roles are traced, also the records of STS.
    pub(super) fn new(roles: Roles, pulls: Pulls) -> Self {
        let mut prefilter = Self {
            pulls,
            ..Self::default()
        };
        match roles {
            Roles::Ignored => {}
            Roles::Traced => prefilter.role = Some(finder("\"AssumeRole", *b"RA")),
        }
        prefilter
    }

    /// The texts to look for to find records, of any call, whose `eventID` begins like this.
    pub(super) fn seeking(begin: &str) -> Self {
        Self {
            sought: Some(Sought::new(begin)),
            ..Self::default()
        }
    }

    /// What is looked for instead of records of ECR.
    pub(super) fn sought(&self) -> Option<&Sought> {
        self.sought.as_ref()
    }

    /// Searches some bytes on demand.
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

    /// Whether a record of ECR may be of a call that is read; most are pulls, which are read only if asked for.
    ///
    /// A record's own `eventName` is not distinguished from one in the caller's parameters, so every one
    /// counts, as does an escape, which may be in the name or its value.
    pub(super) fn may_be_read(&self, record: &[u8]) -> bool {
        if self.sought.is_some() {
            return true;
        }
        let mut names = self.name.find_iter(record);
        names.any(|place| {
            let value = string_after(record, place + self.name.needle().len());
            value.is_none_or(|value| match memchr2(b'"', b'\\', value) {
                Some(end) if value[end] == b'"' => {
                    is_read(&value[..end], self.pulls)
                        || (self.role.is_some() && value.starts_with(b"AssumeRole"))
                }
                Some(_) | None => true,
            })
        }) || self.escape.find(record).is_some()
    }

    /// Adds the places where mentions start within a stretch of some bytes, in order.
    ///
    /// `places` gets the places of times in it.
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
        if let Some(sought) = &self.sought {
            sought.scan(bytes, start, end, found);
            return;
        }
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
        // Backslashes are few, or many in one place; one byte is found faster than four.
        let mut from = start;
        while let Some(ahead) = memchr(b'\\', &bytes[from..end]) {
            let to = end.min(from + ahead + ESCAPES);
            // After a backslash, two more digits show whether the escape counts.
            search(&self.escape, from + ahead, to, |after| {
                after.get(..2).is_some_and(hides_a_source)
            });
            from = to;
        }
        found[before..].sort_unstable();
    }
}

/// Whether the bytes after a place make it a mention.
type IsOne = fn(&[u8]) -> bool;

/// How many bytes after a backslash are searched for escapes at once.
const ESCAPES: usize = 512;

/// Whether two hexadecimal digits are the code of a character of an event source, or of the quote before
/// it, which is escaped in this way in records written into a string.
fn hides_a_source(digits: &[u8]) -> bool {
    matches!(
        digits,
        [b'2', b'2' | b'd' | b'D' | b'e' | b'E'] | [b'6' | b'7', _]
    )
}

/// The text after the opening quote of the string that is a member's value.
pub(super) fn string_after(bytes: &[u8], name_end: usize) -> Option<&[u8]> {
    let rest = bytes.get(name_end..)?.trim_ascii_start();
    let rest = rest.strip_prefix(b":")?.trim_ascii_start();
    rest.strip_prefix(b"\"")
}

/// How many bytes are searched at once: few enough to stay in the nearer caches while each text is looked
/// for.
const STRETCH: usize = 64 << 10;

/// The mentions in some bytes, found in order.
pub(super) struct Mentions<'a> {
    prefilter: &'a Prefilter,
    bytes: &'a [u8],
    /// How many bytes have been searched.
    scanned: usize,
    /// What was found in the last stretch.
    places: Places,
    /// Where recent mentions start.
    found: Vec<usize>,
    /// How many of these are before the last stretch that was asked about.
    n_past: usize,
}

impl Mentions<'_> {
    /// Whether there is a mention.
    pub(super) fn any(&mut self) -> bool {
        while self.found.is_empty() && self.next_times().is_some() {}
        !self.found.is_empty()
    }

    /// Searches the next stretch, and returns the places of [`TIME`](super::places::TIME) in it; `None`
    /// if there is no more.
    pub(super) fn next_times(&mut self) -> Option<&[usize]> {
        if self.scanned >= self.bytes.len() {
            return None;
        }
        self.scan();
        Some(&self.places.times)
    }

    /// Whether there is a mention in a stretch; after this only later stretches may be asked about.
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
