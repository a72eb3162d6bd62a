//! What is to be said of a push: its status and the reason for it.
//!
//! In: the events of one push that the log holds, and what the log covers. Out: the verdict by the decision
//! order that the report promises. Cases that hang on how much room late delivery is given stay open.

use std::collections::BTreeSet;

use super::call::{Request, Stage as CallStage};
use super::clock::{HOUR, MINUTE, Millis, SECOND};
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

    /// Whether a push of this status, given that reason, is flagged as one that did not come to its end.
    pub(crate) fn is_flagged(self, reason: Option<&Reason>) -> bool {
        matches!(self, Status::Failed | Status::Incomplete)
            && reason.is_none_or(|reason| reason.kind != NOTHING_SENT)
    }
}

/// `reason.kind` of a push that began and sent nothing.
pub(crate) const NOTHING_SENT: &str = "nothing-sent";

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
#[derive(Clone)]
pub(crate) struct Verdict {
    pub(crate) status: Status,
    pub(crate) reason: Option<Reason>,
    /// More than one answer is right; the push is left out where verdicts are measured.
    pub(crate) is_open: bool,
    /// It may as well be told as one that sent nothing: a client that died this early looks like one that only
    /// asked.
    pub(crate) is_flag_open: bool,
}

impl Verdict {
    /// Whether the push is flagged as one that did not come to its end.
    pub(crate) fn is_flagged(&self) -> bool {
        self.status.is_flagged(self.reason.as_ref())
    }

    /// Whether the run may have done no more than ask whether it might push.
    pub(crate) fn may_have_asked(&self) -> bool {
        let reason = self.reason.as_ref();
        self.is_flag_open || reason.is_some_and(|reason| reason.kind == NOTHING_SENT)
    }

    /// Whether `reason` is right.
    pub(crate) fn gives(&self, reason: Option<&Reason>) -> bool {
        let is_silence = reason.is_some_and(|reason| reason.kind == NOTHING_SENT);
        self.reason.as_ref() == reason || self.is_flag_open && is_silence
    }
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
    let own: Vec<&Seen<'_>> = events
        .iter()
        .filter(|seen| seen.call.place == run.place)
        .collect();
    let events = own.as_slice();
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
            is_flag_open: false,
        };
    }
    let failure = failure(events);
    let (edge, is_near_edge) = edge(place, events, delivery, delivered);
    let is_like_push_by_digest = accepted.len() == 1 && !has_more_than(events, accepted[0], run);
    let is_open = is_near_edge || is_like_push_by_digest;
    // What was refused was refused, if the log goes on for longer than a client would wait.
    let goes_on = failure
        .as_ref()
        .map(|&(at, _)| goes_on(place, at, delivery, delivered));
    let is_omitted =
        |seen: &&Seen<'_>| is_put(seen) && seen.call.error_code.is_none() && !seen.shows_manifest;
    if let Some(kind) = edge
        && goes_on != Some(true)
    {
        return Verdict {
            status: Status::Undetermined,
            reason: Reason::of(kind),
            is_open: is_open || failure.is_some(),
            is_flag_open: false,
        };
    }
    if events.iter().any(is_omitted) {
        return Verdict {
            status: Status::Undetermined,
            reason: Reason::of("field-omitted"),
            is_open,
            is_flag_open: false,
        };
    }
    if let Some((_, reason)) = failure {
        return Verdict {
            status: Status::Failed,
            reason: Some(reason),
            is_open: is_open && goes_on != Some(true),
            is_flag_open: false,
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
            is_flag_open: false,
        };
    }
    let n_begins = n_of(events, CallStage::Initiate);
    let has_sent = n_of(events, CallStage::Part) + n_of(events, CallStage::Complete) > 0;
    let has_asked = n_of(events, CallStage::Check) > 0;
    let is_flag_open =
        accepted.is_empty() && !has_sent && matches!((n_begins, has_asked), (1, true) | (2, _));
    let kind = if !accepted.is_empty() {
        "index-missing"
    } else if n_begins == 1 && !has_sent && !has_asked {
        NOTHING_SENT
    } else if has_open_upload(events) {
        "upload-abandoned"
    } else {
        "no-put-image"
    };
    Verdict {
        status: Status::Incomplete,
        reason: Reason::of(kind),
        is_open,
        is_flag_open,
    }
}

fn n_of(events: &[&Seen<'_>], stage: CallStage) -> usize {
    let of_stage = |seen: &&&Seen<'_>| seen.call.request.stage() == Some(stage);
    events.iter().filter(of_stage).count()
}

fn is_put(seen: &Seen<'_>) -> bool {
    seen.call.request.stage() == Some(CallStage::Put)
}

/// Whether anything shows that the client was after more than the one manifest that it put.
fn has_more_than(events: &[&Seen<'_>], only: &Digest, run: &Run) -> bool {
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
    events: &[&Seen<'_>],
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

/// How long a client waits before it tries again, at most: docker's 20 s, a third longer.
const RETRY: Millis = 27 * SECOND;

/// Whether the log goes on past an instant for longer than a client waits before it tries again.
fn goes_on(place: &Place, at: Millis, delivery: &Delivery, delivered: &Delivered) -> bool {
    let span = delivered
        .spans
        .get(&(place.account.clone(), place.region.clone()));
    let is_missing = |from: Millis| from <= at + RETRY && at <= from + HOUR;
    span.is_some_and(|&(_, ends)| ends > at + RETRY)
        && !delivery.missing_hour.is_some_and(is_missing)
}

/// The last refusal of a layer or manifest that never got through, with when it was.
fn failure(events: &[&Seen<'_>]) -> Option<(Millis, Reason)> {
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
    let reason = Reason {
        kind: decisive.call.request.stage()?.failure().to_owned(),
        error_code: decisive.call.error_code.map(str::to_owned),
    };
    Some((decisive.time, reason))
}

/// Whether an upload has events but no accepted Complete.
fn has_open_upload(events: &[&Seen<'_>]) -> bool {
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
