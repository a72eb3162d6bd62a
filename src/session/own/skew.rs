//! Skew: how far the log's clocks differ, as the log itself shows.
//!
//! Comes in: the uploads, whose calls have only one possible order. Goes out: the number of seconds
//! by which their times contradict it. Never: a tolerance without a reason in the log; if clocks
//! agree, a second decides.

use std::cmp::Reverse;

use crate::event::{Seconds, Stage};
use crate::graph::index::{CallIndex, PushCall};
use crate::session::own::thresholds::{SKEW, SKEW_WITNESSES};

/// By how many seconds uploads were logged to end before they started, as far as several show it; 0
/// to [`SKEW`].
///
/// # Complexity
/// O(n + w log w) in the events that name an upload, w of the uploads in the wrong order.
pub(in crate::session) fn skew(index: &CallIndex) -> Seconds {
    let mut witnesses: Vec<Seconds> = Vec::new();
    let mut n_uploads = 0;
    for (_, calls) in index.uploads() {
        // The calls of a stage come in order of time. A refused one shows nothing, as anybody may
        // be refused at any time.
        let of = |stage| move |call: &&PushCall| call.stage == stage && call.failure.is_none();
        let first = |stage| calls.iter().find(of(stage)).map(|call| call.second);
        let last = |stage| calls.iter().rfind(of(stage)).map(|call| call.second);
        let (begin, end) = (first(Stage::Initiate), last(Stage::Complete));
        // A call cannot be granted before the upload exists, whatever the clocks say.
        let parts = (first(Stage::Part), last(Stage::Part));
        let late = [(begin, parts.0), (parts.1, end), (begin, end)]
            .into_iter()
            .filter_map(|(earlier, later)| Some(earlier? - later?))
            .max();
        n_uploads += 1;
        witnesses.extend(late.filter(|&late| late > Seconds::ZERO));
    }
    let enough = (n_uploads / SKEW_WITNESSES).max(2);
    witnesses.sort_unstable_by_key(|&late| Reverse(late));
    let believed = witnesses.get(enough - 1);
    believed.map_or(Seconds::ZERO, |&late| late.min(SKEW))
}
