//! Runs of which nobody can say that they were not the run before, going on.
//!
//! In: the runs that the log holds. Out: the run before, where a client was killed and run again at once with
//! the same credential, and the log shows neither a check nor a login by which the second would be known: a
//! client that paused, or that tried again what it had lost, leaves the same records. So does one whose tag was
//! refused, and one that puts the same manifest under the next tag. Computed from the truth alone, whatever a
//! correlator would make of it.

use std::collections::{BTreeMap, BTreeSet};

use super::call::{Request, RunId, Stage as Step};
use super::clock::{MINUTE, Millis, SECOND};
use super::content::Digest;
use super::stage::Stage;
use super::truth::Seen;

/// The longest pause that a client at work was seen to make without a record.
const PAUSE: Millis = MINUTE;

/// The longest that the first bytes of an upload may be on their way: the window.
const FIRST_BYTES: Millis = 15 * MINUTE;

/// The longest pause of a client between a put that was refused and the next: docker waits up to 20 s, a third
/// longer at the most.
const NEXT_PUT: Millis = 27 * SECOND;

/// The run that `run` may be more of.
///
/// # Complexity
/// Linear in the runs.
pub(crate) fn carried_on_from(
    stage: &Stage,
    runs: &BTreeMap<RunId, Vec<Seen<'_>>>,
    run: RunId,
) -> Option<RunId> {
    let later = &runs[&run];
    let begin = later.first()?.call.at;
    let ended = runs.iter().filter_map(|(&before, earlier)| {
        let end = earlier.last()?.call.at;
        (end <= begin && is_of_one_client(stage, before, run)).then_some((end, before))
    });
    let (end, before) = ended.max()?;
    let earlier = &runs[&before];
    let is_put = |seen: &Seen<'_>| seen.call.request.stage() == Some(Step::Put);
    let root = &stage.runs[before].root.digest;
    // Layers, and children whose index was not put.
    let is_part = |seen: &Seen<'_>| {
        !is_put(seen) || seen.call.holds() && seen.call.about.as_ref() != Some(root)
    };
    let is_left = stage.runs[run].retry_of == Some(before)
        && asked(earlier).is_empty()
        && earlier.iter().all(is_part);
    let last = earlier.last()?;
    let is_next_put = is_put(last)
        && !last.call.holds()
        && later.last()?.call.about == last.call.about
        && begin - end <= NEXT_PUT;
    // A client sends no layer twice to its end, and asks for one that it has sent.
    let patience = if waits(earlier) { FIRST_BYTES } else { PAUSE };
    let is_silent = begin - end <= patience
        && asked(later).is_subset(&sent(later))
        && sent(earlier).is_disjoint(&sent(later));
    let is_loop = stage.runs[run].told_with.is_some();
    let may_be = (is_silent && is_left) || (is_next_put && (is_loop || later.len() == 1));
    may_be.then_some(before)
}

/// Whether an upload was begun of which nothing more is seen.
fn waits(events: &[Seen<'_>]) -> bool {
    let is_begin = |seen: &&Seen<'_>| matches!(seen.call.request, Request::Initiate);
    let mut begins = events.iter().filter(is_begin);
    begins.any(|begin| {
        let of_upload = events
            .iter()
            .filter(|seen| seen.call.upload == begin.call.upload);
        begin.call.holds() && of_upload.count() == 1
    })
}

/// Whether both runs show the same credential, in one repository.
fn is_of_one_client(stage: &Stage, one: RunId, other: RunId) -> bool {
    let seen = |run: RunId| {
        let facts = &stage.runs[run];
        let key = &stage.logins[facts.login].proxied;
        (facts.place, &key.access_key_id, key.created)
    };
    one != other && seen(one) == seen(other)
}

/// The blobs that the run asked for.
fn asked<'a>(events: &'a [Seen<'_>]) -> BTreeSet<&'a Digest> {
    let digests = events.iter().filter_map(|seen| match &seen.call.request {
        Request::Check { digests } => Some(digests),
        Request::Initiate
        | Request::Part { .. }
        | Request::Complete { .. }
        | Request::Put { .. }
        | Request::Token
        | Request::Read { .. }
        | Request::Layer { .. } => None,
    });
    digests.flatten().collect()
}

/// The blobs that the run sent to their end.
fn sent<'a>(events: &'a [Seen<'_>]) -> BTreeSet<&'a Digest> {
    let ended = events.iter().filter_map(|seen| match &seen.call.request {
        Request::Complete { digest } => Some(digest),
        Request::Check { .. }
        | Request::Initiate
        | Request::Part { .. }
        | Request::Put { .. }
        | Request::Token
        | Request::Read { .. }
        | Request::Layer { .. } => None,
    });
    ended.collect()
}
