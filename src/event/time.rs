//! Reads the times that CloudTrail writes.
//!
//! Comes in: the text of an `eventTime` or `creationDate`. Goes out: the instant. Never: a guess; a text
//! that is neither an RFC 3339 time nor one with a space in place of the `T` gives none.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// The instant of an RFC 3339 text.
pub(super) fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    plain_time(text).or_else(|| any_time(text))
}

/// Also `YYYY-MM-DD HH:MM:SS.fffffffff` in UTC, as tables of a data lake have it.
fn any_time(text: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text).ok();
    let time = time.map(|time| time.with_timezone(&Utc));
    time.or_else(|| {
        let time = text.trim_end_matches(" UTC");
        let time = NaiveDateTime::parse_from_str(time, "%Y-%m-%d %H:%M:%S%.f").ok()?;
        Some(time.and_utc())
    })
}

/// The instant of `YYYY-MM-DDTHH:MM:SSZ`, as CloudTrail writes it; `None` also for a leap second.
fn plain_time(text: &str) -> Option<DateTime<Utc>> {
    let &[
        y1,
        y2,
        y3,
        y4,
        b'-',
        m1,
        m2,
        b'-',
        d1,
        d2,
        b'T',
        h1,
        h2,
        b':',
        n1,
        n2,
        b':',
        s1,
        s2,
        b'Z',
    ] = text.as_bytes()
    else {
        return None;
    };
    let number = |digits: [u8; 2]| {
        let is_number = digits.iter().all(u8::is_ascii_digit);
        is_number.then(|| u32::from(digits[0] - b'0') * 10 + u32::from(digits[1] - b'0'))
    };
    let year = number([y1, y2])? * 100 + number([y3, y4])?;
    let date = NaiveDate::from_ymd_opt(
        i32::try_from(year).ok()?,
        number([m1, m2])?,
        number([d1, d2])?,
    )?;
    let time = date.and_hms_opt(number([h1, h2])?, number([n1, n2])?, number([s1, s2])?)?;
    Some(time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_time_is_the_instant_that_any_reading_gives() {
        let mut n_plain = 0;
        let mut check = |text: &str| {
            let plain = plain_time(text);
            if plain.is_some() {
                assert_eq!(plain, any_time(text), "{text}");
                n_plain += 1;
            }
            plain.is_some()
        };
        for text in [
            "2024-03-01T00:00:00Z",
            "2024-02-29T23:59:59Z",
            "0000-01-01T00:00:00Z",
            "9999-12-31T12:34:56Z",
        ] {
            assert!(check(text), "{text}");
            for at in 0..text.len() {
                for byte in b"0123456789:-TZ+ tz.x" {
                    let mut other = text.as_bytes().to_vec();
                    other[at] = *byte;
                    check(str::from_utf8(&other).expect("ASCII"));
                }
            }
        }
        assert!(n_plain > 300, "{n_plain}");
        for text in [
            "2023-02-29T00:00:00Z",
            "2024-03-01T24:00:00Z",
            "2024-03-01T00:00:00",
            "",
        ] {
            assert!(parse_time(text).is_none(), "{text}");
        }
        let leap = "2016-12-31T23:59:60Z";
        assert_eq!(parse_time(leap), any_time(leap));
        assert!(parse_time(leap).is_some());
    }
}
