//! A record that is no event of a push, in words: what it is, and what the program does with it.
//!
//! Comes in: its row. Goes out: a text for each question. Never: layout.

use crate::event::Twin;
use crate::report::other::{OtherKind, OtherRow};

/// The call, as in `BatchGetImage of ecr.amazonaws.com`.
pub(crate) fn call(row: &OtherRow<'_>) -> String {
    let named = |text: &str, missing: &str| match text {
        "" => missing.to_owned(),
        text => text.to_owned(),
    };
    let action = named(&row.action, "a call without a name");
    format!("{action} of {}", named(&row.source, "no service named"))
}

/// What it is, and what the program does with such a record.
pub(crate) fn what(row: &OtherRow<'_>) -> String {
    let text = match row.kind {
        OtherKind::Replaced(twin) => return format!("{} What was kept follows.", replaced(twin)),
        OtherKind::SetAside => {
            "It is of a call of a push. It was set aside when the records of all files were put together: another record says \
             more of that call, or is vouched for."
        }
        OtherKind::Network => {
            "It is no part of a push: a VPC endpoint recorded the call too, and what is read is the service's own record."
        }
        OtherKind::Context => {
            "It is no part of a push. Such calls are read to explain pushes, and for the history of images and repositories."
        }
        OtherKind::Assumption => {
            "It is no part of a push. With --trace-roles such calls are read, to say who stands behind the role session of a \
             push."
        }
        OtherKind::NoSession => {
            "It is no part of a push. With --trace-roles such calls are read, but this one was refused, or its record shows no \
             session."
        }
        OtherKind::Malformed("", _) => {
            "It could not be used: it is no JSON. The report has it among the problems of the input."
        }
        OtherKind::Malformed(field, expected) => {
            return format!(
                "It could not be used: `{field}` is not as expected, {expected}. The report has it among the problems of the \
                 input."
            );
        }
        OtherKind::Pull => "It is no part of a push: it pulls an image, and pulls are not read.",
        OtherKind::OfRegistry => "It is no part of a push, and this call of ECR is not read.",
        OtherKind::OfService => {
            "It is no part of a push. Calls of other services are not read, but for roles that are assumed."
        }
    };
    text.to_owned()
}

/// How the record that was kept is of the same call.
fn replaced(twin: Twin) -> &'static str {
    match twin {
        Twin::Delivered => {
            "It is of a call of a push that was delivered to two accounts. The record of the other account was kept."
        }
        Twin::Amends => {
            "It is of a call of a push. CloudTrail amended it, and the record that amends it was kept."
        }
        Twin::AmendsToo => {
            "It amends the record of a call of a push. Another record does so too, and was kept."
        }
        Twin::Network => {
            "It is of a call of a push, as a VPC endpoint recorded it. The service's own record was kept."
        }
    }
}
