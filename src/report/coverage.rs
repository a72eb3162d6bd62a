//! The coverage row.
//!
//! Comes in: what ingest counted. Goes out: those counts, with times and reasons as text. Never: a
//! judgement.

use crate::ingest::Interval;
use crate::ingest::coverage::{MOST_SET_ASIDE, MissingHour, SetAside};
use crate::ingest::verify::{DigestChain, Standing, Verdict, Verification};
use crate::ingest::{Coverage, Pruned};
use crate::location::FileId;
use crate::report::row::{
    ChainBegin, ChainRow, CoverageRow, GapRow, HoleRow, PrunedRow, WrapperRow,
};
use crate::report::row::{
    MissingRow, SetAsideRow, SpanRow, VerificationRow, VerifiedDigestsRow, VerifiedLogsRow,
};
use crate::source::SourceFile;
use crate::words;

/// The most ways to records in wrappers that are told.
const MOST_WRAPPERS: usize = 20;

/// The row of a coverage.
pub(super) fn row(inputs: &[SourceFile], coverage: &Coverage) -> CoverageRow {
    let interval = coverage.interval();
    let set_aside = set_aside(inputs, coverage);
    CoverageRow {
        files: coverage.files,
        set_aside_more: (coverage.set_aside.len() - set_aside.len()) as u64
            + coverage.set_aside_elsewhere,
        set_aside,
        records: coverage.records,
        skipped: coverage.n_skipped,
        wrappers: wrappers(coverage),
        network_activity: coverage.n_network_activity,
        first: interval.map(|interval| words::time(interval.from)),
        last: interval.map(|interval| words::time(interval.to)),
        holes: holes(coverage),
        missing: missing(&coverage.missing),
        missing_stretches: missing(&coverage.missing_stretches()),
        spans: spans(coverage),
        pruned: coverage.pruned.as_ref().map(pruned),
        verification: coverage.verification.as_ref().map(verification),
    }
}

/// The ways to records in wrappers, those with most records first.
fn wrappers(coverage: &Coverage) -> Vec<WrapperRow> {
    let rows = coverage
        .opened
        .iter()
        .map(|(members, &records)| WrapperRow {
            members: members.clone(),
            records,
        });
    let mut rows: Vec<WrapperRow> = rows.collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.records));
    rows.truncate(MOST_WRAPPERS);
    rows
}

fn verification(of: &Verification) -> VerificationRow {
    VerificationRow {
        signatures: of.signatures,
        log_files: VerifiedLogsRow {
            verified: of.n_logs(Verdict::Verified),
            unsigned: of.n_logs(Verdict::Unsigned),
            trailing_data: of.n_logs(Verdict::TrailingData),
            altered: of.n_logs(Verdict::Altered),
            unfounded: of.n_logs(Verdict::Unfounded),
            unlisted: of.n_logs(Verdict::Unlisted),
            not_covered: of.n_logs(Verdict::NotCovered),
            unread: of.n_logs(Verdict::Unread),
            absent: of.n_absent,
        },
        digest_files: VerifiedDigestsRow {
            signed: of.n_digests(Standing::Signed),
            vouched: of.n_digests(Standing::Vouched),
            unchecked: of.n_digests(Standing::Unchecked),
            unknown_key: of.n_digests(Standing::UnknownKey),
            altered: of.n_digests(Standing::Altered),
            bad_signature: of.n_digests(Standing::BadSignature),
            breaks: of.n_breaks,
        },
        chains: of.chains.iter().map(chain).collect(),
    }
}

fn chain(of: &DigestChain) -> ChainRow {
    let gap = |gap: &Interval| GapRow {
        from: words::time(gap.from),
        to: words::time(gap.to),
    };
    ChainRow {
        account: of.account.to_string(),
        region: of.region.to_string(),
        files: of.n_files,
        from: words::time(of.interval.from),
        to: words::time(of.interval.to),
        gaps: of.gaps.iter().map(gap).collect(),
        begin: match of.has_begin {
            true => ChainBegin::First,
            false => ChainBegin::Continues,
        },
        end: of.end,
    }
}

fn pruned(pruned: &Pruned) -> PrunedRow {
    PrunedRow {
        before: pruned.before.map(words::time),
        after: pruned.after.map(words::time),
        first: pruned.first.map(words::time),
        last: pruned.last.map(words::time),
    }
}

fn set_aside(inputs: &[SourceFile], coverage: &Coverage) -> Vec<SetAsideRow> {
    let kinds = coverage
        .set_aside
        .chunk_by(|(one, _), (other, _)| one == other);
    let listed = kinds.flat_map(|kind| kind.iter().take(MOST_SET_ASIDE));
    listed
        .map(|&(why, file)| SetAsideRow {
            file: file_name(inputs, coverage, file).to_owned(),
            why,
            help: help(why),
        })
        .collect()
}

/// The name of a file of the input, or of a file that an extract mentions.
pub(super) fn file_name<'a>(
    inputs: &'a [SourceFile],
    coverage: &'a Coverage,
    file: FileId,
) -> &'a str {
    let place = file.0 as usize;
    match (inputs.get(place), place.checked_sub(inputs.len())) {
        (Some(file), _) => &file.name,
        (None, Some(place)) => coverage.elsewhere.get(place).map_or("", String::as_str),
        (None, None) => "",
    }
}

/// What was done with a file, and what to do next.
fn help(why: SetAside) -> &'static str {
    match why {
        SetAside::NotCloudTrail => {
            "nothing in it was used; if it is a log, unwrap it to `{\"Records\": […]}`"
        }
        SetAside::Hidden => {
            "not opened, as its name begins with a dot; if it holds logs, name it by itself"
        }
        SetAside::Insight => {
            "not opened, as such files hold no records of calls; nothing needs doing"
        }
        SetAside::Digest => "used to know which log files there should be; nothing needs doing",
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
            why: hole.reason,
        }));
    }
    rows
}

pub(super) fn missing(hours: &[MissingHour]) -> Vec<MissingRow> {
    let rows = hours.iter().map(|of| MissingRow {
        from: words::time(of.hour.from),
        to: words::time(of.hour.to),
        account: of.source.account.to_string(),
        region: of.source.region.to_string(),
        files: of.n_files,
    });
    rows.collect()
}

fn spans(coverage: &Coverage) -> Vec<SpanRow> {
    let spans = coverage.spans.iter();
    let rows = spans.map(|(source, span)| SpanRow {
        account: source.account.to_string(),
        region: source.region.to_string(),
        from: words::time(span.interval.from),
        to: words::time(span.interval.to),
    });
    rows.collect()
}
