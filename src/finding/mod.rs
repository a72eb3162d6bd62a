//! SESSIONS -> FINDINGS: what somebody should know or do.
//!
//! Comes in: everything that was established. Goes out: [`Finding`]s with stable codes. Never: a
//! change of a session, or an ink colour.

pub mod checks;

use crate::event::{EventId, EventLog};
use crate::graph::EventGraph;
use crate::ingest::Coverage;
use crate::problem::Problem;
use crate::session::{Session, Sessions};
use crate::source::SourceFile;
use crate::threads;

pub use checks::CHECKS;
pub use checks::code_of_error;
pub(crate) use checks::{LOG_HOLE, OF_INPUT, OF_LOGINS};
pub(crate) use checks::{code_of_doubt, not_in_log, period_not_covered};

/// What a check may look at.
#[derive(Clone, Copy, Debug)]
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
    /// Made ready once, then asked about each push, by several threads in any order.
    Push(for<'c> fn(&'c Context<'c>) -> Ask<'c>),
    /// Asked once, about the log as a whole or about pushes beside each other.
    Log(fn(&Context<'_>, &mut Vec<Finding>)),
    /// Not here: it is about what a report was asked for, which the report knows.
    Asked,
}

/// What a check has to say of a push, given by its index among the sessions.
pub type Ask<'c> = Box<dyn Fn(usize, &'c Session, &mut Vec<Finding>) + Send + Sync + 'c>;

/// Everything that can be found, in the order of `docs/findings.md`.
pub fn codes() -> impl Iterator<Item = &'static Code> + Clone {
    CHECKS.iter().flat_map(|check| check.codes)
}

/// How many pushes a thread looks at before it asks for more.
const PORTION: usize = 1 << 10;

/// Runs every check; findings come by push, then by check.
///
/// A push is asked about by all checks before the next one: its events lie scattered in a log that
/// no cache holds, and the first check to look at them brings them near for the others.
#[must_use]
pub fn examine(context: &Context<'_>) -> Vec<Finding> {
    let (mut of_log, mut of_push) = (Vec::new(), Vec::new());
    for (row, check) in CHECKS.iter().enumerate() {
        match check.run {
            Run::Log(run) => of_log.push((row, run)),
            Run::Push(ready) => of_push.push((row, ready)),
            Run::Asked => {}
        }
    }
    let of_log = threads::map(of_log, |(row, run)| {
        let mut found = Vec::new();
        run(context, &mut found);
        numbered(row, found).collect::<Vec<_>>()
    });
    let asked: Vec<(usize, Ask<'_>)> = threads::map(of_push, |(row, ready)| (row, ready(context)));
    let sessions = &context.sessions.sessions;
    let starts = (0..sessions.len()).step_by(PORTION).collect();
    let of_pushes = threads::map(starts, |start| {
        let (mut findings, mut found) = (Vec::new(), Vec::new());
        for (index, session) in sessions.iter().enumerate().skip(start).take(PORTION) {
            for (row, ask) in &asked {
                ask(index, session, &mut found);
                findings.extend(numbered(*row, found.drain(..)));
            }
        }
        findings
    });
    let mut findings: Vec<Numbered> = of_log.into_iter().chain(of_pushes).flatten().collect();
    findings.sort_by_key(|(row, finding)| (finding.session.unwrap_or(usize::MAX), *row));
    findings.into_iter().map(|(_, finding)| finding).collect()
}

/// A finding with the row of its check.
type Numbered = (usize, Finding);

fn numbered(
    row: usize,
    findings: impl IntoIterator<Item = Finding>,
) -> impl Iterator<Item = Numbered> {
    findings.into_iter().map(move |finding| (row, finding))
}
