//! What there is to tell.
//!
//! Comes in: what a report says of each push, and what was told before. Goes out: the pushes to tell, why, and the lines of
//! the book that say so. Never: a push told twice in the same words, one dropped, or a file system.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::report::verdict::{FACTS, PushVerdict};
use crate::report::{TellingRow, ToldAs, WithdrawnRow};
use crate::state::book::{BookLine, ToldBook, ToldPush};

/// How long a log that does not go on is waited for.
const PATIENCE: TimeDelta = TimeDelta::hours(24);

/// When a push is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settling {
    /// The inactivity window of the report.
    pub window: Duration,
    /// How long after a call its record may come.
    pub slack: Duration,
    /// The current time.
    pub now: DateTime<Utc>,
}

impl Settling {
    /// Whether the log goes on for the window and the slack beyond the push, or nothing came for a day longer.
    #[must_use]
    pub fn is_settled(&self, verdict: &PushVerdict) -> bool {
        let wait = |time: Duration| TimeDelta::from_std(time).unwrap_or(TimeDelta::MAX);
        let beyond = wait(self.window).checked_add(&wait(self.slack));
        let end = beyond.and_then(|beyond| verdict.last.checked_add_signed(beyond));
        let Some(end) = end else { return false };
        verdict.log_ends.is_some_and(|log_ends| log_ends > end)
            || end
                .checked_add_signed(PATIENCE)
                .is_some_and(|end| self.now > end)
    }
}

/// What there is to tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// The pushes by position, and why each is told.
    pub pushes: BTreeMap<usize, TellingRow>,
    /// The pushes that were told and are none any more.
    pub withdrawn: Vec<WithdrawnRow>,
    /// The lines of the book for it.
    pub lines: Vec<BookLine>,
}

impl News {
    /// Whether there is nothing to tell or to note.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// The fingerprints of the calls by which pushes that were told are found again.
#[must_use]
pub fn anchors(book: &ToldBook) -> BTreeSet<u64> {
    book.pushes.values().flat_map(|push| push.anchors).collect()
}

/// Works out what there is to tell.
///
/// `owners` has the position of the push that each anchor is in now. Pushes that are not `wanted` are not told, unless they
/// were told before. What began before `floor`, in seconds since 1970, is forgotten.
///
/// # Complexity
/// O(n log n) in the pushes and the book.
#[must_use]
pub fn news(
    verdicts: &[PushVerdict],
    owners: &BTreeMap<u64, usize>,
    book: &ToldBook,
    settling: &Settling,
    wanted: impl Fn(&PushVerdict) -> bool,
    floor: Option<i64>,
) -> News {
    let mut news = News::default();
    let is_below = |first: i64| floor.is_some_and(|floor| first < floor);
    // Which pushes that were told each push has calls of.
    let mut before: BTreeMap<usize, Vec<&ToldPush>> = BTreeMap::new();
    for told in book.all() {
        if is_below(told.first) {
            news.lines.push(BookLine::Gone(told.id.clone()));
            continue;
        }
        let now: BTreeSet<usize> = told
            .anchors
            .iter()
            .filter_map(|anchor| owners.get(anchor).copied())
            .collect();
        if now.is_empty() {
            news.withdrawn.push(WithdrawnRow {
                id: told.id.clone(),
                was: told.status.clone(),
            });
            news.lines.push(BookLine::Gone(told.id.clone()));
        }
        for position in now {
            before.entry(position).or_default().push(told);
        }
    }
    let mut gone: BTreeSet<&str> = BTreeSet::new();
    let mut lines = Vec::new();
    for verdict in verdicts {
        if is_below(verdict.first.timestamp()) || !settling.is_settled(verdict) {
            continue;
        }
        let earlier = before.get(&verdict.position).map_or(&[][..], Vec::as_slice);
        let may_be_told = earlier.iter().any(|told| told.maybe);
        // What was told for sure says what changed; of that, what has the id of this push.
        let own = earlier
            .iter()
            .min_by_key(|told| (told.maybe, told.id != verdict.id));
        let row = match own {
            None if !wanted(verdict) => continue,
            None => TellingRow {
                kind: ToldAs::New,
                was: None,
                changed: Vec::new(),
                replaces: Vec::new(),
            },
            Some(told) if earlier.len() == 1 && !told.maybe && says_the_same(verdict, told) => {
                continue;
            }
            Some(told) => {
                let others = earlier.iter().filter(|told| told.id != verdict.id);
                let others: BTreeSet<&str> = others.map(|told| told.id.as_str()).collect();
                TellingRow {
                    kind: match may_be_told {
                        true => ToldAs::Again,
                        false => ToldAs::Changed,
                    },
                    was: Some(told.status.clone()),
                    changed: changed(verdict, told),
                    replaces: others.into_iter().map(str::to_owned).collect(),
                }
            }
        };
        gone.extend(earlier.iter().map(|told| told.id.as_str()));
        lines.push(BookLine::Told(ToldPush {
            id: verdict.id.clone(),
            status: verdict.status.to_owned(),
            first: verdict.first.timestamp(),
            anchors: verdict.anchors,
            facts: verdict.facts.to_vec(),
            maybe: false,
        }));
        news.pushes.insert(verdict.position, row);
    }
    // An id that is told anew stands again after it has gone.
    news.lines
        .extend(gone.into_iter().map(|id| BookLine::Gone(id.to_owned())));
    news.lines.extend(lines);
    news
}

fn says_the_same(verdict: &PushVerdict, told: &ToldPush) -> bool {
    told.id == verdict.id && told.facts == verdict.facts
}

/// The names of what is said differently.
fn changed(verdict: &PushVerdict, told: &ToldPush) -> Vec<&'static str> {
    let facts = FACTS.iter().enumerate();
    let differs = |place: usize| told.facts.get(place) != verdict.facts.get(place);
    let facts = facts
        .filter(|&(place, _)| differs(place))
        .map(|(_, name)| *name);
    let id = (told.id != verdict.id).then_some("id");
    facts.chain(id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).expect("a time")
    }

    fn push(position: usize, id: &str, fact: u32, anchors: [u64; 2]) -> PushVerdict {
        PushVerdict {
            position,
            id: id.to_owned(),
            status: "failed",
            first: time(10),
            last: time(20),
            log_ends: Some(time(200)),
            anchors,
            facts: [fact; FACTS.len()],
        }
    }

    fn told(verdicts: &[PushVerdict], book: &mut ToldBook) -> Vec<(String, ToldAs, Vec<String>)> {
        told_by(verdicts, book, time(300))
    }

    fn told_by(
        verdicts: &[PushVerdict],
        book: &mut ToldBook,
        now: DateTime<Utc>,
    ) -> Vec<(String, ToldAs, Vec<String>)> {
        let settling = Settling {
            window: Duration::from_secs(900),
            slack: Duration::from_secs(3_600),
            now,
        };
        let owners = verdicts
            .iter()
            .flat_map(|one| one.anchors.map(|anchor| (anchor, one.position)));
        let owners = owners.collect();
        let news = news(verdicts, &owners, book, &settling, |_| true, None);
        news.lines.iter().cloned().for_each(|line| book.apply(line));
        let row = |(position, row): (&usize, &TellingRow)| {
            (
                verdicts[*position].id.clone(),
                row.kind,
                row.replaces.clone(),
            )
        };
        let mut told: Vec<_> = news.pushes.iter().map(row).collect();
        told.extend(
            news.withdrawn
                .iter()
                .map(|row| (row.id.clone(), ToldAs::Again, vec!["withdrawn".to_owned()])),
        );
        told
    }

    #[test]
    fn a_push_is_told_once_and_again_if_it_changed() {
        let mut book = ToldBook::default();
        let one = |fact| [push(0, "a", fact, [1, 2])];
        assert_eq!(
            told(&one(5), &mut book),
            [("a".to_owned(), ToldAs::New, vec![])]
        );
        assert_eq!(told(&one(5), &mut book), []);
        assert_eq!(
            told(&one(6), &mut book),
            [("a".to_owned(), ToldAs::Changed, vec![])]
        );
        assert_eq!(told(&one(6), &mut book), []);
    }

    #[test]
    fn a_push_that_is_not_settled_waits_for_the_log_or_for_a_day() {
        let mut book = ToldBook::default();
        let mut one = [push(0, "a", 5, [1, 2])];
        one[0].log_ends = Some(time(95));
        assert_eq!(
            told_by(&one, &mut book, time(300)),
            [],
            "20 + 15 + 60 minutes"
        );
        assert_eq!(told_by(&one, &mut book, time(96 + 24 * 60)).len(), 1);
    }

    #[test]
    fn pushes_that_became_one_are_replaced_and_parts_are_told_each() {
        let mut book = ToldBook::default();
        told(
            &[push(0, "a", 5, [1, 2]), push(1, "b", 5, [3, 4])],
            &mut book,
        );
        let both = [push(0, "a", 6, [1, 4])];
        // The push has the calls of both.
        let settling = Settling {
            window: Duration::ZERO,
            slack: Duration::ZERO,
            now: time(300),
        };
        let owners = BTreeMap::from([(1, 0), (2, 0), (3, 0), (4, 0)]);
        let merged = news(&both, &owners, &book, &settling, |_| true, None);
        assert_eq!(merged.pushes[&0].replaces, ["b"]);
        merged.lines.into_iter().for_each(|line| book.apply(line));
        assert_eq!(book.pushes.keys().collect::<Vec<_>>(), ["a"]);
        let apart = [push(0, "a", 5, [1, 2]), push(1, "b", 5, [3, 4])];
        let again = told(&apart, &mut book);
        assert_eq!(again.len(), 2);
        assert_eq!(told(&apart, &mut book), []);
    }

    #[test]
    fn what_may_have_been_told_is_marked_and_what_is_no_push_is_withdrawn() {
        let mut book = ToldBook::default();
        let one = [push(0, "a", 5, [1, 2])];
        told(&one, &mut book);
        let pushes = std::mem::take(&mut book.pushes).into_values();
        for push in pushes {
            book.apply(BookLine::Told(ToldPush {
                maybe: true,
                ..push
            }));
        }
        assert_eq!(
            told(&one, &mut book),
            [("a".to_owned(), ToldAs::Again, vec![])]
        );
        assert_eq!(told(&one, &mut book), []);
        let gone = told(&[], &mut book);
        assert_eq!(
            gone,
            [("a".to_owned(), ToldAs::Again, vec!["withdrawn".to_owned()])]
        );
        assert_eq!(told(&[], &mut book), []);
    }
}
