//! Which log files a period of time needs, by the dates in their names.
//!
//! Comes in: the period that is asked for, and the files. Goes out: the same files, those that can
//! hold nothing for it marked [`Found::Pruned`]. Never: an opened file, or one left out whose name
//! is not of CloudTrail's making.

use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use crate::source::{FileKind, Found, LogName, SourceFile, layout};

/// How long a login can serve (ECR user guide, "Private registry authentication": the token is
/// valid for 12 hours). A push therefore lies within 12 hours of any of its events, its login too.
const LOGIN_LIFE: TimeDelta = TimeDelta::hours(12);

/// How long after an event its log file can be delivered. CloudTrail delivers within about five
/// minutes on average and promises no limit; inferred: a day covers an outage.
const LATEST_DELIVERY: TimeDelta = TimeDelta::hours(24);

/// How far clocks, and a name without seconds, can put a file before its events.
const LEAD: TimeDelta = TimeDelta::minutes(5);

/// The stretch of time that has to be known to report a period, both ends included; `None` where
/// it has no end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// The first instant.
    pub from: Option<DateTime<Utc>>,
    /// The last instant.
    pub to: Option<DateTime<Utc>>,
}

/// The end of the reach that a file lies beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// It was delivered too early.
    Before,
    /// It was delivered too late.
    After,
}

/// What files are read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The pushes in them.
    Pushes,
    /// To know also whether log files are as they were delivered, by digest files before and after.
    Integrity,
}

impl Reach {
    /// What has to be known to report the pushes of a period: all of each push, its login, and an
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

    /// Marks the files that hold nothing of the reach, by the time of delivery in their names.
    pub fn prune(&self, files: &mut [SourceFile], purpose: Purpose) {
        for file in files {
            let side = match &file.found {
                Found::Readable(FileKind::Log) => self.beyond_log(&file.name),
                Found::Readable(FileKind::Digest) => {
                    layout::digest_end(&file.name).and_then(|end| match purpose {
                        // A digest file speaks of the hour before its stamp.
                        Purpose::Pushes => self.beyond(end - TimeDelta::hours(1), end),
                        Purpose::Integrity => self.beyond_days(end.date_naive()),
                    })
                }
                Found::Readable(FileKind::Insight)
                | Found::Empty
                | Found::Hidden
                | Found::Pruned(_)
                | Found::Unreadable { .. } => None,
            };
            if let Some(side) = side {
                file.found = Found::Pruned(side);
            }
        }
    }

    /// The end of the reach that a log file lies beyond, if its name says so.
    #[must_use]
    pub fn beyond_log(&self, name: &str) -> Option<Side> {
        let delivered = LogName::parse(name)?.delivered;
        self.beyond(delivered, delivered)
    }

    /// The first and last day whose folders may hold files of the reach. Inferred: a file may lie in
    /// the folder of the day before or after its stamp.
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

    /// The end that a day lies beyond, if its folder is not even listed.
    fn beyond_days(&self, day: NaiveDate) -> Option<Side> {
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

    /// The end that a stretch of deliveries lies beyond, if it does.
    fn beyond(&self, first: DateTime<Utc>, last: DateTime<Utc>) -> Option<Side> {
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
    use std::path::PathBuf;

    use super::*;
    use crate::source::Origin;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn found(name: &str) -> Found {
        found_for(Purpose::Pushes, name)
    }

    fn found_for(purpose: Purpose, name: &str) -> Found {
        let since = Some(time("2024-03-10T00:00:00Z"));
        let until = Some(time("2024-03-11T00:00:00Z"));
        let reach = Reach::around(since, until, Duration::from_secs(900));
        let mut files = [SourceFile {
            origin: Origin::File(PathBuf::from(name)),
            name: name.to_owned(),
            size_bytes: 1,
            found: Found::Readable(FileKind::of(name)),
        }];
        reach.prune(&mut files, purpose);
        let [file] = files;
        file.found
    }

    #[test]
    fn slack_is_a_login_and_a_window_and_late_delivery() {
        let log = |stamp: &str| {
            found(&format!(
                "123456789012_CloudTrail_eu-west-1_{stamp}_Ab0cDeFgHiJkLmNo.json.gz"
            ))
        };
        assert_eq!(log("20240309T1139Z"), Found::Pruned(Side::Before));
        assert_eq!(log("20240309T1140Z"), Found::Readable(FileKind::Log));
        assert_eq!(log("20240312T1215Z"), Found::Readable(FileKind::Log));
        assert_eq!(log("20240312T1216Z"), Found::Pruned(Side::After));
        let digest = |stamp: &str| {
            found(&format!(
                "123456789012_CloudTrail-Digest_eu-west-1_my_trail_eu-west-1_{stamp}.json.gz"
            ))
        };
        assert_eq!(digest("20240309T110000Z"), Found::Pruned(Side::Before));
        assert_eq!(
            digest("20240309T120000Z"),
            Found::Readable(FileKind::Digest)
        );
        assert_eq!(digest("20240312T131600Z"), Found::Pruned(Side::After));
        assert_eq!(
            digest("20240312T131600Z_backfill"),
            Found::Pruned(Side::After)
        );
    }

    #[test]
    fn digest_files_of_all_days_that_may_matter_are_kept_for_a_check() {
        let digest = |stamp: &str| {
            let name = format!(
                "123456789012_CloudTrail-Digest_eu-west-1_my_trail_eu-west-1_{stamp}.json.gz"
            );
            found_for(Purpose::Integrity, &name)
        };
        assert_eq!(digest("20240307T230000Z"), Found::Pruned(Side::Before));
        assert_eq!(
            digest("20240308T000000Z"),
            Found::Readable(FileKind::Digest)
        );
        assert_eq!(
            digest("20240313T230000Z"),
            Found::Readable(FileKind::Digest)
        );
        assert_eq!(digest("20240314T000000Z"), Found::Pruned(Side::After));
    }

    #[test]
    fn other_names_are_always_read() {
        for name in ["events.json", "2020/01/01/events.json.gz"] {
            assert_eq!(found(name), Found::Readable(FileKind::Log));
        }
    }

    #[test]
    fn times_beyond_the_calendar_are_no_end() {
        let far = Some(DateTime::<Utc>::MIN_UTC);
        let reach = Reach::around(far, Some(DateTime::<Utc>::MAX_UTC), Duration::MAX);
        assert_eq!(reach, Reach::default());
    }
}
