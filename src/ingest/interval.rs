//! Stretches of time, by instants, or by whole seconds, which are quicker to sort and join.
//!
//! Comes in: instants of records and of digest files. Goes out: either form of a stretch. Never: a stretch
//! that gets shorter when converted to seconds; fractions are rounded outwards.

use chrono::{DateTime, TimeDelta, Utc};

use crate::event::PrincipalKey;

/// A stretch of time by its first and last second since 1970.
pub type SecondRange = (i64, i64);

/// A stretch of time, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// The first instant.
    pub from: DateTime<Utc>,
    /// The last instant.
    pub to: DateTime<Utc>,
}

impl Interval {
    /// The stretch between two seconds since 1970; `None` outside the calendar.
    pub(super) fn of_seconds((first, last): SecondRange) -> Option<Self> {
        Some(Self {
            from: DateTime::from_timestamp(first, 0)?,
            to: DateTime::from_timestamp(last, 0)?,
        })
    }

    /// The whole seconds around it.
    pub(super) fn seconds(self) -> SecondRange {
        let up = TimeDelta::nanoseconds(999_999_999);
        let to = self.to.checked_add_signed(up).unwrap_or(self.to);
        (self.from.timestamp(), to.timestamp())
    }
}

/// The last minute that is told apart, in the year 10136; what is later, or before 1970, counts as at the bound.
pub(super) const LAST_MINUTE: u32 = u32::MAX - 1;

/// Minutes on end, since 1970, in which the same was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeardRun {
    /// The first minute.
    pub(super) first: u32,
    /// The last minute.
    pub(super) last: u32,
    /// The caller that was heard alone; `None` for several, or one that is unknown.
    pub(super) whose: Option<PrincipalKey>,
}

impl HeardRun {
    /// Whether its minutes are in order and can be told apart.
    pub(super) fn is_sound(&self) -> bool {
        self.first <= self.last && self.last <= LAST_MINUTE
    }
}
