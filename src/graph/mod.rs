//! EVENT LOG -> EVIDENCE DIGRAPH: what could have caused what, and what speaks for one run.
//!
//! Comes in: the event log. Goes out: a digraph of events and blobs, its edges the evidence that
//! the rules found. Never: a decision on which push owns an event; an edge is a candidate.

pub mod component;
pub mod index;
pub mod order;
pub mod rules;

use petgraph::graph::{DiGraph, NodeIndex};

use crate::event::{DigestId, EventId, EventLog, Id, RepositoryId, UploadId};
use index::Index;

/// A node: an event, or a blob that events make or need.
///
/// Through blob nodes the edges stay linear in the log, where pairs of events would not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// An event.
    Event(EventId),
    /// A blob or manifest of a repository.
    Blob(RepositoryId, DigestId),
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
    /// Nodes and edges; the first nodes are the events, by rank.
    pub graph: DiGraph<Node, Evidence>,
    /// The look-up tables that the rules went by.
    pub index: Index,
}

/// Finds the evidence in a log.
///
/// # Complexity
/// O((n + b) log n) for n events that name b blobs in all.
#[must_use]
pub fn link(log: &EventLog) -> EventGraph {
    let index = Index::new(log);
    let mut edges = Vec::new();
    for rule in rules::RULES {
        (rule.run)(log, &index, &mut edges);
    }
    edges.sort_unstable();
    edges.dedup();
    let mut blobs: Vec<Node> = edges
        .iter()
        .flat_map(|edge| [edge.source, edge.target])
        .filter(|node| matches!(node, Node::Blob(..)))
        .collect();
    blobs.sort_unstable();
    blobs.dedup();
    let n_events = log.events.len();
    let mut graph = DiGraph::with_capacity(n_events + blobs.len(), edges.len());
    for (event, _) in log.iter() {
        graph.add_node(Node::Event(event));
    }
    for &blob in &blobs {
        graph.add_node(blob);
    }
    let position = |node: &Node| match node {
        Node::Event(event) => event.index(),
        Node::Blob(..) => {
            n_events
                + blobs
                    .binary_search(node)
                    .expect("the blobs of all edges were collected above")
        }
    };
    for edge in &edges {
        let (source, target) = (position(&edge.source), position(&edge.target));
        graph.add_edge(
            NodeIndex::new(source),
            NodeIndex::new(target),
            edge.evidence,
        );
    }
    EventGraph { graph, index }
}

/// A cycle: the log disagrees with itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The events on the cycle, in canonical order.
    pub events: Vec<EventId>,
}

impl EventGraph {
    /// The node of an event.
    #[must_use]
    pub fn node(&self, event: EventId) -> NodeIndex {
        NodeIndex::new(event.index())
    }
}
