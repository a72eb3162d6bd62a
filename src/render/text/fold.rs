//! Long timelines made short: of many steps of a kind, the first and last are shown.
//!
//! Comes in: the steps of a push. Goes out: at most some of each kind, with a line that counts the
//! rest. Never: a step left out without a word.

use crate::render::ink::Tint;
use crate::render::text::steps::{Kind, Step};
use crate::report::words;

/// The most steps of a kind shown one by one.
const MOST: usize = 24;
/// How many of a kind are shown at the end, where there are too many.
const AT_END: usize = 4;

/// Folds the kinds that have too many steps.
pub(super) fn fold(steps: Vec<Step>) -> Vec<Step> {
    let kinds = [Kind::Upload, Kind::OpenUpload, Kind::Put, Kind::Refusal];
    kinds.into_iter().fold(steps, fold_kind)
}

fn fold_kind(steps: Vec<Step>, kind: Kind) -> Vec<Step> {
    let total = steps.iter().filter(|step| step.kind == kind).count();
    if total <= MOST {
        return steps;
    }
    let hidden = (MOST - AT_END)..(total - AT_END);
    let mut shown = Vec::with_capacity(steps.len());
    let (mut seen, mut place, mut n_hidden, mut bytes) = (0, 0, 0u64, 0u64);
    for step in steps {
        if step.kind == kind {
            seen += 1;
            // What a finding points at is shown wherever it stands.
            if hidden.contains(&(seen - 1)) && step.findings.is_empty() {
                if n_hidden == 0 {
                    place = shown.len();
                }
                n_hidden += 1;
                bytes = bytes.saturating_add(step.bytes);
                continue;
            }
        }
        shown.push(step);
    }
    if n_hidden > 0 {
        shown.insert(place, folded(kind, n_hidden, bytes));
    }
    shown
}

fn folded(kind: Kind, n: u64, bytes: u64) -> Step {
    let what = match kind {
        Kind::Upload => "more upload",
        Kind::OpenUpload => "more unfinished upload",
        Kind::Put => "more manifest",
        Kind::Refusal => "more refused call",
        Kind::Login | Kind::Checks | Kind::Absence => "more call",
    };
    let size = match bytes {
        0 => String::new(),
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
