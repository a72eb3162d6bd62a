//! Rebuilds container image pushes from AWS CloudTrail logs of Amazon ECR and ECR Public.
//!
//! Paths become bytes, bytes become records, records become events, events become a graph, the
//! graph becomes sessions, sessions become findings, and all of it becomes one report that any
//! renderer can draw. Each arrow is one module; a module uses only those above it in this list.
//! [`reconstruct`] is the whole house in one function: read it first.

pub mod threads;

pub mod location;
pub mod problem;

pub mod source;

pub mod record;

pub mod event;

pub mod words;

pub mod ingest;

pub mod graph;

pub mod session;

pub mod finding;

pub mod report;

pub mod render;

#[cfg(feature = "cli")]
pub mod cli;

#[cfg(test)]
mod numbers;

use std::io::{self, Write};
use std::time::Duration;

use crate::event::EventLog;
use crate::event::Pseudonyms;
use crate::finding::Context;
use crate::finding::Finding;
use crate::graph::EventGraph;
use crate::ingest::Coverage;
use crate::ingest::Extracted;
use crate::ingest::Ingest;
use crate::ingest::Progress;
use crate::problem::Error;
use crate::problem::Problem;
use crate::report::Filter;
use crate::report::Parts;
use crate::report::Report;
use crate::session::Sessions;
use crate::source::Input;
use crate::source::Purpose;
use crate::source::Reach;
use crate::source::SourceFile;
use crate::threads::Threads;

/// How to reconstruct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How to read.
    pub ingest: ingest::ReadOptions,
    /// The inactivity window: weak evidence joins events only inside it.
    pub window: Duration,
    /// What time has to be known; log files of other times are not opened.
    pub reach: Reach,
}

/// All that was established from the input, stage by stage.
#[derive(Debug)]
pub struct Reconstruction {
    /// The files of the input, sorted.
    pub files: Vec<SourceFile>,
    /// The push events.
    pub log: EventLog,
    /// What was read and what time it covers.
    pub coverage: Coverage,
    /// The evidence.
    pub graph: EventGraph,
    /// The pushes.
    pub sessions: Sessions,
    /// The conclusions.
    pub findings: Vec<Finding>,
    /// The defects of the input.
    pub problems: Vec<Problem>,
    /// What it was made with.
    pub options: Options,
    /// What it was made by.
    pub threads: Threads,
}

/// Rebuilds the pushes that the logs under `inputs` tell of.
///
/// # Errors
/// Only the input can fail: a path that does not exist, paths without a log file, or a bucket that
/// cannot be listed. Whatever is wrong inside the files is among the [`Reconstruction::problems`].
pub fn reconstruct(inputs: &[Input], options: &Options) -> Result<Reconstruction, Error> {
    let files = find(inputs, options)?;
    Ok(reconstruct_files(files, options, &Progress::default()))
}

/// Finds the files under `inputs`, and marks those that cannot matter.
///
/// # Errors
/// As [`reconstruct`].
pub fn find(inputs: &[Input], options: &Options) -> Result<Vec<SourceFile>, Error> {
    let mut files = source::discover(inputs)?;
    let purpose = match options.ingest.verify {
        Some(_) => Purpose::Integrity,
        None => Purpose::Pushes,
    };
    options.reach.prune(&mut files, purpose);
    Ok(files)
}

/// Rebuilds the pushes that files tell of which [`find`] found, with `progress` telling another thread
/// how far the reading has come.
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
    } = ingest::ingest_observed(&files, &options.ingest, &options.reach, progress);
    coverage.leave_out(&files, &options.reach);
    let threads = Threads::new(options.ingest.jobs);
    let graph = threads.within(|| graph::link(&log));
    let sessions = threads.within(|| session::assemble(&log, &graph, &coverage, options.window));
    let mut reconstruction = Reconstruction {
        files,
        log,
        coverage,
        graph,
        sessions,
        findings: Vec::new(),
        problems,
        options: options.clone(),
        threads,
    };
    reconstruction.findings = reconstruction.examine();
    reconstruction
}

/// Writes the records that the pushes in these files rest on, and what else a report of them needs: an
/// input that gives the same report, file names aside.
///
/// # Errors
/// Only what `out` fails with.
pub fn extract_files(
    files: &[SourceFile],
    options: &Options,
    progress: &Progress,
    out: &mut dyn Write,
) -> io::Result<Extracted> {
    ingest::extract(files, &options.ingest, progress, out)
}

impl Reconstruction {
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
        let context = Context::new(log, graph, sessions, coverage, files, problems);
        self.threads.within(|| finding::examine(&context))
    }

    /// Puts numbered pseudonyms in the place of accounts, names, addresses, keys, repositories and
    /// tags. Pushes, their ids, times and order stay; what is concluded is worded anew.
    pub fn redact(&mut self) -> Pseudonyms {
        let mut names = Pseudonyms::default();
        ingest::name_buckets(&self.files, &mut names);
        self.log.redact(&mut names);
        let (files, problems) = (&mut self.files, &mut self.problems);
        ingest::redact(files, &mut self.coverage, problems, &mut names);
        self.findings = self.examine();
        names
    }

    /// The report of what `filter` selects by the true names, with pseudonyms in their place.
    #[must_use]
    pub fn redacted_report(&mut self, filter: &Filter) -> Report<'_> {
        let choice = self.report().choose(filter);
        let filter = filter.redacted(&mut self.redact());
        self.report().show(&filter, choice)
    }

    /// The report of it all, which makes its rows as they are asked for.
    #[must_use]
    pub fn report(&self) -> Report<'_> {
        Report::build(Parts {
            files: &self.files,
            log: &self.log,
            coverage: &self.coverage,
            sessions: &self.sessions,
            findings: &self.findings,
            problems: &self.problems,
            window: self.options.window,
            threads: &self.threads,
        })
    }
}
