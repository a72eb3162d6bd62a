//! The puts in the history of a tag or an image.
//!
//! Comes in: a `PutImage`, and what it found. Goes out: its entry, if it put what was asked for, or an artifact of
//! it. Never: an entry of a repository, which tells of pushes.

use crate::event::{DigestId, Event, EventId, PutImage};
use crate::report::behind;
use crate::report::content::{Made, made};
use crate::report::criterion::WantedTarget;
use crate::report::history::state::Place;
use crate::report::history::{Before, History};
use crate::report::row::{HistoryEntryRow, HistoryKind, PushGroup};
use crate::report::session;
use crate::words;

impl<'a> History<'_, 'a> {
    /// Takes in a `PutImage`; returns its entry if it concerns a tag or an image that was asked for.
    pub(super) fn put(&mut self, id: EventId) -> Option<HistoryEntryRow<'a>> {
        let event: &'a Event = self.log.event(id);
        let (put, repository) = (event.action.put()?, event.repository?);
        let digest = put.digest.best();
        let tag_before = put.tag.map(|tag| self.state.tag(repository, tag));
        let image_before = digest.map(|digest| self.state.image(repository, digest));
        let before = Before {
            tag: tag_before.unwrap_or(Place::Unknown),
            image: image_before.unwrap_or(Place::Unknown),
        };
        self.before.insert(id, before);
        let is_accepted = self.log.is_benign(event);
        if is_accepted {
            self.state
                .put(repository, (put.tag, digest), (event.time, Some(id)));
        }
        match self.wanted.target() {
            WantedTarget::Repository => None,
            WantedTarget::Tag(_) | WantedTarget::Digest(_) if self.wanted.is_put_by(event) => {
                let position = self.calls.push_of(id)?;
                self.report.selected.binary_search(&position).ok()?;
                Some(self.of_image(id, put, before.tag))
            }
            WantedTarget::Tag(_) | WantedTarget::Digest(_) => self.artifact(id, put),
        }
    }

    fn of_image(&self, id: EventId, put: &PutImage, before: Place) -> HistoryEntryRow<'a> {
        let event = self.log.event(id);
        let digest = put.digest.best();
        let kind = match (self.log.is_benign(event), before) {
            (false, _) => HistoryKind::Refused,
            (true, Place::On(of)) if of == digest => HistoryKind::Again,
            (true, Place::On(_)) => HistoryKind::Moved,
            (true, Place::Unknown | Place::Nowhere) => HistoryKind::Put,
        };
        let message = self.words_of_put(event, put, kind, before);
        HistoryEntryRow {
            from: before.digest().map(|digest| self.digest(digest)),
            ..self.of_push(id, put, kind, message)
        }
    }

    /// The entry of a put, with the push that it belongs to.
    fn of_push(
        &self,
        id: EventId,
        put: &PutImage,
        kind: HistoryKind,
        message: String,
    ) -> HistoryEntryRow<'a> {
        let tag = put.tag.map(|tag| self.text(tag));
        let digest = put.digest.best().map(|digest| self.digest(digest));
        let entry = HistoryEntryRow {
            tags: tag.clone().into_iter().collect(),
            digests: digest.clone().into_iter().collect(),
            tag,
            digest,
            ..self.entry(id, kind, message)
        };
        let Some(position) = self.calls.push_of(id) else {
            return entry;
        };
        let push = &self.report.parts.sessions.sessions[position];
        let client = session::client(self.report, push);
        let group = PushGroup::of(&push.status);
        HistoryEntryRow {
            session: Some(self.report.session_id(position)),
            status: Some(group.status()),
            group: Some(group),
            who: words::who(self.log.tables.identities.get(push.identity)),
            behind: behind::row(self.report, push).and_then(|row| row.subject),
            source_ip: client.and_then(|client| client.source_ip),
            ..entry
        }
    }

    fn words_of_put(
        &self,
        event: &Event,
        put: &PutImage,
        kind: HistoryKind,
        before: Place,
    ) -> String {
        let digest = put.digest.best().map(|digest| self.short(digest));
        let digest = digest.unwrap_or_else(|| "an image the log does not name".to_owned());
        let old = before.digest().map(|digest| self.short(digest));
        let what = match (self.is_tag(), put.tag) {
            (true, _) => digest,
            (false, Some(tag)) => format!("it as `{}`", self.log.text(tag)),
            (false, None) => "it without a tag".to_owned(),
        };
        let code = self.log.error_code(event).unwrap_or_default();
        match old {
            Some(old) if kind == HistoryKind::Refused && self.is_tag() => {
                format!("tried to put {what}, refused with {code}; it stayed on {old}")
            }
            _ if kind == HistoryKind::Refused => {
                format!("tried to put {what}, refused with {code}")
            }
            _ if kind == HistoryKind::Again => format!("put {what} again"),
            Some(old) if kind == HistoryKind::Moved => {
                format!("put {what}, moving the tag from {old}")
            }
            _ => format!("put {what}"),
        }
    }

    /// The entry of a put of a signature or another artifact of the image, in whatever push.
    fn artifact(&self, id: EventId, put: &PutImage) -> Option<HistoryEntryRow<'a>> {
        let event = self.log.event(id);
        let is_told = self.wanted.is_in(event.repository) && self.log.is_benign(event);
        if !is_told || !self.report.filter.period.contains(event.time) {
            return None;
        }
        let manifest = self.log.tables.manifests.get(*put.manifest.known()?);
        let Made { what, subject } = made(self.log, manifest, put.tag);
        let image = self.image()?;
        if subject.as_ref() != Some(self.log.tables.digests.get(image)) {
            return None;
        }
        let message = format!("put the {what} of it");
        Some(self.of_push(id, put, HistoryKind::Signed, message))
    }

    /// The image that was asked for, or that the tag stands on now.
    fn image(&self) -> Option<DigestId> {
        match self.wanted.target() {
            WantedTarget::Digest(digest) => digest,
            WantedTarget::Tag(tag) => {
                let mut repositories = self.wanted.repositories().iter();
                repositories.find_map(|&id| self.state.tag(id, tag?).digest())
            }
            WantedTarget::Repository => None,
        }
    }
}
