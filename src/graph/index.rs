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
    events: Vec<(Option<RepositoryId>, EventId)>,
    /// Where each repository's events stand in `events`.
    repositories: Vec<Range<usize>>,
    /// Every event that names an upload, by repository and upload, then in canonical order.
    uploads: Vec<(Option<RepositoryId>, UploadId, EventId)>,
}

impl Index {
    /// Builds the tables.
    ///
    /// # Complexity
    /// O(n log n) in the events.
    #[must_use]
    pub fn new(log: &EventLog) -> Self {
        let pushes = || {
            log.iter()
                .filter(|(_, event)| event.action != Action::GetAuthorizationToken)
        };
        let mut events: Vec<_> = pushes().map(|(id, event)| (event.repository, id)).collect();
        events.sort_unstable();
        let mut uploads: Vec<_> = pushes()
            .filter_map(|(id, event)| Some((event.repository, event.action.upload()?, id)))
            .collect();
        uploads.sort_unstable();
        let repositories = runs(&events, |(repository, _)| *repository);
        Self {
            events,
            repositories,
            uploads,
        }
    }

    /// The events of each repository, in canonical order; logins are in none.
    pub fn repositories(
        &self,
    ) -> impl Iterator<
        Item = (
            Option<RepositoryId>,
            impl ExactSizeIterator<Item = EventId> + Clone + '_,
        ),
    > + '_ {
        self.repositories.iter().map(|range| {
            let events = &self.events[range.clone()];
            (events[0].0, events.iter().map(|(_, event)| *event))
        })
    }

    /// The events of each upload of each repository, in canonical order.
    pub fn uploads(&self) -> impl Iterator<Item = (UploadId, Vec<EventId>)> + '_ {
        let key = |entry: &(Option<RepositoryId>, UploadId, EventId)| (entry.0, entry.1);
        runs(&self.uploads, key).into_iter().map(|range| {
            let entries = &self.uploads[range];
            (
                entries[0].1,
                entries.iter().map(|(_, _, event)| *event).collect(),
            )
        })
    }
}

/// The ranges of a sorted list whose entries have equal keys.
fn runs<T, K: PartialEq>(sorted: &[T], key: impl Fn(&T) -> K) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    for end in 1..=sorted.len() {
        if end == sorted.len() || key(&sorted[end]) != key(&sorted[start]) {
            ranges.push(start..end);
            start = end;
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
