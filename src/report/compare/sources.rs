//! The accounts and regions whose logs a comparison rests on.
//!
//! Comes in: what both sides cover. Goes out: the seconds of each log, and the log that a repository's pushes are in.
//! Never: a repository without a log; what no log is named for is in any of them.

use crate::event::Id as _;
use crate::ingest::coverage::Source;
use crate::report::compare::extent::{Extent, Stretches};
use crate::report::compare::facts::{NameTables, PlaceId};

/// Seconds of the log of an account and region.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogSeconds {
    /// Covered by the base.
    pub(super) base: u64,
    /// Covered by this side.
    pub(super) now: u64,
    /// Covered by this side and not by the base.
    pub(super) beyond: u64,
}

impl LogSeconds {
    fn of(base: &Stretches, now: &Stretches) -> Self {
        Self {
            base: base.seconds(),
            now: now.seconds(),
            beyond: now.but(base).seconds(),
        }
    }
}

/// The logs that the sides rest on.
#[derive(Debug)]
pub(super) struct Sources {
    /// The accounts and regions that any side has a log of, in order.
    named: Vec<Source>,
    /// Their seconds, and at the end those of all logs together.
    seconds: Vec<LogSeconds>,
    /// For each repository, its account and region by their place in `seconds`.
    of_place: Vec<usize>,
}

impl Sources {
    pub(super) fn new(base: &Extent, now: &Extent, tables: &NameTables) -> Self {
        let both = base.0.keys().chain(now.0.keys());
        let mut named: Vec<Source> = both.cloned().collect();
        named.sort_unstable();
        named.dedup();
        let known = |extent: &Extent, source: &Source| {
            let covers = extent.0.get(source);
            covers.map_or_else(Stretches::default, |covers| covers.known.clone())
        };
        let each = named.iter();
        let each = each.map(|source| LogSeconds::of(&known(base, source), &known(now, source)));
        let seconds = each.chain([LogSeconds::of(&base.whole(), &now.whole())]);
        let of_place = tables.places.iter().map(|(_, place)| {
            let text = |id| tables.texts.get(id).clone();
            let source = Source {
                account: place.registry.map(text).unwrap_or_default(),
                region: place.region.map(text).unwrap_or_default(),
            };
            named.binary_search(&source).unwrap_or(named.len())
        });
        Self {
            of_place: of_place.collect(),
            seconds: seconds.collect(),
            named,
        }
    }

    /// Makes as if this side covered no time beyond the base.
    pub(super) fn forget_time_beyond(&mut self) {
        self.seconds
            .iter_mut()
            .for_each(|seconds| seconds.beyond = 0);
    }

    /// The number of a repository's account and region.
    pub(super) fn number(&self, place: PlaceId) -> usize {
        self.of_place[place.index()]
    }

    /// The seconds of the log with a number.
    pub(super) fn seconds(&self, number: usize) -> LogSeconds {
        self.seconds[number]
    }

    /// The account and region of a repository, if there is a log of it.
    pub(super) fn name(&self, place: PlaceId) -> Option<&Source> {
        self.named.get(self.number(place))
    }

    /// The seconds of the log of an account and region; `None` if no side has one.
    pub(super) fn find(&self, source: &Source) -> Option<LogSeconds> {
        let number = self.named.binary_search(source).ok()?;
        Some(self.seconds(number))
    }
}
