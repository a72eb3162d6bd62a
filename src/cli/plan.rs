//! The meaning of the arguments.
//!
//! Comes in: what was typed, and the surroundings. Goes out: options that every stage can use
//! unchanged, or one usage error that says what would be right. Never: a file touched.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::Options;
use crate::cli::against::{Against, LAST_RUN};
use crate::cli::args::{Args, FailOn, When};
use crate::cli::environment::Environment;
use crate::cli::operand::{Operand, is_stdin};
use crate::cli::output::{Existing, Output};
use crate::cli::pager::Pager;
use crate::cli::progress::Show;
use crate::cli::surroundings::{Surroundings, WIDTH};
use crate::cli::usage::{WrongUsage, formats_that};
use crate::cli::{quantity, select, zone};
use crate::event::Pulls;
use crate::finding::Severity;
use crate::ingest::{self, Roles};
use crate::render::{Detail, Format, Style, Summary};
use crate::report::{Filter, OptionsRow, WeakenedRow};
use crate::source::{PublicKeys, Purpose, Reach, Waits};
use crate::words;

/// The columns of `--summary` without a terminal and without `--width`.
const SUMMARY_WIDTH: usize = 160;
/// The narrowest and widest text.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=1_000;

/// The plan of a run.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// What to read.
    pub(super) operands: Vec<Operand>,
    /// A list of more to read.
    pub(super) files_from: Option<PathBuf>,
    /// How to read what lies in AWS.
    pub(super) access: Access,
    /// How to reconstruct.
    pub(super) options: Options,
    /// What files are read for.
    pub(super) purpose: Purpose,
    /// The file of keys to check signatures with.
    pub(super) public_keys: Option<PathBuf>,
    /// The file of what should be.
    pub(super) policy: Option<PathBuf>,
    /// What to report.
    pub(super) filter: Filter,
    /// What to hold it against.
    pub(super) against: Option<Against>,
    /// Which names to report.
    pub(super) names: Names,
    /// The format of the report.
    pub(super) format: &'static Format,
    /// How the report is drawn.
    pub(super) style: Style,
    /// How problems are drawn on standard error.
    pub(super) error_style: Style,
    /// Where the report goes; `None` for standard output.
    pub(super) output: Option<Output>,
    /// The pager for the report, on a terminal.
    pub(super) pager: Option<Pager>,
    /// The lowest severity that gives status 1.
    pub(super) fail_on: Option<Severity>,
    /// The options that the exit status is based on, for the report.
    pub(super) told: OptionsRow,
    /// What is kept from run to run, if anything is.
    pub(super) state: Option<Keeping>,
    /// Whether standard error stays empty.
    pub(super) quiet: bool,
    /// Whether to show how far reading has come.
    pub(super) show: Show,
}

/// What is kept from run to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Keeping {
    /// The directory.
    pub(super) folder: PathBuf,
    /// How long it is kept; `None` for ever.
    pub(super) keep: Option<Duration>,
    /// What of it is told.
    pub(super) tell: Tells,
}

/// What a run on a state tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tells {
    /// All that is selected.
    All,
    /// What was not told before.
    New,
    /// That, again and again after a time.
    Follow(Duration),
}

/// How to read what lies in AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Access {
    /// `--profile`.
    pub(super) profile: Option<String>,
    /// The number of simultaneous requests.
    pub(super) connections: usize,
    /// Whether the requester pays for them.
    pub(super) request_payer: bool,
    /// How long after a call its event may still come to an event history.
    pub(super) settle: Duration,
    /// The current time, up to which an event history is asked.
    pub(super) now: DateTime<Utc>,
    /// Since when an event history is asked, if a run before asked it up to then.
    pub(super) asked: Option<DateTime<Utc>>,
    /// How long to wait for answers.
    pub(super) waits: Waits,
    /// The environment, which determines the rest.
    pub(super) environment: Environment,
}

/// Which names a report shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// The names in the log.
    True,
    /// Pseudonyms.
    Redacted,
}

/// Works out what the arguments mean.
///
/// `weakened` are defaults set outside the command line that weaken the exit status.
///
/// # Errors
/// A value that its option does not accept.
pub(super) fn plan(
    args: Args,
    weakened: Vec<WeakenedRow>,
    surroundings: &Surroundings,
) -> Result<Plan, WrongUsage> {
    let window = quantity::duration(&args.window)
        .map_err(|bad| bad.leading_on(|text| !text.starts_with('0')))
        .map_err(|bad| bad.usage("--window <TIME>", &args.window))?;
    let settle = quantity::duration(&args.settle)
        .map_err(|bad| bad.usage("--settle <TIME>", &args.settle))?;
    let first_after = quantity::duration(&args.first_after)
        .map_err(|bad| bad.usage("--first-after <TIME>", &args.first_after))?;
    let max_decoded_bytes = quantity::size(&args.max_decoded)
        .map_err(|bad| bad.usage("--max-decoded <SIZE>", &args.max_decoded))?;
    check(&args, window)?;
    let state = keeping(&args)?;
    let filter = select::filter(&args.selection, surroundings.now)?;
    let filter = match args.history {
        true => select::with_histories(filter, args.format)?,
        false => filter,
    };
    let against = args.compare.as_deref();
    let against = against.map(|typed| Against::parse(typed, surroundings.now));
    let against = against.transpose()?;
    let filter = match &against {
        None => filter,
        Some(against) => against.other_side(filter)?,
    };
    let period = match &against {
        None => filter.period,
        Some(against) => against.reach(filter.period),
    };
    if args.extract && !filter.is_all() {
        return Err(WrongUsage(
            "`--extract` takes no selection: what one push means rests on the others, so an extract \
             holds them all\n\n  tip: select in the report of the extract; to read less, name fewer \
             files or a longer prefix"
                .to_owned(),
        ));
    }
    if args.list_missing {
        select::check_logs_only(&filter)?;
    }
    let options = Options {
        ingest: ingest::ReadOptions {
            jobs: args.jobs,
            max_decoded_bytes,
            verify: (args.verify || args.list_missing).then(PublicKeys::default),
            roles: match args.trace_roles {
                true => Roles::Traced,
                false => Roles::Ignored,
            },
            pulls: match args.pulls {
                true => Pulls::Read,
                false => Pulls::Ignored,
            },
        },
        window,
        reach: Reach::around(period.since, period.until, window),
        ..Options::default().first_after(first_after)
    };
    let zone = zone::zone(&args.time_zone, surroundings.zone.as_deref())
        .map_err(|bad| bad.usage("--time-zone <ZONE>", &args.time_zone))?;
    let style = Style {
        zone,
        ..style(&args, surroundings)
    };
    let (fail_on, named_fail_on) = match args.fail_on {
        FailOn::Never => (None, "never"),
        FailOn::Warning => (Some(Severity::Warning), "warning"),
        FailOn::Error => (Some(Severity::Error), "error"),
    };
    let is_policy = !args.policy_from.is_empty();
    Ok(Plan {
        pager: pager(&args, surroundings),
        filter,
        against,
        names: match args.redact {
            true => Names::Redacted,
            false => Names::True,
        },
        options,
        public_keys: args.public_keys,
        policy: args.policy,
        purpose: match (args.list_missing, args.verify) {
            (true, _) => Purpose::Lists,
            (false, true) => Purpose::Integrity,
            (false, false) => Purpose::Pushes,
        },
        error_style: Style {
            color: color(args.color, surroundings, surroundings.stderr_is_terminal),
            width: surroundings.columns().clamp(40, 120),
            detail: Detail::Normal,
            ..style
        },
        style,
        format: args.format,
        operands: args
            .policy_from
            .into_iter()
            .chain(args.paths)
            .map(Operand::parse)
            .collect::<Result<_, _>>()?,
        files_from: args.files_from,
        access: Access {
            profile: args.profile,
            connections: args.connections.into(),
            request_payer: args.request_payer,
            settle,
            now: surroundings.now,
            asked: None,
            waits: surroundings.waits,
            environment: surroundings.environment.clone(),
        },
        output: args.output.map(|path| Output {
            path,
            usual: match (args.extract, args.list_missing) {
                _ if is_policy => "policy.toml".to_owned(),
                (true, _) => "extract.jsonl".to_owned(),
                (false, true) => "missing.txt".to_owned(),
                (false, false) => format!("report.{}", args.format.ending()),
            },
            existing: match args.force {
                true => Existing::Replace,
                false => Existing::Keep,
            },
        }),
        told: OptionsRow {
            window_s: window.as_secs(),
            fail_on: named_fail_on,
            strict: args.strict,
            weakened,
        },
        fail_on,
        state,
        quiet: args.quiet,
        show: match args.progress {
            _ if args.quiet => Show::Nothing,
            When::Always => Show::All,
            When::Auto if surroundings.stderr_is_terminal => Show::Long,
            When::Auto | When::Never => Show::Nothing,
        },
    })
}

/// The memory that a report may take, in bytes, and the folder for what is between its parts.
///
/// # Errors
/// A size that is none, and a format that cannot be written in parts.
pub(super) fn bounds(args: &Args) -> Result<Option<(u64, PathBuf)>, WrongUsage> {
    let Some((size, work)) = args.max_memory.as_ref().zip(args.work.clone()) else {
        return Ok(None);
    };
    let limit = quantity::size(size).map_err(|bad| bad.usage("--max-memory <SIZE>", size))?;
    match args.format.name {
        "jsonl" => Ok(Some((limit, work))),
        name => Err(WrongUsage(format!(
            "`--max-memory` writes `--format jsonl` alone, and not {name}\n\n  tip: the other formats tell of the log as \
             a whole before its end"
        ))),
    }
}

/// Refuses values that are well formed but cannot be intended.
fn check(args: &Args, window: Duration) -> Result<(), WrongUsage> {
    let list_is_stdin = args.files_from.as_deref().is_some_and(is_stdin);
    let mut paths = args.policy_from.iter().chain(&args.paths);
    let bad_width = args.width.filter(|width| !WIDTHS.contains(width));
    let message = match bad_width {
        _ if window.is_zero() => "`--window` must be longer than nothing".to_owned(),
        _ if list_is_stdin && paths.any(|path| is_stdin(path)) => {
            "`-` and `--files-from -` both read standard input: name one of them".to_owned()
        }
        _ if args.summary && args.format.summary == Summary::Refused => no_summary(args.format),
        _ if args.jobs == Some(0) => "`--jobs` must be at least 1".to_owned(),
        Some(width) => {
            let (least, most) = WIDTHS.into_inner();
            format!("`--width` must be from {least} to {most}, not {width}")
        }
        None => return Ok(()),
    };
    Err(WrongUsage(message))
}

/// What is to be kept from run to run.
fn keeping(args: &Args) -> Result<Option<Keeping>, WrongUsage> {
    let Some(folder) = args.state.clone() else {
        return match args.compare.as_deref() {
            Some(base) if base == LAST_RUN => Err(WrongUsage(format!(
                "`--compare {LAST_RUN}` needs `--state DIR`, which remembers the last run"
            ))),
            Some(_) | None => Ok(None),
        };
    };
    let keep = args
        .keep
        .as_deref()
        .map(|text| quantity::duration(text).map_err(|bad| bad.usage("--keep <TIME>", text)));
    let tell = match (&args.follow, args.new) {
        (Some(every), _) => Tells::Follow(every_of(every, args)?),
        (None, true) => Tells::New,
        (None, false) => Tells::All,
    };
    let list_is_stdin = args.files_from.as_deref().is_some_and(is_stdin);
    if args.paths.iter().any(|path| is_stdin(path)) || list_is_stdin && args.follow.is_some() {
        return Err(WrongUsage(
            "`--state` needs input that can be listed each time, which standard input cannot\n\n  tip: name files, \
             directories, buckets or event histories"
                .to_owned(),
        ));
    }
    Ok(Some(Keeping {
        folder,
        keep: keep.transpose()?,
        tell,
    }))
}

/// The time from one round to the next.
fn every_of(every: &str, args: &Args) -> Result<Duration, WrongUsage> {
    let renderer = args.format.renderer;
    if !renderer.has_lines() {
        let able = formats_that(|format| format.renderer.has_lines());
        return Err(WrongUsage(format!(
            "`--follow` tells a line for each push, which `--format {}` cannot; use one of {}",
            args.format.name,
            able.join(", ")
        )));
    }
    let is_path =
        quantity::duration(every).is_err() && args.paths.is_empty() && args.files_from.is_none();
    match quantity::duration(every) {
        Ok(Duration::ZERO) => Err(WrongUsage(
            "`--follow` must wait for longer than nothing".to_owned(),
        )),
        Ok(every) if args.paths.is_empty() && args.files_from.is_none() => Err(WrongUsage(
            format!("no input is named beside `--follow {}s`", every.as_secs()),
        )),
        Ok(every) => Ok(every),
        Err(_) if is_path => Err(WrongUsage(format!(
            "`--follow` takes a time, and `{every}` is none\n\n  tip: name the input before `--follow`, or write \
             `--follow=5m {every}`"
        ))),
        Err(bad) => Err(bad.usage("--follow <EVERY>", every)),
    }
}

/// Names the formats that have a summary.
fn no_summary(format: &Format) -> String {
    let names = formats_that(|format| format.summary == Summary::Drawn);
    format!(
        "`--summary` does nothing for `--format {}`, which has no short form\n\n  tip: it is for the \
         formats {}",
        format.name,
        words::list(&names)
    )
}

fn style(args: &Args, surroundings: &Surroundings) -> Style {
    let to_terminal = args.output.is_none() && surroundings.stdout_is_terminal;
    let by_terminal = surroundings.width.filter(|_| to_terminal);
    let default = match args.summary {
        true => SUMMARY_WIDTH,
        false => WIDTH,
    };
    Style {
        color: color(args.color, surroundings, to_terminal),
        unicode: surroundings.unicode,
        width: args
            .width
            .or(by_terminal)
            .unwrap_or(default)
            .clamp(*WIDTHS.start(), *WIDTHS.end()),
        detail: match (args.summary, args.verbose) {
            (true, _) => Detail::Summary,
            (false, true) => Detail::Verbose,
            (false, false) => Detail::Normal,
        },
        ..Style::default()
    }
}

/// Text on a terminal is for people; anything else is for a program.
fn pager(args: &Args, surroundings: &Surroundings) -> Option<Pager> {
    let is_read = surroundings.stdout_is_terminal && args.output.is_none() && !args.no_pager;
    let is_text = args.format.name == Format::ALL[0].name;
    (is_read && is_text).then(|| Pager::parse(&surroundings.pager))?
}

/// `--color` first, then `NO_COLOR`, then `CLICOLOR_FORCE`, then the terminal
/// (no-color.org, bixense.com/clicolors).
fn color(when: When, surroundings: &Surroundings, is_terminal: bool) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if surroundings.no_color => false,
        When::Auto => is_terminal || surroundings.force_color,
    }
}
