//! The pushes in the history of a repository: one entry each, at the call that decided it.
//!
//! Comes in: a selected push, and what its puts found. Goes out: its entry. Never: its calls; its own report has them.

use std::borrow::Cow;

use crate::event::{Bytes, DigestId, EventId, Stage, TextId, nature};
use crate::report::behind;
use crate::report::content::{Contents, made};
use crate::report::history::History;
use crate::report::history::beside::some;
use crate::report::history::state::Place;
use crate::report::reason;
use crate::report::row::{HistoryEntryRow, HistoryKind, PushGroup, Text};
use crate::report::session;
use crate::session::{IncompleteKind, ManifestPut, PutState, RefusedTag, Session, Status};
use crate::words;

impl<'a> History<'_, 'a> {
    fn session(&self, position: usize) -> &'a Session {
        &self.report.parts.sessions.sessions[position]
    }

    /// The call that decided a push: the last accepted put of a complete one, the refusal of a failed one, or else
    /// the last call. `None` if it has none.
    pub(super) fn deciding(&self, position: usize) -> Option<EventId> {
        let push = self.session(position);
        let key = |id: &EventId| (self.log.event(*id).time, *id);
        let put = || {
            let own = push.sequence.iter().filter(|&&id| self.is_accepted_put(id));
            own.max_by_key(|id| key(id)).copied()
        };
        let decided = match &push.status {
            Status::Complete => put(),
            Status::Failed { event, .. } => Some(*event),
            Status::Incomplete { .. } | Status::Unchanged | Status::Undetermined { .. } => None,
        };
        decided.or_else(|| push.sequence.iter().max_by_key(|id| key(id)).copied())
    }

    fn is_accepted_put(&self, id: EventId) -> bool {
        let event = self.log.event(id);
        event.action.stage() == Stage::Manifest && self.log.is_benign(event)
    }

    /// The entry of a push, at its deciding call.
    pub(super) fn push(&self, position: usize, deciding: EventId) -> HistoryEntryRow<'a> {
        let push = self.session(position);
        let (kind, mut message) = match &push.status {
            Status::Complete => self.complete(push),
            Status::Failed { event, .. } => (HistoryKind::Refused, self.failed(push, *event)),
            Status::Incomplete { kind, .. } => (HistoryKind::Push, self.unfinished(push, *kind)),
            Status::Unchanged => (
                HistoryKind::Push,
                "pushed nothing: everything was in place".to_owned(),
            ),
            Status::Undetermined { .. } => {
                let why = self.reason(push);
                let message = format!("began a push; these logs do not show how it ended ({why})");
                (HistoryKind::Push, message)
            }
        };
        if let Some(later) = push.superseded_by {
            let later = self.report.session_id(later);
            message.push_str(&format!("; made good by push {later}"));
        }
        let root = push.root().or_else(|| push.manifests.last());
        let tags = tags_of(push).into_iter().map(|tag| self.text(tag));
        let tags: Vec<Text<'a>> = tags.collect();
        let digests = push.manifests.iter().filter(|put| is_named(put));
        let digests = digests.filter_map(|put| put.digest);
        let client = session::client(self.report, push);
        let group = PushGroup::of(&push.status);
        // A tag that a refused put was to move stayed on its image.
        let stayed = push.status.refusal().and_then(|id| {
            let tag = self.log.event(id).action.tag()?;
            Some((tag, self.before.get(&id)?.tag.digest()?))
        });
        let moved = self.moved(push).first().copied().or(stayed);
        HistoryEntryRow {
            session: Some(self.report.session_id(position)),
            status: Some(group.status()),
            group: Some(group),
            who: words::who(self.log.tables.identities.get(push.identity)),
            behind: behind::row(self.report, push).and_then(|row| row.subject),
            source_ip: client.and_then(|client| client.source_ip),
            tag: moved
                .map(|(tag, _)| self.text(tag))
                .or(tags.first().cloned()),
            digest: root
                .and_then(|put| put.digest)
                .map(|digest| self.digest(digest)),
            from: moved.map(|(_, from)| self.digest(from)),
            tags,
            digests: digests.map(|digest| self.digest(digest)).collect(),
            ..self.entry(deciding, kind, message)
        }
    }

    fn complete(&self, push: &Session) -> (HistoryKind, String) {
        let moved = self.moved(push);
        let puts: Vec<EventId> = (push.sequence.iter().copied())
            .filter(|&id| self.is_accepted_put(id))
            .collect();
        let found = |id: &EventId| self.before.get(id).copied();
        let digest_of = |id: &EventId| self.log.event(*id).action.put()?.digest.best();
        // A tag on the image already, or an image put by digest that was there.
        let is_again = |id: &EventId| {
            let at = found(id).map(|before| match self.log.event(*id).action.tag() {
                Some(_) => before.tag,
                None => before.image,
            });
            at.is_some_and(|at| at == Place::On(digest_of(id)))
        };
        let root = push.root();
        let was_there = puts
            .iter()
            .find(|id| digest_of(id) == root.and_then(|root| root.digest))
            .and_then(found)
            .is_some_and(|before| matches!(before.image, Place::On(_)));
        let is_tagged = push.manifests.iter().any(|put| !put.tags.is_empty());
        let is_tagging = was_there && push.uploads.is_empty() && is_tagged;
        let kind = match moved.is_empty() {
            _ if root.is_some_and(|root| self.is_artifact(root)) => HistoryKind::Signed,
            false => HistoryKind::Moved,
            true if puts.iter().all(is_again) => HistoryKind::Again,
            true if is_tagging => HistoryKind::Retagged,
            true => HistoryKind::Put,
        };
        let verb = match is_tagging && kind != HistoryKind::Again {
            true => "tagged",
            false => "pushed",
        };
        let contents = Contents::of(self.report, push);
        let named = push.manifests.iter().filter(|put| is_named(put));
        let images = some(named, |put| self.words_of(&contents, put));
        let mut message = format!("{verb} {}", images.unwrap_or_default());
        if kind == HistoryKind::Again {
            message.push_str(" again");
        }
        let words_of_move = |(tag, from): &(TextId, DigestId)| {
            let from = self.short(*from);
            format!("`{}` from {from}", self.text(*tag))
        };
        if let Some(moves) = some(moved.iter(), words_of_move) {
            message.push_str(&format!(", moving {moves}"));
        }
        message.push_str(&self.refused_tags(push));
        (kind, message)
    }

    /// One image of a push: its digest, what it is, and the tags it got.
    fn words_of(&self, contents: &Contents<'_, '_>, put: &ManifestPut) -> String {
        let digest = put.digest.map(|digest| self.short(digest));
        let mut text = digest.unwrap_or_else(|| "an image the log does not name".to_owned());
        if let Some(what) = contents.what(put).filter(|what| what != nature::IMAGE) {
            text.push_str(&format!(" ({})", words::what(&what)));
        }
        // A tag that a tool made of a digest says what the words say.
        let tags = put.tags.iter().map(|&tag| self.log.text(tag));
        let tags = tags.filter(|tag| nature::of_tag(tag).is_none());
        if let Some(tags) = some(tags, |tag| format!("`{tag}`")) {
            text.push_str(&format!(" as {tags}"));
        }
        text
    }

    /// Whether a manifest belongs to another image, as its signature does.
    fn is_artifact(&self, put: &ManifestPut) -> bool {
        let manifest = put.manifest.map(|id| self.log.tables.manifests.get(id));
        let tags = put.tags.iter().copied();
        manifest.is_some_and(|manifest| made(self.log, manifest, tags).subject.is_some())
    }

    /// The tags that a push moved, each with the image on which it stood.
    fn moved(&self, push: &Session) -> Vec<(TextId, DigestId)> {
        let mut moved = Vec::new();
        for &id in push.sequence.iter().filter(|&&id| self.is_accepted_put(id)) {
            let put = self.log.event(id).action.put();
            let Some((tag, digest)) = put.and_then(|put| Some((put.tag?, put.digest.best()?)))
            else {
                continue;
            };
            let before = self.before.get(&id).and_then(|before| before.tag.digest());
            if let Some(from) = before.filter(|from| *from != digest) {
                moved.push((tag, from));
            }
        }
        moved
    }

    /// Tags that a complete push was refused.
    fn refused_tags(&self, push: &Session) -> String {
        let refused = push.manifests.iter().flat_map(|put| &put.refused);
        let words_of_refusal = |one: &RefusedTag| {
            let code = self.log.error_code(self.log.event(one.event));
            format!("`{}` with {}", self.text(one.tag), code.unwrap_or_default())
        };
        some(refused, words_of_refusal)
            .map_or(String::new(), |refused| format!("; refused {refused}"))
    }

    fn failed(&self, push: &Session, refusal: EventId) -> String {
        let event = self.log.event(refusal);
        let code = self.log.error_code(event).unwrap_or_default();
        let tags = some(tried(push), |tag| format!("`{}`", self.text(tag)));
        let tags = tags.map_or(String::new(), |tags| format!(" as {tags}"));
        let action = event.action.name();
        let mut message = format!("tried to push{tags}, refused at {action} with {code}");
        let stood = self
            .before
            .get(&refusal)
            .and_then(|before| before.tag.digest());
        if let Some(stood) = stood {
            let stood = self.short(stood);
            message.push_str(&format!("; the tag stayed on {stood}"));
        }
        message
    }

    fn unfinished(&self, push: &Session, kind: IncompleteKind) -> String {
        match kind {
            IncompleteKind::NothingSent => "asked for an upload and sent nothing".to_owned(),
            IncompleteKind::NoPutImage
            | IncompleteKind::UploadAbandoned
            | IncompleteKind::IndexMissing => {
                let sent = Contents::of(self.report, push).uploaded_bytes();
                let why = self.reason(push);
                let sent = match sent {
                    Bytes(0) => String::new(),
                    sent => format!(", {} uploaded", words::size(sent)),
                };
                format!("began a push and did not finish it ({why}{sent})")
            }
        }
    }

    fn reason(&self, push: &Session) -> Cow<'static, str> {
        let row = reason::row(self.report, push);
        row.map_or(Cow::Borrowed(""), |row| Cow::Borrowed(row.kind.name()))
    }
}

/// Whether an entry names an image of a push: the root, and others that got a tag.
fn is_named(put: &ManifestPut) -> bool {
    put.state != PutState::Refused && (put.root || !put.tags.is_empty())
}

/// The tags that a push was given, or else those that it tried.
fn tags_of(push: &Session) -> Vec<TextId> {
    let given = push
        .manifests
        .iter()
        .flat_map(|put| put.tags.iter().copied());
    let given: Vec<TextId> = given.collect();
    match given.is_empty() {
        true => tried(push).collect(),
        false => given,
    }
}

/// The tags that a push tried and did not get.
fn tried(push: &Session) -> impl Iterator<Item = TextId> + '_ {
    let refused = push.manifests.iter().flat_map(|put| &put.refused);
    refused.map(|one| one.tag)
}
