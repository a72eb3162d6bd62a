//! Merges the reads of all files into one list.
//!
//! Comes in: the reads of each shard. Goes out: those in canonical order, each once, with ids of the log's tables.
//! Never: a trace of which file or thread read one, apart from its place.

use std::cmp::Ordering;

use crate::event::merge::Remap;
use crate::event::{Fetch, FetchTarget, IdMap, Tables, TextId};
use crate::event::{Texts, Uid};

/// Merges reads into a log's tables.
///
/// Of a call that was delivered to two accounts (`sharedEventID`) the record that shows the caller's ARN is kept, or else
/// the first.
///
/// # Complexity
/// O(n log n) in the reads.
pub(super) fn merge(
    of_shards: Vec<Vec<Fetch>>,
    sources: &[Tables],
    maps: &mut [Remap],
    tables: &mut Tables,
) -> Vec<Fetch> {
    let mut reads: Vec<(usize, Fetch)> = Vec::with_capacity(of_shards.iter().map(Vec::len).sum());
    for (shard, of_shard) in of_shards.into_iter().enumerate() {
        reads.extend(of_shard.into_iter().map(|read| (shard, read)));
    }
    reads.sort_unstable_by(|(shard_a, a), (shard_b, b)| {
        let (of_a, of_b) = (&sources[*shard_a], &sources[*shard_b]);
        (a.time.cmp(&b.time))
            .then_with(|| compare_uids((a.event_id, &of_a.texts), (b.event_id, &of_b.texts)))
            .then_with(|| compare_wanted((a.wanted, of_a), (b.wanted, of_b)))
            .then_with(|| a.at.cmp(&b.at))
    });
    let mut merged: Vec<Fetch> = Vec::with_capacity(reads.len());
    let mut of_call: IdMap<(TextId, FetchTarget), usize> = IdMap::default();
    for (shard, mut read) in reads {
        tables.adopt_read(&sources[shard], &mut maps[shard], &mut read);
        let is_copy = merged.last().is_some_and(|last| {
            let at = read.at;
            *last
                == Fetch {
                    at: last.at,
                    ..read.clone()
                }
                && at >= last.at
        });
        if is_copy {
            continue;
        }
        if let Some(shared) = read.shared_event_id {
            let place = of_call.entry((shared, read.wanted)).or_insert(merged.len());
            if let Some(twin) = merged.get_mut(*place) {
                let has_arn = |read: &Fetch| tables.identities.get(read.identity).arn.is_some();
                if has_arn(&read) && !has_arn(twin) {
                    let (time, repository) = (twin.time, twin.repository);
                    *twin = Fetch {
                        time,
                        repository: read.repository.or(repository),
                        ..read
                    };
                }
                continue;
            }
        }
        merged.push(read);
    }
    merged.shrink_to_fit();
    merged
}

/// Compares what two reads of different tables ask for, by the texts.
fn compare_wanted(
    (a, of_a): (FetchTarget, &Tables),
    (b, of_b): (FetchTarget, &Tables),
) -> Ordering {
    fn texts(wanted: FetchTarget, of: &Tables) -> (bool, Option<&str>, Option<String>) {
        let digest = |id| of.digests.get(id).to_string();
        match wanted {
            FetchTarget::Image { tag, digest: id } => {
                (false, tag.map(|tag| &**of.texts.get(tag)), id.map(digest))
            }
            FetchTarget::Layer(id) => (true, None, id.map(digest)),
        }
    }
    texts(a, of_a).cmp(&texts(b, of_b))
}

/// Compares two identifiers by their text.
pub(super) fn compare_uids((a, texts_a): (Uid, &Texts), (b, texts_b): (Uid, &Texts)) -> Ordering {
    match (a, b) {
        // The text of a UUID sorts as its bytes do.
        (Uid::Uuid(a), Uid::Uuid(b)) => a.cmp(&b),
        (Uid::Text(a), Uid::Text(b)) => texts_a.get(a).cmp(texts_b.get(b)),
        (Uid::Uuid(_), Uid::Text(_)) | (Uid::Text(_), Uid::Uuid(_)) => {
            a.text(texts_a).cmp(&b.text(texts_b))
        }
    }
}
