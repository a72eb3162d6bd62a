//! Buckets: entries grouped by a number without gaps, in one table (compressed sparse rows).
//!
//! Comes in: entries with their numbers. Goes out: the entries of each number in one piece. Never:
//! a comparison; entries are sorted by counting.

/// Entries by number; those of one number keep the order in which they came in.
#[derive(Clone, Debug)]
pub struct Buckets<T> {
    entries: Vec<T>,
    /// Where the entries of each number start, and where the last end.
    starts: Vec<usize>,
}

impl<T> Default for Buckets<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            starts: Vec::new(),
        }
    }
}

impl<T: Copy> Buckets<T> {
    /// Sorts entries by their numbers, which are below `n_numbers`. It makes two passes over them,
    /// so that no second table is needed.
    ///
    /// # Complexity
    /// O(n + k) for n entries and k numbers.
    #[must_use]
    pub fn new(
        entries: impl Iterator<Item = T> + Clone,
        n_numbers: usize,
        number: impl Fn(&T) -> usize,
    ) -> Self {
        let mut starts = vec![0_usize; n_numbers + 1];
        let mut any = None;
        for entry in entries.clone() {
            starts[number(&entry) + 1] += 1;
            any = Some(entry);
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut sorted = any.map_or_else(Vec::new, |any| vec![any; starts[n_numbers]]);
        let mut next = starts.clone();
        for entry in entries {
            let place = &mut next[number(&entry)];
            sorted[*place] = entry;
            *place += 1;
        }
        Self {
            entries: sorted,
            starts,
        }
    }
}

impl<T> Buckets<T> {
    /// The entries of a number; none if the number is not below `n_numbers`.
    #[must_use]
    pub fn of(&self, number: usize) -> &[T] {
        match (self.starts.get(number), self.starts.get(number + 1)) {
            (Some(&start), Some(&end)) => &self.entries[start..end],
            (_, _) => &[],
        }
    }

    /// The entries of every number, by number, for reordering.
    pub fn groups_mut(&mut self) -> impl Iterator<Item = &mut [T]> + '_ {
        let mut rest = &mut self.entries[..];
        self.starts
            .windows(2)
            .filter_map(move |bounds| rest.split_off_mut(..bounds[1] - bounds[0]))
    }

    /// The entries of every number that has any, by number.
    pub fn groups(&self) -> impl Iterator<Item = &[T]> + '_ {
        let bounds = self.starts.windows(2);
        let groups = bounds.map(|bounds| &self.entries[bounds[0]..bounds[1]]);
        groups.filter(|group| !group.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_sorts_as_comparing_does() {
        let entries: Vec<(usize, usize)> = (0..500).map(|at| (at * 7919 % 31, at)).collect();
        let mut buckets = Buckets::new(entries.iter().copied(), 40, |entry| entry.0);
        let mut sorted = entries;
        sorted.sort_by_key(|entry| entry.0);
        for number in 0..50 {
            let of = sorted.iter().filter(|entry| entry.0 == number);
            assert!(buckets.of(number).iter().eq(of));
        }
        assert!(buckets.groups().eq(sorted.chunk_by(|a, b| a.0 == b.0)));
        let to_be_sorted: Vec<_> = buckets.groups_mut().map(|group| group.to_vec()).collect();
        assert_eq!(to_be_sorted.concat(), sorted);
        let none = Buckets::new(std::iter::empty(), 0, |&entry| entry);
        assert_eq!(none.groups().count(), 0);
    }
}
