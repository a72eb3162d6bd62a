//! Points in time as people type them.
//!
//! Comes in: `2024-03-04T09:00:00Z`, `2024-03-04`, `7d`, and the current time. Goes out: an
//! instant. Never: a local time taken for UTC, or a guess; a near spelling is suggested, not
//! accepted.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound as _, TimeDelta, Utc};

use crate::cli::quantity;
use crate::cli::usage::BadValue;

/// What is expected.
const EXPECTED: &str = "an RFC 3339 time as `2024-03-04T09:00:00Z`, a date as `2024-03-04`, or `today`, \
                        `yesterday`, an age as `7d` (`s`, `m`, `h` or `d`), or seconds since 1970";

/// Reads a point in time; a date means its midnight in UTC, an age counts back from `now`.
pub(super) fn moment(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, BadValue> {
    let bad = |suggestion| BadValue::expected(EXPECTED, suggestion);
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.with_timezone(&Utc));
    }
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        let midnight = date.and_hms_opt(0, 0, 0);
        return midnight
            .map(|midnight| midnight.and_utc())
            .ok_or_else(|| bad(None));
    }
    let days_ago = match text {
        "today" => Some(0),
        "yesterday" => Some(1),
        _ => None,
    };
    if let Some(days) = days_ago {
        let midnight = now.date_naive() - TimeDelta::days(days);
        return Ok(midnight.and_time(NaiveTime::MIN).and_utc());
    }
    // Ten digits are seconds of the years 2001 to 2286; fewer may be an age without its unit.
    if text.len() == 10
        && let Some(time) = text
            .parse()
            .ok()
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
    {
        return Ok(time);
    }
    match quantity::duration(text) {
        Ok(age) => TimeDelta::from_std(age)
            .ok()
            .and_then(|age| now.checked_sub_signed(age))
            // The clock has nanoseconds, which nobody means; a call has a second.
            .map(|time| time.trunc_subsecs(0))
            .ok_or_else(|| bad(None)),
        Err(_) => Err(bad(meant(text)).leading_on(|text| {
            // Nobody means an age of more than a century.
            let oldest = now - TimeDelta::days(36_525);
            moment(text, now).is_ok_and(|time| time >= oldest)
        })),
    }
}

/// The spelling that may have been meant.
fn meant(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let text = text.strip_suffix(" ago").unwrap_or(&text).trim_end();
    match text {
        "" => return None,
        "today" | "yesterday" => return Some(text.to_owned()),
        _ => {}
    }
    // Milliseconds since 1970 have thirteen digits.
    if text.len() == 13 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.get(..10).map(str::to_owned);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number = number.parse::<u64>().ok();
    if let Some(number) = number.filter(|number| *number < 10_000) {
        match unit.trim() {
            "" => return Some(format!("{number}d")),
            "w" | "week" | "weeks" => return Some(format!("{}d", 7 * number)),
            "month" | "months" => return Some(format!("{}d", 30 * number)),
            _ => {}
        }
    }
    date(text).or_else(|| match quantity::duration(text) {
        Ok(_) => Some(text.to_owned()),
        Err(error) => error.suggestion,
    })
}

/// A date or time in another form than RFC 3339's.
fn date(text: &str) -> Option<String> {
    for form in ["%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y-%m-%dz"] {
        if let Ok(date) = NaiveDate::parse_from_str(text, form) {
            return Some(date.to_string());
        }
    }
    for form in ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dt%H:%M:%S"] {
        for seconds in ["", ":00"] {
            let whole = format!("{}{seconds}", text.trim_end_matches(['z', ' ']));
            if let Ok(time) = NaiveDateTime::parse_from_str(&whole, form) {
                return Some(time.format("%Y-%m-%dT%H:%M:%SZ").to_string());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2024-03-10T12:00:00Z".parse().expect("a time")
    }

    #[test]
    fn times_dates_and_ages_are_read() {
        for (text, read) in [
            ("2024-03-04T09:00:00Z", "2024-03-04T09:00:00Z"),
            ("2024-03-04T09:00:00+01:00", "2024-03-04T08:00:00Z"),
            ("2024-03-04", "2024-03-04T00:00:00Z"),
            ("7d", "2024-03-03T12:00:00Z"),
            ("90m", "2024-03-10T10:30:00Z"),
            ("today", "2024-03-10T00:00:00Z"),
            ("yesterday", "2024-03-09T00:00:00Z"),
            ("1709529715", "2024-03-04T05:21:55Z"),
        ] {
            let read: DateTime<Utc> = read.parse().expect("a time");
            assert_eq!(moment(text, now()), Ok(read), "{text}");
        }
    }

    #[test]
    fn an_age_is_a_whole_second_whatever_the_clock_shows() {
        let now = "2024-03-10T12:00:00.987654321Z".parse().expect("a time");
        let read = moment("1h", now).map(|time| time.to_rfc3339());
        assert_eq!(read.as_deref(), Ok("2024-03-10T11:00:00+00:00"));
    }

    #[test]
    fn what_is_close_is_suggested_not_taken() {
        for (text, suggestion) in [
            ("7 days", Some("7d")),
            ("7 days ago", Some("7d")),
            ("7", Some("7d")),
            ("1709529715123", Some("1709529715")),
            ("17095297151", None),
            ("2w", Some("14d")),
            ("Yesterday", Some("yesterday")),
            ("12 hours", Some("12h")),
            ("2024/03/04", Some("2024-03-04")),
            ("20240304", Some("2024-03-04")),
            ("2024-03-04 09:00", Some("2024-03-04T09:00:00Z")),
            ("2024-03-04T09:00:00", Some("2024-03-04T09:00:00Z")),
            ("soon", None),
            ("", None),
            ("2024-02-30", None),
            ("99999999999999999999d", None),
            ("18446744073709551615s", None),
        ] {
            let error = moment(text, now()).expect_err(text);
            assert_eq!(error.suggestion.as_deref(), suggestion, "{text}");
        }
    }
}
