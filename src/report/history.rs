//! The history of a tag or an image: the view that `--image` asks for.
//!
//! Comes in: a report with its filter. Goes out: for each image asked for, every put, move and
//! refused try, and the calls between them that also affect it: deletions, expiry, and changes to
//! the repository. Never: a push that the filter leaves out; a tag's place before the log begins.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use crate::event::log::ContextEvent;
use crate::event::{Action, Client, DigestId, Event, EventId, EventLog, FailureId, Id, PutImage};
use crate::event::{RepositoryId, TextId, Uid};
use crate::report::criterion::{Wanted, WantedTarget};
use crate::report::image_ref::ImageRef;
use crate::report::parts::Report;

use crate::report::row::{HistoryEntryRow, HistoryKind, HistoryRow, Text};
use crate::report::session;
use crate::words;

impl<'a> Report<'a> {
    /// The history of each image that the filter names.
    ///
    /// # Complexity
    /// O(n log n) in the events of the log, for each image.
    pub fn history(&self) -> impl Iterator<Item = HistoryRow<'a>> + '_ {
        let images = self.filter.images.iter();
        images.map(|image| History::new(self, image).tell(image))
    }
}

/// A call that affects an image.
#[derive(Clone, Copy)]
enum Happening<'a> {
    Put(EventId, &'a Event, &'a PutImage),
    Beside(&'a ContextEvent),
}

/// What is known about where a tag points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The log has not shown it yet.
    Unknown,
    /// It points to an image whose digest the log may not show.
    On(Option<DigestId>),
    /// It was removed, or the repository is new.
    Nowhere,
}

impl Place {
    fn digest(self) -> Option<DigestId> {
        match self {
            Self::On(digest) => digest,
            Self::Unknown | Self::Nowhere => None,
        }
    }
}

/// One history while it is told.
struct History<'r, 'a> {
    report: &'r Report<'a>,
    log: &'a EventLog,
    wanted: Wanted,
    /// Where the tags point, by repository; the history of a digest goes by `image`.
    tags: BTreeMap<(RepositoryId, TextId), Place>,
    /// The place of the image that was asked for by digest; `On` while it exists.
    image: Place,
}

impl<'r, 'a> History<'r, 'a> {
    fn new(report: &'r Report<'a>, image: &ImageRef) -> Self {
        let log = report.parts.log;
        Self {
            report,
            log,
            wanted: Wanted::find(log, image),
            tags: BTreeMap::new(),
            image: Place::Unknown,
        }
    }

    fn tell(mut self, image: &ImageRef) -> HistoryRow<'a> {
        let pushes = self.pushes();
        let mut entries = Vec::new();
        for happening in self.happenings() {
            let entry = match happening {
                Happening::Put(id, event, put) => {
                    let entry = self.put(event, put);
                    entry.and_then(|entry| {
                        let position = *pushes.get(&id)?;
                        Some(self.of_push(entry, position))
                    })
                }
                Happening::Beside(event) => self
                    .beside(event)
                    .filter(|_| self.report.filter.period.contains(event.time)),
            };
            entries.extend(entry);
        }
        let stands = self.stands();
        HistoryRow {
            image: image.text.to_string(),
            ends: self.ends(stands, entries.is_empty()),
            stands_on: stands.digest().map(|digest| self.digest(digest)),
            entries,
        }
    }

    /// The selected push of each `PutImage`.
    fn pushes(&self) -> HashMap<EventId, usize> {
        let sessions = &self.report.parts.sessions.sessions;
        let mut pushes = HashMap::new();
        for &position in &self.report.selected {
            let own = sessions[position].sequence.iter();
            let puts = own.filter(|&&id| matches!(self.log.event(id).action, Action::PutImage(_)));
            pushes.extend(puts.map(|&id| (id, position)));
        }
        pushes
    }

    /// Every call on the repository that can affect an image, by time. Within one second, the
    /// creation of the repository comes first, then puts.
    fn happenings(&self) -> Vec<Happening<'a>> {
        let mut happenings: Vec<(DateTime<Utc>, u8, Happening<'a>)> = Vec::new();
        for (index, event) in self.log.events.iter().enumerate() {
            if let Action::PutImage(put) = &event.action
                && self.wanted.is_in(event.repository)
            {
                let id = EventId::from_index(index);
                happenings.push((event.time, 1, Happening::Put(id, event, put)));
            }
        }
        let beside = self.log.context.iter();
        for event in beside.filter(|event| self.wanted.is_in(event.repository)) {
            let stage = match self.log.text(event.action) {
                "CreateRepository" => 0,
                _ => 2,
            };
            happenings.push((event.time, stage, Happening::Beside(event)));
        }
        // Stable: calls of one second and stage stay in canonical order.
        happenings.sort_by_key(|(time, stage, _)| (*time, *stage));
        let happenings = happenings.into_iter();
        happenings.map(|(_, _, happening)| happening).collect()
    }

    /// Where the requested tag or image is now.
    fn stands(&self) -> Place {
        match self.wanted.target() {
            WantedTarget::Digest(_) => self.image,
            WantedTarget::Tag(tag) => {
                let mut places = self.tags.iter();
                let of_tag = places.find(|((_, of), _)| Some(*of) == tag);
                of_tag.map_or(Place::Unknown, |(_, place)| *place)
            }
        }
    }

    /// Takes in a `PutImage`; returns its entry if it concerns the image.
    fn put(&mut self, event: &'a Event, put: &PutImage) -> Option<HistoryEntryRow<'a>> {
        let is_wanted = self.wanted.is_put_by(event);
        let digest = put.digest.best();
        let key = put.tag.zip(event.repository).map(|(tag, id)| (id, tag));
        let before = key.map_or(Place::Unknown, |key| self.place(key));
        let is_accepted = self.log.is_benign(event);
        if is_accepted {
            if let Some(key) = key {
                self.tags.insert(key, Place::On(digest));
            }
            if let WantedTarget::Digest(wanted) = self.wanted.target()
                && wanted.is_some()
                && digest == wanted
            {
                self.image = Place::On(digest);
            }
        }
        if !is_wanted {
            return None;
        }
        let kind = match (is_accepted, before) {
            (false, _) => HistoryKind::Refused,
            (true, Place::On(of)) if of == digest => HistoryKind::Again,
            (true, Place::On(_)) => HistoryKind::Moved,
            (true, Place::Unknown | Place::Nowhere) => HistoryKind::Put,
        };
        let message = self.words_of_put(event, put, kind, before);
        Some(HistoryEntryRow {
            kind,
            digest: digest.map(|digest| self.digest(digest)),
            from: before.digest().map(|digest| self.digest(digest)),
            tag: put.tag.map(|tag| self.text(tag)),
            ..self.entry(
                event.time,
                event.event_id,
                Cow::Borrowed(event.action.name()),
                event.failure,
                message,
            )
        })
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
        let what = match (self.wanted.target(), put.tag) {
            (WantedTarget::Tag(_), _) => digest,
            (WantedTarget::Digest(_), Some(tag)) => format!("it as `{}`", self.log.text(tag)),
            (WantedTarget::Digest(_), None) => "it without a tag".to_owned(),
        };
        let code = self.log.error_code(event).unwrap_or_default();
        match (kind, old) {
            (HistoryKind::Refused, Some(old)) if self.is_tag() => {
                format!("tried to put {what}, refused with {code}; it stayed on {old}")
            }
            (HistoryKind::Refused, _) => format!("tried to put {what}, refused with {code}"),
            (HistoryKind::Again, _) => format!("put {what} again"),
            (HistoryKind::Moved, Some(old)) => format!("put {what}, moving the tag from {old}"),
            _ => format!("put {what}"),
        }
    }

    fn is_tag(&self) -> bool {
        matches!(self.wanted.target(), WantedTarget::Tag(_))
    }

    fn place(&self, key: (RepositoryId, TextId)) -> Place {
        self.tags.get(&key).copied().unwrap_or(Place::Unknown)
    }

    /// Takes in a call outside every push; returns its entry if it affects the image.
    fn beside(&mut self, event: &'a ContextEvent) -> Option<HistoryEntryRow<'a>> {
        let action = self.log.text(event.action);
        let mut refusal = event.failure;
        let (kind, [done, to_do], what) = match action {
            "BatchDeleteImage" => {
                let gone = self.named(event.repository?, &event.tags, &event.digests);
                let (what, why) = gone.map(|what| (what, None)).or(self.spared(event)).unzip();
                self.remove(event);
                refusal = refusal.or(why.flatten());
                (HistoryKind::Deleted, ["deleted", "delete"], what?)
            }
            "PolicyExecutionEvent" => {
                let what = self.named(event.repository?, &event.tags, &event.digests);
                self.remove(event);
                (HistoryKind::Expired, ["expired", "expire"], what?)
            }
            "UpdateImageStorageClass" => {
                let what = self.named(event.repository?, &event.tags, &event.digests)?;
                match event.setting.map(|setting| self.log.text(setting)) {
                    Some("STANDARD") => (HistoryKind::Restored, ["restored", "restore"], what),
                    Some(_) | None => (HistoryKind::Archived, ["archived", "archive"], what),
                }
            }
            "CreateRepository" | "DeleteRepository" => {
                if refusal.is_none() {
                    self.forget_all(event);
                }
                let verb = match action {
                    "CreateRepository" => ["made", "make"],
                    _ => ["deleted", "delete"],
                };
                (HistoryKind::Repository, verb, "the repository".to_owned())
            }
            "PutImageTagMutability" => {
                let setting = event.setting.map(|setting| self.log.text(setting));
                let setting = setting.unwrap_or("something that the log does not name");
                let except = words::except(self.log, &event.exclusions);
                let what = format!("the repository's tags to {setting}{except}");
                (HistoryKind::Repository, ["set", "set"], what)
            }
            "PutLifecyclePolicy" => {
                let what = "the repository's lifecycle policy".to_owned();
                (HistoryKind::Repository, ["set", "set"], what)
            }
            // Access policies say nothing about images.
            _ => return None,
        };
        let message = match refusal {
            Some(failure) => {
                let code = &self.log.tables.failures.get(failure).code;
                format!("tried to {to_do} {what}, refused with {code}")
            }
            None => format!("{done} {what}"),
        };
        let tables = &self.log.tables;
        let client = tables.clients.get(event.client);
        Some(HistoryEntryRow {
            kind: if refusal.is_some() {
                HistoryKind::Refused
            } else {
                kind
            },
            who: match action {
                // A service event names no caller.
                "PolicyExecutionEvent" => "the lifecycle policy".to_owned(),
                _ => words::who(tables.identities.get(event.identity)),
            },
            source_ip: address(client),
            ..self.entry(
                event.time,
                event.event_id,
                self.text(event.action),
                refusal,
                message,
            )
        })
    }

    /// Which part of the requested image some tags and digests name; `None` if none.
    fn named(
        &self,
        repository: RepositoryId,
        tags: &[TextId],
        digests: &[DigestId],
    ) -> Option<String> {
        match self.wanted.target() {
            WantedTarget::Tag(tag) => {
                let tag = tag?;
                let stood_on = self.place((repository, tag)).digest();
                let by_digest = stood_on.filter(|digest| digests.contains(digest));
                match (tags.contains(&tag), by_digest) {
                    (true, _) => Some("the tag".to_owned()),
                    (false, Some(digest)) => {
                        Some(format!("{}, on which it stood", self.short(digest)))
                    }
                    (false, None) => None,
                }
            }
            WantedTarget::Digest(digest) => {
                let digest = digest?;
                let tag = tags
                    .iter()
                    .find(|&&tag| self.place((repository, tag)).digest() == Some(digest));
                match (digests.contains(&digest), tag) {
                    (true, _) => Some("the image".to_owned()),
                    (false, Some(&tag)) => Some(format!("its tag `{}`", self.log.text(tag))),
                    (false, None) => None,
                }
            }
        }
    }

    /// Which part of the requested image a granted deletion failed for, and why.
    fn spared(&self, event: &ContextEvent) -> Option<(String, Option<FailureId>)> {
        let repository = event.repository?;
        event.spared.iter().find_map(|spared| {
            let (tag, digest) = (spared.tag.as_slice(), spared.digest.as_slice());
            let what = self.named(repository, tag, digest)?;
            Some((what, Some(spared.failure)))
        })
    }

    /// Removes the images that a call deleted.
    fn remove(&mut self, event: &ContextEvent) {
        if let Some(repository) = event.repository.filter(|_| event.failure.is_none()) {
            let tags = event.tags.iter().copied().collect();
            let digests = event.digests.iter().copied().collect();
            self.forget(repository, &tags, &digests);
        }
    }

    fn forget(
        &mut self,
        repository: RepositoryId,
        tags: &BTreeSet<TextId>,
        digests: &BTreeSet<DigestId>,
    ) {
        for &tag in tags {
            self.tags.insert((repository, tag), Place::Nowhere);
        }
        let gone = |place: &Place| {
            place
                .digest()
                .is_some_and(|digest| digests.contains(&digest))
        };
        for place in self.tags.values_mut() {
            if gone(place) {
                *place = Place::Nowhere;
            }
        }
        if gone(&self.image) {
            self.image = Place::Nowhere;
        }
    }

    /// A repository that is created or deleted holds nothing.
    fn forget_all(&mut self, event: &ContextEvent) {
        let Some(repository) = event.repository else {
            return;
        };
        self.tags.retain(|(of, _), _| *of != repository);
        if let WantedTarget::Tag(Some(tag)) = self.wanted.target() {
            self.tags.insert((repository, tag), Place::Nowhere);
        }
        self.image = Place::Nowhere;
    }

    /// An entry with the fields that every entry has.
    fn entry(
        &self,
        time: DateTime<Utc>,
        event_id: Uid,
        action: Text<'a>,
        failure: Option<FailureId>,
        message: String,
    ) -> HistoryEntryRow<'a> {
        let tables = &self.log.tables;
        HistoryEntryRow {
            time: words::time(time),
            event_id: event_id.text(&tables.texts),
            action,
            kind: HistoryKind::Put,
            session: None,
            who: String::new(),
            source_ip: None,
            tag: None,
            digest: None,
            from: None,
            error_code: failure.map(|id| Cow::Borrowed(&*tables.failures.get(id).code)),
            message,
        }
    }

    /// The entry, with the push that it belongs to.
    fn of_push(&self, entry: HistoryEntryRow<'a>, position: usize) -> HistoryEntryRow<'a> {
        let push = &self.report.parts.sessions.sessions[position];
        let client = session::client(self.report, push);
        HistoryEntryRow {
            session: Some(self.report.session_id(position)),
            who: words::who(self.log.tables.identities.get(push.identity)),
            source_ip: client.and_then(|client| client.source_ip),
            ..entry
        }
    }

    fn ends(&self, stands: Place, is_empty: bool) -> String {
        let what = if self.is_tag() {
            "the tag"
        } else {
            "the image"
        };
        match stands {
            Place::Unknown if is_empty => format!("{what} does not occur in these logs"),
            Place::Unknown => format!("where {what} is then, these logs do not show"),
            Place::Nowhere => format!("then {what} is gone"),
            Place::On(Some(digest)) if self.is_tag() => {
                format!("then {what} stands on {}", self.digest(digest))
            }
            Place::On(_) => format!("then {what} is still there"),
        }
    }

    fn text(&self, id: TextId) -> Text<'a> {
        Cow::Borrowed(self.log.text(id))
    }

    fn digest(&self, id: DigestId) -> String {
        self.log.tables.digests.get(id).to_string()
    }

    /// A digest's first digits, as timelines show them.
    fn short(&self, id: DigestId) -> String {
        let text = self.digest(id);
        let digits = text.split_once(':').map_or(&*text, |(_, digits)| digits);
        digits.chars().take(12).collect()
    }
}

fn address(client: &Client) -> Option<Text<'_>> {
    let address = client.source_ip.as_deref().filter(|_| client.is_direct());
    address.map(Cow::Borrowed)
}
