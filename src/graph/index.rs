//! Look-up tables that the rules and the assignment share.
//!
//! Comes in: the event log. Goes out: its events by repository, and by upload inside one. Never:
//! a table of pairs; every table is linear in the log.

use std::ops::Range;

use crate::event::{Action, EventId, EventLog, Id, RepositoryId, UploadId};

/// Events by repository and upload.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Every event but logins, by repository (those without one first), then in canonical order.
    events: Vec<EventId>,
    /// Where each repository's events stand in `events`.
    repositories: Vec<(Option<RepositoryId>, Range<usize>)>,
    /// Every event that names an upload, by upload and repository, then in canonical order.
    ///
    /// Uploads are numbered as they appear, so this reads the log nearly from front to back.
    parts: Vec<EventId>,
    /// Where the events of each upload of each repository stand in `parts`.
    uploads: Vec<(UploadId, Range<usize>)>,
}

impl Index {
    /// Builds the tables.
    ///
    /// # Complexity
    /// O(n) in the events: ids are numbers without gaps, so that sorting by them is counting.
    #[must_use]
    pub fn new(log: &EventLog) -> Self {
        let (n_repositories, n_uploads) = (log.tables.repositories.len(), log.tables.uploads.len());
        let pushes = || {
            log.iter()
                .filter(|(_, event)| event.action != Action::GetAuthorizationToken)
        };
        let number = |repository: Option<RepositoryId>| repository.map_or(0, |id| id.index() + 1);
        let events: Vec<_> = pushes().map(|(id, event)| (event.repository, id)).collect();
        let events = sorted_by(&events, n_repositories + 1, |entry| number(entry.0));
        let parts: Vec<_> = pushes()
            .filter_map(|(id, event)| Some((event.repository, event.action.upload()?, id)))
            .collect();
        let parts = sorted_by(&parts, n_repositories + 1, |entry| number(entry.0));
        let parts = sorted_by(&parts, n_uploads, |entry| entry.1.index());
        let repositories = runs(&events, |entry| entry.0);
        let uploads = runs(&parts, |entry| (entry.0, entry.1)).into_iter();
        Self {
            events: events.into_iter().map(|(_, id)| id).collect(),
            repositories,
            uploads: uploads
                .map(|((_, upload), range)| (upload, range))
                .collect(),
            parts: parts.into_iter().map(|(_, _, id)| id).collect(),
        }
    }

    /// The events of each repository, in canonical order; logins are in none.
    pub fn repositories(&self) -> impl Iterator<Item = (Option<RepositoryId>, &[EventId])> + '_ {
        let repositories = self.repositories.iter();
        repositories.map(|(repository, range)| (*repository, &self.events[range.clone()]))
    }

    /// The events of each upload of each repository, in canonical order.
    pub fn uploads(&self) -> impl Iterator<Item = (UploadId, &[EventId])> + '_ {
        let uploads = self.uploads.iter();
        uploads.map(|(upload, range)| (*upload, &self.parts[range.clone()]))
    }
}

/// Entries sorted by a number below `n_numbers`; those of one number keep their order.
///
/// # Complexity
/// O(n + k) for n entries and k numbers.
pub(super) fn sorted_by<T: Copy>(
    entries: &[T],
    n_numbers: usize,
    number: impl Fn(&T) -> usize,
) -> Vec<T> {
    let mut next = vec![0_usize; n_numbers + 1];
    for entry in entries {
        next[number(entry) + 1] += 1;
    }
    for at in 1..next.len() {
        next[at] += next[at - 1];
    }
    let mut sorted = entries.to_vec();
    for entry in entries {
        let place = &mut next[number(entry)];
        sorted[*place] = *entry;
        *place += 1;
    }
    sorted
}

/// The ranges of a sorted list whose entries have equal keys, each with its key.
fn runs<T, K: PartialEq>(sorted: &[T], key: impl Fn(&T) -> K) -> Vec<(K, Range<usize>)> {
    let mut ranges: Vec<(K, Range<usize>)> = Vec::new();
    for (at, entry) in sorted.iter().enumerate() {
        let key = key(entry);
        match ranges.last_mut() {
            Some((last, range)) if *last == key => range.end = at + 1,
            Some(_) | None => ranges.push((key, at..at + 1)),
        }
    }
    ranges
}

/// The rank of an event among those that nothing else orders: time, then stage, then bytes, then
/// `eventID`.
#[must_use]
pub fn rank(log: &EventLog, id: EventId) -> (i64, u8, u64, usize) {
    let event = log.event(id);
    let first_byte = event.action.range().map_or(0, |range| range.first);
    (
        event.time.timestamp(),
        event.action.stage() as u8,
        first_byte,
        id.index(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_sorts_as_comparing_does() {
        let entries: Vec<(usize, usize)> = (0..500).map(|at| (at * 7919 % 31, at)).collect();
        let mut compared = entries.clone();
        compared.sort_by_key(|entry| entry.0);
        assert_eq!(sorted_by(&entries, 31, |entry| entry.0), compared);
        assert!(sorted_by::<usize>(&[], 0, |&entry| entry).is_empty());
    }
}
