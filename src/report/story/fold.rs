//! Shortens long timelines: of many steps of a kind, only the first and last are shown.
//!
//! Comes in: the kept steps of a push. Goes out: those steps, with a line that counts the ones of each
//! kind that are left out. Never: a step left out without a word.

use crate::report::row::SessionRow;
use crate::report::story::step::{Step, Told};
use crate::report::story::steps::{self, Keep, LeftOut, Steps};

/// How many steps of a kind are shown one by one.
const SHOWN: Keep = Keep { first: 20, last: 4 };

/// The steps of a push, with long stretches of one kind folded; `findings` are positions in its list, to be marked.
pub(crate) fn steps(push: &SessionRow<'_>, findings: &[usize]) -> Vec<Step> {
    fold(steps::steps(push, findings, SHOWN))
}

/// Puts a line in place of the steps that were left out.
fn fold(steps: Steps) -> Vec<Step> {
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
