//! Files that are not as CloudTrail delivered them, and the pushes based on them.

use crate::finding::check::{Check, Code, Context, Finding, Runner, Severity};
use crate::finding::checks::{agreeing, events_in, n};
use crate::ingest::verify::{Standing, Verdict, Verification};
use crate::words;

/// The code of the finding.
pub(super) const ALTERED_LOG: &str = "altered-log";

const CODE: Code = Code {
    code: ALTERED_LOG,
    name: "Files are not as CloudTrail delivered them",
    severity: Severity::Error,
    doc: "Only with `--verify`. A log file does not have the hash that a digest file lists for it, or \
something was written after its end, or a digest file does not have the hash or the signature that it \
should have. The finding stands once for the log as a whole, and with each push that has events in \
a log file whose content is another: what the report says of that push rests on a record that \
somebody may have changed, removed or added. It counts for the exit status whatever pushes are \
selected, if the files are of the accounts, regions and period asked for. The problems of the input name the files. A damaged \
copy looks the same, so fetch them again first.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Log(run));

const LABEL: &str = "in an altered log file";

const HELP: &str = "the problems of the input name the files; fetch them again, and if they still \
differ, look who wrote to the bucket";

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(verification) = &context.coverage.verification else {
        return;
    };
    for (index, session) in context.sessions.sessions.iter().enumerate() {
        let (events, files) = events_in(context, session, |verdict| verdict == Verdict::Altered);
        let message = format!(
            "{} of the push {} in {}",
            words::count(n(events.len()), "event"),
            agreeing(n(events.len()), "stands", "stand"),
            words::count(n(files.len()), "altered log file"),
        );
        if !events.is_empty() {
            findings.push(CODE.of(index, events, message).label(LABEL).help(HELP));
        }
    }
    if let Some(message) = of_log(verification) {
        findings.push(CODE.of_log(message).help(HELP));
    }
}

/// What is altered, apart from pushes.
fn of_log(verification: &Verification) -> Option<String> {
    let n_logs = verification.n_logs(Verdict::Altered) + verification.n_logs(Verdict::TrailingData);
    let n_digests =
        verification.n_digests(Standing::Altered) + verification.n_digests(Standing::BadSignature);
    let kinds = [(n_logs, "log file"), (n_digests, "digest file")];
    let some: Vec<String> = kinds
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, noun)| words::count(n, noun))
        .collect();
    let (verb, them) = match n_logs + n_digests {
        1 => ("is", "it"),
        _ => ("are", "them"),
    };
    (!some.is_empty()).then(|| {
        let files = some.join(" and ");
        format!("{files} {verb} not as CloudTrail delivered {them}")
    })
}
