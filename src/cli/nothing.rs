//! Says when no log could be read.
//!
//! Comes in: the inputs as they were named, and what happened to their files. Goes out: a message if no
//! file was a log that could be read, since a report would then look like that of a quiet day. Never: a
//! message about logs that were read and hold no push.

use crate::cli::plan::{Names, Plan};
use crate::ingest::Coverage;
use crate::ingest::coverage::FileTally;
use crate::problem::{Problem, ProblemKind};
use crate::source::{FileKind, Found, SourceFile};
use crate::words;

/// The message, with what to do; `None` if a log was read, or left unread because of the period asked
/// for.
pub(super) fn read(
    plan: &Plan,
    named: &[String],
    files: &[SourceFile],
    coverage: &Coverage,
    problems: &[Problem],
) -> Option<String> {
    let is_pruned = |file: &SourceFile| {
        matches!(file.found, Found::Pruned(_)) && FileKind::of(&file.name) == FileKind::Log
    };
    let tally = &coverage.files;
    let n_logs = tally.logs();
    // A log without a record, or that breaks off before its first one, says as little as no log.
    let is_blank =
        coverage.spans.is_empty() && (coverage.records.seen == 0 || problems.iter().any(is_broken));
    if files.iter().any(is_pruned) || (n_logs > 0 && !is_blank) {
        return None;
    }
    let names = match (plan.names, named) {
        (Names::True, [only]) => format!(" from `{only}`"),
        (Names::True, [first, others @ ..]) => {
            let more = words::count(others.len() as u64, "other input");
            format!(" from `{first}` and {more}")
        }
        (Names::True, []) | (Names::Redacted, _) => String::new(),
    };
    let became = became(tally, n_logs);
    let help = match tally.unreadable {
        0 => {
            "expected files as CloudTrail delivers them to S3, or records in one of the forms of \
             docs/input.md"
        }
        _ => {
            "the problems say why files could not be read; check that this user may read them, and \
             that enough files may be open at once (`ulimit -n`)"
        }
    };
    Some(format!(
        "no log could be read{names}: {became}\n\n  help: {help}"
    ))
}

/// Whether records were lost to a problem.
fn is_broken(problem: &Problem) -> bool {
    match problem.kind {
        ProblemKind::Undecodable { .. }
        | ProblemKind::TooLarge { .. }
        | ProblemKind::Truncated { .. }
        | ProblemKind::BadRecord { .. }
        | ProblemKind::BadField { .. }
        | ProblemKind::BadTable { .. } => true,
        ProblemKind::Unreadable { .. }
        | ProblemKind::Empty
        | ProblemKind::NotCloudTrail { .. }
        | ProblemKind::HalfPair
        | ProblemKind::ConflictingDuplicate { .. }
        | ProblemKind::Integrity { .. }
        | ProblemKind::BadCoverage { .. }
        | ProblemKind::MoreConflicts { .. }
        | ProblemKind::More { .. } => false,
    }
}

/// What kinds of files there were, in words.
fn became(tally: &FileTally, n_blank: u64) -> String {
    let kinds = [
        (tally.unreadable, "unreadable"),
        (n_blank, "without a record that could be used"),
        (tally.empty, "empty"),
        (tally.digest, "digest"),
        (tally.insight, "of Insights or Lake"),
        (tally.hidden, "hidden"),
        (tally.not_cloudtrail, "not CloudTrail"),
    ];
    let some: Vec<String> = kinds
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{} {what}", words::number(n)))
        .collect();
    match some.is_empty() {
        true => "there is no file".to_owned(),
        false => format!(
            "of {}, {}",
            words::count(tally.found(), "file"),
            some.join(", ")
        ),
    }
}
