//! EVENT LOG -> EVIDENCE DIGRAPH: what could have caused what, and what speaks for one run.
//!
//! Comes in: the event log. Goes out: a digraph of events and blobs, its edges the evidence that
//! the rules found. Never: a decision on which push owns an event; an edge is a candidate.

pub mod grouped;
pub mod index;
pub mod order;
pub mod principals;
pub mod rules;

use crate::event::{DigestId, EventId, EventLog, Id, RepositoryId, UploadId};
use crate::threads;
use grouped::Grouped;
use index::{Index, Upload};
use principals::Principals;

/// A blob or manifest of a repository: a node that events make or need.
///
/// Through blobs the edges stay linear in the log, where pairs of events would not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Blob {
    /// The repository.
    pub repository: RepositoryId,
    /// The digest.
    pub digest: DigestId,
}

/// An edge: one event, the other end, and the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The event.
    pub event: EventId,
    /// Where the edge leads from there, or to there.
    pub leads: Leads,
    /// The evidence.
    pub evidence: Evidence,
}

/// The other end of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leads {
    /// To another event; where the evidence orders, the other comes after.
    ToEvent(EventId),
    /// To a blob: the event makes it.
    ToBlob(Blob),
    /// From a blob: the event needs it.
    FromBlob(Blob),
}

/// What an edge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The source came before the target; only these order events.
    Causes,
    /// Source and target are of one run.
    Belongs,
}

/// How much an edge is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Consistent with it, as other things are.
    Hint,
    /// The likeliest reading, by what clients were seen to do.
    Inference,
    /// Exact: an identifier or a content digest says so.
    Proof,
}

impl Strength {
    /// The name that reports use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hint => "hint",
            Self::Inference => "inference",
            Self::Proof => "proof",
        }
    }
}

/// A kind of evidence with its witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// Both name one `uploadId`.
    Upload(UploadId),
    /// Parts of one upload, by their bytes.
    ByteOrder(UploadId),
    /// A blob uploaded that a manifest lists.
    Layer(DigestId),
    /// A manifest that an index lists.
    Child(DigestId),
    /// A manifest that another is about.
    Subject(DigestId),
    /// One manifest put more than once in a run: another tag, or a retry.
    SameManifest(DigestId),
    /// A refused manifest and the form of it that the client fell back to.
    Fallback,
    /// A check of a blob that the run uploads or lists.
    Availability(DigestId),
    /// A call tried again after it was refused.
    Retry,
    /// One login, and no idle pause between.
    Credential,
    /// One principal and repository inside the inactivity window.
    Window,
    /// The login that a push used.
    Authorization,
}

impl Evidence {
    /// The name that reports use; `docs/evidence.md` explains it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Upload(_) => "upload",
            Self::ByteOrder(_) => "byte-order",
            Self::Layer(_) => "layer",
            Self::Child(_) => "child-manifest",
            Self::Subject(_) => "subject",
            Self::SameManifest(_) => "same-manifest",
            Self::Fallback => "fallback",
            Self::Availability(_) => "availability",
            Self::Retry => "retry",
            Self::Credential => "credential",
            Self::Window => "window",
            Self::Authorization => "authorization",
        }
    }

    /// How much the kind is worth.
    #[must_use]
    pub fn strength(self) -> Strength {
        match self {
            Self::Upload(_) | Self::ByteOrder(_) | Self::Layer(_) => Strength::Proof,
            Self::Child(_) | Self::Subject(_) | Self::SameManifest(_) => Strength::Proof,
            Self::Availability(_) | Self::Retry | Self::Credential | Self::Fallback => {
                Strength::Inference
            }
            Self::Authorization => Strength::Inference,
            Self::Window => Strength::Hint,
        }
    }

    /// Whether the kind orders events or only joins them.
    #[must_use]
    pub fn relation(self) -> Relation {
        match self {
            Self::Upload(_) | Self::ByteOrder(_) | Self::Layer(_) => Relation::Causes,
            Self::Child(_) | Self::Subject(_) => Relation::Causes,
            Self::SameManifest(_) | Self::Fallback | Self::Availability(_) => Relation::Belongs,
            Self::Retry | Self::Credential | Self::Window => Relation::Belongs,
            Self::Authorization => Relation::Belongs,
        }
    }

    /// Whether both ends name one content, and not only one login or one time.
    #[must_use]
    pub fn shares_content(self) -> bool {
        match self {
            Self::Upload(_) | Self::ByteOrder(_) | Self::Layer(_) | Self::Child(_) => true,
            Self::Subject(_) | Self::SameManifest(_) | Self::Availability(_) => true,
            Self::Fallback | Self::Retry | Self::Credential => false,
            Self::Window | Self::Authorization => false,
        }
    }

    /// Whether one manifest was put again, which another run could have done as well.
    #[must_use]
    pub fn repeats(self) -> bool {
        matches!(self, Self::SameManifest(_))
    }

    /// The blob that bears witness, for evidence of content.
    #[must_use]
    pub fn witness(self) -> Option<DigestId> {
        match self {
            Self::Layer(digest) | Self::Child(digest) | Self::Subject(digest) => Some(digest),
            Self::SameManifest(digest) | Self::Availability(digest) => Some(digest),
            Self::Upload(_) | Self::ByteOrder(_) | Self::Fallback | Self::Retry => None,
            Self::Credential | Self::Window | Self::Authorization => None,
        }
    }
}

/// The evidence digraph.
#[derive(Clone, Debug, Default)]
pub struct EventGraph {
    /// The edges, by their events.
    edges: Grouped<Edge>,
    /// The look-up tables that the rules went by.
    pub index: Index,
    /// Who made the calls.
    pub principals: Principals,
}

/// How many events, or uploads, a thread looks at before it asks for more.
const PORTION: usize = 1 << 14;

/// Finds the evidence in a log.
///
/// # Complexity
/// O(n log m) for n events, m of them in one repository, that name as many blobs and uploads.
#[must_use]
pub fn link(log: &EventLog) -> EventGraph {
    let of_events = |events| {
        let mut edges = Vec::new();
        for (id, event) in events {
            rules::look_at_event(log, id, event, &mut edges);
        }
        edges
    };
    let principals = Principals::new(log);
    let (index, of_events) = threads::both(
        || Index::new(log, &principals),
        || threads::map(log.portions(PORTION).collect(), of_events),
    );
    let uploads: Vec<Upload<'_>> = index.uploads().collect();
    let of_uploads = threads::map(uploads.chunks(PORTION).collect(), |uploads| {
        let mut edges = Vec::new();
        rules::look_at_uploads(uploads, &mut edges);
        edges
    });
    drop(uploads);
    let edges = of_events.iter().chain(&of_uploads).flatten().copied();
    EventGraph {
        edges: Grouped::new(edges, log.events.len(), |edge| edge.event.index()),
        index,
        principals,
    }
}

/// A cycle: the log disagrees with itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The events on the cycle, in canonical order.
    pub events: Vec<EventId>,
}

impl EventGraph {
    /// Every edge, by its event.
    pub fn edges(&self) -> impl Iterator<Item = &Edge> + '_ {
        self.edges.groups().flatten()
    }

    /// The edges of an event.
    #[must_use]
    pub fn edges_of(&self, event: EventId) -> &[Edge] {
        self.edges.of(event.index())
    }
}
