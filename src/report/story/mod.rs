//! The story of a push and of a log, told once for all reports that people read.
//!
//! Comes in: rows. Goes out: the steps of a push as a model, and the texts that renderers share. Never: layout, glyphs,
//! colours or markup.

pub(crate) mod attention;
pub(crate) mod compare;
pub(crate) mod facts;
pub(crate) mod fold;
pub(crate) mod grounds;
pub(crate) mod head;
pub(crate) mod history;
pub(crate) mod input;
pub(crate) mod log;
pub(crate) mod other;
pub(crate) mod pulls;
pub(crate) mod push;
pub(crate) mod selection;
pub(crate) mod step;
pub(crate) mod steps;
