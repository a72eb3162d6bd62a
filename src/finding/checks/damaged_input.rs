//! Input that could not be read, or only in part.

use std::collections::BTreeMap;

use crate::finding::check::{Check, Code, Context, Finding, Runner, Severity};
use crate::problem::{Problem, ProblemKind};
use crate::source::{LogName, SourceFile, file_name};
use crate::words;

/// The code of the finding.
pub(super) const DAMAGED_INPUT: &str = "damaged-input";

const CODE: Code = Code {
    code: DAMAGED_INPUT,
    name: "Input could not be read, or not whole",
    severity: Severity::Warning,
    doc: "Files could not be opened or decoded, or records in them could not be used or contradict each \
other. What was in them is not in the report, and what it says rests on the rest. The problems of the \
input name each place. A file that is no CloudTrail log counts only if its name is that of one; what \
`--verify` finds has codes of its own.\n\n\
What to do: fetch the files again, and look who could write them if they stay as they are.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Log(run));

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for problem in context.problems {
        if is_damage(context.files, problem) {
            let count = counts.entry(problem.kind.code()).or_default();
            *count = count.saturating_add(problem.kind.weight());
        }
    }
    if counts.is_empty() {
        return;
    }
    let total = counts.values().copied().fold(0, u64::saturating_add);
    let kinds: Vec<String> = counts
        .iter()
        .map(|(code, n)| format!("{} {code}", words::number(*n)))
        .collect();
    let message = format!(
        "input could not be read or used: {} ({})",
        words::count(total, "defect"),
        kinds.join(", ")
    );
    let finding = CODE.of_log(message);
    findings.push(finding.help("the problems of the input name each place"));
}

/// Whether a problem lost some part of a log.
fn is_damage(files: &[SourceFile], problem: &Problem) -> bool {
    match &problem.kind {
        ProblemKind::NotCloudTrail { .. } => {
            let file = files.get(problem.at.file.0 as usize);
            let path = file.map(|file| file.path().to_string_lossy());
            path.is_some_and(|path| LogName::parse(file_name(&path)).is_some())
        }
        ProblemKind::Integrity { .. } | ProblemKind::HalfPair => false,
        ProblemKind::Unreadable { .. }
        | ProblemKind::Empty
        | ProblemKind::Undecodable { .. }
        | ProblemKind::TooLarge { .. }
        | ProblemKind::Truncated { .. }
        | ProblemKind::BadRecord { .. }
        | ProblemKind::BadField { .. }
        | ProblemKind::ConflictingDuplicate { .. }
        | ProblemKind::BadTable { .. }
        | ProblemKind::BadCoverage { .. }
        | ProblemKind::MoreConflicts { .. }
        | ProblemKind::More { .. } => true,
    }
}
