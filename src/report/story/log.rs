//! A log in words that all reports for people share: the counts of pushes, what was read, what it covers.
//!
//! Comes in: summary, coverage and selection. Goes out: a text for each. Never: a single push.

use crate::ingest::coverage::{FileTally, HoleReason};
use crate::ingest::verify::Standing;
use crate::report::filter::{Property, Selector};
use crate::report::parts::Report;
use crate::report::row::{
    Attention, ChainBegin, ChainRow, CoverageRow, MissingRow, PrunedRow, PushGroup, SelectionRow,
    SummaryRow, VerificationRow,
};
use crate::words;

/// The words for a group of pushes, after their number.
pub(crate) fn said(group: PushGroup) -> &'static str {
    match group == PushGroup::NothingSent {
        true => "sent nothing",
        false => group.name(),
    }
}

/// The groups that occur, with their counts; those that need attention come first.
pub(crate) fn counts(summary: &SummaryRow) -> Vec<(PushGroup, u64)> {
    let counts = PushGroup::ALL.map(|group| (group, summary.groups.of(group)));
    counts.into_iter().filter(|(_, n)| *n > 0).collect()
}

/// How many pushes there are: `25 pushes`, `3 pushes selected of 25`.
pub(crate) fn total(summary: &SummaryRow) -> String {
    let total = words::pushes(summary.pushes);
    match summary.pushes == summary.in_log {
        true => total,
        false => format!("{total} selected of {}", words::number(summary.in_log)),
    }
}

/// The counts on one line: `25 pushes: 3 incomplete, 3 failed, 19 complete`.
pub(crate) fn title(summary: &SummaryRow) -> String {
    if summary.in_log == 0 {
        return "no push in these logs".to_owned();
    }
    let counts = counts(summary);
    let counts = counts
        .iter()
        .map(|(group, n)| format!("{} {}", words::number(*n), said(*group)));
    let counts: Vec<String> = counts.collect();
    match counts.is_empty() {
        true => total(summary),
        false => format!("{}: {}", total(summary), counts.join(", ")),
    }
}

/// The criteria on one line. If there are several, each has the number of pushes that it selects by itself;
/// `None` without a filter.
pub(crate) fn criteria(report: &Report<'_>) -> Option<String> {
    let rows = report.selection();
    let texts = rows.iter().map(|row| match rows.len() {
        1 => asked(row),
        _ => format!("{} ({} by itself)", asked(row), words::pushes(row.pushes)),
    });
    let texts: Vec<_> = texts.collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// A criterion roughly as it was typed.
pub(crate) fn asked(row: &SelectionRow) -> String {
    match row.option {
        Selector::Period => format!("a call {}", row.values.join(" ")),
        option @ Selector::Property(Property::Attention) => {
            let made_good = Attention::MadeGood.name();
            match row.values.iter().any(|value| value == made_good) {
                true => option.to_string(),
                false => "--unresolved".to_owned(),
            }
        }
        option @ (Selector::Property(_) | Selector::Image) => {
            format!("{option} {}", row.values.join(" or "))
        }
    }
}

/// The files by outcome.
pub(crate) fn files(coverage: &CoverageRow) -> String {
    let files = &coverage.files;
    let mut text = words::count(files.logs(), "log file");
    if files.without_push_events > 0 {
        text.push_str(&format!(
            ", {} of them without a push event",
            words::number(files.without_push_events)
        ));
    }
    let beside = [
        (files.digest, "digest"),
        (files.insight, "Insights or Lake"),
        (files.empty, "empty"),
        (files.hidden, "hidden"),
        (files.not_cloudtrail, "not CloudTrail"),
    ];
    let beside = counted(&beside);
    if !beside.is_empty() {
        text.push_str(&format!("; left out: {}", beside.join(", ")));
    }
    if files.unreadable > 0 {
        text.push_str(&format!("; {} unreadable", words::number(files.unreadable)));
    }
    if let Some(pruned) = &coverage.pruned {
        text.push_str(&format!("; {}", unread(files, pruned)));
    }
    text
}

/// Which files were left unread, for the line about files.
fn unread(files: &FileTally, pruned: &PrunedRow) -> String {
    let bounds = [
        pruned.before.as_ref().map(|time| format!("before {time}")),
        pruned.after.as_ref().map(|time| format!("after {time}")),
    ];
    let bounds: Vec<_> = bounds.into_iter().flatten().collect();
    format!(
        "{} not read, being {} by name",
        words::number(files.pruned),
        bounds.join(" or "),
    )
}

/// The records by outcome.
pub(crate) fn records(coverage: &CoverageRow) -> String {
    let records = &coverage.records;
    let mut text = format!(
        "{} seen, {} of them push events",
        words::number(records.seen),
        words::number(records.push)
    );
    for (n, what) in [
        (records.duplicate, "duplicate"),
        (records.malformed, "malformed"),
    ] {
        if n > 0 {
            text.push_str(&format!(", {} {what}", words::number(n)));
        }
    }
    if let Some(first) = coverage.wrappers.first() {
        let n_records = coverage.wrappers.iter().map(|row| row.records).sum();
        let others = match coverage.wrappers.len() - 1 {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        let by = match first.members.is_empty() {
            true => "as texts".to_owned(),
            false => format!("by `{}`", first.members),
        };
        text.push_str(&format!(
            "; {} found in wrappers, {by}{others}",
            words::number(n_records)
        ));
    }
    if coverage.skipped > 0 {
        text.push_str(&format!(
            "; {} skipped in wrappers, as no CloudTrail records",
            words::number(coverage.skipped)
        ));
    }
    if coverage.network_activity > 0 {
        text.push_str(&format!(
            "; set aside: {}, as the calls have records of their own",
            words::count(coverage.network_activity, "network activity event")
        ));
    }
    text
}

/// The log files by outcome.
pub(crate) fn logs_verified(row: &VerificationRow) -> String {
    let logs = &row.log_files;
    let n_good = logs.verified + logs.trailing_data;
    let mut texts = vec![format!("{} as delivered", words::count(n_good, "log file"))];
    texts.extend(counted(&[
        (logs.altered, "altered"),
        (logs.trailing_data, "with something after the end"),
        (logs.absent, "absent"),
        (logs.unlisted, "unlisted"),
        (logs.unfounded, "as only altered digest files list them"),
        (logs.unsigned, "as only unchecked digest files list them"),
        (logs.not_covered, "without a digest file for its time"),
        (logs.unread, "unread"),
    ]));
    texts.join(", ")
}

/// How far a chain of digest files reaches, and what it leaves open.
pub(crate) fn chain(row: &ChainRow) -> String {
    let mut text = format!(
        "{} {}: {}, {} to {}",
        row.account,
        row.region,
        words::count(row.files, "digest file"),
        row.from,
        row.to
    );
    match row.gaps.first() {
        None => text.push_str(", no gap"),
        Some(gap) => {
            let n_gaps = words::count(row.gaps.len() as u64, "gap");
            text.push_str(&format!(", {n_gaps}, the first {} to {}", gap.from, gap.to));
        }
    }
    if row.begin == ChainBegin::Continues {
        text.push_str("; one before them is not here");
    }
    text.push_str(match row.end {
        Standing::Signed | Standing::Vouched => "; whether more followed is not shown",
        Standing::Unchecked | Standing::UnknownKey | Standing::Altered | Standing::BadSignature => {
            "; the last is not signed, and whether more followed is not shown"
        }
    });
    text
}

/// The counts that are not zero, in words.
pub(crate) fn counted(counts: &[(u64, &str)]) -> Vec<String> {
    let counts = counts.iter().filter(|(n, _)| *n > 0);
    counts
        .map(|(n, what)| format!("{} {what}", words::number(*n)))
        .collect()
}

/// How we know that a stretch of the log is missing.
pub(crate) fn hole_words(why: HoleReason) -> &'static str {
    match why {
        HoleReason::Quiet => "no record of any service, far longer than usual",
        HoleReason::DigestListsAbsentFile => "a digest file lists log files that are not here",
    }
}

/// The problems of absent log files, in one line.
pub(crate) fn absent(n: u64) -> String {
    let are = if n == 1 { "is" } else { "are" };
    let files = words::count(n, "log file");
    format!(
        "{files} that digest files list {are} not here, as counted by hour; --list-missing names them"
    )
}

/// Missing log files of a stretch of time.
pub(crate) fn missing(row: &MissingRow) -> String {
    let files = words::count(row.files, "log file");
    let MissingRow {
        from,
        to,
        account,
        region,
        ..
    } = row;
    format!("{files} of {account} {region} between {from} and {to}")
}
