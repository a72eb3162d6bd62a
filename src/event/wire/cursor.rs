//! Reads the members of plain JSON in one pass over its text.
//!
//! Comes in: the text of a value. Goes out: the members that are asked for. Never: an answer that
//! differs from serde's. Whatever is not plain, or not JSON at all, is given up, and serde reads it.
//! Every byte is checked, also in members that nobody asks for.

use std::borrow::Cow;

use crate::event::caller::Callers;
use crate::event::wire::long::Long;
use crate::event::wire::member::{Elements, Flag, Inner, Maybe, Str, Unread, Whole};
use crate::record::stop;

/// How deep skipped values may nest; deeper ones are left to serde.
const MAX_DEPTH: u32 = 64;

/// The number of elements in most lists.
const USUAL: usize = 4;

/// The digits of a number that always fits 64 bits.
const MAX_DIGITS: usize = 19;

/// A value that can be read at the position of a [`Cursor`].
///
/// It is read in place, because the members of a record are too large to be moved cheaply.
pub(in crate::event) trait Read<'a>: Default {
    /// Whether a second member with the name is a fault.
    const IS_READ: bool = true;

    /// Reads it; `None` gives up the whole text.
    fn read(&mut self, cursor: &mut Cursor<'a, '_>) -> Option<()>;
}

/// A position in a text.
#[derive(Clone, Copy)]
pub(in crate::event) struct Cursor<'a, 'c> {
    text: &'a str,
    at: usize,
    depth: u32,
    callers: &'c Callers,
}

impl<'a, 'c> Cursor<'a, 'c> {
    /// The start of a text, with the callers that need not be parsed again.
    pub(super) fn new(text: &'a str, callers: &'c Callers) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            callers,
        }
    }

    /// Reads a value that must be the whole text.
    pub(super) fn whole<T: Read<'a>>(mut self, value: &mut T) -> Option<()> {
        value.read(&mut self)?;
        self.is_at_end().then_some(())
    }

    /// Whether nothing but white space is left.
    pub(super) fn is_at_end(&mut self) -> bool {
        self.skip_space();
        self.at == self.text.len()
    }

    /// How many bytes were read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Reads a member that must be next, by its name with quotes and colon, and must not be the last of its object.
    pub(super) fn member(&mut self, name: &str, value: &mut impl Read<'a>) -> Option<()> {
        self.word(name)?;
        value.read(self)?;
        (!self.is_last_member()?).then_some(())
    }

    /// Reads the value at the start of the text; returns its length.
    pub(super) fn first<T: Read<'a>>(mut self, value: &mut T) -> Option<usize> {
        value.read(&mut self)?;
        Some(self.at)
    }

    /// The callers that need not be parsed again.
    pub(super) fn callers(&self) -> &'c Callers {
        self.callers
    }

    /// The rest of the text.
    pub(super) fn rest(&self) -> Option<&'a str> {
        self.text.get(self.at..)
    }

    /// Moves past `len` bytes.
    pub(super) fn advance(&mut self, len: usize) {
        self.at += len;
    }

    /// Enters an object, to the name of its first member; returns whether there is none.
    #[inline(always)]
    pub(super) fn is_empty_object(&mut self) -> Option<bool> {
        self.is_empty(b'{', b'}')
    }

    /// Moves from a member of an object to the name of the next; returns whether there is none.
    #[inline(always)]
    pub(super) fn is_last_member(&mut self) -> Option<bool> {
        self.is_last(b'}')
    }

    /// Moves past some text, if it is next: a word, or the name of a member with quotes and colon.
    #[inline(always)]
    pub(super) fn passes(&mut self, text: &str) -> bool {
        let end = self.at + text.len();
        let is_there = self.text.as_bytes().get(self.at..end) == Some(text.as_bytes());
        if is_there {
            self.at = end;
        }
        is_there
    }

    /// Reads the members of an object, starting at the name of one; `value` is called for each name
    /// to read its value.
    #[inline(always)]
    pub(super) fn members(
        &mut self,
        mut member: impl FnMut(&mut Self, &'a str) -> Option<()>,
    ) -> Option<()> {
        loop {
            let name = self.name()?;
            self.expect(b':')?;
            member(self, name)?;
            if self.is_last_member()? {
                return Some(());
            }
        }
    }

    /// Reads a list, element by element.
    #[inline(always)]
    fn list(&mut self, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        if self.is_empty(b'[', b']')? {
            return Some(());
        }
        loop {
            element(self)?;
            if self.is_last(b']')? {
                return Some(());
            }
        }
    }

    /// Moves past an opening bracket and white space, and past the closing one if that is next;
    /// returns whether it was.
    #[inline(always)]
    fn is_empty(&mut self, opening: u8, closing: u8) -> Option<bool> {
        self.expect(opening)?;
        let is_empty = self.peek()? == closing;
        self.at += usize::from(is_empty);
        Some(is_empty)
    }

    /// Moves past a comma and white space, or past the closing bracket if that is next; returns
    /// whether it was.
    #[inline(always)]
    fn is_last(&mut self, closing: u8) -> Option<bool> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b',' => {
                self.skip_space();
                Some(false)
            }
            _ if byte == closing => Some(true),
            _ => None,
        }
    }

    /// Skips a value of any kind, which must be JSON.
    pub(super) fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.skip_string().map(|_| ()),
            b'{' => {
                self.deeper()?;
                self.object_to_skip()?;
                self.depth -= 1;
                Some(())
            }
            b'[' => {
                self.deeper()?;
                self.list(Self::skip)?;
                self.depth -= 1;
                Some(())
            }
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => self.skip_number(),
        }
    }

    /// Like [`members`](Self::members), but names may contain escapes.
    fn object_to_skip(&mut self) -> Option<()> {
        if self.is_empty_object()? {
            return Some(());
        }
        loop {
            if self.peek()? != b'"' {
                return None;
            }
            self.skip_string()?;
            self.expect(b':')?;
            self.skip()?;
            if self.is_last_member()? {
                return Some(());
            }
        }
    }

    fn deeper(&mut self) -> Option<()> {
        self.depth += 1;
        (self.depth < MAX_DEPTH).then_some(())
    }

    #[inline(always)]
    fn skip_space(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(self.at) {
            self.at += 1;
        }
    }

    /// The next byte that is not white space.
    #[inline(always)]
    fn peek(&mut self) -> Option<u8> {
        self.skip_space();
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline(always)]
    fn expect(&mut self, wanted: u8) -> Option<()> {
        let byte = self.peek()?;
        self.at += 1;
        (byte == wanted).then_some(())
    }

    #[inline(always)]
    fn word(&mut self, word: &str) -> Option<()> {
        self.passes(word).then_some(())
    }

    /// The name of a member, without escapes.
    #[inline(always)]
    fn name(&mut self) -> Option<&'a str> {
        self.expect(b'"')?;
        let start = self.at;
        let end = stop(self.text.as_bytes(), start);
        self.at = end + 1;
        (self.text.as_bytes().get(end) == Some(&b'"')).then(|| self.text.get(start..end))?
    }

    /// A string with its escapes resolved.
    #[inline(always)]
    fn string(&mut self) -> Option<Cow<'a, str>> {
        let start = self.at;
        let end = stop(self.text.as_bytes(), start + 1);
        if self.text.as_bytes().get(end) == Some(&b'"') {
            self.at = end + 1;
            return self.text.get(start + 1..end).map(Cow::Borrowed);
        }
        self.skip_string()?;
        let quoted = self.text.get(start..self.at)?;
        serde_json::from_str(quoted).ok().map(Cow::Owned)
    }

    /// A string whose escapes are resolved when it is used, or at once if they could be invalid.
    fn long_string(&mut self) -> Option<Long<'a>> {
        let start = self.at;
        let has_codes = self.skip_string()?;
        if has_codes {
            self.at = start;
            return self.string().map(Long::Text);
        }
        self.text.get(start + 1..self.at - 1).map(Long::Written)
    }

    /// Skips a string; returns whether it has `\u` escapes, which can be half a surrogate pair.
    #[inline(always)]
    fn skip_string(&mut self) -> Option<bool> {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 1;
        let mut has_codes = false;
        loop {
            at = stop(bytes, at);
            match bytes.get(at)? {
                b'"' => {
                    self.at = at + 1;
                    return Some(has_codes);
                }
                b'\\' => {
                    let end = escape_end(bytes, at)?;
                    has_codes |= end > at + 2;
                    at = end;
                }
                _ => return None,
            }
        }
    }

    /// A whole number without sign, fraction or exponent.
    fn whole_number(&mut self) -> Option<u64> {
        let bytes = self.text.as_bytes().get(self.at..)?;
        let len = digits(bytes);
        let is_plain = (1..=MAX_DIGITS).contains(&len)
            && (len == 1 || bytes.first() != Some(&b'0'))
            && !matches!(bytes.get(len), Some(b'.' | b'e' | b'E'));
        if !is_plain {
            return None;
        }
        self.at += len;
        let digits = bytes.get(..len)?.iter();
        Some(digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
    }

    /// Skips a number by JSON's grammar (RFC 8259, section 6).
    fn skip_number(&mut self) -> Option<()> {
        let bytes = self.text.as_bytes();
        let mut at = self.at + usize::from(bytes.get(self.at) == Some(&b'-'));
        let whole = digits(bytes.get(at..)?);
        if whole == 0 || (whole > 1 && bytes.get(at) == Some(&b'0')) {
            return None;
        }
        at += whole;
        if bytes.get(at) == Some(&b'.') {
            let fraction = digits(bytes.get(at + 1..)?);
            at += 1 + fraction;
            if fraction == 0 {
                return None;
            }
        }
        if let Some(b'e' | b'E') = bytes.get(at) {
            at += 1;
            at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
            let exponent = digits(bytes.get(at..)?);
            at += exponent;
            if exponent == 0 {
                return None;
            }
        }
        self.at = at;
        Some(())
    }
}

/// How many digits are at the start.
fn digits(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count()
}

/// The byte after the escape that starts at `at`; `None` if JSON has no such escape.
fn escape_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at + 1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(at + 2),
        b'u' => {
            let code = bytes.get(at + 2..at + 6)?;
            code.iter().all(u8::is_ascii_hexdigit).then_some(at + 6)
        }
        _ => None,
    }
}

/// Reads a value of the wrong type: anything but plain numbers, whose range serde checks.
fn wrong<T>(cursor: &mut Cursor<'_, '_>) -> Option<Maybe<T>> {
    match cursor.peek()? {
        b'n' => cursor.word("null").map(|()| Maybe::Absent),
        // Serde resolves the escapes of these, and may reject them.
        b'"' => cursor.string().map(|_| Maybe::Wrong),
        b'-' | b'0'..=b'9' => cursor.whole_number().map(|_| Maybe::Wrong),
        _ => cursor.skip().map(|()| Maybe::Wrong),
    }
}

fn member<T>(value: Option<T>) -> Maybe<T> {
    value.map_or(Maybe::Wrong, Maybe::Is)
}

impl<'a> Read<'a> for Unread {
    const IS_READ: bool = false;

    #[inline(always)]
    fn read(&mut self, cursor: &mut Cursor<'a, '_>) -> Option<()> {
        match cursor.peek()? {
            b'"' => cursor.skip_string().map(|_| ()),
            _ => cursor.skip(),
        }
    }
}

impl<'a> Read<'a> for Maybe<Str<'a>> {
    #[inline(always)]
    fn read(&mut self, cursor: &mut Cursor<'a, '_>) -> Option<()> {
        *self = match cursor.peek()? {
            b'"' => Self::Is(Str(cursor.string()?)),
            _ => wrong(cursor)?,
        };
        Some(())
    }
}

impl<'a> Read<'a> for Maybe<Long<'a>> {
    fn read(&mut self, cursor: &mut Cursor<'a, '_>) -> Option<()> {
        *self = match cursor.peek()? {
            b'"' => Self::Is(cursor.long_string()?),
            _ => wrong(cursor)?,
        };
        Some(())
    }
}

impl<'a> Read<'a> for Maybe<Whole> {
    fn read(&mut self, cursor: &mut Cursor<'a, '_>) -> Option<()> {
        *self = match cursor.peek()? {
            b'0'..=b'9' => Self::Is(Whole(cursor.whole_number()?)),
            b'"' => member(cursor.string()?.parse().ok().map(Whole)),
            _ => wrong(cursor)?,
        };
        Some(())
    }
}

impl<'a> Read<'a> for Maybe<Flag> {
    fn read(&mut self, cursor: &mut Cursor<'a, '_>) -> Option<()> {
        *self = match cursor.peek()? {
            b't' => cursor.word("true").map(|()| Self::Is(Flag(true)))?,
            b'f' => cursor.word("false").map(|()| Self::Is(Flag(false)))?,
            b'"' => member(cursor.string()?.parse().ok().map(Flag)),
            _ => wrong(cursor)?,
        };
        Some(())
    }
}

impl<'a, T: Read<'a>> Read<'a> for Maybe<Inner<T>> {
    fn read(&mut self, cursor: &mut Cursor<'a, '_>) -> Option<()> {
        if cursor.peek()? != b'{' {
            *self = wrong(cursor)?;
            return Some(());
        }
        *self = Self::Is(Inner(T::default()));
        match self {
            Self::Is(object) => object.0.read(cursor),
            Self::Absent | Self::Wrong => None,
        }
    }
}

impl<'a, T: Read<'a>> Read<'a> for Maybe<Elements<T>> {
    fn read(&mut self, cursor: &mut Cursor<'a, '_>) -> Option<()> {
        if cursor.peek()? != b'[' {
            *self = wrong(cursor)?;
            return Some(());
        }
        let mut values = Vec::with_capacity(USUAL);
        cursor.list(|cursor| {
            let mut value = T::default();
            value.read(cursor)?;
            values.push(value);
            Some(())
        })?;
        *self = Self::Is(Elements(values));
        Some(())
    }
}

#[cfg(test)]
mod tests;
