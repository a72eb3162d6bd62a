//! Silences that a principal caused itself; they are no hole for its own pushes.
//!
//! Comes in: the log, and what it covers. Goes out: whether a silence is unusual even without the calls of a
//! principal. Never: a principal that hides a push by calling all day and then falling silent.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::event::{EventLog, IdMap};
use crate::graph::principals::{PrincipalId, Principals};
use crate::ingest::Coverage;
use crate::ingest::Interval;
use crate::ingest::coverage::{Hole, HoleReason};

/// A principal that makes less than one call in this many does not change what is usual, which is the 95th
/// percentile.
const LEAST_SHARE: usize = 20;

/// The silences that are unusual without the calls of a principal, by account, region and principal. A
/// principal that is missing here changed none.
pub(super) struct Quiet<'a>(BTreeMap<(&'a str, &'a str), IdMap<PrincipalId, Vec<Interval>>>);

impl<'a> Quiet<'a> {
    /// # Complexity
    /// O(n log n) in the events of each account and region whose log has a silence.
    pub(super) fn new(log: &EventLog, principals: &Principals, coverage: &'a Coverage) -> Self {
        let is_quiet = |hole: &Hole| hole.reason == HoleReason::Quiet;
        let spans = coverage.spans.iter();
        let spans = spans.filter(|(_, span)| span.holes.iter().any(is_quiet));
        Self(
            spans
                .map(|(source, span)| {
                    let events = log.iter().map(|(_, event)| event).filter(|event| {
                        *log.text(event.recipient) == *source.account
                            && *log.text(event.region) == *source.region
                    });
                    let calls = events.map(|event| (principals.of(event.identity), event.time));
                    let calls: Vec<(PrincipalId, DateTime<Utc>)> = calls.collect();
                    let mut shares: BTreeMap<PrincipalId, usize> = BTreeMap::new();
                    for &(whose, _) in &calls {
                        *shares.entry(whose).or_default() += 1;
                    }
                    let large = shares
                        .into_iter()
                        .filter(|&(_, n)| n * LEAST_SHARE >= calls.len());
                    let without = large.filter_map(|(one, _)| {
                        let others = calls.iter().filter(|call| call.0 != one);
                        Some((one, span.quiet_with(others.map(|call| call.1))?))
                    });
                    ((&*source.account, &*source.region), without.collect())
                })
                .collect(),
        )
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
