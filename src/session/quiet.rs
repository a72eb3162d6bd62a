//! Silences that a principal caused itself; they are no hole for its own pushes.
//!
//! Comes in: the log, and what it covers. Goes out: whether a silence is unusual even without the calls of a
//! principal. Never: a principal that hides a push by calling all day and then falling silent.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{EventLog, IdMap, PrincipalKey};
use crate::facts::Facts;
use crate::graph::principals::{PrincipalId, Principals};
use crate::ingest::Coverage;
use crate::ingest::Interval;
use crate::ingest::coverage::{Covered, Hole, HoleReason};

/// A principal that was alone in less than one minute in this many does not change what is usual, which is the 95th
/// percentile.
const LEAST_SHARE: u64 = 20;

/// The silences that are unusual without the calls of a principal, by account, region and principal. A
/// principal that is missing here changed none.
pub(super) struct Quiet<'a>(BTreeMap<(&'a str, &'a str), IdMap<PrincipalId, Vec<Interval>>>);

impl<'a> Quiet<'a> {
    /// # Complexity
    /// O(i log i) in the identities, if the log of any account and region has a silence; O(n log n) in the stretches of
    /// each such log.
    pub(super) fn new(
        log: &EventLog,
        principals: &Principals,
        coverage: &'a Coverage,
        facts: &Facts<'_>,
    ) -> Self {
        let is_quiet = |hole: &Hole| hole.reason == HoleReason::Quiet;
        let spans = coverage.spans.iter();
        let spans: Vec<_> = spans
            .filter(|(_, span)| span.holes.iter().any(is_quiet))
            .collect();
        if spans.is_empty() {
            return Self(BTreeMap::new());
        }
        let whose = whose(log, principals, facts);
        let without = |span: &Covered| {
            let (alone, all) = span.alone();
            let mut keys: BTreeMap<PrincipalId, (BTreeSet<PrincipalKey>, u64)> = BTreeMap::new();
            for (key, n_minutes) in alone {
                if let Some(&Some(principal)) = whose.get(&key) {
                    let own = keys.entry(principal).or_default();
                    own.0.insert(key);
                    own.1 += n_minutes;
                }
            }
            let large = keys.into_iter();
            let large = large.filter(|(_, (_, n_minutes))| n_minutes * LEAST_SHARE >= all);
            let silences =
                large.filter_map(|(one, (keys, _))| Some((one, span.quiet_without(&keys)?)));
            silences.collect()
        };
        let spans = spans.into_iter();
        let spans =
            spans.map(|(source, span)| ((&*source.account, &*source.region), without(span)));
        Self(spans.collect())
    }

    /// Whether a hole of an account and region counts for a push of a principal.
    pub(super) fn stands(&self, source: (&str, &str), principal: PrincipalId, hole: &Hole) -> bool {
        let without = self
            .0
            .get(&source)
            .and_then(|of_source| of_source.get(&principal));
        let overlaps = |silence: &Interval| {
            silence.from <= hole.interval.to && silence.to >= hole.interval.from
        };
        hole.reason != HoleReason::Quiet
            || without.is_none_or(|silences| silences.iter().any(overlaps))
    }
}

/// The principal of each `principalId`; `None` if several share it, as they do if it is masked.
fn whose(
    log: &EventLog,
    principals: &Principals,
    facts: &Facts<'_>,
) -> BTreeMap<PrincipalKey, Option<PrincipalId>> {
    let mut whose = BTreeMap::new();
    for (id, identity) in log.tables.identities.iter() {
        if let Some(principal_id) = &identity.principal_id {
            let principal = principals.of(id);
            let known = whose.entry(PrincipalKey::of(principal_id));
            let known = known.or_insert(Some(principal));
            if *known != Some(principal) || facts.is_shared(principal_id) {
                *known = None;
            }
        }
    }
    whose
}
