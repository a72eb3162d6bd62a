//! The causal order of a session's events.
//!
//! Comes in: the evidence digraph and the events of one session. Goes out: the events so that every
//! cause stands before its effect, ties by time, stage, bytes and `eventID`. Never: an order that
//! time alone gives where a cause says otherwise.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use petgraph::Direction;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::event::{Action, DigestId, EventId, EventLog, OrderedMap, Stage, UploadId};
use crate::graph::index::rank;
use crate::graph::{Contradiction, EventGraph, Evidence, Node, Relation};

/// How far the clocks of AWS's hosts were seen to differ, in seconds; beyond it a cause that is
/// logged after its effect is no cause.
pub const CLOCK_SKEW_SECONDS: i64 = 5;

/// A causal order, and where the log disagrees with itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Every event once, causes first.
    pub sequence: Vec<EventId>,
    /// The cycles that had to be broken.
    pub contradictions: Vec<Contradiction>,
}

impl EventGraph {
    /// Orders the events of one session: a topological order that takes, of the events that may
    /// come next, the one smallest by time, stage, bytes and `eventID`.
    ///
    /// Events on a cycle are named in [`Order::contradictions`] and stand in the order of time.
    ///
    /// # Complexity
    /// O((V + E) log V) for V events and E edges at them; edges of other sessions at a shared blob
    /// are not visited.
    #[must_use]
    pub fn order(&self, log: &EventLog, events: &[EventId]) -> Order {
        let mut local = self.causes(log, events);
        let sequence = smallest_first(log, &local);
        if sequence.len() == events.len() {
            return Order {
                sequence,
                contradictions: Vec::new(),
            };
        }
        let mut contradictions = Vec::new();
        // Not Tarjan's algorithm, which petgraph runs on the stack: a chain of parts may be long.
        for cycle in kosaraju_scc(&local) {
            if cycle.len() > 1 {
                let mut named: Vec<EventId> =
                    cycle.iter().filter_map(|&node| local[node]).collect();
                named.sort_unstable();
                local.retain_edges(|graph, edge| {
                    let ends = graph
                        .edge_endpoints(edge)
                        .expect("the edge is in the graph");
                    !(cycle.contains(&ends.0) && cycle.contains(&ends.1))
                });
                contradictions.push(Contradiction { events: named });
            }
        }
        contradictions.sort_by(|a, b| a.events.cmp(&b.events));
        Order {
            sequence: smallest_first(log, &local),
            contradictions,
        }
    }

    /// The causal edges among some events; blobs are nodes without an event.
    fn causes(&self, log: &EventLog, events: &[EventId]) -> DiGraph<Option<EventId>, ()> {
        let mut local = DiGraph::with_capacity(events.len(), events.len());
        let mut sorted = events.to_vec();
        sorted.sort_unstable();
        // By blob, what makes it, then what needs it.
        let mut at_blobs: Vec<(NodeIndex, AtBlob, NodeIndex)> = Vec::new();
        for &event in &sorted {
            local.add_node(Some(event));
        }
        for (at, &event) in sorted.iter().enumerate() {
            let (node, here) = (self.node(event), NodeIndex::new(at));
            for edge in self.graph.edges(node).filter(|edge| orders(*edge.weight())) {
                match self.graph[edge.target()] {
                    Node::Event(target) => {
                        if let Ok(there) = sorted.binary_search(&target) {
                            local.add_edge(here, NodeIndex::new(there), ());
                        }
                    }
                    Node::Blob(..) => at_blobs.push((edge.target(), AtBlob::Makes, here)),
                }
            }
            for edge in self.graph.edges_directed(node, Direction::Incoming) {
                let from_blob = matches!(self.graph[edge.source()], Node::Blob(..));
                if from_blob && orders(*edge.weight()) && waits(log, local[here]) {
                    at_blobs.push((edge.source(), AtBlob::Needs, here));
                }
            }
        }
        at_blobs.sort_unstable();
        for of_blob in at_blobs.chunk_by(|a, b| a.0 == b.0) {
            let n_makers = of_blob.partition_point(|row| row.1 == AtBlob::Makes);
            let (makers, users) = of_blob.split_at(n_makers);
            // Nothing waits for a blob that is only made, or only needed.
            if !makers.is_empty() && !users.is_empty() {
                let events = |rows: &[(_, _, NodeIndex)]| rows.iter().map(|row| row.2).collect();
                let (makers, users) = (events(makers), events(users));
                Blob { makers, users }.connect(log, &mut local);
            }
        }
        place_checks(log, &mut local);
        local
    }
}

/// What an event is to a blob.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum AtBlob {
    Makes,
    Needs,
}

/// A blob of one session: what makes it, and what needs it.
struct Blob {
    makers: Vec<NodeIndex>,
    users: Vec<NodeIndex>,
}

impl Blob {
    /// Puts the makers before the users, through a node of the blob's own.
    ///
    /// Something made again long after it was first used is no cause of that use. Of several
    /// accepted puts of a manifest only the first makes it.
    fn connect(mut self, log: &EventLog, local: &mut DiGraph<Option<EventId>, ()>) {
        let time = |node: NodeIndex, local: &DiGraph<Option<EventId>, ()>| {
            local[node].map_or((0, 0, 0, 0), |event| rank(log, event))
        };
        self.makers.sort_by_key(|&node| time(node, local));
        let Some(first_use) = self.users.iter().map(|&node| time(node, local).0).min() else {
            return;
        };
        let Some(&first) = self.makers.first() else {
            return;
        };
        let is_manifest = |node: NodeIndex, local: &DiGraph<Option<EventId>, ()>| {
            local[node].is_some_and(|event| log.event(event).action.stage() == Stage::Manifest)
        };
        let blob = local.add_node(None);
        for &maker in &self.makers {
            let soon = time(maker, local).0 <= first_use + CLOCK_SKEW_SECONDS;
            if maker == first || (soon && !is_manifest(maker, local)) {
                local.add_edge(maker, blob, ());
            }
        }
        for &user in &self.users {
            if user != first {
                local.add_edge(blob, user, ());
            }
        }
    }
}

/// Puts each check before the upload of its digest that begins no earlier, or after the one that
/// ended no later, as their times say. An upload that a cause moves takes its checks along.
fn place_checks(log: &EventLog, local: &mut DiGraph<Option<EventId>, ()>) {
    let events: Vec<(NodeIndex, EventId)> = local
        .node_indices()
        .filter_map(|node| Some((node, local[node]?)))
        .collect();
    let is_check = |id: EventId| log.event(id).action.stage() == Stage::Check;
    if !events.iter().any(|&(_, id)| is_check(id)) {
        return;
    }
    let mut ends: OrderedMap<UploadId, (Option<NodeIndex>, Option<NodeIndex>)> =
        OrderedMap::default();
    let mut uploads: Vec<(DigestId, UploadId)> = Vec::new();
    for &(node, id) in &events {
        let action = &log.event(id).action;
        let Some(upload) = action.upload() else {
            continue;
        };
        let (begin, end) = ends.entry(upload).or_default();
        match action.stage() {
            Stage::Initiate => *begin = begin.or(Some(node)),
            Stage::Complete => *end = end.or(Some(node)),
            Stage::Authorization | Stage::Check | Stage::Part | Stage::Manifest => {}
        }
        uploads.extend(action.completed_digest().map(|digest| (digest, upload)));
    }
    uploads.sort_unstable();
    uploads.dedup();
    let of_digest = |digest: DigestId| {
        let start = uploads.partition_point(|upload| upload.0 < digest);
        let of_digest = uploads[start..].iter();
        of_digest
            .take_while(move |upload| upload.0 == digest)
            .map(|upload| upload.1)
    };
    let time = |node: NodeIndex, local: &DiGraph<Option<EventId>, ()>| {
        local[node].map_or(0, |event| log.event(event).time.timestamp())
    };
    // Within one second a check stands after an upload that began before it, where clocks agree.
    let even = ends.values().all(|&(begin, end)| match (begin, end) {
        (Some(begin), Some(end)) => time(begin, local) <= time(end, local),
        (_, _) => true,
    });
    // Where the clocks allow both, the session's own habit decides.
    let mut habit = 0_i64;
    let mut both = Vec::new();
    for &(check, id) in &events {
        let Action::BatchCheckLayerAvailability { digests, .. } = &log.event(id).action else {
            continue;
        };
        for upload in digests.iter().flat_map(|&digest| of_digest(digest)) {
            let at = time(check, local);
            let (begin, end) = ends[&upload];
            let before = begin.filter(|&begin| at <= time(begin, local));
            let after =
                end.filter(|&end| at > time(end, local) || (at == time(end, local) && even));
            // Where the clocks agree, a check within the second of the begin stands before it.
            let after = after.filter(|_| before.is_none() || !even);
            match (before, after) {
                (Some(begin), None) => {
                    habit += 1;
                    local.add_edge(check, begin, ());
                }
                (None, Some(end)) => {
                    habit -= 1;
                    local.add_edge(end, check, ());
                }
                (Some(begin), Some(end)) => both.push((check, begin, end)),
                (None, None) => {}
            }
        }
    }
    for (check, begin, end) in both {
        if habit >= 0 {
            local.add_edge(check, begin, ());
        } else {
            local.add_edge(end, check, ());
        }
    }
}

fn orders(evidence: Evidence) -> bool {
    evidence.relation() == Relation::Causes
}

/// Whether a manifest had to wait for what it lists: not when it was refused for lack of it.
fn waits(log: &EventLog, event: Option<EventId>) -> bool {
    let code = event.and_then(|event| log.error_code(log.event(event)));
    !matches!(
        code,
        Some("LayersNotFoundException" | "ReferencedImagesNotFoundException")
    )
}

/// Kahn's algorithm over a heap: of the nodes without an open cause, the smallest goes next. A
/// blob has no rank of its own and goes at once.
fn smallest_first(log: &EventLog, local: &DiGraph<Option<EventId>, ()>) -> Vec<EventId> {
    let key = |node: NodeIndex| (local[node].map(|event| rank(log, event)), node);
    let mut open: Vec<usize> = local
        .node_indices()
        .map(|node| local.edges_directed(node, Direction::Incoming).count())
        .collect();
    let mut ready: BinaryHeap<_> = local
        .node_indices()
        .filter(|node| open[node.index()] == 0)
        .map(|node| Reverse(key(node)))
        .collect();
    let mut sequence = Vec::with_capacity(local.node_count());
    while let Some(Reverse((_, node))) = ready.pop() {
        sequence.extend(local[node]);
        for next in local.neighbors(node) {
            open[next.index()] -= 1;
            if open[next.index()] == 0 {
                ready.push(Reverse(key(next)));
            }
        }
    }
    sequence
}
