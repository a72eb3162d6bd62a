//! A log that records no reads.

use std::collections::BTreeMap;

use crate::event::{EventLog, TextId};
use crate::finding::check::{Beyond, Check, Code, Context, Finding, Runner, Severity};
use crate::session::Session;

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
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::LogBeyond(run));

/// This many pushes without a read are no accident: nearly every client logs in or checks.
const LEAST_PUSHES: usize = 3;

fn run(context: &Context<'_>, beyond: Beyond<'_>, findings: &mut Vec<Finding>) {
    // What is asked is how many pushes an account has in all, which no part of a log knows.
    if beyond.answers.is_none() {
        let n_pushes = n_pushes(context.log, &context.sessions.sessions);
        findings.extend(found(&n_pushes, |account| beyond.facts.is_reader(account)));
    }
}

/// How many pushes the log of each account holds.
pub(crate) fn n_pushes<'a>(log: &'a EventLog, sessions: &[Session]) -> BTreeMap<&'a str, usize> {
    let mut n_pushes: BTreeMap<TextId, usize> = BTreeMap::new();
    for session in sessions {
        if let Some(&first) = session.sequence.first() {
            *n_pushes.entry(log.event(first).recipient).or_default() += 1;
        }
    }
    let n_pushes = n_pushes.into_iter();
    n_pushes
        .map(|(account, n)| (log.text(account), n))
        .collect()
}

/// What is found if the logs of accounts hold these pushes, and those of readers a read.
pub(crate) fn found<'a>(
    n_pushes: &'a BTreeMap<&'a str, usize>,
    is_reader: impl Fn(&str) -> bool + 'a,
) -> impl Iterator<Item = Finding> + 'a {
    let without = n_pushes.iter().filter(|(_, n)| **n >= LEAST_PUSHES);
    let without = without.filter(move |(account, _)| !is_reader(account));
    without.map(|(account, n_pushes)| {
        let message = format!(
            "the log of `{account}` holds {n_pushes} pushes and not one login or check: its \
             trail seems to record writes only"
        );
        let finding = CODE.of_log(message);
        finding.help("set the trail to record read events as well, then logins name addresses")
    })
}
