//! BYTES -> RECORDS.
//!
//! Comes in: the decoded bytes of one file. Goes out: the bounds of every record in it. Never: a
//! value; the next stage reads what a record says.

mod answer;
mod event_bridge;
mod fingerprint;
mod known_form;
pub mod line;
pub mod locate;
mod mapped;
mod nesting;
mod opened;
pub mod split;
mod string;
pub mod table;
mod wrapper;

pub use answer::answer;
pub use fingerprint::{FNV_OFFSET, fingerprint, fnv1a};
pub use known_form::known_form;
pub use line::{OwnLine, line};
pub use locate::{excerpt, locate};
pub use opened::{OpenedWrapper, is_known_path, is_record, open};
pub use split::{Array, Piece, Sink, Splitter, split, split_into};
pub(crate) use string::stop;
pub use table::{Export, ExportRow};
pub use wrapper::{Unwrapped, unwrap};

use crate::location::Span;

/// The text of one record and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawRecord<'a> {
    /// The JSON object, from brace to brace.
    pub text: &'a str,
    /// Its bytes in the decoded file. If it was inside a string or a table, these are more bytes
    /// than the text, and cover all of it.
    pub span: Span,
    /// Its position among the file's records, 0-based.
    pub index: u32,
}
