//! Rows of the counts of pushes, and of what was asked for.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::report::filter::Selector;
use crate::report::row::word::{HintKind, PushGroup, PushStatus};

/// The counts of pushes in the report, by status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SummaryRow {
    /// Pushes reported: those that the filters select.
    pub pushes: u64,
    /// Pushes in the log, selected or not.
    pub in_log: u64,
    /// Reported pushes by group.
    #[serde(flatten)]
    pub groups: GroupCounts,
    /// Selected events that belong to no push.
    pub unplaced: u64,
    /// Defects of the input, including those that are only counted.
    pub problems: u64,
    /// The inactivity window, in seconds.
    pub window_s: u64,
}

/// How many pushes each group has. JSON shows them by status, and how many `incomplete` ones sent nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupCounts([u64; PushGroup::ALL.len()]);

impl GroupCounts {
    /// Counts a push.
    pub(crate) fn add(&mut self, group: PushGroup) {
        self.0[group as usize] += 1;
    }

    /// The pushes of every group, in the order of [`PushGroup::ALL`].
    pub(crate) fn all(&self) -> [u64; PushGroup::ALL.len()] {
        self.0
    }

    /// Adds pushes of every group.
    pub(crate) fn plus(&mut self, others: &[u64]) {
        for (n, more) in self.0.iter_mut().zip(others) {
            *n = n.saturating_add(*more);
        }
    }

    /// The pushes of a group.
    #[must_use]
    pub fn of(&self, group: PushGroup) -> u64 {
        self.0[group as usize]
    }
}

impl Serialize for GroupCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for status in PushStatus::ALL {
            let groups = PushGroup::ALL.into_iter();
            let of_status = groups.filter(|group| group.status() == status);
            let n = of_status.map(|group| self.of(group)).sum::<u64>();
            map.serialize_entry(status.name(), &n)?;
            if status == PushStatus::Incomplete {
                map.serialize_entry("nothing_sent", &self.of(PushGroup::NothingSent))?;
            }
        }
        map.end()
    }
}

/// What the exit status is based on.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OptionsRow {
    /// The inactivity window, in seconds.
    pub window_s: u64,
    /// The lowest severity that gives exit status 1: `never`, `warning` or `error`.
    pub fail_on: &'static str,
    /// Whether problems of the input give exit status 3.
    pub strict: bool,
    /// Defaults set outside the command line that weaken the exit status.
    pub weakened: Vec<WeakenedRow>,
}

/// A default that was set outside the command line.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WeakenedRow {
    /// The option, without its dashes.
    pub option: &'static str,
    /// Its value.
    pub value: String,
    /// `environment` or `configuration`.
    pub from: &'static str,
}

/// One option that selects pushes, and what it selects by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SelectionRow {
    /// As `--repository`.
    pub option: Selector,
    /// Its values; one of them must match.
    pub values: Vec<String>,
    /// The pushes in the log that it selects without the other options.
    pub pushes: u64,
    /// If it selects none: the values that the pushes in the log have instead.
    pub there: Vec<String>,
    /// How many more such values there are.
    pub there_more: u64,
    /// What may have been meant by those of its values that select none.
    pub hints: Vec<HintRow>,
}

/// What may have been meant by a value that selects nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HintRow {
    /// The value as it was typed.
    pub value: String,
    /// What is said of it.
    pub kind: HintKind,
    /// For [`HintKind::Star`], the value with `*` where it would match.
    pub pattern: Option<String>,
    /// The values that the pushes have; for [`HintKind::Elsewhere`], the places.
    pub there: Vec<String>,
    /// How many more there are.
    pub there_more: u64,
    /// For [`HintKind::Elsewhere`], the region and account asked for; an image names its own.
    pub not_in: Option<String>,
}
