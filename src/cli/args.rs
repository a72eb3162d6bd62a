//! The definition of the command line.
//!
//! Comes in: arguments. Goes out: their fields, as typed. Never: a check that needs more than one argument, or
//! a default that depends on a terminal.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::builder::PossibleValue;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;
use clap::{Parser, ValueEnum};
use clap_complete::Shell;

use crate::cli::known;
use crate::cli::select::Selection;
use crate::render::Format;

/// Rebuilds container image pushes from AWS CloudTrail logs of Amazon ECR and ECR Public.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "reconstruct",
    version,
    long_version = LONG_VERSION.as_str(),
    max_term_width = 100,
    about = "Rebuild container image pushes from AWS CloudTrail logs of Amazon ECR",
    long_about = "Rebuild container image pushes from AWS CloudTrail logs of Amazon ECR and ECR \
                  Public: who pushed what, from where, when, and which pushes failed or were never \
                  finished.\n\nThe report goes to standard output; problems of the input and one \
                  summary line go to standard error.",
    after_long_help = AFTER_HELP,
    override_usage = "reconstruct [OPTIONS] <PATH>...",
)]
pub(super) struct Args {
    /// Logs, directories, `-` for standard input, event-history://…, s3://…
    ///
    /// Directories and prefixes of S3 are read with everything below them. In S3, --since, --until,
    /// --account and --region also spare listing and reading what they rule out. An event history,
    /// as event-history://eu-west-1, is what CloudTrail keeps of a region without any trail: `*` asks all
    /// regions, no region the configured one; without --since the last 7 days are asked. S3 and event
    /// histories are read by programs that were built with the feature `aws`; docs/aws.md tells of both.
    /// Files may be compressed, and records may be wrapped as other services deliver them;
    /// docs/input.md lists the forms.
    #[arg(
        value_name = "PATH",
        required_unless_present_any = ["explain", "files_from", "completions", "man", "part", "follow", "policy_from"],
        help_heading = "Input"
    )]
    pub(super) paths: Vec<PathBuf>,

    /// Read the paths in a file too, one a line (`-` for standard input)
    ///
    /// Paths may end with NUL instead, as `find -print0` writes them; empty ones are ignored. They
    /// are relative to the working directory. One that does not exist is a problem of the input.
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(super) files_from: Option<PathBuf>,

    /// Most decoded bytes of one file
    ///
    /// Guards against files made to fill the memory. Sizes are written as 512MiB or 4GiB.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "SIZE",
        default_value = "4GiB",
        help_heading = "Input"
    )]
    pub(super) max_decoded: String,

    /// Profile of the shared AWS files to read S3 and event histories with
    ///
    /// By default the environment decides, then the profile that AWS_PROFILE names, or `default`.
    /// Region and endpoint come from AWS_REGION and AWS_ENDPOINT_URL, or from the profile.
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub(super) profile: Option<String>,

    /// Requests to S3 under way at once
    #[arg(
        long,
        value_name = "N",
        default_value_t = 16,
        value_parser = clap::value_parser!(u16).range(1..=1024),
        hide_short_help = true,
        help_heading = "Input"
    )]
    pub(super) connections: u16,

    /// Pay for requests to a bucket whose requesters pay
    #[arg(hide_short_help = true, long, help_heading = "Input")]
    pub(super) request_payer: bool,

    /// How long after a call its event may still come
    ///
    /// The last stretch of this length counts as not covered by an event history, and --new waits for so long before it
    /// tells of a push. CloudTrail says five minutes on average and guarantees none.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "TIME",
        default_value = "60m",
        help_heading = "Input"
    )]
    pub(super) settle: String,

    /// Inactivity window
    ///
    /// Weak evidence joins calls only inside it, and a push that goes quiet for longer has ended,
    /// unless an uploadId or a digest bridges the silence. Durations are written as 90s, 15m, 12h
    /// or 7d.
    #[arg(
        long,
        value_name = "TIME",
        default_value = "15m",
        help_heading = "Correlation"
    )]
    pub(super) window: String,

    #[command(flatten)]
    pub(super) selection: Selection,

    /// Format of the report
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = Format::ALL[0].name,
        value_parser = formats(),
        help_heading = "Output"
    )]
    pub(super) format: &'static Format,

    /// Write the report to a file, whole or not at all
    ///
    /// Without --format the ending of its name chooses the format: .txt, .json, .jsonl, .html, .md, .csv or
    /// .dot. Any other ending means text.
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(super) output: Option<PathBuf>,

    /// Let --output replace a file that exists
    #[arg(long, requires = "output", help_heading = "Output")]
    pub(super) force: bool,

    /// One line, row or object a push
    ///
    /// The formats text, json, jsonl, html, markdown and csv have such a short form; the others refuse it.
    #[arg(long, conflicts_with = "verbose", help_heading = "Output")]
    pub(super) summary: bool,

    /// Every event, its evidence and its alternatives
    #[arg(long, short, help_heading = "Output")]
    pub(super) verbose: bool,

    /// Numbered pseudonyms in the place of names
    ///
    /// Accounts, names of users, roles and sessions, addresses, keys, repositories, tags and file
    /// names become `account-1`, `repository-3` and so on, in every format and in messages. Times,
    /// sizes, digests, regions and the ids of events, uploads and pushes stay; docs/redaction.md says
    /// what they can still tell.
    #[arg(long, help_heading = "Output")]
    pub(super) redact: bool,

    /// Time zone of text, HTML and Markdown: local, UTC, an offset as +01:00, or a place as Europe/Berlin
    ///
    /// `local` is the zone that TZ names, or else the machine's. What you type and what other programs
    /// read stays in UTC.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "ZONE",
        default_value = "UTC",
        help_heading = "Output"
    )]
    pub(super) time_zone: String,

    /// Columns of the text report
    ///
    /// The terminal's width where there is one, else 80, or 160 with --summary.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "N",
        help_heading = "Output"
    )]
    pub(super) width: Option<usize>,

    /// Colours
    ///
    /// `auto` follows the terminal, NO_COLOR and CLICOLOR_FORCE.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        help_heading = "Output"
    )]
    pub(super) color: When,

    /// Findings from which on the exit status is 1
    #[arg(
        long,
        value_name = "LEVEL",
        value_enum,
        default_value_t,
        help_heading = "Behaviour"
    )]
    pub(super) fail_on: FailOn,

    /// Exit with 3 when the input had problems
    #[arg(long, help_heading = "Behaviour")]
    pub(super) strict: bool,

    /// Threads that read
    ///
    /// One a core by default, four a core at the most. The output does not depend on it.
    #[arg(long, short, value_name = "N", help_heading = "Behaviour")]
    pub(super) jobs: Option<usize>,

    /// Nothing on standard error but what stops the run or weakens its exit status
    #[arg(long, short, help_heading = "Behaviour")]
    pub(super) quiet: bool,

    /// Check the log files against the digest files beside them
    ///
    /// CloudTrail lists the log files that it delivered, with their hashes, in hourly digest files.
    /// The report names altered, absent and unlisted files, and the pushes that rest on them.
    #[arg(long, conflicts_with = "extract", help_heading = "Mode")]
    pub(super) verify: bool,

    /// Also check the signatures of the digest files with the keys in a file
    ///
    /// It holds what `aws cloudtrail list-public-keys` prints, for several regions one after the
    /// other.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "FILE",
        requires = "verify",
        help_heading = "Mode"
    )]
    pub(super) public_keys: Option<PathBuf>,

    /// Print the address of each log file that a digest file lists and that is not in the input
    ///
    /// Instead of a report, one line each, as s3://BUCKET/KEY, so that they can be fetched. Log files are
    /// not opened: one of that name is enough. Of the selection, --since, --until, --account and
    /// --region apply. The exit status is 1 if any is missing, and 2 if there is no digest file.
    #[arg(
        hide_short_help = true,
        long,
        conflicts_with_all = ["format", "summary", "verbose", "width", "redact", "explain", "extract", "trace_roles", "pulls", "compare"],
        help_heading = "Mode"
    )]
    pub(super) list_missing: bool,

    /// Report in bounded memory: by parts, one after the other, through the folder of --work
    ///
    /// For logs of more pushes than memory holds. Repositories are shared out over parts, each of which takes
    /// about SIZE; a repository that is larger takes what it needs. Writes what --format jsonl writes, byte by
    /// byte but for the places of records (`at`) and of conflicts among the problems, and takes longer.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "SIZE",
        requires = "work",
        conflicts_with_all = ["summary", "verbose", "redact", "explain", "extract", "compare", "history", "list_missing", "verify", "part", "Selection"],
        help_heading = "Mode"
    )]
    pub(super) max_memory: Option<String>,

    /// The folder for what is between the parts: it is made, and removed at the end
    ///
    /// It takes about three times the bytes of an extract, and those of the report.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "DIR",
        requires = "max_memory",
        help_heading = "Mode"
    )]
    pub(super) work: Option<PathBuf>,

    /// Say who stands behind role sessions, by the AssumeRole records in the logs
    ///
    /// Reads sts:AssumeRole, AssumeRoleWithWebIdentity and AssumeRoleWithSAML too, and follows them
    /// back to the subject of a web identity, a user or a service. It takes longer: there are
    /// many such records.
    #[arg(long, help_heading = "Mode")]
    pub(super) trace_roles: bool,

    /// Say who pulled each image since, by the reads in the logs of private registries
    ///
    /// Reads BatchGetImage and GetDownloadUrlForLayer too, and puts them together to pulls: who took which
    /// image, from where, by which tag or digest. It takes longer, since they are most of ECR's
    /// records. With --image the report tells who took that image before and after it was replaced or
    /// deleted. CloudTrail records no pulls from ECR Public. docs/pulls.md has the rules.
    #[arg(
        hide_short_help = true,
        long,
        conflicts_with_all = ["part", "max_memory"],
        help_heading = "Mode"
    )]
    pub(super) pulls: bool,

    /// Say what is new, gone or changed against BASE: a period, or an earlier JSON report
    ///
    /// A period is written FROM..UNTIL, each end as --since takes it, and either may be left out:
    /// `..yesterday`. What is selected otherwise is held against it, by default all that began after
    /// it. Options of selection but the period and --push apply to both sides. The path of a report
    /// that --format json wrote does as well, and with --state `last-run`: all that began before the end of the
    /// log as it was then. docs/compare.md says by which rules something is told.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "BASE",
        conflicts_with = "summary",
        help_heading = "Mode"
    )]
    pub(super) compare: Option<OsString>,

    /// Judge the pushes, and the calls beside them, by the rules in a file
    ///
    /// TOML, by repository: who may push from where, with what and when, which tags may move, what an image needs, who may
    /// delete and change settings. What breaks a rule is an error, so that the exit status is 1; docs/policy.md has
    /// the keys.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "FILE",
        conflicts_with_all = ["extract", "list_missing", "policy_from", "part", "max_memory"],
        help_heading = "Mode"
    )]
    pub(super) policy: Option<PathBuf>,

    /// Write a first policy, of what the selected pushes in these logs did, instead of a report
    ///
    /// It is for a person to edit: each value stands with how often it was seen. No push of these logs breaks it.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "LOG",
        num_args = 1..,
        conflicts_with_all = ["format", "summary", "verbose", "width", "redact", "fail_on", "explain", "extract", "list_missing", "compare", "history"],
        help_heading = "Mode"
    )]
    pub(super) policy_from: Vec<PathBuf>,

    /// How much log has to lie before the first push of a caller, address, program or endpoint to tell it
    ///
    /// A first push into a repository is told only if so much log before it holds no other like it.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "TIME",
        default_value = "14d",
        help_heading = "Correlation"
    )]
    pub(super) first_after: String,

    /// Tell what happened to the repository or image asked for, in one time line
    ///
    /// Needs --repository or --image. Each push is a line, and between them is what else was done: tags moved,
    /// deletions, expiry, policies, settings of the repository and its registry, archiving, signing, replication and
    /// scanning, each with who, from where and which event. Other options that select choose what is told. Text
    /// and markdown have the time line in place of the pushes; html, json and jsonl have both.
    #[arg(
        hide_short_help = true,
        long,
        conflicts_with_all = ["summary", "extract", "explain", "compare"],
        help_heading = "Mode"
    )]
    pub(super) history: bool,

    /// Keep what was read in a directory, and read only what is new
    ///
    /// The directory holds extracts of the input and which files they were made of; docs/state.md tells of it. A run
    /// lists the input, reads files that are new or changed, and reports on all that was kept: also on files that are gone
    /// from the input since. The selection decides what is reported, not what is kept. One run at a time may use it.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "DIR",
        conflicts_with_all = ["verify", "list_missing", "extract", "max_memory", "part"],
        help_heading = "Mode"
    )]
    pub(super) state: Option<PathBuf>,

    /// Let --state forget what is older than this, as 90d
    ///
    /// Records that pushes of the time may need are kept longer: 12 hours and the window.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "TIME",
        requires = "state",
        help_heading = "Mode"
    )]
    pub(super) keep: Option<String>,

    /// Report only pushes that were not told before
    ///
    /// A push is told once the log goes on for the window and --settle beyond it, or when nothing came for a day, and
    /// again if late records changed what is said of it; then it is marked. Needs --state, which remembers what was told:
    /// one directory for each reader.
    #[arg(
        hide_short_help = true,
        long,
        requires = "state",
        conflicts_with_all = ["compare", "history", "explain"],
        help_heading = "Mode"
    )]
    pub(super) new: bool,

    /// Do so again and again, by default every 5 minutes, a line for each push
    ///
    /// Like --new, until the program is interrupted or asked to end, which ends it after the round. With --format text or
    /// jsonl. What fails in a round is told and tried again in the next.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "EVERY",
        num_args = 0..=1,
        default_missing_value = "5m",
        requires = "state",
        conflicts_with_all = ["compare", "history", "explain", "output", "summary", "verbose"],
        help_heading = "Mode"
    )]
    pub(super) follow: Option<String>,

    /// Write to the terminal directly, without a pager
    ///
    /// By default text on a terminal goes to the program that PAGER names, or to `less`, which ends
    /// at once if all fits one screen.
    #[arg(hide_short_help = true, long, help_heading = "Behaviour")]
    pub(super) no_pager: bool,

    /// Whether to show how far the reading has come
    ///
    /// `auto` shows it on a terminal, once it takes long: files, bytes, time left, rate and records, and
    /// after reading what is being done. With it the summary line says what was read and how long it
    /// took.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        help_heading = "Behaviour"
    )]
    pub(super) progress: When,

    /// Write the records that the pushes rest on, instead of a report
    ///
    /// One record a line, unchanged and once each, then a line that says what else the logs held.
    /// The output is valid input and gives the same report; several outputs together give the
    /// report of all their logs. It holds every push: select when you report.
    #[arg(
        hide_short_help = true,
        long,
        conflicts_with_all = ["format", "summary", "verbose", "width", "redact", "fail_on", "explain", "compare"],
        help_heading = "Mode"
    )]
    pub(super) extract: bool,

    /// Do one step of a report that many processes make
    ///
    /// Each step reads lines on standard input and writes lines for the next; only `list` takes paths.
    /// docs/scale-out/README.md says what runs when, and which lines go where. Of the other options
    /// --window, --max-decoded, --trace-roles and those of access count, and have to be the same in all steps.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "STEP",
        value_enum,
        conflicts_with_all = ["format", "summary", "verbose", "width", "redact", "explain", "extract", "compare", "history", "list_missing", "verify", "output", "Selection"],
        help_heading = "Mode"
    )]
    pub(super) part: Option<PartStep>,

    /// Explain a code, a push or an event, and stop
    ///
    /// A finding, problem, status or reason needs no PATH. Anything else is the id of a push or an
    /// eventID, or the first six characters of it or more, and is looked up in the logs named.
    #[arg(
        long,
        value_name = "CODE|ID",
        value_parser = known::PAGE_CODES,
        hide_possible_values = true,
        conflicts_with_all = ["format", "output", "summary", "Selection", "compare"],
        help_heading = "Mode"
    )]
    pub(super) explain: Option<String>,

    /// Print completions for a shell, and stop
    #[arg(
        hide_short_help = true,
        long,
        value_name = "SHELL",
        value_enum,
        help_heading = "Mode"
    )]
    pub(super) completions: Option<Shell>,

    /// Print the manual page, and stop
    #[arg(hide_short_help = true, long, help_heading = "Mode")]
    pub(super) man: bool,
}

/// The version and its source. Whoever builds sets `RECONSTRUCT_COMMIT` for the compiler, since a build script
/// that asks git would find no repository in a package of sources.
static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    let commit = option_env!("RECONSTRUCT_COMMIT").filter(|commit| !commit.is_empty());
    format!(
        "{}\ncommit {}",
        env!("CARGO_PKG_VERSION"),
        commit.unwrap_or("not recorded by this build")
    )
});

/// The end of the long help.
pub(super) const AFTER_HELP: &str = "\
Exit status:
  0  no finding at or above --fail-on; also when the logs were read and hold no push
  1  findings at or above --fail-on: by default, a failed or incomplete push, a refused login, a
     broken rule of --policy, or a period, account or region that the logs do not reach
  2  the run could not be made: usage, no such path, no log that could be read, no access,
     output not writable
  3  with --strict: the input had problems, and nothing gave status 1
  70  a defect of the program; please report it
  130  interrupted, as by Ctrl-C; a file of --output is then left as it was

Defaults:
  Options take other defaults from the file $XDG_CONFIG_HOME/reconstruct/config.toml, or
  ~/.config/reconstruct/config.toml, by lines such as `window = '1h'`. A variable such as
  RECONSTRUCT_WINDOW=1h goes before the file. Both work for color, fail-on, format, jobs,
  max-decoded, no-pager, progress, pulls, quiet, strict, time-zone, trace-roles, width, window. A
  default that weakens the exit status (fail-on never, strict false, a window over a day) is named on
  standard error, also with --quiet, and in the JSON report.

Examples:
  reconstruct AWSLogs/
      What happened, those pushes first that did not end well.
  reconstruct --status incomplete --status failed --summary AWSLogs/
      One line for each push that did not end well.
  reconstruct --since 1d --repository 'prod/*' --status incomplete --status failed AWSLogs/
      Whether any push of the last day to prod/ came to nothing: status 1 if one did.
  reconstruct --format json --output report.json AWSLogs/
      Everything, for other programs.
  reconstruct --verify --public-keys keys.json AWSLogs/
      Whether the log files are those that CloudTrail delivered.
  reconstruct --trace-roles --image 123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:v1 AWSLogs/
      What became of a tag, and who stands behind the roles that put it.
  reconstruct event-history://eu-west-1
      The last week of a region, without any trail.
  reconstruct --since 7d --region eu-west-1 s3://my-trail/AWSLogs/
      Of a bucket: of its objects only those of that region and week are read.
  reconstruct --compare ..yesterday AWSLogs/
      What is new since yesterday, and what is gone.
  reconstruct --state DIR --new --not-ok AWSLogs/
      Each run: the pushes that did not end well and were not told before.
  reconstruct --policy policy.toml --since 1d AWSLogs/
      Whether a push of the last day broke a rule: status 1 if one did.
  reconstruct --explain upload-abandoned
      What a word of the report means.
  reconstruct --explain 0e7f3c21 AWSLogs/
      Why each call of a push is in it, or which push an event belongs to and by what evidence.";

/// When to use colours, and when to show progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The steps of a report that many processes make, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PartStep {
    /// Name the files below the paths
    List,
    /// Extract the files named on standard input, each record with its routes
    Extract,
    /// Put coverage lines together
    Coverage,
    /// Say what a group knows and what it asks
    Facts,
    /// Say what the pushes of a group show to others
    Pushes,
    /// Answer what groups say
    Cross,
    /// Write the rows of a group
    Rows,
    /// Write the rows of the log as a whole
    Conclude,
}

/// Findings from which on the exit status is 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Never
    Never,
    /// From warnings on
    Warning,
    /// From errors on
    #[default]
    Error,
}

fn formats() -> impl clap::builder::TypedValueParser<Value = &'static Format> {
    let values = Format::ALL
        .iter()
        .map(|format| PossibleValue::new(format.name).help(format.about));
    PossibleValuesParser::new(values)
        .map(|name| Format::find(&name).expect("the parser passes only names of Format::ALL"))
}
