//! The standing of each digest file, by the files after it and by its signature.
//!
//! Comes in: digest files, signatures and keys. Goes out: the standing of each, and where a chain is
//! broken. Never: trust in a digest file if there is evidence against it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::ingest::interval::Interval;
use crate::ingest::verify::defects::{Defects, shown};
use crate::ingest::verify::seen::DigestSeen;
use crate::ingest::verify::verdict::{DigestChain, Flaw, Standing, Suspect};
use crate::problem::{Follows, Integrity};
use crate::source::digest_file::{ObjectLocation, PreviousDigest, bare_name};
use crate::source::seal::Signature;
use crate::source::{ContentHash, DigestFile, PublicKeys};

/// How many signatures are tried for one digest file. One is in the digest file after it, of which the
/// input may hold copies.
const MOST_SIGNATURES: usize = 64;

/// A digest file with its standing.
pub(super) struct Judged<'a> {
    pub(super) seen: &'a DigestSeen,
    pub(super) standing: Standing,
}

/// What a later digest file says about an earlier one.
struct Successor<'a> {
    by: &'a DigestSeen,
    standing: Standing,
    previous: &'a PreviousDigest,
}

/// Judges every digest file, the latest first, since each one vouches for the one before it.
pub(super) fn judge<'a>(
    digests: &'a [DigestSeen],
    signatures: &BTreeMap<&str, &str>,
    keys: &PublicKeys,
    defects: &mut Defects,
) -> Vec<Judged<'a>> {
    let mut order: Vec<&DigestSeen> = digests.iter().collect();
    order.sort_by_key(|seen| (seen.digest.end, &seen.digest.place, seen.bearer.part));
    let mut successors: BTreeMap<&ObjectLocation, Vec<Successor<'_>>> = BTreeMap::new();
    let mut judged = Vec::with_capacity(order.len());
    for seen in order.into_iter().rev() {
        let about = successors
            .get(&seen.digest.place)
            .map_or(&[][..], Vec::as_slice);
        let beside = signature_beside(signatures, &seen.digest.place);
        let (standing, defect) = standing(seen, about, beside, keys);
        if let Some(defect) = defect {
            defects.add(&seen.bearer, defect);
        }
        if let Some(previous) = &seen.digest.previous {
            successors
                .entry(&previous.place)
                .or_default()
                .push(Successor {
                    by: seen,
                    standing,
                    previous,
                });
        }
        judged.push(Judged { seen, standing });
    }
    judged.reverse();
    judged
}

/// The signature in a file whose name is that of the digest file plus a suffix.
fn signature_beside<'a>(
    signatures: &BTreeMap<&str, &'a str>,
    place: &ObjectLocation,
) -> Option<&'a str> {
    let name = bare_name(&place.object);
    let mut from = signatures.range(name..);
    let (beside, signature) = from.next()?;
    (!name.is_empty() && beside.starts_with(name)).then_some(*signature)
}

fn standing(
    seen: &DigestSeen,
    successors: &[Successor<'_>],
    beside: Option<&str>,
    keys: &PublicKeys,
) -> (Standing, Option<Integrity>) {
    // A good signature counts wherever it comes from; nothing else from an altered file counts.
    let at_hand = successors
        .iter()
        .filter_map(|successor| successor.previous.signature.as_deref());
    let own = seen.own_signature.as_deref();
    let beside = || own.into_iter().chain(beside);
    // Signatures that nobody can add come first.
    let at_hand: BTreeSet<&str> = beside().chain(at_hand).take(MOST_SIGNATURES).collect();
    let mut signature = match keys.is_empty() {
        true => Signature::Absent,
        false => keys.check(&seen.digest, seen.hash, at_hand),
    };
    let heard = || {
        successors
            .iter()
            .filter(|successor| !successor.standing.is_bad())
    };
    if signature == Signature::Bad && heard().next().is_none() && beside().next().is_none() {
        signature = Signature::Absent;
    }
    let authentic = || {
        successors
            .iter()
            .filter(|successor| successor.standing.is_authentic())
    };
    let is_denied = |successor: &&Successor<'_>| {
        ContentHash::parse(&successor.previous.hash) != Some(seen.hash)
    };
    // What an authentic file says outweighs the others.
    let denied = match authentic().next() {
        Some(_) => authentic().find(is_denied),
        None => heard().find(is_denied),
    };
    let is_vouched_for = authentic().next().is_some();
    match (signature, denied) {
        (Signature::Good, _) => (Standing::Signed, None),
        (Signature::Bad | Signature::Absent | Signature::UnknownKey, Some(successor)) => {
            let next = shown(&successor.by.digest.place.object);
            (Standing::Altered, Some(Integrity::AlteredDigest { next }))
        }
        (Signature::Bad | Signature::Absent | Signature::UnknownKey, None) if is_vouched_for => {
            (Standing::Vouched, None)
        }
        (Signature::Bad, None) => (Standing::BadSignature, Some(Integrity::BadSignature)),
        (Signature::Absent, None) => (Standing::Unchecked, None),
        (Signature::UnknownKey, None) => {
            let fingerprint = shown(&seen.digest.fingerprint);
            let defect = Integrity::UnknownKey { fingerprint };
            (Standing::UnknownKey, Some(defect))
        }
    }
}

/// Follows the digest files of each chain as far as they are available; returns how many do not follow the
/// one before.
///
/// The first of a chain in the input may follow one that is missing, since the input starts there.
pub(super) fn chains(
    judged: &[Judged<'_>],
    suspects: &mut Vec<Suspect>,
    defects: &mut Defects,
) -> (Vec<DigestChain>, u64) {
    let mut of_name: BTreeMap<_, Vec<&Judged<'_>>> = BTreeMap::new();
    let mut places = BTreeSet::new();
    for one in judged {
        let digest = &one.seen.digest;
        of_name.entry(digest.place.chain()).or_default().push(one);
        places.insert(&digest.place);
        if one.standing.is_bad() {
            suspects.push(suspect(Flaw::Altered, digest, digest.start, digest.end));
        }
    }
    let (mut chains, mut n_breaks) = (Vec::new(), 0);
    for ((_, is_late), digests) in of_name {
        let (Some(first), Some(last)) = (digests.first(), digests.last()) else {
            continue;
        };
        let mut gaps = Vec::new();
        let mut before: Option<&DigestFile> = None;
        for copies in digests.chunk_by(|a, b| a.seen.digest.place == b.seen.digest.place) {
            for Judged { seen, .. } in copies {
                let Some(before) = before else { continue };
                let Some(follows) = follows(&seen.digest, before, is_late, &places) else {
                    continue;
                };
                let (from, to) = (before.end, seen.digest.start.max(before.end));
                gaps.push(Interval { from, to });
                suspects.push(suspect(Flaw::Unfounded, before, from, to));
                let before = shown(&before.place.object);
                defects.add(&seen.bearer, Integrity::BrokenChain { follows, before });
                n_breaks += 1;
            }
            before = copies.first().map(|one| &one.seen.digest);
        }
        gaps.dedup();
        chains.push(DigestChain {
            account: first.seen.digest.account.as_str().into(),
            region: first.seen.digest.region.as_str().into(),
            n_files: digests.len() as u64,
            interval: Interval {
                from: first.seen.digest.start,
                to: last.seen.digest.end.max(first.seen.digest.start),
            },
            gaps,
            has_begin: first.seen.digest.previous.is_none(),
            end: last.standing,
        });
    }
    (chains, n_breaks)
}

/// The file that a digest file says it follows; `None` if that is the one before it here, as it should be.
fn follows(
    digest: &DigestFile,
    before: &DigestFile,
    is_late: bool,
    places: &BTreeSet<&ObjectLocation>,
) -> Option<Follows> {
    match digest.previous.as_ref().map(|previous| &previous.place) {
        Some(previous) if *previous == before.place => None,
        // A file that was delivered late for its hour need not follow anything.
        None if is_late => None,
        None => Some(Follows::Nothing),
        Some(previous) => {
            let name = shown(&previous.object);
            match places.contains(previous) {
                true => Some(Follows::Another { name }),
                false => Some(Follows::Absent { name }),
            }
        }
    }
}

/// A doubt about the time that a digest file should vouch for.
pub(super) fn suspect(
    flaw: Flaw,
    digest: &DigestFile,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Suspect {
    Suspect {
        flaw,
        account: digest.account.as_str().into(),
        region: digest.region.as_str().into(),
        interval: Interval { from, to },
    }
}
