//! The head of the report: how many pushes, in what condition, out of which logs.
//!
//! Comes in: summary and coverage. Goes out: a few lines that someone who knows nothing of the
//! rest can act on. Never: a push by itself.

use std::io;

use crate::render::ink::{Ink, Tint};
use crate::render::table;
use crate::render::text::{selection, tint_of_group};
use crate::report::words;
use crate::report::{
    ChainRow, CoverageRow, GROUPS, NOTHING_SENT, Report, SummaryRow, VerificationRow,
};

/// The most holes, and the most accounts with their regions, named one by one.
const MOST_NAMED: usize = 6;

/// Writes the head of the report.
pub(super) fn overview(report: &Report<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let (summary, coverage) = (report.summary(), report.coverage());
    title(&summary, ink)?;
    ink.blank()?;
    if let Some(criteria) = selection::criteria(report) {
        field("filter", &criteria, ink)?;
    }
    field("logs", &files(&coverage), ink)?;
    field("period", &period(&coverage), ink)?;
    field("records", &records(&coverage), ink)?;
    sources(&coverage, ink)?;
    holes(&coverage, ink)?;
    if let Some(verification) = &coverage.verification {
        verified(verification, ink)?;
    }
    if summary.problems > 0 {
        let text = format!(
            "{} of the input, listed at the end",
            words::count(summary.problems, "problem")
        );
        field("beware", &text, ink)?;
    }
    if summary.in_log == 0 {
        ink.blank()?;
        match &coverage.pruned {
            Some(pruned) => selection::nothing_read(pruned, ink)?,
            None => ink.wrapped((Tint::Plain, ""), (Tint::Plain, NOTHING))?,
        }
    } else if summary.pushes == 0 {
        ink.blank()?;
        selection::nothing(report, ink)?;
    }
    Ok(())
}

/// What to look at when there is no push.
const NOTHING: &str = "A push is recorded as the management events InitiateLayerUpload, \
    UploadLayerPart, CompleteLayerUpload and PutImage of ecr.amazonaws.com or \
    ecr-public.amazonaws.com, in the registry's region (ECR Public: us-east-1) and account.";

fn title(summary: &SummaryRow, ink: &mut Ink<'_>) -> io::Result<()> {
    if summary.in_log == 0 {
        return ink.line(&[(Tint::Strong, "no push in these logs")]);
    }
    let mut total = words::number(summary.pushes);
    total.push_str(if summary.pushes == 1 {
        " push"
    } else {
        " pushes"
    });
    if summary.pushes != summary.in_log {
        total.push_str(&format!(" selected of {}", words::number(summary.in_log)));
    }
    let counts = counts(summary);
    let texts: Vec<_> = counts
        .iter()
        .map(|(group, n)| format!("{} {}", words::number(*n), said(group)))
        .collect();
    let mut pieces = vec![(Tint::Strong, &*total)];
    for (place, ((status, _), text)) in counts.iter().zip(&texts).enumerate() {
        pieces.push((Tint::Plain, if place == 0 { ": " } else { ", " }));
        pieces.push((tint_of_group(status), text));
    }
    let width: usize = pieces.iter().map(|(_, text)| table::width(text)).sum();
    if width <= ink.width() {
        return ink.line(&pieces);
    }
    ink.line(&[(Tint::Strong, &total)])?;
    for ((status, _), text) in counts.iter().zip(&texts) {
        ink.line(&[(Tint::Plain, "  "), (tint_of_group(status), text)])?;
    }
    Ok(())
}

/// A group of pushes after their number.
pub(crate) fn said(group: &'static str) -> &'static str {
    match group {
        NOTHING_SENT => "sent nothing",
        status => status,
    }
}

/// The groups that occur with their counts, those that ask for attention first.
pub(crate) fn counts(summary: &SummaryRow) -> Vec<(&'static str, u64)> {
    let count = |group: &str| match group {
        "incomplete" => summary.incomplete - summary.nothing_sent,
        "failed" => summary.failed,
        "undetermined" => summary.undetermined,
        "complete" => summary.complete,
        "unchanged" => summary.unchanged,
        _ => summary.nothing_sent,
    };
    let counts = GROUPS.map(|group| (group, count(group)));
    counts.into_iter().filter(|(_, n)| *n > 0).collect()
}

fn field(name: &str, text: &str, ink: &mut Ink<'_>) -> io::Result<()> {
    let head = format!("  {name:<8} ");
    ink.wrapped((Tint::Faint, &head), (Tint::Plain, text))
}

pub(in crate::render) fn files(coverage: &CoverageRow) -> String {
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
        text.push_str(&format!("; {}", selection::unread(files, pruned)));
    }
    text
}

fn period(coverage: &CoverageRow) -> String {
    match (&coverage.first, &coverage.last) {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ if coverage.pruned.is_some() => "none of what was asked for".to_owned(),
        _ => "no record has a time".to_owned(),
    }
}

pub(in crate::render) fn records(coverage: &CoverageRow) -> String {
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

fn sources(coverage: &CoverageRow, ink: &mut Ink<'_>) -> io::Result<()> {
    let spans = &coverage.spans;
    let named = spans.iter().take(MOST_NAMED);
    let mut texts: Vec<_> = named
        .map(|span| match (&*span.account, &*span.region) {
            ("", region) => region.to_owned(),
            (account, "") => account.to_owned(),
            (account, region) => format!("{account} {region}"),
        })
        .collect();
    if spans.len() > MOST_NAMED {
        texts.push(format!("{} more", spans.len() - MOST_NAMED));
    }
    match texts.is_empty() {
        true => Ok(()),
        false => field("account", &texts.join(", "), ink),
    }
}

/// What became of the log files.
pub(in crate::render) fn logs_verified(row: &VerificationRow) -> String {
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

/// How far a chain of digest files goes, and what it leaves open.
pub(in crate::render) fn chain(row: &ChainRow) -> String {
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
    if row.begin == "continues" {
        text.push_str("; one before them is not here");
    }
    text.push_str(match row.end {
        "signed" | "vouched" => "; whether more followed is not shown",
        _ => "; the last is not signed, and whether more followed is not shown",
    });
    text
}

/// What the check against digest files gave.
fn verified(row: &VerificationRow, ink: &mut Ink<'_>) -> io::Result<()> {
    let digests = &row.digest_files;
    field("verified", &logs_verified(row), ink)?;
    let standings = [
        (digests.signed, "signed"),
        (digests.vouched, "vouched for by a signed one"),
        (digests.unchecked, "with an unchecked signature"),
        (digests.unknown_key, "with an unknown key"),
        (digests.altered, "altered"),
        (digests.bad_signature, "with a bad signature"),
    ];
    let n_digests = standings.iter().map(|(n, _)| n).sum();
    let mut texts = counted(&standings);
    texts.extend(counted(&[(digests.breaks, "not following the one before")]));
    let mut text = match n_digests {
        0 => "no digest file".to_owned(),
        _ => format!(
            "{}: {}",
            words::count(n_digests, "digest file"),
            texts.join(", ")
        ),
    };
    if row.signatures == "not-asked" && n_digests > 0 {
        text.push_str("; whoever alters a log can alter these too: --public-keys checks them");
    }
    field("", &text, ink)?;
    for row in row.chains.iter().take(MOST_NAMED) {
        field("", &chain(row), ink)?;
    }
    match row.chains.len().saturating_sub(MOST_NAMED) {
        0 => Ok(()),
        more => {
            let more = words::count(more as u64, "more chain");
            field("", &format!("… and {more}; --format json lists all"), ink)
        }
    }
}

/// The counts that are not zero, in words.
fn counted(counts: &[(u64, &str)]) -> Vec<String> {
    let counts = counts.iter().filter(|(n, _)| *n > 0);
    counts
        .map(|(n, what)| format!("{} {what}", words::number(*n)))
        .collect()
}

/// How it is known that a stretch of the log is missing.
pub(in crate::render) fn hole_words(why: &str) -> &'static str {
    match why {
        "quiet" => "no record of any service, far longer than usual",
        _ => "a digest file lists log files that are not here",
    }
}

fn holes(coverage: &CoverageRow, ink: &mut Ink<'_>) -> io::Result<()> {
    let holes = &coverage.holes;
    if holes.is_empty() {
        return match coverage.spans.is_empty() {
            true => Ok(()),
            false => field("holes", "none known", ink),
        };
    }
    for (place, hole) in holes.iter().take(MOST_NAMED).enumerate() {
        let why = hole_words(hole.why);
        let text = format!(
            "{} to {}, {} {}: {why}",
            hole.from, hole.to, hole.account, hole.region
        );
        field(if place == 0 { "holes" } else { "" }, &text, ink)?;
    }
    match holes.len().saturating_sub(MOST_NAMED) {
        0 => Ok(()),
        more => field(
            "",
            &format!("… and {more} more; --format json lists all"),
            ink,
        ),
    }
}
