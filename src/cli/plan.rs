//! What the arguments mean.
//!
//! Comes in: what was typed, and the surroundings. Goes out: options that every stage can take as
//! they are, or one usage error that says what would be right. Never: a file touched.

use std::path::PathBuf;

use clap::CommandFactory as _;
use clap::error::ErrorKind;

use crate::Options;
use crate::cli::Surroundings;
use crate::cli::args::{Args, FailOn, When};
use crate::cli::environment::Environment;
use crate::cli::inputs::is_stdin;
use crate::cli::pager::Pager;
use crate::cli::progress::Show;
use crate::cli::quantity::{self, BadQuantity};
use crate::cli::s3::Address;
use crate::cli::select;
use crate::finding::Severity;
use crate::ingest::{self, Roles};
use crate::render::{Detail, Format, Style};
use crate::report::{Filter, OptionsRow, WeakenedRow};
use crate::source::{PublicKeys, Reach};

/// The columns of text where nothing tells otherwise.
pub(super) const WIDTH: usize = 80;
/// The widest that running text is set.
pub(super) const WIDEST_PROSE: usize = 100;
/// The columns of `--summary` where nothing tells otherwise: no terminal has to fit it.
const SUMMARY_WIDTH: usize = 160;
/// The narrowest and widest text.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=1_000;

/// A run.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// What to read.
    pub(super) sources: Vec<Source>,
    /// A list of more to read.
    pub(super) files_from: Option<PathBuf>,
    /// How to read buckets.
    pub(super) access: Access,
    /// How to reconstruct.
    pub(super) options: Options,
    /// The file of keys to check signatures with.
    pub(super) public_keys: Option<PathBuf>,
    /// What to report.
    pub(super) filter: Filter,
    /// Which names to report.
    pub(super) names: Names,
    /// What to write.
    pub(super) mode: Mode,
    /// In which format.
    pub(super) format: &'static Format,
    /// How the report is drawn.
    pub(super) style: Style,
    /// How problems are drawn on standard error.
    pub(super) error_style: Style,
    /// Where the report goes; `None` for standard output.
    pub(super) output: Option<Output>,
    /// What the report is read with, on a terminal.
    pub(super) pager: Option<Pager>,
    /// The severity from which on the status is 1.
    pub(super) fail_on: Option<Severity>,
    /// What the exit status rests on, for the report.
    pub(super) told: OptionsRow,
    /// Whether problems of the input give status 3.
    pub(super) strict: bool,
    /// Whether standard error stays empty.
    pub(super) quiet: bool,
    /// Whether to show how far the reading has come.
    pub(super) show: Show,
}

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// A report.
    Report,
    /// The records that it rests on.
    Extract,
}

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Standard input.
    Stdin,
    /// A file or directory.
    Path(PathBuf),
    /// A part of a bucket.
    Bucket(Address),
}

/// How to read buckets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Access {
    /// `--profile`.
    pub(super) profile: Option<String>,
    /// Requests under way at once.
    pub(super) connections: usize,
    /// The environment, which the rest is taken from.
    pub(super) environment: Environment,
}

/// Which names a report shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// Those of the log.
    True,
    /// Pseudonyms.
    Redacted,
}

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output {
    /// Its path.
    pub(super) path: PathBuf,
    /// What to do with a file that is there.
    pub(super) existing: Existing,
}

/// What to do with a file that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Existing {
    /// Leave it and fail.
    Keep,
    /// Put the report in its place.
    Replace,
}

/// Works out what the arguments mean.
///
/// `weakened` are the defaults from outside that weaken the exit status.
///
/// # Errors
/// A value that its option does not take.
pub(super) fn plan(
    args: Args,
    weakened: Vec<WeakenedRow>,
    surroundings: &Surroundings,
) -> Result<Plan, clap::Error> {
    let window = value("--window <TIME>", &args.window, quantity::duration)?;
    let max_decoded_bytes = value("--max-decoded <SIZE>", &args.max_decoded, quantity::size)?;
    if window.is_zero() {
        return Err(usage("`--window` must be longer than nothing"));
    }
    let list_is_stdin = args.files_from.as_deref().is_some_and(is_stdin);
    if list_is_stdin && args.paths.iter().any(|path| is_stdin(path)) {
        return Err(usage(
            "`-` and `--files-from -` both read standard input: name one of them",
        ));
    }
    if args.jobs == Some(0) {
        return Err(usage("`--jobs` must be at least 1"));
    }
    if let Some(width) = args.width.filter(|width| !WIDTHS.contains(width)) {
        let (least, most) = WIDTHS.into_inner();
        return Err(usage(&format!(
            "`--width` must be from {least} to {most}, not {width}"
        )));
    }
    let filter = select::filter(&args.selection, surroundings.now)?;
    if args.extract && !filter.is_all() {
        return Err(usage(
            "`--extract` takes no selection: what one push means rests on the others, so an extract \
             holds them all\n\n  tip: select in the report of the extract; to read less, name fewer \
             files or a longer prefix",
        ));
    }
    let reach = Reach::around(filter.period.since, filter.period.until, window);
    let style = style(&args, surroundings);
    let pager = pager(&args, surroundings);
    Ok(Plan {
        filter,
        names: match args.redact {
            true => Names::Redacted,
            false => Names::True,
        },
        options: Options {
            ingest: ingest::Options {
                jobs: args.jobs,
                max_decoded_bytes,
                verify: args.verify.then(PublicKeys::default),
                roles: match args.trace_roles {
                    true => Roles::Traced,
                    false => Roles::Ignored,
                },
            },
            window,
            reach,
        },
        public_keys: args.public_keys,
        error_style: Style {
            color: color(args.color, surroundings, surroundings.stderr_is_terminal),
            width: surroundings.width.unwrap_or(WIDTH).clamp(40, 120),
            detail: Detail::Normal,
            ..style
        },
        style,
        mode: match args.extract {
            true => Mode::Extract,
            false => Mode::Report,
        },
        format: args.format,
        sources: sources(args.paths)?,
        files_from: args.files_from,
        access: Access {
            profile: args.profile,
            connections: args.connections.into(),
            environment: surroundings.environment.clone(),
        },
        output: args.output.map(|path| Output {
            path,
            existing: match args.force {
                true => Existing::Replace,
                false => Existing::Keep,
            },
        }),
        pager,
        told: OptionsRow {
            window_s: window.as_secs(),
            fail_on: match args.fail_on {
                FailOn::Never => "never",
                FailOn::Warning => "warning",
                FailOn::Error => "error",
            },
            strict: args.strict,
            weakened,
        },
        fail_on: match args.fail_on {
            FailOn::Never => None,
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Error => Some(Severity::Error),
        },
        strict: args.strict,
        quiet: args.quiet,
        show: match args.progress {
            _ if args.quiet => Show::Nothing,
            When::Always => Show::All,
            When::Auto if surroundings.stderr_is_terminal => Show::Long,
            When::Auto | When::Never => Show::Nothing,
        },
    })
}

fn sources(paths: Vec<PathBuf>) -> Result<Vec<Source>, clap::Error> {
    let source = |path: PathBuf| match path.to_str().and_then(Address::parse) {
        None if is_stdin(&path) => Ok(Source::Stdin),
        None => Ok(Source::Path(path)),
        Some(Ok(address)) => Ok(Source::Bucket(address)),
        Some(Err(expected)) => Err(usage(&format!(
            "invalid address `{}`: expected {expected}",
            path.display()
        ))),
    };
    paths.into_iter().map(source).collect()
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
    }
}

/// Text on a terminal is for reading; anything else is for a program.
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

/// A value that its option does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BadValue {
    /// What is wrong, or what was expected.
    why: String,
    /// What may have been meant.
    suggestion: Option<String>,
}

impl BadValue {
    /// What is wrong with it.
    pub(super) fn new(why: impl Into<String>, suggestion: Option<String>) -> Self {
        let why = why.into();
        Self { why, suggestion }
    }

    /// What was expected in its place.
    pub(super) fn expected(expected: &str, suggestion: Option<String>) -> Self {
        Self::new(format!("expected {expected}"), suggestion)
    }

    /// The message.
    pub(super) fn usage(self, option: &str, text: &str) -> clap::Error {
        let mut message = format!("invalid value `{text}` for `{option}`: {}", self.why);
        if let Some(suggestion) = self.suggestion {
            message.push_str(&format!("\n\n  tip: did you mean `{suggestion}`?"));
        }
        usage(&message)
    }
}

fn value<T>(
    option: &str,
    text: &str,
    parse: fn(&str) -> Result<T, BadQuantity>,
) -> Result<T, clap::Error> {
    parse(text).map_err(|bad| BadValue::expected(bad.expected, bad.suggestion).usage(option, text))
}

/// A usage error with a message of our own.
pub(super) fn usage(message: &str) -> clap::Error {
    Args::command().error(ErrorKind::ValueValidation, message)
}
