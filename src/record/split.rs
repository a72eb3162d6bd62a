//! Finds the records in the bytes of a file.
//!
//! Comes in: bytes, whole or in pieces. Goes out: the bounds of every record, passed to a sink as they are found, so
//! that everything before a defect is kept; and the defects. Never: a value.
//!
//! What counts as a record:
//!
//! - each element of the array `Records` of a top-level object,
//! - a top-level object that has `eventName`, `eventSource` or `eventID` as a member.
//!
//! "Top-level" means: at the top of the file, one after the other with or without line breaks, or in a top-level
//! array. Members of members are never looked at, so nothing that a caller wrote into a request can pass for a
//! record. If an object has both kinds of member, the first decides.
//!
//! Any other top-level object is passed on unchanged, since it may wrap a record. The elements of the arrays in AWS's
//! responses are passed on one by one, so that no array has to fit into memory.
//!
//! This is fast because little is read: only the members of a top-level object, up to the first that shows what the
//! object is. From there to its end, and over each element of an array, `Nesting` counts brackets 64 bytes at a
//! time. Mismatched brackets and values that are not JSON are left to the parser of the record.

use memchr::{memchr, memchr2};

use crate::location::Span;
use crate::record::nesting::Nesting;

/// What was found in a file, in the order of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A record, from brace to brace.
    Record {
        /// Its bytes.
        bytes: &'a [u8],
        /// Where they are in the decoded file.
        span: Span,
        /// Its position among the file's records, 0-based.
        index: u32,
        /// Whether it is known to be all ASCII.
        is_ascii: bool,
    },
    /// The start of an array of records, or of their wrappers.
    Array(Array),
    /// An element of `Records` that is not an object.
    NotAnObject {
        /// Where it is.
        span: Span,
        /// Its position among the file's records, 0-based.
        index: u32,
    },
    /// A record longer than the limit for files that are read in pieces.
    TooLong {
        /// Where it starts, with the bytes seen before it was given up.
        span: Span,
        /// Its position among the file's records, 0-based.
        index: u32,
    },
    /// An object that is not a record and may wrap one.
    Foreign {
        /// Its bytes.
        bytes: &'a [u8],
        /// Where they are in the decoded file.
        span: Span,
        /// The array that it is an element of; `None` if it is top-level.
        within: Option<Array>,
        /// The position among the file's records that a record in its place has, 0-based.
        index: u32,
    },
    /// Text that is not a JSON object or array: a line, or a value in an array.
    Text {
        /// Its bytes.
        bytes: &'a [u8],
        /// Where they are in the decoded file.
        span: Span,
        /// The position among the file's records that a record in its place has, 0-based.
        index: u32,
    },
    /// The JSON breaks off: at the end of the file, or at a byte that is not allowed there.
    Break {
        /// Where it breaks off.
        at: usize,
        /// The record that is cut there, by its position among the file's records and its span.
        record: Option<(u32, Span)>,
    },
}

/// Receives what is found, in order.
pub trait Sink<'a> {
    /// Takes a piece.
    fn piece(&mut self, piece: Piece<'a>);

    /// If the sink takes the record at `start` of the file at once, returns its length; its end need not be looked
    /// for then. `index` is its position among the file's records.
    ///
    /// It is an element of `Records`, and starts with its brace. The part that is taken must be one JSON object.
    fn first(&mut self, start: usize, index: u32) -> Option<usize>;
}

/// Takes one piece after the other.
struct PieceSink<'s, 'a>(&'s mut dyn FnMut(Piece<'a>));

impl<'a> Sink<'a> for PieceSink<'_, 'a> {
    fn piece(&mut self, piece: Piece<'a>) {
        (self.0)(piece);
    }

    fn first(&mut self, _: usize, _: u32) -> Option<usize> {
        None
    }
}

/// A member of a top-level object whose elements are taken one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Array {
    /// `Records`: a log file's records.
    Records,
    /// `Events`: the response of CloudTrail's `LookupEvents`.
    Events,
    /// `logEvents` of a batch that CloudWatch Logs delivers, or `events` in the responses of its `FilterLogEvents`
    /// and `GetLogEvents`.
    LogEvents,
}

/// Splits its input, piece by piece.
#[derive(Clone, Debug)]
pub struct Splitter {
    state: SplitState,
    /// How many top-level arrays are open.
    arrays: u32,
    /// The file offset of the next byte of input.
    offset: usize,
    /// Records found so far.
    index: u32,
    /// The byte before the next byte of input.
    before: u8,
}

/// Where in a file the splitter is.
#[derive(Clone, Copy, Debug)]
enum SplitState {
    /// Between top-level objects.
    Between,
    /// Before an element of an array, or its end.
    Elements(Array),
    /// After an element of an array.
    AfterElement(Array),
    /// In an object that has such an array, after it.
    AfterArray,
    /// In an element that was given up.
    SkipElement(Array, Nesting),
    /// In a top-level object that was given up.
    SkipObject(Nesting),
    /// After a break, in a line that is useless.
    BrokenLine,
    /// After a break, at the start of a line; it is used if it holds whole objects.
    Line,
}

/// What is known about a top-level object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ObjectKind {
    /// It has an array, whose elements start after this many bytes.
    Wrapper(Array, usize),
    /// It is a record; the value of the deciding member starts after this many bytes.
    Event(usize),
    /// It ended after this many bytes and was neither.
    Foreign(usize),
    /// The byte after this many is not allowed in JSON.
    Broken(usize),
    /// Its bytes end before this is decided.
    Unfinished,
}

/// The result of one step.
enum Advance {
    /// Go on at this byte.
    To(usize),
    /// A byte that is not allowed in its place.
    Broken {
        /// The byte.
        at: usize,
        /// Where the record that contains it starts and ends.
        record: Option<(usize, usize)>,
    },
    /// More bytes are needed after the current one.
    More {
        /// Whether they belong to a record.
        in_record: bool,
    },
}

impl Advance {
    /// At a byte that is not allowed in its place, outside records.
    fn broken(at: usize) -> Self {
        Self::Broken { at, record: None }
    }
}

impl Default for Splitter {
    fn default() -> Self {
        Self {
            state: SplitState::Between,
            arrays: 0,
            offset: 0,
            index: 0,
            before: 0,
        }
    }
}

/// Splits a whole file.
///
/// # Complexity
/// O(`bytes`): a file with a break in it is read twice, and every broken line once more.
pub fn split<'a>(bytes: &'a [u8], sink: &mut dyn FnMut(Piece<'a>)) {
    split_into(bytes, &mut PieceSink(sink));
}

/// Like [`split`], for a sink that may take records before their end is known.
pub fn split_into<'a>(bytes: &'a [u8], sink: &mut dyn Sink<'a>) {
    Splitter::default().end(bytes, sink);
}

impl Splitter {
    /// Splits what is complete in `buffer` and returns how many bytes of it are done.
    ///
    /// The rest must be given again at the start of the next buffer, with more after it. If no bytes are done, give a
    /// longer buffer, or call [`Splitter::give_up`].
    pub fn feed<'a>(&mut self, buffer: &'a [u8], sink: &mut dyn FnMut(Piece<'a>)) -> usize {
        self.run(buffer, false, &mut PieceSink(sink))
    }

    /// Splits `buffer`, which is the last one.
    pub fn finish<'a>(self, buffer: &'a [u8], sink: &mut dyn FnMut(Piece<'a>)) {
        self.end(buffer, &mut PieceSink(sink));
    }

    fn end<'a>(mut self, buffer: &'a [u8], sink: &mut dyn Sink<'a>) {
        self.run(buffer, true, sink);
        let open = match self.state {
            SplitState::Between => self.arrays > 0,
            SplitState::Line | SplitState::BrokenLine => false,
            SplitState::Elements(_)
            | SplitState::AfterElement(_)
            | SplitState::AfterArray
            | SplitState::SkipElement(..)
            | SplitState::SkipObject(_) => true,
        };
        if open {
            sink.piece(Piece::Break {
                at: self.offset,
                record: None,
            });
        }
    }

    /// Gives up the record or object at the start of `buffer` because of its length; its end is still looked for.
    /// Returns how many bytes are done, like [`Splitter::feed`]; never none.
    pub fn give_up<'a>(&mut self, buffer: &'a [u8], sink: &mut dyn FnMut(Piece<'a>)) -> usize {
        let span = self.span(0, buffer.len());
        let is_object = buffer.first() == Some(&b'{');
        match self.state {
            SplitState::Elements(array) => {
                let index = self.next_index();
                sink(Piece::TooLong { span, index });
                self.state = SplitState::SkipElement(array, Nesting::outside());
            }
            SplitState::Between if is_object && is_damaged(buffer) => {
                let end = memchr(b'\n', buffer).unwrap_or(buffer.len());
                let is_record = matches!(classify(buffer, 1, false), ObjectKind::Event(_));
                let record = is_record.then(|| (self.next_index(), self.span(0, end)));
                let at = self.offset + end;
                sink(Piece::Break { at, record });
                self.state = SplitState::BrokenLine;
            }
            SplitState::Between if is_object => {
                let index = self.next_index();
                sink(Piece::TooLong { span, index });
                self.state = SplitState::SkipObject(Nesting::outside());
            }
            SplitState::Between => {
                let index = self.index;
                sink(Piece::Text {
                    bytes: buffer,
                    span,
                    index,
                });
                self.state = SplitState::BrokenLine;
            }
            SplitState::AfterArray => self.state = SplitState::SkipObject(Nesting::inside()),
            SplitState::Line => self.state = SplitState::BrokenLine,
            SplitState::AfterElement(_)
            | SplitState::SkipElement(..)
            | SplitState::SkipObject(_)
            | SplitState::BrokenLine => {}
        }
        // Skipped input is never too long.
        self.run(buffer, false, &mut PieceSink(sink))
    }

    /// Moves from one state to the next until the buffer ends, or until its rest needs more bytes.
    ///
    /// Breaks are reported here, and reading continues with the next line, so that a damaged record costs only itself
    /// and not the rest of the file.
    fn run<'a>(&mut self, buffer: &'a [u8], is_last: bool, sink: &mut dyn Sink<'a>) -> usize {
        let mut position = 0;
        while position < buffer.len() {
            let step = match self.state {
                SplitState::Between => self.between(buffer, position, is_last, sink),
                SplitState::Elements(array) => self.element(buffer, position, array, sink),
                SplitState::AfterElement(array) => self.after_element(buffer, position, array),
                SplitState::AfterArray => self.after_array(buffer, position, sink),
                SplitState::SkipElement(array, nesting) => {
                    self.skip_element(buffer, position, array, nesting)
                }
                SplitState::SkipObject(nesting) => self.skip_object(buffer, position, nesting),
                SplitState::BrokenLine => self.broken_line(buffer, position),
                SplitState::Line => self.line(buffer, position, is_last, sink),
            };
            let (at, record) = match step {
                Advance::To(next) => {
                    position = next;
                    continue;
                }
                Advance::More { .. } if !is_last => break,
                Advance::More { in_record: true } => (buffer.len(), Some((position, buffer.len()))),
                Advance::More { in_record: false } => (buffer.len(), None),
                Advance::Broken { at, record } => (at, record),
            };
            let before = match position.checked_sub(1) {
                Some(last) => buffer[last],
                None => self.before,
            };
            // Input that cannot continue an array may start anew, as a line after one that was cut.
            let is_line = match self.state {
                SplitState::Elements(_) | SplitState::AfterElement(_) => {
                    before == b'\n' && record.is_none()
                }
                SplitState::Between
                | SplitState::AfterArray
                | SplitState::SkipElement(..)
                | SplitState::SkipObject(_)
                | SplitState::BrokenLine
                | SplitState::Line => false,
            };
            let record = record.map(|(start, end)| (self.next_index(), self.span(start, end)));
            sink.piece(Piece::Break {
                at: self.offset + at,
                record,
            });
            self.state = match is_line {
                true => SplitState::Line,
                false => SplitState::BrokenLine,
            };
        }
        if let Some(last) = position.checked_sub(1) {
            self.before = buffer[last];
        }
        self.offset += position;
        position
    }

    fn between<'a>(
        &mut self,
        buffer: &'a [u8],
        position: usize,
        is_last: bool,
        sink: &mut dyn Sink<'a>,
    ) -> Advance {
        const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
        let rest = &buffer[position..];
        match rest[0] {
            // Besides white space: zero padding, and the separator of JSON text sequences (RFC 7464).
            b' ' | b'\t' | b'\n' | b'\r' | 0 | 0x1e => Advance::To(position + 1),
            // In an array, or at the end of a line; elsewhere it may belong to a damaged object.
            b',' if self.arrays > 0 => Advance::To(position + 1),
            b',' => match rest[1..].iter().find(|byte| !b" \t\r".contains(byte)) {
                Some(b'\n') => Advance::To(position + 1),
                None if is_last => Advance::To(position + 1),
                None => Advance::More { in_record: false },
                Some(_) => Advance::broken(position),
            },
            0xef if rest.starts_with(BYTE_ORDER_MARK) => Advance::To(position + 3),
            0xef if rest.len() < 3 && !is_last => Advance::More { in_record: false },
            b'[' => {
                self.arrays = self.arrays.saturating_add(1);
                Advance::To(position + 1)
            }
            b']' if self.arrays > 0 => {
                self.arrays -= 1;
                Advance::To(position + 1)
            }
            b'{' => self.object(buffer, position, sink),
            // No value starts like this. What follows may be the inside of a damaged record, and an object in it must
            // not be taken for one.
            byte if self.arrays > 0 && !begins_scalar(byte) => Advance::broken(position),
            _ => {
                let len = if self.arrays > 0 {
                    value_end(rest, 0)
                } else {
                    memchr(b'\n', rest)
                };
                let Some(len) = len.or(is_last.then_some(rest.len())) else {
                    return Advance::More { in_record: false };
                };
                let len = len.max(1);
                let span = self.span(position, position + len);
                let bytes = &rest[..len];
                let index = self.index;
                sink.piece(Piece::Text { bytes, span, index });
                Advance::To(position + len)
            }
        }
    }

    fn object<'a>(
        &mut self,
        buffer: &'a [u8],
        position: usize,
        sink: &mut dyn Sink<'a>,
    ) -> Advance {
        let rest = &buffer[position..];
        match classify(rest, 1, false) {
            ObjectKind::Wrapper(_, len) if !is_unbroken(&rest[..len]) => Advance::broken(position),
            ObjectKind::Wrapper(array, len) => self.begin(array, position + len, sink),
            // Only the bytes after the deciding member must still be skipped.
            ObjectKind::Event(value) => {
                let Some(len) = Nesting::inside().close(&rest[value..]) else {
                    return Advance::More { in_record: true };
                };
                let end = position + value + len;
                if !is_sound_if_long(&buffer[position..end]) {
                    return Advance::Broken {
                        at: position,
                        record: Some((position, end)),
                    };
                }
                self.record(buffer, position, end, false, sink);
                Advance::To(end)
            }
            ObjectKind::Foreign(len) if !is_sound_if_long(&rest[..len]) => {
                Advance::broken(position)
            }
            ObjectKind::Foreign(len) => {
                let end = position + len;
                self.foreign(buffer, position, end, None, sink);
                Advance::To(end)
            }
            ObjectKind::Broken(len) => Advance::broken(position + len),
            ObjectKind::Unfinished => Advance::More { in_record: false },
        }
    }

    /// Moves on to the elements of an array.
    fn begin<'a>(&mut self, array: Array, elements: usize, sink: &mut dyn Sink<'a>) -> Advance {
        sink.piece(Piece::Array(array));
        self.state = SplitState::Elements(array);
        Advance::To(elements)
    }

    fn element<'a>(
        &mut self,
        buffer: &'a [u8],
        position: usize,
        array: Array,
        sink: &mut dyn Sink<'a>,
    ) -> Advance {
        // The elements of other arrays are records only after they are unwrapped.
        let in_record = array == Array::Records;
        match buffer[position] {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => Advance::To(position + 1),
            b'{' => {
                // Reading the record also finds its end, which saves the pass that looks for it.
                if in_record && let Some(len) = sink.first(self.offset + position, self.index) {
                    self.next_index();
                    self.state = SplitState::AfterElement(array);
                    return Advance::To(position + len);
                }
                let mut nesting = Nesting::outside();
                let Some(len) = nesting.close(&buffer[position..]) else {
                    return Advance::More { in_record };
                };
                let end = position + len;
                match array {
                    Array::Records => {
                        self.record(buffer, position, end, nesting.is_ascii(), sink);
                    }
                    Array::Events | Array::LogEvents => {
                        self.foreign(buffer, position, end, Some(array), sink);
                    }
                }
                self.state = SplitState::AfterElement(array);
                Advance::To(end)
            }
            b']' => {
                self.state = SplitState::AfterArray;
                Advance::To(position + 1)
            }
            byte if byte == b'[' || begins_scalar(byte) => {
                let Some(end) = value_end(buffer, position) else {
                    return Advance::More { in_record };
                };
                let span = self.span(position, end);
                match array {
                    Array::Records => {
                        let index = self.next_index();
                        sink.piece(Piece::NotAnObject { span, index });
                    }
                    Array::Events | Array::LogEvents => {
                        let bytes = &buffer[position..end];
                        let index = self.index;
                        sink.piece(Piece::Text { bytes, span, index });
                    }
                }
                self.state = SplitState::AfterElement(array);
                Advance::To(end)
            }
            _ => Advance::broken(position),
        }
    }

    fn after_element(&mut self, buffer: &[u8], position: usize, array: Array) -> Advance {
        self.state = match buffer[position] {
            b' ' | b'\t' | b'\n' | b'\r' => SplitState::AfterElement(array),
            b',' => SplitState::Elements(array),
            b']' => SplitState::AfterArray,
            _ => {
                return Advance::broken(position);
            }
        };
        Advance::To(position + 1)
    }

    fn after_array<'a>(
        &mut self,
        buffer: &'a [u8],
        position: usize,
        sink: &mut dyn Sink<'a>,
    ) -> Advance {
        match classify(&buffer[position..], 0, true) {
            ObjectKind::Wrapper(array, len) => self.begin(array, position + len, sink),
            ObjectKind::Event(len) | ObjectKind::Foreign(len) => {
                self.state = SplitState::Between;
                Advance::To(position + len)
            }
            ObjectKind::Broken(len) => Advance::broken(position + len),
            ObjectKind::Unfinished => Advance::More { in_record: false },
        }
    }

    fn skip_element(
        &mut self,
        buffer: &[u8],
        position: usize,
        array: Array,
        mut nesting: Nesting,
    ) -> Advance {
        match nesting.close(&buffer[position..]) {
            Some(len) => {
                self.state = SplitState::AfterElement(array);
                Advance::To(position + len)
            }
            None => {
                self.state = SplitState::SkipElement(array, nesting);
                Advance::To(buffer.len())
            }
        }
    }

    fn skip_object(&mut self, buffer: &[u8], position: usize, mut nesting: Nesting) -> Advance {
        match nesting.close(&buffer[position..]) {
            Some(len) => {
                self.state = SplitState::Between;
                Advance::To(position + len)
            }
            None => {
                self.state = SplitState::SkipObject(nesting);
                Advance::To(buffer.len())
            }
        }
    }

    fn broken_line(&mut self, buffer: &[u8], position: usize) -> Advance {
        match memchr(b'\n', &buffer[position..]) {
            Some(len) => {
                self.state = SplitState::Line;
                Advance::To(position + len + 1)
            }
            None => Advance::To(buffer.len()),
        }
    }

    fn line<'a>(
        &mut self,
        buffer: &'a [u8],
        position: usize,
        is_last: bool,
        sink: &mut dyn Sink<'a>,
    ) -> Advance {
        let rest = &buffer[position..];
        let (line, next) = match memchr(b'\n', rest) {
            Some(len) => (&rest[..len], position + len + 1),
            None if is_last => (rest, buffer.len()),
            None => return Advance::More { in_record: false },
        };
        // Only an object at the very start of a line; an indented one is part of another.
        if !line.starts_with(b"{\"") {
            return Advance::To(next);
        }
        // The line is read by a splitter of its own, as a file of one line. Even if it breaks off, this splitter is
        // still before the next line.
        let mut within = Self {
            state: SplitState::Between,
            arrays: 0,
            offset: self.offset + position,
            index: self.index,
            before: b'\n',
        };
        within.run(line, true, sink);
        self.index = within.index;
        Advance::To(next)
    }

    fn record<'a>(
        &mut self,
        buffer: &'a [u8],
        start: usize,
        end: usize,
        is_ascii: bool,
        sink: &mut dyn Sink<'a>,
    ) {
        sink.piece(Piece::Record {
            bytes: &buffer[start..end],
            span: self.span(start, end),
            index: self.next_index(),
            is_ascii,
        });
    }

    fn foreign<'a>(
        &mut self,
        buffer: &'a [u8],
        start: usize,
        end: usize,
        within: Option<Array>,
        sink: &mut dyn Sink<'a>,
    ) {
        sink.piece(Piece::Foreign {
            bytes: &buffer[start..end],
            span: self.span(start, end),
            within,
            index: self.index,
        });
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span {
            start: self.offset + start,
            len: end - start,
        }
    }

    fn next_index(&mut self) -> u32 {
        let index = self.index;
        self.index = index.saturating_add(1);
        index
    }
}

/// The kinds of text where one object is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alone {
    /// One record and nothing else.
    Record,
    /// One object that is no record, and nothing else.
    Foreign,
    /// An object whose end is missing.
    Cut,
    /// Something else.
    Text,
}

/// The kind of a text without white space around it; a record is recognised as in a file.
pub(super) fn alone(text: &[u8]) -> Alone {
    if text.first() != Some(&b'{') {
        return Alone::Text;
    }
    let kind = classify(text, 1, false);
    match (Nesting::outside().close(text), kind) {
        (None, _) => Alone::Cut,
        // Nesting counts brackets of either kind.
        (Some(end), _) if end == text.len() && !text.ends_with(b"}") => Alone::Cut,
        (Some(end), ObjectKind::Event(_)) if end == text.len() => Alone::Record,
        (Some(end), ObjectKind::Foreign(_)) if end == text.len() => Alone::Foreign,
        (Some(_), _) => Alone::Text,
    }
}

/// Whether an object that spans several lines is JSON.
///
/// A line that was cut while it was written opens a string or a bracket that a later line seems to close. Such an
/// object is not JSON, because a string cannot contain a line break.
fn is_sound_if_long(object: &[u8]) -> bool {
    memchr(b'\n', object).is_none()
        || serde_json::from_slice::<serde::de::IgnoredAny>(object).is_ok()
}

/// Whether the start of an object cannot continue as JSON, as when a cut line runs into the next one.
fn is_damaged(begin: &[u8]) -> bool {
    let read = serde_json::from_slice::<serde::de::IgnoredAny>(begin);
    read.is_err_and(|error| !error.is_eof())
}

/// Whether no string in some JSON contains a line break, as one seems to after a cut line.
fn is_unbroken(bytes: &[u8]) -> bool {
    if memchr(b'\n', bytes).is_none() {
        return true;
    }
    let (mut in_string, mut escaped) = (false, false);
    bytes.iter().all(|&byte| {
        let was_escaped = std::mem::take(&mut escaped);
        match byte {
            b'"' if !was_escaped => in_string = !in_string,
            b'\\' => escaped = !was_escaped,
            _ => {}
        }
        !(in_string && byte == b'\n')
    })
}

/// Reads the members of a top-level object, from `at` on, until one shows what it is.
///
/// With `is_wrapper` it is known to have an array, and only another one is looked for.
fn classify(bytes: &[u8], mut at: usize, is_wrapper: bool) -> ObjectKind {
    loop {
        at = skip(bytes, at, b" \t\r\n,");
        match bytes.get(at) {
            None => return ObjectKind::Unfinished,
            Some(b'}') => return ObjectKind::Foreign(at + 1),
            Some(b'"') => {}
            Some(_) => return ObjectKind::Broken(at),
        }
        let Some(key_end) = string_end(bytes, at) else {
            return ObjectKind::Unfinished;
        };
        let key = &bytes[at..key_end];
        at = skip(bytes, key_end, b" \t\r\n");
        match bytes.get(at) {
            None => return ObjectKind::Unfinished,
            Some(b':') => at = skip(bytes, at + 1, b" \t\r\n"),
            Some(_) => return ObjectKind::Broken(at),
        }
        match (member(key), bytes.get(at)) {
            (_, None) => return ObjectKind::Unfinished,
            (Clue::Array(array), Some(b'[')) => return ObjectKind::Wrapper(array, at + 1),
            (Clue::OfEvent, Some(_)) if !is_wrapper => return ObjectKind::Event(at),
            (Clue::Array(_) | Clue::OfEvent | Clue::Other, Some(_)) => {}
        }
        match value_end(bytes, at) {
            Some(end) => at = end,
            None => return ObjectKind::Unfinished,
        }
    }
}

/// What the name of a member says about its object.
enum Clue {
    /// It holds records or their wrappers.
    Array(Array),
    /// It is a record.
    OfEvent,
    /// Nothing.
    Other,
}

/// What a member's name, given with its quotes, says about its object.
fn member(key: &[u8]) -> Clue {
    match named(key.get(1..key.len() - 1).unwrap_or_default()) {
        Clue::Other if memchr(b'\\', key).is_some() => {
            let name = serde_json::from_slice::<String>(key).unwrap_or_default();
            named(name.as_bytes())
        }
        member @ (Clue::Array(_) | Clue::OfEvent | Clue::Other) => member,
    }
}

fn named(name: &[u8]) -> Clue {
    match name {
        b"Records" => Clue::Array(Array::Records),
        b"eventName" | b"eventSource" | b"eventID" => Clue::OfEvent,
        b"Events" => Clue::Array(Array::Events),
        b"logEvents" | b"events" => Clue::Array(Array::LogEvents),
        _ => Clue::Other,
    }
}

/// Whether a string, number or word can start with a byte.
fn begins_scalar(byte: u8) -> bool {
    matches!(byte, b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n')
}

/// The first byte from `at` on that is not in `skipped`.
fn skip(bytes: &[u8], at: usize, skipped: &[u8]) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .take_while(|byte| skipped.contains(byte))
        .count()
}

/// The byte after the string that starts at `at`.
fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// The byte after the value that starts at `at`; for a number or word, the byte that ends it.
fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'{' | b'[' => Nesting::outside().close(&bytes[at..]).map(|len| at + len),
        b'"' => string_end(bytes, at),
        _ => bytes[at..]
            .iter()
            .position(|byte| b",]} \t\r\n".contains(byte))
            .map(|len| at + len),
    }
}

#[cfg(test)]
mod tests;
