//! Merges the role assumptions of all files into one list.
//!
//! Comes in: assumptions, each with the number of the tables that its ids point into. Goes out:
//! those in canonical order, each once, with ids of the log's tables. Never: one of two differing
//! records dropped.

use crate::event::Tables;
use crate::event::assume::Assumption;
use crate::event::merge::Remap;

/// Merges assumptions into a log's tables.
pub(super) fn merge(
    mut read: Vec<(usize, Assumption)>,
    sources: &[Tables],
    maps: &mut [Remap],
    tables: &mut Tables,
) -> Vec<Assumption> {
    // Sort by content, not by file, so that equal ones are adjacent and ids follow the order.
    read.sort_by_cached_key(|(shard, assumption)| {
        let texts = &sources[*shard].texts;
        let text = |id: Option<_>| id.map(|id| texts.get(id).clone());
        (
            assumption.time,
            assumption.event_id.text(texts).into_owned(),
            text(assumption.key),
            text(assumption.session),
            text(assumption.subject),
            sources[*shard]
                .identities
                .get(assumption.caller)
                .arn
                .clone(),
        )
    });
    let mut merged: Vec<Assumption> = Vec::with_capacity(read.len());
    for (shard, mut assumption) in read {
        tables.adopt_assumption(&sources[shard], &mut maps[shard], &mut assumption);
        if merged.last() != Some(&assumption) {
            merged.push(assumption);
        }
    }
    merged
}
