//! What is to be said of a push: its status and the reason for it.
//!
//! In: the events of one push that the log holds, and what the log covers. Out: the verdict by the decision
//! order that the report promises. Cases that hang on how much room late delivery is given stay open.

use std::collections::BTreeSet;

use super::call::{Request, Stage as CallStage};
use super::clock::{HOUR, MINUTE, Millis};
use super::content::Digest;
use super::registry::Place;
use super::stage::Run;
use super::trail::{Delivered, Delivery};
use super::truth::Seen;

/// The statuses of the report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Status {
    Complete,
    Failed,
    Incomplete,
    Unchanged,
    Undetermined,
}

impl Status {
    /// The word of the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Status::Complete => "complete",
            Status::Failed => "failed",
            Status::Incomplete => "incomplete",
            Status::Unchanged => "unchanged",
            Status::Undetermined => "undetermined",
        }
    }

    /// The status of that name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let all = [
            Status::Complete,
            Status::Failed,
            Status::Incomplete,
            Status::Unchanged,
            Status::Undetermined,
        ];
        all.into_iter().find(|status| status.name() == name)
    }

    /// Whether the push is flagged as one that did not come to its end.
    pub(crate) fn is_flagged(self) -> bool {
        matches!(self, Status::Failed | Status::Incomplete)
    }
}

/// Why a push is not complete.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Reason {
    pub(crate) kind: String,
    pub(crate) error_code: Option<String>,
}

impl Reason {
    fn of(kind: &str) -> Option<Self> {
        Some(Reason {
            kind: kind.to_owned(),
            error_code: None,
        })
    }
}

/// What is to be said.
pub(crate) struct Verdict {
    pub(crate) status: Status,
    pub(crate) reason: Option<Reason>,
    /// More than one answer is right; the push is left out where verdicts are measured.
    pub(crate) is_open: bool,
}

/// The inactivity window, as the command's default.
const WINDOW: Millis = 15 * MINUTE;
/// How much later than they happened events are delivered, at most, with room to spare: verdicts that turn on
/// it are open.
const LATENESS: Millis = 12 * MINUTE;

/// Judges one push.
pub(crate) fn verdict(
    run: &Run,
    place: &Place,
    events: &[Seen<'_>],
    delivery: &Delivery,
    delivered: &Delivered,
) -> Verdict {
    let accepted: Vec<&Digest> = events
        .iter()
        .filter(|seen| seen.shows_manifest && is_put(seen) && seen.call.holds())
        .filter_map(|seen| seen.call.about.as_ref())
        .collect();
    let is_root = |digest: &&Digest| {
        **digest == run.root.digest || run.fallback.as_ref().is_some_and(|f| **digest == f.digest)
    };
    if accepted.iter().any(is_root) {
        return Verdict {
            status: Status::Complete,
            reason: None,
            is_open: false,
        };
    }
    let (edge, is_near_edge) = edge(place, events, delivery, delivered);
    let is_like_push_by_digest = accepted.len() == 1 && !has_more_than(events, accepted[0], run);
    let is_open = is_near_edge || is_like_push_by_digest;
    if let Some(kind) = edge {
        return Verdict {
            status: Status::Undetermined,
            reason: Reason::of(kind),
            is_open,
        };
    }
    if events
        .iter()
        .any(|seen| is_put(seen) && seen.call.error_code.is_none() && !seen.shows_manifest)
    {
        return Verdict {
            status: Status::Undetermined,
            reason: Reason::of("field-omitted"),
            is_open,
        };
    }
    if let Some(reason) = failure(events) {
        return Verdict {
            status: Status::Failed,
            reason: Some(reason),
            is_open,
        };
    }
    if events
        .iter()
        .all(|seen| matches!(seen.call.request, Request::Check { .. }))
    {
        return Verdict {
            status: Status::Unchanged,
            reason: None,
            is_open,
        };
    }
    let kind = if !accepted.is_empty() {
        "index-missing"
    } else if has_open_upload(events) {
        "upload-abandoned"
    } else {
        "no-put-image"
    };
    Verdict {
        status: Status::Incomplete,
        reason: Reason::of(kind),
        is_open,
    }
}

fn is_put(seen: &Seen<'_>) -> bool {
    seen.call.request.stage() == Some(CallStage::Put)
}

/// Whether anything shows that the client was after more than the one manifest that it put.
fn has_more_than(events: &[Seen<'_>], only: &Digest, run: &Run) -> bool {
    let nodes = run.root.bottom_up();
    let mut known: BTreeSet<Digest> = nodes
        .iter()
        .filter(|node| node.digest == *only)
        .flat_map(|node| node.listed())
        .collect();
    known.insert(only.clone());
    events.iter().any(|seen| {
        seen.names.is_empty() || seen.names.iter().any(|digest| !known.contains(digest))
    })
}

/// The edge or hole within the window of the push; and whether one lies where it may or may not count.
fn edge(
    place: &Place,
    events: &[Seen<'_>],
    delivery: &Delivery,
    delivered: &Delivered,
) -> (Option<&'static str>, bool) {
    let first = events
        .iter()
        .map(|seen| seen.time)
        .min()
        .unwrap_or_default();
    let last = events
        .iter()
        .map(|seen| seen.time)
        .max()
        .unwrap_or_default();
    let span = delivered
        .spans
        .get(&(place.account.clone(), place.region.clone()));
    let (begins, ends) = span.copied().unwrap_or((first, last));
    let mut found = None;
    let mut is_near = false;
    let mut consider = |distance: Millis, kind: &'static str| {
        if distance <= WINDOW {
            found = found.or(Some(kind));
        }
        is_near |= (distance - WINDOW).abs() <= LATENESS && distance > WINDOW - LATENESS / 2;
    };
    consider(first - begins, "log-begins");
    consider(ends - last, "log-ends");
    if let Some(from) = delivery.missing_hour {
        let to = from + HOUR;
        let distance = if last < from {
            from - last
        } else {
            (first - to).max(0)
        };
        consider(distance, "log-hole");
    }
    (found, is_near)
}

/// The last refusal of a layer or manifest that never got through.
fn failure(events: &[Seen<'_>]) -> Option<Reason> {
    let refused = events.iter().rev().filter(|seen| !seen.call.holds());
    let mut unresolved = refused.filter(|seen| {
        !events.iter().any(|other| {
            let is_answer = matches!(
                other.call.request.stage(),
                Some(CallStage::Complete | CallStage::Put)
            ) || other.call.request.stage() == seen.call.request.stage()
                && seen.call.request.stage() == Some(CallStage::Check);
            is_answer
                && other.call.at > seen.call.at
                && other.call.holds()
                && other.call.about == seen.call.about
        })
    });
    let decisive = unresolved.next()?;
    Some(Reason {
        kind: decisive.call.request.stage()?.failure().to_owned(),
        error_code: decisive.call.error_code.map(str::to_owned),
    })
}

/// Whether an upload has events but no accepted Complete.
fn has_open_upload(events: &[Seen<'_>]) -> bool {
    let completed: BTreeSet<&String> = events
        .iter()
        .filter(|seen| matches!(seen.call.request, Request::Complete { .. }) && seen.call.holds())
        .filter_map(|seen| seen.call.upload.as_ref())
        .collect();
    events
        .iter()
        .filter_map(|seen| seen.call.upload.as_ref())
        .any(|upload| !completed.contains(upload))
}
