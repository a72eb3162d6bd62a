//! What must stand before what inside a push.
//!
//! In: the events of one push. Out: pairs of cause and effect. Only pairs that the log itself can prove, or
//! whose order its times show, are asked for.

use std::collections::BTreeMap;

use super::call::Request;
use super::content::Digest;
use super::truth::Seen;

/// Adds the pairs of one push, whose `events` come in the order in which they were answered.
pub(crate) fn causes(events: &[Seen<'_>], pairs: &mut Vec<(String, String)>) {
    let mut add = |cause: &Seen<'_>, effect: &Seen<'_>| {
        if cause.call.at < effect.call.at {
            pairs.push((cause.event_id.to_owned(), effect.event_id.to_owned()));
        }
    };
    for chain in uploads(events).values() {
        for pair in chain.windows(2) {
            add(pair[0], pair[1]);
        }
    }
    for cause in events.iter().filter(|seen| seen.call.holds()) {
        let made: &Digest = match &cause.call.request {
            Request::Complete { digest } => digest,
            Request::Put { manifest, .. } if cause.shows_manifest => &manifest.digest,
            Request::Put { .. }
            | Request::Check { .. }
            | Request::Initiate
            | Request::Part { .. }
            | Request::Token
            | Request::Read { .. }
            | Request::Layer { .. } => continue,
        };
        for effect in events
            .iter()
            .filter(|seen| seen.call.holds() && seen.shows_manifest)
        {
            if let Request::Put { manifest, .. } = &effect.call.request
                && manifest.listed().contains(made)
            {
                add(cause, effect);
            }
        }
    }
    check_pairs(events, &mut add);
}

/// The events of each upload: Initiate, parts by their bounds, Complete.
fn uploads<'e, 'a>(events: &'e [Seen<'a>]) -> BTreeMap<&'e str, Vec<&'e Seen<'a>>> {
    let mut uploads: BTreeMap<&str, Vec<&Seen<'_>>> = BTreeMap::new();
    for seen in events.iter().filter(|seen| seen.shows_upload) {
        if let Some(upload) = &seen.call.upload {
            uploads.entry(upload).or_default().push(seen);
        }
    }
    uploads
}

/// Checks before and after an upload, where whole seconds tell which it is. Where the clocks have
/// an upload end before it begins, a check between tells nothing.
fn check_pairs<'a>(events: &[Seen<'a>], add: &mut impl FnMut(&Seen<'a>, &Seen<'a>)) {
    let of = |check: &Seen<'_>, other: &Seen<'_>| {
        check
            .names
            .iter()
            .any(|digest| other.call.about.as_ref() == Some(digest))
    };
    let twin = |other: &Seen<'_>, is_twin: fn(&Request) -> bool| {
        let same = |seen: &&Seen<'_>| seen.call.upload == other.call.upload;
        let found = events
            .iter()
            .filter(same)
            .find(|seen| is_twin(&seen.call.request));
        found.map(|seen| seen.time)
    };
    let end_of =
        |begin: &Seen<'_>| twin(begin, |request| matches!(request, Request::Complete { .. }));
    let begin_of = |end: &Seen<'_>| twin(end, |request| matches!(request, Request::Initiate));
    for check in events
        .iter()
        .filter(|seen| matches!(seen.call.request, Request::Check { .. }))
    {
        for other in events
            .iter()
            .filter(|seen| seen.shows_upload && of(check, seen))
        {
            match &other.call.request {
                Request::Initiate
                    if check.call.at < other.call.at
                        && check.time <= other.time
                        && end_of(other).is_none_or(|end| end >= check.time) =>
                {
                    add(check, other);
                }
                Request::Complete { .. }
                    if other.call.at < check.call.at
                        && other.time < check.time
                        && begin_of(other).is_none_or(|begin| begin < check.time) =>
                {
                    add(other, check);
                }
                Request::Initiate
                | Request::Complete { .. }
                | Request::Check { .. }
                | Request::Part { .. }
                | Request::Put { .. }
                | Request::Token
                | Request::Read { .. }
                | Request::Layer { .. } => {}
            }
        }
    }
}
