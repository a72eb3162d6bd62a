//! Which events can be told at all.
//!
//! In: the pushes that the log holds. Out: the events that may as well be another push's: a run that shows
//! the same principal and no other credential was at work in the same repository at that time, and no digest
//! says which of the two it was. Computed from the truth alone, whatever a correlator would make of it.

use std::collections::{BTreeMap, BTreeSet};

use super::call::{LoginId, PlaceId, Request, RunId};
use super::clock::Millis;
use super::content::Digest;
use super::question::is_question;
use super::stage::Stage;
use super::truth::Seen;

/// What one run shows of itself.
struct Visible {
    run: RunId,
    login: LoginId,
    is_direct: bool,
    first: Millis,
    last: Millis,
    shows_key: bool,
    /// What its visible manifests list, themselves included.
    listed: BTreeSet<Digest>,
    /// All digests that its events show.
    touched: BTreeSet<Digest>,
    /// A root of it is in the log.
    has_root: bool,
}

/// The `eventID`s of all that cannot be told.
///
/// # Complexity
/// Linear in the events times the runs of the same principal and repository that overlap.
pub(crate) fn undecidable(
    stage: &Stage,
    runs: &BTreeMap<RunId, Vec<Seen<'_>>>,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut groups: BTreeMap<(PlaceId, String), Vec<Visible>> = BTreeMap::new();
    for (&run, events) in runs {
        let facts = &stage.runs[run];
        let principal = stage.logins[facts.login].principal.label();
        if let Some(visible) = visible(stage, run, events) {
            let group = groups.entry((facts.place, principal)).or_default();
            group.push(visible);
        }
    }
    for group in groups.values() {
        for own in group {
            let rivals: Vec<&Visible> = group
                .iter()
                .filter(|other| {
                    other.run != own.run && other.first <= own.last && own.first <= other.last
                })
                .collect();
            if rivals.is_empty() {
                continue;
            }
            let events = &runs[&own.run];
            let hidden = events
                .iter()
                .filter(|seen| is_own_work(stage, own.run, seen))
                .filter(|seen| !is_told(stage, own, &rivals, seen));
            found.extend(hidden.map(|seen| seen.event_id.to_owned()));
        }
    }
    found
}

/// Whether the event is work on the push itself: neither a question whether one may push, which stands apart
/// in time, nor one to another repository. Both have rules of their own.
fn is_own_work(stage: &Stage, run: RunId, seen: &Seen<'_>) -> bool {
    !is_question(seen) && seen.call.place == stage.runs[run].place
}

/// What the run shows of itself; nothing where it did no work.
fn visible(stage: &Stage, run: RunId, events: &[Seen<'_>]) -> Option<Visible> {
    let facts = &stage.runs[run];
    let events: Vec<&Seen<'_>> = events
        .iter()
        .filter(|seen| is_own_work(stage, run, seen))
        .collect();
    let first = events.iter().map(|seen| seen.time).min()?;
    let last = events.iter().map(|seen| seen.time).max()?;
    let mut listed = BTreeSet::new();
    let mut has_root = false;
    for seen in &events {
        if let Request::Put { manifest, .. } = &seen.call.request
            && seen.shows_manifest
        {
            listed.extend(manifest.listed());
            listed.insert(manifest.digest.clone());
            let roots = [Some(&facts.root), facts.fallback.as_ref()];
            has_root |= roots
                .into_iter()
                .flatten()
                .any(|root| root.digest == manifest.digest);
        }
    }
    Some(Visible {
        run,
        login: facts.login,
        is_direct: events.iter().any(|seen| seen.call.is_direct),
        first,
        last,
        shows_key: events.iter().any(|seen| seen.shows_key),
        touched: events
            .iter()
            .flat_map(|seen| seen.names.iter().cloned())
            .chain(listed.iter().cloned())
            .collect(),
        listed,
        has_root,
    })
}

fn is_told(stage: &Stage, own: &Visible, rivals: &[&Visible], seen: &Seen<'_>) -> bool {
    let rivals: Vec<&&Visible> = rivals
        .iter()
        .filter(|rival| {
            (rival.first..=rival.last).contains(&seen.time)
                && !shows_other_login(stage, own, rival, seen)
        })
        .collect();
    if rivals.is_empty() {
        return true;
    }
    let is_only_ours = |digest: &Digest| rivals.iter().all(|rival| !rival.touched.contains(digest));
    if own.has_root {
        return seen
            .names
            .iter()
            .any(|digest| own.listed.contains(digest) && is_only_ours(digest));
    }
    // What no manifest lists is an unfinished run's, if there is but one.
    rivals.iter().all(|rival| rival.has_root) && seen.names.iter().any(is_only_ours)
}

/// Whether the record itself shows another credential than the rival's records do.
fn shows_other_login(stage: &Stage, own: &Visible, rival: &Visible, seen: &Seen<'_>) -> bool {
    let key = |login: LoginId, is_direct: bool| {
        let login = &stage.logins[login];
        if is_direct {
            &login.own
        } else {
            &login.proxied
        }
    };
    let (ours, theirs) = (
        key(seen.call.login, own.is_direct),
        key(rival.login, rival.is_direct),
    );
    if own.is_direct != rival.is_direct {
        return true;
    }
    let other_key = seen.shows_key && rival.shows_key && ours.access_key_id != theirs.access_key_id;
    // A foreigner's record shows neither key nor session; elsewhere the session is always shown.
    let shows_session = seen.shows_key || !is_foreign(stage, own);
    other_key || (shows_session && ours.created != theirs.created)
}

fn is_foreign(stage: &Stage, own: &Visible) -> bool {
    let run = &stage.runs[own.run];
    stage.registry.places[run.place].account != stage.logins[own.login].principal.account
}
