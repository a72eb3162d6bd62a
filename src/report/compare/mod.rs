//! TWO SELECTIONS OF PUSHES -> WHAT CHANGED.
//!
//! Comes in: a report of what is selected, and a base: other pushes of the same logs, or an earlier report. Goes out:
//! what one side alone has, how failures and usual values changed, and what limits these answers. Never: a claim that
//! something is gone that was not due, or where nobody looked.

mod claim;
pub mod earlier;
mod entity;
mod extent;
mod facts;
mod failure;
mod familiar;
mod half;
mod median;
mod notice;
mod sources;
mod stat;

use crate::report::filter::{Filter, Period};
use crate::report::parts::Report;
use crate::report::row::{ComparisonRow, RulesRow};
use crate::report::select::Choice;
use earlier::EarlierReport;
use facts::NameTables;
use half::{Half, Held};

/// The numbers by which something is told or not.
///
/// Of something that is due three times and comes at random, 1 in 20 does not come. A median of five pushes is no
/// longer decided by two odd ones.
pub(super) const RULES: RulesRow = RulesRow {
    due_pushes: 3,
    median_pushes: 5,
    median_factor: 2,
    median_seconds: 10,
    median_bytes: 10 << 20,
    roaming_addresses: 5,
    roaming_pushes: 3,
};

/// What the selected pushes are held against.
#[derive(Debug)]
pub enum Base {
    /// Other pushes of the same logs.
    Logs(BasePushes),
    /// An earlier report.
    Report(Box<EarlierReport>),
}

/// The pushes of a base, by positions, which do not depend on names.
#[derive(Debug)]
pub struct BasePushes {
    positions: Vec<usize>,
    period: Period,
}

impl Report<'_> {
    /// Finds what `filter` selects as one side of a comparison: a push belongs to the period in which it began.
    #[must_use]
    pub fn choose_side(&self, filter: &Filter) -> Choice {
        let mut choice = self.choose(filter);
        choice.keep(|position| self.begins_in(filter.period, position));
        choice
    }

    /// The pushes that began in `period`, meet the rest of `filter` but for the pushes that it names, and are not on the
    /// other side.
    #[must_use]
    pub fn choose_base(&self, filter: &Filter, period: Period, now: &Choice) -> BasePushes {
        let mut positions = self.positions(&filter.of_period(period));
        positions.retain(|&position| self.begins_in(period, position) && !now.has(position));
        BasePushes { positions, period }
    }

    fn begins_in(&self, period: Period, position: usize) -> bool {
        period.contains(self.parts.sessions.sessions[position].first)
    }

    /// Holds the selected pushes against a base.
    #[must_use]
    pub fn compare(&self, base: Base) -> ComparisonRow {
        let (base, mut tables) = match base {
            Base::Logs(base) => {
                let mut tables = NameTables::default();
                let half = Half::of_base(self, &base.positions, base.period, &mut tables);
                (half, tables)
            }
            Base::Report(earlier) => Half::of_report(*earlier),
        };
        let now = Half::of_selected(self, &mut tables);
        let held = match self.filter.picks() {
            true => Held::picked(base, now, tables),
            false => Held::new(base, now, tables),
        };
        row(self, &held)
    }
}

fn row(report: &Report<'_>, held: &Held) -> ComparisonRow {
    ComparisonRow {
        base: held.side(&held.base),
        now: held.side(&held.now),
        shared: held.shared(),
        notices: notice::rows(held),
        rules: RULES,
        pushes: familiar::rows(report, held),
        pushers: entity::pushers(held),
        addresses: entity::addresses(held),
        clients: entity::programs(held),
        repositories: entity::places(held),
        failures: failure::rows(held),
        medians: median::rows(held),
    }
}
