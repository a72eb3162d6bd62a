//! Which files a reach of time and a purpose need, by the names of the files.
//!
//! Comes in: the reach, and the files. Goes out: files that can hold nothing of it marked
//! [`Found::Pruned`]. Never: an opened file, or a pruned file whose name is not CloudTrail's own.

use chrono::TimeDelta;

use crate::source::{FileKind, Found, LogName, Reach, Side, SourceFile, layout};

/// Why files are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The pushes in them.
    Pushes,
    /// To check also whether log files are as they were delivered, by digest files before and after.
    Integrity,
    /// What digest files list. Log files count as there by their names.
    Lists,
}

impl Reach {
    /// Marks the files that hold nothing of the reach, by the time of delivery in their names, or nothing for the
    /// purpose.
    pub fn prune(&self, files: &mut [SourceFile], purpose: Purpose) {
        for file in files {
            let side = match &file.found {
                Found::Readable(FileKind::Log) => match purpose {
                    Purpose::Pushes | Purpose::Integrity => self.beyond_log(&file.name),
                    Purpose::Lists => LogName::parse(&file.name).map(|_| Side::Before),
                },
                Found::Readable(FileKind::Digest) => {
                    layout::digest_end(&file.name).and_then(|end| match purpose {
                        // A digest file covers the hour before its stamp.
                        Purpose::Pushes => self.beyond(end - TimeDelta::hours(1), end),
                        Purpose::Integrity | Purpose::Lists => self.beyond_days(end.date_naive()),
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
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use chrono::{DateTime, Utc};

    use super::*;
    use crate::source::{ContentStamp, Origin};

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
            stamp: ContentStamp::Unknown,
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
    fn lists_are_read_without_log_files() {
        let found = |name: &str| found_for(Purpose::Lists, name);
        let log = "123456789012_CloudTrail_eu-west-1_20240310T1200Z_Ab0cDeFgHiJkLmNo.json.gz";
        assert!(matches!(found(log), Found::Pruned(_)));
        let digest =
            "123456789012_CloudTrail-Digest_eu-west-1_t_eu-west-1_20240310T120000Z.json.gz";
        assert_eq!(found(digest), Found::Readable(FileKind::Digest));
        assert_eq!(found("all.zip"), Found::Readable(FileKind::Log));
    }

    #[test]
    fn other_names_are_always_read() {
        for name in ["events.json", "2020/01/01/events.json.gz"] {
            assert_eq!(found(name), Found::Readable(FileKind::Log));
        }
    }
}
