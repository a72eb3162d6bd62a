//! Who did again what was refused or left.
//!
//! In: the runs that the log holds. Out: the later runs that made a flagged one good: they are of the same
//! principal, began after the refusal, and did what was refused. That is the manifest under its tag, or the
//! layer in a push that completed; of an Initiate, which names no layer, uploads and a push that completed.

use std::collections::BTreeMap;

use super::call::{Call, Request, RunId, Stage as CallStage};
use super::content::Digest;
use super::stage::Stage;
use super::truth::Seen;
use super::verdict::Verdict;

/// Which runs made `run` good; nothing where it is not flagged, or what it was after cannot be told.
pub(crate) fn made_good_by(
    stage: &Stage,
    run: RunId,
    verdict: &Verdict,
    events: &[Seen<'_>],
    runs: &BTreeMap<RunId, Vec<Seen<'_>>>,
) -> Option<Vec<RunId>> {
    if !verdict.is_flagged() || verdict.is_open || verdict.is_flag_open {
        return None;
    }
    let facts = &stage.runs[run];
    let own = |seen: &&Seen<'_>| seen.call.place == facts.place;
    let refused: Vec<&Call> = events
        .iter()
        .filter(own)
        .filter(|seen| !seen.call.holds())
        .map(|seen| seen.call)
        .collect();
    let since = match refused.last() {
        Some(call) => call.at,
        None => events.iter().map(|seen| seen.call.at).max()?,
    };
    let principal = stage.logins[facts.login].principal.label();
    let mut is_open = false;
    let mut found = Vec::new();
    for (&later, theirs) in runs {
        let other = &stage.runs[later];
        let began = theirs.iter().map(|seen| seen.call.at).min()?;
        if later == run
            || other.place != facts.place
            || began <= since
            || stage.logins[other.login].principal.label() != principal
        {
            continue;
        }
        let has_completed = theirs.iter().any(|seen| {
            seen.call.holds()
                && seen.shows_manifest
                && seen.call.about.as_ref() == Some(&other.root.digest)
                && seen.call.request.stage() == Some(CallStage::Put)
        });
        if !has_completed {
            continue;
        }
        if is_repeated(&refused, other.root.digest == facts.root.digest, theirs) {
            found.push(later);
            continue;
        }
        // A run that left without a refusal does not say what it was after.
        is_open |= refused.is_empty();
    }
    (!is_open || !found.is_empty()).then_some(found)
}

fn is_repeated(refused: &[&Call], is_same_root: bool, theirs: &[Seen<'_>]) -> bool {
    let Some(decisive) = refused.last() else {
        return is_same_root;
    };
    let sent = |wanted: Option<&Digest>| {
        theirs.iter().any(|seen| match &seen.call.request {
            Request::Complete { digest } => {
                seen.call.holds() && wanted.is_none_or(|wanted| wanted == digest)
            }
            Request::Check { .. }
            | Request::Initiate
            | Request::Part { .. }
            | Request::Put { .. }
            | Request::Token
            | Request::Read { .. }
            | Request::Layer { .. } => false,
        })
    };
    match &decisive.request {
        Request::Put { manifest, tag } => theirs.iter().any(|seen| {
            matches!(
                &seen.call.request,
                Request::Put { manifest: later, tag: under }
                    if later.digest == manifest.digest && under == tag && seen.call.holds()
            )
        }),
        Request::Initiate => sent(None),
        Request::Check { .. }
        | Request::Part { .. }
        | Request::Complete { .. }
        | Request::Token
        | Request::Read { .. }
        | Request::Layer { .. } => is_same_root || sent(decisive.about.as_ref()),
    }
}
