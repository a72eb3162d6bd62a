//! What the base knows of each selected push: whether it is one that usually happens.
//!
//! Comes in: both sides. Goes out: for each thing that a push shows, how often the base has it. Never: an answer where
//! many pushes are selected, since the lists of both sides then say more.

use crate::event::TextId;
use crate::report::compare::claim;
use crate::report::compare::entity::roaming;
use crate::report::compare::facts::Compared;
use crate::report::compare::half::Held;
use crate::report::compare::median;
use crate::report::compare::stat::{Stat, tally};
use crate::report::line;
use crate::report::parts::Report;
use crate::report::row::{Change, FamiliarRow, Measure, Trait, TraitRow, UsualRow};
use crate::report::story::compare::name::{Apart, through};
use crate::report::story::push::named;
use crate::session::SessionId;
use crate::words;

/// The most pushes that are told of one by one.
const MOST: usize = 3;

/// What the base knows of each selected push, if few are selected.
pub(super) fn rows(report: &Report<'_>, held: &Held) -> Vec<FamiliarRow> {
    let pushes = &held.now.pushes;
    let few = pushes.iter().filter(|_| pushes.len() <= MOST);
    let few = few.zip(&report.selected);
    few.map(|(push, &position)| {
        let line = line::row(report, position);
        FamiliarRow {
            push: SessionId(push.id).to_string(),
            status: push.group.status(),
            first: words::time(push.first),
            reference: named(line.repository.as_deref(), &line.tags),
            traits: traits(held, push),
            measures: measures(held, push),
        }
    })
    .collect()
}

fn traits(held: &Held, push: &Compared) -> Vec<TraitRow> {
    let text = |id: TextId| held.tables.get(id);
    let mut rows = vec![
        of(
            held,
            push,
            Trait::Pusher,
            Apart::ALL.pusher(&held.pusher(push.pusher)),
            |other| other.pusher == push.pusher,
        ),
        of(
            held,
            push,
            Trait::Repository,
            Apart::ALL.place(&held.place(push.place)),
            |other| other.place == push.place,
        ),
    ];
    if let Some(address) = push.address {
        let (ip, endpoint) = *held.tables.addresses.get(address);
        let what = through(&text(ip), endpoint.map(text).as_deref());
        let is_same = |other: &Compared| other.address == push.address;
        rows.push(of(held, push, Trait::Address, what, is_same));
    }
    if let Some(program) = push.program {
        let is_same = |other: &Compared| other.program == push.program;
        rows.push(of(held, push, Trait::Client, text(program), is_same));
        let version = push.version.map(|version| {
            let what = format!("{} {}", text(program), text(version));
            let is_same = |other: &Compared| is_same(other) && other.version == push.version;
            of(held, push, Trait::Version, what, is_same)
        });
        rows.extend(version);
    }
    if let Some(cause) = push.cause {
        let code = cause.code.map(text);
        let what = code.unwrap_or_else(|| cause.kind.name().to_owned());
        let is_same = |other: &Compared| other.cause == push.cause && other.place == push.place;
        rows.push(of(held, push, Trait::Failure, what, is_same));
    }
    rows
}

/// How often the base has something that a push shows. A report may hold the push itself, which says nothing.
fn of(
    held: &Held,
    push: &Compared,
    kind: Trait,
    what: String,
    is_same: impl Fn(&Compared) -> bool,
) -> TraitRow {
    let others = || held.base.pushes.iter().filter(|other| other.id != push.id);
    let same = others().filter(|other| is_same(other));
    let by_pusher = same.clone().filter(|other| other.pusher == push.pusher);
    let by_pusher = by_pusher.count() as u64;
    let everything = |_: &Compared| Some(());
    let base = tally(same, &held.sources, everything).remove(&());
    let own = tally([push], &held.sources, everything).remove(&());
    TraitRow {
        change: match (&base, own) {
            (Some(_), _) => Change::Continuing,
            (None, Some(own)) => claim::of_new(&held.sources, &own),
            (None, None) => Change::Unknown,
        },
        kind,
        what,
        base: base.as_ref().map(Stat::row),
        by_pusher,
        roaming: kind == Trait::Address && roaming(held).contains(&push.pusher),
    }
}

fn measures(held: &Held, push: &Compared) -> Vec<UsualRow> {
    let of = |measure| {
        let others = held.base.pushes.iter();
        let others = others.filter(|other| other.place == push.place && other.id != push.id);
        let values = others.filter_map(|other| Some((median::value(other, measure)?, other.id)));
        Some(UsualRow {
            measure,
            value: median::value(push, measure)?,
            base: median::middle(values.collect()),
        })
    };
    Measure::ALL.into_iter().filter_map(of).collect()
}
