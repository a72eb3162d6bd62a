//! What the base knows of a single push, in words.
//!
//! Comes in: the row of a push. Goes out: a passage with a line for each thing that it shows. Never: "new" where the
//! base cannot know.

use crate::report::row::{Change, FamiliarRow, Trait, TraitRow, UsualRow, Weight};
use crate::report::story::compare::name::amount;
use crate::report::story::compare::{Passage, PassageLine};
use crate::words;

/// Whether a push is one that usually happens.
pub(super) fn familiar(row: &FamiliarRow) -> Passage {
    let find = |kind| row.traits.iter().find(|row: &&TraitRow| row.kind == kind);
    let is_seen = |row: &TraitRow| row.base.is_some();
    // A known version, or that of a new program, says all that is to be said of the program.
    let has_both = match (find(Trait::Client), find(Trait::Version)) {
        (Some(client), Some(version)) => is_seen(client) && !is_seen(version),
        (Some(_), None) | (None, _) => true,
    };
    let traits = row.traits.iter();
    let traits = traits.filter(|row| has_both || row.kind != Trait::Client);
    let traits = traits.map(|row| PassageLine {
        label: match row.kind == Trait::Version && !has_both {
            true => Trait::Client.name(),
            false => row.kind.name(),
        },
        text: seen(row),
        weight: match row.change == Change::New && !row.roaming {
            true => Weight::Unknown,
            false => Weight::Plain,
        },
    });
    let measures = row.measures.iter().map(|row| PassageLine {
        label: row.measure.name(),
        text: usual(row),
        weight: Weight::Plain,
    });
    Passage {
        title: format!("push {}", row.push),
        gloss: format!("{}, {}, {}", row.status, row.reference, row.first),
        lines: traits.chain(measures).collect(),
    }
}

/// How often the base has what a push shows.
fn seen(row: &TraitRow) -> String {
    let what = &row.what;
    match (&row.base, row.change) {
        (None, Change::Unknown) => format!("{what}: the base has no log that could show it"),
        (None, _) if row.roaming => format!("{what}: new, as always with this pusher"),
        (None, _) => format!("{what}: new"),
        (Some(seen), _) => {
            let own = match (row.kind, row.by_pusher) {
                (Trait::Pusher, _) => String::new(),
                (_, 0) => ", none of this pusher".to_owned(),
                (_, n) if n == seen.pushes => ", all of this pusher".to_owned(),
                (_, n) => format!(", {} of this pusher", words::number(n)),
            };
            let pushes = words::pushes(seen.pushes);
            format!(
                "{what}: {pushes} in the base{own}, last {}, push {}",
                seen.last, seen.last_push
            )
        }
    }
}

/// A measure of a push beside what is usual.
fn usual(row: &UsualRow) -> String {
    let amount = |value| amount(row.measure, value);
    let value = amount(row.value);
    match &row.base {
        None => format!("{value}; no completed push to this repository in the base"),
        Some(base) => format!(
            "{value}; {} of the base had {} to {}, the median {}",
            words::pushes(base.pushes),
            amount(base.least),
            amount(base.most),
            amount(base.median)
        ),
    }
}
