//! Reads what coverage needs of a record from its two ends.
//!
//! Comes in: the text of a record. Goes out: caller, time and region, which CloudTrail writes first, and the account, which it
//! writes after everything that a caller can make long. Never: a member from inside another; whatever is not in
//! CloudTrail's order is given up, and the whole record is read.

use memchr::memmem;

use crate::event::caller::Callers;
use crate::event::wire::cursor::{Cursor, Read};
use crate::event::wire::member::{Inner, Maybe, MaybeText, Unread};
use crate::event::wire::record::CallerId;

/// The account, as it stands near the end.
const ACCOUNT: &str = "recipientAccountId";

/// How near the end the account stands: the details of TLS and of an endpoint follow it.
const NEAR_END: usize = 512;

/// What the two ends of a record say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::event) struct Ends<'a> {
    /// `userIdentity`.
    pub(in crate::event) caller: Maybe<Inner<CallerId<'a>>>,
    /// `eventTime`.
    pub(in crate::event) time: MaybeText<'a>,
    /// `awsRegion`.
    pub(in crate::event) region: MaybeText<'a>,
    /// `recipientAccountId`.
    pub(in crate::event) account: MaybeText<'a>,
}

/// Reads the ends of a record; `None` if they are not as CloudTrail writes them.
///
/// What stands between them is not looked at. The members that end the text belong to the record itself: each is read up
/// to the bracket that closes the text.
pub(in crate::event) fn ends(text: &str) -> Option<Ends<'_>> {
    let callers = Callers::default();
    let mut ends = Ends::default();
    let mut start = Cursor::new(text, &callers);
    if start.is_empty_object()? {
        return None;
    }
    start.member("\"eventVersion\":", &mut Unread)?;
    start.member("\"userIdentity\":", &mut ends.caller)?;
    start.member("\"eventTime\":", &mut ends.time)?;
    start.member("\"eventSource\":", &mut Unread)?;
    start.member("\"eventName\":", &mut Unread)?;
    start.member("\"awsRegion\":", &mut ends.region)?;
    let from = start.at().max(text.len().saturating_sub(NEAR_END));
    let last = text.as_bytes().get(from..)?;
    let name = memmem::find_iter(last, ACCOUNT).last()?;
    // The name's opening quote, and the comma before it.
    let quote = (from + name).checked_sub(1)?;
    if !text.get(..quote)?.trim_ascii_end().ends_with(',') {
        return None;
    }
    let mut end = Cursor::new(text, &callers);
    end.advance(quote);
    end.members(|cursor, name| match name {
        ACCOUNT => ends.account.read(cursor),
        "userIdentity" | "eventTime" | "awsRegion" => None,
        _ => cursor.skip(),
    })?;
    end.is_at_end().then_some(ends)
}
