//! Hours of the week in a time zone.
//!
//! Comes in: `Mon-Fri 08:00-18:00 Europe/Berlin`. Goes out: whether an instant lies in them. Never: a zone that was not
//! named.

use chrono::{DateTime, Timelike, Utc, Weekday};

use crate::words::near::nearest;
use crate::zone::Zone;

/// The minutes of a day.
const DAY: u32 = 24 * 60;

/// Hours of some days of the week; those that go past midnight belong to the day on which they begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenHours {
    /// As the user wrote them.
    pub(crate) text: Box<str>,
    /// By the number of days since Monday.
    days: [bool; 7],
    /// The first minute of the day.
    from: u32,
    /// The first minute after them; before `from` on the next day.
    to: u32,
    zone: Zone,
}

impl OpenHours {
    /// Reads `[DAYS] HH:MM-HH:MM ZONE`.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let form = "expected hours as `Mon-Fri 08:00-18:00 Europe/Berlin`";
        let words: Vec<&str> = text.split_whitespace().collect();
        let (named, span, zone) = match words[..] {
            [days, span, zone] => (Some(days), span, zone),
            [span, zone] => (None, span, zone),
            [..] => return Err(form.to_owned()),
        };
        let days = named.map_or(Some([true; 7]), days);
        let days = days.ok_or_else(|| {
            let named = named.unwrap_or_default();
            format!("`{named}` names no days; {form}")
        })?;
        let ends = span.split_once('-');
        let ends = ends.and_then(|(from, to)| minute(from).zip(minute(to)));
        let (from, to) = ends.ok_or_else(|| format!("`{span}` is no time of day; {form}"))?;
        if from == to || from == DAY {
            return Err(format!("`{span}` is no time at all"));
        }
        let zone = Zone::find(zone).ok_or_else(|| {
            let near = nearest(zone, Zone::places());
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            format!("`{zone}` is no time zone{near}")
        })?;
        Ok(Self {
            text: text.into(),
            days,
            from,
            to,
            zone,
        })
    }

    /// Whether an instant lies in them.
    #[must_use]
    pub fn contains(&self, time: DateTime<Utc>) -> bool {
        let clocks = self.zone.clocks(time);
        let minute = clocks.hour() * 60 + clocks.minute();
        let today = chrono::Datelike::weekday(&clocks);
        let is_open = |day: Weekday| {
            let at = usize::try_from(day.num_days_from_monday()).unwrap_or_default();
            self.days.get(at).copied().unwrap_or_default()
        };
        match self.from < self.to {
            true => is_open(today) && (self.from..self.to).contains(&minute),
            false => {
                is_open(today) && minute >= self.from || is_open(today.pred()) && minute < self.to
            }
        }
    }
}

/// The days of `Mon-Fri` or `Mon,Sat`.
fn days(text: &str) -> Option<[bool; 7]> {
    let mut open = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (mut day, last): (Weekday, Weekday) = (first.parse().ok()?, last.parse().ok()?);
        loop {
            let at = usize::try_from(day.num_days_from_monday()).ok()?;
            *open.get_mut(at)? = true;
            if day == last {
                break;
            }
            day = day.succ();
        }
    }
    Some(open)
}

/// The minute of the day of `HH:MM`, up to `24:00`.
fn minute(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let is_number = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(hours) || !is_number(minutes) {
        return None;
    }
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let minute = hours * 60 + minutes;
    (minutes < 60 && minute <= DAY).then_some(minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_in(hours: &str, time: &str) -> bool {
        let hours = OpenHours::parse(hours).expect("hours");
        hours.contains(time.parse().expect("a time"))
    }

    #[test]
    fn hours_follow_the_clocks_of_their_zone() {
        let office = "Mon-Fri 08:00-18:00 Europe/Berlin";
        // 2026-03-27 is a Friday before, 2026-03-30 a Monday after the clocks went forward.
        assert!(is_in(office, "2026-03-27T07:00:00Z"));
        assert!(!is_in(office, "2026-03-27T06:59:59Z"));
        assert!(is_in(office, "2026-03-30T06:00:00Z"));
        assert!(!is_in(office, "2026-03-30T16:00:00Z"));
        assert!(!is_in(office, "2026-03-28T10:00:00Z"));
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_begins() {
        let night = "Fri 22:00-06:00 UTC";
        assert!(is_in(night, "2026-03-27T22:00:00Z"));
        assert!(is_in(night, "2026-03-28T05:59:59Z"));
        assert!(!is_in(night, "2026-03-27T05:00:00Z"));
        assert!(!is_in(night, "2026-03-28T22:00:00Z"));
        assert!(is_in("00:00-24:00 +02:00", "2026-03-28T22:00:00Z"));
        assert!(is_in("Sat-Mon 12:00-13:00 UTC", "2026-03-29T12:30:00Z"));
    }

    #[test]
    fn what_is_no_hours_is_said() {
        for (text, why) in [
            ("", "expected hours"),
            ("08:00-18:00", "expected hours"),
            ("Mon-Fri 08:00-18:00 Europe/Berlim", "`Europe/Berlin`"),
            ("Mon-Fry 08:00-18:00 UTC", "names no days"),
            ("8-18 UTC", "no time of day"),
            ("08:00-25:00 UTC", "no time of day"),
            ("08:00-08:00 UTC", "no time at all"),
        ] {
            let said = OpenHours::parse(text).expect_err("no hours");
            assert!(said.contains(why), "{text}: {said}");
        }
    }
}
