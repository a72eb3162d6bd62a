//! Pushes that did not end well, in words: how many, and what ended them.
//!
//! Comes in: causes and the pushes that they ended. Goes out: a text for each. Never: layout.

use std::borrow::Cow;

use crate::event::{Service, Stage};
use crate::finding::Severity;
use crate::report::attention::Affected;
use crate::report::parts::Report;
use crate::report::row::{AddressBy, Attention, CauseRow, LineRow};
use crate::report::story::push;
use crate::words;

/// The kinds of attention that occur, with the number of their pushes.
pub(crate) fn counts(affected: &[Affected<'_>]) -> Vec<(Attention, u64)> {
    let n_of = |attention| {
        let of = affected.iter().filter(|of| of.attention == attention);
        of.map(Affected::n_pushes).sum::<u64>()
    };
    let counts = Attention::ALL.map(|attention| (attention, n_of(attention)));
    counts.into_iter().filter(|(_, n)| *n > 0).collect()
}

/// How many pushes did not end well, before what became of them: `6 pushes did not end well`; `None` if all did.
pub(crate) fn total(affected: &[Affected<'_>]) -> Option<String> {
    let n = affected.iter().map(Affected::n_pushes).sum();
    (n > 0).then(|| format!("{} did not end well", words::pushes(n)))
}

/// How many pushes did not end well, and what became of them: `6 pushes did not end well: 4 unresolved, 2 made good
/// later`; `None` if all did.
pub(crate) fn balance(affected: &[Affected<'_>]) -> Option<String> {
    let counts = counts(affected);
    let counts = counts
        .iter()
        .map(|(attention, n)| format!("{} {}", words::number(*n), attention.said()));
    let counts: Vec<String> = counts.collect();
    Some(format!("{}: {}", total(affected)?, counts.join(", ")))
}

/// How many pushes and other calls break the policy: `3 pushes and 1 other call break the policy`; `None` if none does.
pub(crate) fn against_policy(report: &Report<'_>) -> Option<String> {
    let (pushes, calls) = report.against_policy();
    let others = words::count(calls, "other call");
    let who = match (pushes, calls) {
        (0, 0) => return None,
        (_, 0) => words::pushes(pushes),
        (0, _) => others,
        (_, _) => format!("{} and {others}", words::pushes(pushes)),
    };
    let verb = match pushes + calls {
        1 => "breaks",
        _ => "break",
    };
    Some(format!("{who} {verb} the policy"))
}

/// What ended a push: `AccessDenied on ecr:InitiateLayerUpload`, `all uploads complete, no PutImage`.
pub(crate) fn cause(cause: &CauseRow<'_>) -> String {
    match cause {
        CauseRow::Refused {
            code,
            service,
            call,
        } => format!("{} on {}", refusal(code), action(*service, *call)),
        CauseRow::Reason(kind) => kind.gloss().to_owned(),
    }
}

/// A push's cause in a column: the error code or the word of the reason, and the push that made it good.
pub(crate) fn short_cause(push: &LineRow<'_>) -> String {
    let code = push.cause.as_ref().map(|cause| match cause {
        CauseRow::Refused { code, .. } => refusal(code),
        CauseRow::Reason(kind) => kind.name(),
    });
    let mut text = code.unwrap_or_default().to_owned();
    text.push_str(&made_good(push));
    text
}

/// ` → made good by 353cc687e8c2`; empty if no later run made the push good.
pub(crate) fn made_good(push: &LineRow<'_>) -> String {
    match (&push.made_good_by, push.attention) {
        (Some(id), _) => format!(" → made good by {id}"),
        (None, Attention::MadeGood) => " → made good later".to_owned(),
        (None, Attention::Unresolved | Attention::Undetermined | Attention::None) => String::new(),
    }
}

/// Pushes of one cause: `AccessDenied on ecr:InitiateLayerUpload, role ci: 4 pushes to 2 repositories`.
pub(crate) fn affected(of: &Affected<'_>) -> String {
    let cause = of.cause.as_ref().map(cause);
    let repositories = match of.n_repositories {
        1 => "1 repository".to_owned(),
        n => format!("{} repositories", words::number(n)),
    };
    format!(
        "{}, {}: {} to {repositories}",
        cause.unwrap_or_default(),
        of.who,
        words::pushes(of.n_pushes())
    )
}

/// The most pushes that are all shown in full, also those that need nobody's attention.
pub(crate) const MOST_IN_FULL: u64 = 20;

/// Whether a push needs nobody's attention.
pub(crate) fn ended_well(push: &LineRow<'_>) -> bool {
    push.attention == Attention::None && matches!(push.severity, None | Some(Severity::Note))
}

/// Repository and tags of a push in a list.
pub(crate) fn reference(push: &LineRow<'_>) -> String {
    push::named(push.repository.as_deref(), &push.tags)
}

/// The address that a push came from, with a mark if it is that of a login found by a hint.
pub(crate) fn from<'p>(push: &'p LineRow<'_>) -> Cow<'p, str> {
    match (push.source_ip.as_deref(), push.source_ip_by) {
        (None, _) => Cow::Borrowed("-"),
        (Some(address), Some(AddressBy::Hint)) => Cow::Owned(format!("{address} (hint)")),
        (Some(address), _) => Cow::Borrowed(address),
    }
}

fn refusal(code: &str) -> &str {
    match code {
        "" => "a refusal without a code",
        code => code,
    }
}

/// A call as policies name it: `ecr:PutImage` (Service Authorization Reference, "Actions defined by Amazon Elastic
/// Container Registry" and "… Registry Public").
fn action(service: Service, call: Stage) -> String {
    format!("{}:{}", service.name(), call.call())
}
