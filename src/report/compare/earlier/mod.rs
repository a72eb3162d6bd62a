//! An earlier report as the base of a comparison: `--format json` or `jsonl`, schema `reconstruct.report/1`.
//!
//! Comes in: bytes that anybody may have written. Goes out: the facts of its pushes, what it covers and what selected
//! them; or what is wrong, with the place. Never: more memory than the names and one small struct a push need.

mod document;
mod guard;
mod wire;

use std::fmt;
use std::io::{self, BufReader, Read};

use serde::de::DeserializeSeed as _;
use serde_json::Deserializer;

use crate::report::SCHEMA;
use crate::report::compare::extent::SourceSpan;
use crate::report::compare::facts::{Compared, NameTables};
use crate::report::filter::Period;
use crate::report::row::AskedRow;
use document::ReadReport;
use guard::Guard;

pub use guard::Limit;

/// What an earlier report says of its pushes.
#[derive(Debug, Default)]
pub struct EarlierReport {
    pub(super) tables: NameTables,
    pub(super) pushes: Vec<Compared>,
    pub(super) period: Period,
    pub(super) spans: Vec<SourceSpan>,
    pub(super) holes: Vec<SourceSpan>,
    pub(super) selection: Vec<AskedRow>,
    pub(super) window_s: Option<u64>,
}

/// Why a text is no base.
#[derive(Debug)]
pub enum NoBase {
    /// It cannot be read.
    Unreadable(io::Error),
    /// It breaks a limit.
    Beyond(Limit),
    /// It is no JSON, or a field is not as reports have it; with line and column.
    Malformed(serde_json::Error),
    /// It is JSON, and no report: the schema that it names.
    Foreign(Option<String>),
    /// It has no coverage, as a file that was cut.
    Cut,
    /// Its names are pseudonyms.
    Redacted,
}

impl fmt::Display for NoBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "{error}"),
            Self::Beyond(limit) => write!(f, "{limit}"),
            Self::Malformed(error) => write!(f, "{error}"),
            Self::Foreign(Some(schema)) => write!(f, "its schema is `{schema}`, not `{SCHEMA}`"),
            Self::Foreign(None) => write!(f, "it names no schema; expected `{SCHEMA}`"),
            Self::Cut => write!(f, "it says nothing of what it covers"),
            Self::Redacted => write!(
                f,
                "its names are pseudonyms, which each report numbers anew"
            ),
        }
    }
}

impl std::error::Error for NoBase {}

impl EarlierReport {
    /// Reads a report, of at most so many bytes.
    ///
    /// # Errors
    /// Anything but a report with true names.
    pub fn read(input: impl Read, most_bytes: u64) -> Result<Self, NoBase> {
        let mut guard = Guard::new(input, most_bytes);
        let read = Self::read_all(&mut guard);
        match (guard.broken(), read) {
            (Some(limit), _) => Err(NoBase::Beyond(limit)),
            (None, Err(error)) if error.is_io() => Err(NoBase::Unreadable(error.into())),
            (None, Err(error)) => Err(NoBase::Malformed(error)),
            (None, Ok(document)) => document.report(),
        }
    }

    /// Reads the one document of JSON, or each line of JSON Lines.
    fn read_all(input: &mut impl Read) -> Result<ReadReport, serde_json::Error> {
        let mut document = ReadReport::default();
        let buffered = BufReader::new(input);
        let mut values = Deserializer::from_reader(buffered);
        while values.end().is_err() {
            (&mut document).deserialize(&mut values)?;
        }
        Ok(document)
    }
}
