//! One push: what, why, who, from where, when, how much, what next; then its timeline.
//!
//! Comes in: a push's row. Goes out: a block that can be read by itself. Never: silence about what
//! is not known.

use std::io;

use crate::event::Bytes;
use crate::finding::Severity;
use crate::graph::Strength;
use crate::render::Detail;
use crate::render::ink::{Ink, Tint};
use crate::render::table;
use crate::render::text::{behind, picture, timeline, tint_of_group, tint_of_severity};
use crate::report::words;
use crate::report::{
    ClientRow, IdentityRow, LayerRow, LayerState, ManifestState, SessionRow, Text, each_blob_once,
};

/// The pause, in seconds, from which on a block mentions it.
const NOTABLE_PAUSE_S: i64 = 60;

/// Writes the block of a push.
pub(super) fn block(push: &SessionRow<'_>, detail: Detail, ink: &mut Ink<'_>) -> io::Result<()> {
    title(push, ink)?;
    field("why", &push.explanation, ink)?;
    field("who", &who(push), ink)?;
    field("from", &from(push, detail), ink)?;
    field("to", &to(push), ink)?;
    field("when", &when(push), ink)?;
    field("moved", &moved(push), ink)?;
    if let Some(image) = image(push) {
        field("image", &image, ink)?;
    }
    if let Some(sure) = sure(push) {
        field("sure", &sure, ink)?;
    }
    if let Some(basis) = basis(push) {
        field("basis", &basis, ink)?;
    }
    related(push, ink)?;
    let drawn = picture::drawn(push, detail);
    findings(push, &drawn, ink)?;
    ink.blank()?;
    timeline::timeline(push, &drawn, detail, ink)
}

/// What the push rests on, where files were checked.
pub(in crate::render) fn basis(push: &SessionRow<'_>) -> Option<String> {
    let integrity = push.integrity?;
    let why = match integrity {
        "verified" => "all its records are in log files as CloudTrail delivered them",
        "contradicted" => "a log file that it rests on is not as CloudTrail delivered it",
        _ => "for some of its records nothing vouches",
    };
    Some(format!("{integrity}: {why}"))
}

/// Repository and tags, as in `shop/web:v1, latest`: those that it was refused under where none was
/// accepted.
pub(in crate::render) fn reference(push: &SessionRow<'_>) -> String {
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

/// The same of a repository and tags.
pub(super) fn named(repository: Option<&str>, tags: &[Text<'_>]) -> String {
    let repository = repository.unwrap_or("(no repository named)");
    match tags {
        [] => repository.to_owned(),
        [tag] => [repository, ":", tag].concat(),
        tags => [repository, ":", &tags.join(", ")].concat(),
    }
}

fn title(push: &SessionRow<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let status = format!("{:<14}", push.status.to_uppercase());
    let id = format!("push {}", push.id);
    let room = ink.width().saturating_sub(14 + 2 + table::width(&id));
    let whole = ink.shown(&reference(push)).into_owned();
    let reference = table::pad(&table::elide(&whole, room), room);
    ink.line(&[
        (tint_of_group(push.group), &status),
        (Tint::Strong, &reference),
        (Tint::Plain, "  "),
        (Tint::Faint, &id),
    ])?;
    match table::width(&whole) > room {
        true => field("name", &whole, ink),
        false => Ok(()),
    }
}

fn field(name: &str, text: &str, ink: &mut Ink<'_>) -> io::Result<()> {
    let head = format!("  {name:<6} ");
    ink.wrapped((Tint::Faint, &head), (Tint::Plain, text))
}

/// Who pushed, with the account.
pub(in crate::render) fn who(push: &SessionRow<'_>) -> String {
    let mut text = push.identity.name.clone();
    if let Some(account) = &push.identity.account {
        text.push_str(&format!(" ({account})"));
    }
    if let Some(behind) = &push.identity.behind {
        text.push_str(&behind::clause(behind));
    }
    text.push_str(&backing(&push.identity));
    text
}

/// What tells two callers of one name apart, as `, on behalf of …, source identity …`.
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
        // Some callers are called by it already.
        if let Some(value) = value.filter(|value| !identity.name.ends_with(value)) {
            text.push_str(&format!(", {what} {value}"));
        }
    }
    if identity.from_console == Some(true) {
        text.push_str(", from the console");
    }
    text
}

fn from(push: &SessionRow<'_>, detail: Detail) -> String {
    let Some(client) = &push.client else {
        return match push.authorization {
            Some(_) => "not known: neither the calls nor the login show an address".to_owned(),
            None => {
                "not known: the calls hide the address, and no login in this log fits".to_owned()
            }
        };
    };
    let ip = address(client);
    let program = match (client.user_agent.as_deref(), detail) {
        (None, _) => "(no program named)",
        (Some(program), Detail::Verbose) => program,
        (Some(program), Detail::Normal | Detail::Summary) => first_word(program),
    };
    let tls = match (&client.tls_version, detail) {
        (Some(version), Detail::Verbose) => format!(" over {version}"),
        (_, Detail::Verbose | Detail::Normal | Detail::Summary) => String::new(),
    };
    match (&push.authorization, client.from) {
        (Some(login), "authorization") => format!(
            "{ip}, login by {program}{tls} at {} ({}, serves {})",
            clock(&login.time),
            login.strength,
            words::pushes(push.authorization_pushes)
        ),
        _ => format!("{ip}, {program}{tls} (shown by the calls themselves)"),
    }
}

/// The address, and the VPC endpoint that it came through: two networks may use one address.
pub(in crate::render) fn address(client: &ClientRow<'_>) -> String {
    let ip = client.source_ip.as_deref().unwrap_or("(no address)");
    match &client.vpc_endpoint_id {
        Some(endpoint) => format!("{ip} through {endpoint}"),
        None => ip.to_owned(),
    }
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}

/// The clock time of an RFC 3339 time, to the second: `09:14:31Z`.
pub(in crate::render) fn clock(time: &str) -> String {
    match time.get(11..19) {
        Some(clock) => format!("{clock}Z"),
        None => time.to_owned(),
    }
}

pub(in crate::render) fn to(push: &SessionRow<'_>) -> String {
    let service = match push.service {
        "ecr-public" => "ECR Public",
        _ => "ECR",
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

pub(in crate::render) fn when(push: &SessionRow<'_>) -> String {
    let same_day = push.first.get(..10) == push.last.get(..10);
    let mut text = match (push.first == push.last, same_day) {
        (true, _) => format!("{}, within a second", push.first),
        (false, true) => format!("{} to {}", push.first, clock(&push.last)),
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

pub(in crate::render) fn moved(push: &SessionRow<'_>) -> String {
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
        // Of a blob that was reused, the log may show that it was there.
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
            // One blob may be tried more than once: what came to nothing is counted as uploads.
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

fn image(push: &SessionRow<'_>) -> Option<String> {
    let image = push.image.as_ref()?;
    let digest = image.digest.as_deref().unwrap_or("(digest not in the log)");
    let kind = image.what.as_deref().unwrap_or("content not in the log");
    let size = image
        .size_bytes
        .map(|size| format!(", {}", words::size(size)));
    Some(format!("{digest} ({kind}{})", size.unwrap_or_default()))
}

/// How sure it is that these calls are one push, where that is less than proven.
pub(in crate::render) fn sure(push: &SessionRow<'_>) -> Option<String> {
    let doubt = push.doubt.as_ref();
    let place = doubt.and_then(|id| push.events.ids().position(|event| event == *id));
    let call = place.and_then(|place| push.events.get(place));
    let call = call.map(|event| format!("the {} of {}", event.action, clock(&event.time)));
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

fn related(push: &SessionRow<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    for other in &push.related {
        let after = match other.after_s {
            0.. => format!("{} after", words::duration(other.after_s)),
            _ => format!("{} before the end of", words::duration(other.after_s)),
        };
        match other.relation {
            "retry_of" => {
                let text = format!(
                    "begun {after} push {}, which was {}",
                    other.session, other.status
                );
                field("before", &text, ink)?;
            }
            _ => {
                let when = match other.after_s {
                    0.. => format!("{} later", words::duration(other.after_s)),
                    _ => "before it ended".to_owned(),
                };
                let text = format!(
                    "run again {when} as push {}, {}",
                    other.session, other.status
                );
                field("next", &text, ink)?;
            }
        }
    }
    Ok(())
}

/// Findings whose facts other lines of a block tell: `before` and `moved`.
const TOLD: [&str; 2] = ["retried-push", "orphaned-layer"];

/// The conclusions that are not drawn into the timeline.
fn findings(push: &SessionRow<'_>, drawn: &[usize], ink: &mut Ink<'_>) -> io::Result<()> {
    for (place, finding) in push.findings.iter().enumerate() {
        if drawn.contains(&place) || TOLD.contains(&finding.code) {
            continue;
        }
        let head = format!("  {:<6} ", short(finding.severity));
        let text = format!("{} [{}]", finding.message, finding.code);
        ink.wrapped(
            (tint_of_severity(finding.severity), &head),
            (Tint::Plain, &text),
        )?;
        if let Some(help) = &finding.help {
            field("help", help, ink)?;
        }
    }
    Ok(())
}

fn short(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "warn",
        Severity::Error | Severity::Note => severity.name(),
    }
}
