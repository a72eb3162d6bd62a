//! Listed blobs: which runs list which blobs.
//!
//! Comes in: runs with their manifests. Goes out: for a blob and a login, the runs that list it, by
//! the time until which it could be brought for them. Never: a decision on which of them got it.

use crate::event::{DigestId, Second};
use crate::session::own::assignment::Assignment;
use crate::session::own::lane::{Lane, Lanes};
use crate::session::own::party::PartyWork;
use crate::session::own::run::{Run, RunIx};
use crate::session::own::unit::PutIx;

/// A digest that a run lists, and until when it could still be uploaded or checked for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct ListedBlob {
    digest: DigestId,
    /// The login of the run.
    lane: Lane,
    /// The run.
    pub(super) run: RunIx,
    /// The put whose manifest lists it.
    pub(super) put: PutIx,
    /// The second of the first accepted put of that manifest, or else of the last refused one.
    pub(super) accepted: Second,
    /// The second of the last put of that manifest; the blob is checked for the next tag before it.
    pub(super) last: Second,
}

/// Which runs list which blobs.
pub(super) struct ListedBlobs {
    /// By digest, login, last second and run.
    by_lane: Vec<ListedBlob>,
    /// These rows by digest and last second, used if some events may belong to any login.
    of_any: Vec<ListedBlob>,
}

/// A manifest of a run.
#[derive(Clone, Copy, Debug)]
struct RunManifest {
    digest: Option<DigestId>,
    /// The first put of it, and its position among the run's puts.
    put: PutIx,
    place: u32,
    accepted: Option<Second>,
    last: Second,
}

impl ListedBlobs {
    /// Collects the blobs that runs list.
    ///
    /// # Complexity
    /// O(l log l) for l listed digests.
    pub(super) fn new(work: &PartyWork<'_>, assignment: &Assignment) -> Self {
        let mut by_lane: Vec<ListedBlob> = Vec::new();
        let (mut contents, mut of_run) = (Vec::new(), Vec::new());
        for (run, row) in assignment.runs() {
            collect_contents(work, row, &mut contents);
            // A run has one login; if its key was renewed, the login of its first put counts.
            let lane = work.lane(row);
            for content in &contents {
                let blobs = work.listed(&work.puts[content.put]);
                of_run.extend(blobs.map(|digest| ListedBlob {
                    digest,
                    lane,
                    run,
                    put: content.put,
                    // A registry looks for the blobs at every put, so the blobs of a refused put
                    // may come until the last one.
                    accepted: content.accepted.unwrap_or(content.last),
                    last: content.last,
                }));
            }
            // The first manifest that lists a blob is the one it was uploaded for.
            of_run.sort_by_key(|listing| (listing.digest, listing.accepted));
            // A blob that two manifests of one run list is one listing, as the run owns it either
            // way.
            of_run.dedup_by(|other, first| {
                let is_same = other.digest == first.digest;
                if is_same {
                    first.last = first.last.max(other.last);
                }
                is_same
            });
            by_lane.append(&mut of_run);
        }
        by_lane.sort_unstable_by_key(|row| (row.digest, row.lane, row.last, row.run));
        let mut of_any = Vec::new();
        // The second table is as large as the first, and few logs hide the login of a call.
        if work.lanes.any_vague() {
            of_any.clone_from(&by_lane);
            of_any.sort_unstable_by_key(|row: &ListedBlob| (row.digest, row.last, row.run));
        }
        Self { by_lane, of_any }
    }

    /// The runs that list a digest until `from` or later, by their last second: those of a login or,
    /// if it is unknown or lists none, those of any login.
    ///
    /// # Complexity
    /// O(log l) for l listings, until the first.
    pub(super) fn of(
        &self,
        lanes: &Lanes,
        digest: DigestId,
        lane: Lane,
        from: Second,
    ) -> impl Iterator<Item = &ListedBlob> + '_ {
        // Listings that ended before a unit cannot own it, and there may be any number of them.
        let key = (digest, lane, from);
        let start = (self.by_lane).partition_point(|row| (row.digest, row.lane, row.last) < key);
        let of_lane = move |row: &&ListedBlob| (row.digest, row.lane) == (digest, lane);
        // The rows on both sides of the place show whether the login lists the digest at all.
        let (before, after) = self.by_lane.split_at(start);
        let mut around = before.last().into_iter().chain(after.first());
        // Another login is considered only if the unit's own lists nothing: different keys are
        // different jobs unless digests say otherwise.
        let (own, others) = match around.any(|row| of_lane(&row)) && !lanes.is_vague(lane) {
            true => (after, &[][..]),
            false => (&[][..], &self.of_any[..]),
        };
        let start = others.partition_point(|row| (row.digest, row.last) < (digest, from));
        let of_digest = move |row: &&ListedBlob| row.digest == digest;
        let others = others[start..].iter().take_while(of_digest);
        own.iter().take_while(of_lane).chain(others)
    }
}

/// The manifests of a run, by their first put.
fn collect_contents(work: &PartyWork<'_>, run: &Run, contents: &mut Vec<RunManifest>) {
    contents.clear();
    for (place, &put) in (0..).zip(&run.puts) {
        let row = &work.puts[put];
        contents.push(RunManifest {
            digest: row.digest,
            put,
            place,
            accepted: row.accepted.then_some(row.time),
            last: row.time,
        });
    }
    contents.sort_by_key(|content| content.digest);
    contents.dedup_by(|other, first| {
        let is_same = other.digest == first.digest;
        if is_same {
            first.last = first.last.max(other.last);
            first.accepted = match (first.accepted, other.accepted) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        is_same
    });
    contents.sort_unstable_by_key(|content| content.place);
}
