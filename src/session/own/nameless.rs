//! Calls that name no repository: refused ones may have lost their parameters.
//!
//! Comes in: the calls by repository. Goes out: the same, those without a repository beside the calls
//! of the only one that their login used at that time. Never: a choice between two.

use std::borrow::Cow;

use crate::event::{CredentialId, EventLog, IdMap, Second, Seconds};
use crate::graph::index::{CallIndex, Party, PushCall};

/// The calls of each party at each repository, by upload, stage and rank.
///
/// # Complexity
/// O(n log n) in the calls where some name no repository, else O(r) for r repositories.
pub(super) fn placed<'a>(
    log: &EventLog,
    index: &'a CallIndex,
    window: Seconds,
) -> Vec<Cow<'a, [PushCall]>> {
    let mut groups: Vec<Cow<'a, [PushCall]>> = index.parties().map(Cow::Borrowed).collect();
    let is_nameless = |calls: &Cow<'_, [PushCall]>| calls[0].repository.is_none();
    let n_nameless = groups.partition_point(is_nameless);
    let (nameless, named) = groups.split_at_mut(n_nameless);
    if nameless.is_empty() {
        return groups;
    }
    let caller = |call: &PushCall| (call.party(), call.credential);
    let mut used: IdMap<(Party, CredentialId), Vec<(Second, usize)>> = IdMap::default();
    for call in nameless.iter().flat_map(|calls| calls.iter()) {
        used.entry(caller(call)).or_default();
    }
    for (at, calls) in named.iter().enumerate() {
        for call in calls.iter() {
            if let Some(used) = used.get_mut(&caller(call)) {
                used.push((call.second, at));
            }
        }
    }
    let mut found: Vec<(usize, PushCall)> = Vec::new();
    let home = |call: &PushCall| {
        let repository = log.tables.repositories.get(call.repository?);
        Some((repository.service, &*repository.region))
    };
    for calls in nameless.iter_mut() {
        let mut rest = Vec::new();
        for call in calls.iter() {
            let event = log.event(call.event);
            let here = Some((event.service, log.text(event.region)));
            let near = used[&caller(call)].iter();
            let near = near.filter(|(second, at)| {
                let is_near = (*second - call.second).abs() <= window;
                is_near && named[*at].first().and_then(home) == here
            });
            let mut repositories: Vec<usize> = near.map(|&(_, at)| at).collect();
            repositories.sort_unstable();
            repositories.dedup();
            match repositories.as_slice() {
                [only] => found.push((*only, *call)),
                [] | [_, _, ..] => rest.push(*call),
            }
        }
        *calls = Cow::Owned(rest);
    }
    for (at, call) in found {
        named[at].to_mut().push(call);
    }
    for calls in named.iter_mut() {
        if let Cow::Owned(calls) = calls {
            calls.sort_unstable_by_key(|call| (call.upload, call.stage, call.rank()));
        }
    }
    groups.retain(|calls| !calls.is_empty());
    groups
}
