//! A push that ECR refused, by the cause.

use crate::event::{Event, EventId};
use crate::finding::checks::cause::{self, CAUSES, Cause, UNKNOWN};
use crate::finding::checks::denied::{self, Earlier};
use crate::finding::checks::immutable_tag;
use crate::finding::checks::part_too_small;
use crate::finding::checks::tags::Tags;
use crate::finding::checks::{each_push, made_good, repository, severity_of_loss};
use crate::finding::{Ask, Check, Code, Context, Finding, Run};
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
pub(super) const CHECK: Check = Check {
    codes: &CODES,
    run: Run::Push(run),
};

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    let made_good = made_good(context.sessions);
    let sessions = context.sessions.sessions.iter();
    let failed = sessions.filter(|session| matches!(session.status, Status::Failed { .. }));
    let tags = match failed.count() {
        0 => Tags::default(),
        _ => Tags::new(context.log, &context.graph.index),
    };
    let earlier = denied::earlier(context);
    each_push(move |index, session| {
        let Status::Failed { event, .. } = session.status else {
            return None;
        };
        let finding = failure(context, &tags, earlier.get(&index), index, event);
        Some(finding.severity(severity_of_loss(&made_good, index)))
    })
}

fn failure(
    context: &Context<'_>,
    tags: &Tags,
    earlier: Option<&Earlier>,
    index: usize,
    id: EventId,
) -> Finding {
    let (log, event) = (context.log, context.log.event(id));
    let error = log.error_code(event).unwrap_or_default();
    let cause = cause::known(error).unwrap_or(&UNKNOWN);
    let session = &context.sessions.sessions[index];
    let (message, help) = match cause.code.code {
        denied::CODE => denied::said(context, earlier, id),
        immutable_tag::CODE => immutable_tag::said(context, tags, id),
        part_too_small::CODE => (
            part_too_small::said(context, session, id),
            cause.help.to_owned(),
        ),
        _ => (said(cause, error), cause.help.to_owned()),
    };
    let message = message.unwrap_or_else(|| plainly(context, session, event, cause));
    let finding = cause.code.of(index, vec![id], message).label(cause.label);
    finding.help(help)
}

/// What a cause means, for those that need no look at the log; an unknown one is named.
fn said(cause: &Cause, error: &str) -> Option<String> {
    match (cause.code.code == UNKNOWN.code.code, error) {
        (false, _) => None,
        (true, "") => Some("the call was refused, and the record names no error code".to_owned()),
        (true, error) => Some(format!(
            "the call was refused with `{error}`, an error code that is not known here"
        )),
    }
}

/// The meaning, with the repository that it is about.
fn plainly(context: &Context<'_>, session: &Session, event: &Event, cause: &Cause) -> String {
    let named = event.repository.or(session.repository);
    cause
        .meaning
        .replace("{repository}", repository(context.log, named))
}
