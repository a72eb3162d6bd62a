//! Merges what was read from all files into one event log.
//!
//! Comes in: shards, in any order and with any share of the files. Goes out: the log in canonical order without
//! duplicates, the sums, and the problems by file and place. Never: a trace of which file or thread read an event,
//! apart from its place.
//!
//! Canonical order is `eventTime`, `eventID`, content, place. Events are sorted first and then identified by their
//! rank. Each step marks ranks in one list of dropped events, and the list is applied once at the end, so no step
//! moves events or changes the ranks that another step sees.

pub(crate) mod copies;
mod network;
mod order;
mod sign_in;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::event::assume::Assumption;
use crate::event::log::{ContextEvent, EventLog};
use crate::event::merge::Remap;
use crate::event::{Event, Fetch, Identity, Tables, Texts, content};
use crate::facts::Facts;
use crate::ingest::Ingest;
use crate::ingest::assumed;
use crate::ingest::coverage::plus;
use crate::ingest::ledger::Ledger;
use crate::ingest::merge::order::{Clock, permuted, sorted, sorted_alike};
use crate::ingest::reader::Shard;
use crate::ingest::taken::{self, compare_uids};
use crate::ingest::verify::{Checked, Trust, Verification};
use crate::problem::Problem;
use crate::source::SourceFile;
use crate::threads;

/// How many calls are distinguished among records of one `eventID` or one `sharedEventID`. There is one call unless
/// somebody forged the others; without a limit, many would be compared with each other.
const MAX_CALLS: usize = 16;

/// How far apart the times of two records of one call may be.
///
/// Inferred: no pair was available to check, and hosts' clocks differ by up to seconds.
const MAX_APART: TimeDelta = TimeDelta::seconds(5);

/// Merges shards into one log.
///
/// - Push events with one `eventID` that do not contradict each other become one, with everything that any says.
///   If they contradict each other, all are kept and a problem is reported.
/// - An event is dropped if another event amends it and both are of one call.
/// - Of a call that was delivered to two accounts (`sharedEventID`), the record that says most about the caller is
///   kept, and completed with the repository of the other.
/// - A network activity event is dropped if the service recorded the same call.
///
/// # Complexity
/// O(n log n) in the push events.
#[must_use]
pub fn merge(files: &[SourceFile], shards: Vec<Shard>) -> Ingest {
    merge_checked(files, shards, &Facts::default(), None)
}

/// Merges shards of verified files.
///
/// A record that nothing vouches for is dropped if a record with its `eventID` is vouched for. It neither amends nor
/// replaces such a record, and it sorts last within its second. Otherwise a file that somebody put beside the log
/// could replace what CloudTrail delivered.
#[must_use]
pub(super) fn merge_checked(
    files: &[SourceFile],
    shards: Vec<Shard>,
    told: &Facts<'_>,
    checked: Option<Checked>,
) -> Ingest {
    let (verification, timelines) = match checked {
        Some(checked) => (Some(checked.verification), Some(checked.timelines)),
        None => (None, None),
    };
    let mut ledger = Ledger::default();
    let mut gathered = ShardEvents {
        events: Vec::new(),
        tables: Vec::with_capacity(shards.len()),
        shard_of: vec![0; files.len()],
        verification: verification.as_ref(),
    };
    let (mut events, mut context, mut assumptions) = (Vec::new(), Vec::new(), Vec::new());
    let mut reads = Vec::new();
    for (number, shard) in shards.into_iter().enumerate() {
        ledger.absorb(shard.ledger);
        for file in shard.file_ids {
            gathered.shard_of[file.0 as usize] = number;
        }
        events.push(shard.events);
        gathered.tables.push(shard.tables);
        context.extend(shard.context.into_iter().map(|event| (number, event)));
        assumptions.extend(shard.assumptions.into_iter().map(|one| (number, one)));
        reads.push(shard.reads);
    }
    if let Some(timelines) = timelines {
        ledger.know(timelines);
    }
    let (mut coverage, mut problems) = ledger.settle(files, verification.as_ref());
    gathered.sort(events);
    // These concern the log and not a file, so they come last.
    let dropped = gathered.drop_duplicates(&mut problems);
    coverage.records.push -= dropped.duplicate + dropped.other;
    plus(&mut coverage.records.duplicate, dropped.duplicate);
    plus(&mut coverage.records.other, dropped.other);
    coverage.n_network_activity = dropped.network_activity;
    let log = gathered.into_log(context, assumptions, reads, told);
    coverage.verification = verification;
    Ingest {
        log,
        coverage,
        problems,
    }
}

/// How many events were removed, by how they are counted.
struct Dropped {
    duplicate: u64,
    other: u64,
    /// Counted in both.
    network_activity: u64,
}

/// The push events of all shards.
struct ShardEvents<'v> {
    events: Vec<Event>,
    /// The tables of each shard.
    tables: Vec<Tables>,
    /// The shard that read each file.
    shard_of: Vec<usize>,
    /// Which files are vouched for; `None` if this was not asked, and all count equally.
    verification: Option<&'v Verification>,
}

impl ShardEvents<'_> {
    /// How trustworthy an event is; equal for all if no files were verified.
    fn trust(&self, event: &Event) -> Trust {
        match self.verification {
            Some(verification) => verification.verdict(event.at).1.trust(),
            None => Trust::Verified,
        }
    }

    /// Whether one event may replace another.
    fn may_replace(&self, one: &Event, other: &Event) -> bool {
        self.verification.is_none() || self.trust(one) >= self.trust(other)
    }

    fn shard(&self, event: &Event) -> usize {
        self.shard_of[event.at.file.0 as usize]
    }

    fn texts(&self, event: &Event) -> &Texts {
        &self.tables[self.shard(event)].texts
    }

    fn compare_ids(&self, a: &Event, b: &Event) -> Ordering {
        compare_uids((a.event_id, self.texts(a)), (b.event_id, self.texts(b)))
    }

    fn compare_records(&self, a: &Event, b: &Event) -> Ordering {
        self.compare_ids(a, b)
            .then_with(|| self.content(a).cmp(&self.content(b)))
    }

    /// A hash of an event's content. It is needed only if two events have one `eventID`, which is rare.
    fn content(&self, event: &Event) -> u64 {
        content(event, &self.tables[self.shard(event)])
    }

    /// The first eight bytes of an event's `eventID`, which sort as the whole id does.
    fn id_prefix(&self, event: &Event) -> u64 {
        event.event_id.prefix(self.texts(event))
    }

    /// Brings the events of each shard into canonical order.
    fn sort(&mut self, of_shards: Vec<Vec<Event>>) {
        let events: Vec<&Event> = of_shards.iter().flatten().collect();
        let clock = Clock::new(events.iter().map(|event| event.time));
        let order = sorted(
            &events,
            |event| {
                // Events that nothing vouches for sort last in their second, whatever their `eventID`.
                let prefix = match self.trust(event) {
                    Trust::Verified => self.id_prefix(event),
                    Trust::Listed | Trust::Nothing => u64::MAX,
                };
                clock.key(event.time, prefix)
            },
            |a, b| {
                (a.time.cmp(&b.time))
                    .then_with(|| self.trust(b).cmp(&self.trust(a)))
                    .then_with(|| self.compare_records(a, b))
                    .then_with(|| a.at.cmp(&b.at))
            },
        );
        self.events = permuted(of_shards, &order);
    }

    /// Removes every event that another event replaces, or that shows nothing.
    ///
    /// Records that nothing vouches for are removed first and take no part in the later steps. Copies are removed
    /// before corrections and twins, which are looked for among [`MAX_CALLS`] records only. Network activity events
    /// go before twins: they say less than the service's record and must not be chosen in its place.
    fn drop_duplicates(&mut self, problems: &mut Vec<Problem>) -> Dropped {
        // Equal `eventID`s are rare, so only events whose first eight bytes agree are compared.
        let alike = sorted_alike(
            &self.events.iter().collect::<Vec<_>>(),
            |event| self.id_prefix(event),
            |a, b| self.compare_records(a, b),
        );
        let mut dropped = vec![false; self.events.len()];
        self.drop_disowned(&alike, &mut dropped, problems);
        self.drop_copies(&alike, &mut dropped, problems);
        self.drop_amended(&mut dropped);
        let network = self.drop_network_activity(&mut dropped);
        self.drop_twins(&mut dropped);
        let mut rank = 0;
        let n_before = self.events.len();
        self.events.retain(|_| {
            rank += 1;
            !dropped[rank - 1]
        });
        Dropped {
            duplicate: (n_before - self.events.len()) as u64 - network.n_blank,
            other: network.n_blank,
            network_activity: network.n_repeated + network.n_blank,
        }
    }

    /// Marks events that others amend (CloudTrail record contents, `addendum`).
    fn drop_amended(&self, dropped: &mut [bool]) {
        if self.events.iter().all(|event| event.amends.is_none()) {
            return;
        }
        let by_id = sorted(
            &self.events.iter().collect::<Vec<_>>(),
            |event| self.id_prefix(event),
            |a, b| self.compare_records(a, b),
        );
        // From each amending event to the events it amends, in canonical order.
        let mut amends: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut disowned = Vec::new();
        for (rank, event) in self.events.iter().enumerate() {
            let Some(text) = event.amends.filter(|_| !dropped[rank]) else {
                continue;
            };
            let text = self.texts(event).get(text);
            let compare = |&other: &u32| {
                let other = &self.events[other as usize];
                (*other.event_id.text(self.texts(other))).cmp(text)
            };
            let first = by_id.partition_point(|other| compare(other).is_lt());
            let amended: Vec<usize> = by_id[first..]
                .iter()
                .take_while(|other| compare(other).is_eq())
                .take(MAX_CALLS)
                .map(|&other| other as usize)
                .filter(|&other| other != rank && !dropped[other])
                .filter(|&other| self.may_be_one_call(event, &self.events[other]))
                .collect();
            let mut targets = amended.iter().map(|&other| &self.events[other]);
            if targets.any(|target| !self.may_replace(event, target)) {
                // A correction that nothing vouches for cannot correct a record that is vouched for.
                disowned.push(rank);
                continue;
            }
            amends.insert(rank, amended);
        }
        for rank in disowned {
            dropped[rank] = true;
        }
        let spared = last_of_cycles(&amends);
        let mut newest: BTreeMap<usize, usize> = BTreeMap::new();
        for (&rank, amended) in &amends {
            for &target in amended {
                dropped[target] |= !spared.contains(&target);
                // If several amend one event, the last in canonical order counts.
                if let Some(older) = newest.insert(target, rank) {
                    dropped[older] = true;
                }
            }
        }
    }

    /// Marks all but one of the records of a call that was delivered to two accounts.
    fn drop_twins(&mut self, dropped: &mut [bool]) {
        let mut shared: Vec<(&str, &str, usize)> = Vec::new();
        for (rank, event) in self.events.iter().enumerate() {
            if let Some(id) = event.shared_event_id.filter(|_| !dropped[rank]) {
                shared.push((self.texts(event).get(id), event.action.name(), rank));
            }
        }
        shared.sort_unstable();
        // Filled in afterwards; otherwise the first twin completed would change how the others compare.
        let mut repositories = Vec::new();
        for twins in shared.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            // This is one call, unless somebody forged the others.
            let mut left: Vec<usize> = twins.iter().map(|&(_, _, rank)| rank).collect();
            for _ in 0..MAX_CALLS {
                let all = left.iter().copied();
                let Some(kept) = all.reduce(|kept, other| self.fuller(kept, other)) else {
                    break;
                };
                left.retain(|&other| {
                    let is_twin = self.are_twins(&self.events[kept], &self.events[other]);
                    dropped[other] |= is_twin;
                    if is_twin && self.events[kept].repository.is_none() {
                        repositories.push((kept, other));
                    }
                    other != kept && !is_twin
                });
            }
        }
        for (kept, other) in repositories {
            self.copy_repository(other, kept);
        }
    }

    /// Whether two records of one `sharedEventID` are of one call, delivered to two accounts.
    fn are_twins(&self, a: &Event, b: &Event) -> bool {
        self.compare_ids(a, b).is_ne()
            && (a.time - b.time).abs() <= MAX_APART
            && self.may_be_one_call(a, b)
    }

    /// Whether two records agree in everything they say about what was called; otherwise a record could be forged to
    /// hide another.
    fn may_be_one_call(&self, a: &Event, b: &Event) -> bool {
        let upload = |event: &Event| {
            let uploads = &self.tables[self.shard(event)].uploads;
            Some(uploads.get(event.action.upload()?).text(self.texts(event)))
        };
        let repository = |event: &Event| {
            let repositories = &self.tables[self.shard(event)].repositories;
            Some(&*repositories.get(event.repository?).name)
        };
        a.action.name() == b.action.name()
            && agree(upload(a).as_ref(), upload(b).as_ref())
            && agree(repository(a), repository(b))
    }

    /// The twin that says more about the caller, or else the one with the lower `eventID`.
    fn fuller(&self, a: usize, b: usize) -> usize {
        let (event_a, event_b) = (&self.events[a], &self.events[b]);
        let fullness = |event: &Event| {
            let identity = self.tables[self.shard(event)]
                .identities
                .get(event.identity);
            fullness(identity)
        };
        let order = (self.trust(event_b).cmp(&self.trust(event_a)))
            .then_with(|| fullness(event_b).cmp(&fullness(event_a)))
            .then_with(|| self.compare_ids(event_a, event_b));
        if order.is_le() { a } else { b }
    }

    fn copy_repository(&mut self, from: usize, to: usize) {
        let (source, target) = (&self.events[from], &self.events[to]);
        if target.repository.is_some() || !self.may_replace(source, target) {
            return;
        }
        let Some(id) = source.repository else {
            return;
        };
        let value = self.tables[self.shard(source)].repositories.get(id).clone();
        let shard = self.shard(target);
        self.events[to].repository = Some(self.tables[shard].repositories.insert(value));
    }

    /// Moves everything into one set of tables, in canonical order, so that ids depend on content only.
    fn into_log(
        self,
        mut context: Vec<(usize, ContextEvent)>,
        assumptions: Vec<(usize, Assumption)>,
        reads: Vec<Vec<Fetch>>,
        told: &Facts<'_>,
    ) -> EventLog {
        let Self {
            mut events,
            tables: sources,
            shard_of,
            ..
        } = self;
        let mut maps: Vec<Remap> = sources.iter().map(Remap::new).collect();
        let mut tables = Tables::with_room_for(&sources);
        for event in &mut events {
            let shard = shard_of[event.at.file.0 as usize];
            tables.adopt(&sources[shard], &mut maps[shard], event);
        }
        context.sort_by(|(shard_a, a), (shard_b, b)| {
            let (texts_a, texts_b) = (&sources[*shard_a].texts, &sources[*shard_b].texts);
            let params = |event: &ContextEvent, shard: usize| -> Vec<_> {
                let texts = &sources[shard].texts;
                let params = event.params.iter();
                params.map(|one| (one.kind, texts.get(one.text))).collect()
            };
            (a.time.cmp(&b.time))
                .then_with(|| compare_uids((a.event_id, texts_a), (b.event_id, texts_b)))
                .then_with(|| a.deed.name().cmp(b.deed.name()))
                .then_with(|| params(a, *shard_a).cmp(&params(b, *shard_b)))
        });
        let mut log = EventLog {
            events,
            context: Vec::with_capacity(context.len()),
            assumptions: None,
            reads: None,
            others: Vec::new(),
            tables,
        };
        for (shard, mut event) in context {
            let (source, map) = (&sources[shard], &mut maps[shard]);
            log.tables.adopt_context(source, map, &mut event);
            log.context.push(event);
        }
        // Both compare ids, which belong to one set of tables only from here on.
        copies::join_context(&mut log);
        sign_in::carry(&mut log, told);
        let assumptions = assumed::merge(assumptions, &sources, &mut maps, &mut log.tables);
        log.assumptions = Some(assumptions);
        // Last, so that the ids of everything else are the same with them and without.
        log.reads = Some(taken::merge(reads, &sources, &mut maps, &mut log.tables));
        threads::free(sources);
        log
    }
}

/// Whether two values agree; a missing one agrees with any.
fn agree<T: PartialEq + ?Sized>(a: Option<&T>, b: Option<&T>) -> bool {
    a.is_none() || b.is_none() || a == b
}

/// How much an identity says; an ARN is worth most.
fn fullness(identity: &Identity) -> (bool, usize) {
    let others = [
        &identity.account,
        &identity.principal_id,
        &identity.user_name,
        &identity.kind,
    ];
    let n_others = others.into_iter().flatten().count();
    (identity.arn.is_some(), n_others)
}

/// The last event of each cycle of events that amend each other.
///
/// No log should have a cycle; without this, all its events would be dropped.
fn last_of_cycles(amends: &BTreeMap<usize, Vec<usize>>) -> BTreeSet<usize> {
    let mut walk_of: BTreeMap<usize, usize> = BTreeMap::new();
    let mut spared = BTreeSet::new();
    for &start in amends.keys() {
        let mut path = Vec::new();
        let mut at = start;
        let met = loop {
            if let Some(&walk) = walk_of.get(&at) {
                break walk == start;
            }
            walk_of.insert(at, start);
            path.push(at);
            match amends.get(&at).and_then(|amended| amended.first()) {
                Some(&next) => at = next,
                None => break false,
            }
        };
        if met {
            let cycle = path.iter().skip_while(|&&rank| rank != at);
            spared.extend(cycle.max());
        }
    }
    spared
}

#[cfg(test)]
mod tests;
