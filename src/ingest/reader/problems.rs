//! What is wrong with a file, with its place, up to a bound.
//!
//! Comes in: what earlier stages object to. Goes out: problems, and how many more there are. Never: a
//! list that grows with the damage.

use crate::event::{Defect, Fault};
use crate::ingest::reader::reading::Reading;
use crate::location::{Location, Span};
use crate::problem::{MAX_PROBLEMS, Problem, ProblemKind};
use crate::record::RawRecord;
use crate::record::excerpt;

impl Reading<'_> {
    /// Turns an objection of the parser into a problem with an excerpt.
    pub(super) fn defect(&mut self, record: &RawRecord<'_>, defect: Defect, skipped: bool) {
        if self.n_problems >= MAX_PROBLEMS as u64 {
            self.n_problems += 1;
            return;
        }
        let kind = match defect.fault {
            Fault::Syntax(reason) => ProblemKind::BadRecord { reason },
            Fault::HalfPair => ProblemKind::HalfPair,
            Fault::Value => ProblemKind::BadField {
                field: defect.field.into(),
                expected: defect.expected.into(),
                skipped,
            },
        };
        let is_verbatim = record.span.len == record.text.len();
        let span = match crate::record::locate(record.text, defect.pointer) {
            Some(field) if is_verbatim && !defect.pointer.is_empty() => Span {
                start: record.span.start + field.start,
                len: field.len,
            },
            Some(_) | None => record.span,
        };
        self.n_problems += 1;
        self.shard.ledger.problems.push(Problem {
            kind,
            at: Location {
                file: self.file,
                record: Some(record.index),
                span,
            },
            excerpt: Some(excerpt(record.text, defect.pointer)),
        });
    }

    pub(super) fn bad_record(&mut self, index: u32, span: Span, reason: String) {
        self.document.tally.malformed += 1;
        self.problem(ProblemKind::BadRecord { reason }, Some(index), span);
    }

    pub(super) fn problem(&mut self, kind: ProblemKind, record: Option<u32>, span: Span) {
        self.n_problems += 1;
        if self.n_problems > MAX_PROBLEMS as u64 {
            return;
        }
        let file = self.file;
        let at = Location { file, record, span };
        self.shard.ledger.problems.push(Problem::new(kind, at));
    }

    pub(super) fn report_breaks(&mut self) {
        if !self.document.is_cloudtrail() {
            return;
        }
        let kept_records = self.document.tally.seen - self.document.tally.malformed;
        for (at, record) in std::mem::take(&mut self.document.breaks) {
            let span = Span { start: at, len: 0 };
            let index = record.map(|(index, _)| index);
            self.problem(ProblemKind::Truncated { kept_records }, index, span);
        }
    }

    /// Says how many problems there are beyond those listed.
    pub(super) fn list_more(&mut self) {
        let n_more = self.n_problems.saturating_sub(MAX_PROBLEMS as u64);
        if n_more > 0 {
            self.shard.ledger.more.insert(self.file, n_more);
        }
    }
}
