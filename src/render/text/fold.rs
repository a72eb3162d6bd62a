//! Long timelines made short: of many steps of a kind, the first and last are shown.
//!
//! Comes in: the steps of a push that are kept. Goes out: the same, with a line that counts those of a
//! kind that are not. Never: a step left out without a word.

use crate::event::Bytes;
use crate::render::ink::Tint;
use crate::render::text::steps::{Keep, Kind, LeftOut, Step, Steps};
use crate::report::words;

/// Of the steps of a kind so many are shown one by one.
pub(super) const SHOWN: Keep = Keep { first: 20, last: 4 };

/// Puts a line in the place of the steps that were left out.
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
        kept.insert(place, folded(kind, n, bytes));
    }
    kept
}

fn folded(kind: Kind, n: u64, bytes: Bytes) -> Step {
    let what = match kind {
        Kind::Upload => "more upload",
        Kind::OpenUpload => "more unfinished upload",
        Kind::Put => "more manifest",
        Kind::Refusal => "more refused call",
        Kind::Login | Kind::Checks | Kind::Absence => "more call",
    };
    let size = match bytes {
        Bytes(0) => String::new(),
        bytes => format!(" ({})", words::size(bytes)),
    };
    Step {
        kind: Kind::Absence,
        clock: String::new(),
        span: None,
        pieces: vec![format!(
            "… {}{size}; --verbose shows each",
            words::count(n, what)
        )],
        tint: Tint::Faint,
        notes: Vec::new(),
        bytes,
        events: Vec::new(),
        findings: Vec::new(),
    }
}
