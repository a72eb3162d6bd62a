//! Stretches of time, by instants, or by whole seconds, which are quicker to sort and join.
//!
//! Comes in: instants of records and of digest files. Goes out: either form of a stretch. Never: a stretch
//! that gets shorter when converted to seconds; fractions are rounded outwards.

use chrono::{DateTime, TimeDelta, Utc};

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
