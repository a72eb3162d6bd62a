//! Finds the input of a run.
//!
//! Comes in: a plan. Goes out: the files of the input, after the place of the output was looked at. Never: a file of the
//! input opened.

use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use crate::Options;
use crate::cli::against::Against;
use crate::cli::inputs::Inputs;
use crate::cli::interrupt::Unfinished;
use crate::cli::plan::{Names, Plan};
use crate::cli::stop::Stop;
use crate::cli::surroundings::Streams;
use crate::cli::{inputs, output, policy_file, progress, summary};
use crate::find;
use crate::source::{Origin, PublicKeys, SourceFile};

/// What to read, and how.
pub(super) struct FoundFiles {
    /// The plan's options, with the keys from their file.
    pub(super) options: Options,
    /// The files, sorted.
    pub(super) files: Vec<SourceFile>,
    /// The inputs as they were named, in that order.
    pub(super) named: Vec<String>,
    /// How long it took to find them, if that was shown.
    pub(super) searched: Option<Duration>,
}

/// Finds the files of the input, and says what will be read from buckets.
///
/// # Errors
/// An output that may not be written, an input that cannot be found.
pub(super) fn find_files(
    plan: &Plan,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<FoundFiles, Stop> {
    let (options, stdin) = begin(plan, unfinished, streams)?;
    let inputs = inputs::inputs(plan, stdin, unfinished.inquiry()).map_err(Stop::Message)?;
    let Inputs { inputs, notices } = inputs;
    for notice in notices.iter().filter(|_| !plan.quiet) {
        streams.tell(&format!("reconstruct: {notice}"));
    }
    let columns = streams.surroundings.columns();
    let (show, stderr) = (plan.show, &mut *streams.stderr);
    let (found, searched) = progress::watched(unfinished, show, columns, stderr, |_| {
        find(&inputs, &options, plan.purpose)
    });
    let files = found?;
    spare_input(plan, &files)?;
    if let Some(notice) = inputs::notice(&files, plan.names).filter(|_| !plan.quiet) {
        streams.tell(&format!("reconstruct: {notice}"));
    }
    Ok(FoundFiles {
        named: inputs.iter().map(inputs::name).collect(),
        options,
        files,
        searched,
    })
}

/// Looks at the place of the output before anything is read; gives the options with the keys from their file, and standard
/// input.
///
/// # Errors
/// An output that may not be written, keys that cannot be read.
pub(super) fn begin(
    plan: &Plan,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<(Options, Box<dyn Read + Send>), Stop> {
    if !plan.quiet {
        let output = plan.output.as_ref().map(|file| {
            let name = summary::named(plan, file);
            let name = match plan.names {
                Names::True => format!("`{name}`"),
                Names::Redacted => name,
            };
            (file.path.clone(), name)
        });
        unfinished.tell_of(output);
    }
    if let Some(output) = &plan.output {
        output::check(output).map_err(|error| Stop::Message(error.to_string()))?;
    }
    let mut options = plan.options.clone();
    if let Some(path) = &plan.public_keys {
        options.ingest.verify = Some(PublicKeys::read(path)?);
    }
    if let Some(path) = &plan.policy {
        options.policy = Some(policy_file::read(path)?);
    }
    let stdin = std::mem::replace(&mut streams.stdin, Box::new(io::empty()));
    Ok((options, stdin))
}

/// Refuses to write over what is read.
///
/// # Errors
/// If the output is one of the files.
pub(super) fn spare_input(plan: &Plan, files: &[SourceFile]) -> Result<(), Stop> {
    if let Some(output) = &plan.output {
        let read = files.iter().filter_map(|file| match &file.origin {
            Origin::File(path) => Some(path.as_path()),
            Origin::Reader(_) | Origin::Object(_) => None,
        });
        let base = plan.against.as_ref().and_then(Against::path);
        let lists = plan.files_from.iter().chain(&plan.public_keys);
        let lists = lists.chain(&plan.policy).chain(base);
        let read = read.chain(lists.map(PathBuf::as_path));
        output::spare(output, read).map_err(|error| Stop::Message(error.to_string()))?;
    }
    Ok(())
}
