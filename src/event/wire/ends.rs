//! Reads what coverage needs of a record from its two ends.
//!
//! Comes in: the text of a record. Goes out: caller, time and region, which CloudTrail writes first, and the account, which it
//! writes after everything that a caller can make long. Never: a member from inside another; whatever is not in
//! CloudTrail's order is given up, and the whole record is read.

use std::sync::LazyLock;

use memchr::memchr_iter;
use memchr::memmem::Finder;

use crate::event::caller::Callers;
use crate::event::wire::cursor::{Cursor, Read};
use crate::event::wire::member::{MaybeText, Unread};

const TIME: &str = "\"eventTime\":";
const PRINCIPAL: &str = "\"principalId\":";
/// The account, as it stands near the end.
const ACCOUNT: &str = "\"recipientAccountId\"";

/// How near the end the account stands: the details of TLS and of an endpoint follow it.
const NEAR_END: usize = 512;

static FIND_TIME: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(TIME));
static FIND_PRINCIPAL: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(PRINCIPAL));
static FIND_ACCOUNT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(ACCOUNT));

/// What the two ends of a record say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::event) struct Ends<'a> {
    /// `userIdentity.principalId`.
    pub(in crate::event) caller: MaybeText<'a>,
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
    let identity = identity(start.rest()?)?;
    if let Some(place) = principal(identity) {
        let mut id = start;
        id.advance(place);
        ends.caller.read(&mut id)?;
    }
    start.advance(identity.len());
    start.member(TIME, &mut ends.time)?;
    start.member("\"eventSource\":", &mut Unread)?;
    start.member("\"eventName\":", &mut Unread)?;
    start.member("\"awsRegion\":", &mut ends.region)?;
    let from = start.at().max(text.len().saturating_sub(NEAR_END));
    let last = text.as_bytes().get(from..)?;
    let name = from + FIND_ACCOUNT.find_iter(last).last()?;
    if !text.get(..name)?.trim_ascii_end().ends_with(',') {
        return None;
    }
    let mut end = Cursor::new(text, &callers);
    end.advance(name);
    end.members(|cursor, name| match name {
        "recipientAccountId" => ends.account.read(cursor),
        "userIdentity" | "eventTime" | "awsRegion" => None,
        _ => cursor.skip(),
    })?;
    end.is_at_end().then_some(ends)
}

/// The member `userIdentity` at the start of a text, with the comma after it.
///
/// A value cannot hold the name of the time in plain quotes, and of the names in this member none is a caller's.
fn identity(text: &str) -> Option<&str> {
    let identity = text.get(..FIND_TIME.find(text.as_bytes())?)?;
    let count = |byte| memchr_iter(byte, identity.as_bytes()).count();
    let is_object = identity.starts_with("\"userIdentity\":")
        && identity
            .trim_ascii_end()
            .strip_suffix(',')?
            .trim_ascii_end()
            .ends_with('}');
    (is_object && count(b'{') == count(b'}')).then_some(identity)
}

/// Where the value of `principalId` begins in `userIdentity`, if it is a member of that object itself.
fn principal(identity: &str) -> Option<usize> {
    let name = FIND_PRINCIPAL.find(identity.as_bytes())?;
    let is_own = identity.get(..name)?.matches(['{', '}']).count() == 1;
    is_own.then_some(name + PRINCIPAL.len())
}
