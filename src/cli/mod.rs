//! ARGV -> EXIT STATUS.
//!
//! Comes in: arguments, streams and what surrounds the program. Goes out: the report on one
//! stream, everything else on the other, and an exit status. Never: a conclusion of its own.

mod args;
mod environment;
mod exit;
mod explain;
mod extract;
mod inputs;
mod interrupt;
mod moment;
mod nothing;
mod output;
mod pager;
mod plan;
mod progress;
mod quantity;
mod s3;
mod scope;
mod select;
mod settings;
mod setup;

use std::ffi::OsString;
use std::io::{self, BufWriter, IsTerminal as _, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::CommandFactory as _;

use crate::Options;
use crate::Reconstruction;
use crate::event::Pseudonyms;
use crate::find;
use crate::problem::Error;
use crate::reconstruct_files;
use crate::render;
use crate::render::diagnostics;
use crate::render::{paragraphs, plain};
use crate::report::story::log as story;
use crate::report::why::Lookup;
use crate::report::words;
use crate::report::{Filter, ProblemRow, Report};
use crate::source::{Origin, PublicKeys, SourceFile};
use interrupt::Unfinished;
use plan::{Mode, Names, Plan};

pub use environment::Environment;
pub use exit::{CASES as EXIT_CASES, ExitStatus};
pub use settings::{Settings, SettingsFile};

/// The most problems shown one by one on standard error.
const MOST_PROBLEMS: usize = 20;

/// Where the program reads and writes, and what surrounds it.
pub struct Streams<'a> {
    /// What `-` reads.
    pub stdin: Box<dyn Read + Send>,
    /// For the report.
    pub stdout: &'a mut (dyn Write + Send),
    /// For everything else.
    pub stderr: &'a mut dyn Write,
    /// What surrounds the program.
    pub surroundings: Surroundings,
}

/// What a program can know of its surroundings; nothing else asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// Whether standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub stderr_is_terminal: bool,
    /// The terminal's columns.
    pub width: Option<usize>,
    /// Whether `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// Whether `CLICOLOR_FORCE` is set and not `0`.
    pub force_color: bool,
    /// Whether the locale can show characters beyond ASCII.
    pub unicode: bool,
    /// The command of a pager; empty for none.
    pub pager: String,
    /// What time it is, which ages such as `7d` count back from.
    pub now: DateTime<Utc>,
    /// The environment: how to reach S3, and as whom.
    pub environment: Environment,
    /// What the user wants where no option says otherwise.
    pub settings: Settings,
}

impl Surroundings {
    /// No terminal, no environment: what the output of a run is compared with.
    #[must_use]
    pub fn none() -> Self {
        Self {
            stdout_is_terminal: false,
            stderr_is_terminal: false,
            width: None,
            no_color: false,
            force_color: false,
            unicode: true,
            pager: String::new(),
            now: DateTime::UNIX_EPOCH,
            environment: Environment::default(),
            settings: Settings::default(),
        }
    }

    /// Asks the terminal and the environment.
    #[must_use]
    pub fn detect() -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let forced = std::env::var_os("CLICOLOR_FORCE");
        let size = terminal_size::terminal_size();
        Self {
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal: io::stderr().is_terminal(),
            width: size.map(|(width, _)| usize::from(width.0)),
            no_color: is_set("NO_COLOR"),
            force_color: forced.is_some_and(|value| !value.is_empty() && value != "0"),
            unicode: locale_is_unicode(),
            pager: pager_of_user(),
            now: DateTime::from(std::time::SystemTime::now()),
            environment: Environment::detect(),
            settings: Settings::detect(),
        }
    }
}

/// `PAGER`, else `less`; none on a terminal that cannot go back a line.
fn pager_of_user() -> String {
    if std::env::var_os("TERM").is_none_or(|terminal| terminal == "dumb") {
        return String::new();
    }
    let named = std::env::var_os("PAGER");
    named.map_or("less".to_owned(), |named| {
        named.to_string_lossy().into_owned()
    })
}

/// Whether the locale is UTF-8; one that names no character set but is not `C` counts as such.
fn locale_is_unicode() -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let mut set = names.iter().filter_map(std::env::var_os);
    let Some(locale) = set.find(|value| !value.is_empty()) else {
        return true;
    };
    let locale = locale.to_string_lossy().to_lowercase();
    match locale.split_once('.') {
        Some((_, charset)) => charset.starts_with("utf-8") || charset.starts_with("utf8"),
        None => !matches!(&*locale, "c" | "posix"),
    }
}

/// Runs the program on the process's own streams.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Only the place: the message of a panic can hold words of the log.
    std::panic::set_hook(Box::new(|panic| {
        if let Some(place) = panic.location() {
            // Standard error that is closed leaves nobody to tell.
            let _ = writeln!(io::stderr(), "defect at {place}");
        }
    }));
    let mut stdout = BufWriter::with_capacity(1 << 16, io::stdout());
    // Not locked for good: any thread may fail.
    let mut stderr = io::stderr();
    let streams = Streams {
        stdin: Box::new(io::stdin()),
        stdout: &mut stdout,
        stderr: &mut stderr,
        surroundings: Surroundings::detect(),
    };
    let unfinished = Unfinished::default();
    // Without a handler a signal ends the program all the same; only a file may stay.
    let _ = interrupt::watch(unfinished.clone());
    run_noting(args, streams, &unfinished).into()
}

/// Runs the program.
///
/// What goes wrong is written to the streams and told by the status. Nothing can be done about a
/// standard error that cannot be written to, so that is not looked at.
pub fn run(args: impl IntoIterator<Item = OsString>, streams: Streams<'_>) -> ExitStatus {
    run_noting(args, streams, &Unfinished::default())
}

/// The same, noting the file that is being written. A panic anywhere ends here.
fn run_noting(
    args: impl IntoIterator<Item = OsString>,
    mut streams: Streams<'_>,
    unfinished: &Unfinished,
) -> ExitStatus {
    let args: Vec<_> = args.into_iter().collect();
    // Nothing is used afterwards but standard error and the name of the file.
    let ran = catch_unwind(AssertUnwindSafe(|| {
        run_to_end(&args, &mut streams, unfinished)
    }));
    ran.unwrap_or_else(|_| {
        unfinished.discard();
        failure(Names::True, DEFECT, &mut streams);
        ExitStatus::Defect
    })
}

/// What is said where the program itself is at fault.
const DEFECT: &str = "the program failed by a defect of its own; what it wrote is not whole\n\n  help: please \
report it, with the place named above, `reconstruct --version` and the command; docs/security.md says \
how to do so in private";

fn run_to_end(args: &[OsString], streams: &mut Streams<'_>, unfinished: &Unfinished) -> ExitStatus {
    let typed = match args::parse(args) {
        Ok(typed) => typed,
        Err(error) => return usage(&error, streams),
    };
    if let Some(shell) = typed.completions {
        let script = setup::completions(shell);
        return written(streams.stdout.write_all(&script), streams);
    }
    if typed.man {
        let page = setup::man().and_then(|page| streams.stdout.write_all(&page));
        return written(page, streams);
    }
    let defaults = settings::defaults(&streams.surroundings.settings);
    let parsed = defaults.and_then(|defaults| args::parse_over(args, defaults));
    let (args, weakened) = match parsed {
        Ok((args, in_effect)) => (args, settings::weakening(&in_effect)),
        Err(error) => return usage(&error, streams),
    };
    for row in &weakened {
        // Standard error that is closed leaves nobody to tell.
        let _ = writeln!(streams.stderr, "reconstruct: {}", settings::told(row));
    }
    let wanted = args.explain.clone();
    if let Some(code) = &wanted {
        match explain::explain(code) {
            Ok(page) => {
                let width = streams.surroundings.width.unwrap_or(plan::WIDTH);
                let page = paragraphs(&page, width.clamp(40, plan::WIDEST_PROSE));
                return written(streams.stdout.write_all(page.as_bytes()), streams);
            }
            Err(message) if args.paths.is_empty() && args.files_from.is_none() => {
                let hint = explain::NAME_THE_LOGS;
                let message = format!("{message}\n  help: {hint}");
                return failure(Names::True, &message, streams);
            }
            // An eventID, to be looked for in the logs.
            Err(_) => {}
        }
    }
    match (plan::plan(args, weakened, &streams.surroundings), wanted) {
        (Ok(plan), None) => match plan.mode {
            Mode::Report => execute(&plan, unfinished, streams),
            Mode::Extract => extract::execute(&plan, unfinished, streams),
        },
        (Ok(plan), Some(event)) => why(&plan, &event, streams),
        (Err(error), _) => usage(&error, streams),
    }
}

/// The long help without colour, at a fixed width: what `docs/cli.md` holds.
#[must_use]
pub fn long_help() -> String {
    let mut command = args::Args::command().term_width(100);
    command.render_long_help().to_string()
}

/// The names of the options that can have a default of the user's own.
#[must_use]
pub fn settings_keys() -> Vec<&'static str> {
    settings::keys()
}

/// Every page of `--explain`, in Markdown: what `docs/findings.md` holds.
#[must_use]
pub fn reference() -> String {
    explain::reference()
}

fn execute(plan: &Plan, unfinished: &Unfinished, streams: &mut Streams<'_>) -> ExitStatus {
    if let Some(Err(error)) = plan.output.as_ref().map(output::check) {
        return failure(plan.names, &error.to_string(), streams);
    }
    let (mut reconstruction, took) = match read(plan, streams) {
        Ok(read) => read,
        Err(status) => return status,
    };
    let report = match plan.names {
        Names::True => reconstruction.report().select(&plan.filter),
        Names::Redacted => reconstruction.redacted_report(&plan.filter),
    };
    let report = report.made_with(plan.told.clone());
    // Known before a word is written, whoever reads it and for how long.
    let status = status(plan, &report);
    match render(plan, &report, unfinished, streams) {
        Ok(()) if plan.quiet => {}
        Ok(()) => {
            // Standard error that is closed leaves nobody to tell.
            let _ = aside(plan, &report, took, streams.stderr);
        }
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => return stopped(plan.names, &Error::Output(error), streams),
    }
    drop(report);
    // The process ends: to give millions of small pieces back one by one would only delay that.
    std::mem::forget((reconstruction.log, reconstruction.sessions));
    status
}

/// How to reconstruct, with the keys from their file.
fn options(plan: &Plan) -> Result<Options, Error> {
    let mut options = plan.options.clone();
    if let Some(path) = &plan.public_keys {
        options.ingest.verify = Some(PublicKeys::read(path)?);
    }
    Ok(options)
}

/// Reads the input and puts the pushes together, and shows how far that has come; what went wrong is
/// told, and the status that comes of it is the error.
fn read(
    plan: &Plan,
    streams: &mut Streams<'_>,
) -> Result<(Reconstruction, Option<Duration>), ExitStatus> {
    let options = options(plan).map_err(|error| stopped(plan.names, &error, streams))?;
    let FoundFiles {
        files,
        named,
        searched,
    } = find_files(plan, &options, streams)?;
    let columns = streams.surroundings.width.unwrap_or(plan::WIDTH);
    let (mut reconstruction, read) =
        progress::watched(plan.show, columns, streams.stderr, |progress| {
            reconstruct_files(files, &options, progress)
        });
    let Reconstruction {
        files,
        coverage,
        problems,
        ..
    } = &reconstruction;
    if let Some(message) = nothing::read(plan, &named, files, coverage, problems) {
        if plan.names == Names::Redacted {
            reconstruction.redact();
        }
        return Err(unread(
            plan,
            reconstruction.report().problems(),
            &message,
            streams,
        ));
    }
    let took = searched.zip(read).map(|(searched, read)| searched + read);
    Ok((reconstruction, took))
}

/// The status where there was nothing to report on, which is told with the problems that explain it.
fn unread(
    plan: &Plan,
    rows: impl Iterator<Item = ProblemRow>,
    message: &str,
    streams: &mut Streams<'_>,
) -> ExitStatus {
    if !plan.quiet {
        // Standard error that is closed leaves nobody to tell.
        let _ = problems(plan, rows, streams.stderr);
    }
    failure(plan.names, message, streams)
}

/// What is to be read.
struct FoundFiles {
    files: Vec<SourceFile>,
    /// The inputs as they were named, in that order.
    named: Vec<String>,
    /// How long it took to find them, if that was shown.
    searched: Option<Duration>,
}

/// Finds the files of the input; what went wrong is told, and the status that comes of it is the error.
fn find_files(
    plan: &Plan,
    options: &Options,
    streams: &mut Streams<'_>,
) -> Result<FoundFiles, ExitStatus> {
    let stdin = std::mem::replace(&mut streams.stdin, Box::new(io::empty()));
    let inputs =
        inputs::inputs(plan, stdin).map_err(|message| failure(plan.names, &message, streams))?;
    let columns = streams.surroundings.width.unwrap_or(plan::WIDTH);
    let (found, searched) = progress::watched(plan.show, columns, streams.stderr, |_| {
        find(&inputs, options)
    });
    let files = found.map_err(|error| stopped(plan.names, &error, streams))?;
    if let Some(output) = &plan.output {
        let read = files.iter().filter_map(|file| match &file.origin {
            Origin::File(path) => Some(path.as_path()),
            Origin::Reader(_) | Origin::Object(_) => None,
        });
        let lists = plan.files_from.iter().chain(&plan.public_keys);
        let read = read.chain(lists.map(PathBuf::as_path));
        output::spare(output, read)
            .map_err(|error| failure(plan.names, &error.to_string(), streams))?;
    }
    if let Some(notice) = inputs::notice(&files, plan.names).filter(|_| !plan.quiet) {
        // Standard error that is closed leaves nobody to tell.
        let _ = writeln!(streams.stderr, "reconstruct: {notice}");
        let _ = streams.stderr.flush();
    }
    Ok(FoundFiles {
        named: inputs.iter().map(inputs::name).collect(),
        files,
        searched,
    })
}

/// Tells why an event is where it is.
fn why(plan: &Plan, event: &str, streams: &mut Streams<'_>) -> ExitStatus {
    let (mut reconstruction, _) = match read(plan, streams) {
        Ok(read) => read,
        Err(status) => return status,
    };
    // The true ids are those that people have at hand.
    let found = reconstruction.report().look_up(event);
    let report = match plan.names {
        Names::True => reconstruction.report(),
        Names::Redacted => reconstruction.redacted_report(&Filter::default()),
    };
    let rows = match found {
        Lookup::Found(ids) => report.why(&ids),
        Lookup::Ambiguous(ids) => {
            let message = explain::no_event(event, &report, &report.event_ids(&ids));
            return failure(plan.names, &message, streams);
        }
        Lookup::Absent => {
            let message = explain::no_event(event, &report, &[]);
            return failure(plan.names, &message, streams);
        }
    };
    let mut page = Vec::new();
    let drawn = rows.iter().enumerate().try_for_each(|(place, row)| {
        if place > 0 {
            writeln!(page)?;
        }
        render::why(row, &plan.style, &mut page)
    });
    let result = drawn.and_then(|()| streams.stdout.write_all(&page));
    written(result, streams)
}

fn render(
    plan: &Plan,
    report: &Report<'_>,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> io::Result<()> {
    let content = |out: &mut dyn Write| plan.format.renderer.render(report, &plan.style, out);
    match (&plan.output, &plan.pager) {
        (Some(file), _) => output::write(file, unfinished, |out| content(out)),
        (None, Some(pager)) => pager.show(unfinished, streams.stdout, content),
        (None, None) => {
            content(streams.stdout)?;
            streams.stdout.flush()
        }
    }
}

/// Problems and one summary line.
fn aside(
    plan: &Plan,
    report: &Report<'_>,
    took: Option<Duration>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let left = problems(plan, report.problems(), out)?;
    if left > 0 {
        let more = words::count(left, "more problem");
        writeln!(out, "{more} of the input; --format json lists all\n")?;
    }
    for row in report.asked() {
        let text = format!("{}: {} [{}]", row.severity.name(), row.message, row.code);
        writeln!(out, "{}", plain(&text))?;
    }
    writeln!(out, "reconstruct: {}", summary(plan, report, took))?;
    out.flush()
}

/// The first problems; the number of the others.
fn problems(
    plan: &Plan,
    rows: impl Iterator<Item = ProblemRow>,
    out: &mut dyn Write,
) -> io::Result<u64> {
    let mut left = 0u64;
    for (place, row) in rows.enumerate() {
        match place < MOST_PROBLEMS {
            true => diagnostics::problem(&row, &plan.error_style, out)?,
            false => left += 1,
        }
    }
    Ok(left)
}

/// What was found and where it went, in one line; how long it took only where progress was shown, so
/// that the line is otherwise the same for the same logs.
fn summary(plan: &Plan, report: &Report<'_>, took: Option<Duration>) -> String {
    let summary = report.summary();
    let files = report.coverage().files;
    let mut text = match summary.pushes {
        0 if summary.in_log > 0 => {
            format!("none of {} selected", words::pushes(summary.in_log))
        }
        0 => "no push".to_owned(),
        n => words::pushes(n),
    };
    let counts: Vec<_> = story::counts(&summary)
        .into_iter()
        .map(|(group, n)| format!("{} {}", words::number(n), story::said(group)))
        .collect();
    if !counts.is_empty() {
        text.push_str(&format!(" ({})", counts.join(", ")));
    }
    text.push_str(&format!(
        " in {}",
        words::count(files.read + files.without_push_events, "log file")
    ));
    let n_seen = report.coverage().records.seen;
    text.push_str(&summary_end(plan, n_seen, took, summary.problems));
    text
}

/// How long it took, how many problems there were, and where the output went.
fn summary_end(plan: &Plan, n_seen: u64, took: Option<Duration>, n_problems: u64) -> String {
    let mut text = String::new();
    if let Some(took) = took {
        let records = words::count(n_seen, "record");
        let tenths = took.as_millis() / 100;
        text.push_str(&format!(
            ", {records}, in {}.{} s",
            tenths / 10,
            tenths % 10
        ));
    }
    if n_problems > 0 {
        let problems = words::count(n_problems, "problem");
        text.push_str(&format!(", {problems} of the input"));
    }
    if let Some(file) = &plan.output {
        let name = file.path.display().to_string();
        let name = match plan.names {
            Names::True => plain(&name),
            Names::Redacted => "the file of --output".into(),
        };
        text.push_str(&format!("; written to {name}"));
    }
    text
}

fn status(plan: &Plan, report: &Report<'_>) -> ExitStatus {
    let found = match (plan.fail_on, report.worst()) {
        (Some(limit), Some(worst)) => worst >= limit,
        _ => false,
    };
    match found {
        true => ExitStatus::Findings,
        false if plan.strict && report.summary().problems > 0 => ExitStatus::Problems,
        false => ExitStatus::Success,
    }
}

/// Help and version on standard output, wrong usage on standard error.
fn usage(error: &clap::Error, streams: &mut Streams<'_>) -> ExitStatus {
    let terminal = match error.use_stderr() {
        true => streams.surroundings.stderr_is_terminal,
        false => streams.surroundings.stdout_is_terminal,
    };
    let color = terminal && !streams.surroundings.no_color;
    let text = match color {
        true => error.render().ansi().to_string(),
        false => error.render().to_string(),
    };
    if error.use_stderr() {
        // Standard error that is closed leaves nobody to tell.
        let _ = streams.stderr.write_all(text.as_bytes());
        return ExitStatus::Failure;
    }
    written(streams.stdout.write_all(text.as_bytes()), streams)
}

/// The status after something other than a report was written.
fn written(result: io::Result<()>, streams: &mut Streams<'_>) -> ExitStatus {
    match result.and_then(|()| streams.stdout.flush()) {
        Ok(()) => ExitStatus::Success,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitStatus::Success,
        Err(error) => stopped(Names::True, &Error::Output(error), streams),
    }
}

/// The status after an error, which is told with what to do next.
fn stopped(names: Names, error: &Error, streams: &mut Streams<'_>) -> ExitStatus {
    let help = match error {
        Error::NoSuchPath { .. } => "check the spelling, and that this user may read it".to_owned(),
        Error::NoLogFiles { path } if path.starts_with("s3:") => {
            "check the spelling, and that --account and --region do not rule out all that is there"
                .to_owned()
        }
        Error::NoLogFiles { .. } => {
            "expected files as CloudTrail delivers them to S3: JSON, also compressed; \
             directories are searched with everything below them"
                .to_owned()
        }
        Error::Listing { source, .. } => match source.downcast_ref::<s3::Failure>() {
            Some(failure) => failure.help(),
            None => "check the address".to_owned(),
        },
        Error::Output(_) => {
            "check that the place exists, may be written to and has room".to_owned()
        }
        Error::PublicKeys { .. } => {
            "expected what `aws cloudtrail list-public-keys --region REGION --start-time …` prints; \
             the outputs for several regions may follow one another in one file"
                .to_owned()
        }
    };
    failure(names, &format!("{error}\n\n  help: {help}"), streams)
}

fn failure(names: Names, message: &str, streams: &mut Streams<'_>) -> ExitStatus {
    let message = match names {
        Names::True => message.into(),
        Names::Redacted => hidden(message),
    };
    let lines: Vec<_> = message.split('\n').map(plain).collect();
    // Standard error that is closed leaves nobody to tell.
    let _ = writeln!(streams.stderr, "error: {}", lines.join("\n"));
    ExitStatus::Failure
}

/// A message without the names in it, which its help names again, if at all.
fn hidden(message: &str) -> String {
    let mut names = Pseudonyms::default();
    let (head, help) = message.split_once("\n\n").unwrap_or((message, ""));
    let mut text = format!("{}\n\n{help}", names.prose(head));
    let quoted = head.split('`').skip(1).step_by(2);
    for quoted in quoted.filter(|quoted| !quoted.is_empty()) {
        text = text.replace(quoted, &names.prose(quoted));
    }
    text.trim_end().to_owned()
}
