//! What a comparison cannot call gone or new, in words.
//!
//! Comes in: the rows of a comparison. Goes out: short passages. Never: such things one by one; JSON has them.

use crate::report::row::{Change, ComparisonRow};
use crate::report::story::compare::list::{brief, of};
use crate::report::story::compare::name::{Apart, address, counted, program};
use crate::report::story::compare::{Passage, PassageLine};
use crate::words;

/// What is missing and was not due: a line for each kind.
pub(super) fn not_due(row: &ComparisonRow) -> Passage {
    let (apart, not_due) = (Apart::of(row), [Change::NotDue]);
    let stays = of(&row.addresses, &not_due).filter(|row| !row.what.roaming);
    let lines = [
        brief("pusher", of(&row.pushers, &not_due), |row| {
            counted(&apart.pusher(&row.what), row.base.as_ref())
        }),
        brief("address", stays, |row| {
            counted(&address(&row.what), row.base.as_ref())
        }),
        brief("client", of(&row.clients, &not_due), |row| {
            counted(&program(&row.what), row.base.as_ref())
        }),
        brief("repository", of(&row.repositories, &not_due), |row| {
            counted(&apart.place(&row.what), row.base.as_ref())
        }),
        absent_failures(row),
    ];
    Passage {
        title: "not seen, and not due".to_owned(),
        gloss: "with the number of pushes in the base".to_owned(),
        lines: lines.into_iter().flatten().collect(),
    }
}

/// The failures of the base that this side does not have and that were not due, or that nobody tried again.
fn absent_failures(row: &ComparisonRow) -> Option<PassageLine> {
    let n_of = |change| {
        row.failures
            .iter()
            .filter(|row| row.change == change)
            .count() as u64
    };
    let (not_due, not_tried) = (n_of(Change::NotDue), n_of(Change::NotTried));
    let again = match not_tried {
        0 => String::new(),
        n => format!(", {} of them not tried again", words::number(n)),
    };
    let causes = words::count(not_due + not_tried, "cause");
    (not_due + not_tried > 0).then(|| PassageLine::new("failure", format!("{causes}{again}")))
}

/// How much cannot be known, since one side has no log of it.
pub(super) fn not_known(row: &ComparisonRow) -> Passage {
    let line = |label, change: Change, why: &str| {
        let n_of = [
            (of(&row.pushers, &[change]).count(), "pusher"),
            (of(&row.clients, &[change]).count(), "client"),
            (
                row.failures
                    .iter()
                    .filter(|row| row.change == change)
                    .count(),
                "failure",
            ),
        ];
        let some = n_of.into_iter().filter(|(n, _)| *n > 0);
        let mut texts: Vec<String> = some
            .map(|(n, thing)| words::count(n as u64, thing))
            .collect();
        let addresses = of(&row.addresses, &[change]).count();
        let places = of(&row.repositories, &[change]).count();
        texts.extend((addresses > 0).then(|| plural(addresses, "1 address", "addresses")));
        texts.extend((places > 0).then(|| plural(places, "1 repository", "repositories")));
        let text = format!("{}: {why}", words::list(&texts));
        (!texts.is_empty()).then(|| PassageLine::new(label, text))
    };
    let lines = [
        line(
            "new or not",
            Change::Unknown,
            "the base has no log of where they are",
        ),
        line(
            "gone or not",
            Change::NotCovered,
            "this side has no log of where they were, beyond what the base has",
        ),
    ];
    Passage {
        title: "not known".to_owned(),
        gloss: "--format json names them".to_owned(),
        lines: lines.into_iter().flatten().collect(),
    }
}

fn plural(n: usize, one: &str, many: &str) -> String {
    match n {
        1 => one.to_owned(),
        _ => format!("{} {many}", words::number(n as u64)),
    }
}
