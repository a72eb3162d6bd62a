//! `--policy-from`: a first policy of what the selected pushes did.
//!
//! Comes in: a plan. Goes out: the policy on one stream or in a file, problems and one summary line on the other, and an
//! exit status. Never: a policy without a rule.

use crate::cli::exit::ExitStatus;
use crate::cli::interrupt::Unfinished;
use crate::cli::plan::Plan;
use crate::cli::read::read;
use crate::cli::stop::{Stop, print};
use crate::cli::surroundings::Streams;
use crate::cli::{output, summary};
use crate::problem::Error;

/// Reads the input and writes the policy.
///
/// # Errors
/// An input that cannot be read or holds no push that was asked for, an output that cannot be written.
pub(super) fn run(
    plan: &Plan,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<ExitStatus, Stop> {
    let (reconstruction, took) = read(plan, unfinished, streams)?;
    let report = reconstruction.report().select(&plan.filter);
    let policy = report.first_policy().ok_or_else(|| {
        let pushes = report.summary().in_log;
        Stop::Message(format!(
            "no policy can be made: none of the {pushes} pushes in the log was selected and wrote into a repository\n\n  \
             help: select less narrowly, or name logs of a longer period"
        ))
    })?;
    match &plan.output {
        None => print(policy.as_bytes(), streams).map(drop)?,
        Some(file) => output::write(file, unfinished, |out| out.write_all(policy.as_bytes()))
            .map_err(Error::Output)?,
    }
    if !plan.quiet {
        // If standard error is closed, there is nobody to tell.
        let _ = summary::of_report(plan, &report, took, streams.stderr);
    }
    Ok(match plan.told.strict && report.summary().problems > 0 {
        true => ExitStatus::Problems,
        false => ExitStatus::Success,
    })
}
