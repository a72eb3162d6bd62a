//! A push, or one of its tags, that ECR refused, by cause.

use crate::event::{Event, EventId, EventLog};
use crate::finding::check::{Ask, Check, Code, Context, Finding, Runner};
use crate::finding::checks::cause::{self, CAUSES, Cause, UNKNOWN, error_message};
use crate::finding::checks::changes::Changes;
use crate::finding::checks::denied::{self, Earlier};
use crate::finding::checks::fitting;
use crate::finding::checks::immutable_tag;
use crate::finding::checks::part_too_small;
use crate::finding::checks::refusals;
use crate::finding::checks::tags::Tags;
use crate::finding::checks::{repository, unless_made_good};
use crate::session::{Session, Status};

/// A code for every cause, the unknown one last.
const CODES: [Code; CAUSES.len() + 1] = {
    let mut codes = [UNKNOWN.code; CAUSES.len() + 1];
    let mut at = 0;
    while at < CAUSES.len() {
        codes[at] = CAUSES[at].code;
        at += 1;
    }
    codes
};

/// The check.
pub(super) const CHECK: Check = Check::new(&CODES, Runner::Push(run));

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    let log = context.log;
    let sessions = context.sessions.sessions.iter();
    let told = sessions.map(|session| refusals::told(log, session));
    let told: Vec<Vec<EventId>> = told.collect();
    let tags = match told.iter().all(Vec::is_empty) {
        true => Tags::default(),
        false => Tags::new(log, &context.graph.index),
    };
    let changes = Changes::new(context, &tags);
    let earlier = denied::earlier(context, &told);
    let made_good = &context.made_good;
    Box::new(move |index, session, findings| {
        for &id in &told[index] {
            let is_made_good = match session.status.refusal() == Some(id) {
                true => made_good.of_push(index),
                false => made_good.of_put(index, id),
            };
            let finding = failure(context, (&tags, &changes), earlier.get(&id), index, id);
            findings.push(finding.severity(unless_made_good(is_made_good)));
        }
    })
}

fn failure(
    context: &Context<'_>,
    (tags, changes): (&Tags, &Changes<'_>),
    earlier: Option<&Earlier>,
    index: usize,
    id: EventId,
) -> Finding {
    let (log, event) = (context.log, context.log.event(id));
    let error = log.error_code(event).unwrap_or_default();
    let cause = cause::of(log, id);
    let session = &context.sessions.sessions[index];
    let (message, help) = match cause.code.code {
        cause::DENIED => denied::said(context, earlier, id),
        cause::IMMUTABLE_TAG => immutable_tag::said(context, tags, id),
        cause::PART_TOO_SMALL => (
            part_too_small::said(context, session, id),
            cause.help.to_owned(),
        ),
        _ => (said(cause, error), cause.help.to_owned()),
    };
    let fitting = fitting(log, id, cause.code.code);
    let (message, help) = match fitting {
        (Some(fitting), fitting_help) => (Some(fitting), fitting_help.unwrap_or(help)),
        (None, fitting_help) => (message, fitting_help.unwrap_or(help)),
    };
    let mut message = message.unwrap_or_else(|| plainly(context, session, event, cause));
    if session.status == Status::Complete
        && cause.code.code != cause::IMMUTABLE_TAG
        && let Some(tag) = event.action.tag()
    {
        message = format!("tag `{}` was refused: {message}", log.text(tag));
    }
    // A denial comes first, but the name is more likely wrong than the policies.
    let doubled = fitting::doubled_host(log, id).filter(|_| cause.code.code == cause::DENIED);
    let (doubled, help) = match doubled {
        Some((host, better)) => (Some(host), better),
        None => (None, help),
    };
    let changed = match cause.code.code {
        cause::DENIED => changes.of_denial(id, earlier.and_then(Earlier::end)),
        cause::IMMUTABLE_TAG => changes.of_immutable_tag(id, immutable_tag::is_held(log, tags, id)),
        "repository-missing" => changes.of_missing_repository(id),
        "layers-missing" | "references-missing" => changes.of_missing_content(id),
        _ => Vec::new(),
    };
    for change in doubled.into_iter().chain(changed) {
        message.push_str(&format!("; {change}"));
    }
    let finding = cause.code.of(index, vec![id], message).label(cause.label);
    finding.help(help)
}

/// The meaning and help that fit the call better than those of its cause, if there are any.
fn fitting(log: &EventLog, id: EventId, code: &str) -> (Option<String>, Option<String>) {
    let said = match code {
        "quota" => fitting::limit(error_message(log, id)),
        cause::INVALID => fitting::build_cache(log, id).or_else(|| fitting::doubled_host(log, id)),
        "repository-missing" => fitting::doubled_host(log, id),
        cause::IMMUTABLE_TAG => return (None, fitting::derived_tag(log, id)),
        _ => None,
    };
    said.unzip()
}

/// The meaning of a cause that needs no look at the log; an unknown cause is named.
fn said(cause: &Cause, error: &str) -> Option<String> {
    match (cause.code.code == UNKNOWN.code.code, error) {
        (false, _) => None,
        (true, "") => Some("the call was refused, and the record names no error code".to_owned()),
        (true, error) => Some(format!(
            "the call was refused with `{error}`, an error code that is not known here"
        )),
    }
}

/// The meaning, with the repository's name.
fn plainly(context: &Context<'_>, session: &Session, event: &Event, cause: &Cause) -> String {
    let named = event.repository.or(session.repository);
    cause
        .meaning
        .replace("{repository}", repository(context.log, named))
}
