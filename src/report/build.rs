//! The report: the results of all stages, behind methods that make rows on demand.
//!
//! Comes in: borrowed results of every stage. Goes out: rows, one by one. Never: all rows at once;
//! only indexes of a few bytes a push are built ahead.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::OnceLock;

use crate::event::{EventId, IdSet};
use crate::finding::{Finding, OF_LOGINS, POLICY, Severity};
use crate::ingest::Coverage;
use crate::problem::Problem;
use crate::report::attention::Affected;
use crate::report::coverage;
use crate::report::event;
use crate::report::filter::Filter;
use crate::report::line;
use crate::report::parts::{HistoryChoice, Lookups, Parts, Report};
use crate::report::problem;
use crate::report::row::{CoverageRow, EventRow, FindingRow, LineRow, OptionsRow};
use crate::report::row::{
    GroupCounts, MissingRow, ProblemRow, PushGroup, SelectionRow, SessionRow, SummaryRow,
};
use crate::report::session;
use crate::session::Session;
use crate::session::behind::Assumptions;
use crate::source::SourceFile;
use crate::threads;

/// How many rows are made in one batch: enough for many threads, and a bound on the memory of rows
/// that wait to be written.
const BATCH_ROWS: usize = 1 << 13;

/// How many rows a push has: its calls, and the blobs it lists but did not upload.
fn n_rows(session: &Session) -> usize {
    session.sequence.len() + session.reused.len() + session.reused_manifests.len()
}

/// Writes a push.
pub type Draw<'s, 'a> = dyn Fn(SessionRow<'a>, &mut dyn Write) -> io::Result<()> + Sync + 's;

/// A push to be written.
pub enum Drawn<'s, 'a> {
    /// As text.
    Made(io::Result<Vec<u8>>),
    /// Too large to hold as text: it is drawn while it is written.
    Large(&'s Report<'a>, usize, &'s Draw<'s, 'a>),
}

impl Drawn<'_, '_> {
    /// Writes it.
    ///
    /// # Errors
    /// If it could not be drawn or `out` does not take it.
    pub fn write(self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Made(text) => out.write_all(&text?),
            Self::Large(report, position, draw) => draw(session::row(report, position), out),
        }
    }
}

/// How many defects there are, including those that are only counted.
#[must_use]
pub fn n_problems<'a>(problems: impl IntoIterator<Item = &'a Problem>) -> u64 {
    let weights = problems.into_iter().map(|problem| problem.kind.weight());
    weights.fold(0, u64::saturating_add)
}

/// Rows of defects of the input, without a report. An extract names the files in its coverage.
pub fn problem_rows<'a>(
    files: &'a [SourceFile],
    coverage: &'a Coverage,
    problems: impl IntoIterator<Item = &'a Problem>,
) -> impl Iterator<Item = ProblemRow> {
    let problems = problems.into_iter();
    problems.map(|defect| problem::row(files, coverage, defect))
}

/// Rows of missing log files, without a report; hours that follow one another are one stretch.
#[must_use]
pub fn missing_rows(coverage: &Coverage) -> Vec<MissingRow> {
    coverage::missing(&coverage.missing_stretches())
}

impl<'a> Report<'a> {
    /// Makes the report of all pushes.
    #[doc(hidden)]
    #[must_use]
    pub fn build(parts: Parts<'a>) -> Self {
        Self {
            index: Lookups::build(&parts),
            roles: Assumptions::new(parts.log),
            pulled: None,
            selected: (0..parts.sessions.sessions.len()).collect(),
            unplaced: parts.sessions.unplaced.clone(),
            filter: Filter::default(),
            told: HistoryChoice::default(),
            selection: Vec::new(),
            asked: Vec::new(),
            counting: Vec::new(),
            calls: BTreeSet::new(),
            options: None,
            order: OnceLock::new(),
            tellings: None,
            withdrawn: Vec::new(),
            parts,
        }
    }

    /// Adds what the exit status is based on.
    #[doc(hidden)]
    #[must_use]
    pub fn made_with(self, options: OptionsRow) -> Self {
        let options = Some(options);
        Self { options, ..self }
    }

    /// What the exit status is based on; `None` if nobody said.
    #[doc(hidden)]
    #[must_use]
    pub fn options(&self) -> Option<&OptionsRow> {
        self.options.as_ref()
    }

    /// What was read and what it covers.
    #[must_use]
    pub fn coverage(&self) -> CoverageRow {
        coverage::row(self.parts.files, self.parts.coverage)
    }

    /// The counts of pushes.
    #[must_use]
    pub fn summary(&self) -> SummaryRow {
        let mut groups = GroupCounts::default();
        for &position in &self.selected {
            groups.add(PushGroup::of(
                &self.parts.sessions.sessions[position].status,
            ));
        }
        SummaryRow {
            pushes: self.selected.len() as u64,
            in_log: self.parts.sessions.sessions.len() as u64,
            groups,
            unplaced: self.unplaced.len() as u64,
            problems: n_problems(self.parts.problems),
            window_s: self.parts.window.as_secs(),
        }
    }

    /// The selected pushes, by time of the first event.
    pub fn sessions(&self) -> impl Iterator<Item = SessionRow<'a>> + '_ {
        let selected = self.selected.iter();
        selected.map(|&position| session::row(self, position))
    }

    /// The selected pushes, by time of the first event. All threads draw them, at most one batch
    /// ahead of the writer.
    #[doc(hidden)]
    pub fn drawn<'s>(&'s self, draw: &'s Draw<'s, 'a>) -> impl Iterator<Item = Drawn<'s, 'a>> + 's {
        let make = move |position| self.draw(position, draw);
        self.batches(self.selected.iter().copied(), make)
    }

    /// The selected pushes whose line is wanted, those first that want attention, drawn by [`Self::drawn`]'s rules.
    #[doc(hidden)]
    pub fn drawn_by_attention<'s>(
        &'s self,
        is_wanted: impl Fn(&LineRow<'a>) -> bool + Sync + 's,
        draw: &'s Draw<'s, 'a>,
    ) -> impl Iterator<Item = Drawn<'s, 'a>> + 's {
        let make = move |position| {
            let is_wanted = is_wanted(&line::row(self, position));
            is_wanted.then(|| self.draw(position, draw))
        };
        self.batches(self.by_attention().iter().copied(), make)
            .flatten()
    }

    fn draw<'s>(&'s self, position: usize, draw: &'s Draw<'s, 'a>) -> Drawn<'s, 'a> {
        if n_rows(&self.parts.sessions.sessions[position]) > BATCH_ROWS {
            return Drawn::Large(self, position, draw);
        }
        let mut text = Vec::new();
        let done = draw(session::row(self, position), &mut text);
        Drawn::Made(done.map(|()| text))
    }

    /// What `draw` makes of the line of each selected push, in order, drawn by all threads.
    #[doc(hidden)]
    pub fn lines<'s, T: Send + 's>(
        &'s self,
        draw: impl Fn(LineRow<'a>) -> T + Sync + 's,
    ) -> impl Iterator<Item = T> + 's {
        let make = move |position| draw(line::row(self, position));
        self.batches(self.selected.iter().copied(), make)
    }

    /// What `draw` makes of the line of each selected push, those first that want attention, drawn by all threads.
    #[doc(hidden)]
    pub fn lines_by_attention<'s, T: Send + 's>(
        &'s self,
        draw: impl Fn(LineRow<'a>) -> T + Sync + 's,
    ) -> impl Iterator<Item = T> + 's {
        let make = move |position| draw(line::row(self, position));
        self.batches(self.by_attention().iter().copied(), make)
    }

    /// The selected pushes by time of the first event, without their events and layers: enough for a
    /// line each.
    #[doc(hidden)]
    pub fn outlines(&self) -> impl Iterator<Item = SessionRow<'a>> + '_ {
        let selected = self.selected.iter();
        selected.map(|&position| session::outline(self, position))
    }

    /// The outlines of the selected pushes, with layers.
    #[doc(hidden)]
    pub fn outlines_with_layers(&self) -> impl Iterator<Item = SessionRow<'a>> + '_ {
        let selected = self.selected.iter();
        selected.map(|&position| session::outline_with_layers(self, position))
    }

    /// The selected pushes without their events and layers, those first that want attention.
    #[doc(hidden)]
    pub fn outlines_by_attention(&self) -> impl Iterator<Item = SessionRow<'a>> + '_ {
        let positions = self.by_attention().iter().copied();
        positions.map(|position| session::outline(self, position))
    }

    /// The selected pushes, those first that want attention.
    #[doc(hidden)]
    pub fn sessions_by_attention(&self) -> impl Iterator<Item = SessionRow<'a>> + '_ {
        let positions = self.by_attention().iter().copied();
        positions.map(|position| session::row(self, position))
    }

    /// The lines of pushes that one cause ended, by time.
    #[doc(hidden)]
    pub fn lines_of<'s>(
        &'s self,
        affected: &'s Affected<'a>,
    ) -> impl Iterator<Item = LineRow<'a>> + 's {
        let positions = self.affected_by(affected).iter();
        positions.map(|&position| line::row(self, position))
    }

    /// What is made of the pushes at the given positions, in that order.
    ///
    /// The result is freed by another thread than made it, which allocators dislike: a few large
    /// parts are better than many small ones.
    pub(super) fn batches<'s, T: Send + 's>(
        &'s self,
        mut positions: impl Iterator<Item = usize> + 's,
        make: impl Fn(usize) -> T + Sync + 's,
    ) -> impl Iterator<Item = T> + 's {
        let threads = self.parts.threads;
        let most = match threads.count() {
            1 => 1,
            _ => BATCH_ROWS,
        };
        let sessions = &self.parts.sessions.sessions;
        let batches = std::iter::from_fn(move || {
            let (mut batch, mut n) = (Vec::new(), 0);
            while n < most {
                let Some(position) = positions.next() else {
                    break;
                };
                n += n_rows(&sessions[position]);
                batch.push(position);
            }
            (!batch.is_empty()).then(|| threads.within(|| threads::map(batch, &make)))
        });
        batches.flatten()
    }

    /// The criteria of the filter, with what each selects by itself; none without a filter.
    #[must_use]
    pub fn selection(&self) -> &[SelectionRow] {
        &self.selection
    }

    /// The selected events that belong to no push.
    pub fn unplaced(&self) -> impl Iterator<Item = EventRow<'a>> + '_ {
        let log = self.parts.log;
        self.unplaced.iter().map(move |&id| {
            let identity = log.tables.identities.get(log.event(id).identity);
            EventRow {
                identity: Some(session::identity(identity)),
                ..event::row(&self.parts, id)
            }
        })
    }

    /// Conclusions about the log as a whole. Those about what was asked for come first; those about
    /// logins are included if one of their logins is selected.
    pub fn findings(&self) -> impl Iterator<Item = FindingRow> + '_ {
        let of_log = self.findings_of_log();
        let of_log = of_log.map(|finding| self.finding_row(finding));
        self.asked().chain(of_log)
    }

    /// Conclusions about what was asked for and the log does not contain.
    #[doc(hidden)]
    pub fn asked(&self) -> impl Iterator<Item = FindingRow> + '_ {
        self.asked.iter().map(|finding| self.finding_row(finding))
    }

    fn findings_of_log(&self) -> impl Iterator<Item = &'a Finding> + '_ {
        let selected: IdSet<EventId> = match self.filter.is_all() {
            true => IdSet::default(),
            false => self.unplaced.iter().copied().collect(),
        };
        self.parts.findings.iter().filter(move |finding| {
            let is_of_logins = finding.code == OF_LOGINS && !self.filter.is_all();
            let mut events = finding.events.iter();
            let is_asked = |call: usize| self.filter.is_all() || self.calls.contains(&call);
            finding.session.is_none()
                && (!is_of_logins || events.any(|event| selected.contains(event)))
                && finding.beside.is_none_or(is_asked)
        })
    }

    /// Defects of the input.
    pub fn problems(&self) -> impl Iterator<Item = ProblemRow> + '_ {
        let problems = self.parts.problems.iter();
        problems.map(|defect| problem::row(self.parts.files, self.parts.coverage, defect))
    }

    /// The defects that people want one by one, and how many others there are: absent log files, which the
    /// [coverage](CoverageRow::missing) counts by hour.
    pub(crate) fn problems_for_people(&self) -> (impl Iterator<Item = ProblemRow> + '_, u64) {
        let is_absent = |problem: &&Problem| problem.kind.is_absent_log();
        let n_absent = self.parts.problems.iter().filter(is_absent).count();
        let others = self
            .parts
            .problems
            .iter()
            .filter(move |problem| !is_absent(problem));
        let row = |defect| problem::row(self.parts.files, self.parts.coverage, defect);
        (others.map(row), n_absent as u64)
    }

    /// How many selected pushes break the policy, and how many calls beside them.
    #[doc(hidden)]
    #[must_use]
    pub fn against_policy(&self) -> (u64, u64) {
        let is_broken = |of: &Finding| of.code == POLICY && of.severity == Severity::Error;
        let breaks = |position: &&usize| self.findings_of(**position).any(is_broken);
        let pushes = self.selected.iter().filter(breaks).count();
        let calls = self.findings_of_log().filter(|of| is_broken(of)).count();
        (pushes as u64, calls as u64)
    }

    /// The worst severity among the findings of the selected pushes and logins, those about what was
    /// asked for, and those about the log as a whole that concern what was asked for. Without a
    /// filter, all findings count.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        let counts = |finding: &&Finding| {
            // What is said of the log is said each time, and nothing that is told once.
            self.tellings.is_none()
                && (self.filter.is_all()
                    || finding.code == OF_LOGINS
                    || finding.beside.is_some()
                    || self.counting.contains(&finding.code))
        };
        let of_log = self.findings_of_log().filter(counts).chain(&self.asked);
        let of_pushes = self
            .selected
            .iter()
            .flat_map(|&position| self.findings_of(position));
        of_log
            .chain(of_pushes)
            .map(|finding| finding.severity)
            .max()
    }
}
