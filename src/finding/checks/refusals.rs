//! The refusals of a push that findings report by their cause.
//!
//! A push with its verdict comes in. The deciding refusal goes out, and every tag that the push tried and did not
//! get. Refusals that the client got past are not included.

use crate::event::{EventId, EventLog, IdMap, IdSet, TextId};
use crate::finding::checks::cause;
use crate::session::{LayerUpload, PutState, RefusedTag, Session, Status, UploadState};

/// The refusals to report for a push: first the deciding one, or the last one in the log if the push cannot be
/// judged; then the refused tags.
pub(super) fn told(log: &EventLog, session: &Session) -> Vec<EventId> {
    let tags = refused_tags(log, session);
    let tags = tags.iter().map(|refused| refused.event);
    let is_open = matches!(session.status, Status::Undetermined { .. });
    let in_view = || is_open.then(|| in_view(log, session)).flatten();
    let decided = session.status.refusal().or_else(in_view);
    let others = tags.filter(|&event| Some(event) != decided);
    decided.into_iter().chain(others).collect()
}

/// The tags that a push tried and did not get, in order.
///
/// If a manifest was refused for its form and the push tried another one under its tag, the tag is not lost.
pub(super) fn refused_tags(log: &EventLog, session: &Session) -> Vec<RefusedTag> {
    let puts = &session.manifests;
    if puts.iter().all(|put| put.refused.is_empty()) {
        return Vec::new();
    }
    let mut last_of: IdMap<TextId, usize> = IdMap::default();
    for (at, put) in puts.iter().enumerate() {
        let refused = put.refused.iter().map(|refused| refused.tag);
        let tags = put.tags.iter().copied().chain(refused);
        last_of.extend(tags.map(|tag| (tag, at)));
    }
    let is_lost = |at: usize, refused: &RefusedTag| {
        let for_form = cause::of(log, refused.event).code.code == cause::INVALID;
        !for_form || last_of.get(&refused.tag) == Some(&at)
    };
    let puts = puts.iter().enumerate();
    puts.flat_map(|(at, put)| {
        put.refused
            .iter()
            .filter(move |refused| is_lost(at, refused))
    })
    .copied()
    .collect()
}

/// The refused calls of a push that the client got past.
pub(super) fn overcome(log: &EventLog, session: &Session) -> Vec<EventId> {
    let name = |id: EventId| {
        let put = log.event(id).action.put()?;
        Some((put.tag?, put.digest.best()))
    };
    let calls = session.sequence.iter().copied();
    let mut refused: Vec<EventId> = calls.filter(|&id| !log.is_benign(log.event(id))).collect();
    if !refused.is_empty() {
        let lost = refused_tags(log, session);
        let lost: IdSet<_> = lost.iter().map(|lost| name(lost.event)).collect();
        refused.retain(|&id| name(id).is_none() || !lost.contains(&name(id)));
    }
    refused
}

/// The last refusal of a manifest or layer that never succeeded, in causal order.
fn in_view(log: &EventLog, session: &Session) -> Option<EventId> {
    let is_refused = |upload: &&LayerUpload| upload.state == UploadState::Refused;
    let manifests = session.manifests.iter();
    let manifests = manifests.filter(|put| put.state == PutState::Refused);
    let manifests = manifests.map(|put| put.event);
    let of_upload = |upload: &LayerUpload| {
        let begin = upload
            .initiate
            .into_iter()
            .chain(upload.parts.iter().copied());
        let mut calls = begin.chain(upload.complete).collect::<Vec<_>>();
        calls.retain(|&id| !log.is_benign(log.event(id)));
        calls.pop()
    };
    let uploads = session.uploads.iter().filter(is_refused);
    let refused: IdSet<EventId> = manifests.chain(uploads.filter_map(of_upload)).collect();
    let mut calls = session.sequence.iter().rev().copied();
    calls.find(|id| refused.contains(id))
}
