//! What a file's path says about it.
//!
//! Comes in: a path. Goes out: whether it is a log, a digest file or another file of CloudTrail's and, for a
//! log with CloudTrail's own name, the account and region. Never: a conclusion; a name is checked against
//! the records first.

use std::path::{MAIN_SEPARATOR, Path};

use chrono::{DateTime, NaiveDateTime, Utc};

/// The kind of a file by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A log file, or a path that does not say.
    Log,
    /// A digest file.
    Digest,
    /// An Insights or Lake file.
    Insight,
}

impl FileKind {
    /// The kind of a file, by the folder that CloudTrail puts it in, or else by its name (CloudTrail user
    /// guide, "CloudTrail log file name format" and "digest file location").
    #[must_use]
    pub fn of(path: &str) -> Self {
        path.split('/')
            .rev()
            .find_map(|part| match part {
                "CloudTrail-Digest" => Some(Self::Digest),
                "CloudTrail-Insight" | "CloudTrail-Lake" => Some(Self::Insight),
                "CloudTrail" => Some(Self::Log),
                _ if part.contains("_CloudTrail-Digest_") => Some(Self::Digest),
                _ if part.contains("_CloudTrail-Insight_") => Some(Self::Insight),
                _ => None,
            })
            .unwrap_or(Self::Log)
    }
}

/// What the name of a log file says:
/// `ACCOUNT_CloudTrail_REGION_YYYYMMDDTHHmmZ_UNIQUE.json.gz`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogName<'a> {
    /// The account whose calls it holds.
    pub account: &'a str,
    /// The region of the calls.
    pub region: &'a str,
    /// When it was delivered, to the minute.
    pub delivered: DateTime<Utc>,
}

impl<'a> LogName<'a> {
    /// Parses the last part of a path; `None` if CloudTrail does not make such names.
    #[must_use]
    pub fn parse(path: &'a str) -> Option<Self> {
        let mut parts = path.rsplit('/').next()?.splitn(5, '_');
        let account = parts.next()?;
        let is_log = parts.next()? == "CloudTrail";
        let (region, stamp, _unique) = (parts.next()?, parts.next()?, parts.next()?);
        let delivered = NaiveDateTime::parse_from_str(stamp, "%Y%m%dT%H%MZ").ok()?;
        (is_log && is_account(account) && !region.is_empty()).then_some(Self {
            account,
            region,
            delivered: delivered.and_utc(),
        })
    }
}

/// The place of a folder in the tree that CloudTrail writes,
/// `[PREFIX/]AWSLogs/[ORGANISATION/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Folder<'a> {
    /// The account, if the folder is at its level or below.
    pub account: Option<&'a str>,
    /// The region, if the folder is at its level or below.
    pub region: Option<&'a str>,
    /// How far down it is.
    pub level: Level<'a>,
}

/// How far down the tree a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level<'a> {
    /// Above `AWSLogs`, or outside such a tree.
    Above,
    /// From `AWSLogs` to above the regions.
    Inside,
    /// A region or below.
    Region {
        /// The path of the region's folder, which contains those of the years.
        root: &'a str,
    },
    /// Not from CloudTrail; other services also write under `AWSLogs`.
    Foreign,
}

impl<'a> Folder<'a> {
    /// The place of a folder whose path ends with `/`, or of the folder that a file is in.
    #[must_use]
    pub fn of(path: &'a str) -> Self {
        let mut place = Self {
            account: None,
            region: None,
            level: Level::Above,
        };
        let mut end = 0;
        let mut kind = None;
        for part in path.split_inclusive('/') {
            end += part.len();
            let Some(name) = part.strip_suffix('/') else {
                break;
            };
            if name == "AWSLogs" {
                (place.account, place.region, kind) = (None, None, None);
                place.level = Level::Inside;
                continue;
            }
            match (place.level, place.account, kind) {
                (Level::Above | Level::Region { .. } | Level::Foreign, _, _) => {}
                (Level::Inside, None, _) if is_account(name) => place.account = Some(name),
                (Level::Inside, None, _) if name.starts_with("o-") => {}
                (Level::Inside, Some(_), None) if name.starts_with("CloudTrail") => {
                    kind = Some(name);
                }
                (Level::Inside, Some(_), Some(_)) => {
                    place.region = Some(name);
                    place.level = Level::Region { root: &path[..end] };
                }
                (Level::Inside, _, _) => place.level = Level::Foreign,
            }
        }
        place
    }
}

fn is_account(name: &str) -> bool {
    name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// The end of the hour that a digest file covers, by its name:
/// `ACCOUNT_CloudTrail-Digest_REGION_TRAIL_REGION_YYYYMMDDTHHmmssZ.json.gz`, with `_backfill` after the time
/// for log files that came late.
#[must_use]
pub fn digest_end(path: &str) -> Option<DateTime<Utc>> {
    let name = path.rsplit('/').next()?;
    let name = name.split(".json").next()?;
    let name = name.strip_suffix("_backfill").unwrap_or(name);
    let stamp = name.rsplit('_').next()?.split('.').next()?;
    let end = NaiveDateTime::parse_from_str(stamp, "%Y%m%dT%H%M%SZ").ok()?;
    Some(end.and_utc())
}

/// A path as text, with `/` as separator.
pub(super) fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace(MAIN_SEPARATOR, "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_name_tells_account_region_and_minute() {
        let path = "a/AWSLogs/123456789012/CloudTrail/eu-west-1/2019/04/15/\
                    123456789012_CloudTrail_eu-west-1_20190415T1645Z_Ab0cDeFgHiJkLmNo.json.gz";
        let name = LogName::parse(path).expect("a log name");
        assert_eq!((name.account, name.region), ("123456789012", "eu-west-1"));
        assert_eq!(name.delivered.to_rfc3339(), "2019-04-15T16:45:00+00:00");
    }

    #[test]
    fn a_place_tells_account_and_region() {
        let of = |path| {
            let place = Folder::of(path);
            (place.account, place.region, place.level)
        };
        let account = Some("123456789012");
        let region = Level::Region {
            root: "p/AWSLogs/o-abc/123456789012/CloudTrail/eu-west-1/",
        };
        for path in [
            "p/AWSLogs/o-abc/123456789012/CloudTrail/eu-west-1/",
            "p/AWSLogs/o-abc/123456789012/CloudTrail/eu-west-1/2024/01/02/a.json.gz",
        ] {
            assert_eq!(of(path), (account, Some("eu-west-1"), region), "{path}");
        }
        assert_eq!(of("logs/"), (None, None, Level::Above));
        assert_eq!(of("AWSLogs/o-abc/"), (None, None, Level::Inside));
        let kind = "AWSLogs/123456789012/CloudTrail-Digest/";
        assert_eq!(of(kind), (account, None, Level::Inside));
        let other = "AWSLogs/123456789012/vpcflowlogs/eu-west-1/";
        assert_eq!(of(other), (account, None, Level::Foreign));
        let file = "AWSLogs/123456789012/CloudTrail/eu-west-1";
        assert_eq!(of(file), (account, None, Level::Inside));
    }

    #[test]
    fn other_names_tell_nothing() {
        for path in [
            "",
            "events.json",
            "12_CloudTrail_eu-west-1_20190415T1645Z_x.json.gz",
            "123456789012_CloudTrail-Digest_eu-west-1_t_eu-west-1_20190415T164500Z.json.gz",
            "123456789012_CloudTrail_eu-west-1_20191315T1645Z_x.json.gz",
        ] {
            assert_eq!(LogName::parse(path), None, "{path}");
        }
    }

    #[test]
    fn the_innermost_folder_tells_the_kind() {
        assert_eq!(
            FileKind::of("x/CloudTrail-Digest/r/a.json.gz"),
            FileKind::Digest
        );
        assert_eq!(
            FileKind::of("CloudTrail-Digest/CloudTrail/a.json"),
            FileKind::Log
        );
        assert_eq!(
            FileKind::of("x/CloudTrail-Lake/a.csv.gz"),
            FileKind::Insight
        );
        let flat = "1_CloudTrail-Digest_us-east-1_t_us-east-1_20240101T000000Z.json.gz";
        assert_eq!(FileKind::of(flat), FileKind::Digest);
    }
}
