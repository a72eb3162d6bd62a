//! `--compare BASE`: what is selected, held against a base.
//!
//! Comes in: a plan, and what it names as the base. Goes out: the comparison, and the status of what is selected. Never:
//! logs read before the base is known to be one.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use chrono::DateTime;

use crate::cli::against::Against;
use crate::cli::exit::ExitStatus;
use crate::cli::interrupt::Unfinished;
use crate::cli::plan::{Names, Plan};
use crate::cli::read::read_after;
use crate::cli::report::finish;
use crate::cli::stop::Stop;
use crate::cli::surroundings::Streams;
use crate::cli::usage::{WrongUsage, formats_that};
use crate::render::{ComparisonRenderer, Format};
use crate::report::compare::Base;
use crate::report::compare::earlier::{EarlierReport, Limit, NoBase};
use crate::report::{Filter, Period};

/// A base whose file was read, if it is one.
enum Opened {
    Period(Period),
    Report(Box<EarlierReport>),
}

/// Reads the base and the input, and writes what changed.
///
/// # Errors
/// A format or names that cannot be compared; a base or an input that cannot be read, an output that cannot be
/// written.
pub(super) fn run(
    plan: &Plan,
    against: &Against,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<ExitStatus, Stop> {
    let renderer = renderer(plan.format)?;
    let opened = open(plan, against)?;
    let (mut reconstruction, took, before) = read_after(plan, unfinished, streams)?;
    let report = reconstruction.report();
    let (opened, filter) = match opened {
        Some(opened) => (opened, plan.filter.clone()),
        None => since_last_run(plan, before)?,
    };
    let now = report.choose_side(&filter);
    let base = match opened {
        Opened::Period(period) => Base::Logs(report.choose_base(&filter, period, &now)),
        Opened::Report(earlier) => Base::Report(earlier),
    };
    let report = match plan.names {
        Names::True => report.show(&filter, now),
        Names::Redacted => {
            let filter = filter.redacted(&mut reconstruction.redact());
            reconstruction.report().show(&filter, now)
        }
    };
    let report = report.made_with(plan.told.clone());
    let comparison = report.compare(base);
    let content = |out: &mut dyn Write| renderer.compare(&comparison, &report, &plan.style, out);
    let status = finish(plan, &report, took, content, unfinished, streams)?;
    drop(report);
    // The process is ending, as after a report.
    std::mem::forget((reconstruction.log, reconstruction.sessions));
    Ok(status)
}

/// How the format draws comparisons.
fn renderer(format: &'static Format) -> Result<&'static dyn ComparisonRenderer, WrongUsage> {
    format.renderer.comparison().ok_or_else(|| {
        let able = formats_that(|format| format.renderer.comparison().is_some());
        WrongUsage(format!(
            "`--format {}` has no form for what `--compare` tells; use one of {}",
            format.name,
            able.join(", ")
        ))
    })
}

/// The base that is the last run, and what is held against it. `before` is the second up to which its log went.
fn since_last_run(plan: &Plan, before: Option<i64>) -> Result<(Opened, Filter), Stop> {
    let until = before.and_then(|last| DateTime::from_timestamp(last.checked_add(1)?, 0));
    let Some(until) = until else {
        return Err(Stop::Message(
            "no run on this state has reported before, so that there is no base\n\n  help: this run has read the input; \
             the next one can be held against it"
                .to_owned(),
        ));
    };
    let period = Period {
        since: None,
        until: Some(until),
    };
    let filter = Against::Period(period).other_side(plan.filter.clone())?;
    Ok((Opened::Period(period), filter))
}

/// Opens the base; `None` if it is the last run, which only the state knows.
fn open(plan: &Plan, against: &Against) -> Result<Option<Opened>, Stop> {
    match (against, plan.names) {
        (Against::LastRun, _) => Ok(None),
        (Against::Period(period), _) => Ok(Some(Opened::Period(*period))),
        (Against::Report(path), Names::True) => earlier(path, plan).map(|read| Some(Opened::Report(Box::new(read)))),
        (Against::Report(_), Names::Redacted) => Err(WrongUsage(
            "`--redact` numbers the names of these logs alone, and an earlier report has others\n\n  \
             tip: name the period of the base, as `--compare FROM..UNTIL`, and the logs of both"
                .to_owned(),
        )
        .into()),
    }
}

/// Reads the earlier report.
fn earlier(path: &Path, plan: &Plan) -> Result<EarlierReport, Stop> {
    let most_bytes = plan.options.ingest.max_decoded_bytes;
    let read = match File::open(path) {
        Ok(file) => EarlierReport::read(file, most_bytes),
        Err(error) => Err(NoBase::Unreadable(error)),
    };
    read.map_err(|why| {
        let help = help(&why);
        Stop::Message(format!(
            "cannot compare with `{}`: {why}\n\n  help: {help}",
            path.display()
        ))
    })
}

/// What to do about a text that is no base.
fn help(why: &NoBase) -> &'static str {
    match why {
        NoBase::Unreadable(_) => {
            "a base is a file, or a period written as FROM..UNTIL, such as `..yesterday` or `7d..1d`"
        }
        NoBase::Beyond(Limit::Size(_)) => "a larger --max-decoded lets it be read",
        NoBase::Beyond(Limit::Text | Limit::Depth) => {
            "no report of this program is so; make the base anew, by --format json"
        }
        NoBase::Malformed(_) | NoBase::Cut => {
            "it may have been cut or changed, or still be compressed; make the base anew, by --format json --output FILE"
        }
        NoBase::Foreign(_) => {
            "expected what --format json or jsonl wrote of the logs of the base; to compare two periods of the \
             same logs, name the base as FROM..UNTIL"
        }
        NoBase::Redacted => {
            "make the base anew, without --redact; --compare FROM..UNTIL compares under pseudonyms, too"
        }
    }
}
