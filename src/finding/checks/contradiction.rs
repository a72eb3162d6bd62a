//! Events that each had to come before the other.

use crate::finding::{Check, Context, Finding, Severity};

/// The check.
pub(super) const CHECK: Check = Check {
    code: "contradiction",
    name: "The log disagrees with itself",
    severity: Severity::Warning,
    doc: "By ids and digests each of these events came before the other, which cannot be: records \
were forged or mixed up. The timeline shows them in the order of time.",
    run,
};

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (index, session) in context.sessions.sessions.iter().enumerate() {
        findings.extend(session.contradictions.iter().map(|contradiction| Finding {
            code: CHECK.code,
            severity: CHECK.severity,
            session: Some(index),
            events: contradiction.events.clone(),
            message: format!(
                "{} events each had to come before the others",
                contradiction.events.len()
            ),
            help: Some("compare the records with the log's digest files".to_owned()),
        }));
    }
}
