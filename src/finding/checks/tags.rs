//! Where tags pointed, as far as the log shows it.
//!
//! The event log comes in; the `PutImage` calls that put each tag of a repository go out. Deletions are
//! ignored, since they leave no trace among the events of pushes.

use crate::event::{DigestId, EventId, EventLog, RepositoryId, TextId};
use crate::graph::index::CallIndex;

/// The puts of every tag that set where it points, by repository, tag and canonical order. A put that found its
/// image in place set nothing.
#[derive(Default)]
pub(super) struct Tags(Vec<(RepositoryId, TextId, EventId)>);

impl Tags {
    /// Collects them.
    ///
    /// # Complexity
    /// O(p log p) in the `PutImage`s.
    pub(super) fn new(log: &EventLog, index: &CallIndex) -> Self {
        let puts = index.puts().iter().filter_map(|&id| {
            let event = log.event(id);
            let tagged = (event.repository?, event.action.tag()?, id);
            event.succeeded().then_some(tagged)
        });
        let mut tags: Vec<_> = puts.collect();
        tags.sort_unstable();
        Self(tags)
    }

    /// The last put of a tag before an event.
    ///
    /// # Complexity
    /// O(log p) in the `PutImage`s.
    pub(super) fn put_before(
        &self,
        repository: RepositoryId,
        tag: TextId,
        event: EventId,
    ) -> Option<EventId> {
        let earlier = self
            .0
            .partition_point(|&put| put < (repository, tag, event));
        let &(of_repository, of_tag, put) = self.0[..earlier].last()?;
        ((of_repository, of_tag) == (repository, tag)).then_some(put)
    }
}

/// The repository, tag, event and digest of a `PutImage`; `None` for any other call, and if one of them is not
/// shown.
pub(super) fn tagged(log: &EventLog, id: EventId) -> Option<(RepositoryId, TextId, DigestId)> {
    let event = log.event(id);
    let put = event.action.put()?;
    Some((event.repository?, put.tag?, put.digest.best()?))
}
