//! The streams of the program and its surroundings: the terminal, the environment, the clock.
//!
//! Comes in: the process, or a test's substitute. Goes out: streams and plain values. Never: a query to
//! the process anywhere else.

use std::io::{self, IsTerminal as _, Read, Write};

use chrono::{DateTime, Utc};

use crate::cli::environment::Environment;
use crate::cli::settings::Settings;
use crate::cli::zone;
use crate::source::Waits;

/// The columns of text without a terminal and without `--width`.
pub(super) const WIDTH: usize = 80;

/// Where the program reads and writes, and its surroundings.
pub struct Streams<'a> {
    /// What `-` reads.
    pub stdin: Box<dyn Read + Send>,
    /// For the report.
    pub stdout: &'a mut (dyn Write + Send),
    /// For everything else.
    pub stderr: &'a mut dyn Write,
    /// The surroundings of the program.
    pub surroundings: Surroundings,
}

/// What the program knows about its surroundings; nothing else queries them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// The current time, from which ages such as `7d` count back.
    pub now: DateTime<Utc>,
    /// The name of the machine's time zone.
    pub zone: Option<String>,
    /// The environment: how to reach AWS, and with which credentials.
    pub environment: Environment,
    /// How long to wait for answers from a network.
    pub waits: Waits,
    /// The user's defaults for options that are not given.
    pub settings: Settings,
}

impl Streams<'_> {
    /// Writes a line to standard error.
    pub(super) fn tell(&mut self, line: &str) {
        // If standard error is closed, there is nobody to tell.
        let _ = writeln!(self.stderr, "{line}").and_then(|()| self.stderr.flush());
    }
}

impl Surroundings {
    /// The terminal's columns, or [`WIDTH`] without a terminal.
    pub(super) fn columns(&self) -> usize {
        self.width.unwrap_or(WIDTH)
    }

    /// No terminal and no environment, for comparing the output of runs.
    #[must_use]
    pub fn none() -> Self {
        Self {
            unicode: true,
            ..Self::default()
        }
    }

    /// Queries the terminal and the environment.
    #[must_use]
    pub fn detect() -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let forced = std::env::var_os("CLICOLOR_FORCE");
        let size = terminal_size::terminal_size();
        let environment = Environment::detect();
        Self {
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal: io::stderr().is_terminal(),
            width: size.map(|(width, _)| usize::from(width.0)),
            no_color: is_set("NO_COLOR"),
            force_color: forced.is_some_and(|value| !value.is_empty() && value != "0"),
            unicode: locale_is_unicode(),
            pager: pager_of_user(),
            now: DateTime::from(std::time::SystemTime::now()),
            zone: zone::of_machine(&environment),
            environment,
            waits: Waits::default(),
            settings: Settings::detect(),
        }
    }
}

/// `PAGER`, or else `less`; none on a terminal that cannot go back a line.
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
