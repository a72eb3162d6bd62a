//! A DIRECTORY OF EXTRACTS: what was read once is not read again, and what was told once is not told again.
//!
//! Comes in: a directory, the files that the input lists now, and the verdicts of a report. Goes out: the parts to report
//! from, as files, and what there is to tell. Never: a file of the input written to, a part that is half written in use, or a
//! clock.
//!
//! `docs/state.md` has the format and the laws. What to do is decided without a file system in [`refresh`] and [`news`];
//! everything that is written goes through [`disk`].

pub mod book;
pub mod dir;
pub mod disk;
mod failure;
mod manifest;
pub mod news;
mod part;
pub mod refresh;

pub use dir::{Refreshed, StateDir, TellingOutput};
pub use disk::Disk;
pub use failure::{StateError, StateNotice};
