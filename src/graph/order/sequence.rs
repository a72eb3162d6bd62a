//! A topological order of places that always takes the lowest place that may come next.
//!
//! Comes in: edges between places. Goes out: every place once, and the cycles that had to be broken.
//! Never: an event or a time; places are enough.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::graph::buckets::Buckets;

/// A digraph of places, which are numbers without gaps; it may contain cycles.
#[derive(Clone, Debug)]
pub(super) struct Digraph {
    /// How many places have a rank, which is their own number.
    n_ranked: usize,
    /// How many further places have no rank, and come as soon as they may.
    n_between: usize,
    /// The edges, from place to place.
    edges: Vec<(usize, usize)>,
    /// Whether some edge leads to a lower rank, directly or through a place without rank.
    any_back: bool,
}

impl Digraph {
    /// A digraph of this many places with a rank, without edges.
    pub(super) fn new(n_ranked: usize) -> Self {
        Self {
            n_ranked,
            n_between: 0,
            // Nearly every event of a push has one or two edges.
            edges: Vec::with_capacity(2 * n_ranked),
            any_back: false,
        }
    }

    /// Whether all edges lead to higher ranks, so that the order is that of the ranks.
    pub(super) fn follows_ranks(&self) -> bool {
        !self.any_back
    }

    /// Puts one ranked place before another; an edge from a place to itself is ignored.
    pub(super) fn add(&mut self, from: usize, to: usize) {
        if from != to {
            self.any_back |= from > to;
            self.edges.push((from, to));
        }
    }

    /// Puts each of some ranked places before each of some others, by way of a place between them.
    pub(super) fn add_all(
        &mut self,
        from: impl Iterator<Item = usize>,
        to: impl Iterator<Item = usize>,
    ) {
        let between = self.n_ranked + self.n_between;
        self.n_between += 1;
        let (mut highest, mut lowest) = (0, usize::MAX);
        for place in from {
            highest = highest.max(place);
            self.edges.push((place, between));
        }
        for place in to {
            lowest = lowest.min(place);
            self.edges.push((between, place));
        }
        self.any_back |= highest > lowest;
    }
}

/// The ranked places in an order that follows the edges, and the cycles whose edges are ignored.
/// Cycles include places without rank.
///
/// # Complexity
/// O(m log n) for n places and m edges.
pub(super) fn sequence(mut digraph: Digraph) -> (Vec<usize>, Vec<Vec<usize>>) {
    let sequence = lowest_first(&digraph);
    if sequence.len() == digraph.n_ranked {
        return (sequence, Vec::new());
    }
    let cycles = digraph.break_cycles();
    (lowest_first(&digraph), cycles)
}

impl Digraph {
    /// Removes the edges within each cycle; returns the cycles.
    fn break_cycles(&mut self) -> Vec<Vec<usize>> {
        let graph = DiGraph::<(), (), usize>::from_edges(&self.edges);
        let mut cycle_of = vec![None; self.n_ranked + self.n_between];
        let mut cycles: Vec<Vec<usize>> = Vec::new();
        // This does not use Tarjan's algorithm, which petgraph runs on the stack, since a chain of
        // parts may be long.
        for nodes in kosaraju_scc(&graph) {
            if nodes.len() > 1 {
                let cycle: Vec<usize> = nodes.into_iter().map(NodeIndex::index).collect();
                for &place in &cycle {
                    cycle_of[place] = Some(cycles.len());
                }
                cycles.push(cycle);
            }
        }
        self.edges
            .retain(|&(from, to)| cycle_of[from].is_none() || cycle_of[from] != cycle_of[to]);
        cycles
    }
}

/// Kahn's algorithm with a heap: of the places that wait for nothing, the lowest goes next, and one
/// without rank goes at once. Places on a cycle, or after one, are left out.
fn lowest_first(digraph: &Digraph) -> Vec<usize> {
    let n_places = digraph.n_ranked + digraph.n_between;
    let after = Buckets::new(digraph.edges.iter().copied(), n_places, |edge| edge.0);
    let mut n_before = vec![0_usize; n_places];
    for &(_, to) in &digraph.edges {
        n_before[to] += 1;
    }
    let is_free = |&place: &usize| n_before[place] == 0;
    let free = (0..digraph.n_ranked).filter(is_free);
    let mut ready: BinaryHeap<Reverse<usize>> = free.map(Reverse).collect();
    let mut passed: Vec<usize> = (digraph.n_ranked..n_places).filter(is_free).collect();
    let mut sequence = Vec::with_capacity(digraph.n_ranked);
    loop {
        while let Some(place) = passed.pop() {
            for &(_, next) in after.of(place) {
                n_before[next] -= 1;
                match (n_before[next], next < digraph.n_ranked) {
                    (0, true) => ready.push(Reverse(next)),
                    (0, false) => passed.push(next),
                    (_, _) => {}
                }
            }
        }
        let Some(Reverse(place)) = ready.pop() else {
            return sequence;
        };
        sequence.push(place);
        passed.push(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes the lowest place that waits for nothing, by checking every edge for every place.
    fn slow(n_ranked: usize, edges: &[(usize, usize)]) -> Vec<usize> {
        let mut gone = vec![false; n_ranked];
        let mut sequence = Vec::new();
        while let Some(next) = (0..n_ranked).find(|&place| {
            !gone[place] && !edges.iter().any(|&(from, to)| to == place && !gone[from])
        }) {
            gone[next] = true;
            sequence.push(next);
        }
        sequence
    }

    /// A digraph that looks random, in which `backs` of 8 edges lead back, and its edges without
    /// places between.
    fn random(seed: usize, n: usize, backs: usize) -> (Digraph, Vec<(usize, usize)>) {
        let mut state = seed * 2 + 1;
        let mut below = |bound: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % bound
        };
        let (mut digraph, mut plain) = (Digraph::new(n), Vec::new());
        for _ in 0..n {
            let (a, b) = (below(n), below(n));
            let (low, high) = (a.min(b), a.max(b));
            let (from, to) = if below(8) < backs {
                (high, low)
            } else {
                (low, high)
            };
            if from == to {
                continue;
            }
            if below(2) == 0 {
                digraph.add(from, to);
                plain.push((from, to));
            } else {
                let others: Vec<usize> = (0..2)
                    .map(|_| below(n))
                    .filter(|&other| other != from)
                    .collect();
                let makers = [from];
                digraph.add_all(makers.into_iter(), others.iter().copied().chain([to]));
                plain.extend(others.iter().chain([&to]).map(|&other| (from, other)));
            }
        }
        (digraph, plain)
    }

    #[test]
    fn the_order_is_that_of_looking_at_every_edge() {
        let (mut n_straight, mut n_turned, mut n_circular) = (0, 0, 0);
        for seed in 0..600 {
            let (digraph, plain) = random(seed, 2 + seed % 9, seed % 3);
            let (n_ranked, any_back) = (digraph.n_ranked, digraph.any_back);
            let (fast, cycles) = sequence(digraph);
            let slow = slow(n_ranked, &plain);
            assert!(
                any_back || fast.iter().copied().eq(0..n_ranked),
                "{plain:?}"
            );
            if cycles.is_empty() {
                assert_eq!(fast, slow, "{plain:?}");
            } else {
                assert!(slow.len() < n_ranked, "{plain:?}");
            }
            let mut all = fast.clone();
            all.sort_unstable();
            assert!(
                all.into_iter().eq(0..n_ranked),
                "each place once: {plain:?}"
            );
            n_circular += usize::from(!cycles.is_empty());
            n_turned += usize::from(cycles.is_empty() && !fast.is_sorted());
            n_straight += usize::from(!any_back);
        }
        assert!(n_straight > 20 && n_turned > 20 && n_circular > 20);
    }

    #[test]
    fn a_place_before_itself_is_not_lost() {
        let mut digraph = Digraph::new(3);
        digraph.add(1, 1);
        digraph.add(2, 0);
        assert_eq!(sequence(digraph), (vec![1, 2, 0], vec![]));
    }
}
