//! The two sides of a comparison.
//!
//! Comes in: positions of pushes in a report, or an earlier report. Goes out: the pushes of each side, what selected
//! them and what they cover. Never: a push on both sides, if both are of the same logs.

use std::collections::{BTreeMap, BTreeSet};

use crate::ingest::Interval;
use crate::ingest::coverage::Source;
use crate::report::compare::earlier::EarlierReport;
use crate::report::compare::extent::{Extent, Stretches};
use crate::report::compare::facts::{self, Compared, NameTables, PlaceId, PusherId};
use crate::report::compare::sources::Sources;
use crate::report::compare::stat::{Stat, tally};
use crate::report::filter::{Period, Selector};
use crate::report::parts::Report;
use crate::report::row::{
    AskedRow, ExtentRow, GroupCounts, PlaceName, PusherName, SideFrom, SideRow,
};
use crate::threads;
use crate::words;

/// How many pushes are looked at in one batch: a bound on the memory of names that are not in the tables yet.
const BATCH: usize = 1 << 13;

/// One side.
#[derive(Debug)]
pub(super) struct Half {
    pub(super) from: SideFrom,
    pub(super) period: Period,
    pub(super) pushes: Vec<Compared>,
    pub(super) extent: Extent,
    pub(super) selection: Vec<AskedRow>,
    pub(super) window_s: Option<u64>,
}

impl Half {
    /// The selected pushes of a report.
    pub(super) fn of_selected(report: &Report<'_>, tables: &mut NameTables) -> Self {
        let period = report.filter.period;
        Self::of_logs(
            report,
            &report.selected,
            (period, Stretches::of(period)),
            tables,
        )
    }

    /// Other pushes of a report, of a period from which that of the selected ones is cut out, if they have one.
    pub(super) fn of_base(
        report: &Report<'_>,
        positions: &[usize],
        period: Period,
        tables: &mut NameTables,
    ) -> Self {
        let other = report.filter.period;
        let all = Stretches::of(period);
        let stretches = match other.is_always() {
            true => all,
            false => all.but(&Stretches::of(other)),
        };
        let mut half = Self::of_logs(report, positions, (period, stretches), tables);
        half.selection.retain(|row| !row.is_of_one_side());
        half
    }

    fn of_logs(
        report: &Report<'_>,
        positions: &[usize],
        (period, stretches): (Period, Stretches),
        tables: &mut NameTables,
    ) -> Self {
        let mut pushes = Vec::with_capacity(positions.len());
        for batch in positions.chunks(BATCH) {
            let make = |position| facts::of_log(report, position);
            let facts = (report.parts.threads).within(|| threads::map(batch.to_vec(), make));
            pushes.extend(facts.iter().map(|facts| tables.add(facts)));
        }
        let seconds = |of: Interval| (of.from.timestamp(), of.to.timestamp());
        let (mut spans, mut holes) = (Vec::new(), Vec::new());
        for (source, covered) in &report.parts.coverage.spans {
            spans.push((source.clone(), seconds(covered.interval)));
            let of_span = covered.holes.iter();
            holes.extend(of_span.map(|hole| (source.clone(), seconds(hole.interval))));
        }
        Self {
            from: SideFrom::Logs,
            period,
            pushes,
            extent: Extent::new(spans, holes, &stretches),
            selection: asked(report),
            window_s: Some(report.parts.window.as_secs()),
        }
    }

    /// The pushes of an earlier report.
    pub(super) fn of_report(earlier: EarlierReport) -> (Self, NameTables) {
        let EarlierReport {
            tables,
            mut pushes,
            period,
            spans,
            holes,
            selection,
            window_s,
        } = earlier;
        pushes.retain(|push| period.contains(push.first));
        let half = Self {
            from: SideFrom::Report,
            period,
            pushes,
            extent: Extent::new(spans, holes, &Stretches::of(period)),
            selection,
            window_s,
        };
        (half, tables)
    }
}

/// The options that select the pushes of a report, apart from the period.
fn asked(report: &Report<'_>) -> Vec<AskedRow> {
    let rows = report.selection.iter();
    let rows = rows.filter(|row| row.option != Selector::Period);
    let mut rows: Vec<AskedRow> = rows
        .map(|row| AskedRow::new(row.option.option(), row.values.clone()))
        .collect();
    rows.sort_unstable();
    rows
}

/// Both sides, with the names in them and what can be said of them.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) base: Half,
    pub(super) now: Half,
    pub(super) tables: NameTables,
    pub(super) sources: Sources,
}

impl Held {
    pub(super) fn new(base: Half, now: Half, tables: NameTables) -> Self {
        Self {
            sources: Sources::new(&base.extent, &now.extent, &tables),
            base,
            now,
            tables,
        }
    }

    /// Both sides, of which this one was picked push by push: what it does not have says nothing.
    pub(super) fn picked(base: Half, now: Half, tables: NameTables) -> Self {
        let mut held = Self::new(base, now, tables);
        held.sources.forget_time_beyond();
        held
    }

    /// The pushes of this side that an earlier report has, too.
    pub(super) fn shared(&self) -> u64 {
        let ids: BTreeSet<u64> = self.base.pushes.iter().map(|push| push.id).collect();
        let now = self.now.pushes.iter();
        now.filter(|push| ids.contains(&push.id)).count() as u64
    }

    /// The things that the pushes of each side show, with their counts: those of the base, then those of this side.
    pub(super) fn tallies<K: Ord>(
        &self,
        key: impl Fn(&Compared) -> Option<K>,
    ) -> [BTreeMap<K, Stat>; 2] {
        [&self.base, &self.now].map(|half| tally(&half.pushes, &self.sources, &key))
    }

    /// The row of a side.
    pub(super) fn side(&self, half: &Half) -> SideRow {
        let mut groups = GroupCounts::default();
        half.pushes.iter().for_each(|push| groups.add(push.group));
        let mut n_of: BTreeMap<&Source, u64> = BTreeMap::new();
        for source in half
            .pushes
            .iter()
            .filter_map(|push| self.sources.name(push.place))
        {
            *n_of.entry(source).or_default() += 1;
        }
        let spans = half.extent.0.iter().map(|(source, covers)| ExtentRow {
            account: source.account.to_string(),
            region: source.region.to_string(),
            covered_s: covers.known.seconds(),
            holes_s: covers.holes.seconds(),
            pushes: n_of.get(source).copied().unwrap_or(0),
        });
        SideRow {
            from: half.from,
            since: half.period.since.map(words::time),
            until: half.period.until.map(words::time),
            pushes: half.pushes.len() as u64,
            groups,
            selection: half.selection.clone(),
            window_s: half.window_s,
            covered_s: half.extent.whole().seconds(),
            spans: spans.collect(),
        }
    }

    /// The names of a pusher.
    pub(super) fn pusher(&self, id: PusherId) -> PusherName {
        let (name, account) = *self.tables.pushers.get(id);
        PusherName {
            pusher: self.tables.get(name),
            account: account.map(|id| self.tables.get(id)),
        }
    }

    /// The names of a repository.
    pub(super) fn place(&self, id: PlaceId) -> PlaceName {
        let place = *self.tables.places.get(id);
        PlaceName {
            repository: place.repository.map(|id| self.tables.get(id)),
            registry: place.registry.map(|id| self.tables.get(id)),
            region: place.region.map(|id| self.tables.get(id)),
            service: place.service,
        }
    }
}
