//! The contents of a push's timeline, each in its lane and at its place.
//!
//! Comes in: the steps of a push and its events. Goes out: items with lanes, places on the scale,
//! and the links between them. Never: a step without a lane.

use std::collections::HashMap;

use crate::graph::Strength;
use crate::render::html::scale::{Scale, WIDTH};
use crate::report::story::step::{Step, StepKind};
use crate::report::story::steps::{Keep, Steps};
use crate::report::{SessionRow, Text};
use crate::words;

/// The most items with a lane and label each; if there are more, items share lanes.
const MOST_LABELLED: usize = 40;
/// The most items drawn.
const MOST_DRAWN: usize = 2_000;
/// The steps to draw; no kind needs more.
pub(super) const DRAWN: Keep = Keep {
    first: MOST_DRAWN,
    last: 0,
};
/// The most lanes for uploads if they share lanes.
const MOST_LANES: usize = 60;
/// The most links drawn for one item.
const MOST_LINKS: usize = 250;
/// The least width of a bar.
const LEAST_WIDTH: u32 = 40;

/// One thing on the timeline.
#[derive(Debug)]
pub(super) struct Item {
    /// Its step.
    pub(super) step: Step,
    /// The lane, from the top.
    pub(super) lane: usize,
    /// Its start and end.
    pub(super) places: (u32, u32),
    /// The evidence that joins it to other items.
    pub(super) links: Vec<Line>,
}

/// A piece of evidence between two items, drawn from the earlier event to the later.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// Place and lane of the earlier event.
    pub(super) from: (u32, usize),
    /// Place and lane of the later event.
    pub(super) to: (u32, usize),
    /// `proof`, `inference` or `hint`.
    pub(super) strength: Strength,
}

/// A push laid out.
#[derive(Debug)]
pub(super) struct Layout {
    /// The scale of its times.
    pub(super) scale: Scale,
    /// The items drawn, in the order of their events.
    pub(super) items: Vec<Item>,
    /// The place of each event of the push.
    pub(super) places: Vec<u32>,
    /// How many lanes there are.
    pub(super) n_lanes: usize,
    /// Whether each item has its own lane, and so room for its words.
    pub(super) labelled: bool,
    /// The words of shared lanes: the first lane of each kind, and its words.
    pub(super) headings: Vec<(usize, String)>,
    /// How many items are left out.
    pub(super) left_out: u64,
}

/// Lays out the steps of a push.
pub(super) fn layout(push: &SessionRow<'_>, steps: Steps) -> Layout {
    let seconds: Vec<i64> = push.events.seconds().collect();
    let own = seconds[push.events.places()].iter().copied();
    let scale = Scale::fit(own);
    let places = places(push, &seconds, &scale);
    let n_left_out: u64 = steps.left_out.iter().map(|steps| steps.n).sum();
    let mut steps = steps.kept;
    let left_out = n_left_out + steps.len().saturating_sub(MOST_DRAWN) as u64;
    steps.truncate(MOST_DRAWN);
    let labelled = steps.len() <= MOST_LABELLED;
    let mut items: Vec<Item> = Vec::with_capacity(steps.len());
    for step in steps {
        let places = extent(&step, &places, items.is_empty());
        items.push(Item {
            step,
            lane: items.len(),
            places,
            links: Vec::new(),
        });
    }
    let mut headings = Vec::new();
    let n_lanes = match labelled {
        true => own_lanes(push, &mut items),
        false => shared_lanes(&mut items, &mut headings),
    };
    link(push, &places, &mut items);
    Layout {
        scale,
        items,
        places,
        n_lanes,
        labelled,
        headings,
        left_out,
    }
}

/// The place of each event. `eventTime` has whole seconds, so events of one second are placed side
/// by side within it, in causal order.
fn places(push: &SessionRow<'_>, seconds: &[i64], scale: &Scale) -> Vec<u32> {
    let own = push.events.places();
    let mut totals: HashMap<i64, u64> = HashMap::new();
    for &second in &seconds[own.clone()] {
        *totals.entry(second).or_default() += 1;
    }
    let mut seen: HashMap<i64, u64> = HashMap::new();
    let place = |(place, &second): (usize, &i64)| {
        if !own.contains(&place) {
            return scale.place(second, 0);
        }
        let rank = seen.entry(second).or_default();
        *rank += 1;
        let total = totals.get(&second).copied().unwrap_or(1).max(1);
        let share = (2 * *rank - 1) * 5_000 / total;
        scale.place(second, u32::try_from(share).unwrap_or(0))
    };
    seconds.iter().enumerate().map(place).collect()
}

/// From the first event of a step to its last; something missing is placed at the edge where it is
/// missing.
fn extent(step: &Step, places: &[u32], is_first: bool) -> (u32, u32) {
    let events = step.events.iter().filter_map(|&event| places.get(event));
    let (first, last) = (events.clone().min(), events.max());
    match (first, last, is_first) {
        (Some(&first), Some(&last), _) if last - first < LEAST_WIDTH && is_upload(step.kind()) => {
            let first = first.saturating_sub(LEAST_WIDTH / 2);
            (first, (first + LEAST_WIDTH).min(WIDTH))
        }
        (Some(&first), Some(&last), _) => (first, last),
        (_, _, true) => (0, 0),
        (_, _, false) => (WIDTH, WIDTH),
    }
}

/// Whether steps of a kind are drawn as bars.
pub(super) fn is_upload(kind: StepKind) -> bool {
    matches!(kind, StepKind::Upload | StepKind::OpenUpload)
}

/// Gives each item its own lane; a refused call of an upload shares the upload's.
fn own_lanes(push: &SessionRow<'_>, items: &mut [Item]) -> usize {
    let mut lanes: HashMap<Text<'_>, usize> = HashMap::new();
    for item in items.iter().filter(|item| is_upload(item.step.kind())) {
        if let Some(upload) = upload_of(push, &item.step) {
            lanes.insert(upload, item.lane);
        }
    }
    let mut next = 0;
    let mut moved: HashMap<usize, usize> = HashMap::new();
    for item in items.iter_mut() {
        let host = upload_of(push, &item.step)
            .and_then(|upload| lanes.get(&upload))
            .copied()
            .filter(|_| item.step.kind() == StepKind::Refusal);
        let known = moved.get(&host.unwrap_or(item.lane)).copied();
        let lane = known.unwrap_or(next);
        if known.is_none() {
            moved.insert(host.unwrap_or(item.lane), next);
            next += 1;
        }
        item.lane = lane;
    }
    next
}

fn upload_of<'r>(push: &SessionRow<'r>, step: &Step) -> Option<Text<'r>> {
    push.events.get(*step.events.first()?)?.upload_id
}

/// Gives each kind one lane; uploads get as many as run side by side.
fn shared_lanes(items: &mut [Item], headings: &mut Vec<(usize, String)>) -> usize {
    let mut next = 0;
    for (kinds, thing) in [
        (&[StepKind::Login][..], "login"),
        (&[StepKind::Checks], "series of checks"),
        (&[StepKind::Upload, StepKind::OpenUpload], "upload"),
        (&[StepKind::Refusal], "refused call"),
        (&[StepKind::Put], "manifest"),
        (&[StepKind::Absence], ""),
    ] {
        let of_kinds = items
            .iter()
            .filter(|item| kinds.contains(&item.step.kind()));
        let n = of_kinds.count() as u64;
        if n > 0 && !thing.is_empty() {
            headings.push((next, words::count(n, thing)));
        }
        // The end of the last item in each lane.
        let mut ends: Vec<u32> = Vec::new();
        for item in items
            .iter_mut()
            .filter(|item| kinds.contains(&item.step.kind()))
        {
            let (from, to) = item.places;
            let is_free = |end: &u32| !is_upload(item.step.kind()) || *end <= from;
            let lane = match ends.iter().position(is_free) {
                Some(lane) => lane,
                None if ends.len() < MOST_LANES => {
                    ends.push(0);
                    ends.len() - 1
                }
                None => ends.len() - 1,
            };
            if let Some(end) = ends.get_mut(lane) {
                *end = to;
            }
            item.lane = next + lane;
        }
        next += ends.len();
    }
    next
}

/// Adds a line to both items for every piece of evidence.
fn link(push: &SessionRow<'_>, places: &[u32], items: &mut [Item]) {
    let mut owners = vec![None; push.events.len()];
    for (at, item) in items.iter().enumerate() {
        for &event in &item.step.events {
            if let Some(owner) = owners.get_mut(event) {
                *owner = Some(at);
            }
        }
    }
    let owner = |event: usize| owners.get(event).copied().flatten();
    for number in push.events.places() {
        // Make rows only for what is drawn.
        let (Some(with), Some(one)) = (push.events.joined_to(number), owner(number)) else {
            continue;
        };
        for because in push
            .events
            .get(number)
            .into_iter()
            .flat_map(|event| event.because)
        {
            let Some(other) = owner(with).filter(|other| *other != one) else {
                continue;
            };
            let end = |event: usize, owner: usize| (places[event], items[owner].lane);
            let mut ends = [(with, end(with, other)), (number, end(number, one))];
            ends.sort_unstable();
            let line = Line {
                from: ends[0].1,
                to: ends[1].1,
                strength: because.strength,
            };
            for at in [one, other] {
                if items[at].links.len() < MOST_LINKS {
                    items[at].links.push(line);
                }
            }
        }
    }
}
