//! Stray calls: some name an upload that another login made, some an upload that another run made, long before or after.
//!
//! Comes in: the calls of a party at a repository. Goes out: these calls, but the stray ones without the id
//! of the upload, so that each stands alone. Never: two logins, or two runs, joined by a refused call.

use std::borrow::Cow;

use crate::event::{EventId, EventLog, Second, Seconds};
use crate::graph::index::{self, PushCall};
use crate::session::own::lane::{CredentialLanes, Lane, Lanes};
use crate::session::own::party::Tolerance;

/// Sets apart the calls that do not belong to the run for which an upload was made.
///
/// # Complexity
/// O(n) in the calls; O(n log n) if there are any.
pub(super) fn apart<'a>(
    log: &EventLog,
    calls: &'a [PushCall],
    tolerance: Tolerance,
) -> Cow<'a, [PushCall]> {
    let calls = without_late(log, calls, tolerance.window);
    without_foreign(log, calls, tolerance.skew)
}

/// Sets apart the refused calls of an upload that come more than a window before or after all its accepted
/// calls, since no client is silent for so long and then continues.
///
/// # Complexity
/// O(n) in the calls; O(n log n) if there are any.
fn without_late<'a>(log: &EventLog, calls: &'a [PushCall], window: Seconds) -> Cow<'a, [PushCall]> {
    let mut late: Vec<EventId> = Vec::new();
    for whole in index::wholes(calls) {
        let is_refused = |call: &&PushCall| !log.leaves_as_wanted(call.stage, call.failure);
        // An accepted call belongs to the upload whenever it came; a refused one may be anybody's.
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

/// Removes the upload id from some calls, and keeps the order.
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

/// Sets apart one login's calls about the upload of another.
///
/// An `uploadId` is not a secret of the login that received it: another login may name it and be refused. If
/// a key was renewed, one run continues under a new login, which then takes over for good.
///
/// # Complexity
/// O(n) in the calls; O(n log n) if two logins name one upload.
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

/// Finds the calls of an upload that belong neither to the login for which it was made nor to the login that
/// continued it.
fn foreigners(
    log: &EventLog,
    lanes: &Lanes,
    calls: &[PushCall],
    of_calls: &[Lane],
    skew: Seconds,
    foreign: &mut Vec<EventId>,
) {
    // They come by stage, so an accepted Initiate is the first accepted call.
    let accepted: Vec<(Lane, Second)> = (calls.iter().zip(of_calls))
        .filter(|(call, _)| log.leaves_as_wanted(call.stage, call.failure))
        .map(|(call, &lane)| (lane, call.second))
        .collect();
    let owner = accepted.first().map_or(of_calls[0], |first| first.0);
    // A call that hides its login may be the owner's, so it stays with the upload.
    let is_owners = |lane: Lane| lanes.compatible(owner, lane);
    let n_owners = accepted.iter().take_while(|row| is_owners(row.0)).count();
    let (of_owner, after) = accepted.split_at(n_owners);
    // Whoever continues an upload does so to its end: no call of the owner comes later.
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
