//! What is said of each push, in a form that can be kept and compared with what was said before.
//!
//! Comes in: a report. Goes out: for each push its id, its status, when it may be told, and fingerprints of what is said of
//! it. Never: anything that other pushes decide, such as a later run that made it good.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::event::EventId;
use crate::record;
use crate::report::parts::{Report, id_text};
use crate::report::row::{PushGroup, TellingRow, WithdrawnRow};
use crate::report::select::Choice;
use crate::report::{line, reason};
use crate::threads;

/// The names of what is compared, in the order of [`PushVerdict::facts`].
pub const FACTS: [&str; 7] = [
    "status",
    "repository",
    "identity",
    "address",
    "image",
    "calls",
    "login",
];

/// What is said of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushVerdict {
    /// Its position in the report.
    pub position: usize,
    /// Its id.
    pub id: String,
    /// The word of its status.
    pub status: &'static str,
    /// When it began.
    pub first: DateTime<Utc>,
    /// Its last call.
    pub last: DateTime<Utc>,
    /// Up to when the log goes that shows how it ended; `None` if there is none.
    pub log_ends: Option<DateTime<Utc>>,
    /// Fingerprints of the `eventID`s of its first and last call.
    pub anchors: [u64; 2],
    /// Fingerprints of what is said, as [`FACTS`] names them.
    pub facts: [u32; FACTS.len()],
}

impl Report<'_> {
    /// What is said of every push, whatever is selected, in order.
    ///
    /// # Complexity
    /// O(n) in the calls of pushes.
    #[must_use]
    pub fn verdicts(&self) -> Vec<PushVerdict> {
        let parts = self.parts;
        let positions: Vec<usize> = (0..parts.sessions.sessions.len()).collect();
        parts
            .threads
            .within(|| threads::map(positions, |position| self.verdict(position)))
    }

    fn verdict(&self, position: usize) -> PushVerdict {
        let parts = &self.parts;
        let session = &parts.sessions.sessions[position];
        let (line, reason) = (line::row(self, position), reason::row(self, session));
        let event = |id: &EventId| mark(&id_text(parts.log, *id));
        let some = |text: Option<&str>| text.unwrap_or("-").to_owned();
        let root = session.root().and_then(|root| root.digest);
        let image = root.map(|digest| parts.log.tables.digests.get(digest).to_string());
        let calls: u64 = session
            .sequence
            .iter()
            .map(event)
            .fold(0, u64::wrapping_add);
        let login = session
            .authorization
            .as_ref()
            .map(|link| event(&link.event));
        let status = PushGroup::of(&session.status).status().name();
        let facts = [
            format!(
                "{status} {} {} {}",
                some(reason.as_ref().map(|reason| reason.kind.name())),
                some(
                    reason
                        .as_ref()
                        .and_then(|reason| reason.error_code.as_deref())
                ),
                some(
                    reason
                        .as_ref()
                        .and_then(|reason| reason.event_id.as_deref())
                ),
            ),
            format!(
                "{} {} {}",
                some(line.registry.as_deref()),
                some(line.region.as_deref()),
                some(line.repository.as_deref())
            ),
            line.who,
            some(line.source_ip.as_deref()),
            format!("{} {}", some(image.as_deref()), line.tags.join(" ")),
            format!("{} {calls:x}", session.sequence.len()),
            format!("{:x}", login.unwrap_or(0)),
        ];
        let ends = [session.sequence.first(), session.sequence.last()];
        PushVerdict {
            position,
            id: session.id.to_string(),
            status,
            first: session.first,
            last: session.last,
            log_ends: session.log_ends(parts.log, parts.coverage),
            anchors: ends.map(|end| end.map_or(0, event)),
            facts: facts.map(|fact| short(mark(&fact))),
        }
    }

    /// The positions of the pushes that the calls of these fingerprints are in.
    ///
    /// # Complexity
    /// O(n log n) in the calls of pushes and the fingerprints.
    #[must_use]
    pub fn owners(&self, wanted: &BTreeSet<u64>) -> BTreeMap<u64, usize> {
        let mut owners = BTreeMap::new();
        for (position, session) in self.parts.sessions.sessions.iter().enumerate() {
            let marks = session
                .sequence
                .iter()
                .map(|id| mark(&id_text(self.parts.log, *id)));
            owners.extend(
                marks
                    .filter(|mark| wanted.contains(mark))
                    .map(|mark| (mark, position)),
            );
        }
        owners
    }

    /// The last instant of the log; `None` without a record.
    #[must_use]
    pub fn log_to(&self) -> Option<DateTime<Utc>> {
        Some(self.parts.coverage.interval()?.to)
    }

    /// Keeps only the pushes of a telling, and says of each why it is told.
    #[must_use]
    pub fn telling(
        mut self,
        told: BTreeMap<usize, TellingRow>,
        withdrawn: Vec<WithdrawnRow>,
    ) -> Self {
        self.selected = told.keys().copied().collect();
        // What belongs to no push may belong to one yet.
        self.unplaced = Vec::new();
        let sessions = &self.parts.sessions.sessions;
        let by_id = told.into_iter();
        self.tellings = Some(
            by_id
                .map(|(position, row)| (sessions[position].id.to_string(), row))
                .collect(),
        );
        self.withdrawn = withdrawn;
        self
    }

    /// Why a push is told; `None` if all are.
    #[must_use]
    pub fn told(&self, id: &str) -> Option<&TellingRow> {
        self.tellings.as_ref()?.get(id)
    }

    /// The pushes that were told before and are none any more; `None` if that was not asked.
    #[must_use]
    pub fn withdrawn(&self) -> Option<&[WithdrawnRow]> {
        self.tellings.as_ref().map(|_| &*self.withdrawn)
    }
}

impl Choice {
    /// Whether it has the push of a verdict.
    #[must_use]
    pub fn has_push(&self, verdict: &PushVerdict) -> bool {
        self.has(verdict.position)
    }
}

fn mark(text: &str) -> u64 {
    record::fingerprint(text)
}

fn short(mark: u64) -> u32 {
    // Both halves, so that none of it is lost.
    (mark >> 32) as u32 ^ mark as u32
}
