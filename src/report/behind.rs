//! The row of who stands behind a role session.
//!
//! Comes in: a push, and the chain of assumed roles that leads to it. Goes out: the origin, and
//! every step of the chain. Never: an origin if the chain does not reach one.

use std::borrow::Cow;

use crate::event::assume::Assumption;
use crate::event::{Client, Identity, Principal, TextId};
use crate::report::parts::Report;
use crate::report::row::{AssumptionRow, BehindRow, OriginKind, Text};
use crate::session::Session;
use crate::session::behind::TakenRole;
use crate::words;

/// The row; `None` if the caller is no role session, or if roles were not asked for.
pub(super) fn row<'a>(report: &Report<'a>, session: &Session) -> Option<BehindRow<'a>> {
    let roles = report.roles.as_ref()?;
    let behind = roles.behind(session)?;
    let last = behind
        .steps
        .last()
        .map(|step| roles.assumption(step.assumption));
    let (kind, subject) = match last {
        None => (OriginKind::Unknown, None),
        Some(last) => origin(report, last),
    };
    let client = last.map(|last| client(report, last));
    let strengths = behind.steps.iter().map(TakenRole::strength);
    Some(BehindRow {
        subject,
        kind,
        provider: last.and_then(|last| text(report, last.provider)),
        source_ip: client.and_then(|client| client.source_ip.as_deref().map(Cow::Borrowed)),
        user_agent: client.and_then(|client| client.user_agent.as_deref().map(Cow::Borrowed)),
        event_id: last.map(|last| id(report, last)),
        strength: strengths.min(),
        ends: behind.end,
        chain: behind
            .steps
            .iter()
            .map(|step| step_row(report, step))
            .collect(),
    })
}

/// What kind of caller made the last step, and its name for a search.
fn origin<'a>(report: &Report<'a>, last: &'a Assumption) -> (OriginKind, Option<Text<'a>>) {
    let caller = caller(report, last);
    let own = |field: &'a Option<Box<str>>| field.as_deref().map(Cow::Borrowed);
    let vouched = text(report, last.subject);
    let name = || own(&caller.arn).or_else(|| own(&caller.user_name));
    match (&caller.principal, report.parts.log.text(last.action)) {
        (_, "AssumeRoleWithWebIdentity") if vouched.is_some() => (OriginKind::WebIdentity, vouched),
        (_, "AssumeRoleWithSAML") if vouched.is_some() => (OriginKind::Saml, vouched),
        (Principal::Root, _) => (OriginKind::Root, name()),
        (Principal::IamUser { .. }, _) => (OriginKind::User, name()),
        (Principal::AssumedRole { .. }, _) => (OriginKind::Role, name()),
        (Principal::FederatedUser { .. }, _) => (OriginKind::Federated, name()),
        (Principal::AwsAccount { .. }, _) => (OriginKind::Account, own(&caller.account)),
        (Principal::AwsService { .. }, _) => (OriginKind::Service, name()),
        (Principal::Unknown, _) => (OriginKind::Unknown, name()),
    }
}

fn step_row<'a>(report: &Report<'a>, step: &TakenRole) -> AssumptionRow<'a> {
    let place = |place: usize| report.parts.log.assumptions.as_deref()?.get(place);
    let other = |&other: &usize| place(other).map(|other| id(report, other));
    let taken = place(step.assumption);
    let client = taken.map(|taken| client(report, taken));
    let action = taken.map(|taken| report.parts.log.text(taken.action));
    AssumptionRow {
        event_id: taken.map_or_else(Text::default, |taken| id(report, taken)),
        time: taken.map_or_else(String::new, |taken| words::time(taken.time)),
        action: Cow::Borrowed(action.unwrap_or_default()),
        session: taken.and_then(|taken| text(report, taken.session)),
        caller: taken.map_or_else(String::new, |taken| words::who(caller(report, taken))),
        source_ip: client.and_then(|client| client.source_ip.as_deref().map(Cow::Borrowed)),
        by: step.by,
        strength: step.strength(),
        alternatives: step.alternatives.iter().filter_map(other).collect(),
    }
}

fn caller<'a>(report: &Report<'a>, assumption: &Assumption) -> &'a Identity {
    report.parts.log.tables.identities.get(assumption.caller)
}

fn client<'a>(report: &Report<'a>, assumption: &Assumption) -> &'a Client {
    report.parts.log.tables.clients.get(assumption.client)
}

fn id<'a>(report: &Report<'a>, assumption: &Assumption) -> Text<'a> {
    assumption.event_id.text(&report.parts.log.tables.texts)
}

fn text<'a>(report: &Report<'a>, id: Option<TextId>) -> Option<Text<'a>> {
    id.map(|id| Cow::Borrowed(report.parts.log.text(id)))
}
