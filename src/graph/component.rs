//! Weakly connected components.
//!
//! Comes in: undirected links between events. Goes out: the groups that they connect. Never: a
//! link of its own.

use petgraph::unionfind::UnionFind;

/// The weakly connected components of `n_nodes` nodes under `links`, each in ascending order, by
/// their first node. A node without a link is a component of its own.
///
/// # Complexity
/// O((n + m) α(n)) for m links.
#[must_use]
pub fn components(
    n_nodes: usize,
    links: impl IntoIterator<Item = (usize, usize)>,
) -> Vec<Vec<usize>> {
    let mut sets = UnionFind::<usize>::new(n_nodes);
    for (a, b) in links {
        sets.union(a, b);
    }
    let labels = sets.into_labeling();
    let mut position = vec![usize::MAX; n_nodes];
    let mut components: Vec<Vec<usize>> = Vec::new();
    for (node, label) in labels.into_iter().enumerate() {
        if position[label] == usize::MAX {
            position[label] = components.len();
            components.push(Vec::new());
        }
        components[position[label]].push(node);
    }
    components
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_join_and_the_rest_stands_alone() {
        assert_eq!(
            components(5, [(3, 1), (4, 3)]),
            [vec![0], vec![1, 3, 4], vec![2]]
        );
        assert_eq!(components(0, []), Vec::<Vec<usize>>::new());
    }
}
