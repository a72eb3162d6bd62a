//! SESSIONS -> FINDINGS: what somebody should know or do.
//!
//! Comes in: everything that was established. Goes out: [`Finding`]s with stable codes. Never: a
//! change of a session, or an ink colour.

pub mod checks;

use crate::event::{EventId, EventLog};
use crate::graph::EventGraph;
use crate::ingest::Coverage;
use crate::session::{Principals, Session, Sessions};

pub use checks::CHECKS;
pub use checks::code_of_error;

/// What a check may look at.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The push events.
    pub log: &'a EventLog,
    /// The evidence.
    pub graph: &'a EventGraph,
    /// The pushes.
    pub sessions: &'a Sessions,
    /// Which identities are one principal.
    pub principals: &'a Principals,
    /// What was read.
    pub coverage: &'a Coverage,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Worth a look.
    Warning,
    /// A push that did not end as it was meant to.
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
    /// The events concerned, the one that stands out first.
    pub events: Vec<EventId>,
    /// One sentence, lower case, without a full stop.
    pub message: String,
    /// What to write at the event that stands out, in a few words.
    pub label: String,
    /// What to do next.
    pub help: Option<String>,
}

impl Finding {
    /// The same with the words for the event that stands out.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        let label = label.into();
        Self { label, ..self }
    }

    /// The same with what to do next.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        let help = Some(help.into());
        Self { help, ..self }
    }

    /// The same, as bad as that.
    #[must_use]
    pub fn severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }
}

/// What a code stands for.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// The stable code.
    pub code: &'static str,
    /// A title.
    pub name: &'static str,
    /// The severity, or the worst of those it can have.
    pub severity: Severity,
    /// The page that `--explain` prints and `docs/findings.md` holds, in Markdown.
    pub doc: &'static str,
}

impl Code {
    /// A finding about a push, with the events concerned, the one that stands out first.
    fn of(&self, session: usize, events: Vec<EventId>, message: String) -> Finding {
        Finding {
            session: Some(session),
            events,
            ..self.of_log(message)
        }
    }

    /// A finding about the log as a whole.
    fn of_log(&self, message: String) -> Finding {
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
    pub run: Run,
}

/// How a check is run.
#[derive(Clone, Copy, Debug)]
pub enum Run {
    /// Made ready once, then asked about each push in turn.
    Push(for<'c> fn(&'c Context<'c>) -> Ask<'c>),
    /// Asked once, about the log as a whole or about pushes beside each other.
    Log(fn(&Context<'_>, &mut Vec<Finding>)),
}

/// What a check has to say of a push, given by its index among the sessions.
pub type Ask<'c> = Box<dyn FnMut(usize, &'c Session, &mut Vec<Finding>) + 'c>;

/// Everything that can be found, in the order of `docs/findings.md`.
pub fn codes() -> impl Iterator<Item = &'static Code> + Clone {
    CHECKS.iter().flat_map(|check| check.codes)
}

/// Runs every check; findings come by push, then by check.
///
/// A push is asked about by all checks before the next one: its events lie scattered in a log that
/// no cache holds, and the first check to look at them brings them near for the others.
#[must_use]
pub fn examine(context: &Context<'_>) -> Vec<Finding> {
    let mut findings: Vec<(usize, Finding)> = Vec::new();
    let mut asked: Vec<(usize, Ask<'_>)> = Vec::new();
    let mut found = Vec::new();
    for (row, check) in CHECKS.iter().enumerate() {
        match check.run {
            Run::Push(ready) => asked.push((row, ready(context))),
            Run::Log(run) => run(context, &mut found),
        }
        findings.extend(found.drain(..).map(|finding| (row, finding)));
    }
    for (index, session) in context.sessions.sessions.iter().enumerate() {
        for (row, ask) in &mut asked {
            ask(index, session, &mut found);
            findings.extend(found.drain(..).map(|finding| (*row, finding)));
        }
    }
    findings.sort_by_key(|(row, finding)| (finding.session.unwrap_or(usize::MAX), *row));
    findings.into_iter().map(|(_, finding)| finding).collect()
}
