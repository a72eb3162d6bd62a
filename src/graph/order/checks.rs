//! The places of checks among the uploads of their digests.
//!
//! Comes in: the events of one session by rank. Goes out: edges between checks and uploads. Never:
//! a constraint on the order of two uploads.

use crate::event::{Action, DigestId, EventLog, Stage, UploadId};
use crate::graph::index::Rank;
use crate::graph::order::sequence::Digraph;

/// How many uploads of one blob before a check, and after it, the check is placed among.
const AROUND: usize = 16;

/// The first start and the first end of an upload, by place.
#[derive(Clone, Copy, Default)]
struct UploadBounds {
    begin: Option<usize>,
    end: Option<usize>,
}

/// Puts each check before an upload of its digest that starts no earlier, or after one that ended
/// no later, by their times. If a cause moves an upload, its checks move with it.
pub(super) fn place(log: &EventLog, ranked: &[Rank], digraph: &mut Digraph) {
    if ranked.iter().all(|row| row.stage != Stage::Check) {
        return;
    }
    let (ends, of_digests) = uploads(log, ranked);
    let of_digest = |digest: DigestId, check: usize| {
        let start = of_digests.partition_point(|upload| upload.0 < digest);
        let n = of_digests[start..].partition_point(|upload| upload.0 == digest);
        let of_digest = &of_digests[start..start + n];
        // Of a blob that was sent over and over, those around the check: all would be quadratic.
        let next = of_digest.partition_point(|upload| upload.1 < check);
        let from = next.saturating_sub(AROUND);
        let to = of_digest.len().min(next + AROUND);
        of_digest[from..to].iter().map(|upload| ends[upload.2])
    };
    let time = |place: usize| ranked[place].second;
    // If clocks agree, a check goes after an upload that started before it within one second.
    let even = ends.iter().all(|ends| match (ends.begin, ends.end) {
        (Some(begin), Some(end)) => time(begin) <= time(end),
        (_, _) => true,
    });
    // If the clocks allow both orders, the session's own habit decides.
    let mut habit = 0_i64;
    let mut both = Vec::new();
    for (check, row) in ranked.iter().enumerate() {
        let Action::BatchCheckLayerAvailability { digests, .. } = &log.event(row.event).action
        else {
            continue;
        };
        let at = row.second;
        for UploadBounds { begin, end } in
            digests.iter().flat_map(|&digest| of_digest(digest, check))
        {
            let before = begin.filter(|&begin| at <= time(begin));
            let after = end.filter(|&end| at > time(end) || (at == time(end) && even));
            // If the clocks agree, a check in the second of the start goes before it.
            let after = after.filter(|_| before.is_none() || !even);
            match (before, after) {
                (Some(begin), None) => {
                    habit += 1;
                    digraph.add(check, begin);
                }
                (None, Some(end)) => {
                    habit -= 1;
                    digraph.add(end, check);
                }
                (Some(begin), Some(end)) => both.push((check, begin, end)),
                (None, None) => {}
            }
        }
    }
    for (check, begin, end) in both {
        if habit >= 0 {
            digraph.add(check, begin);
        } else {
            digraph.add(end, check);
        }
    }
}

/// The start and end of each upload, and by digest and place the positions of the uploads that ended in it.
fn uploads(log: &EventLog, ranked: &[Rank]) -> (Vec<UploadBounds>, Vec<(DigestId, usize, usize)>) {
    let mut calls: Vec<(UploadId, usize)> = Vec::new();
    for (place, row) in ranked.iter().enumerate() {
        if row.stage == Stage::Initiate || row.stage == Stage::Complete {
            let upload = log.event(row.event).action.upload();
            calls.extend(upload.map(|upload| (upload, place)));
        }
    }
    calls.sort_unstable();
    let (mut ends, mut of_digests): (Vec<UploadBounds>, Vec<_>) = (Vec::new(), Vec::new());
    for calls in calls.chunk_by(|a, b| a.0 == b.0) {
        let mut of_upload = UploadBounds::default();
        let first = calls.first().map_or(0, |call| call.1);
        for &(_, place) in calls {
            let action = &log.event(ranked[place].event).action;
            if action.stage() == Stage::Initiate {
                of_upload.begin = of_upload.begin.or(Some(place));
            } else {
                of_upload.end = of_upload.end.or(Some(place));
            }
            let digest = action.completed_digest();
            of_digests.extend(digest.map(|digest| (digest, first, ends.len())));
        }
        ends.push(of_upload);
    }
    of_digests.sort_unstable();
    of_digests.dedup();
    (ends, of_digests)
}
