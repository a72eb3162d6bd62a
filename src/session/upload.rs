//! Uploads: the calls of one `uploadId` folded together, with the bytes that arrived and those that
//! did not.
//!
//! Comes in: the events of one session. Goes out: a [`LayerUpload`] for each upload, and for each
//! refused start that received no id. Never: a size that nobody named.

use crate::event::{ByteRange, Bytes, DigestId, EventId, EventLog, Stage, UploadId};
use crate::session::{LayerUpload, UploadState};

/// The uploads among some events in causal order, by first event.
///
/// `size_of` returns a layer's size by a manifest, in bytes.
///
/// # Complexity
/// O(n log n) in the events.
pub(super) fn uploads(
    log: &EventLog,
    sequence: &[EventId],
    size_of: impl Fn(DigestId) -> Option<Bytes>,
) -> Vec<LayerUpload> {
    let mut calls: Vec<(Result<UploadId, EventId>, usize)> = Vec::with_capacity(sequence.len());
    for (place, &id) in sequence.iter().enumerate() {
        let action = &log.event(id).action;
        if matches!(
            action.stage(),
            Stage::Initiate | Stage::Part | Stage::Complete
        ) {
            calls.push((action.upload().ok_or(id), place));
        }
    }
    calls.sort_unstable();
    let of_one = calls.chunk_by(|a, b| a.0 == b.0);
    let mut uploads: Vec<&[_]> = of_one.collect();
    uploads.sort_unstable_by_key(|calls| calls[0].1);
    let mut events = Vec::new();
    let mut ranges = Vec::new();
    let folded = uploads.into_iter().map(|calls| {
        events.clear();
        events.extend(calls.iter().map(|&(_, place)| sequence[place]));
        fold(log, calls[0].0.ok(), &events, &mut ranges, &size_of)
    });
    folded.collect()
}

fn fold(
    log: &EventLog,
    upload: Option<UploadId>,
    events: &[EventId],
    ranges: &mut Vec<ByteRange>,
    size_of: impl Fn(DigestId) -> Option<Bytes>,
) -> LayerUpload {
    let of = |stage| {
        events
            .iter()
            .copied()
            .filter(move |&id| log.event(id).action.stage() == stage)
    };
    let best = |stage| {
        let accepted = of(stage).find(|&id| log.is_benign(log.event(id)));
        accepted.or_else(|| of(stage).next_back())
    };
    let complete = best(Stage::Complete);
    let digest = complete.and_then(|id| log.event(id).action.completed_digest());
    let parts = of(Stage::Part).map(|id| log.event(id));
    let accepted = parts.filter(|event| event.succeeded());
    ranges.clear();
    ranges.extend(accepted.filter_map(|event| event.action.range()));
    let size = digest.and_then(size_of);
    let (received_bytes, holes) = cover(ranges, size.filter(|_| complete.is_some()));
    let times = || events.iter().map(|&id| log.event(id).time);
    LayerUpload {
        upload,
        initiate: best(Stage::Initiate),
        parts: of(Stage::Part).collect(),
        complete,
        digest,
        state: state(log, events, complete),
        received_bytes,
        listed_bytes: size,
        holes,
        first: times().min().unwrap_or_default(),
        last: times().max().unwrap_or_default(),
    }
}

fn state(log: &EventLog, events: &[EventId], complete: Option<EventId>) -> UploadState {
    let end = complete.map(|id| log.event(id));
    if let Some(end) = end.filter(|event| log.is_benign(event)) {
        return if end.succeeded() {
            UploadState::Complete
        } else {
            UploadState::AlreadyExists
        };
    }
    let refused = events.last().is_some_and(|&id| !log.event(id).succeeded());
    if refused || end.is_some() {
        UploadState::Refused
    } else {
        UploadState::Unfinished
    }
}

/// The distinct bytes that some ranges cover, and the gaps below the last of them and below `size`.
/// Without any range there are no gaps, since the parts are not in the log.
fn cover(ranges: &mut [ByteRange], size: Option<Bytes>) -> (Bytes, Vec<ByteRange>) {
    ranges.sort_unstable();
    let (mut received, mut next, mut holes) = (Bytes(0), 0_u64, Vec::new());
    for range in &*ranges {
        if range.first > next {
            holes.push(ByteRange {
                first: next,
                last: range.first - 1,
            });
        }
        if range.last >= next {
            let first = range.first.max(next);
            let last = range.last;
            received += ByteRange { first, last }.len();
            next = range.last.saturating_add(1);
        }
    }
    if let Some(Bytes(size)) = size.filter(|size| !ranges.is_empty() && size.0 > next) {
        holes.push(ByteRange {
            first: next,
            last: size - 1,
        });
    }
    (received, holes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: u64, last: u64) -> ByteRange {
        ByteRange { first, last }
    }

    #[test]
    fn parts_in_any_order_cover_without_a_hole() {
        assert_eq!(
            cover(&mut [range(10, 19), range(0, 9)], Some(Bytes(20))),
            (Bytes(20), vec![])
        );
    }

    #[test]
    fn resent_and_overlapping_bytes_count_once() {
        assert_eq!(
            cover(&mut [range(0, 9), range(0, 9), range(5, 14)], None),
            (Bytes(15), vec![])
        );
    }

    #[test]
    fn a_missing_part_is_a_hole_and_so_is_a_missing_end() {
        let holes = vec![range(10, 19), range(30, 39)];
        assert_eq!(
            cover(&mut [range(0, 9), range(20, 29)], Some(Bytes(40))),
            (Bytes(20), holes)
        );
    }

    #[test]
    fn no_parts_in_the_log_are_no_hole() {
        assert_eq!(cover(&mut [], Some(Bytes(40))), (Bytes(0), vec![]));
    }

    #[test]
    fn the_largest_number_does_not_overflow() {
        assert_eq!(cover(&mut [range(0, u64::MAX)], None).0, Bytes(u64::MAX));
    }
}
