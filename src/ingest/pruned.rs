//! What the log still covers if files were left unread because of a period.
//!
//! Comes in: the coverage of what was read, and the files. Goes out: the coverage, with spans cut
//! to the time that is known completely. Never: a span that reaches into files nobody opened.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::ingest::coverage::{Coverage, Covered, Pruned, Source};
use crate::ingest::interval::Interval;
use crate::ingest::missing;
use crate::source::{Found, LogName, Reach, Side, SourceFile};

impl Coverage {
    /// Ends the spans where files were left unread, and misses no file outside the reach.
    ///
    /// The first and last files read hold some records from outside the reach, and digest files
    /// vouch for whole hours. Neither shows that nothing else happened there. If all files of an
    /// account and region were read, its span is kept.
    pub fn leave_out(&mut self, files: &[SourceFile], reach: &Reach) {
        missing::within(&mut self.missing, reach);
        let mut sides: BTreeMap<Source, (bool, bool)> = BTreeMap::new();
        let mut pruned = Pruned::default();
        for file in files {
            let Found::Pruned(side) = file.found else {
                continue;
            };
            match side {
                Side::Before => pruned.before = reach.from,
                Side::After => pruned.after = reach.to,
            }
            let Some(name) = LogName::parse(&file.name) else {
                continue;
            };
            let time = name.delivered;
            pruned.first = Some(pruned.first.map_or(time, |first| first.min(time)));
            pruned.last = Some(pruned.last.map_or(time, |last| last.max(time)));
            let source = Source::new(name.account, name.region);
            let (before, after) = sides.entry(source).or_default();
            match side {
                Side::Before => *before = true,
                Side::After => *after = true,
            }
        }
        if pruned == Pruned::default() {
            return;
        }
        self.pruned = Some(pruned);
        self.spans.retain(|source, span| {
            let (before, after) = sides.get(source).copied().unwrap_or_default();
            let from = reach.from.filter(|_| before);
            let to = reach.to.filter(|_| after);
            span.cut(from, to)
        });
    }
}

impl Covered {
    /// Keeps only the part between `from` and `to`; returns whether anything is left.
    fn cut(&mut self, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> bool {
        let cut = |interval: &mut Interval| {
            interval.from = from.map_or(interval.from, |from| interval.from.max(from));
            interval.to = to.map_or(interval.to, |to| interval.to.min(to));
        };
        self.holes.retain_mut(|hole| {
            cut(&mut hole.interval);
            hole.interval.from < hole.interval.to
        });
        cut(&mut self.interval);
        self.interval.from <= self.interval.to
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::ingest::coverage::{Hole, HoleReason};
    use crate::source::{ContentStamp, FileKind, Origin, Purpose};

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn interval(from: &str, to: &str) -> Interval {
        Interval {
            from: time(from),
            to: time(to),
        }
    }

    #[test]
    fn spans_end_where_files_of_their_own_were_left_unread() {
        let span = Covered {
            interval: interval("2024-03-09T11:30:00Z", "2024-03-12T13:00:00Z"),
            holes: vec![Hole {
                interval: interval("2024-03-09T11:35:00Z", "2024-03-09T11:44:00Z"),
                reason: HoleReason::Quiet,
            }],
            heard: Vec::new(),
            by: Vec::new(),
        };
        let source = |region: &str| Source::new("123456789012", region);
        let mut coverage = Coverage {
            spans: ["eu-west-1", "us-east-1"]
                .map(|region| (source(region), span.clone()))
                .into(),
            ..Coverage::default()
        };
        let name = "123456789012_CloudTrail_eu-west-1_20240301T0000Z_Ab0cDeFgHiJkLmNo.json.gz";
        let mut files = [SourceFile {
            origin: Origin::File(PathBuf::from(name)),
            name: name.to_owned(),
            size_bytes: 1,
            stamp: ContentStamp::Unknown,
            found: Found::Readable(FileKind::Log),
        }];
        let since = Some(time("2024-03-10T00:00:00Z"));
        let reach = Reach::around(since, None, Duration::from_secs(900));
        reach.prune(&mut files, Purpose::Pushes);
        coverage.leave_out(&files, &reach);
        let cut = interval("2024-03-09T11:45:00Z", "2024-03-12T13:00:00Z");
        assert_eq!(coverage.spans[&source("eu-west-1")].interval, cut);
        assert_eq!(coverage.spans[&source("eu-west-1")].holes, []);
        assert_eq!(coverage.spans[&source("us-east-1")], span);
        let pruned = coverage.pruned.expect("a file was left unread");
        assert_eq!((pruned.before, pruned.after), (reach.from, None));
        assert_eq!(pruned.first, Some(time("2024-03-01T00:00:00Z")));
    }
}
