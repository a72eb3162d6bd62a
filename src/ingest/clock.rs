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

/// How far before its time the caller of a record is looked for first: CloudTrail writes one just before the other.
const NEAR: usize = 1024;

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
    callers: CallerFinder<'a>,
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
            callers: CallerFinder::new(),
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
            let (bytes, callers) = (self.bytes, &mut self.callers);
            let next = places.get(number + 1).copied();
            let is_caller_first = self.is_caller_first;
            self.timeline.hear_second(second, || match is_caller_first {
                true => callers.before(&bytes[before..place]),
                false => callers.of(&bytes[place..next.unwrap_or(bytes.len())])?.1,
            });
            self.n_times += 1;
        }
        Some(())
    }

    /// The times, if there are any.
    pub(super) fn finish(self) -> Option<Timeline> {
        (self.n_times > 0).then_some(self.timeline)
    }
}

/// Finds the callers of records as text. What a caller writes into a parameter stands on the other side of the time.
struct CallerFinder<'a> {
    identity: Finder<'static>,
    principal: Finder<'static>,
    /// The text from the last `userIdentity` that was found to the time after it, and the caller that it names.
    newest: Option<(&'a [u8], Option<PrincipalKey>)>,
}

impl<'a> CallerFinder<'a> {
    fn new() -> Self {
        Self {
            identity: Finder::new(IDENTITY),
            principal: Finder::new(PRINCIPAL),
            newest: None,
        }
    }

    /// The caller of a record whose time comes after this part of it.
    ///
    /// The records of one session have the same bytes between `userIdentity` and `eventTime`, so one comparison tells most
    /// of them.
    fn before(&mut self, part: &'a [u8]) -> Option<PrincipalKey> {
        if let Some((text, caller)) = self.newest
            && part.ends_with(text)
        {
            return caller;
        }
        let near = &part[part.len().saturating_sub(NEAR)..];
        self.newest = self.of(near).or_else(|| self.of(part));
        self.newest?.1
    }

    /// The last `userIdentity` in this part of a record, up to the part's end, and the caller that it names: the slow
    /// twin of [`Self::before`].
    fn of(&self, part: &'a [u8]) -> Option<(&'a [u8], Option<PrincipalKey>)> {
        // Forwards it is found sixteen bytes at a time, and there is seldom more than one.
        let identity = part.get(self.identity.find_iter(part).last()?..)?;
        Some((identity, self.id(identity)))
    }

    fn id(&self, identity: &[u8]) -> Option<PrincipalKey> {
        let member = self.principal.find(identity)?;
        let value = string_after(identity, member + PRINCIPAL.len())?;
        let end = memchr2(b'"', b'\\', value)?;
        let is_plain = value.get(end) == Some(&b'"');
        let id = str::from_utf8(value.get(..end)?).ok()?;
        is_plain.then(|| PrincipalKey::of(id))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A caller that is found by comparison is the one that a search of the whole part finds.
    #[test]
    fn comparison_finds_whom_a_search_finds() {
        let identity = |id: &str| format!("\"userIdentity\": {{\"principalId\": \"{id}\"}}, ");
        let nested = format!("\"userIdentity\": {{\"x\": {}, ", identity("AIDAONE"));
        let long = format!(
            "{}\"x\": \"{}\", ",
            identity("AIDAONE"),
            "y".repeat(2 * NEAR)
        );
        let no_id = "\"userIdentity\": {\"type\": \"AWSService\"}, ".to_owned();
        let texts = [
            identity("AIDAONE"),
            identity("AIDATWO"),
            nested,
            long,
            no_id,
            String::new(),
        ];
        let parts: Vec<String> = texts
            .iter()
            .flat_map(|text| {
                texts
                    .iter()
                    .map(move |before| format!("{before}\"r\": 1, {text}"))
            })
            .collect();
        let mut quick = CallerFinder::new();
        let mut found = 0;
        for (one, other) in parts
            .iter()
            .flat_map(|one| parts.iter().map(move |other| (one, other)))
        {
            for part in [one, other] {
                let slow = CallerFinder::new()
                    .of(part.as_bytes())
                    .and_then(|(_, caller)| caller);
                assert_eq!(quick.before(part.as_bytes()), slow, "{part}");
                found += usize::from(slow.is_some());
            }
        }
        assert!(found > parts.len());
    }
}
