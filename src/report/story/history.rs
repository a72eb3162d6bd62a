//! A history in words that all reports for people share: what happened, and what stands.
//!
//! Comes in: the rows of a history. Goes out: a text for each, and runs of ordinary pushes as one. Never: a refusal, a
//! deletion or a setting hidden in a run.

use crate::report::row::{
    HistoryEntryRow, HistoryKind, HistoryRow, HistoryTarget, PushGroup, StandingTagRow, Weight,
};
use crate::words;

/// From this many entries on, runs of pushes that ended well are told as one.
const MANY: usize = 60;

/// The most passages of one history; those before are counted.
const MOST: usize = 60;

/// The fewest pushes that make a run.
const FEWEST: usize = 3;

/// The most tags that are named as standing.
pub(crate) const MOST_TAGS: usize = 20;

/// The digits of a digest and the characters of an `eventID` that people see.
const DIGITS: usize = 12;

/// How much of an `eventID` is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventIds {
    /// Enough for `--explain`.
    Start,
    /// All of it.
    Whole,
}

/// A part of a history that is told in one text.
pub(crate) enum Passage<'h, 'a> {
    /// One entry.
    One(&'h HistoryEntryRow<'a>),
    /// Pushes one after the other that ended well.
    Run(&'h [HistoryEntryRow<'a>]),
}

/// A history in passages, and how many entries before them are left out.
pub(crate) fn passages<'h, 'a>(row: &'h HistoryRow<'a>) -> (usize, Vec<Passage<'h, 'a>>) {
    let all = &row.entries;
    if all.len() < MANY {
        return (0, all.iter().map(Passage::One).collect());
    }
    let mut passages = Vec::new();
    for run in all.chunk_by(|one, other| is_ordinary(one) && is_ordinary(other)) {
        match run.len() >= FEWEST {
            true => passages.push(Passage::Run(run)),
            false => passages.extend(run.iter().map(Passage::One)),
        }
    }
    let left = passages.drain(..passages.len().saturating_sub(MOST));
    let left = left.map(|passage| match passage {
        Passage::One(_) => 1,
        Passage::Run(run) => run.len(),
    });
    (left.sum(), passages)
}

/// Whether an entry is a push that ended well.
fn is_ordinary(entry: &HistoryEntryRow<'_>) -> bool {
    let ended_well = matches!(
        entry.group,
        Some(PushGroup::Complete | PushGroup::Unchanged)
    );
    ended_well && entry.kind != HistoryKind::Refused
}

/// Pushes one after the other that ended well, in words.
pub(crate) fn of_run(run: &[HistoryEntryRow<'_>]) -> String {
    let mut callers: Vec<String> = run.iter().map(|entry| entry.who.clone()).collect();
    callers.sort();
    callers.dedup();
    let by = match &callers[..] {
        [only] => only.clone(),
        _ => words::count(callers.len() as u64, "caller"),
    };
    let until = run.last().map_or("", |entry| &entry.time);
    let n = words::pushes(run.len() as u64);
    format!("{n} up to {until} that ended well, by {by}")
}

/// Says how many entries are left out at the start.
pub(crate) fn left_out(n: usize) -> String {
    let n = words::number(n as u64);
    format!("… {n} entries before; --verbose and --format json have all, --until reaches them")
}

/// How bad an entry is.
pub(crate) fn weight(entry: &HistoryEntryRow<'_>) -> Weight {
    match entry.kind {
        HistoryKind::Refused => Weight::Bad,
        HistoryKind::Push => entry.group.map_or(Weight::Plain, PushGroup::weight),
        HistoryKind::Put
        | HistoryKind::Again
        | HistoryKind::Retagged
        | HistoryKind::Signed
        | HistoryKind::Restored => Weight::Good,
        HistoryKind::Moved
        | HistoryKind::Deleted
        | HistoryKind::Expired
        | HistoryKind::Archived => Weight::Unknown,
        HistoryKind::Repository
        | HistoryKind::Policy
        | HistoryKind::Scanning
        | HistoryKind::Signing
        | HistoryKind::Replication
        | HistoryKind::Registry => Weight::Plain,
    }
}

/// Who did what, from where, in which push or event.
pub(crate) fn happened(row: &HistoryRow<'_>, entry: &HistoryEntryRow<'_>, ids: EventIds) -> String {
    let behind = entry.behind.as_ref();
    let behind = behind.map_or(String::new(), |subject| format!(", for {subject},"));
    let mut text = format!("{}{behind} {}", entry.who, entry.message);
    let is_of_push = row.of == HistoryTarget::Repository;
    let status = entry.group.filter(|_| is_of_push);
    let status = status.map(|group| group.name().to_owned());
    let from = entry.source_ip.as_ref().map(|ip| format!("from {ip}"));
    let push = entry.session.as_ref().map(|id| format!("push {id}"));
    let event = || {
        let id = match ids {
            EventIds::Start => words::short_event(&entry.event_id),
            EventIds::Whole => &entry.event_id,
        };
        format!("event {id}")
    };
    let event = push.is_none().then(event);
    let beside: Vec<_> = [status, from, push, event].into_iter().flatten().collect();
    if !beside.is_empty() {
        text.push_str(&format!(" ({})", beside.join(", ")));
    }
    text
}

/// A tag that stands at the end, in words.
pub(crate) fn stands(row: &StandingTagRow<'_>) -> String {
    let digits = row.digest.as_deref().map(|digest| {
        let digits = digest.split_once(':').map_or(digest, |(_, digits)| digits);
        digits.chars().take(DIGITS).collect::<String>()
    });
    let on = digits.unwrap_or_else(|| "an image that the log does not name".to_owned());
    let push = row.session.as_ref().map(|id| format!(" (push {id})"));
    let archived = match row.archived {
        true => ", which is archived,",
        false => "",
    };
    format!(
        "`{}` on {on}{archived} since {}{}",
        row.tag,
        row.since,
        push.unwrap_or_default()
    )
}
