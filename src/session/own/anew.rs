//! Signs that a client started anew after a pause, or tried again what it had left.
//!
//! Comes in: the units before and after a pause. Goes out: what they are a sign of. Never: a look at
//! error codes, which do not show whether a client tries again.

use crate::event::{DigestId, IdSet, Second, Seconds};
use crate::session::own::broken::{Broken, count};
use crate::session::own::party::PartyWork;
use crate::session::own::thresholds::{CHECKED_AFTER, CHECKED_RETRY};
use crate::session::own::unit::{Unit, UnitKind};

/// Whether the work after an idle pause starts anew: it checks or sends something that was finished
/// or, if nothing was, repeats every earlier check in one burst. Clients that retry what was just
/// refused or lost also repeat checks, but for no more than these `n_left`.
pub(super) fn starts_anew(
    before: &[&Unit<'_>],
    after: &[&Unit<'_>],
    pause_from: Second,
    n_left: u32,
) -> bool {
    // A registry keeps finished blobs, and only a client that does not know of them asks for them
    // again.
    let finished = before.iter().filter(|unit| unit.kind == UnitKind::Finished);
    let finished: IdSet<DigestId> = finished
        .flat_map(|unit| unit.digests.iter().copied())
        .collect();
    // Docker checks each blob once after its upload has ended; that is not a second look.
    let again = after.iter().any(|unit| {
        let own = !unit.is_upload() && unit.first - pause_from <= CHECKED_AFTER;
        !own && unit.digests.iter().any(|digest| finished.contains(digest))
    });
    let checks = |units: &[&Unit<'_>]| -> IdSet<DigestId> {
        let checks = units.iter().filter(|unit| !unit.is_upload());
        checks
            .flat_map(|unit| unit.digests.iter().copied())
            .collect()
    };
    let (earlier, later) = (checks(before), checks(after));
    // Clients that check before they send do so for every blob at the start, and for one blob when
    // they retry it.
    let repeats_all = !earlier.is_empty() && earlier.is_subset(&later);
    again || (finished.is_empty() && repeats_all && later.len() > n_left as usize)
}

/// Whether a refused layer is sent again only after the pause.
pub(super) fn tries_too_late(before: &[&Unit<'_>], after: &[&Unit<'_>]) -> bool {
    let mut open: IdSet<DigestId> = IdSet::default();
    for unit in before {
        match unit.kind {
            // A layer that was sent after its refusal was retried in time.
            UnitKind::Refused => open.extend(unit.digests),
            UnitKind::Finished => open.retain(|digest| !unit.digests.contains(digest)),
            UnitKind::Unfinished | UnitKind::Check | UnitKind::RefusedCheck => {}
        }
    }
    let mut sent = after.iter().filter(|unit| unit.is_upload());
    sent.any(|unit| unit.digests.iter().any(|digest| open.contains(digest)))
}

/// Whether a client that checks before it sends starts with everything it had dealt with, at least two
/// blobs. This is a sign of a new run if the pause before is no longer than clocks differ.
pub(super) fn asks_all_again(before: &[&Unit<'_>], after: &[&Unit<'_>]) -> bool {
    let digests = |units: &[&Unit<'_>], of_kind: &dyn Fn(&Unit<'_>) -> bool| -> IdSet<DigestId> {
        let units = units.iter().filter(|unit| of_kind(unit));
        units
            .flat_map(|unit| unit.digests.iter().copied())
            .collect()
    };
    let is_finished = |unit: &Unit<'_>| unit.kind == UnitKind::Finished;
    // One blob may be checked again by chance, as docker checks the config for its next tag.
    let dealt_with = digests(before, &|unit| {
        is_finished(unit) || matches!(unit.kind, UnitKind::Refused | UnitKind::RefusedCheck)
    });
    let is_check = |unit: &Unit<'_>| !unit.is_upload();
    let (asked, again) = (digests(before, &is_check), digests(after, &is_check));
    dealt_with.len() > 1
        && before.iter().any(|unit| is_finished(unit))
        && dealt_with.is_subset(&asked)
        && dealt_with.is_subset(&again)
}

/// How many calls were refused, or uploads left open, before a pause as short as that of clients that
/// check again before each retry; none before a longer pause.
pub(super) fn left_just_before(work: &PartyWork<'_>, before: &[&Unit<'_>], pause: Seconds) -> u32 {
    // BuildKit and crane check again before each retry and wait 4 s at most; docker, which waits
    // longer, does not check. So repeated checks after a longer pause belong to a new run.
    let is_short = pause <= CHECKED_RETRY + work.skew;
    count(before, |unit| is_short && unit.is_left())
}

/// How many uploads a client starts before the first of them ends, after the uploads that it left.
pub(super) fn begun_at_once(left: Broken, units: &[&Unit<'_>]) -> u32 {
    let uploads = units.iter().filter(|unit| unit.is_upload());
    // After the first has ended the client starts the next layer, which says nothing about what it had
    // left.
    let Some(first_end) = uploads.map(|unit| unit.last).min() else {
        return 0;
    };
    // An upload that starts in the second of the first end may come after it, except with a client
    // that sends several at once.
    let at_once = count(units, |unit| {
        let is_first = match left.at_once {
            true => unit.first <= first_end,
            false => unit.first < first_end,
        };
        unit.is_upload() && is_first
    });
    at_once.max(1)
}
