//! A log that records no reads.

use std::collections::BTreeMap;

use crate::event::{Stage, TextId};
use crate::finding::check::{Check, Code, Context, Finding, Runner, Severity};

const CODE: Code = Code {
    code: "reads-missing",
    name: "The log records no reads",
    severity: Severity::Note,
    doc: "Several pushes of an account are in the log, and not one login or check of a layer. Both are \
read calls, and a trail can be set to record writes only. Who pushed from which address is on the \
login, and a new run is best known by its checks, so both are less certain here.\n\n\
What to do: set the trail's management events to record reads as well.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Log(run));

/// This many pushes without a read are no accident: nearly every client logs in or checks.
const LEAST_PUSHES: usize = 3;

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let log = context.log;
    let mut pushes: BTreeMap<TextId, usize> = BTreeMap::new();
    for session in &context.sessions.sessions {
        if let Some(&first) = session.sequence.first() {
            *pushes.entry(log.event(first).recipient).or_default() += 1;
        }
    }
    for (_, event) in log.iter() {
        // In most logs a few events are enough to show that all accounts have reads.
        if pushes.is_empty() {
            return;
        }
        if matches!(event.action.stage(), Stage::Authorization | Stage::Check) {
            pushes.remove(&event.recipient);
        }
    }
    let without: BTreeMap<&str, usize> = pushes
        .into_iter()
        .map(|(account, n_pushes)| (log.text(account), n_pushes))
        .collect();
    for (account, n_pushes) in without {
        if n_pushes >= LEAST_PUSHES {
            let message = format!(
                "the log of `{account}` holds {n_pushes} pushes and not one login or check: its \
                 trail seems to record writes only"
            );
            let finding = CODE.of_log(message);
            findings.push(
                finding.help(
                    "set the trail to record read events as well, then logins name addresses",
                ),
            );
        }
    }
}
