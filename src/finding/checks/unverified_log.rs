//! Files that no digest file vouches for, and the pushes based on them.

use crate::finding::check::{Check, Code, Context, Finding, Runner, Severity};
use crate::finding::checks::{agreeing, events_in, n};
use crate::ingest::verify::Verdict;
use crate::words;

/// The code of the finding.
pub(super) const UNVERIFIED_LOG: &str = "unverified-log";

const CODE: Code = Code {
    code: UNVERIFIED_LOG,
    name: "Nothing vouches for log files",
    severity: Severity::Warning,
    doc: "Only with `--verify`. A push has events in log files that no digest file vouches for. It is a \
warning where digest files cover the time and do not list the file, or only altered ones do: the file \
may not be of CloudTrail's making; also where a file that is listed could not be read to its end. It \
is a note where there is no digest file for the time, or where the signature of the one there is \
could not be checked. The last digest file of a chain has its signature in the object's metadata \
only: save it beside the file, as `docs/verify.md` shows. The finding stands for the log as a whole \
where digest files do not follow one another: between them may have been others, and log files that \
only they list; and where files that none lists, whatever their names, hold records of an account, region \
and time that digest files cover. A record in such a file never takes the place of one that is vouched for.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Log(run));

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(verification) = &context.coverage.verification else {
        return;
    };
    for (index, session) in context.sessions.sessions.iter().enumerate() {
        let (events, files) = events_in(context, session, |verdict| reason(verdict).is_some());
        let reasons = files.values().filter_map(|&verdict| reason(verdict));
        let Some((severity, why)) = reasons.max() else {
            continue;
        };
        let message = format!(
            "{} of the push {} in {} that nothing vouches for: {why}",
            words::count(n(events.len()), "event"),
            agreeing(n(events.len()), "stands", "stand"),
            words::count(n(files.len()), "log file"),
        );
        let finding = CODE.of(index, events, message).severity(severity);
        findings.push(finding.label("in a log file that nothing vouches for"));
    }
    let n_unlisted = verification.n_logs(Verdict::Unlisted);
    if n_unlisted > 0 {
        let message = format!(
            "{} that no digest file lists {} records of a time that digest files cover",
            words::count(n_unlisted, "log file"),
            agreeing(n_unlisted, "holds", "hold"),
        );
        let finding = CODE.of_log(message);
        findings
            .push(finding.help("the problems of the input name them; look where they come from"));
    }
    if verification.n_breaks > 0 {
        let message = format!(
            "{} {} not follow the one before",
            words::count(verification.n_breaks, "digest file"),
            agreeing(verification.n_breaks, "does", "do"),
        );
        let finding = CODE.of_log(message);
        findings.push(finding.help("the problems of the input name them"));
    }
}

/// Why nothing vouches for a file, and how bad that is; `None` if something does, or if the file
/// was altered, which another check reports.
fn reason(verdict: Verdict) -> Option<(Severity, &'static str)> {
    match verdict {
        Verdict::Verified | Verdict::TrailingData | Verdict::Altered => None,
        Verdict::Unlisted => Some((
            Severity::Warning,
            "no digest file lists what there should be one for",
        )),
        Verdict::Unfounded => Some((
            Severity::Warning,
            "only digest files list it that were altered",
        )),
        Verdict::Unsigned => Some((
            Severity::Note,
            "the signature of the digest file could not be checked",
        )),
        Verdict::NotCovered => Some((Severity::Note, "there is no digest file for that time")),
        Verdict::Unread => Some((Severity::Warning, "it could not be read to its end")),
    }
}
