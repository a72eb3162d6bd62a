//! Rows of the pushes counted, and what was asked for.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::report::filter::Selector;
use crate::report::row::word::{PushGroup, PushStatus};

/// The pushes of the report counted, by status.
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
    /// Defects of the input, those only counted included.
    pub problems: u64,
    /// The inactivity window, in seconds.
    pub window_s: u64,
}

/// How many pushes are of each group; in JSON by status, and of those that are `incomplete` how many sent nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupCounts([u64; PushGroup::ALL.len()]);

impl GroupCounts {
    /// Counts a push.
    pub(crate) fn add(&mut self, group: PushGroup) {
        self.0[group as usize] += 1;
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

/// What the exit status rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OptionsRow {
    /// The inactivity window, in seconds.
    pub window_s: u64,
    /// The severity from which on the status is 1: `never`, `warning` or `error`.
    pub fail_on: &'static str,
    /// Whether problems of the input give status 3.
    pub strict: bool,
    /// Defaults in effect that were set outside the command line and weaken the exit status.
    pub weakened: Vec<WeakenedRow>,
}

/// A default that was set outside the command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WeakenedRow {
    /// The option, without its dashes.
    pub option: &'static str,
    /// Its value.
    pub value: String,
    /// `environment` or `configuration`.
    pub from: &'static str,
}

/// One option that selects pushes, and what it selects alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SelectionRow {
    /// As `--repository`.
    pub option: Selector,
    /// Its values, one of which has to hold.
    pub values: Vec<String>,
    /// The pushes of the log that it selects without the other options.
    pub pushes: u64,
    /// Where it selects none: what the pushes of the log have in its place.
    pub there: Vec<String>,
    /// How many more there are than are listed.
    pub there_more: u64,
}
