//! A push in words that all reports for people share: what, who, to where, when, how much, how sure.
//!
//! Comes in: a push's row. Goes out: a text for each question. Never: silence about something unknown.

use std::borrow::Cow;

use crate::event::{Bytes, Service};
use crate::graph::Strength;
use crate::ingest::verify::Basis;
use crate::report::row::{
    BehindRow, ClientRow, FindingRow, IdentityRow, LayerRow, LayerState, ManifestState, OriginKind,
    SessionRow, Text, each_blob_once,
};
use crate::session::behind::End;
use crate::words;
use crate::zone::Zone;

/// The shortest pause, in seconds, that a block mentions.
const NOTABLE_PAUSE_S: i64 = 60;

/// Repository and tags, as in `shop/web:v1, latest`; the refused tags if none was accepted.
pub(crate) fn reference(push: &SessionRow<'_>) -> String {
    let wanted = push.manifests.iter().find(|manifest| manifest.root);
    let refused = push
        .manifests
        .iter()
        .rfind(|m| m.state == ManifestState::Refused);
    let tags = wanted
        .or(refused)
        .map_or(&[][..], |manifest| match manifest.tags.is_empty() {
            true => &manifest.refused_tags,
            false => &manifest.tags,
        });
    named(push.repository.as_deref(), tags)
}

/// A repository and tags in that form.
pub(crate) fn named(repository: Option<&str>, tags: &[Text<'_>]) -> String {
    let repository = repository.unwrap_or("(no repository named)");
    match tags {
        [] => repository.to_owned(),
        [tag] => [repository, ":", tag].concat(),
        tags => [repository, ":", &tags.join(", ")].concat(),
    }
}

/// Who pushed, with the account.
pub(crate) fn who(push: &SessionRow<'_>) -> String {
    let mut text = push.identity.name.clone();
    if let Some(account) = &push.identity.account {
        text.push_str(&format!(" ({account})"));
    }
    if let Some(behind) = &push.identity.behind {
        text.push_str(&behind_clause(behind));
    }
    text.push_str(&backing(&push.identity));
    text
}

/// What distinguishes two callers with one name, as `, on behalf of …, source identity …`.
fn backing(identity: &IdentityRow<'_>) -> String {
    let user = identity.on_behalf_of.as_ref();
    let scope = identity.in_scope_of.as_ref();
    let resource = scope.and_then(|scope| scope.issued_to.as_ref().or(scope.source_arn.as_ref()));
    let delegate = identity.invoked_by_delegate.as_ref();
    let clauses = [
        (
            "on behalf of",
            user.and_then(|user| user.user_id.as_deref()),
        ),
        ("source identity", identity.source_identity.as_deref()),
        ("in the scope of", resource.map(|arn| &**arn)),
        ("invoked by", identity.invoked_by.as_deref()),
        (
            "by the delegated access of",
            delegate.map(|account| &**account),
        ),
        ("sign-in", identity.sign_in_session.as_deref()),
        ("credential", identity.credential_id.as_deref()),
    ];
    let mut text = String::new();
    for (what, value) in clauses {
        // Some callers' names already contain it.
        if let Some(value) = value.filter(|value| !identity.name.ends_with(value)) {
            text.push_str(&format!(", {what} {value}"));
        }
    }
    if identity.from_console == Some(true) {
        text.push_str(", from the console");
    }
    text
}

/// As `, for repo:org/app:ref:refs/heads/main from 198.51.100.7`.
fn behind_clause(behind: &BehindRow<'_>) -> String {
    let vouched = matches!(behind.kind, OriginKind::WebIdentity | OriginKind::Saml);
    let caller = behind.chain.last().map(|step| Cow::Borrowed(&*step.caller));
    let subject = match behind.subject.as_deref() {
        Some(subject) if vouched => Some(Cow::Borrowed(subject)),
        Some(_) | None => caller,
    };
    let subject = subject.as_deref().unwrap_or("somebody not named");
    let mut text = match (behind.ends, behind.chain.len()) {
        (_, 0) => return ", taken on by somebody not in these logs".to_owned(),
        (End::Origin, _) => format!(", for {subject}"),
        (End::NotInLog | End::Loop, _) => format!(", taken on by {subject}"),
    };
    if let Some(ip) = &behind.source_ip {
        let word = if behind.ends == End::Origin {
            "from"
        } else {
            "at"
        };
        text.push_str(&format!(" {word} {ip}"));
    }
    // The first step leads to the push's own role, which was named already.
    let beyond = behind.chain.iter().skip(1);
    let through: Vec<_> = beyond
        .filter_map(|step| step.session.as_deref().map(role))
        .collect();
    if !through.is_empty() && behind.ends == End::Origin {
        text.push_str(&format!(" through {}", through.join(", ")));
    }
    match behind.ends {
        End::NotInLog => text.push_str(", who took that on is not in these logs"),
        End::Loop => text.push_str(", and the chain of roles behind that has no end"),
        End::Origin => {}
    }
    let others: usize = behind
        .chain
        .iter()
        .map(|step| step.alternatives.len())
        .sum();
    match others {
        0 => {}
        1 => text.push_str(" (or by another call that fits)"),
        n => text.push_str(&format!(" (or by {n} other calls that fit)")),
    }
    text
}

/// A role session's ARN by its last part, as `role hub/dana`; anything else unchanged.
fn role(arn: &str) -> Cow<'_, str> {
    match arn.split_once(":assumed-role/") {
        Some((_, role)) => Cow::Owned(format!("role {role}")),
        None => Cow::Borrowed(arn),
    }
}

/// The address, and the VPC endpoint that it came through, since two networks may use one address.
pub(crate) fn address(client: &ClientRow<'_>) -> String {
    let ip = client.source_ip.as_deref().unwrap_or("(no address)");
    match &client.vpc_endpoint_id {
        Some(endpoint) => format!("{ip} through {endpoint}"),
        None => ip.to_owned(),
    }
}

/// The registry.
pub(crate) fn to(push: &SessionRow<'_>) -> String {
    let service = match push.service {
        Service::EcrPublic => "ECR Public",
        Service::Ecr => "ECR",
    };
    let mut text = service.to_owned();
    match &push.registry {
        Some(registry) => text.push_str(&format!(" registry {registry}")),
        None => text.push_str(", registry not named"),
    }
    if let Some(region) = &push.region {
        text.push_str(&format!(", {region}"));
    }
    text
}

/// The start, the end, the duration and the longest pause.
pub(crate) fn when(push: &SessionRow<'_>, zone: &Zone) -> String {
    let day = |time| zone.time(time).get(..10).map(str::to_owned);
    let same_day = day(&push.first) == day(&push.last);
    let mut text = match (push.first == push.last, same_day) {
        (true, _) => format!("{}, within a second", push.first),
        (false, true) => format!("{} to {}", push.first, zone.clock(&push.last)),
        (false, false) => format!("{} to {}", push.first, push.last),
    };
    if push.duration_s > 0 {
        text.push_str(&format!(", {}", words::duration(push.duration_s)));
    }
    if push.longest_pause_s >= NOTABLE_PAUSE_S {
        let pause = words::duration(push.longest_pause_s);
        text.push_str(&format!("; the longest pause is {pause}"));
    }
    text
}

/// The blobs by outcome.
pub(crate) fn moved(push: &SessionRow<'_>) -> String {
    let groups = [
        (LayerState::Uploaded, true, "uploaded"),
        (LayerState::Reused, true, "there already"),
        (LayerState::Reused, false, "not uploaded in this log"),
        (LayerState::AlreadyExists, true, "sent though there already"),
        (LayerState::Unfinished, true, "unfinished"),
        (LayerState::Refused, true, "refused"),
    ];
    let blobs = each_blob_once(&push.layers);
    let mut texts = Vec::new();
    for (state, is_shown, text) in groups {
        // The log may show that a reused blob was there.
        let shows = |layer: &LayerRow<'_>| {
            state != LayerState::Reused || layer.shown_by.is_some() == is_shown
        };
        let of_state = || blobs.iter().filter(|layer| layer.state == state);
        let of_group = || of_state().filter(|layer| shows(layer));
        let kinds: Vec<_> = of_group().map(|layer| layer.kind).collect();
        if !kinds.is_empty() {
            let bytes: Bytes = of_group().filter_map(|layer| bytes(layer)).sum();
            let size = match bytes {
                Bytes(0) => String::new(),
                bytes => format!(" ({})", words::size(bytes)),
            };
            // A blob may be tried more than once, so tries that failed are counted as uploads.
            let what = match state {
                LayerState::Unfinished | LayerState::Refused => {
                    words::count(kinds.len() as u64, "upload")
                }
                LayerState::Uploaded | LayerState::Reused | LayerState::AlreadyExists => {
                    words::blobs(&kinds)
                }
            };
            texts.push(format!("{what} {text}{size}"));
        }
    }
    if let again @ 1.. = push.layers.len() - blobs.len() {
        let again = words::count(again as u64, "upload");
        texts.push(format!("{again} of what was sent already"));
    }
    if texts.is_empty() {
        texts.push("nothing".to_owned());
    }
    let mut text = texts.join(", ");
    if push.orphaned_bytes > Bytes(0) {
        text.push_str(&format!(
            "; {} in no image of this log",
            words::size(push.orphaned_bytes)
        ));
    }
    text
}

fn bytes(layer: &LayerRow<'_>) -> Option<Bytes> {
    match layer.state {
        LayerState::Unfinished | LayerState::Refused => Some(layer.received_bytes),
        LayerState::Uploaded | LayerState::Reused | LayerState::AlreadyExists => layer.size_bytes,
    }
}

/// How sure it is that these calls are one push, if that is less than proven.
pub(crate) fn sure(push: &SessionRow<'_>, zone: &Zone) -> Option<String> {
    let doubt = push.doubt.as_ref();
    let place = doubt.and_then(|id| push.events.ids().position(|event| event == *id));
    let call = place.and_then(|place| push.events.get(place));
    let call = call.map(|event| {
        let id = words::short_event(&event.event_id);
        format!("the {} of {} ({id})", event.action, zone.clock(&event.time))
    });
    match (push.confidence, call) {
        (Strength::Proof, _) => None,
        (Strength::Inference, Some(call)) => Some(format!(
            "inference: {call} is joined by login, habit or order; another push could own it"
        )),
        (Strength::Inference, None) if push.doubt.is_some() => Some(format!(
            "inference: what the same login did beside it could be of this push ({})",
            push.doubt.as_deref().unwrap_or_default()
        )),
        (Strength::Inference, None) => Some(
            "inference: one call is joined by login, habit or order; another push could own it"
                .to_owned(),
        ),
        (Strength::Hint, call) => Some(format!(
            "hint: {} is joined by caller, repository and time alone",
            call.as_deref().unwrap_or("one call")
        )),
    }
}

/// What the push is based on, if files were verified.
pub(crate) fn basis(push: &SessionRow<'_>) -> Option<String> {
    let integrity = push.integrity?;
    let why = match integrity {
        Basis::Verified => "all its records are in log files as CloudTrail delivered them",
        Basis::Contradicted => "a log file that it rests on is not as CloudTrail delivered it",
        Basis::Unverified => "for some of its records nothing vouches",
    };
    Some(format!("{integrity}: {why}"))
}

/// Whether another line of the push states the fact of a finding: its retry, or the bytes it moved.
pub(crate) fn is_told_beside(finding: &FindingRow) -> bool {
    ["retried-push", "orphaned-layer"].contains(&finding.code)
}

/// Whether a finding only repeats the status of its push.
pub(crate) fn repeats_status(push: &SessionRow<'_>, finding: &FindingRow) -> bool {
    finding.code.starts_with(push.status.name())
}
