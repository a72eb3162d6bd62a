//! The members of a record that are read, borrowed from its text.
//!
//! Comes in: a record's JSON. Goes out: its members by their CloudTrail names; one of the wrong
//! type is [`Wrong`](Maybe::Wrong) and costs only itself. Never: a member that nothing reads.
//!
//! There are two ways in. [`cursor`] reads plain text: names without escapes, each once, numbers
//! that are whole. Whatever else a record holds, or if it is no JSON, serde decides by way of
//! [`lenient`], which is slower and explains what it refuses.

mod cursor;
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

pub(super) use folded::unfold;
pub(super) use member::{Flag, Inner, Maybe, MaybeText, Whole};
pub(super) use record::{Beside, DescriptorJson, Image, ImageFailure, ImageId, ManifestJson};
pub(super) use record::{Parameters, Record, Response, UserIdentity};
pub(super) use surrogate::mend;

/// Reads a text that holds one object into `value`, which is new.
///
/// # Errors
/// Serde's, where the text is not JSON, is no object or holds a member twice.
pub(super) fn read<'a, T: Read<'a> + Deserialize<'a>>(
    text: &'a str,
    callers: &Callers,
    value: &mut T,
) -> Result<(), serde_json::Error> {
    if Cursor::new(text, callers).whole(value).is_none() {
        *value = T::default();
        // Left to itself, serde takes a list for the members of a struct in their order.
        *value = match serde_json::from_str(text)? {
            Maybe::Is(Inner(value)) => value,
            Maybe::Absent | Maybe::Wrong => {
                return Err(serde_json::Error::custom("not an object"));
            }
        };
    }
    Ok(())
}

/// Reads the object that a text begins with into `value`, which is new; its length, if it is plain.
pub(super) fn read_first<'a, T: Read<'a>>(
    text: &'a str,
    callers: &Callers,
    value: &mut T,
) -> Option<usize> {
    Cursor::new(text, callers).first(value)
}
