//! Who stands behind a role session, in the words that follow the caller's name.
//!
//! Comes in: the row of it. Goes out: a clause. Never: silence where the chain ends too early.

use std::borrow::Cow;

use crate::report::BehindRow;

/// As `, for repo:org/app:ref:refs/heads/main from 198.51.100.7`.
pub(super) fn clause(behind: &BehindRow<'_>) -> String {
    let vouched = matches!(behind.kind, "web-identity" | "saml");
    let caller = behind.chain.last().map(|step| Cow::Borrowed(&*step.caller));
    let subject = match behind.subject.as_deref() {
        Some(subject) if vouched => Some(Cow::Borrowed(subject)),
        Some(_) | None => caller,
    };
    let subject = subject.as_deref().unwrap_or("somebody not named");
    let mut text = match (behind.ends, behind.chain.len()) {
        (_, 0) => return ", taken on by somebody not in these logs".to_owned(),
        ("origin", _) => format!(", for {subject}"),
        _ => format!(", taken on by {subject}"),
    };
    if let Some(ip) = &behind.source_ip {
        let word = if behind.ends == "origin" {
            "from"
        } else {
            "at"
        };
        text.push_str(&format!(" {word} {ip}"));
    }
    // The first step leads to the push's own role, which is named already.
    let beyond = behind.chain.iter().skip(1);
    let through: Vec<_> = beyond
        .filter_map(|step| step.session.as_deref().map(role))
        .collect();
    if !through.is_empty() && behind.ends == "origin" {
        text.push_str(&format!(" through {}", through.join(", ")));
    }
    match behind.ends {
        "not-in-log" => text.push_str(", who took that on is not in these logs"),
        "loop" => text.push_str(", and the chain of roles behind that has no end"),
        _ => {}
    }
    let others: usize = behind
        .chain
        .iter()
        .map(|step| step.alternatives.len())
        .sum();
    match others {
        0 => {}
        1 => text.push_str(" (or by another call that fits)"),
        n => text.push_str(&format!(" (or by {n} other calls that fit)")),
    }
    text
}

/// A role session's ARN by its last part, as `role hub/dana`; anything else as it is.
fn role(arn: &str) -> Cow<'_, str> {
    match arn.split_once(":assumed-role/") {
        Some((_, role)) => Cow::Owned(format!("role {role}")),
        None => Cow::Borrowed(arn),
    }
}
