//! Where tags stood, as far as the log shows it.
//!
//! Comes in: the event log. Goes out: for each tag of a repository the `PutImage` calls that put
//! it. Never: what a deletion did, which leaves no trace among the events of pushes.

use crate::event::{Action, DigestId, EventId, EventLog, IdMap, RepositoryId, TextId};

/// The accepted puts of every tag, in canonical order.
pub(super) struct Tags(IdMap<(RepositoryId, TextId), Vec<EventId>>);

impl Tags {
    /// Collects them.
    ///
    /// # Complexity
    /// O(n) in the events.
    pub(super) fn new(log: &EventLog) -> Self {
        let mut tags: IdMap<_, Vec<_>> = IdMap::default();
        for (id, event) in log.iter() {
            if let Action::PutImage(put) = &event.action
                && let (Some(repository), Some(tag)) = (event.repository, put.tag)
                && log.is_benign(event)
            {
                tags.entry((repository, tag)).or_default().push(id);
            }
        }
        Self(tags)
    }

    /// The last put of a tag before an event.
    pub(super) fn put_before(
        &self,
        repository: RepositoryId,
        tag: TextId,
        event: EventId,
    ) -> Option<EventId> {
        let puts = self.0.get(&(repository, tag))?;
        let earlier = puts.partition_point(|&put| put < event);
        puts[..earlier].last().copied()
    }
}

/// Where a `PutImage` put which tag on what; `None` for any other call, and where one is not shown.
pub(super) fn tagged(log: &EventLog, id: EventId) -> Option<(RepositoryId, TextId, DigestId)> {
    let event = log.event(id);
    match &event.action {
        Action::PutImage(put) => Some((event.repository?, put.tag?, put.digest.best()?)),
        Action::GetAuthorizationToken
        | Action::BatchCheckLayerAvailability { .. }
        | Action::InitiateLayerUpload { .. }
        | Action::UploadLayerPart { .. }
        | Action::CompleteLayerUpload { .. } => None,
    }
}
