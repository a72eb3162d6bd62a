//! The stretch of time that a period needs, and which deliveries are outside it.
//!
//! Comes in: the requested period, and names of log files. Goes out: the side on which a file is outside,
//! and the days whose folders matter. Never: an answer for a name that is not CloudTrail's own.

use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use crate::source::LogName;

/// How long a login is valid (ECR user guide, "Private registry authentication": the token is valid for 12
/// hours). So all of a push is within 12 hours of any of its events, including its login.
const LOGIN_LIFE: TimeDelta = TimeDelta::hours(12);

/// How long after an event its log file can be delivered. CloudTrail delivers within about five minutes on
/// average and promises no limit. Inferred: a day covers an outage.
const LATEST_DELIVERY: TimeDelta = TimeDelta::hours(24);

/// By how much clocks, and a name without seconds, can put a file before its events.
const LEAD: TimeDelta = TimeDelta::minutes(5);

/// The stretch of time that must be known to report a period, both ends included; `None` for an open end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// The first instant.
    pub from: Option<DateTime<Utc>>,
    /// The last instant.
    pub to: Option<DateTime<Utc>>,
}

/// The end of the reach at which a file is outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// It was delivered too early.
    Before,
    /// It was delivered too late.
    After,
}

impl Reach {
    /// The time that must be known to report the pushes of a period: all of each push, its login, and an
    /// inactivity window of log around it.
    #[must_use]
    pub fn around(
        since: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
        window: Duration,
    ) -> Self {
        let window = TimeDelta::from_std(window).unwrap_or(TimeDelta::MAX);
        let slack = LOGIN_LIFE.checked_add(&window).unwrap_or(TimeDelta::MAX);
        Self {
            from: since.and_then(|since| since.checked_sub_signed(slack)),
            to: until.and_then(|until| until.checked_add_signed(slack)),
        }
    }

    /// The end of the reach at which a log file is outside, if its name says so.
    #[must_use]
    pub fn beyond_log(&self, name: &str) -> Option<Side> {
        let delivered = LogName::parse(name)?.delivered;
        self.beyond(delivered, delivered)
    }

    /// The first and last day whose folders may hold files of the reach. Inferred: a file may be in the
    /// folder of the day before or after its stamp.
    #[must_use]
    pub fn days(&self) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let first = self.from.and_then(|from| from.checked_sub_signed(LEAD));
        let last = self
            .to
            .and_then(|to| to.checked_add_signed(LATEST_DELIVERY + TimeDelta::hours(1)));
        (
            first.and_then(|time| time.date_naive().checked_sub_days(Days::new(1))),
            last.and_then(|time| time.date_naive().checked_add_days(Days::new(1))),
        )
    }

    /// The end at which a day is outside, if its folder need not be listed.
    pub(super) fn beyond_days(&self, day: NaiveDate) -> Option<Side> {
        let (first, last) = self.days();
        match (
            first.is_some_and(|first| day < first),
            last.is_some_and(|last| day > last),
        ) {
            (true, _) => Some(Side::Before),
            (false, true) => Some(Side::After),
            (false, false) => None,
        }
    }

    /// The end at which a stretch of deliveries is outside, if it is.
    pub(super) fn beyond(&self, first: DateTime<Utc>, last: DateTime<Utc>) -> Option<Side> {
        let before = |from: DateTime<Utc>| last < from.checked_sub_signed(LEAD).unwrap_or(from);
        let after = |to: DateTime<Utc>| {
            to.checked_add_signed(LATEST_DELIVERY)
                .is_some_and(|to| first > to)
        };
        match (self.from.is_some_and(before), self.to.is_some_and(after)) {
            (true, _) => Some(Side::Before),
            (false, true) => Some(Side::After),
            (false, false) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_beyond_the_calendar_are_no_end() {
        let far = Some(DateTime::<Utc>::MIN_UTC);
        let reach = Reach::around(far, Some(DateTime::<Utc>::MAX_UTC), Duration::MAX);
        assert_eq!(reach, Reach::default());
    }
}
