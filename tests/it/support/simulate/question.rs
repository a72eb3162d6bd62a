//! Begins of uploads that only ask whether one may push.
//!
//! In: the runs that the log holds. Out: which call is such a question, and which run a begin that sent nothing
//! may have been asked for.

use std::collections::BTreeMap;

use super::call::{Request, RunId};
use super::clock::{HOUR, Millis};
use super::stage::Stage;
use super::truth::Seen;

/// Whether this is the begin of an upload that only asks whether one may.
pub(crate) fn is_question(seen: &Seen<'_>) -> bool {
    matches!(seen.call.request, Request::Initiate) && seen.call.about.is_none()
}

/// How long a begin that sent nothing may have been a question for a push to come.
const QUESTION: Millis = HOUR;

/// The next run of the same credential in that repository within the hour. A run that began and sent nothing
/// may as well have been its question whether it might.
pub(crate) fn next_of_login(
    stage: &Stage,
    runs: &BTreeMap<RunId, Vec<Seen<'_>>>,
    run: RunId,
) -> Option<RunId> {
    let key = |run: RunId| {
        let key = &stage.logins[stage.runs[run].login].proxied;
        (key.access_key_id.clone(), key.created)
    };
    let span = |run: RunId| {
        let times = || runs[&run].iter().map(|seen| seen.call.at);
        Some((times().min()?, times().max()?))
    };
    let (_, end) = span(run)?;
    let later = runs.keys().copied().filter(|&other| {
        other != run && stage.runs[other].place == stage.runs[run].place && key(other) == key(run)
    });
    later
        .filter_map(|other| Some((span(other)?.0, other)))
        .filter(|(begin, _)| (end..end + QUESTION).contains(begin))
        .min()
        .map(|(_, other)| other)
}
