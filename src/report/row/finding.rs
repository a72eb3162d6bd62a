//! Rows of conclusions, and defects of the input.

use serde::Serialize;

use crate::finding::Severity;

/// A conclusion.
#[derive(Clone, Debug, Serialize)]
pub struct FindingRow {
    /// The stable code; `docs/findings.md` has its page.
    pub code: &'static str,
    /// `note`, `warning` or `error`.
    pub severity: Severity,
    /// The push that it is about, if any.
    pub session: Option<String>,
    /// One sentence.
    pub message: String,
    /// A few words to write at the first of the events; empty if there is nothing to add.
    pub label: String,
    /// What to do next.
    pub help: Option<String>,
    /// The `eventID`s concerned, the most notable first.
    pub events: Vec<String>,
}

/// A defect of the input.
#[derive(Clone, Debug, Serialize)]
pub struct ProblemRow {
    /// The stable code.
    pub code: &'static str,
    /// The file, relative to its root, with `/`.
    pub file: String,
    /// The record's position, 0-based.
    pub record: Option<u32>,
    /// The first byte concerned, in the decoded file.
    pub byte: Option<u64>,
    /// One sentence.
    pub message: String,
    /// What is expected at the label, in a few words.
    pub label: String,
    /// What to do next, and what was kept.
    pub help: String,
    /// The record around it.
    pub excerpt: Option<ExcerptRow>,
}

/// A piece of input with the part that is wrong.
#[derive(Clone, Debug, Serialize)]
pub struct ExcerptRow {
    /// Re-indented JSON, shortened.
    pub text: String,
    /// The first byte of `text` that is wrong.
    pub label_start: usize,
    /// How many bytes are wrong.
    pub label_bytes: usize,
}
