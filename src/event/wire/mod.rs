//! The members of a record that are read, borrowed from its text.
//!
//! Comes in: a record's JSON. Goes out: its members by their CloudTrail names; one of the wrong
//! type is [`Wrong`](Maybe::Wrong) and costs only itself. Never: a member that nothing reads.
//!
//! There are two ways to read. [`cursor`] reads plain text: names without escapes, each once, whole
//! numbers. For anything else, or if a record is not JSON, serde decides through [`lenient`], which
//! is slower and explains what it refuses.

mod cursor;
mod ends;
mod folded;
mod lenient;
mod long;
mod member;
mod record;
mod surrogate;

use serde::Deserialize;
use serde::de::Error as _;

use crate::event::caller::Callers;
use crate::event::wire::cursor::{Cursor, Read};

pub(super) use ends::ends;
pub(super) use folded::unfold;
pub(super) use member::{Flag, Inner, Maybe, MaybeText, Whole};
pub(super) use record::{Beside, BesideParameters, DescriptorJson, Image, ImageFailure, ImageId};
pub(super) use record::{ManifestJson, Parameters, Record, Response, UserIdentity};
pub(super) use surrogate::mend;

/// Reads a text that contains one object into `value`, which must be new.
///
/// # Errors
/// Serde's, if the text is not JSON, is no object or has a member twice.
pub(super) fn read<'a, T: Read<'a> + Deserialize<'a>>(
    text: &'a str,
    callers: &Callers,
    value: &mut T,
) -> Result<(), serde_json::Error> {
    if Cursor::new(text, callers).whole(value).is_none() {
        *value = T::default();
        // By default, serde accepts a list in place of a struct, with the members in order.
        *value = match serde_json::from_str(text)? {
            Maybe::Is(Inner(value)) => value,
            Maybe::Absent | Maybe::Wrong => {
                return Err(serde_json::Error::custom("not an object"));
            }
        };
    }
    Ok(())
}

/// Reads the object at the start of a text into `value`, which must be new; returns its length, if
/// it is plain.
pub(super) fn read_first<'a, T: Read<'a>>(
    text: &'a str,
    callers: &Callers,
    value: &mut T,
) -> Option<usize> {
    Cursor::new(text, callers).first(value)
}
