//! Which pushes want somebody's attention, and what ended them.
//!
//! Comes in: verdicts and findings. Goes out: for each push its attention and its cause, and the order in which
//! reports for people tell of pushes: what is unresolved first, then what cannot be known, then what a later run made
//! good, then the rest; pushes of one cause and one caller stand together. Never: a verdict of its own.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::event::EventId;
use crate::finding::{POLICY, Severity};
use crate::report::parts::{AttentionOrder, Report};
use crate::report::reason;
use crate::report::row::{Attention, CauseRow, PushGroup, Weight};
use crate::session::Status;
use crate::words;

/// Pushes that one cause ended and that one caller made.
#[derive(Clone, Debug)]
pub struct Affected<'a> {
    /// How much they want attention.
    pub attention: Attention,
    /// What ended them.
    pub cause: Option<CauseRow<'a>>,
    /// Who made them, without the session of a role.
    pub who: String,
    /// How many repositories they went to.
    pub n_repositories: u64,
    /// Where they stand in the order of attention.
    places: Range<usize>,
}

impl Affected<'_> {
    /// How many pushes there are.
    #[must_use]
    pub fn n_pushes(&self) -> u64 {
        self.places.len() as u64
    }
}

impl<'a> Report<'a> {
    /// The selected pushes that want attention, those of one cause and caller together: by attention, then those
    /// that came to nothing, then by most pushes, then by time.
    ///
    /// # Complexity
    /// O(A) in these pushes; the first time, O(S log S) in the selected pushes.
    #[must_use]
    pub fn affected(&self) -> Vec<Affected<'a>> {
        let groups = self.order().groups.iter();
        let affected = |places: &Range<usize>| {
            let positions = &self.by_attention()[places.clone()];
            let &first = positions.first()?;
            Some(Affected {
                attention: self.attention_of(first),
                cause: self.cause_of(first),
                who: self.principal_of(first),
                n_repositories: self.n_repositories(positions),
                places: places.clone(),
            })
        };
        groups.filter_map(affected).collect()
    }

    /// The pushes that one cause ended, by time.
    pub(super) fn affected_by(&self, of: &Affected<'_>) -> &[usize] {
        &self.by_attention()[of.places.clone()]
    }

    /// The selected pushes in the order in which reports for people tell of them. Of those that want no attention,
    /// those with a warning come first.
    pub(super) fn by_attention(&self) -> &[usize] {
        &self.order().positions
    }

    fn order(&self) -> &AttentionOrder {
        self.order.get_or_init(|| {
            let mut groups: BTreeMap<(Attention, bool, Option<CauseRow<'_>>, String), Vec<usize>> =
                BTreeMap::new();
            let (mut warned, mut well) = (Vec::new(), Vec::new());
            for &position in &self.selected {
                match self.attention_of(position) {
                    Attention::None if self.severity_of(position) >= Some(Severity::Warning) => {
                        warned.push(position);
                    }
                    Attention::None => well.push(position),
                    attention @ (Attention::Unresolved
                    | Attention::Undetermined
                    | Attention::MadeGood) => {
                        let session = &self.parts.sessions.sessions[position];
                        let is_done = session.status == Status::Complete;
                        let (cause, who) = (self.cause_of(position), self.principal_of(position));
                        let key = (attention, is_done, cause, who);
                        groups.entry(key).or_default().push(position);
                    }
                }
            }
            let mut groups: Vec<_> = groups.into_iter().collect();
            groups.sort_by_key(|((attention, is_done, ..), positions)| {
                let first = positions.first().copied();
                (*attention, *is_done, Reverse(positions.len()), first)
            });
            let mut order = AttentionOrder {
                positions: Vec::with_capacity(self.selected.len()),
                groups: Vec::with_capacity(groups.len()),
            };
            for (_, positions) in groups {
                let first = order.positions.len();
                order.positions.extend(positions);
                order.groups.push(first..order.positions.len());
            }
            order.positions.extend(warned);
            order.positions.extend(well);
            order
        })
    }

    /// Who made a push, without the session of a role.
    fn principal_of(&self, position: usize) -> String {
        let session = &self.parts.sessions.sessions[position];
        words::principal(self.parts.log.tables.identities.get(session.identity))
    }

    /// The worst severity of the findings about a push.
    pub(super) fn severity_of(&self, position: usize) -> Option<Severity> {
        let findings = self.findings_of(position);
        findings.map(|finding| finding.severity).max()
    }

    /// Whether a push wants attention. An error of its findings says that no later run made it good.
    pub(super) fn attention_of(&self, position: usize) -> Attention {
        let session = &self.parts.sessions.sessions[position];
        // That a push broke a rule says nothing about how it ended.
        let mut of_end = self.findings_of(position).filter(|of| of.code != POLICY);
        let mut is_error = || of_end.any(|finding| finding.severity == Severity::Error);
        match PushGroup::of(&session.status).weight() {
            Weight::Unknown => Attention::Undetermined,
            Weight::Bad if is_error() => Attention::Unresolved,
            Weight::Bad => Attention::MadeGood,
            Weight::Good | Weight::Plain | Weight::Harmless => {
                match self.refused_beside(position).is_some() {
                    true => Attention::Unresolved,
                    false => Attention::None,
                }
            }
        }
    }

    /// The refused call that an error of a push names, although the push itself succeeded: that of a tag.
    fn refused_beside(&self, position: usize) -> Option<EventId> {
        let errors = self.findings_of(position);
        let mut errors =
            errors.filter(|finding| finding.severity == Severity::Error && finding.code != POLICY);
        errors.find_map(|finding| {
            let event = *finding.events.first()?;
            self.parts.log.event(event).failure.map(|_| event)
        })
    }

    /// What ended a push, also that it sent nothing, which wants nobody's attention; `None` if all went well.
    pub(super) fn cause_of(&self, position: usize) -> Option<CauseRow<'a>> {
        let session = &self.parts.sessions.sessions[position];
        let log = self.parts.log;
        let refused = session.status.refusal();
        let refused = refused.or_else(|| match session.status {
            Status::Complete => self.refused_beside(position),
            Status::Failed { .. }
            | Status::Incomplete { .. }
            | Status::Unchanged
            | Status::Undetermined { .. } => None,
        });
        match refused {
            Some(id) => {
                let event = log.event(id);
                Some(CauseRow::Refused {
                    code: Cow::Borrowed(log.error_code(event).unwrap_or_default()),
                    service: event.service,
                    call: event.action.stage(),
                })
            }
            None => reason::kind(&session.status).map(CauseRow::Reason),
        }
    }

    /// The id of the push that made another good.
    pub(super) fn made_good_by(&self, position: usize) -> Option<String> {
        let later = self.parts.sessions.sessions[position].superseded_by;
        let is_good = self.attention_of(position) == Attention::MadeGood;
        later
            .filter(|_| is_good)
            .map(|later| self.session_id(later))
    }

    fn n_repositories(&self, positions: &[usize]) -> u64 {
        let sessions = &self.parts.sessions.sessions;
        let repositories = positions
            .iter()
            .map(|&position| sessions[position].repository);
        repositories.collect::<BTreeSet<_>>().len() as u64
    }
}
