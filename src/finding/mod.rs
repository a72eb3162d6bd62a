//! SESSIONS -> FINDINGS: things that somebody should know or do.
//!
//! All results of earlier stages come in; [`Finding`]s with stable codes go out. A check never changes a session,
//! and never chooses a colour.

mod check;
pub mod checks;
mod made_good;

use crate::threads;

pub use check::{Ask, Beyond, Check, Code, Context, Finding, Runner, Severity};
pub use checks::{CHECKS, code_of_error};
pub(crate) use checks::{Habits, reads_missing, unseen_layer};
pub(crate) use checks::{LOG_HOLE, OF_INPUT, OF_LOGINS};
pub(crate) use checks::{code_of_doubt, not_in_log, period_not_covered};

/// Everything that can be found, in the order of `docs/findings.md`.
pub fn codes() -> impl Iterator<Item = &'static Code> + Clone {
    CHECKS.iter().flat_map(|check| check.codes)
}

/// How many pushes a thread takes at a time.
const PORTION: usize = 1 << 10;

/// Runs every check; findings come by push, then by check.
///
/// All checks look at one push before the next. Its events are scattered over a log larger than any cache, and
/// the first check that reads them loads them for the others.
#[must_use]
pub fn examine(context: &Context<'_>) -> Vec<Finding> {
    let (mut of_log, mut of_push) = (Vec::new(), Vec::new());
    for (row, check) in CHECKS.iter().enumerate() {
        match check.run {
            Runner::Log(_) | Runner::LogBeyond(_) => of_log.push((row, check.run)),
            Runner::Push(_) | Runner::PushBeyond(_) => of_push.push((row, check.run)),
            Runner::Asked => {}
        }
    }
    let of_log = threads::map(of_log, |(row, run)| {
        let mut found = Vec::new();
        match run {
            Runner::Log(run) => run(context, &mut found),
            Runner::LogBeyond(run) => run(context, context.beyond, &mut found),
            Runner::Push(_) | Runner::PushBeyond(_) | Runner::Asked => {}
        }
        numbered(row, found).collect::<Vec<_>>()
    });
    let asked = threads::map(of_push, |(row, ready)| match ready {
        Runner::Push(ready) => Some((row, ready(context))),
        Runner::PushBeyond(ready) => Some((row, ready(context, context.beyond))),
        Runner::Log(_) | Runner::LogBeyond(_) | Runner::Asked => None,
    });
    let asked: Vec<(usize, Ask<'_>)> = asked.into_iter().flatten().collect();
    let sessions = &context.sessions.sessions;
    let starts = (0..sessions.len()).step_by(PORTION).collect();
    let of_pushes = threads::map(starts, |start| {
        let (mut findings, mut found) = (Vec::new(), Vec::new());
        for (index, session) in sessions.iter().enumerate().skip(start).take(PORTION) {
            for (row, ask) in &asked {
                ask(index, session, &mut found);
                findings.extend(numbered(*row, found.drain(..)));
            }
        }
        findings
    });
    let mut findings: Vec<Numbered> = of_log.into_iter().chain(of_pushes).flatten().collect();
    findings.sort_by_key(|(row, finding)| (finding.session.unwrap_or(usize::MAX), *row));
    findings.into_iter().map(|(_, finding)| finding).collect()
}

/// A finding with the row of its check.
type Numbered = (usize, Finding);

fn numbered(
    row: usize,
    findings: impl IntoIterator<Item = Finding>,
) -> impl Iterator<Item = Numbered> {
    findings.into_iter().map(move |finding| (row, finding))
}
