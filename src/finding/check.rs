//! The types of a check: what it may look at, and what it finds.
//!
//! Every check is built from these types, and none of them knows a check.

use crate::event::{EventId, EventLog};
use crate::facts::Facts;
use crate::finding::made_good::MadeGood;
use crate::graph::EventGraph;
use crate::ingest::Coverage;
use crate::problem::Problem;
use crate::session::beyond::Answers;
use crate::session::{Session, Sessions};
use crate::source::SourceFile;

/// What a check may look at.
#[derive(Debug)]
pub struct Context<'a> {
    /// The push events.
    pub log: &'a EventLog,
    /// The evidence.
    pub graph: &'a EventGraph,
    /// The pushes.
    pub sessions: &'a Sessions,
    /// What was read.
    pub coverage: &'a Coverage,
    /// The files of the input.
    pub files: &'a [SourceFile],
    /// The defects of the input.
    pub problems: &'a [Problem],
    /// Which failures later runs made good.
    pub(super) made_good: MadeGood<'a>,
    pub(super) beyond: Beyond<'a>,
}

/// What a check may look at that looks beyond one repository; others are not given it.
#[derive(Clone, Copy, Debug)]
pub struct Beyond<'a> {
    /// What repositories have to know of each other.
    pub facts: &'a Facts<'a>,
    /// What other logs answer; `None` if this log holds all pushes.
    pub answers: Option<&'a Answers>,
}

impl<'a> Context<'a> {
    /// Looks up once what several checks need.
    #[must_use]
    pub fn new(
        log: &'a EventLog,
        graph: &'a EventGraph,
        sessions: &'a Sessions,
        coverage: &'a Coverage,
        files: &'a [SourceFile],
        problems: &'a [Problem],
        beyond: Beyond<'a>,
    ) -> Self {
        Self {
            log,
            graph,
            sessions,
            coverage,
            files,
            problems,
            made_good: MadeGood::new(log, sessions),
            beyond,
        }
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Worth a look.
    Warning,
    /// A push that did not end as intended.
    Error,
}

impl Severity {
    /// The name that reports use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A conclusion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The stable code.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The push, as an index into the sessions; `None` for the log as a whole.
    pub session: Option<usize>,
    /// The events concerned, the most notable first.
    pub events: Vec<EventId>,
    /// One sentence, lower case, without a full stop.
    pub message: String,
    /// A few words to write at the most notable event.
    pub label: String,
    /// What to do next.
    pub help: Option<String>,
}

impl Finding {
    /// This finding with words for its most notable event.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        let label = label.into();
        Self { label, ..self }
    }

    /// This finding with what to do next.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        let help = Some(help.into());
        Self { help, ..self }
    }

    /// This finding with another severity.
    #[must_use]
    pub fn severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }
}

/// The meaning of a code.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// The stable code.
    pub code: &'static str,
    /// A title.
    pub name: &'static str,
    /// The severity, or the worst if there are several.
    pub severity: Severity,
    /// The page that `--explain` prints and `docs/findings.md` holds, in Markdown.
    pub doc: &'static str,
}

impl Code {
    /// A finding about a push, with the events concerned, the most notable first.
    pub(super) fn of(&self, session: usize, events: Vec<EventId>, message: String) -> Finding {
        Finding {
            session: Some(session),
            events,
            ..self.of_log(message)
        }
    }

    /// A finding about the log as a whole.
    pub(super) fn of_log(&self, message: String) -> Finding {
        Finding {
            code: self.code,
            severity: self.severity,
            session: None,
            events: Vec::new(),
            message,
            label: String::new(),
            help: None,
        }
    }
}

/// A row of the table of checks.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// What it can find.
    pub codes: &'static [Code],
    /// The check itself.
    pub run: Runner,
}

impl Check {
    /// A row.
    pub(super) const fn new(codes: &'static [Code], run: Runner) -> Self {
        Self { codes, run }
    }
}

/// How a check is run, and how far it looks.
///
/// The log of a check that does not look beyond may be one repository, the logins of one principal, or what a report
/// says of the input: with the rest of the log it must find the same.
#[derive(Clone, Copy, Debug)]
pub enum Runner {
    /// Prepared once, then asked about each push, by several threads in any order.
    Push(for<'c> fn(&'c Context<'c>) -> Ask<'c>),
    /// As `Push`, but looks at what other repositories show.
    PushBeyond(for<'c> fn(&'c Context<'c>, Beyond<'c>) -> Ask<'c>),
    /// Called once, about the input or about pushes and logins in comparison.
    Log(fn(&Context<'_>, &mut Vec<Finding>)),
    /// As `Log`, but compares what is in several repositories.
    LogBeyond(fn(&Context<'_>, Beyond<'_>, &mut Vec<Finding>)),
    /// Not run here: the finding is about what a report was asked for, which only the report knows.
    Asked,
}

/// A check's question about a push, given by its index among the sessions.
pub type Ask<'c> = Box<dyn Fn(usize, &'c Session, &mut Vec<Finding>) + Send + Sync + 'c>;
