//! The rows that every renderer draws, by the contract of `docs/report.md`.
//!
//! Rows are plain data, complete enough that a renderer needs nothing else. A field with a fixed set of words
//! has a type, not text.

mod brief;
pub(super) mod caller;
mod compare;
mod coverage;
pub(super) mod event;
mod finding;
mod history;
mod pull;
mod push;
mod summary;
mod telling;
pub(super) mod word;

pub use brief::*;
pub use caller::*;
pub use compare::*;
pub use coverage::*;
pub use event::*;
pub use finding::*;
pub use history::*;
pub use pull::*;
pub use push::*;
pub use summary::*;
pub use telling::*;
pub use word::*;

pub(crate) use word::Weight;
