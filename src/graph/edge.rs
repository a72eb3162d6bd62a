//! Edges of the event graph, and where the log disagrees with itself.
//!
//! There is no edge for each pair of many events; they meet at the node of a blob, so that the
//! number of edges is linear in the log.

use crate::event::{DigestId, EventId, RepositoryId};
use crate::graph::evidence::Evidence;

/// A blob or manifest of a repository: a node that events make or need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Blob {
    /// The repository; `None` if the event does not name it.
    pub repository: Option<RepositoryId>,
    /// The digest.
    pub digest: DigestId,
}

/// An edge: one event, the other end, and the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The event.
    pub event: EventId,
    /// The other end.
    pub end: Endpoint,
    /// The evidence.
    pub evidence: Evidence,
}

/// The other end of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// Another event, which came after this one.
    Event(EventId),
    /// A blob that the event makes.
    Makes(Blob),
    /// A blob that the event needs.
    Needs(Blob),
}

/// Events each of which must come before the others, so the log contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contradiction {
    /// The events, in canonical order.
    pub events: Vec<EventId>,
}
