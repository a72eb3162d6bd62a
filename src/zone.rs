//! The time zone that people read times in.
//!
//! Comes in: the name of a zone, and times by RFC 3339 in UTC. Goes out: the same instants in that zone. Never: a look at
//! the machine's own zone or its files; the rules of all zones are in the program (IANA time zone database).

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDateTime, SecondsFormat, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

/// A time zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// UTC, written with `Z`.
    #[default]
    Utc,
    /// Always so far from UTC.
    Fixed(FixedOffset),
    /// A place, whose distance from UTC may change with the season.
    Place(Tz),
}

impl Zone {
    /// The zone of a name: `UTC`, `Z`, `+05:30`, `Europe/Berlin`; `None` if there is none.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        if ["UTC", "Z"]
            .iter()
            .any(|utc| name.eq_ignore_ascii_case(utc))
        {
            return Some(Self::Utc);
        }
        if name.starts_with(['+', '-']) {
            return offset(name).map(Self::Fixed);
        }
        let mut places = TZ_VARIANTS.iter();
        let place = places.find(|place| place.name().eq_ignore_ascii_case(name));
        place.copied().map(Self::Place)
    }

    /// The names of all places.
    pub fn places() -> impl Iterator<Item = &'static str> {
        TZ_VARIANTS.iter().map(|place| place.name())
    }

    /// The date and time of day that clocks in the zone show at an instant.
    #[must_use]
    pub fn clocks(&self, time: DateTime<Utc>) -> NaiveDateTime {
        match self {
            Self::Utc => time.naive_utc(),
            Self::Fixed(offset) => time.with_timezone(offset).naive_local(),
            Self::Place(place) => time.with_timezone(place).naive_local(),
        }
    }

    /// A time: `2025-03-10T09:15:04+01:00`. What is no time by RFC 3339 stays.
    #[must_use]
    pub fn time<'t>(&self, time: &'t str) -> Cow<'t, str> {
        match self.of(time) {
            Some(time) => Cow::Owned(time),
            None => Cow::Borrowed(time),
        }
    }

    /// The time of day, to the second: `08:15:04Z` in UTC, `09:15:04` elsewhere.
    #[must_use]
    pub fn clock(&self, time: &str) -> String {
        let time = self.time(time);
        match (time.get(11..19), self) {
            (Some(clock), Self::Utc) => format!("{clock}Z"),
            (Some(clock), Self::Fixed(_) | Self::Place(_)) => clock.to_owned(),
            (None, _) => time.into_owned(),
        }
    }

    /// A text of ours with every time in it, written as RFC 3339 or with a blank in place of the `T`, in this zone.
    /// What stands in backticks or between quotation marks is quoted from the log and stays.
    ///
    /// # Complexity
    /// O(n) in the text; nothing in UTC.
    #[must_use]
    pub fn within<'t>(&self, text: &'t str) -> Cow<'t, str> {
        const LEAST: usize = "2025-03-10T08:15:04Z".len();
        if *self == Self::Utc || text.len() < LEAST {
            return Cow::Borrowed(text);
        }
        let mut out = String::new();
        let (mut done, mut is_quoted) = (0, false);
        for (at, letter) in text.char_indices() {
            match letter {
                _ if at < done => {}
                '`' => is_quoted = !is_quoted,
                '\u{201c}' => is_quoted = true,
                '\u{201d}' => is_quoted = false,
                '0'..='9' if !is_quoted => {
                    let Some(len) = stamp(&text.as_bytes()[at..]) else {
                        continue;
                    };
                    let stamp = &text[at..at + len];
                    let has_blank = stamp.as_bytes().get(10) == Some(&b' ');
                    let Some(time) = self.of(&stamp.replacen(' ', "T", 1)) else {
                        continue;
                    };
                    out.push_str(&text[done..at]);
                    out.push_str(&match has_blank {
                        true => time.replacen('T', " ", 1),
                        false => time,
                    });
                    done = at + len;
                }
                _ => {}
            }
        }
        if done == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(&text[done..]);
        Cow::Owned(out)
    }

    /// A time of UTC in this zone; `None` if it is none, or stays as it is.
    fn of(&self, time: &str) -> Option<String> {
        let read = || DateTime::parse_from_rfc3339(time).ok();
        let written =
            |time: DateTime<FixedOffset>| time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        match self {
            Self::Utc => None,
            Self::Fixed(offset) => read().map(|time| written(time.with_timezone(offset))),
            Self::Place(place) => {
                read().map(|time| written(time.with_timezone(place).fixed_offset()))
            }
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Utc => f.write_str("UTC"),
            Self::Fixed(offset) => write!(f, "UTC{offset}"),
            Self::Place(place) => f.write_str(place.name()),
        }
    }
}

/// The offset `±hh:mm`, `±hhmm` or `±hh`, less than a day.
fn offset(text: &str) -> Option<FixedOffset> {
    let digits: String = text.get(1..)?.replacen(':', "", 1);
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let (hours, minutes) = match digits.len() {
        2 if is_number => (digits.get(..2)?, "0"),
        4 if is_number => digits.split_at_checked(2)?,
        _ => return None,
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let seconds = (hours * 60 + minutes) * 60;
    match (minutes < 60, text.starts_with('-')) {
        (true, true) => FixedOffset::west_opt(seconds),
        (true, false) => FixedOffset::east_opt(seconds),
        (false, _) => None,
    }
}

/// The length of the time that a text begins with, in UTC with `Z`.
fn stamp(text: &[u8]) -> Option<usize> {
    const FORM: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let fits = |(byte, form): (&u8, &u8)| match form {
        b'd' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b' '),
        _ => byte == form,
    };
    if text.len() <= FORM.len() || !text.iter().zip(FORM).all(fits) {
        return None;
    }
    let rest = &text[FORM.len()..];
    let fraction = match rest {
        [b'.', digits @ ..] => {
            1 + digits
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count()
        }
        _ => 0,
    };
    (rest.get(fraction) == Some(&b'Z')).then_some(FORM.len() + fraction + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MORNING: &str = "2025-03-30T00:59:59Z";

    #[test]
    fn a_place_follows_its_seasons() {
        let berlin = Zone::find("europe/berlin").expect("a place");
        assert_eq!(berlin.to_string(), "Europe/Berlin");
        assert_eq!(berlin.time(MORNING), "2025-03-30T01:59:59+01:00");
        assert_eq!(
            berlin.time("2025-03-30T01:00:00Z"),
            "2025-03-30T03:00:00+02:00"
        );
        assert_eq!(berlin.clock(MORNING), "01:59:59");
    }

    #[test]
    fn offsets_are_read_in_three_forms() {
        for (text, shown) in [
            ("+05:30", "UTC+05:30"),
            ("-0800", "UTC-08:00"),
            ("+01", "UTC+01:00"),
        ] {
            let zone = Zone::find(text).map(|zone| zone.to_string());
            assert_eq!(zone.as_deref(), Some(shown));
        }
        for text in [
            "+5", "+25:00", "+01:60", "+1:00x", "CET+1", "", "+", "Berlin", "+é1",
        ] {
            assert_eq!(Zone::find(text), None, "{text}");
        }
        assert_eq!(Zone::find("utc"), Some(Zone::Utc));
    }

    #[test]
    fn times_in_a_text_are_moved_and_quotations_are_not() {
        let zone = Zone::find("+02:00").expect("an offset");
        let text = "from 2025-03-10T22:30:00Z to 2025-03-10 23:00:00.5Z; `2025-03-10T22:30:00Z`, \
                    \u{201c}at 2025-03-10T22:30:00Z\u{201d} and 12025-03-10T22:30:0Z";
        let moved = "from 2025-03-11T00:30:00+02:00 to 2025-03-11 01:00:00.500+02:00; \
                     `2025-03-10T22:30:00Z`, \u{201c}at 2025-03-10T22:30:00Z\u{201d} and \
                     12025-03-10T22:30:0Z";
        assert_eq!(zone.within(text), moved);
        assert_eq!(zone.within(&zone.within(text)), moved);
        assert_eq!(Zone::Utc.within(text), text);
    }
}
