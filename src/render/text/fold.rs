//! Shortens long timelines: of many steps of a kind, only the first and last are shown.
//!
//! Comes in: the kept steps of a push. Goes out: those steps, with a line that counts the ones of each
//! kind that are left out. Never: a step left out without a word.

use crate::report::story::step::{Step, Told};
use crate::report::story::steps::{Keep, LeftOut, Steps};

/// How many steps of a kind are shown one by one.
pub(super) const SHOWN: Keep = Keep { first: 20, last: 4 };

/// Puts a line in place of the steps that were left out.
pub(super) fn fold(steps: Steps) -> Vec<Step> {
    let Steps {
        mut kept,
        mut left_out,
    } = steps;
    left_out.sort_by_key(|steps| steps.place);
    for LeftOut {
        kind,
        place,
        n,
        bytes,
    } in left_out.into_iter().rev()
    {
        kept.insert(place, Step::beside(Told::More { kind, n, bytes }));
    }
    kept
}
