//! A step of a report that many processes make.
//!
//! Comes in: a plan, and the lines of the step before on standard input. Goes out: lines for the next step. Never: a key
//! or a row; these are made in `parts`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::path::PathBuf;

use serde_json::Value;

use crate::cli::args::PartStep;
use crate::cli::exit::ExitStatus;
use crate::cli::found::{FoundFiles, find_files};
use crate::cli::inputs::os_string;
use crate::cli::interrupt::Unfinished;
use crate::cli::operand::STDIN;
use crate::cli::plan::Plan;
use crate::cli::stop::Stop;
use crate::cli::surroundings::Streams;
use crate::ingest::{Progress, extract};
use crate::parts::{self, GroupStep, PartOptions};
use crate::source::{Found, Origin, SourceFile};

/// The names that files go by, by their paths.
type FileNames = BTreeMap<Vec<u8>, String>;

/// Does a step.
///
/// # Errors
/// An input that cannot be read or was not written by the step before, an output that cannot be written.
pub(super) fn run(
    plan: &Plan,
    step: PartStep,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<ExitStatus, Stop> {
    let options = PartOptions {
        ingest: plan.options.ingest.clone(),
        window: plan.options.window,
        first_after: plan.options.first_after,
    };
    let done = match step {
        PartStep::List => {
            let FoundFiles { files, .. } = find_files(plan, unfinished, streams)?;
            list(files, &options, streams.stdout)
        }
        PartStep::Extract => {
            let (files, names) = named(plan, unfinished, streams)?;
            let files = files.into_iter().map(|file| {
                let name = names.get(path(&file).as_encoded_bytes()).cloned();
                let name = name.unwrap_or_else(|| file.name.clone());
                SourceFile { name, ..file }
            });
            let mut files: Vec<SourceFile> = files.collect();
            files.sort_by(|a, b| a.name.cmp(&b.name));
            let mut whole = Vec::new();
            extract(&files, &options.ingest, &Progress::default(), &mut whole)
                .and_then(|_| String::from_utf8(whole).map_err(io::Error::other))
                .and_then(|whole| parts::route(&whole, &options, streams.stdout))
        }
        PartStep::Coverage | PartStep::Cross | PartStep::Conclude => {
            let input = &mut input(streams);
            match step {
                PartStep::Coverage => parts::coverage(input, &options, streams.stdout),
                PartStep::Conclude => {
                    parts::conclude(input, &options, &plan.told, streams.stdout).map(drop)
                }
                PartStep::Cross
                | PartStep::List
                | PartStep::Extract
                | PartStep::Facts
                | PartStep::Pushes
                | PartStep::Rows => parts::cross(input, streams.stdout),
            }
        }
        PartStep::Facts => of_group(GroupStep::Facts, &options, streams),
        PartStep::Pushes => of_group(GroupStep::Pushes, &options, streams),
        PartStep::Rows => of_group(GroupStep::Rows, &options, streams),
    };
    done.and_then(|()| streams.stdout.flush())
        .map_err(|error| Stop::Message(format!("this step of a report failed: {error}")))?;
    Ok(ExitStatus::Success)
}

fn of_group(step: GroupStep, options: &PartOptions, streams: &mut Streams<'_>) -> io::Result<()> {
    let input = input(streams);
    parts::group(step, Box::new(input), options, streams.stdout)
}

fn input(streams: &mut Streams<'_>) -> BufReader<Box<dyn Read + Send>> {
    let stdin = std::mem::replace(&mut streams.stdin, Box::new(io::empty()));
    BufReader::with_capacity(1 << 16, stdin)
}

/// The path or address by which another process finds a file.
fn path(file: &SourceFile) -> OsString {
    match &file.origin {
        Origin::File(path) => std::path::absolute(path)
            .unwrap_or_else(|_| path.clone())
            .into_os_string(),
        Origin::Reader(_) | Origin::Object(_) => file.origin.shown().into(),
    }
}

/// Writes the files that can be read: their bytes, and their path and their name as JSON. What was found besides is in a
/// coverage line, before which there is nothing.
fn list(files: Vec<SourceFile>, options: &PartOptions, out: &mut dyn Write) -> io::Result<()> {
    let is_readable = |file: &SourceFile| matches!(file.found, Found::Readable(_));
    let (readable, others): (Vec<_>, Vec<_>) = files.into_iter().partition(is_readable);
    for file in &readable {
        if matches!(file.origin, Origin::Reader(_)) {
            let why = format!(
                "`{}` is a stream, which one process alone can read",
                file.name
            );
            return Err(io::Error::other(why));
        }
        let path = path(file);
        let path = match path.to_str() {
            Some(text) => Value::from(text),
            None => Value::from(path.as_encoded_bytes()),
        };
        let named = Value::from(vec![path, Value::from(file.name.as_str())]);
        writeln!(out, "{}\t{named}", file.size_bytes)?;
    }
    out.write_all(b"\t")?;
    extract(&others, &options.ingest, &Progress::default(), out)?;
    Ok(())
}

/// The files that lines of standard input name, and the names that they go by.
fn named(
    plan: &Plan,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<(Vec<SourceFile>, FileNames), Stop> {
    let bad =
        |why: &dyn std::fmt::Display| Stop::Message(format!("a line does not name a file: {why}"));
    let mut names = BTreeMap::new();
    for line in input(streams).lines() {
        let line = line.map_err(|error| bad(&error))?;
        let named: (Value, String) = serde_json::from_str(&line).map_err(|error| bad(&error))?;
        let path = match named.0.as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => serde_json::from_value(named.0).map_err(|error| bad(&error))?,
        };
        names.insert(path, named.1);
    }
    let paths: Vec<&[u8]> = names.keys().map(Vec::as_slice).collect();
    streams.stdin = Box::new(io::Cursor::new([&paths.join(&0)[..], b"\0"].concat()));
    let plan = Plan {
        operands: Vec::new(),
        files_from: Some(PathBuf::from(os_string(STDIN.as_bytes()))),
        ..plan.clone()
    };
    let FoundFiles { files, .. } = find_files(&plan, unfinished, streams)?;
    Ok((files, names))
}
