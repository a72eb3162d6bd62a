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
            foreign.extend(others.map(|at| start + at));
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

/// The calls of an upload that are neither of the login that it was made for nor of the one that went on with
/// it.
fn foreigners(
    log: &EventLog,
    lanes: &Lanes,
    calls: &[Call],
    of_calls: &[Lane],
    skew: Seconds,
) -> impl Iterator<Item = usize> {
    let holds = |call: &Call| log.leaves_as_wanted(call.stage, call.failure);
    // They come by stage, so that an accepted Initiate is the first accepted call.
    let owner = of_calls[calls.iter().position(holds).unwrap_or_default()];
    let is_owners = |lane: Lane| lanes.compatible(owner, lane);
    let next = (calls.iter().zip(of_calls))
        .find(|&(call, &lane)| holds(call) && !is_owners(lane))
        .map(|(_, &lane)| lane);
    // Whoever goes on with an upload does so to its end: nothing of the owner's comes after.
    let next = next.filter(|&next| {
        let rows = || calls.iter().zip(of_calls).filter(|(call, _)| holds(call));
        let first = rows().position(|(_, &lane)| lane == next);
        let last = rows().collect::<Vec<_>>();
        let last = last.iter().rposition(|&(_, &lane)| is_owners(lane));
        let of_next = rows().filter(|&(_, &lane)| lane == next);
        let of_owner = rows().filter(|&(_, &lane)| is_owners(lane));
        let begin = of_next
            .map(|row| row.0.second)
            .fold(Second::MAX, Second::min);
        let end = of_owner
            .map(|row| row.0.second)
            .fold(Second::MIN, Second::max);
        last < first && end <= begin + skew
    });
    let is_foreign = |&at: &usize| {
        let lane = of_calls[at];
        !is_owners(lane) && Some(lane) != next
    };
    let foreign: Vec<usize> = (0..calls.len()).filter(is_foreign).collect();
    foreign.into_iter()
}
