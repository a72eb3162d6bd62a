//! EVERYTHING -> REPORT: the rows that every renderer draws.
//!
//! Comes in: log, sessions, findings, coverage and problems. Goes out: plain data by the
//! contract of `docs/report.md`, complete enough that a renderer needs nothing else. A session's
//! row is made when it is written. Never: ink. Words that explain are made here; their layout is
//! not.

mod asked;
mod attention;
mod behind;
mod brief;
pub mod build;
pub mod compare;
mod content;
mod coverage;
mod criterion;
mod event;
mod events;
pub mod filter;
pub mod grounds;
mod habits;
mod hint;
mod history;
pub mod image_ref;
mod line;
pub mod lookup;
pub mod other;
pub mod pages;
mod parts;
mod problem;
mod pulls;
mod reason;
pub mod row;
mod select;
mod session;
pub(crate) mod story;
pub mod verdict;
pub mod why;

pub use crate::pattern::Pattern;
pub use attention::Affected;
pub use build::{Draw, Drawn, missing_rows, n_problems, problem_rows};
pub use events::Events;
pub use filter::{Filter, Histories, Period, Property, Selector};
pub use image_ref::ImageRef;
pub use parts::{Parts, Report};
pub use row::*;
pub use select::Choice;

pub(crate) use row::Weight;

/// The schema of the JSON report; a renamed field changes its number.
pub const SCHEMA: &str = "reconstruct.report/1";

/// The schema of the JSON comparison; a renamed field changes its number.
pub const COMPARE_SCHEMA: &str = "reconstruct.compare/1";
/// The schema of the JSON report with `--summary`; a renamed field changes its number.
pub const SUMMARY_SCHEMA: &str = "reconstruct.summary/1";
