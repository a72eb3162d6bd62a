//! Calls that name an upload of another login: they stand for themselves.
//!
//! Comes in: the calls of a party at a repository. Goes out: the same, those that another login made about
//! an upload without its id. Never: a login joined to another by what was refused to it.

use std::borrow::Cow;

use crate::event::{EventLog, Second, Seconds};
use crate::graph::index::{self, Call};
use crate::session::own::lane::{Callers, Lane, Lanes};

/// Sets apart what one login did about the upload of another.
///
/// An `uploadId` is no secret of the login that got it: another one may name it, too, and be refused. One run
/// goes on under a new login where its key was renewed; then the new one takes over for good.
///
/// # Complexity
/// O(n) in the calls; O(n log n) where two logins name one upload.
pub(super) fn apart<'a>(log: &EventLog, calls: &'a [Call], skew: Seconds) -> Cow<'a, [Call]> {
    let mut calls = Cow::Borrowed(calls);
    let mut pairs = calls.windows(2);
    let is_shared = |pair: &[Call]| {
        pair[0].upload.is_some()
            && pair[0].upload == pair[1].upload
            && pair[0].credential != pair[1].credential
    };
    if !pairs.any(is_shared) {
        return calls;
    }
    let (mut callers, lanes) = Callers::new(log, &calls);
    let mut foreign: Vec<usize> = Vec::new();
    let mut start = 0;
    for whole in index::wholes(&calls) {
        let of_calls: Vec<Lane> = whole
            .iter()
            .map(|call| lanes.resolve(callers.lane(call)))
            .collect();
        if of_calls.iter().any(|&lane| lane != of_calls[0]) {
            let others = foreigners(log, &lanes, whole, &of_calls, skew);
            foreign.extend(others.into_iter().map(|at| start + at));
        }
        start += whole.len();
    }
    if !foreign.is_empty() {
        let calls = calls.to_mut();
        for at in foreign {
            calls[at].upload = None;
        }
        calls.sort_unstable_by_key(|call| (call.upload, call.stage, call.rank()));
    }
    calls
}

/// The calls of an upload, by their places, that are neither of the login that it was made for nor of the one
/// that went on with it.
fn foreigners(
    log: &EventLog,
    lanes: &Lanes,
    calls: &[Call],
    of_calls: &[Lane],
    skew: Seconds,
) -> Vec<usize> {
    // They come by stage, so that an accepted Initiate is the first accepted call.
    let accepted: Vec<(Lane, Second)> = (calls.iter().zip(of_calls))
        .filter(|(call, _)| log.leaves_as_wanted(call.stage, call.failure))
        .map(|(call, &lane)| (lane, call.second))
        .collect();
    let owner = accepted.first().map_or(of_calls[0], |first| first.0);
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
    let is_foreign = |&at: &usize| {
        let lane = of_calls[at];
        !is_owners(lane) && Some(lane) != next
    };
    (0..calls.len()).filter(is_foreign).collect()
}
