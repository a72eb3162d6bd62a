//! The head of a report: what its counts rest on, under short names.
//!
//! Comes in: a report. Goes out: pairs of a name and a text; a name is empty where a text goes on with the one before.
//! Never: a single push.

use crate::ingest::verify::Signatures;
use crate::report::parts::Report;
use crate::report::row::{CoverageRow, VerificationRow};
use crate::report::story::facts::{Fact, LeadsTo};
use crate::report::story::log;
use crate::words;
use crate::zone::Zone;

/// The most holes, and the most accounts with their regions, named one by one.
const MOST_NAMED: usize = 6;

/// What the counts rest on.
pub(crate) fn facts(report: &Report<'_>, zone: Zone) -> Vec<Fact> {
    let coverage = report.coverage();
    let mut facts = Vec::new();
    facts.extend(log::criteria(report).map(|criteria| Fact::new("filter", criteria)));
    facts.push(Fact::new("logs", log::files(&coverage)));
    facts.push(Fact::new("period", period(&coverage)));
    if zone != Zone::Utc {
        facts.push(Fact::new("times", zone.to_string()));
    }
    facts.push(Fact::new("records", log::records(&coverage)));
    facts.extend(sources(&coverage).map(|sources| Fact::new("account", sources)));
    if coverage.holes.is_empty() && !coverage.spans.is_empty() {
        facts.push(Fact::new("holes", "none known"));
    }
    facts.extend(holes(&coverage));
    facts.extend(missing(&coverage));
    facts.extend(coverage.verification.iter().flat_map(verified));
    facts.extend(problems(report, "listed at the end"));
    facts
}

/// The filter, and what weakens a list of pushes; `listed` says where the problems of the input are.
pub(crate) fn doubts(report: &Report<'_>, listed: &str) -> Vec<Fact> {
    let coverage = report.coverage();
    let mut facts = Vec::new();
    facts.extend(log::criteria(report).map(|criteria| Fact::new("filter", criteria)));
    facts.extend(holes(&coverage));
    facts.extend(missing(&coverage));
    let verification = coverage.verification.as_ref();
    facts.extend(verification.map(|row| Fact::new("verified", log::logs_verified(row))));
    facts.extend(problems(report, listed));
    facts
}

fn problems(report: &Report<'_>, place: &str) -> Option<Fact> {
    let n = report.summary().problems;
    let text = format!("{} of the input, {place}", words::count(n, "problem"));
    (n > 0).then(|| Fact::new("beware", text).leading_to(LeadsTo::Problems))
}

fn period(coverage: &CoverageRow) -> String {
    match (&coverage.first, &coverage.last) {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ if coverage.pruned.is_some() => "none of what was asked for".to_owned(),
        _ => "no record has a time".to_owned(),
    }
}

fn sources(coverage: &CoverageRow) -> Option<String> {
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
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// The result of the check against digest files.
fn verified(row: &VerificationRow) -> Vec<Fact> {
    let digests = &row.digest_files;
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
    let mut facts = vec![
        Fact::new("verified", log::logs_verified(row)),
        Fact::new("", text),
    ];
    let chains = row.chains.iter().take(MOST_NAMED);
    facts.extend(chains.map(|row| Fact::new("", log::chain(row))));
    if let more @ 1.. = row.chains.len().saturating_sub(MOST_NAMED) {
        let more = words::count(more as u64, "more chain");
        facts.push(Fact::new(
            "",
            format!("… and {more}; --format json lists all"),
        ));
    }
    facts
}

/// Log files that digest files list and that are not here.
fn missing(coverage: &CoverageRow) -> Vec<Fact> {
    let rows = coverage
        .missing_stretches
        .iter()
        .take(MOST_NAMED)
        .enumerate();
    let mut facts: Vec<Fact> = rows
        .map(|(place, row)| Fact::new(if place == 0 { "missing" } else { "" }, log::missing(row)))
        .collect();
    let text = match coverage.missing_stretches.len().saturating_sub(MOST_NAMED) {
        _ if facts.is_empty() => return facts,
        0 => "--list-missing names them".to_owned(),
        more => format!("… and {more} more; --list-missing names them all"),
    };
    facts.push(Fact::new("", text));
    facts
}

fn holes(coverage: &CoverageRow) -> Vec<Fact> {
    let holes = coverage.holes.iter().take(MOST_NAMED).enumerate();
    let mut facts: Vec<Fact> = holes
        .map(|(place, hole)| {
            let why = log::hole_words(hole.why);
            let text = format!(
                "{} to {}, {} {}: {why}",
                hole.from, hole.to, hole.account, hole.region
            );
            Fact::new(if place == 0 { "holes" } else { "" }, text)
        })
        .collect();
    if let more @ 1.. = coverage.holes.len().saturating_sub(MOST_NAMED) {
        let text = format!("… and {more} more; --format json lists all");
        facts.push(Fact::new("", text));
    }
    facts
}
