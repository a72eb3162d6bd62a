//! Reads the times in a log file without reading its records.
//!
//! Comes in: the decoded bytes of a file that has one of CloudTrail's own names. Goes out: the times
//! of its records, if the whole file agrees with its name. Never: an answer in case of doubt; then the
//! records are read one by one.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use memchr::memmem::Finder;
use memchr::{memchr2, memmem};

use crate::event::PrincipalKey;
use crate::ingest::places::TIME;
use crate::ingest::prefilter::string_after;
use crate::ingest::timeline::Timeline;
use crate::source::LogName;

/// How long before its delivery a record can be made without a closer look.
const MAX_LAG: TimeDelta = TimeDelta::hours(2);

/// How long after its delivery, since clocks differ and the name has no seconds.
const MAX_LEAD: TimeDelta = TimeDelta::minutes(5);

/// The member that says who called, and that of the caller's id in it.
const IDENTITY: &[u8] = b"\"userIdentity\"";
const PRINCIPAL: &[u8] = b"\"principalId\"";

/// The times of a file's records, as far as the file has been read.
pub(super) struct Times<'a> {
    bytes: &'a [u8],
    /// Bounds of the times that agree with the file's name, in seconds.
    earliest: i64,
    latest: i64,
    timeline: Timeline,
    calendar: Calendar,
    n_times: u64,
    /// Where the last time was read.
    last_place: usize,
    /// Whether `userIdentity` comes before `eventTime`, as CloudTrail writes it; not so where members were sorted.
    is_caller_first: bool,
    identity: Finder<'static>,
    principal: Finder<'static>,
}

impl<'a> Times<'a> {
    /// Starts to read a file's bytes; `None` if the first or last `awsRegion` or `recipientAccountId`
    /// contradicts the file's name, since files get renamed.
    pub(super) fn start(bytes: &'a [u8], name: &LogName<'_>) -> Option<Self> {
        let is_borne_out = agrees(bytes, "\"awsRegion\"", name.region)
            && agrees(bytes, "\"recipientAccountId\"", name.account);
        is_borne_out.then(|| Self {
            bytes,
            earliest: (name.delivered - MAX_LAG).timestamp(),
            latest: (name.delivered + MAX_LEAD).timestamp(),
            timeline: Timeline::default(),
            calendar: Calendar::default(),
            n_times: 0,
            last_place: 0,
            is_caller_first: memmem::find(bytes, IDENTITY) < memmem::find(bytes, TIME),
            identity: Finder::new(IDENTITY),
            principal: Finder::new(PRINCIPAL),
        })
    }

    /// Reads the times at the given places of the member's name; `None` if one is more than two hours
    /// from that in the file's name.
    ///
    /// The `eventTime` members are found as text, and a caller's parameters can contain such members.
    pub(super) fn read(&mut self, places: &[usize]) -> Option<()> {
        for (number, &place) in places.iter().enumerate() {
            let before = std::mem::replace(&mut self.last_place, place);
            let Some(value) = string_after(self.bytes, place + TIME.len()) else {
                continue;
            };
            let second = self.calendar.second(value.get(..21)?.try_into().ok()?)?;
            if second < self.earliest || second > self.latest {
                return None;
            }
            let bytes = self.bytes;
            let record = match self.is_caller_first {
                true => before..place,
                false => place..places.get(number + 1).copied().unwrap_or(bytes.len()),
            };
            let finders = (&self.identity, &self.principal);
            self.timeline
                .hear_second(second, || caller(&bytes[record], finders));
            self.n_times += 1;
        }
        Some(())
    }

    /// The times, if there are any.
    pub(super) fn finish(self) -> Option<Timeline> {
        (self.n_times > 0).then_some(self.timeline)
    }
}

/// The caller of a record, by the last `userIdentity` in this part of it.
///
/// It is found as text, too. What a caller writes into a parameter stands on the other side of the time.
fn caller(part: &[u8], (identity, principal): (&Finder<'_>, &Finder<'_>)) -> Option<PrincipalKey> {
    // Forwards it is found sixteen bytes at a time, and there is seldom more than one.
    let identity = part.get(identity.find_iter(part).last()?..)?;
    let member = principal.find(identity)?;
    let value = string_after(identity, member + PRINCIPAL.len())?;
    let end = memchr2(b'"', b'\\', value)?;
    let is_plain = value.get(end) == Some(&b'"');
    let id = str::from_utf8(value.get(..end)?).ok()?;
    is_plain.then(|| PrincipalKey::of(id))
}

/// Whether the first and the last member with a name, if there are any, have this value.
fn agrees(bytes: &[u8], member: &str, value: &str) -> bool {
    let ends = [
        memmem::find(bytes, member.as_bytes()),
        memmem::rfind(bytes, member.as_bytes()),
    ];
    ends.into_iter().flatten().all(|found| {
        string_after(bytes, found + member.len())
            .and_then(|text| text.strip_prefix(value.as_bytes()))
            .is_some_and(|rest| rest.first() == Some(&b'"'))
    })
}

/// Turns `YYYY-MM-DDTHH:MM:SSZ` into seconds, and remembers the day, which seldom changes.
#[derive(Default)]
struct Calendar {
    date: [u8; 10],
    midnight: i64,
}

impl Calendar {
    /// Converts a time and its closing quote to seconds since 1970; `None` if it has another form.
    fn second(&mut self, text: &[u8; 21]) -> Option<i64> {
        let (date, time) = text.split_first_chunk::<10>()?;
        if *date != self.date {
            let parsed =
                NaiveDate::parse_from_str(std::str::from_utf8(date).ok()?, "%Y-%m-%d").ok()?;
            let midnight: DateTime<Utc> = parsed.and_hms_opt(0, 0, 0)?.and_utc();
            self.midnight = midnight.timestamp();
            self.date = *date;
        }
        let &[b'T', h1, h2, b':', m1, m2, b':', s1, s2, b'Z', b'"'] = time else {
            return None;
        };
        let (hours, minutes, seconds) = (number(h1, h2)?, number(m1, m2)?, number(s1, s2)?);
        // A leap second counts as the last second of its minute.
        let is_time = hours < 24 && minutes < 60 && seconds < 60;
        is_time.then_some(self.midnight + hours * 3600 + minutes * 60 + seconds)
    }
}

fn number(tens: u8, ones: u8) -> Option<i64> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
    Some(digit(tens)? * 10 + digit(ones)?)
}
