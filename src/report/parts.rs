//! What rows are made of: the results of every stage, and look-ups that rows share.
//!
//! Comes in: borrowed results of every stage. Goes out: the report that makes rows, and indexes of a few bytes
//! a push. Never: the row of a push.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::OnceLock;
use std::time::Duration;

use crate::event::{DigestId, Event, EventId, EventLog, Id, IdSet, RepositoryId};
use crate::finding::Finding;
use crate::ingest::Coverage;
use crate::problem::Problem;
use crate::report::filter::Filter;
use crate::report::row::{FindingRow, OptionsRow, SelectionRow, TellingRow, Text, WithdrawnRow};
use crate::session::behind::Assumptions;
use crate::session::{Session, Sessions};
use crate::source::SourceFile;
use crate::threads::Threads;

/// What a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// The files of the input, by [`crate::location::FileId`].
    pub files: &'a [SourceFile],
    /// The push events.
    pub log: &'a EventLog,
    /// What was read.
    pub coverage: &'a Coverage,
    /// The pushes.
    pub sessions: &'a Sessions,
    /// The conclusions.
    pub findings: &'a [Finding],
    /// The defects of the input.
    pub problems: &'a [Problem],
    /// The inactivity window that the pushes were put together with.
    pub window: Duration,
    /// The threads that make the rows.
    pub threads: &'a Threads,
}

/// All results, ready to be drawn.
#[derive(Debug)]
pub struct Report<'a> {
    pub(super) parts: Parts<'a>,
    pub(super) index: Lookups,
    /// Who assumed which role, if that was asked for.
    pub(super) roles: Option<Assumptions<'a>>,
    /// The pushes to report, as indexes into the sessions, in order.
    pub(super) selected: Vec<usize>,
    /// The events to report that belong to no push.
    pub(super) unplaced: Vec<EventId>,
    /// The filter that selected them.
    pub(super) filter: Filter,
    /// What the histories tell beside pushes.
    pub(super) told: HistoryChoice,
    /// What each criterion of the filter selects by itself.
    pub(super) selection: Vec<SelectionRow>,
    /// What was asked for and the log does not contain.
    pub(super) asked: Vec<Finding>,
    /// The codes of findings about the log as a whole that count for the exit status, if there is a filter.
    pub(super) counting: Vec<&'static str>,
    /// What the exit status is based on, if it was set.
    pub(super) options: Option<OptionsRow>,
    /// The selected pushes in the order of attention; only reports for people need it.
    pub(super) order: OnceLock<AttentionOrder>,
    /// Why each selected push is told, by id; `None` if all are.
    pub(super) tellings: Option<BTreeMap<String, TellingRow>>,
    /// The pushes that were told before and are none any more.
    pub(super) withdrawn: Vec<WithdrawnRow>,
}

/// The selected pushes in the order in which reports for people tell of them.
#[derive(Debug)]
pub(super) struct AttentionOrder {
    /// All of them, as indexes into the sessions.
    pub(super) positions: Vec<usize>,
    /// Those at the head that want attention, a stretch for each cause and caller.
    pub(super) groups: Vec<Range<usize>>,
}

/// What histories tell, chosen by the true names.
#[derive(Clone, Debug, Default)]
pub(super) struct HistoryChoice {
    /// The repositories that have one.
    pub(super) repositories: Vec<RepositoryId>,
    /// The calls outside pushes that may occur in them, as indexes into the log's.
    pub(super) beside: BTreeSet<usize>,
}

/// Look-ups that rows share, built once.
#[derive(Debug)]
pub(super) struct Lookups {
    /// The findings of each push that has any, as indexes into the findings.
    findings: BTreeMap<usize, Vec<usize>>,
    /// The blobs that an accepted manifest lists; a summary never needs them.
    listed: OnceLock<IdSet<(RepositoryId, DigestId)>>,
    /// The codes of findings about the log by the events that they name; only `--finding` needs them.
    of_logins: OnceLock<BTreeMap<EventId, Vec<&'static str>>>,
}

impl Lookups {
    /// # Complexity
    /// O((S + F) log S) for S pushes and F findings.
    pub(super) fn build(parts: &Parts<'_>) -> Self {
        let mut findings: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (position, finding) in parts.findings.iter().enumerate() {
            if let Some(session) = finding.session {
                findings.entry(session).or_default().push(position);
            }
        }
        Self {
            findings,
            listed: OnceLock::new(),
            of_logins: OnceLock::new(),
        }
    }

    /// The codes of findings about the log that name an event, such as a login that was refused.
    ///
    /// # Complexity
    /// O(log n); the first time, O(F log F) for F findings.
    pub(super) fn codes_of_login(&self, parts: &Parts<'_>, login: EventId) -> &[&'static str] {
        let codes = self.of_logins.get_or_init(|| {
            let mut codes: BTreeMap<EventId, Vec<&'static str>> = BTreeMap::new();
            for finding in parts
                .findings
                .iter()
                .filter(|finding| finding.session.is_none())
            {
                for &event in &finding.events {
                    codes.entry(event).or_default().push(finding.code);
                }
            }
            codes
        });
        codes.get(&login).map_or(&[], Vec::as_slice)
    }

    /// Whether an accepted manifest in the log lists a blob.
    ///
    /// # Complexity
    /// O(1); the first time, O(D) for D digests listed by manifests.
    pub(super) fn is_listed(
        &self,
        parts: &Parts<'_>,
        repository: RepositoryId,
        digest: DigestId,
    ) -> bool {
        let listed = self.listed.get_or_init(|| {
            let sessions = parts.sessions.sessions.iter();
            let of_session = sessions.filter_map(|session| Some((session.repository?, session)));
            of_session
                .flat_map(|(repository, session)| {
                    let blobs = session.listed_blobs(parts.log);
                    blobs.map(move |blob| (repository, blob))
                })
                .collect()
        });
        listed.contains(&(repository, digest))
    }
}

impl<'a> Report<'a> {
    /// The findings of a push.
    pub(super) fn findings_of(&self, position: usize) -> impl Iterator<Item = &'a Finding> + '_ {
        let positions = self.index.findings.get(&position);
        positions
            .into_iter()
            .flatten()
            .map(|&finding| &self.parts.findings[finding])
    }

    /// The row of a finding.
    pub(super) fn finding_row(&self, finding: &Finding) -> FindingRow {
        let text = |&id: &EventId| id_text(self.parts.log, id).into_owned();
        FindingRow {
            code: finding.code,
            severity: finding.severity,
            session: finding.session.map(|position| self.session_id(position)),
            message: finding.message.clone(),
            label: finding.label.clone(),
            help: finding.help.clone(),
            events: finding.events.iter().map(text).collect(),
        }
    }

    /// The id of the push at a position, as text.
    pub(super) fn session_id(&self, position: usize) -> String {
        self.parts.sessions.sessions[position].id.to_string()
    }
}

/// The first event of a push, which shows whose log it is in.
pub(super) fn first_event<'a>(parts: &Parts<'a>, session: &Session) -> Option<&'a Event> {
    let first = session.sequence.first()?;
    parts.log.events.get(first.index())
}

/// The `eventID` of an event.
pub(super) fn id_text(log: &EventLog, id: EventId) -> Text<'_> {
    log.event(id).event_id.text(&log.tables.texts)
}
