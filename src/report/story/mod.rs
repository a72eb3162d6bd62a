//! The story of a push and of a log, told once for all reports that people read.
//!
//! Comes in: rows. Goes out: the steps of a push as a model, and the texts that renderers share. Never: layout, glyphs,
//! colours or markup.

pub(crate) mod history;
pub(crate) mod log;
pub(crate) mod push;
pub(crate) mod step;
pub(crate) mod steps;
