//! Stray calls: some name an upload that another login made, some an upload that is long over.
//!
//! Comes in: the calls of a party at a repository. Goes out: these calls, the stray ones without the
//! id of the upload, so that each stands for itself. Never: two logins, or two runs, joined by a call
//! that was refused.

use std::borrow::Cow;

use crate::event::{EventId, EventLog, Second, Seconds};
use crate::graph::index::{self, PushCall};
use crate::session::own::lane::{CredentialLanes, Lane, Lanes};
use crate::session::own::party::Tolerance;

/// Sets apart the calls that are not of the run that an upload was made for.
///
/// # Complexity
/// O(n) in the calls; O(n log n) where there are such.
pub(super) fn apart<'a>(
    log: &EventLog,
    calls: &'a [PushCall],
    tolerance: Tolerance,
) -> Cow<'a, [PushCall]> {
    let calls = without_late(log, calls, tolerance.window);
    without_foreign(log, calls, tolerance.skew)
}

/// Sets apart the refused calls of an upload that come more than a window before or after all that was
/// accepted of it: no client is silent for so long and then goes on.
///
/// # Complexity
/// O(n) in the calls; O(n log n) where there are such.
fn without_late<'a>(log: &EventLog, calls: &'a [PushCall], window: Seconds) -> Cow<'a, [PushCall]> {
    let mut late: Vec<EventId> = Vec::new();
    for whole in index::wholes(calls) {
        let is_refused = |call: &&PushCall| !log.leaves_as_wanted(call.stage, call.failure);
        // What was accepted was the upload's own, whenever it came; a refusal may be anybody's.
        if whole[0].upload.is_some() && whole.iter().any(|call| is_refused(&call)) {
            let accepted = whole.iter().filter(|call| !is_refused(call));
            let seconds = accepted.map(|call| call.second);
            let span = seconds.clone().min().zip(seconds.max());
            let is_late = |call: &&PushCall| {
                span.is_some_and(|(first, last)| {
                    first - call.second > window || call.second - last > window
                })
            };
            let refused = whole.iter().filter(is_refused).filter(is_late);
            late.extend(refused.map(|call| call.event));
        }
    }
    let mut calls = Cow::Borrowed(calls);
    set_apart(&mut calls, late);
    calls
}

/// Takes the id from some calls, and keeps the order.
fn set_apart(calls: &mut Cow<'_, [PushCall]>, mut events: Vec<EventId>) {
    if events.is_empty() {
        return;
    }
    events.sort_unstable();
    let calls = calls.to_mut();
    for call in calls.iter_mut() {
        if events.binary_search(&call.event).is_ok() {
            call.upload = None;
        }
    }
    calls.sort_unstable_by_key(|call| (call.upload, call.stage, call.rank()));
}

/// Sets apart what one login did about the upload of another.
///
/// An `uploadId` is no secret of the login that got it: another one may name it, too, and be refused. One run
/// goes on under a new login where its key was renewed; then the new one takes over for good.
///
/// # Complexity
/// O(n) in the calls; O(n log n) where two logins name one upload.
fn without_foreign<'a>(
    log: &EventLog,
    mut calls: Cow<'a, [PushCall]>,
    skew: Seconds,
) -> Cow<'a, [PushCall]> {
    let mut pairs = calls.windows(2);
    let is_shared = |pair: &[PushCall]| {
        pair[0].upload.is_some()
            && pair[0].upload == pair[1].upload
            && pair[0].credential != pair[1].credential
    };
    if !pairs.any(is_shared) {
        return calls;
    }
    let (mut callers, lanes) = CredentialLanes::new(log, &calls);
    let mut foreign: Vec<EventId> = Vec::new();
    for whole in index::wholes(&calls) {
        let of_calls: Vec<Lane> = whole
            .iter()
            .map(|call| lanes.resolve(callers.lane(call)))
            .collect();
        if of_calls.iter().any(|&lane| lane != of_calls[0]) {
            foreigners(log, &lanes, whole, &of_calls, skew, &mut foreign);
        }
    }
    set_apart(&mut calls, foreign);
    calls
}

/// Finds the calls of an upload that are neither of the login that it was made for nor of the one
/// that went on with it.
fn foreigners(
    log: &EventLog,
    lanes: &Lanes,
    calls: &[PushCall],
    of_calls: &[Lane],
    skew: Seconds,
    foreign: &mut Vec<EventId>,
) {
    // They come by stage, so that an accepted Initiate is the first accepted call.
    let accepted: Vec<(Lane, Second)> = (calls.iter().zip(of_calls))
        .filter(|(call, _)| log.leaves_as_wanted(call.stage, call.failure))
        .map(|(call, &lane)| (lane, call.second))
        .collect();
    let owner = accepted.first().map_or(of_calls[0], |first| first.0);
    // A call that hides its login may be the owner's, and is left with the upload.
    let is_owners = |lane: Lane| lanes.compatible(owner, lane);
    let n_owners = accepted.iter().take_while(|row| is_owners(row.0)).count();
    let (of_owner, after) = accepted.split_at(n_owners);
    // Whoever goes on with an upload does so to its end: nothing of the owner's comes after.
    let next = after.first().map(|row| row.0).filter(|&next| {
        let of_next = after.iter().filter(|row| row.0 == next);
        let begin = of_next.map(|row| row.1).fold(Second::MAX, Second::min);
        let of_owner = of_owner.iter().map(|row| row.1);
        let is_over = of_owner.fold(Second::MIN, Second::max) <= begin + skew;
        is_over && !after.iter().any(|row| is_owners(row.0))
    });
    let others = calls.iter().zip(of_calls);
    let others = others.filter(|&(_, &lane)| !is_owners(lane) && Some(lane) != next);
    foreign.extend(others.map(|(call, _)| call.event));
}
