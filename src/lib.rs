//! Rebuilds container image pushes from AWS CloudTrail logs of Amazon ECR and ECR Public.
//!
//! This prints the failed pushes in the log files of a directory:
//!
//! ```
//! use reconstruct::{Filter, Input, Options, Pattern, Property, reconstruct};
//!
//! let logs = Input::Path("testdata/sample".into());
//! let pushes = reconstruct(&[logs], &Options::default())?;
//! let failed = Filter::default().with(Property::Status, Pattern::new("failed"));
//! for push in pushes.report().select(&failed).sessions() {
//!     let repository = push.repository.as_deref().unwrap_or("an unnamed repository");
//!     println!("{} {repository}: {} ({})", push.first, push.explanation, push.identity.name);
//! }
//! # assert_eq!(pushes.report().select(&failed).summary().groups.of(reconstruct::row::PushGroup::Failed), 3);
//! # Ok::<(), reconstruct::Error>(())
//! ```
//!
//! # Parts
//!
//! - [`Input`] names a file, a directory or a reader, and [`Options`] says how to read it.
//! - [`reconstruct()`] reads everything and gives a [`Reconstruction`]. Only an input that cannot be found is an
//!   [`Error`]. Damage inside the files costs only its own place, and is among the [`Report::problems`].
//! - [`Report`] makes the rows of [`row`] on demand, of all pushes or of those that a [`Filter`]
//!   selects.
//! - [`Policy`] says what should be; with it in the [`Options`], what breaks it is among the findings.
//! - [`Format`] names a renderer, which writes a report as text, JSON, HTML and so on.
//! - [`extract()`] boils logs down to what their report needs.
//!
//! The library reads no clock, environment or terminal, and uses no network.
//!
//! # Features
//!
//! `cli`, on by default, is the program `reconstruct`: its arguments and its settings. `aws` lets it read buckets of S3
//! and event histories of CloudTrail, by the AWS SDK. Without `aws` nothing here depends on a crate for networking.

// Stages, in the order in which they use each other: a module uses only those above it. They are public for the tests
// and the program, and hidden because nobody else should build on them.
#[doc(hidden)]
pub mod threads;

#[doc(hidden)]
pub mod location;
#[doc(hidden)]
pub mod problem;

#[doc(hidden)]
pub mod source;

#[doc(hidden)]
pub mod record;

#[doc(hidden)]
pub mod event;

#[doc(hidden)]
pub mod words;
pub mod zone;

#[doc(hidden)]
pub mod facts;

#[doc(hidden)]
pub mod pattern;

#[doc(hidden)]
pub mod ingest;

#[doc(hidden)]
pub mod graph;

#[doc(hidden)]
pub mod session;

#[doc(hidden)]
pub mod policy;

#[doc(hidden)]
pub mod pull;

#[doc(hidden)]
pub mod finding;

#[doc(hidden)]
pub mod report;

#[doc(hidden)]
pub mod render;

#[doc(hidden)]
pub mod parts;

#[doc(hidden)]
pub mod state;

#[cfg(feature = "aws")]
#[doc(hidden)]
pub mod aws;

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;

#[cfg(test)]
mod numbers;

use std::io::{self, Write};
use std::time::Duration;

use chrono::TimeDelta;

use crate::event::{EventLog, Pseudonyms, Pulls};
use crate::facts::Facts;
use crate::finding::{Beyond, Context, FIRST_AFTER, Finding, Judgement};
use crate::graph::EventGraph;
use crate::ingest::{Coverage, Doing, Extracted, Ingest, Progress, Roles, Searched};
use crate::problem::Problem;
use crate::pull::PullSet;
use crate::report::Parts;
use crate::session::Sessions;
use crate::source::{Purpose, Reach, SourceFile};
use crate::threads::Threads;

pub use crate::event::Bytes;
pub use crate::finding::Severity;
pub use crate::graph::Strength;
pub use crate::policy::{BadPolicy, Policy};
pub use crate::problem::Error;
pub use crate::render::{Detail, Format, Renderer, Style, Summary};
pub use crate::report::image_ref::BadReference;
pub use crate::report::{Events, Filter, Histories, ImageRef, Pattern, Period, Property, Report};
pub use crate::source::{Handed, Input, PublicKeys};

/// The rows of a [`Report`], whose fields are those of its JSON.
///
/// The findings of each push, with their severity:
///
/// ```
/// use reconstruct::{Input, Options, Severity, reconstruct};
///
/// let pushes = reconstruct(&[Input::Path("testdata/sample".into())], &Options::default())?;
/// let mut errors = Vec::new();
/// for push in pushes.report().sessions() {
///     for finding in push.findings {
///         println!("{} {}: {}", push.id, finding.severity.name(), finding.message);
///         if finding.severity == Severity::Error {
///             errors.push(finding.code);
///         }
///     }
/// }
/// assert!(errors.contains(&"immutable-tag"));
/// # Ok::<(), reconstruct::Error>(())
/// ```
///
/// The calls of a push, made one by one, with the evidence that joins each to the push:
///
/// ```
/// use reconstruct::{Input, Options, reconstruct};
///
/// let pushes = reconstruct(&[Input::Path("testdata/sample".into())], &Options::default())?;
/// let report = pushes.report();
/// let push = report.sessions().next().expect("the sample holds pushes");
/// for call in push.events.iter() {
///     let because: Vec<_> = call.because.iter().map(|because| because.evidence.name()).collect();
///     println!("{} {} {}", call.time, call.action, because.join(", "));
/// }
/// assert!(push.events.len() > 3);
/// # Ok::<(), reconstruct::Error>(())
/// ```
pub mod row {
    pub use crate::event::{BlobKind, ManifestKind, Service, Stage};
    pub use crate::graph::Evidence;
    pub use crate::ingest::coverage::{FileTally, HoleReason, RecordTally, SetAside};
    pub use crate::ingest::verify::{Basis, Signatures, Standing, Verdict};
    pub use crate::pull::{HolderService, NamedBy, PullEnd};
    pub use crate::report::Selector;
    pub use crate::report::row::*;
    pub use crate::session::behind::{By, End};
}

/// The README's examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// How to reconstruct. The default is what the program does without options.
///
/// ```
/// use std::time::Duration;
///
/// use reconstruct::{Input, Options, reconstruct};
///
/// let options = Options::default().window(Duration::from_secs(60 * 60)).jobs(2);
/// let pushes = reconstruct(&[Input::Path("testdata/sample".into())], &options)?;
/// assert_eq!(pushes.report().summary().window_s, 3600);
/// # Ok::<(), reconstruct::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How to read.
    #[doc(hidden)]
    pub ingest: ingest::ReadOptions,
    /// The inactivity window: weak evidence joins events only within it.
    pub window: Duration,
    /// The time that must be known; log files of other times are not opened.
    #[doc(hidden)]
    pub reach: Reach,
    /// What should be.
    #[doc(hidden)]
    pub policy: Option<Policy>,
    /// How much log has to lie before the first push of a kind.
    #[doc(hidden)]
    pub first_after: TimeDelta,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ingest: ingest::ReadOptions {
                jobs: None,
                max_decoded_bytes: 4 << 30,
                roles: Roles::Ignored,
                pulls: Pulls::Ignored,
                verify: None,
            },
            window: Duration::from_secs(15 * 60),
            reach: Reach::default(),
            policy: None,
            first_after: FIRST_AFTER,
        }
    }
}

impl Options {
    /// Sets the inactivity window, within which weak evidence joins events: 15 minutes by default.
    #[must_use]
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Sets the number of threads: by default as many as the machine has cores.
    #[must_use]
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.ingest.jobs = Some(jobs);
        self
    }

    /// Sets the most decoded bytes that are read of one file: 4 GiB by default.
    #[must_use]
    pub fn max_decoded_bytes(mut self, bytes: u64) -> Self {
        self.ingest.max_decoded_bytes = bytes;
        self
    }

    /// Leaves files unopened if their names say that no push of the period needs them. Set the window first.
    ///
    /// The report still holds every push that is found; [`Filter::period`] selects those of the period.
    #[must_use]
    pub fn period(mut self, period: Period) -> Self {
        self.reach = Reach::around(period.since, period.until, self.window);
        self
    }

    /// Also reads the records of STS, which say who assumed the role of a push; there are many.
    #[must_use]
    pub fn trace_roles(mut self) -> Self {
        self.ingest.roles = Roles::Traced;
        self
    }

    /// Judges pushes, and calls beside them, by a policy: what breaks it is an error, a finding `policy`.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Sets how much log has to lie before the first push of a caller, address, program or endpoint for it to be
    /// told: 14 days by default.
    #[must_use]
    pub fn first_after(mut self, span: Duration) -> Self {
        // What is longer than any calendar is as long as it can be.
        self.first_after = TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX);
        self
    }

    /// Also reads the calls that take images from private registries, which are most of ECR's records;
    /// [`Report::pulls`] has what they are put together to.
    #[must_use]
    pub fn pulls(mut self) -> Self {
        self.ingest.pulls = Pulls::Read;
        self
    }

    /// What the files are read for.
    fn purpose(&self) -> Purpose {
        match self.ingest.verify {
            Some(_) => Purpose::Integrity,
            None => Purpose::Pushes,
        }
    }

    /// Checks log files against CloudTrail's digest files, and the signatures of these with the keys, if there are
    /// any. [`row::CoverageRow::verification`] has the result.
    #[must_use]
    pub fn verify(mut self, keys: PublicKeys) -> Self {
        self.ingest.verify = Some(keys);
        self
    }
}

/// Everything that was found in the input.
///
/// ```
/// use reconstruct::{Format, Input, Options, Style, reconstruct};
///
/// let pushes = reconstruct(&[Input::Path("testdata/sample".into())], &Options::default())?;
/// let json = Format::find("json").expect("JSON is a format").renderer;
/// let mut out = Vec::new();
/// json.render(&pushes.report(), &Style::default(), &mut out).map_err(reconstruct::Error::Output)?;
/// assert!(out.starts_with(b"{\n\"schema\": \"reconstruct.report/1\""));
/// # Ok::<(), reconstruct::Error>(())
/// ```
#[derive(Debug)]
pub struct Reconstruction {
    /// The files of the input, sorted.
    #[doc(hidden)]
    pub files: Vec<SourceFile>,
    /// The push events.
    #[doc(hidden)]
    pub log: EventLog,
    /// What was read and what time it covers.
    #[doc(hidden)]
    pub coverage: Coverage,
    /// The evidence.
    #[doc(hidden)]
    pub graph: EventGraph,
    /// The pushes.
    #[doc(hidden)]
    pub sessions: Sessions,
    /// The pulls, if they were asked for.
    #[doc(hidden)]
    pub pulls: Option<PullSet>,
    /// The conclusions.
    #[doc(hidden)]
    pub findings: Vec<Finding>,
    /// What the policy says, by the true names.
    #[doc(hidden)]
    pub judged: Option<Judgement>,
    /// The defects of the input.
    #[doc(hidden)]
    pub problems: Vec<Problem>,
    /// The options used.
    #[doc(hidden)]
    pub options: Options,
    /// The threads used.
    #[doc(hidden)]
    pub threads: Threads,
}

/// Rebuilds the pushes in the logs under `inputs`.
///
/// # Errors
/// Only the input can fail: a path that does not exist, paths without a log file, or a bucket that
/// cannot be listed. Whatever is wrong inside the files is among the [`Report::problems`].
pub fn reconstruct(inputs: &[Input], options: &Options) -> Result<Reconstruction, Error> {
    let files = find(inputs, options, options.purpose())?;
    Ok(reconstruct_files(files, options, &Progress::default()))
}

/// Writes the records of the pushes under `inputs`, and what else a report of them needs. The extract is an input
/// that gives the same report, apart from file names. Returns the number of records.
///
/// ```
/// use reconstruct::{Handed, Input, Options, extract, reconstruct};
///
/// let (logs, options) = (Input::Path("testdata/sample".into()), Options::default());
/// let mut small = Vec::new();
/// let n_records = extract(std::slice::from_ref(&logs), &options, &mut small)?;
/// let small = Input::Reader(Handed::new("small.jsonl", Box::new(std::io::Cursor::new(small))));
/// let (whole, again) = (reconstruct(&[logs], &options)?, reconstruct(&[small], &options)?);
/// assert_eq!(whole.report().summary(), again.report().summary());
/// assert!(n_records < whole.report().coverage().records.seen);
/// # Ok::<(), reconstruct::Error>(())
/// ```
///
/// # Errors
/// Those of [`reconstruct()`], and [`Error::Output`] for errors of `out`.
pub fn extract(inputs: &[Input], options: &Options, out: &mut dyn Write) -> Result<u64, Error> {
    let files = find(inputs, options, options.purpose())?;
    let extracted = extract_files(&files, options, &Progress::default(), out);
    Ok(extracted.map_err(Error::Output)?.n_records)
}

/// Finds the files under `inputs`, and marks those that cannot matter.
///
/// # Errors
/// Those of [`reconstruct()`].
#[doc(hidden)]
pub fn find(
    inputs: &[Input],
    options: &Options,
    purpose: Purpose,
) -> Result<Vec<SourceFile>, Error> {
    let mut files = source::discover(inputs)?;
    options.reach.prune(&mut files, purpose);
    Ok(files)
}

/// Rebuilds the pushes in files that [`find`] found; `progress` lets another thread see how far this is.
#[doc(hidden)]
#[must_use]
pub fn reconstruct_files(
    files: Vec<SourceFile>,
    options: &Options,
    progress: &Progress,
) -> Reconstruction {
    let Ingest {
        log,
        mut coverage,
        problems,
    } = ingest::ingest_observed(
        &files,
        &options.ingest,
        &options.reach,
        &Facts::default(),
        progress,
    );
    coverage.leave_out(&files, &options.reach);
    let threads = Threads::new(options.ingest.jobs);
    progress.enter(Doing::Linking);
    let facts = Facts::of(&log);
    let graph = threads.within(|| graph::link(&log, &facts));
    progress.enter(Doing::Assembling);
    let window = options.window;
    let sessions = threads.within(|| session::assemble(&log, &graph, &coverage, window, &facts));
    let pulls = threads.within(|| pull::pulls(&log, &graph, &sessions, &coverage, &facts));
    progress.enter(Doing::Examining);
    let beyond = Beyond {
        facts: &facts,
        answers: None,
    };
    let context = Context::new(
        &log, &graph, &sessions, &coverage, &files, &problems, beyond,
    )
    .with_first_after(options.first_after)
    .with_pulls(pulls.as_ref());
    let policy = options.policy.as_ref();
    let judged = policy.map(|policy| finding::judge(&context, policy));
    let context = context.with_policy(policy.zip(judged.as_ref()));
    let findings = threads.within(|| finding::examine(&context));
    drop(context);
    Reconstruction {
        files,
        log,
        coverage,
        graph,
        sessions,
        pulls,
        findings,
        judged,
        problems,
        options: options.clone(),
        threads,
    }
}

/// Writes the records of the pushes in these files, and what else a report of them needs: an input that gives the
/// same report, apart from file names.
///
/// # Errors
/// Only errors of `out`.
#[doc(hidden)]
pub fn extract_files(
    files: &[SourceFile],
    options: &Options,
    progress: &Progress,
    out: &mut dyn Write,
) -> io::Result<Extracted> {
    ingest::extract(files, &options.ingest, progress, out)
}

impl Reconstruction {
    /// Examines what was found, as it is named now.
    fn examine(&self) -> Vec<Finding> {
        let Self {
            log,
            graph,
            sessions,
            coverage,
            files,
            problems,
            ..
        } = self;
        let facts = Facts::of(log);
        let beyond = Beyond {
            facts: &facts,
            answers: None,
        };
        let context = Context::new(log, graph, sessions, coverage, files, problems, beyond)
            .with_first_after(self.options.first_after)
            .with_policy(self.options.policy.as_ref().zip(self.judged.as_ref()))
            .with_pulls(self.pulls.as_ref());
        self.threads.within(|| finding::examine(&context))
    }

    /// Looks in the files for records of any call whose `eventID` begins with a text, and adds them to the log, beside its
    /// events: [`Report::look_up`] finds them then.
    #[doc(hidden)]
    pub fn seek(&mut self, begin: &str, progress: &Progress) -> Searched {
        let options = &self.options.ingest;
        ingest::seek(&self.files, begin, options, progress, &mut self.log)
    }

    /// Replaces accounts, names, addresses, keys, repositories and tags by numbered pseudonyms. Pushes, their ids,
    /// times and order stay; findings are worded anew.
    #[doc(hidden)]
    pub fn redact(&mut self) -> Pseudonyms {
        let mut names = Pseudonyms::default();
        ingest::name_buckets(&self.files, &mut names);
        self.log.redact(&mut names);
        let (files, problems) = (&mut self.files, &mut self.problems);
        ingest::redact(files, &mut self.coverage, problems, &mut names);
        let policy = self.options.policy.take();
        self.options.policy = policy.map(|policy| policy.redacted(&mut names));
        self.findings = self.examine();
        names
    }

    /// The report of what `filter` selects by the true names, with accounts, names, addresses, keys, repositories and
    /// tags replaced by numbered pseudonyms. Every later report has them too.
    ///
    /// ```
    /// use reconstruct::{Filter, Input, Options, reconstruct};
    ///
    /// let mut pushes = reconstruct(&[Input::Path("testdata/sample".into())], &Options::default())?;
    /// let shown = pushes.redacted_report(&Filter::default());
    /// assert!(shown.sessions().all(|push| push.registry.as_deref() != Some("123456789012")));
    /// # Ok::<(), reconstruct::Error>(())
    /// ```
    #[must_use]
    pub fn redacted_report(&mut self, filter: &Filter) -> Report<'_> {
        let choice = self.report().choose(filter);
        let filter = filter.redacted(&mut self.redact());
        self.report().show(&filter, choice)
    }

    /// The report of everything, which makes its rows on demand.
    #[must_use]
    pub fn report(&self) -> Report<'_> {
        Report::build(Parts {
            files: &self.files,
            log: &self.log,
            coverage: &self.coverage,
            sessions: &self.sessions,
            pulls: self.pulls.as_ref(),
            findings: &self.findings,
            problems: &self.problems,
            window: self.options.window,
            threads: &self.threads,
        })
    }
}
