//! How often and when a side has something.
//!
//! Comes in: the pushes of a side. Goes out: counts and the first and last push for each thing. Never: a count that
//! depends on the order of the pushes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::report::compare::facts::Compared;
use crate::report::compare::sources::Sources;
use crate::report::row::SeenRow;
use crate::session::SessionId;
use crate::words;

/// When a push began, and its id.
type Moment = (DateTime<Utc>, u64);

/// How often and when a side has something.
#[derive(Clone, Debug)]
pub(super) struct Stat {
    /// The pushes that show it.
    pub(super) pushes: u64,
    first: Moment,
    last: Moment,
    /// The pushes by account and region.
    pub(super) by_source: BTreeMap<usize, u64>,
}

impl Stat {
    /// No push yet, of which the first will have this moment.
    fn none(first: Moment) -> Self {
        Self {
            pushes: 0,
            first,
            last: first,
            by_source: BTreeMap::new(),
        }
    }

    /// With the pushes of another.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.pushes += other.pushes;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        for (source, n) in other.by_source {
            *self.by_source.entry(source).or_default() += n;
        }
        self
    }

    /// Adds a push.
    fn add(&mut self, push: &Compared, sources: &Sources) {
        let moment = (push.first, push.id);
        self.pushes += 1;
        self.first = self.first.min(moment);
        self.last = self.last.max(moment);
        *self
            .by_source
            .entry(sources.number(push.place))
            .or_default() += 1;
    }

    /// The row.
    pub(super) fn row(&self) -> SeenRow {
        SeenRow {
            pushes: self.pushes,
            first: words::time(self.first.0),
            first_push: SessionId(self.first.1).to_string(),
            last: words::time(self.last.0),
            last_push: SessionId(self.last.1).to_string(),
        }
    }
}

/// The stats of the things that pushes show; `key` gives the thing of a push.
pub(super) fn tally<'p, K: Ord>(
    pushes: impl IntoIterator<Item = &'p Compared>,
    sources: &Sources,
    key: impl Fn(&Compared) -> Option<K>,
) -> BTreeMap<K, Stat> {
    let mut stats: BTreeMap<K, Stat> = BTreeMap::new();
    for push in pushes {
        if let Some(key) = key(push) {
            let moment = (push.first, push.id);
            stats
                .entry(key)
                .or_insert(Stat::none(moment))
                .add(push, sources);
        }
    }
    stats
}
