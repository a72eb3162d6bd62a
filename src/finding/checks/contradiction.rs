//! Events that must each come before the other.

use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::n;
use crate::words;

const CODE: Code = Code {
    code: "contradiction",
    name: "The log disagrees with itself",
    severity: Severity::Warning,
    doc: "By ids and digests each of these events came before the other, which cannot be: records \
were forged or mixed up. The timeline shows them in the order of time.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Push(run));

fn run<'c>(_: &'c Context<'c>) -> Ask<'c> {
    Box::new(|index, session, findings| {
        findings.extend(session.contradictions.iter().map(|contradiction| {
            let message = format!(
                "{} each had to come before the others",
                words::count(n(contradiction.events.len()), "event")
            );
            let finding = CODE.of(index, contradiction.events.clone(), message);
            let finding = finding.label("had to come before and after");
            finding.help("compare the records with the log's digest files")
        }));
    })
}
