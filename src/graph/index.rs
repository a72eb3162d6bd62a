//! Look-up tables that the rules and the assignment share.
//!
//! Comes in: the event log. Goes out: its events by repository, and by upload inside one. Never:
//! a table of pairs; every table is linear in the log.

use std::ops::Range;

use crate::event::{EventId, EventLog, Id, RepositoryId, Stage, UploadId};
use crate::graph::grouped::Grouped;

/// Events by repository and upload.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// The logins, in canonical order.
    logins: Vec<EventId>,
    /// The `PutImage`s, in canonical order.
    puts: Vec<EventId>,
    /// Every event but logins, by repository (those without one first), then in canonical order.
    events: Grouped<EventId>,
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
        let mut events: Vec<(Option<RepositoryId>, EventId)> = Vec::with_capacity(log.events.len());
        let mut parts: Vec<(UploadId, Option<RepositoryId>, EventId)> = Vec::new();
        let (mut logins, mut puts) = (Vec::new(), Vec::new());
        for (id, event) in log.iter() {
            match event.action.stage() {
                Stage::Authorization => {
                    logins.push(id);
                    continue;
                }
                Stage::Manifest => puts.push(id),
                Stage::Check | Stage::Initiate | Stage::Part | Stage::Complete => {}
            }
            events.push((event.repository, id));
            let upload = event.action.upload();
            parts.extend(upload.map(|upload| (upload, event.repository, id)));
        }
        let n_repositories = log.tables.repositories.len() + 1;
        let number = |repository: Option<RepositoryId>| repository.map_or(0, |id| id.index() + 1);
        let events = Grouped::new(events, n_repositories, |row| number(row.0));
        let n_uploads = log.tables.uploads.len();
        let mut parts = Grouped::new(parts, n_uploads, |row| row.0.index()).into_entries();
        let mut uploads: Vec<(UploadId, Range<usize>)> = Vec::new();
        let mut start = 0;
        for of_upload in parts.chunk_by_mut(|a, b| a.0 == b.0) {
            of_upload.sort_by_key(|row| row.1);
            for of_repository in of_upload.chunk_by(|a, b| a.1 == b.1) {
                let end = start + of_repository.len();
                uploads.push((of_repository[0].0, start..end));
                start = end;
            }
        }
        Self {
            logins,
            puts,
            events: events.map(|row| row.1),
            parts: parts.into_iter().map(|row| row.2).collect(),
            uploads,
        }
    }

    /// The logins, in canonical order.
    #[must_use]
    pub fn logins(&self) -> &[EventId] {
        &self.logins
    }

    /// The `PutImage`s, in canonical order.
    #[must_use]
    pub fn puts(&self) -> &[EventId] {
        &self.puts
    }

    /// The events of each repository, in canonical order; logins are in none.
    pub fn repositories(&self) -> impl Iterator<Item = &[EventId]> + '_ {
        self.events.groups()
    }

    /// The uploads of each repository.
    pub fn uploads(&self) -> impl Iterator<Item = Upload<'_>> + '_ {
        let uploads = self.uploads.iter();
        uploads.map(|(upload, range)| (*upload, &self.parts[range.clone()]))
    }
}

/// An upload of a repository, and its events in canonical order.
pub type Upload<'a> = (UploadId, &'a [EventId]);

/// What orders events that nothing else orders: second, stage, first byte, and rank in the log.
pub type Rank = (i64, u8, u64, usize);

/// The rank of an event among those that nothing else orders: time, then stage, then bytes, then
/// `eventID`.
#[must_use]
pub fn rank(log: &EventLog, id: EventId) -> Rank {
    let event = log.event(id);
    let first_byte = event.action.range().map_or(0, |range| range.first);
    (
        event.time.timestamp(),
        event.action.stage() as u8,
        first_byte,
        id.index(),
    )
}
