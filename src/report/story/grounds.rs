//! Why a push consists of its calls and has its login, in words.
//!
//! Comes in: the login of a push, or the kinds of evidence in it. Goes out: a text for each question. Never: layout.

use crate::report::grounds::LoginGroundsRow;
use crate::report::row::{EventRow, SessionRow};
use crate::report::story::push;
use crate::words;
use crate::zone::Zone;

/// How far the creation of a key and a login may lie apart that are of one moment, in seconds, as for the link itself.
const ONE_MOMENT_S: u64 = 2;

/// How sure it is that these calls are one push.
pub(crate) fn sure(push: &SessionRow<'_>, zone: &Zone) -> String {
    push::sure(push, zone).unwrap_or_else(|| {
        "proof: uploadIds and digests join the calls that hold it together".to_owned()
    })
}

/// What a push of so many calls hangs on: the call that is joined to none itself.
pub(crate) fn hangs_on(event: &EventRow<'_>, n_calls: usize, zone: &Zone) -> String {
    let call = format!(
        "{} at {}, event {}",
        event.action,
        zone.clock(&event.time),
        event.event_id
    );
    match n_calls {
        1 => format!("The push has one call in these logs: {call}."),
        _ => format!(
            "The push hangs on {call}: the others are joined to it, directly or through each other, and it is joined to \
             none."
        ),
    }
}

/// Which login, when, from where, and how sure.
pub(crate) fn login(row: &LoginGroundsRow<'_>) -> String {
    let when = match row.before_s {
        0 => "in the second of the first call".to_owned(),
        before @ 1.. => format!("{} before the first call", words::duration(before)),
        after => format!("{} after the first call", words::duration(-after)),
    };
    format!(
        "Its login is {}, {when} ({}, serves {}).",
        place(&row.login),
        row.strength,
        words::pushes(row.serves)
    )
}

/// A login that was considered, by id, time and address.
pub(crate) fn place(login: &EventRow<'_>) -> String {
    let from = login.source_ip.as_deref();
    let from = from.map(|address| format!(" from {address}"));
    format!(
        "event {} at {}{}",
        login.event_id,
        login.time,
        from.unwrap_or_default()
    )
}

/// What the log shows that speaks for the login.
pub(crate) fn for_login(row: &LoginGroundsRow<'_>) -> String {
    let key = row.same_key.as_deref();
    let key = key.map(|key| format!("the access key of the calls, {key}"));
    let moment = row
        .after_creation_s
        .filter(|after| after.unsigned_abs() <= ONE_MOMENT_S);
    let moment = moment.map(|_| "the second in which the key of the calls was created".to_owned());
    let facts: Vec<String> = key.into_iter().chain(moment).collect();
    match facts.is_empty() {
        true => "no more than its caller and its time".to_owned(),
        false => facts.join(", and "),
    }
}
