//! `--list-missing`: the log files that digest files list and that are not in the input.
//!
//! Comes in: a plan. Goes out: the address of each on a line of its own, sums and problems on the other stream, and an
//! exit status. Never: an opened log file, or a line that a reader of lines could take for two.

use std::collections::BTreeSet;
use std::io::{self, Write};

use crate::cli::exit::ExitStatus;
use crate::cli::found::{FoundFiles, find_files};
use crate::cli::interrupt::Unfinished;
use crate::cli::plan::Plan;
use crate::cli::read::unread;
use crate::cli::stop::{Stop, print};
use crate::cli::surroundings::Streams;
use crate::cli::{output, progress, summary};
use crate::facts::Facts;
use crate::finding::Severity;
use crate::ingest::verify::{AbsentLog, Standing};
use crate::ingest::{Ingest, Verification, ingest_observed};
use crate::problem::{Error, Problem};
use crate::render::plain;
use crate::report::{MissingRow, missing_rows, n_problems, problem_rows};
use crate::words;

/// The most addresses named that cannot be printed as a line.
const MOST_NAMED: usize = 3;

/// Reads the digest files and writes what is missing.
///
/// # Errors
/// An input that cannot be read or holds no digest file of what was asked for, an output that cannot be written.
pub(super) fn run(
    plan: &Plan,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<ExitStatus, Stop> {
    let FoundFiles {
        options,
        files,
        named,
        ..
    } = find_files(plan, unfinished, streams)?;
    let columns = streams.surroundings.columns();
    let (show, stderr) = (plan.show, &mut *streams.stderr);
    let (ingest, _) = progress::watched(unfinished, show, columns, stderr, |progress| {
        let told = Facts::default();
        ingest_observed(&files, &options.ingest, &options.reach, &told, progress)
    });
    let Ingest {
        mut coverage,
        problems,
        ..
    } = ingest;
    let shown = |problem: &&Problem| !problem.kind.is_absent_log();
    let verification = coverage.verification.take().unwrap_or_default();
    let rows = problem_rows(&files, &coverage, problems.iter().filter(shown));
    let n_digests = n_digests(plan, &verification);
    if n_digests == 0 {
        let message = no_digest_file(&named, &verification);
        return Err(unread(plan, rows, message, streams));
    }
    let absent = verification
        .absent
        .iter()
        .filter(|file| is_asked(plan, file));
    let absent: Vec<&AbsentLog> = absent.collect();
    let (lines, odd) = lines(&absent);
    match &plan.output {
        None => print(lines.as_bytes(), streams).map(drop)?,
        Some(file) => output::write(file, unfinished, |out| out.write_all(lines.as_bytes()))
            .map_err(Error::Output)?,
    }
    if !plan.quiet {
        // If standard error is closed, there is nobody to tell.
        let _ = summary::problems(plan, rows, None, streams.stderr);
        coverage.missing.retain(|of| {
            let source = &of.source;
            plan.filter.asks_for_log(&source.account, &source.region)
        });
        let sums = Sums {
            n_absent: absent.len() as u64,
            n_digests,
            odd: &odd,
        };
        let _ = told(plan, &sums, &missing_rows(&coverage), streams.stderr);
    }
    let n_others = n_problems(problems.iter().filter(shown));
    Ok(status(plan, &verification, absent.len(), n_others))
}

fn is_asked(plan: &Plan, file: &AbsentLog) -> bool {
    plan.filter.asks_for_log(&file.account, &file.region)
}

/// The digest files of what was asked for.
fn n_digests(plan: &Plan, verification: &Verification) -> u64 {
    let chains = verification.chains.iter();
    let asked = chains.filter(|chain| plan.filter.asks_for_log(&chain.account, &chain.region));
    asked.map(|chain| chain.n_files).sum()
}

/// What to say if there is no digest file of what was asked for.
fn no_digest_file(named: &[String], verification: &Verification) -> String {
    let from = match named {
        [only] => format!(" in `{only}`"),
        _ => String::new(),
    };
    if verification.chains.is_empty() {
        return format!(
            "no digest file{from}, so nothing says which log files there should be\n\n  help: digest files lie in \
             the folder `CloudTrail-Digest` beside `CloudTrail`; fetch those too, of the same days. Only trails with \
             log file validation have them"
        );
    }
    let chains = verification.chains.iter();
    let there: BTreeSet<String> = chains
        .map(|chain| format!("{} {}", chain.account, chain.region))
        .collect();
    let there: Vec<String> = there.into_iter().collect();
    format!(
        "no digest file{from} is of the accounts and regions asked for\n\n  help: there are those of {}",
        words::list(&there)
    )
}

/// A line for each file, sorted; and the addresses that would not be one line.
fn lines(absent: &[&AbsentLog]) -> (String, Vec<String>) {
    let (mut lines, mut odd) = (BTreeSet::new(), Vec::new());
    for file in absent {
        let address = format!("s3://{}/{}", file.place.bucket, file.place.object);
        match is_line(file) {
            true => drop(lines.insert(address + "\n")),
            false => odd.push(address),
        }
    }
    odd.sort();
    (lines.into_iter().collect(), odd)
}

/// Whether an address stays whole in a list of lines, and is one word for `xargs`, which gives quotes and backslashes
/// a meaning of their own. CloudTrail's own names hold none of these.
fn is_line(file: &AbsentLog) -> bool {
    let (bucket, key) = (&file.place.bucket, &file.place.object);
    let is_in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let is_odd = |c: char| matches!(c, '\'' | '"' | '\\') || (c.is_whitespace() && c != ' ');
    !bucket.is_empty()
        && bucket.chars().all(is_in_name)
        && !key.is_empty()
        && plain(key) == *key
        && !key.contains(is_odd)
}

/// What is told beside the lines.
struct Sums<'a> {
    n_absent: u64,
    n_digests: u64,
    odd: &'a [String],
}

fn told(
    plan: &Plan,
    sums: &Sums<'_>,
    stretches: &[MissingRow],
    out: &mut dyn Write,
) -> io::Result<()> {
    if let n_odd @ 1.. = sums.odd.len() as u64 {
        let files = words::count(n_odd, "missing log file");
        writeln!(
            out,
            "warning: {files} not printed, as there are quotes, backslashes or characters that do not show in \
             the address:"
        )?;
        for address in sums.odd.iter().take(MOST_NAMED) {
            writeln!(out, "  {}", plain(&words::shorten(address, 300)))?;
        }
    }
    summary::stretches(stretches, out)?;
    let missing = match sums.n_absent {
        0 => "no log file".to_owned(),
        n => words::count(n, "log file"),
    };
    let digests = words::count(sums.n_digests, "digest file");
    let list = if sums.n_digests == 1 { "lists" } else { "list" };
    let written = summary::written(plan);
    writeln!(
        out,
        "reconstruct: {missing} missing that {digests} {list}{written}"
    )?;
    out.flush()
}

/// The status: a missing log file counts as an error, and so does a digest file that is missing or altered, since it
/// may hide others.
fn status(
    plan: &Plan,
    verification: &Verification,
    n_absent: usize,
    n_problems: u64,
) -> ExitStatus {
    let n_altered =
        verification.n_digests(Standing::Altered) + verification.n_digests(Standing::BadSignature);
    let is_error = n_absent > 0 || verification.n_breaks > 0 || n_altered > 0;
    let found = match plan.fail_on {
        None => false,
        Some(Severity::Error) => is_error,
        Some(Severity::Warning | Severity::Note) => is_error || n_problems > 0,
    };
    match found {
        true => ExitStatus::Findings,
        false if plan.told.strict && n_problems > 0 => ExitStatus::Problems,
        false => ExitStatus::Success,
    }
}
