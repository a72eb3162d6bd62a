//! Why a run stops before its end.
//!
//! Comes in: what went wrong. Goes out: a message with what to do next, and an exit status. Never: a true
//! name if the report has pseudonyms.

use std::io;

use clap::CommandFactory as _;
use clap::error::ErrorKind;

use crate::cli::args::Args;
use crate::cli::exit::ExitStatus;
use crate::cli::plan::Names;
use crate::cli::surroundings::Streams;
use crate::cli::usage::WrongUsage;
use crate::cli::{cloud, spelled};
use crate::event::Pseudonyms;
use crate::problem::Error;
use crate::render::plain;

/// Why a run stops before its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// Wrong usage, or help or version, which clap treats alike.
    Usage(clap::Error),
    /// The input or the output failed.
    Error(Error),
    /// Anything else, in words.
    Message(String),
}

impl From<WrongUsage> for Stop {
    fn from(WrongUsage(message): WrongUsage) -> Self {
        Self::Usage(Args::command().error(ErrorKind::ValueValidation, message))
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Stop {
    /// Writes the message; returns the resulting status.
    pub(super) fn tell(self, names: Names, streams: &mut Streams<'_>) -> ExitStatus {
        match self {
            Self::Usage(error) => usage(&error, streams),
            Self::Error(error) => {
                // Under pseudonyms the form that was meant would name the bucket.
                let tip = tip(&error).filter(|_| names == Names::True);
                let message = match tip {
                    Some(tip) => format!("{error}\n\n  tip: did you mean `{tip}`?"),
                    None => format!("{error}\n\n  help: {}", help(&error)),
                };
                failure(names, &message, streams)
            }
            Self::Message(message) => failure(names, &message, streams),
        }
    }
}

/// Prints a text that is not a report.
///
/// # Errors
/// If standard output cannot be written to; a reader who leaves early is no error.
pub(super) fn print(text: &[u8], streams: &mut Streams<'_>) -> Result<ExitStatus, Stop> {
    match streams
        .stdout
        .write_all(text)
        .and_then(|()| streams.stdout.flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Output(error).into()),
        Ok(()) | Err(_) => Ok(ExitStatus::Success),
    }
}

/// Writes help and version to standard output, wrong usage to standard error.
fn usage(error: &clap::Error, streams: &mut Streams<'_>) -> ExitStatus {
    let surroundings = &streams.surroundings;
    let is_terminal = match error.use_stderr() {
        true => surroundings.stderr_is_terminal,
        false => surroundings.stdout_is_terminal,
    };
    let text = match is_terminal && !surroundings.no_color {
        true => error.render().ansi().to_string(),
        false => error.render().to_string(),
    };
    if error.use_stderr() {
        // If standard error is closed, there is nobody to tell.
        let _ = streams.stderr.write_all(text.as_bytes());
        return ExitStatus::Failure;
    }
    print(text.as_bytes(), streams).unwrap_or_else(|stop| stop.tell(Names::True, streams))
}

/// The path that may have been meant.
fn tip(error: &Error) -> Option<String> {
    match error {
        Error::NoSuchPath { path, .. } => spelled::meant(path.to_str()?),
        Error::NoLogFiles { .. }
        | Error::Listing { .. }
        | Error::Output(_)
        | Error::PublicKeys { .. } => None,
    }
}

/// What to do about an error.
fn help(error: &Error) -> String {
    match error {
        Error::NoSuchPath { .. } => "check the spelling, and that this user may read it",
        Error::NoLogFiles { path } if path.starts_with("s3:") => {
            "check the spelling, and that --account and --region do not rule out all that is there"
        }
        Error::NoLogFiles { .. } => {
            "expected files as CloudTrail delivers them to S3: JSON, also compressed; \
             directories are searched with everything below them"
        }
        Error::Listing { source, .. } => match cloud::help(source) {
            Some(help) => return help,
            None => "check the address",
        },
        Error::Output(_) => "check that the place exists, may be written to and has room",
        Error::PublicKeys { .. } => {
            "expected what `aws cloudtrail list-public-keys --region REGION --start-time …` prints; \
             the outputs for several regions may follow one another in one file"
        }
    }
    .to_owned()
}

/// Says what went wrong; returns the status of a run that was impossible.
pub(super) fn failure(names: Names, message: &str, streams: &mut Streams<'_>) -> ExitStatus {
    let message = match names {
        Names::True => message.into(),
        Names::Redacted => hidden(message),
    };
    let lines: Vec<_> = message.split('\n').map(plain).collect();
    streams.tell(&format!("error: {}", lines.join("\n")));
    ExitStatus::Failure
}

/// A message without its names; if needed, its help names them again.
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
