//! The coverage row.
//!
//! Comes in: what ingest counted. Goes out: the same with times as text. Never: a judgement.

use crate::ingest::Coverage;
use crate::ingest::coverage::{FileTally, HoleReason, RecordTally};
use crate::report::words;
use crate::report::{CoverageRow, FilesRow, HoleRow, RecordsRow, SpanRow};

/// The row of a coverage.
pub(super) fn row(coverage: &Coverage) -> CoverageRow {
    let interval = coverage.interval();
    CoverageRow {
        files: files(&coverage.files),
        records: records(&coverage.records),
        first: interval.map(|interval| words::time(interval.from)),
        last: interval.map(|interval| words::time(interval.to)),
        holes: holes(coverage),
        spans: spans(coverage),
    }
}

fn files(tally: &FileTally) -> FilesRow {
    let FileTally {
        read,
        without_push_events,
        digest,
        insight,
        empty,
        hidden,
        not_cloudtrail,
        unreadable,
    } = *tally;
    FilesRow {
        found: read
            + without_push_events
            + digest
            + insight
            + empty
            + hidden
            + not_cloudtrail
            + unreadable,
        read,
        without_push_events,
        digest,
        insight,
        empty,
        hidden,
        not_cloudtrail,
        unreadable,
    }
}

fn records(tally: &RecordTally) -> RecordsRow {
    RecordsRow {
        seen: tally.seen,
        push: tally.push,
        other: tally.other,
        duplicate: tally.duplicate,
        malformed: tally.malformed,
    }
}

fn holes(coverage: &Coverage) -> Vec<HoleRow> {
    let mut rows = Vec::new();
    for (source, span) in &coverage.spans {
        rows.extend(span.holes.iter().map(|hole| HoleRow {
            from: words::time(hole.interval.from),
            to: words::time(hole.interval.to),
            account: source.account.to_string(),
            region: source.region.to_string(),
            why: match hole.reason {
                HoleReason::DigestListsAbsentFile => "digest-lists-absent-file",
                HoleReason::Quiet => "quiet",
            },
        }));
    }
    rows
}

fn spans(coverage: &Coverage) -> Vec<SpanRow> {
    let row = |(source, span): (
        &crate::ingest::coverage::Source,
        &crate::ingest::coverage::Span,
    )| SpanRow {
        account: source.account.to_string(),
        region: source.region.to_string(),
        from: words::time(span.interval.from),
        to: words::time(span.interval.to),
    };
    coverage.spans.iter().map(row).collect()
}
