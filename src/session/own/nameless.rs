//! Calls that name no repository; refused calls may have lost their parameters.
//!
//! Comes in: the calls by repository. Goes out: these calls, where one without a repository joins the
//! only repository that its login used at that time. Never: a choice between two.

use std::borrow::Cow;

use crate::event::intern::id_type;
use crate::event::{CredentialId, EventLog, IdMap, Second, Seconds};
use crate::graph::index::{CallIndex, Party, PushCall};
use crate::session::own::id_vec::IdVec;

id_type! {
    /// A party at a repository that its calls name.
    PartyIx
}

/// The calls of each party at each repository, by upload, stage and rank.
///
/// # Complexity
/// O(n log n) in the calls if some name no repository, else O(r) for r repositories.
pub(super) fn placed<'a>(
    log: &EventLog,
    index: &'a CallIndex,
    window: Seconds,
) -> Vec<Cow<'a, [PushCall]>> {
    let is_nameless = |calls: &&[PushCall]| calls[0].repository.is_none();
    let (nameless, named): (Vec<_>, Vec<_>) = index.parties().partition(is_nameless);
    let named: Vec<Cow<'_, [PushCall]>> = named.into_iter().map(Cow::Borrowed).collect();
    if nameless.is_empty() {
        return named;
    }
    let mut named: IdVec<PartyIx, _> = named.into();
    let caller = |call: &PushCall| (call.party(), call.credential);
    let mut used: IdMap<(Party, CredentialId), Vec<(Second, PartyIx)>> = IdMap::default();
    for call in nameless.iter().flat_map(|calls| calls.iter()) {
        used.entry(caller(call)).or_default();
    }
    for (at, calls) in named.entries() {
        for call in calls.iter() {
            if let Some(used) = used.get_mut(&caller(call)) {
                used.push((call.second, at));
            }
        }
    }
    let mut found: Vec<(PartyIx, PushCall)> = Vec::new();
    let home = |call: &PushCall| {
        let repository = log.tables.repositories.get(call.repository?);
        Some((repository.service, &*repository.region))
    };
    let mut groups: Vec<Cow<'_, [PushCall]>> = Vec::new();
    for calls in nameless {
        let mut rest = Vec::new();
        for call in calls {
            let event = log.event(call.event);
            let here = Some((event.service, log.text(event.region)));
            let near = used[&caller(call)].iter();
            let near = near.filter(|(second, at)| {
                let is_near = (*second - call.second).abs() <= window;
                // A login may push to several regions and services at once; the event shows which it
                // called.
                is_near && named[*at].first().and_then(home) == here
            });
            let mut repositories: Vec<PartyIx> = near.map(|&(_, at)| at).collect();
            repositories.sort_unstable();
            repositories.dedup();
            // A choice between two would be a guess, so the call stands alone.
            match repositories.as_slice() {
                [only] => found.push((*only, *call)),
                [] | [_, _, ..] => rest.push(*call),
            }
        }
        groups.push(Cow::Owned(rest));
    }
    for (at, call) in found {
        named[at].to_mut().push(call);
    }
    for mut calls in named {
        if let Cow::Owned(calls) = &mut calls {
            calls.sort_unstable_by_key(|call| (call.upload, call.stage, call.rank()));
        }
        groups.push(calls);
    }
    groups.retain(|calls| !calls.is_empty());
    groups
}
