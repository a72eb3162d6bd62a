//! The calls of a push as rows, each made on demand.
//!
//! Comes in: a session. Goes out: the row at a place, the login first. Never: all rows of a push at
//! once, so a push of a million calls takes no more memory than one of ten.

use std::sync::OnceLock;

use serde::{Serialize, Serializer};

use crate::event::{EventId, Id};
use crate::graph::Evidence;
use crate::report::event;
use crate::report::parts::{self, Parts};
use crate::report::row::event::{AlternativeRow, BecauseRow, EventRow};
use crate::report::row::word::Text;
use crate::session::{Alternative, Because, Session};

/// The calls of a push: the login if it is known, then its own calls in causal order.
#[derive(Clone, Debug)]
pub struct Events<'a> {
    parts: Parts<'a>,
    session: &'a Session,
    /// Other pushes that calls could belong to, by call.
    alternatives: Vec<&'a Alternative>,
    /// The places of the push's own calls, by call; for renderers that link calls to each other.
    own_places: OnceLock<Vec<(EventId, u32)>>,
}

impl<'a> Events<'a> {
    pub(super) fn new(parts: Parts<'a>, session: &'a Session) -> Self {
        let mut alternatives: Vec<&Alternative> = session.alternatives.iter().collect();
        alternatives.sort_by_key(|alternative| alternative.event.index());
        Self {
            parts,
            session,
            alternatives,
            own_places: OnceLock::new(),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::from(self.session.authorization.is_some()) + self.session.sequence.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row at a place.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<EventRow<'a>> {
        match (place, self.session.authorization.as_ref()) {
            (0, Some(link)) => Some(EventRow {
                shared: true,
                offset_s: Some(self.offset_s(link.event)),
                because: vec![BecauseRow {
                    evidence: Evidence::Authorization,
                    with: None,
                    digest: None,
                    strength: link.strength,
                }],
                ..event::row(&self.parts, link.event)
            }),
            (place, Some(_)) => self.own(place - 1),
            (place, None) => self.own(place),
        }
    }

    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = EventRow<'a>> + '_ {
        (0..self.len()).filter_map(|place| self.get(place))
    }

    /// The login's row.
    #[must_use]
    pub fn login(&self) -> Option<EventRow<'a>> {
        self.get(0).filter(|event| event.shared)
    }

    /// The places of the push's own calls.
    #[doc(hidden)]
    #[must_use]
    pub fn places(&self) -> std::ops::Range<usize> {
        usize::from(self.session.authorization.is_some())..self.len()
    }

    /// Seconds from the push's first event to each call.
    #[doc(hidden)]
    pub fn seconds(&self) -> impl Iterator<Item = i64> + '_ {
        let login = self.session.authorization.as_ref().map(|link| link.event);
        let own = self.session.sequence.iter().copied();
        login.into_iter().chain(own).map(|id| self.offset_s(id))
    }

    /// The `eventID`s, in order.
    #[doc(hidden)]
    pub fn ids(&self) -> impl Iterator<Item = Text<'a>> + '_ {
        let login = self.session.authorization.as_ref().map(|link| link.event);
        let own = self.session.sequence.iter().copied();
        let ids = login.into_iter().chain(own);
        ids.map(|id| parts::id_text(self.parts.log, id))
    }

    /// The place of the call that the call at `place` is joined to.
    ///
    /// # Complexity
    /// O(log n) for n calls; O(n log n) the first time.
    #[doc(hidden)]
    #[must_use]
    pub fn joined_to(&self, place: usize) -> Option<usize> {
        let own = place.checked_sub(self.places().start)?;
        let because = self.session.because.get(own)?;
        let with = because.evidence.and(because.with)?;
        let places = self.own_places.get_or_init(|| {
            let sequence = self.session.sequence.iter().copied();
            let mut places: Vec<(EventId, u32)> = sequence.zip(0..).collect();
            places.sort_unstable_by_key(|place| place.0.index());
            places
        });
        let found = places.binary_search_by_key(&with.index(), |place| place.0.index());
        Some(self.places().start + places[found.ok()?].1 as usize)
    }

    fn own(&self, place: usize) -> Option<EventRow<'a>> {
        let &id = self.session.sequence.get(place)?;
        let because = self.session.because.get(place);
        let from = (self.alternatives).partition_point(|other| other.event.index() < id.index());
        let others = self.alternatives[from..].iter();
        let others = others.take_while(|other| other.event == id);
        Some(EventRow {
            offset_s: Some(self.offset_s(id)),
            because: because
                .and_then(|because| self.because(because))
                .into_iter()
                .collect(),
            alternatives: others.map(|other| self.alternative(other)).collect(),
            ..event::row(&self.parts, id)
        })
    }

    fn offset_s(&self, id: EventId) -> i64 {
        (self.parts.log.event(id).time - self.session.first).num_seconds()
    }

    fn because(&self, because: &Because) -> Option<BecauseRow<'a>> {
        let (log, evidence) = (self.parts.log, because.evidence?);
        Some(BecauseRow {
            evidence,
            with: because.with.map(|id| parts::id_text(log, id)),
            digest: evidence
                .witness()
                .map(|digest| log.tables.digests.get(digest).to_string()),
            strength: evidence.about().strength,
        })
    }

    fn alternative(&self, other: &Alternative) -> AlternativeRow {
        let sessions = &self.parts.sessions.sessions;
        AlternativeRow {
            session: sessions[other.session].id.to_string(),
            evidence: other.evidence,
            strength: other.evidence.about().strength,
        }
    }
}

impl Serialize for Events<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
