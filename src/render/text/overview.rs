//! The head of the report: how many pushes of each status, from which logs.
//!
//! Comes in: summary and coverage. Goes out: a few lines that are enough to act on without the
//! rest. Never: a single push.

use std::io;

use crate::ingest::verify::Signatures;
use crate::render::ink::{Ink, Tint};
use crate::render::table;
use crate::render::text::{selection, tint_of_group};
use crate::report::story::log;
use crate::report::{CoverageRow, Report, SummaryRow, VerificationRow};
use crate::words;

/// The most holes, and the most accounts with their regions, named one by one.
const MOST_NAMED: usize = 6;

/// Writes the head of the report.
pub(super) fn overview(report: &Report<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let (summary, coverage) = (report.summary(), report.coverage());
    title(&summary, ink)?;
    ink.blank()?;
    if let Some(criteria) = log::criteria(report) {
        field("filter", &criteria, ink)?;
    }
    field("logs", &log::files(&coverage), ink)?;
    field("period", &period(&coverage), ink)?;
    field("records", &log::records(&coverage), ink)?;
    sources(&coverage, ink)?;
    holes(&coverage, ink)?;
    missing(&coverage, ink)?;
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
    let counts = log::counts(summary);
    let texts: Vec<_> = counts
        .iter()
        .map(|(group, n)| format!("{} {}", words::number(*n), log::said(*group)))
        .collect();
    let mut pieces = vec![(Tint::Strong, &*total)];
    for (place, ((status, _), text)) in counts.iter().zip(&texts).enumerate() {
        pieces.push((Tint::Plain, if place == 0 { ": " } else { ", " }));
        pieces.push((tint_of_group(*status), text));
    }
    let width: usize = pieces.iter().map(|(_, text)| table::width(text)).sum();
    if width <= ink.width() {
        return ink.line(&pieces);
    }
    ink.line(&[(Tint::Strong, &total)])?;
    for ((status, _), text) in counts.iter().zip(&texts) {
        ink.line(&[(Tint::Plain, "  "), (tint_of_group(*status), text)])?;
    }
    Ok(())
}

fn field(name: &str, text: &str, ink: &mut Ink<'_>) -> io::Result<()> {
    let head = format!("  {name:<8} ");
    ink.wrapped((Tint::Faint, &head), (Tint::Plain, text))
}

fn period(coverage: &CoverageRow) -> String {
    match (&coverage.first, &coverage.last) {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ if coverage.pruned.is_some() => "none of what was asked for".to_owned(),
        _ => "no record has a time".to_owned(),
    }
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

/// The result of the check against digest files.
fn verified(row: &VerificationRow, ink: &mut Ink<'_>) -> io::Result<()> {
    let digests = &row.digest_files;
    field("verified", &log::logs_verified(row), ink)?;
    let standings = [
        (digests.signed, "signed"),
        (digests.vouched, "vouched for by a signed one"),
        (digests.unchecked, "with an unchecked signature"),
        (digests.unknown_key, "with an unknown key"),
        (digests.altered, "altered"),
        (digests.bad_signature, "with a bad signature"),
    ];
    let n_digests = standings.iter().map(|(n, _)| n).sum();
    let mut texts = log::counted(&standings);
    texts.extend(log::counted(&[(
        digests.breaks,
        "not following the one before",
    )]));
    let mut text = match n_digests {
        0 => "no digest file".to_owned(),
        _ => format!(
            "{}: {}",
            words::count(n_digests, "digest file"),
            texts.join(", ")
        ),
    };
    if row.signatures == Signatures::NotAsked && n_digests > 0 {
        text.push_str("; whoever alters a log can alter these too: --public-keys checks them");
    }
    field("", &text, ink)?;
    for row in row.chains.iter().take(MOST_NAMED) {
        field("", &log::chain(row), ink)?;
    }
    match row.chains.len().saturating_sub(MOST_NAMED) {
        0 => Ok(()),
        more => {
            let more = words::count(more as u64, "more chain");
            field("", &format!("… and {more}; --format json lists all"), ink)
        }
    }
}

/// Log files that digest files list and that are not here.
fn missing(coverage: &CoverageRow, ink: &mut Ink<'_>) -> io::Result<()> {
    let rows = &coverage.missing_stretches;
    for (place, row) in rows.iter().take(MOST_NAMED).enumerate() {
        let name = if place == 0 { "missing" } else { "" };
        field(name, &log::missing(row), ink)?;
    }
    let text = match rows.len().saturating_sub(MOST_NAMED) {
        _ if rows.is_empty() => return Ok(()),
        0 => "--list-missing names them".to_owned(),
        more => format!("… and {more} more; --list-missing names them all"),
    };
    field("", &text, ink)
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
        let why = log::hole_words(hole.why);
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
