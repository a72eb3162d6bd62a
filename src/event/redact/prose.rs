//! Free text: the messages of refused calls.
//!
//! Comes in: a text that may name anything. Goes out: the same with pseudonyms for every name that
//! the log is known to hold, for whatever has the form of an account, key, address or ARN, and for
//! every quoted word that is none of AWS's own. Never: a digest or UUID changed.

use std::ops::Bound::{Included, Unbounded};

use crate::event::Digest;
use crate::event::redact::vocabulary::is_among;
use crate::event::redact::{Class, Pseudonyms};
use crate::event::uid;

/// The most bytes that are looked through; CloudTrail itself cuts messages and user agents at 1 kB
/// (CloudTrail user guide, "CloudTrail record contents").
const MOST_BYTES: usize = 4096;

/// Names shorter than this are replaced only where they stand quite alone.
const SHORT: usize = 4;

/// Words that ECR's messages quote and that are no names (ECR API reference, parameters).
const PARAMETERS: &str = "\
    imageDigest imageId imageIds imageManifest imageManifestMediaType imageTag \
    imageTagMutability layerDigest layerDigests layerPart layerPartBlob mediaType null \
    partFirstByte partLastByte registryId registryIds repositoryName repositoryNames uploadId";

/// As much of a text as is looked through.
pub(super) fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(MOST_BYTES)]
}

/// What stands at a place: so many bytes, and what takes their place.
type Found = (usize, Box<str>);

impl Pseudonyms {
    /// A free text without its names.
    ///
    /// # Complexity
    /// O(t · w · log n) for t bytes, words of w and n names; t is bounded.
    pub fn prose(&mut self, text: &str) -> String {
        let text = cut(text);
        let mut out = String::with_capacity(text.len());
        let mut before = None;
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            let len = match self.found(before, rest) {
                Some((len, pseudonym)) => {
                    out.push_str(&pseudonym);
                    len
                }
                None => {
                    out.push(next);
                    next.len_utf8()
                }
            };
            let (done, left) = rest.split_at(len);
            before = done.chars().next_back();
            rest = left;
        }
        out
    }

    fn found(&mut self, before: Option<char>, rest: &str) -> Option<Found> {
        if before.is_some_and(char::is_alphanumeric) {
            return None;
        }
        self.formed(rest)
            .or_else(|| self.known(before, rest))
            .or_else(|| self.quoted(rest))
    }

    /// What is told by its form.
    fn formed(&mut self, rest: &str) -> Option<Found> {
        let is_end = |c: char| c.is_whitespace() || "\"'`()[]{}<>,;|\\".contains(c);
        let run = rest.split(is_end).next()?;
        let run = run.trim_end_matches(['.', ':', '!', '?']);
        if run.starts_with("arn:") {
            return Some((run.len(), self.arn(run)));
        }
        if run.starts_with("sha") && Digest::parse(run).is_some() {
            return Some((run.len(), run.into()));
        }
        if let Some(uuid) = run.get(..36).filter(|uuid| uid::is_uuid(uuid)) {
            return Some((uuid.len(), uuid.into()));
        }
        let word = run.split(|c: char| !c.is_alphanumeric()).next()?;
        if word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some((word.len(), self.account(word)));
        }
        if let Some(pseudonym) = self.unique_id(word) {
            return Some((word.len(), pseudonym));
        }
        let host = run.split_once('@').map(|(_, host)| host);
        if host.is_some_and(|host| host.contains('.') && !host.contains(':')) {
            return Some((run.len(), self.of(Class::User, run)));
        }
        let is_part = |c: char| c.is_ascii_hexdigit() || c == '.' || c == ':';
        let address = run.split(|c| !is_part(c)).next()?;
        let without_port = address.split(':').next()?;
        let address = [address, without_port]
            .into_iter()
            .find(|text| text.parse::<std::net::IpAddr>().is_ok())?;
        Some((address.len(), self.of(Class::Address, address)))
    }

    /// The longest known name that a text begins with and that ends where a word does.
    fn known(&self, before: Option<char>, rest: &str) -> Option<Found> {
        let mut limit = rest;
        loop {
            // Of the names up to `limit`, the last shares the longest begin with it.
            let names = self.sought.range::<str, _>((Unbounded, Included(limit)));
            let (name, pseudonym) = names.into_iter().next_back()?;
            let shared = common(name, limit);
            let (same, after) = rest.split_at(shared);
            if shared == name.len() && ends(name, before, after) {
                return Some((shared, pseudonym.clone()));
            }
            limit = same;
            if shared == name.len() {
                let (last, _) = same.char_indices().next_back()?;
                limit = &same[..last];
            }
        }
    }

    /// A quoted word: AWS's messages quote what they name.
    fn quoted(&mut self, rest: &str) -> Option<Found> {
        let quote = rest.chars().next().filter(|c| "\"'`".contains(*c))?;
        let (word, _) = rest.get(1..)?.split_once(quote)?;
        if word.is_empty() || word.contains(char::is_whitespace) {
            return None;
        }
        let inner = match self.found(None, word) {
            _ if is_among(PARAMETERS, word) => word.into(),
            Some((len, pseudonym)) if len == word.len() => pseudonym,
            Some(_) | None => self.of(Class::Name, word),
        };
        Some((word.len() + 2, format!("{quote}{inner}{quote}").into()))
    }
}

/// The length of the longest common begin.
fn common(one: &str, other: &str) -> usize {
    let pairs = one.char_indices().zip(other.chars());
    let mut differing = pairs.filter(|((_, a), b)| a != b);
    match differing.next() {
        Some(((at, _), _)) => at,
        None => one.len().min(other.len()),
    }
}

/// Whether a name that stands at a place is a word by itself there.
fn ends(name: &str, before: Option<char>, after: &str) -> bool {
    let mut after = after.chars();
    let (next, second) = (after.next(), after.next());
    let is_joint = |c: char| "._-/@".contains(c);
    let closes = next == Some('.') && second.is_none_or(char::is_whitespace);
    match next {
        Some(next) if next.is_alphanumeric() => false,
        _ if name.len() >= SHORT => true,
        Some(next) if is_joint(next) && !closes => false,
        Some(_) | None => !before.is_some_and(is_joint),
    }
}
