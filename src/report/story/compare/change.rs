//! What a comparison calls new, failing, changed and gone, in words.
//!
//! Comes in: the rows of a comparison. Goes out: a passage for each of the four. Never: a change without the push that
//! shows it.

use crate::report::row::{Change, ComparisonRow, FailureRow, Measure, Weight};
use crate::report::story::compare::list::{NEW, listed, of};
use crate::report::story::compare::name::{Apart, amount, came, middle, program, some, went};
use crate::report::story::compare::{Passage, PassageLine};
use crate::words;

pub(super) fn news(row: &ComparisonRow, most: usize) -> Passage {
    let apart = Apart::of(row);
    let stays = of(&row.addresses, &NEW).filter(|row| !row.what.roaming);
    let lines = [
        listed("pusher", most, of(&row.pushers, &NEW), |row| {
            came(&apart.pusher(&row.what), row.now.as_ref())
        }),
        listed("address", most, stays, |row| {
            came(&apart.address(&row.what), row.now.as_ref())
        }),
        roaming(row).into_iter().collect(),
        listed("client", most, of(&row.clients, &NEW), |row| {
            came(&program(&row.what), row.now.as_ref())
        }),
        listed("repository", most, of(&row.repositories, &NEW), |row| {
            came(&apart.place(&row.what), row.now.as_ref())
        }),
    ];
    Passage {
        title: "new".to_owned(),
        gloss: "not in the base".to_owned(),
        lines: lines.concat(),
    }
}

/// The new addresses of pushers whose address changes all the time.
fn roaming(row: &ComparisonRow) -> Option<PassageLine> {
    let roaming: Vec<_> = of(&row.addresses, &NEW)
        .filter(|row| row.what.roaming)
        .collect();
    let mut users: Vec<_> = roaming.iter().flat_map(|row| &row.what.pushers).collect();
    users.sort_unstable();
    users.dedup();
    let apart = Apart::of(row);
    let users: Vec<String> = users.into_iter().map(|name| apart.pusher(name)).collect();
    let n = words::number(roaming.len() as u64);
    let text = format!(
        "{n} of {}, always at new addresses before, too",
        some(&users)
    );
    (!roaming.is_empty()).then(|| PassageLine::new("roaming", text))
}

pub(super) fn failures(row: &ComparisonRow, most: usize) -> Passage {
    let apart = Apart::of(row);
    let of = |change| row.failures.iter().filter(move |row| row.change == change);
    let what = |row: &FailureRow| apart.failure(row);
    let mut new = listed("new", most, of(Change::New), |row| {
        came(&what(row), row.now.as_ref())
    });
    new.iter_mut().for_each(|line| line.weight = Weight::Bad);
    let others = [
        listed("continuing", most, of(Change::Continuing), |row| {
            let before = row.base.as_ref().map_or(0, |seen| seen.pushes);
            let text = came(&what(row), row.now.as_ref());
            format!("{text}; {} in the base", words::number(before))
        }),
        listed("gone", most, of(Change::Gone), |row| {
            let text = went(&what(row), row.base.as_ref());
            let through = words::number(row.came_through);
            format!(
                "{text}; {through} of {} since came through",
                words::pushes(row.tried)
            )
        }),
    ];
    Passage {
        title: "failures".to_owned(),
        gloss: "by cause, pusher and repository".to_owned(),
        lines: [new, others.concat()].concat(),
    }
}

pub(super) fn medians(row: &ComparisonRow, most: usize) -> Passage {
    let apart = Apart::of(row);
    let lines = Measure::ALL.map(|measure| {
        let of_measure = row.medians.iter().filter(|row| row.measure == measure);
        listed(measure.name(), most, of_measure, |row| {
            format!(
                "{}: {} in the base, {} now, as push {}",
                apart.place(&row.to),
                middle(measure, &row.base),
                middle(measure, &row.now),
                row.now.push
            )
        })
    });
    let rules = row.rules;
    Passage {
        title: "changed".to_owned(),
        gloss: format!(
            "medians of {} or more completed pushes, at least doubled or halved, by {} or {}",
            rules.median_pushes,
            amount(Measure::Duration, rules.median_seconds),
            amount(Measure::Size, rules.median_bytes)
        ),
        lines: lines.concat(),
    }
}

pub(super) fn gone(row: &ComparisonRow, most: usize) -> Passage {
    let (apart, gone) = (Apart::of(row), [Change::Gone]);
    let lines = [
        listed("pusher", most, of(&row.pushers, &gone), |row| {
            went(&apart.pusher(&row.what), row.base.as_ref())
        }),
        listed("address", most, of(&row.addresses, &gone), |row| {
            went(&apart.address(&row.what), row.base.as_ref())
        }),
        listed("client", most, of(&row.clients, &gone), |row| {
            went(&program(&row.what), row.base.as_ref())
        }),
        listed("repository", most, of(&row.repositories, &gone), |row| {
            went(&apart.place(&row.what), row.base.as_ref())
        }),
    ];
    Passage {
        title: "gone".to_owned(),
        gloss: format!(
            "{} or more pushes were due at the rate of the base",
            row.rules.due_pushes
        ),
        lines: lines.concat(),
    }
}
