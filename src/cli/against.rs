//! What `--compare` names: a period of the same logs, or an earlier report.
//!
//! Comes in: what was typed, and the current time. Goes out: a period, or a path. Never: a file touched; what can be
//! read as a period is one.

use std::ffi::OsStr;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::cli::moment::moment;
use crate::cli::usage::{BadValue, WrongUsage};
use crate::report::{Filter, Period};

/// The option, for messages.
const OPTION: &str = "--compare <BASE>";

/// What is expected.
const EXPECTED: &str = "a period as `FROM..UNTIL`, of which either end may be left out, or the path of an earlier report \
                        in JSON";

/// What the selected pushes are held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Against {
    /// Pushes of the same logs that began in a period.
    Period(Period),
    /// The pushes of an earlier report.
    Report(PathBuf),
    /// What the last run on the same state reported.
    LastRun,
}

/// How the last run is named.
pub(super) const LAST_RUN: &str = "last-run";

impl Against {
    /// Reads what was typed.
    ///
    /// # Errors
    /// A period with an end that is none, or without time in it; a point in time alone.
    pub(super) fn parse(typed: &OsStr, now: DateTime<Utc>) -> Result<Self, WrongUsage> {
        let Some(text) = typed.to_str() else {
            return Ok(Self::Report(typed.into()));
        };
        let wrong =
            |why: &str, meant: Option<String>| BadValue::new(why, meant).usage(OPTION, text);
        if text == LAST_RUN {
            return Ok(Self::LastRun);
        }
        let is_path = text.contains(['/', '\\']) || text.contains(".json");
        let ends = text.split_once("..").filter(|_| !is_path);
        let Some((since, until)) = ends else {
            return match moment(text, now) {
                Ok(_) if !is_path => {
                    let why = format!("it is one point in time; expected {EXPECTED}");
                    Err(wrong(&why, Some(format!("..{text}"))))
                }
                _ if text.trim().is_empty() => Err(wrong(&format!("expected {EXPECTED}"), None)),
                Ok(_) | Err(_) => Ok(Self::Report(typed.into())),
            };
        };
        let read = |end: &str| match end {
            "" => Ok(None),
            end => moment(end, now)
                .map(Some)
                .map_err(|bad| bad.usage(OPTION, end)),
        };
        let (since, until) = (read(since)?, read(until)?);
        match (since, until) {
            (Some(since), Some(until)) if until <= since => {
                Err(wrong("it ends before it begins: no time lies in it", None))
            }
            _ => Ok(Self::Period(Period { since, until })),
        }
    }

    /// The earlier report.
    pub(super) fn path(&self) -> Option<&PathBuf> {
        match self {
            Self::Period(_) | Self::LastRun => None,
            Self::Report(path) => Some(path),
        }
    }

    /// The filter of this side: what it asks for begins at the end of the base, unless another begin, an end before
    /// that, or single pushes were asked for.
    ///
    /// # Errors
    /// A base without an end, if neither a period nor a push was asked for.
    pub(super) fn other_side(&self, mut filter: Filter) -> Result<Filter, WrongUsage> {
        let Self::Period(base) = self else {
            return Ok(filter);
        };
        let Period { since, until } = filter.period;
        match base.until {
            _ if filter.picks() => Ok(filter),
            None if filter.period.is_always() => Err(WrongUsage(
                "nothing lies after the base of `--compare`, which has no end\n\n  tip: end it, as \
                 `..yesterday`, or say by `--push`, or by `--since` and `--until`, what to hold against it"
                    .to_owned(),
            )),
            Some(end) if since.is_none() && until.is_none_or(|until| end < until) => {
                filter.period.since = Some(end);
                Ok(filter)
            }
            Some(_) | None => Ok(filter),
        }
    }

    /// The period from the earlier begin to the later end: what has to be read.
    pub(super) fn reach(&self, other: Period) -> Period {
        match self {
            Self::Report(_) => other,
            // It is not known yet where the base ends.
            Self::LastRun => Period::default(),
            Self::Period(base) => Period {
                since: base.since.zip(other.since).map(|(one, two)| one.min(two)),
                until: base.until.zip(other.until).map(|(one, two)| one.max(two)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Against, String> {
        let now = "2024-03-10T12:00:00Z".parse().expect("a time");
        Against::parse(OsStr::new(text), now).map_err(|WrongUsage(message)| message)
    }

    fn period(since: &str, until: &str) -> Result<Against, String> {
        let time = |text: &str| text.parse().ok();
        Ok(Against::Period(Period {
            since: time(since),
            until: time(until),
        }))
    }

    #[test]
    fn a_period_has_ends_of_any_form_or_none() {
        let midnight = "2024-03-10T00:00:00Z";
        assert_eq!(parse("..today"), period("", midnight));
        assert_eq!(
            parse("7d..1d"),
            period("2024-03-03T12:00:00Z", "2024-03-09T12:00:00Z")
        );
        assert_eq!(parse("2024-03-10.."), period(midnight, ""));
        assert_eq!(parse(".."), period("", ""));
    }

    #[test]
    fn anything_else_is_a_path() {
        for path in [
            "../base.json",
            "base.json",
            "base",
            "2024-03-01..2024-03-02.json",
        ] {
            assert_eq!(parse(path), Ok(Against::Report(path.into())));
        }
    }

    #[test]
    fn this_side_begins_where_the_base_ends_unless_told_otherwise() {
        let time = |text: &str| text.parse().ok();
        let (early, mid, late) = (
            "2024-03-01T00:00:00Z",
            "2024-03-05T00:00:00Z",
            "2024-03-09T00:00:00Z",
        );
        for (base, since, until, begins) in [
            ("..2024-03-05", "", "", mid),
            ("..2024-03-05", "", late, mid),
            ("..2024-03-05", "", early, ""),
            ("..2024-03-05", early, "", early),
            ("2024-03-05..", "", early, ""),
        ] {
            let filter = Filter {
                period: Period {
                    since: time(since),
                    until: time(until),
                },
                ..Filter::default()
            };
            let against = parse(base).expect("a period");
            let filter = against
                .other_side(filter)
                .map_err(|WrongUsage(message)| message);
            assert_eq!(
                filter.map(|filter| filter.period.since),
                Ok(time(begins)),
                "{base}"
            );
        }
        let everything = parse("..").expect("a period");
        assert!(everything.other_side(Filter::default()).is_err());
    }

    #[test]
    fn what_is_almost_a_period_is_told() {
        for (text, said) in [
            ("yesterday", "`..yesterday`"),
            ("today..yesterday", "ends before it begins"),
            ("..2024-03-1x", "invalid value `2024-03-1x`"),
            ("7 days..", "`7d`"),
            ("", "expected a period"),
        ] {
            let message = parse(text).expect_err(text);
            assert!(message.contains(said), "{text}: {message}");
        }
    }
}
