//! A record that was looked for by its `eventID` and is no event of the log.
//!
//! Comes in: from the parser, what any record says of its call. Goes out: that, and what the program makes of such a
//! record. Never: a part of a push, or of what a report counts.

use chrono::{DateTime, Utc};

use crate::event::{Category, ClientId, EventId, FailureId, IdentityId, RepositoryId};
use crate::event::{TextId, Uid};
use crate::location::RecordAt;

/// A record of any service, as far as its form is that of all records.
#[derive(Clone, Debug)]
pub struct OtherEvent {
    /// `eventID`.
    pub event_id: Uid,
    /// `eventName`; empty text when absent.
    pub action: TextId,
    /// `eventSource`; empty text when absent.
    pub source: TextId,
    /// `eventTime`; `None` if it is absent or no time.
    pub time: Option<DateTime<Utc>>,
    /// `requestID`.
    pub request_id: Option<Uid>,
    /// `sharedEventID`: equal on the records of one call that were delivered to two accounts.
    pub shared_event_id: Option<TextId>,
    /// `addendum.originalEventID`: the record amends the one with that `eventID`.
    pub amends: Option<TextId>,
    /// Which side recorded the call.
    pub category: Category,
    /// Who called.
    pub identity: IdentityId,
    /// The address and program of the caller.
    pub client: ClientId,
    /// `errorCode` and `errorMessage` of a refused call.
    pub failure: Option<FailureId>,
    /// The repository, if the call is one of ECR and names one.
    pub repository: Option<RepositoryId>,
    /// `recipientAccountId`; empty text when absent.
    pub recipient: TextId,
    /// `awsRegion`; empty text when absent.
    pub region: TextId,
    /// What the program makes of it.
    pub reading: ReadAs,
    /// The record it was read from.
    pub at: RecordAt,
    /// Records with the same text.
    pub copies: Vec<RecordAt>,
}

/// What the program makes of a record that is no event of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadAs {
    /// A call of a push in whose place another record was kept.
    Replaced(Twin, EventId),
    /// A call of a push that was set aside, with no record in its place.
    SetAside,
    /// A call that explains a push and is no part of it.
    Context,
    /// A role that was assumed.
    Assumption,
    /// A call that would be read, but a field of the record is not as expected.
    Malformed {
        /// The field, as in `eventTime`; empty for the whole record.
        field: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// Nothing.
    Unread,
}

/// How two records are of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twin {
    /// The call was delivered to two accounts.
    Delivered,
    /// The kept record amends this one.
    Amends,
    /// Both amend a third, and the kept one is the later.
    AmendsToo,
    /// A VPC endpoint recorded the call too.
    Network,
}
