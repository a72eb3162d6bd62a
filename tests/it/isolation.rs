//! Isolation: what a forger adds to a log changes nothing about the pushes of others.
//!
//! In: simulated logs, and calls that CloudTrail would record of somebody with keys of the account. Out: the rows of
//! all other pushes, which have to be as they were; of a stolen credential no refusal that weighs less.

use crate::support::forger::{Forger, Tried, forged};
use crate::support::simulate::scenario::scenario;

/// The worlds that the law is tried on.
const WORLDS: [&str; 6] = [
    "mixed",
    "later-mixed",
    "parallel-jobs",
    "refused-manifest",
    "refused-as-eof",
    "side-by-side",
];

/// Calls added to each log.
const N_CALLS: usize = 120;

fn everywhere(forger: Forger) -> Tried {
    let mut sum = Tried::default();
    for (seed, name) in (2_001..).zip(WORLDS) {
        let scenario = scenario(name).expect("a scenario of that name");
        match forged(scenario, seed, forger, N_CALLS).compare() {
            Ok(tried) => sum.add(tried),
            Err(what) => panic!("{what}"),
        }
    }
    assert!(sum.n_added >= (WORLDS.len() * N_CALLS) as u64, "{sum:?}");
    assert!(sum.n_accepted > sum.n_added / 8, "{sum:?}");
    sum
}

#[test]
fn no_forger_changes_a_push_of_another() {
    for forger in Forger::ALL {
        let sum = everywhere(forger);
        match forger {
            Forger::Stranger | Forger::OtherKey => assert!(sum.n_pushes > 200, "{sum:?}"),
            Forger::SameKey => assert!(sum.n_flagged > 20, "{sum:?}"),
        }
    }
}
