//! Pushers, addresses, programs and repositories that one side alone has.
//!
//! Comes in: both sides. Goes out: a row for each, with how often and when. Never: a version of a known program taken
//! for another program.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::event::TextId;
use crate::report::compare::RULES;
use crate::report::compare::claim;
use crate::report::compare::facts::{AddressId, Compared, PusherId};
use crate::report::compare::half::Held;
use crate::report::compare::stat::Stat;
use crate::report::row::{
    AddressName, Change, EntityRow, PlaceName, ProgramName, PusherName, SeenRow,
};

/// Who pushed on one side alone.
pub(super) fn pushers(held: &Held) -> Vec<EntityRow<PusherName>> {
    rows(held, |push| Some(push.pusher), |id| held.pusher(id))
}

/// The repositories of one side alone.
pub(super) fn places(held: &Held) -> Vec<EntityRow<PlaceName>> {
    rows(held, |push| Some(push.place), |id| held.place(id))
}

/// The addresses of one side alone.
pub(super) fn addresses(held: &Held) -> Vec<EntityRow<AddressName>> {
    let roaming = roaming(held);
    let mut users: BTreeMap<AddressId, BTreeSet<PusherId>> = BTreeMap::new();
    for push in held.base.pushes.iter().chain(&held.now.pushes) {
        if let Some(address) = push.address {
            users.entry(address).or_default().insert(push.pusher);
        }
    }
    let what = |id| {
        let (ip, endpoint) = *held.tables.addresses.get(id);
        let users = users.get(&id).into_iter().flatten();
        let mut pushers: Vec<PusherName> = users.clone().map(|&id| held.pusher(id)).collect();
        pushers.sort_unstable();
        AddressName {
            address: held.tables.get(ip),
            vpc_endpoint_id: endpoint.map(|id| held.tables.get(id)),
            roaming: users.clone().all(|id| roaming.contains(id)),
            pushers,
        }
    };
    rows(held, |push| push.address, what)
}

/// The pushers that came from ever new addresses in the base, as hosted builds do.
pub(super) fn roaming(held: &Held) -> BTreeSet<PusherId> {
    let mut seen: BTreeMap<PusherId, (u64, BTreeSet<AddressId>)> = BTreeMap::new();
    for push in &held.base.pushes {
        if let Some(address) = push.address {
            let (n_pushes, addresses) = seen.entry(push.pusher).or_default();
            *n_pushes += 1;
            addresses.insert(address);
        }
    }
    let roams = |(n_pushes, addresses): &(u64, BTreeSet<AddressId>)| {
        let n_addresses = addresses.len() as u64;
        n_addresses >= RULES.roaming_addresses && *n_pushes < n_addresses * RULES.roaming_pushes
    };
    let seen = seen.into_iter();
    let roaming = seen.filter(|(_, seen)| roams(seen));
    roaming.map(|(pusher, _)| pusher).collect()
}

/// The versions of a program, with their counts.
type Versions = BTreeMap<TextId, Stat>;

/// The programs of one side alone, and those with versions that the base does not have.
pub(super) fn programs(held: &Held) -> Vec<EntityRow<ProgramName>> {
    let [programs, _] = held.tallies(|push| push.program);
    let [before, now] = held.tallies(|push| Some((push.program?, push.version?)));
    let [before, now] = [before, now].map(by_program);
    let (none, is_before) = (Versions::new(), |id| programs.contains_key(&id));
    let name = |program, versions: &Versions, versions_before: &Versions| ProgramName {
        program: held.tables.get(program),
        versions: texts(held, versions),
        versions_before: texts(held, versions_before),
    };
    let of_side = |program| if is_before(program) { &before } else { &now };
    let what = |program| {
        let versions = of_side(program).get(&program);
        name(program, versions.unwrap_or(&none), &none)
    };
    let mut all = rows(held, |push| push.program, what);
    for (&program, versions) in now.iter().filter(|(id, _)| is_before(**id)) {
        let known = before.get(&program).unwrap_or(&none);
        let news = versions.iter().filter(|(id, _)| !known.contains_key(*id));
        let news: Versions = news.map(|(&id, stat)| (id, stat.clone())).collect();
        let Some(stat) = news.values().cloned().reduce(Stat::and) else {
            continue;
        };
        all.push(EntityRow {
            change: match claim::of_new(&held.sources, &stat) == Change::New {
                true => Change::NewVersion,
                false => Change::Unknown,
            },
            what: name(program, &news, known),
            base: programs.get(&program).map(Stat::row),
            now: Some(stat.row()),
        });
    }
    sort(&mut all);
    all
}

fn by_program(stats: BTreeMap<(TextId, TextId), Stat>) -> BTreeMap<TextId, Versions> {
    let mut programs: BTreeMap<TextId, Versions> = BTreeMap::new();
    for ((program, version), stat) in stats {
        programs.entry(program).or_default().insert(version, stat);
    }
    programs
}

/// The versions, those with most pushes first.
fn texts(held: &Held, versions: &Versions) -> Vec<String> {
    let named = versions.iter();
    let named = named.map(|(&id, stat)| (Reverse(stat.pushes), held.tables.get(id)));
    let mut named: Vec<_> = named.collect();
    named.sort_unstable();
    named.into_iter().map(|(_, version)| version).collect()
}

/// The rows of what one side alone has; `key` gives the thing that a push shows, `what` its names.
fn rows<K: Ord + Copy, T: Ord>(
    held: &Held,
    key: impl Fn(&Compared) -> Option<K>,
    what: impl Fn(K) -> T,
) -> Vec<EntityRow<T>> {
    let [before, now] = held.tallies(key);
    let news = now.iter().filter(|(key, _)| !before.contains_key(key));
    let news = news.map(|(&key, stat)| EntityRow {
        change: claim::of_new(&held.sources, stat),
        what: what(key),
        base: None,
        now: Some(stat.row()),
    });
    let absent = before.iter().filter(|(key, _)| !now.contains_key(key));
    let absent = absent.map(|(&key, stat)| EntityRow {
        change: claim::of_absent(&held.sources, stat),
        what: what(key),
        base: Some(stat.row()),
        now: None,
    });
    let mut rows: Vec<EntityRow<T>> = news.chain(absent).collect();
    sort(&mut rows);
    rows
}

/// By change, then the most pushes first, then by name.
fn sort<T: Ord>(rows: &mut [EntityRow<T>]) {
    let pushes = |seen: &Option<SeenRow>| Reverse(seen.as_ref().map(|seen| seen.pushes));
    rows.sort_unstable_by(|one, other| {
        let key = |row: &EntityRow<T>| (row.change, pushes(&row.now), pushes(&row.base));
        let by_number = key(one).cmp(&key(other));
        by_number.then_with(|| one.what.cmp(&other.what))
    });
}
