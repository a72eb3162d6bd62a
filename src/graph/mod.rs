//! EVENT LOG -> EVIDENCE DIGRAPH: what could have caused what, and what speaks for one run.
//!
//! Comes in: the event log. Goes out: a digraph of events and blobs, its edges the evidence that
//! the rules found. Never: a decision on which push owns an event; an edge is a candidate.

pub mod component;
pub mod index;
pub mod order;
pub mod rules;

use petgraph::graph::{DiGraph, NodeIndex};

use crate::event::{DigestId, EventId, EventLog, Id, IdMap, RepositoryId, UploadId};
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
/// O(n + b log b) for n events that name b blobs in all; the logarithm is of those at one node.
#[must_use]
pub fn link(log: &EventLog) -> EventGraph {
    let index = Index::new(log);
    let mut edges = Vec::new();
    for rule in rules::RULES {
        (rule.run)(log, &index, &mut edges);
    }
    let mut graph = DiGraph::with_capacity(log.events.len(), edges.len());
    for (event, _) in log.iter() {
        graph.add_node(Node::Event(event));
    }
    let mut blobs: IdMap<(RepositoryId, DigestId), NodeIndex> = IdMap::default();
    let mut node = |node: Node| match node {
        Node::Event(event) => NodeIndex::new(event.index()),
        Node::Blob(repository, digest) => *blobs
            .entry((repository, digest))
            .or_insert_with(|| graph.add_node(node)),
    };
    let edges: Vec<_> = edges
        .into_iter()
        .map(|edge| (node(edge.source), node(edge.target), edge.evidence))
        .collect();
    for (source, target, evidence) in by_source(&edges, graph.node_count()) {
        graph.add_edge(source, target, evidence);
    }
    EventGraph { graph, index }
}

/// An edge between nodes of the graph.
type Link = (NodeIndex, NodeIndex, Evidence);

/// Edges sorted, each once. By their source they are sorted by counting, and few have one source.
fn by_source(edges: &[Link], n_nodes: usize) -> Vec<Link> {
    let mut edges = index::sorted_by(edges, n_nodes, |edge| edge.0.index());
    for of_source in edges.chunk_by_mut(|a, b| a.0 == b.0) {
        of_source.sort_unstable();
    }
    edges.dedup();
    edges
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_sorted_by_source_are_sorted() {
        let evidence = [Evidence::Retry, Evidence::Window];
        let edges: Vec<Link> = (0..400)
            .map(|at| {
                let (source, target) = (at * 7919 % 23, at * 104_729 % 5);
                let evidence = evidence[at % 2];
                (NodeIndex::new(source), NodeIndex::new(target), evidence)
            })
            .collect();
        let mut compared = edges.clone();
        compared.sort_unstable();
        compared.dedup();
        assert!(compared.len() < edges.len());
        assert_eq!(by_source(&edges, 23), compared);
    }
}
