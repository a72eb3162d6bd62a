//! What limits a comparison.
//!
//! Comes in: both sides. Goes out: a sentence for each thing that makes an answer weaker. Never: a limit left to the
//! reader's own arithmetic.

use crate::ingest::coverage::Source;
use crate::report::compare::half::Held;
use crate::report::compare::sources::LogSeconds;
use crate::report::row::{AskedRow, ExtentRow, Notice, NoticeRow, SideRow};
use crate::words;

/// A side is much shorter than another that is so many times as long.
const MUCH: u64 = 2;

/// The most accounts and regions that are named.
const MOST_NAMED: usize = 3;

/// What to bear in mind.
pub(super) fn rows(held: &Held) -> Vec<NoticeRow> {
    let (base, now) = (held.side(&held.base), held.side(&held.now));
    let messages = [
        (Notice::BaseEmpty, empty(&base, "the base holds")),
        (Notice::NowEmpty, empty(&now, "this side holds")),
        (Notice::BaseLonger, longer(&base, &now)),
        (Notice::BaseShorter, shorter(&base, &now)),
        (
            Notice::BaseLacks,
            base_lacks(held, &now).filter(|_| base.covered_s > 0),
        ),
        (
            Notice::NowLacks,
            now_lacks(held, &base).filter(|_| now.covered_s > 0),
        ),
        (Notice::BaseHoles, holes(&base, "the base")),
        (Notice::NowHoles, holes(&now, "this side")),
        (Notice::Selection, selection(&base, &now)),
        (Notice::Window, window(&base, &now)),
        (Notice::Shared, shared(held.shared(), &now)),
    ];
    let rows = messages.into_iter();
    rows.filter_map(|(kind, message)| {
        Some(NoticeRow {
            kind,
            message: message?,
        })
    })
    .collect()
}

fn empty(side: &SideRow, who: &str) -> Option<String> {
    let covers = match side.covered_s {
        0 => "and its logs cover none of its time".to_owned(),
        seconds => format!("in {} of log", words::duration(length(seconds))),
    };
    (side.pushes == 0).then(|| format!("{who} no push, {covers}"))
}

fn longer(base: &SideRow, now: &SideRow) -> Option<String> {
    is_much_longer(base, now).then(|| {
        format!(
            "the base covers {}, this side {}: what is rarer than that may just not have come yet",
            words::duration(length(base.covered_s)),
            words::duration(length(now.covered_s)),
        )
    })
}

fn shorter(base: &SideRow, now: &SideRow) -> Option<String> {
    is_much_longer(now, base).then(|| {
        format!(
            "the base covers {}, this side {}: what is rarer than that may be new to the base alone",
            words::duration(length(base.covered_s)),
            words::duration(length(now.covered_s)),
        )
    })
}

fn is_much_longer(one: &SideRow, other: &SideRow) -> bool {
    other.covered_s > 0 && one.covered_s >= other.covered_s.saturating_mul(MUCH)
}

fn length(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

fn base_lacks(held: &Held, now: &SideRow) -> Option<String> {
    let is_lacking = |row: &&ExtentRow| seconds(held, row).is_some_and(|(base, _)| base == 0);
    let (names, n) = named(now.spans.iter().filter(is_lacking))?;
    Some(format!(
        "the base has no log of {names}, where {} of this side went: what is new there cannot be known",
        words::pushes(n)
    ))
}

fn now_lacks(held: &Held, base: &SideRow) -> Option<String> {
    let is_lacking = |row: &&ExtentRow| seconds(held, row).is_some_and(|(_, now)| now == 0);
    let (names, n) = named(base.spans.iter().filter(is_lacking))?;
    Some(format!(
        "this side has no log of {names}, where {} of the base went: what is gone there cannot be known",
        words::pushes(n)
    ))
}

/// The seconds that the base and this side cover of an account and region.
fn seconds(held: &Held, row: &ExtentRow) -> Option<(u64, u64)> {
    let source = Source {
        account: (*row.account).into(),
        region: (*row.region).into(),
    };
    let LogSeconds { base, now, .. } = held.sources.find(&source)?;
    Some((base, now))
}

/// The accounts and regions that have pushes, and how many pushes; `None` if there are none.
fn named<'r>(rows: impl Iterator<Item = &'r ExtentRow>) -> Option<(String, u64)> {
    let rows: Vec<&ExtentRow> = rows.filter(|row| row.pushes > 0).collect();
    let named = rows.iter().take(MOST_NAMED);
    let mut names: Vec<String> = named
        .map(|row| format!("{} {}", row.account, row.region))
        .collect();
    if let more @ 1.. = rows.len().saturating_sub(MOST_NAMED) {
        names.push(format!("{} more", words::number(more as u64)));
    }
    let n = rows.iter().map(|row| row.pushes).sum();
    (!rows.is_empty()).then(|| (words::list(&names), n))
}

fn holes(side: &SideRow, who: &str) -> Option<String> {
    let lacking: Vec<&ExtentRow> = side.spans.iter().filter(|row| row.holes_s > 0).collect();
    let longest = lacking.iter().max_by_key(|row| row.holes_s)?;
    let others = match lacking.len() {
        1 => String::new(),
        n => format!(", and of {} more logs less", n - 1),
    };
    Some(format!(
        "the log of {who} lacks {} in {} {}{others}",
        words::duration(length(longest.holes_s)),
        longest.account,
        longest.region,
    ))
}

fn selection(base: &SideRow, now: &SideRow) -> Option<String> {
    let of_both = |side: &SideRow| {
        let mut rows = side.selection.clone();
        rows.retain(|row| !row.is_of_one_side());
        rows
    };
    (of_both(base) != of_both(now)).then(|| {
        format!(
            "the base was selected by {}, this side by {}: what one of these leaves out looks new, or gone",
            asked(&base.selection),
            asked(&now.selection)
        )
    })
}

/// The options of a side as they are typed.
fn asked(rows: &[AskedRow]) -> String {
    let texts = rows.iter();
    let texts: Vec<String> = texts
        .map(|row| format!("{} {}", row.option, row.values.join(",")))
        .collect();
    match texts.is_empty() {
        true => "no option".to_owned(),
        false => format!("`{}`", texts.join(" ")),
    }
}

fn window(base: &SideRow, now: &SideRow) -> Option<String> {
    let (base, now) = (base.window_s?, now.window_s?);
    (base != now).then(|| {
        format!(
            "the base was put together with a window of {}, this side with {}: pushes may be parted \
             otherwise",
            words::duration(length(base)),
            words::duration(length(now)),
        )
    })
}

fn shared(shared: u64, now: &SideRow) -> Option<String> {
    (shared > 0).then(|| {
        format!(
            "{} of {} of this side are in the base, too: --since leaves earlier ones out",
            words::number(shared),
            words::pushes(now.pushes)
        )
    })
}
