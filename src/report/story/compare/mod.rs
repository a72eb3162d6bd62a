//! A comparison in words that all reports for people share: both sides, what is new, what failed, what changed, what is
//! gone.
//!
//! Comes in: the rows of a comparison. Goes out: passages of labelled lines. Never: a list that ends without saying so.

mod absent;
mod change;
mod list;
pub(crate) mod name;
mod push;

use std::collections::BTreeSet;

use crate::report::row::{Change, ComparisonRow, PushGroup, SideFrom, SideRow, Weight};
use crate::report::story::compare::name::some;
use crate::report::story::log;
use crate::words;
use crate::zone::Zone;

/// Lines under a title.
#[derive(Clone, Debug)]
pub(crate) struct Passage {
    /// What they are about.
    pub(crate) title: String,
    /// By which rule they are told; empty if that needs no words.
    pub(crate) gloss: String,
    /// The lines.
    pub(crate) lines: Vec<PassageLine>,
}

/// One line of a passage.
#[derive(Clone, Debug)]
pub(crate) struct PassageLine {
    /// What it tells of; empty if that is the same as in the line before.
    pub(crate) label: &'static str,
    /// What it tells.
    pub(crate) text: String,
    /// How bad that is.
    pub(crate) weight: Weight,
}

impl PassageLine {
    fn new(label: &'static str, text: String) -> Self {
        let weight = Weight::Plain;
        Self {
            label,
            text,
            weight,
        }
    }
}

/// What is compared, in a line.
pub(crate) fn title(row: &ComparisonRow) -> String {
    format!(
        "{} held against {} of the base",
        words::pushes(row.now.pushes),
        words::number(row.base.pushes)
    )
}

/// Both sides, and what limits the comparison.
pub(crate) fn head(row: &ComparisonRow, zone: Zone) -> Vec<PassageLine> {
    let mut lines = vec![
        PassageLine::new("base", side(&row.base)),
        PassageLine::new("this side", side(&row.now)),
    ];
    lines.extend(logs(row).map(|logs| PassageLine::new("logs", logs)));
    if zone != Zone::Utc {
        lines.push(PassageLine::new("times", zone.to_string()));
    }
    if !row.now.selection.is_empty() {
        let asked = row.now.selection.iter();
        let asked = asked.map(|row| format!("{} {}", row.option, row.values.join(" or ")));
        let asked: Vec<String> = asked.collect();
        lines.push(PassageLine::new("filter", asked.join(", ")));
    }
    lines.extend(row.notices.iter().map(|notice| PassageLine {
        label: "beware",
        text: notice.message.clone(),
        weight: Weight::Unknown,
    }));
    lines
}

/// The accounts and regions that pushes of either side went to; `None` without a push.
fn logs(row: &ComparisonRow) -> Option<String> {
    let spans = row.base.spans.iter().chain(&row.now.spans);
    let used = spans.filter(|span| span.pushes > 0);
    let named: BTreeSet<String> = used
        .map(|span| format!("{} {}", span.account, span.region))
        .collect();
    let named: Vec<String> = named.into_iter().collect();
    (!named.is_empty()).then(|| some(&named))
}

/// A side: its period, its pushes, and how much time its logs cover.
fn side(side: &SideRow) -> String {
    let period = match (&side.since, &side.until) {
        (Some(since), Some(until)) => format!("{since} to {until}: "),
        (Some(since), None) => format!("from {since} on: "),
        (None, Some(until)) => format!("before {until}: "),
        (None, None) => String::new(),
    };
    let from = match side.from {
        SideFrom::Logs => "",
        SideFrom::Report => "an earlier report, ",
    };
    let counts = PushGroup::ALL.map(|group| (group, side.groups.of(group)));
    let counts = counts.into_iter().filter(|(_, n)| *n > 0);
    let counts = counts.map(|(group, n)| format!("{} {}", words::number(n), log::said(group)));
    let counts: Vec<String> = counts.collect();
    let counts = match counts.is_empty() {
        true => String::new(),
        false => format!(" ({})", counts.join(", ")),
    };
    format!(
        "{from}{period}{}{counts}, {} of log",
        words::pushes(side.pushes),
        words::duration(i64::try_from(side.covered_s).unwrap_or(i64::MAX))
    )
}

/// Everything that a comparison tells, with at most so many lines of a kind.
pub(crate) fn passages(row: &ComparisonRow, most: usize) -> Vec<Passage> {
    // What few pushes show is told with each of them.
    let news = match row.pushes.is_empty() {
        true => vec![change::news(row, most)],
        false => row.pushes.iter().map(push::familiar).collect(),
    };
    let told = [
        change::failures(row, most),
        change::medians(row, most),
        change::gone(row, most),
    ];
    let mut told: Vec<Passage> = news.into_iter().chain(told).collect();
    let verdict = match row.base.covered_s.min(row.now.covered_s) {
        0 => Some("nothing can be compared: one side has no log"),
        _ if !is_quiet(row) => None,
        _ if row.pushes.is_empty() => Some("nothing is new, and nothing is gone that was due"),
        _ => Some("nothing is new"),
    };
    told.extend(verdict.map(|verdict| Passage {
        title: verdict.to_owned(),
        gloss: String::new(),
        lines: Vec::new(),
    }));
    // What is missing beside a few pushes says nothing.
    if row.pushes.is_empty() {
        told.extend([absent::not_due(row), absent::not_known(row)]);
    }
    told.retain(|passage| !passage.lines.is_empty() || passage.gloss.is_empty());
    told
}

/// Whether nothing changed, as far as it can be known.
fn is_quiet(row: &ComparisonRow) -> bool {
    let is_news = |change: Change| match change {
        Change::New | Change::NewVersion | Change::Gone => true,
        Change::Unknown
        | Change::Continuing
        | Change::NotDue
        | Change::NotTried
        | Change::NotCovered => false,
    };
    let entities = [
        row.pushers.iter().any(|row| is_news(row.change)),
        row.addresses.iter().any(|row| is_news(row.change)),
        row.clients.iter().any(|row| is_news(row.change)),
        row.repositories.iter().any(|row| is_news(row.change)),
        row.failures.iter().any(|row| is_news(row.change)),
    ];
    row.medians.is_empty() && !entities.contains(&true)
}
