//! Of several right answers, the one that what was found comes nearest to.
//!
//! In: truth and findings of one world. Out: the truth with every choice made that it leaves open, in favour
//! of the correlator: pushes that may be told as one, events that may be told with another push or with none,
//! and events of which nobody can say which of two pushes they belong to. Of these each push still gets as many
//! as it made.

use std::collections::{BTreeMap, BTreeSet};

use super::super::simulate::truth::{Push, Truth};
use super::super::simulate::verdict::Status;
use super::Found;
use super::matching::Matching;

/// Clocks of hosts differ by this much, milliseconds.
const CLOCKS: i64 = 2_000;

/// Chooses.
pub(crate) fn nearest(truth: &Truth, found: &Found) -> Truth {
    let mut chosen = truth.clone();
    place_free_events(&mut chosen, found);
    swap_twins(&mut chosen, found);
    tell_as_one(&mut chosen, found);
    chosen
}

/// Events with more than one right place stand where they were found, if that is one.
fn place_free_events(truth: &mut Truth, found: &Found) {
    let matching = Matching::new(truth, found);
    let mut placed = Vec::new();
    for (event_id, event) in &truth.events {
        let at = matching.session_of.get(event_id).copied();
        let holds = |push: usize| at.is_some() && matching.session_of_push[push] == at;
        if event.may_stay_out && !holds(event.push) {
            placed.push((event_id.clone(), None));
        } else if let Some(&other) = event.also.iter().find(|&&push| holds(push)) {
            placed.push((event_id.clone(), Some(other)));
        }
    }
    for (event_id, to) in placed {
        move_event(truth, &event_id, to);
    }
}

fn move_event(truth: &mut Truth, event_id: &str, to: Option<usize>) {
    let from = truth.events[event_id].push;
    truth.pushes[from].events.retain(|id| id != event_id);
    match to {
        Some(to) => {
            truth.pushes[to].events.push(event_id.to_owned());
            truth.events.get_mut(event_id).expect("known").push = to;
        }
        None => {
            truth.events.remove(event_id);
        }
    }
}

/// What cannot be told apart: the same principal did this in the same repository.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Likeness {
    repository: String,
    identity: String,
    what: String,
}

/// Uploads or single calls that are alike are exchanged between the pushes that made them, so that as many as
/// possible stand where they were found.
fn swap_twins(truth: &mut Truth, found: &Found) {
    let matching = Matching::new(truth, found);
    let spans: Vec<(i64, i64)> = truth.pushes.iter().map(|push| span(truth, push)).collect();
    let mut units: BTreeMap<Likeness, Vec<Vec<String>>> = BTreeMap::new();
    for push in &truth.pushes {
        let mut of_upload: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for event_id in &push.events {
            let event = &truth.events[event_id];
            match &event.upload {
                _ if event.is_decidable => {}
                Some(upload) => of_upload.entry(upload).or_default().push(event_id.clone()),
                None => {
                    let what = format!("{} {:?} {:?}", event.action, event.names, event.error_code);
                    let likeness = likeness(push, what);
                    units
                        .entry(likeness)
                        .or_default()
                        .push(vec![event_id.clone()]);
                }
            }
        }
        for unit in of_upload.into_values() {
            let names = &truth.events[&unit[0]].names;
            let likeness = likeness(push, format!("upload {names:?}"));
            units.entry(likeness).or_default().push(unit);
        }
    }
    for alike in units.into_values().filter(|alike| alike.len() > 1) {
        let mut room: BTreeMap<usize, usize> = BTreeMap::new();
        for unit in &alike {
            *room.entry(truth.events[&unit[0]].push).or_default() += 1;
        }
        let mut rest = Vec::new();
        for unit in alike {
            let event = &truth.events[&unit[0]];
            let at = matching.session_of.get(&unit[0]).copied();
            let wanted = room.keys().copied().find(|&push| {
                at.is_some()
                    && matching.session_of_push[push] == at
                    && (spans[push].0 - CLOCKS..=spans[push].1 + CLOCKS).contains(&event.time)
            });
            match wanted.and_then(|push| Some((push, room.get_mut(&push)?))) {
                Some((push, left)) if *left > 0 => {
                    *left -= 1;
                    give(truth, &unit, push);
                }
                Some(_) | None => rest.push(unit),
            }
        }
        // First those that can stay with whom they were.
        rest.retain(|unit| {
            let left = room.get_mut(&truth.events[&unit[0]].push);
            match left {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    false
                }
                Some(_) | None => true,
            }
        });
        for unit in rest {
            let (&push, left) = room
                .iter_mut()
                .find(|(_, left)| **left > 0)
                .expect("as much room as units");
            *left -= 1;
            give(truth, &unit, push);
        }
    }
}

fn likeness(push: &Push, what: String) -> Likeness {
    Likeness {
        repository: push.repository.clone(),
        identity: push.identity.clone(),
        what,
    }
}

fn span(truth: &Truth, push: &Push) -> (i64, i64) {
    let times = || push.events.iter().map(|id| truth.events[id].time);
    let (first, last) = (times().min(), times().max());
    (first.unwrap_or_default(), last.unwrap_or_default())
}

fn give(truth: &mut Truth, unit: &[String], to: usize) {
    for event_id in unit {
        if truth.events[event_id].push != to {
            move_event(truth, event_id, Some(to));
        }
    }
}

/// Pushes of one manifest in a row are one push, if their puts were found in one session; so are a push that
/// was left and the one that may be more of it, if any of their events were.
fn tell_as_one(truth: &mut Truth, found: &Found) {
    let matching = Matching::new(truth, found);
    let sessions = |truth: &Truth, push: usize, puts_only: bool| -> BTreeSet<usize> {
        let events = truth.pushes[push].events.iter();
        events
            .filter(|id| !puts_only || truth.events[*id].action == "PutImage")
            .filter_map(|id| matching.session_of.get(id).copied())
            .collect()
    };
    let mut told: BTreeMap<usize, usize> = BTreeMap::new();
    // Later ones first, so that a whole loop ends up with its first run.
    for later in (0..truth.pushes.len()).rev() {
        let mut choices = truth.pushes[later].one_with();
        let is_told = |&(earlier, puts_only): &(usize, bool)| {
            let of_earlier = sessions(truth, earlier, puts_only);
            !sessions(truth, later, puts_only).is_disjoint(&of_earlier)
        };
        let Some((earlier, _)) = choices.find(is_told) else {
            continue;
        };
        drop(choices);
        told.insert(later, earlier);
        // Either login is the right one of a push that two runs made.
        let both = sessions(truth, later, false);
        let tokens = both
            .into_iter()
            .map(|session| found.sessions[session].token.clone());
        let tokens: BTreeSet<Option<String>> = tokens.collect();
        let gone = std::mem::take(&mut truth.pushes[later].events);
        for event_id in &gone {
            truth.events.get_mut(event_id).expect("known").push = earlier;
        }
        let other = truth.pushes[later].clone();
        let push = &mut truth.pushes[earlier];
        push.events.extend(gone);
        push.is_decidable &= other.is_decidable;
        push.is_healthy &= other.is_healthy;
        push.accepted_tags.extend(other.accepted_tags);
        push.refused_tags.extend(other.refused_tags);
        let accepted = push.accepted_tags.clone();
        push.refused_tags.retain(|tag| !accepted.contains(tag));
        push.tags.extend(other.tags);
        if push.token != other.token && tokens.contains(&other.token) {
            push.token = other.token;
        }
        if push.verdict.status != Status::Complete {
            push.verdict = other.verdict;
            push.is_made_good = other.is_made_good;
            push.superseded_by = other.superseded_by;
        }
    }
    drop_empty(truth, &told);
}

/// Takes out pushes without events, which are told with an earlier one or not at all, and numbers the others
/// anew.
fn drop_empty(truth: &mut Truth, told: &BTreeMap<usize, usize>) {
    let mut numbers = BTreeMap::new();
    for (number, push) in truth.pushes.iter().enumerate() {
        if !push.events.is_empty() {
            numbers.insert(number, numbers.len());
        }
    }
    let new = |old: usize| {
        let mut at = old;
        while let Some(&earlier) = told.get(&at) {
            at = earlier;
        }
        numbers.get(&at).copied()
    };
    for event in truth.events.values_mut() {
        event.push = new(event.push).expect("it has events");
    }
    for (number, push) in truth.pushes.iter_mut().enumerate() {
        let own = new(number);
        let later = push.superseded_by.iter().filter_map(|&later| new(later));
        push.superseded_by = later.filter(|later| Some(*later) != own).collect();
        push.told_with = push.told_with.and_then(new);
        push.carried_on_from = push.carried_on_from.and_then(new);
    }
    truth.pushes.retain(|push| !push.events.is_empty());
}
