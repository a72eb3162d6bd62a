//! Records of one `eventID`: copies of one event, or a contradiction.
//!
//! Comes in: the push events of all shards, or the calls outside pushes. Goes out: one of those that
//! agree, with everything that any of them says. Never: a result that depends on which came first.

use std::collections::BTreeMap;

use crate::event::Event;
use crate::event::log::{ContextEvent, EventLog};
use crate::event::merge::Remap;
use crate::event::union::{union, union_context};
use crate::ingest::merge::{MAX_CALLS, ShardEvents};
use crate::location::Location;
use crate::problem::{Problem, ProblemKind};

/// How many records in conflict are listed, in canonical order; the rest are counted. The limit is not
/// per file, since only places may show how records are spread over files.
pub(crate) const MAX_CONFLICTS: usize = 100;

/// Ids moved from the tables of one shard into those of another.
type Maps = BTreeMap<(usize, usize), Remap>;

impl ShardEvents<'_> {
    /// Marks events that nothing vouches for if one with their `eventID` is vouched for, and reports
    /// those that say something different; `alike` as for [`Self::drop_copies`].
    pub(super) fn drop_disowned(
        &mut self,
        alike: &[u32],
        dropped: &mut [bool],
        problems: &mut Vec<Problem>,
    ) {
        if self.verification.is_none() {
            return;
        }
        let event = |rank: u32| &self.events[rank as usize];
        let is_named = |rank: u32| {
            let id = event(rank).event_id;
            !id.text(self.texts(event(rank))).is_empty()
        };
        let mut disowned = Vec::new();
        for group in alike.chunk_by(|&a, &b| self.compare_ids(event(a), event(b)).is_eq()) {
            let trust = |rank: u32| self.trust(event(rank));
            let Some(&best) = group.iter().rev().max_by_key(|&&rank| trust(rank)) else {
                continue;
            };
            if is_named(best) {
                let less = group.iter().filter(|&&rank| trust(rank) < trust(best));
                disowned.extend(less.map(|&rank| (rank, best)));
            }
        }
        let (mut conflicts, mut maps) = (Vec::new(), Maps::new());
        for (record, vouched) in disowned {
            dropped[record as usize] = true;
            let [one, other] = [record, vouched].map(|rank| &self.events[rank as usize]);
            let is_copy = self.content(one) == self.content(other);
            // Beyond the limit they are only counted.
            let is_listed = conflicts.len() <= MAX_CONFLICTS;
            if !(is_copy || is_listed && self.is_part(record, vouched, &mut maps)) {
                conflicts.push(record);
            }
        }
        self.report(conflicts, problems);
    }

    /// Marks events that repeat another; `alike` are those whose `eventID`s start alike, sorted by
    /// `eventID`, content and rank.
    pub(super) fn drop_copies(
        &mut self,
        alike: &[u32],
        dropped: &mut [bool],
        problems: &mut Vec<Problem>,
    ) {
        let mut differing = Vec::new();
        let event = |rank: u32| &self.events[rank as usize];
        let alike: Vec<u32> = alike
            .iter()
            .copied()
            .filter(|&rank| !dropped[rank as usize])
            .collect();
        for group in alike.chunk_by(|&a, &b| self.compare_ids(event(a), event(b)).is_eq()) {
            let mut first_of_each = Vec::new();
            for copies in group.chunk_by(|&a, &b| self.content(event(a)) == self.content(event(b)))
            {
                first_of_each.extend(copies.first().copied());
                for &copy in copies.iter().skip(1) {
                    dropped[copy as usize] = true;
                }
            }
            if first_of_each.len() > 1 {
                differing.push(first_of_each);
            }
        }
        let (mut conflicts, mut maps) = (Vec::new(), Maps::new());
        for records in differing {
            let mut kept = self.join(&records, &mut maps);
            for record in records.iter().filter(|record| !kept.contains(record)) {
                dropped[*record as usize] = true;
            }
            kept.sort_unstable();
            conflicts.extend(kept.into_iter().skip(1));
        }
        self.report(conflicts, problems);
    }

    /// Joins records of one `eventID`, no two of which are equal; returns those that are left. If some
    /// differ, none are joined, since it could not be decided with which; only records that say nothing
    /// beyond another are dropped.
    fn join(&mut self, records: &[u32], maps: &mut Maps) -> Vec<u32> {
        let [first, others @ ..] = records else {
            return Vec::new();
        };
        if others.len() >= MAX_CALLS {
            return records.to_vec();
        }
        let mut all = Some(self.events[*first as usize].clone());
        for &other in others {
            all = all.and_then(|all| self.union(&all, other, maps));
        }
        let Some(all) = all else {
            let mut kept = Vec::new();
            for &record in records {
                let mut beyond = records.iter().filter(|&&other| other != record);
                if !beyond.any(|&other| self.is_part(record, other, maps)) {
                    kept.push(record);
                }
            }
            return kept;
        };
        let content = self.content(&all);
        let mut records = records.iter();
        let whole = records.find(|&&record| self.content(&self.events[record as usize]) == content);
        if whole.is_none() {
            self.events[*first as usize] = all;
        }
        vec![*whole.unwrap_or(first)]
    }

    /// Whether another record contains everything that a record says.
    fn is_part(&mut self, record: u32, other: u32, maps: &mut Maps) -> bool {
        let other = self.events[other as usize].clone();
        let both = self.union(&other, record, maps);
        both.is_some_and(|both| self.content(&both) == self.content(&other))
    }

    /// An event completed with everything that a record says; `None` if they differ.
    fn union(&mut self, event: &Event, record: u32, maps: &mut Maps) -> Option<Event> {
        let mut other = self.events[record as usize].clone();
        let (from, to) = (self.shard(&other), self.shard(event));
        if from != to {
            let source = std::mem::take(&mut self.tables[from]);
            let map = maps.entry((from, to)).or_default();
            map.fit(&source);
            self.tables[to].adopt(&source, map, &mut other);
            self.tables[from] = source;
        }
        union(event, &other, &mut self.tables[to])
    }

    /// Reports records that have another's `eventID` and differ.
    fn report(&self, mut conflicts: Vec<u32>, problems: &mut Vec<Problem>) {
        let event = |rank: u32| &self.events[rank as usize];
        let id = |rank: u32| event(rank).event_id.text(self.texts(event(rank)));
        // Without an `eventID` there is no conflict.
        conflicts.retain(|&rank| !id(rank).is_empty());
        conflicts.sort_unstable();
        problems.extend(conflicts.iter().take(MAX_CONFLICTS).map(|&rank| {
            let event_id = id(rank).into_owned();
            let kind = ProblemKind::ConflictingDuplicate { event_id };
            Problem::new(kind, Location::record(event(rank).at))
        }));
        if let Some(&first) = conflicts.get(MAX_CONFLICTS) {
            let count = (conflicts.len() - MAX_CONFLICTS) as u64;
            let kind = ProblemKind::MoreConflicts { count };
            problems.push(Problem::new(kind, Location::file(event(first).at.file)));
        }
    }
}

/// Joins calls outside pushes that have one `eventID` and agree, in canonical order.
pub(super) fn join_context(log: &mut EventLog) {
    let all = std::mem::take(&mut log.context);
    let head = |event: &ContextEvent| (event.time, event.event_id, event.deed);
    for records in all.chunk_by(|a, b| head(a) == head(b)) {
        let [first, others @ ..] = records else {
            continue;
        };
        let mut all = Some(first.clone());
        for other in others {
            all = all.and_then(|all| union_context(&all, other, &mut log.tables));
        }
        match all {
            Some(all) => log.context.push(all),
            None => {
                for record in records {
                    if log.context.last() != Some(record) {
                        log.context.push(record.clone());
                    }
                }
            }
        }
    }
}
