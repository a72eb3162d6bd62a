//! Log files that digest files list but the input lacks, counted by account, region and hour.
//!
//! Comes in: the first second and the account and region of each. Goes out: sums in order. Never: a name.

use std::collections::BTreeMap;

use crate::ingest::coverage::{Coverage, MissingHour, Source};
use crate::ingest::interval::{Interval, SecondRange};
use crate::source::Reach;

/// The seconds of an hour.
const HOUR: i64 = 3_600;

/// Counts missing log files by account, region and hour; each is given by the first second of its records.
pub(super) fn by_hour(files: impl IntoIterator<Item = (Source, i64)>) -> Vec<MissingHour> {
    let mut hours: BTreeMap<(Source, i64), u64> = BTreeMap::new();
    for (source, second) in files {
        *hours.entry((source, second.div_euclid(HOUR))).or_default() += 1;
    }
    let hours = hours.into_iter();
    let hours = hours.filter_map(|((source, hour), n_files)| {
        let first = hour.checked_mul(HOUR)?;
        let hour: SecondRange = (first, first.checked_add(HOUR)?);
        let hour = Interval::of_seconds(hour)?;
        Some(MissingHour {
            source,
            hour,
            n_files,
        })
    });
    hours.collect()
}

impl Coverage {
    /// The missing log files, with hours that follow one another as one stretch.
    #[must_use]
    pub fn missing_stretches(&self) -> Vec<MissingHour> {
        let mut stretches: Vec<MissingHour> = Vec::new();
        for next in &self.missing {
            match stretches.last_mut() {
                Some(last) if last.source == next.source && last.hour.to == next.hour.from => {
                    last.hour.to = next.hour.to;
                    last.n_files += next.n_files;
                }
                Some(_) | None => stretches.push(next.clone()),
            }
        }
        stretches
    }
}

/// Drops the hours that lie outside a reach: their files are not needed.
pub(super) fn within(hours: &mut Vec<MissingHour>, reach: &Reach) {
    hours.retain(|MissingHour { hour, .. }| {
        reach.from.is_none_or(|from| from < hour.to) && reach.to.is_none_or(|to| hour.from <= to)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_begin_where_the_clock_strikes_also_before_1970() {
        let source = || Source::new("123456789012", "eu-west-1");
        let files = [3_599, 3_600, 7_199, -1].map(|second| (source(), second));
        let hours = by_hour(files).into_iter();
        let hours: Vec<_> = hours
            .map(|of| (of.hour.from.timestamp(), of.hour.to.timestamp(), of.n_files))
            .collect();
        assert_eq!(hours, [(-3_600, 0, 1), (0, 3_600, 1), (3_600, 7_200, 2)]);
        assert_eq!(by_hour([(source(), i64::MAX), (source(), i64::MIN)]), []);
    }
}
