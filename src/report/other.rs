//! The row of a record that was looked for and is no event of a push.
//!
//! Comes in: a record that a search found. Goes out: what it says of its call, and what the program makes of it. Never: a push.

use std::borrow::Cow;

use crate::event::assume;
use crate::event::{Category, EventId, OtherEvent, ReadAs, Service, Twin};
use crate::report::event;
use crate::report::parts::Report;
use crate::report::row::{AtRow, IdentityRow, Text};
use crate::report::session;
use crate::words;

/// A record that is no event of a push.
#[derive(Debug)]
pub struct OtherRow<'a> {
    /// `eventID`.
    pub event_id: Text<'a>,
    /// `eventName`.
    pub action: Text<'a>,
    /// `eventSource`.
    pub source: Text<'a>,
    /// `eventTime`; `None` if it is absent or no time.
    pub time: Option<String>,
    /// `errorCode` of a refused call.
    pub error_code: Option<Text<'a>>,
    /// `errorMessage`.
    pub error_message: Option<Text<'a>>,
    /// Who called.
    pub identity: IdentityRow<'a>,
    /// The caller's address.
    pub source_ip: Option<Text<'a>>,
    /// The caller's program.
    pub user_agent: Option<Text<'a>>,
    /// The account in whose log it is.
    pub account: Text<'a>,
    /// The region.
    pub region: Text<'a>,
    /// The repository, if the call is one of ECR and names one.
    pub repository: Option<Text<'a>>,
    /// The record's place in the input.
    pub at: AtRow<'a>,
    /// The places of its copies.
    pub copies: Vec<AtRow<'a>>,
    /// What the program makes of it.
    pub kind: OtherKind,
    /// The event that was kept in its place.
    pub kept: Option<EventId>,
}

/// What the program makes of a record that is no event of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherKind {
    /// A call of a push, in whose place another record was kept.
    Replaced(Twin),
    /// A call of a push that was set aside, with no record in its place.
    SetAside,
    /// The record of a VPC endpoint.
    Network,
    /// A call that explains a push and is no part of it.
    Context,
    /// A role that was assumed.
    Assumption,
    /// A call for a role, whose record shows no session.
    NoSession,
    /// A record that would be read, with the field that is not as expected.
    Malformed(&'static str, &'static str),
    /// A call that pulls an image.
    Pull,
    /// Another call of ECR.
    OfRegistry,
    /// A call of another service.
    OfService,
}

/// The calls by which images are pulled (ECR API reference).
const PULLS: [&str; 2] = ["BatchGetImage", "GetDownloadUrlForLayer"];

/// The `eventID` of a record that was found.
pub(super) fn id<'a>(report: &Report<'a>, position: usize) -> Text<'a> {
    let log = report.parts.log;
    let other = log.others.get(position);
    other.map_or(Cow::Borrowed(""), |other| {
        other.event_id.text(&log.tables.texts)
    })
}

impl<'a> Report<'a> {
    /// The record at a position among those that were found.
    #[doc(hidden)]
    #[must_use]
    pub fn other(&self, position: usize) -> Option<OtherRow<'a>> {
        let log = self.parts.log;
        let other = log.others.get(position)?;
        let tables = &log.tables;
        let failure = other.failure.map(|failure| tables.failures.get(failure));
        let client = tables.clients.get(other.client);
        let repository = other.repository.map(|id| tables.repositories.get(id));
        Some(OtherRow {
            event_id: id(self, position),
            action: Cow::Borrowed(log.text(other.action)),
            source: Cow::Borrowed(log.text(other.source)),
            time: other.time.map(words::time),
            error_code: failure.map(|failure| Cow::Borrowed(&*failure.code)),
            error_message: failure
                .and_then(|failure| failure.message.as_deref().map(Cow::Borrowed)),
            identity: session::identity(tables.identities.get(other.identity)),
            source_ip: client.source_ip.as_deref().map(Cow::Borrowed),
            user_agent: client.user_agent.as_deref().map(Cow::Borrowed),
            account: Cow::Borrowed(log.text(other.recipient)),
            region: Cow::Borrowed(log.text(other.region)),
            repository: repository.map(|repository| Cow::Borrowed(&*repository.name)),
            at: event::place(&self.parts, other.at),
            copies: (other.copies.iter())
                .map(|&at| event::place(&self.parts, at))
                .collect(),
            kind: self.kind_of(other),
            kept: match other.reading {
                ReadAs::Replaced(_, kept) => Some(kept),
                ReadAs::SetAside
                | ReadAs::Context
                | ReadAs::Assumption
                | ReadAs::Malformed { .. }
                | ReadAs::Unread => None,
            },
        })
    }

    fn kind_of(&self, other: &OtherEvent) -> OtherKind {
        let log = self.parts.log;
        let is_of_ecr = Service::of_event_source(log.text(other.source)).is_some();
        match other.reading {
            ReadAs::Replaced(twin, _) => OtherKind::Replaced(twin),
            ReadAs::SetAside if other.category == Category::NetworkActivity => OtherKind::Network,
            ReadAs::SetAside => OtherKind::SetAside,
            ReadAs::Context => OtherKind::Context,
            ReadAs::Assumption => OtherKind::Assumption,
            ReadAs::Malformed { field, expected } => OtherKind::Malformed(field, expected),
            ReadAs::Unread if other.category == Category::NetworkActivity => OtherKind::Network,
            ReadAs::Unread if is_of_ecr && PULLS.contains(&log.text(other.action)) => {
                OtherKind::Pull
            }
            ReadAs::Unread if is_of_ecr => OtherKind::OfRegistry,
            ReadAs::Unread if assume::is_call(log.text(other.source), log.text(other.action)) => {
                OtherKind::NoSession
            }
            ReadAs::Unread => OtherKind::OfService,
        }
    }
}
