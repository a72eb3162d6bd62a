//! Skew: how far the log's clocks differ, as the log itself shows.
//!
//! Comes in: the uploads, whose calls have only one possible order. Goes out: how many of them contradict it by how many
//! seconds, and how far clocks differ if that is believed. Never: a tolerance without a reason in the log; if clocks
//! agree, a second decides.

use crate::event::{Seconds, Stage};
use crate::facts::{Clocks, MOST_LATE};
use crate::graph::index::{CallIndex, PushCall};
use crate::session::own::thresholds::{SKEW, SKEW_WITNESSES};

const _: () = assert!(
    MOST_LATE as i64 == SKEW.0,
    "no more is told apart than is believed"
);

/// By how many seconds uploads were logged to end before they started, as far as several show it; 0
/// to [`SKEW`].
#[must_use]
pub(in crate::session) fn skew(clocks: &Clocks) -> Seconds {
    Seconds(clocks.late(SKEW_WITNESSES as u64) as i64)
}

/// The uploads, by the seconds that each was logged to end before it started.
///
/// # Complexity
/// O(n) in the events that name an upload.
#[must_use]
pub fn clocks(index: &CallIndex) -> Clocks {
    let mut clocks = Clocks::default();
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
        clocks.count(late.map_or(0, |late| late.0));
    }
    clocks
}
