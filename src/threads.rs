//! Sharing work among threads.
//!
//! Comes in: independent pieces of work. Goes out: their results, in the order of the pieces. Never: a
//! result that depends on the number of threads.

use std::cell::Cell;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// With more threads for each core they would wait for each other, and each takes memory.
const MOST_PER_CORE: usize = 4;

/// Threads to share work among. If there is only one, or none can be started, the caller's thread does
/// the work, piece after piece.
#[derive(Debug)]
pub struct Threads(Option<ThreadPool>);

impl Threads {
    /// Starts `jobs` threads; `None` for as many as the machine has cores. Never more than four for each
    /// core.
    #[must_use]
    pub fn new(jobs: Option<usize>) -> Self {
        if jobs == Some(1) {
            return Self(None);
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let jobs = jobs.map(|jobs| jobs.min(cores * MOST_PER_CORE));
        let builder = ThreadPoolBuilder::new().num_threads(jobs.unwrap_or(0));
        let builder = builder.start_handler(|_| IS_OURS.set(true));
        Self(builder.build().ok())
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.as_ref().map_or(1, ThreadPool::current_num_threads)
    }

    /// Does some work on each thread; returns what each of them made.
    pub fn each<T: Send>(&self, work: impl Fn() -> T + Sync) -> Vec<T> {
        match &self.0 {
            Some(pool) => pool.broadcast(|_| work()),
            None => vec![work()],
        }
    }

    /// Does work that [`map`] and [`sort_unstable`] share among these threads.
    pub fn within<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.0 {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }
}

/// What a function makes of each item, in order.
pub fn map<T: Send, U: Send>(items: Vec<T>, make: impl Fn(T) -> U + Sync + Send) -> Vec<U> {
    match has_help() {
        true => items.into_par_iter().map(make).collect(),
        false => items.into_iter().map(make).collect(),
    }
}

/// Sorts; equal items may come in any order.
pub fn sort_unstable<T: Ord + Send>(items: &mut [T]) {
    match has_help() {
        true => items.par_sort_unstable(),
        false => items.sort_unstable(),
    }
}

/// Does two independent pieces of work.
pub fn both<A: Send, B: Send>(
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    match has_help() {
        true => rayon::join(one, other),
        false => (one(), other()),
    }
}

/// Frees a value while the work continues, on another thread if possible.
pub fn free<T: Send + 'static>(value: T) {
    match has_help() {
        true => rayon::spawn(|| drop(value)),
        false => drop(value),
    }
}

thread_local! {
    /// Whether this thread was started here. The library may be called from a thread of another pool,
    /// which was not made for its work.
    static IS_OURS: Cell<bool> = const { Cell::new(false) };
}

/// Whether this runs within [`Threads::within`]. Outside it nothing is shared, since that would start
/// threads nobody asked for.
fn has_help() -> bool {
    IS_OURS.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_threads_give_what_one_gives() {
        let work = || {
            let mut squares = map((0_u64..10_000).rev().collect(), |n| n * n);
            let as_made = squares.clone();
            let ((), n_squares) = both(|| sort_unstable(&mut squares), || as_made.len());
            assert_eq!(n_squares, 10_000);
            (has_help(), as_made, squares)
        };
        let (has_help_alone, made_alone, sorted_alone) = work();
        let (has_help, made_together, sorted_together) = Threads::new(Some(3)).within(work);
        assert!(has_help && !has_help_alone);
        assert!(made_alone == made_together && sorted_alone == sorted_together);
        assert!(sorted_alone.is_sorted() && made_alone.iter().rev().is_sorted());
    }

    #[test]
    fn no_number_asked_for_starts_more_than_four_a_core() {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        assert_eq!(Threads::new(Some(usize::MAX)).count(), 4 * cores);
    }

    #[test]
    fn one_thread_stays_one_inside_of_another_pool() {
        let theirs = ThreadPoolBuilder::new().num_threads(2).build();
        let theirs = theirs.expect("two threads");
        let alone = theirs.install(|| Threads::new(Some(1)).within(has_help));
        assert!(!alone);
        assert!(theirs.install(|| Threads::new(Some(2)).within(has_help)));
    }

    #[test]
    fn one_thread_is_the_one_that_asks() {
        let here = std::thread::current().id();
        let threads = Threads::new(Some(1));
        assert_eq!(threads.each(|| std::thread::current().id()), [here]);
        assert_eq!(threads.within(|| std::thread::current().id()), here);
        assert_eq!(threads.count(), 1);
        assert_eq!(Threads::new(Some(3)).each(|| ()).len(), 3);
    }
}
