//! Free text: the messages of refused calls and of errors.
//!
//! Comes in: a text that may name anything. Goes out: the words of AWS's messages, digests, UUIDs, times and
//! small numbers. Everything else becomes pseudonyms: the names that the log is known to contain, in any
//! spelling, and anything with the form of an account, key, address or ARN. Never: a word let through because
//! nothing speaks against it.

use std::net::IpAddr;

use chrono::DateTime;

use crate::event::redact::list::WordList;
use crate::event::redact::{Class, Pseudonyms, unescaped};
use crate::event::{Digest, uid};

/// The most bytes that are processed; CloudTrail itself cuts messages and user agents at 1 kB (CloudTrail user
/// guide, "CloudTrail record contents").
const MOST_BYTES: usize = 4096;

/// The most pieces, with marks between them, in which a known name is looked for.
const MOST_PIECES: usize = 16;

/// The fewest words of AWS's that may stay in quotes. Fewer could be a name made of such words.
const PHRASE: usize = 4;

/// The longest number that may stay: quotas and status codes are shorter, accounts longer.
const MOST_DIGITS: usize = 6;

/// The start of web and object addresses.
const SCHEMES: [&str; 3] = ["https", "http", "s3"];

/// The part of a text that is processed.
pub(super) fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(MOST_BYTES)]
}

/// Whether a character separates words.
fn parts_words(c: char) -> bool {
    c.is_whitespace() || "\"'`()[]{}<>,;|\\".contains(c)
}

/// The range of letters and digits between marks: from, to.
type Chunk = (usize, usize);

impl Pseudonyms {
    /// A free text without its names.
    ///
    /// # Complexity
    /// O(t) for t bytes, with a factor of up to `MOST_PIECES` squared for text full of marks; t is bounded.
    pub fn prose(&mut self, text: &str) -> String {
        self.words(&unescaped(cut(text)))
    }

    fn words(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut is_inside = false;
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            let quoted = match next {
                '"' | '\'' | '`' if !is_inside => rest[1..].split_once(next),
                _ => None,
            };
            let len = if let Some((inner, _)) = quoted {
                out.push(next);
                out.push_str(&self.quoted(inner));
                out.push(next);
                inner.len() + 2
            } else if parts_words(next) {
                out.push(next);
                next.len_utf8()
            } else {
                let run = rest.split(parts_words).next().unwrap_or(rest);
                let word = run.trim_end_matches(['.', ':', '!', '?']);
                out.push_str(&self.word_of_text(word));
                out.push_str(&run[word.len()..]);
                run.len()
            };
            let (done, left) = rest.split_at(len);
            is_inside = quoted.is_none() && done.ends_with(char::is_alphanumeric);
            rest = left;
        }
        out
    }

    fn word_of_text(&mut self, word: &str) -> Box<str> {
        match self.is_of_message(word) {
            true => word.into(),
            false => self.marked(word),
        }
    }

    /// A text in quotes; AWS's messages quote the things they name.
    fn quoted(&mut self, inner: &str) -> Box<str> {
        let mut words = inner.split(parts_words).filter(|word| !word.is_empty());
        if !inner.contains(parts_words) {
            return match self.is_member(inner) {
                true => inner.into(),
                false => self.marked(inner),
            };
        }
        let is_sentence = words.clone().count() >= PHRASE;
        let stays = words.all(|word| match is_sentence {
            true => self.is_of_message(word) || is_content(word),
            false => is_content(word),
        });
        match stays {
            true => inner.into(),
            false => self.of(Class::Name, inner),
        }
    }

    /// Whether a word is one that AWS's messages use.
    fn is_of_message(&self, word: &str) -> bool {
        let has = |list, word: &str| self.lists.has(list, word);
        let is_action = || {
            let action = word.split_once(':').map_or(word, |(service, action)| {
                match has(WordList::Service, service) {
                    true => action,
                    false => "",
                }
            });
            action == "*" || has(WordList::Action, action)
        };
        has(WordList::Message, &word.to_ascii_lowercase())
            || self.is_member(word)
            || self.is_code(word)
            || is_action()
    }

    /// Whether a word is a member of records, or the path of one.
    fn is_member(&self, word: &str) -> bool {
        word.split('.')
            .all(|word| self.lists.has(WordList::Member, word))
    }

    /// A word with marks in it, such as `host/name:tag`, piece by piece.
    pub(super) fn marked(&mut self, word: &str) -> Box<str> {
        let pieces = pieces(word);
        let mut out = String::with_capacity(word.len());
        let (mut done, mut at) = (0, 0);
        // Where the unknown part starts.
        let mut unknown = None;
        while let Some(&(from, _)) = pieces.get(at) {
            let last = pieces.len().min(at + MOST_PIECES);
            let mut ends = pieces[at..last].iter().enumerate().rev();
            let found = match word[from..].starts_with("arn:") {
                true => Some((pieces.len() - at, word.len(), self.arn(&word[from..]))),
                false => ends.find_map(|(n, &(_, to))| {
                    let told = self.told((&word[..from], &word[to..]), &word[from..to])?;
                    Some((n + 1, to, told))
                }),
            };
            let Some((n, to, told)) = found else {
                unknown = unknown.or(Some(from));
                at += 1;
                continue;
            };
            let known_until = unknown.take().map(|from| (from, pieces[at - 1].1));
            self.unknown(word, &mut out, &mut done, known_until);
            out.push_str(&word[done..from]);
            out.push_str(&told);
            done = to;
            at += n;
        }
        let end = pieces.last().map_or(0, |&(_, to)| to);
        self.unknown(word, &mut out, &mut done, unknown.map(|from| (from, end)));
        out.push_str(&word[done..]);
        out.into()
    }

    /// Writes the text between the last piece and an unknown one, and a name for the unknown one.
    fn unknown(&mut self, word: &str, out: &mut String, done: &mut usize, piece: Option<Chunk>) {
        if let Some((from, to)) = piece {
            out.push_str(&word[*done..from]);
            out.push_str(&self.of(Class::Name, &word[from..to]));
            *done = to;
        }
    }

    /// The replacement for a whole text that is known, or recognised by its form; `beside` is the rest of the
    /// word before and after it.
    pub(super) fn told(&mut self, beside: (&str, &str), text: &str) -> Option<Box<str>> {
        let (before, after) = beside;
        let is_number = is_digits(text);
        let is_port = before.ends_with(':') && text.len() <= 5 && is_number;
        let stays = match is_number {
            true => is_port,
            false => is_content(text) || super::is_region(text) || self.is_host(text),
        };
        if stays || before.is_empty() && after.starts_with("://") && SCHEMES.contains(&text) {
            return Some(text.into());
        }
        // `v1` is not a part of `v1.2`, nor `team/app` of `team/app-two`.
        let goes_on = |c: char| matches!(c, '.' | '-' | '_');
        if !before.ends_with(goes_on)
            && !after.starts_with(goes_on)
            && let Some(known) = self.known(text)
        {
            return Some(known);
        }
        if let Some(account) = account_of(text) {
            return Some(self.account(&account));
        }
        if let Some(address) = address_of(text) {
            return Some(self.of(Class::Address, &address.to_string()));
        }
        if is_mail(text) {
            return Some(self.of(Class::User, text));
        }
        let is_all = before.is_empty() && after.is_empty();
        match is_all && is_content(text) {
            true => Some(text.into()),
            false => self.unique_id(text),
        }
    }
}

/// The ranges of letters and digits in a word.
fn pieces(word: &str) -> Vec<Chunk> {
    let mut pieces: Vec<Chunk> = Vec::new();
    for (at, c) in word.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
        let to = at + c.len_utf8();
        match pieces.last_mut() {
            Some((_, end)) if *end == at => *end = to,
            Some(_) | None => pieces.push((at, to)),
        }
    }
    pieces
}

/// Whether a text is a mail address.
fn is_mail(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, host)| {
        host.contains('.') && !user.contains(['/', ':']) && !host.contains(['/', ':', '@'])
    })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text names nobody because of its form: a digest, a UUID, a time, a small number.
fn is_content(text: &str) -> bool {
    text.len() <= MOST_DIGITS && is_digits(text)
        || is_identifier(text)
        || is_registered(text) && Digest::parse(text).is_some()
        || (20..=30).contains(&text.len()) && DateTime::parse_from_rfc3339(text).is_ok()
}

/// Whether a text is a UUID, in upper or lower case.
pub(super) fn is_identifier(text: &str) -> bool {
    text.len() == 36 && uid::is_uuid(&text.to_ascii_lowercase())
}

/// Whether a digest has only digits; other algorithms allow any text after the colon.
pub(super) fn is_registered(digest: &str) -> bool {
    digest.starts_with("sha256:") || digest.starts_with("sha512:")
}

/// The account number in a text, also in groups of four digits as consoles show it.
fn account_of(text: &str) -> Option<String> {
    let is_grouped = || text.split('-').map(str::len).eq([4; 3]);
    if text.len() != 12 && !is_grouped() {
        return None;
    }
    let digits = text.replace('-', "");
    (digits.len() == 12 && is_digits(&digits)).then_some(digits)
}

/// The address in a text, also with dashes as in host names.
fn address_of(text: &str) -> Option<IpAddr> {
    let is_dashed = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
    };
    let dashed = text.strip_prefix("ip-").unwrap_or(text);
    match text.len() <= 45 && is_dashed(dashed) {
        true => dashed.replace('-', ".").parse().ok(),
        false => text.parse().ok(),
    }
}
