//! The history of a tag, an image or a repository: what happened to it, in order of time.
//!
//! Comes in: a report with its filter. Goes out: for each image asked for, every put, move and refused try; for each
//! repository, every push; and the calls between them that change what was asked for. Never: a push that the filter
//! leaves out, but for what signs an image; a tag's place before the log begins.

mod beside;
mod calls;
mod push;
mod put;
mod state;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::event::TextId;
use crate::event::log::ContextEvent;
use crate::event::{Deed, DigestId, Event, EventId, EventLog, ParamKind, RepositoryId, Service};
use crate::report::criterion::{Wanted, WantedTarget};
use crate::report::filter::Histories;
use crate::report::history::calls::{Calls, Happening, is_of};
use crate::report::history::state::{Place, State};
use crate::report::parts::{self, Report};
use crate::report::row::{HistoryEntryRow, HistoryKind, HistoryRow, HistoryTarget};
use crate::report::row::{StandingTagRow, Text};
use crate::words;

impl<'a> Report<'a> {
    /// The history of each image that the filter names, and of each repository if that was asked for.
    ///
    /// # Complexity
    /// O(n log n) in the events of the log, once for all, and in the calls on each repository.
    pub fn history(&self) -> impl Iterator<Item = HistoryRow<'a>> + '_ {
        let log = self.parts.log;
        let images = self.filter.images.iter();
        let images = images.map(|image| (image.text.to_string(), Wanted::find(log, image)));
        let repositories = self.told.repositories.iter();
        let repositories = repositories.map(|&id| (address(log, id), Wanted::repository(id)));
        let mut repositories: Vec<_> = repositories.collect();
        repositories.sort_by(|(one, _), (other, _)| one.cmp(other));
        let asked: Vec<_> = images.chain(repositories).collect();
        let ids = asked.iter().flat_map(|(_, wanted)| wanted.repositories());
        let calls = Calls::of(self, &ids.copied().collect());
        asked
            .into_iter()
            .map(move |(name, wanted)| History::new(self, &calls, wanted).tell(name))
    }

    /// Whether people asked for histories in place of pushes.
    #[must_use]
    pub fn is_history(&self) -> bool {
        self.filter.histories == Histories::OfRepositories
    }
}

/// A repository as `docker push` names it; one of ECR Public, whose alias few records name, by its name.
fn address(log: &EventLog, id: RepositoryId) -> String {
    let repository = log.tables.repositories.get(id);
    let (registry, name) = (&repository.registry, &repository.name);
    match repository.service {
        Service::Ecr => format!(
            "{registry}.dkr.ecr.{}.amazonaws.com/{name}",
            repository.region
        ),
        Service::EcrPublic => {
            let mut made = log
                .context
                .iter()
                .filter(|call| call.repository == Some(id));
            let uri = made.find_map(|call| call.one(ParamKind::Uri));
            uri.map_or(
                format!("{name} of ECR Public, registry {registry}"),
                |uri| log.text(uri).to_owned(),
            )
        }
    }
}

/// What stood where a `PutImage` put, before it.
#[derive(Clone, Copy, Debug)]
struct Before {
    /// The tag's place.
    tag: Place,
    /// Whether the image was there.
    image: Place,
}

/// One history while it is told.
struct History<'r, 'a> {
    report: &'r Report<'a>,
    log: &'a EventLog,
    calls: &'r Calls,
    wanted: Wanted,
    state: State,
    /// What each put found, for the push that it belongs to.
    before: BTreeMap<EventId, Before>,
}

impl<'r, 'a> History<'r, 'a> {
    fn new(report: &'r Report<'a>, calls: &'r Calls, wanted: Wanted) -> Self {
        Self {
            report,
            log: report.parts.log,
            calls,
            wanted,
            state: State::default(),
            before: BTreeMap::new(),
        }
    }

    fn tell(mut self, image: String) -> HistoryRow<'a> {
        let mut entries = Vec::new();
        for happening in self.happenings() {
            entries.extend(match happening {
                Happening::Put(id) => self.put(id),
                Happening::Push(position, deciding) => Some(self.push(position, deciding)),
                Happening::Beside(place) => {
                    let entry = self.beside(&self.log.context[place]);
                    self.state.apply(self.log, &self.log.context[place]);
                    entry.filter(|_| self.report.told.beside.contains(&place))
                }
            });
        }
        let tags = self.standing_tags();
        let (ends, stands_on) = self.ends(entries.is_empty(), &tags);
        let of = match self.wanted.target() {
            WantedTarget::Tag(_) => HistoryTarget::Tag,
            WantedTarget::Digest(_) => HistoryTarget::Image,
            WantedTarget::Repository => HistoryTarget::Repository,
        };
        HistoryRow {
            image,
            of,
            entries,
            ends,
            stands_on,
            tags,
        }
    }

    /// Every call on the repository that can affect what was asked for, by time. Within one second, the creation of
    /// the repository comes first, then puts, then what they decided.
    fn happenings(&self) -> Vec<Happening> {
        let (log, calls) = (self.log, self.calls);
        let is_repository = matches!(self.wanted.target(), WantedTarget::Repository);
        let mut happenings = Vec::new();
        for &repository in self.wanted.repositories() {
            let puts = calls.puts(repository);
            happenings.extend(puts.map(|id| (log.event(id).time, 1, Happening::Put(id))));
            let pushes = calls.pushes(repository).filter(|_| is_repository);
            happenings.extend(pushes.filter_map(|position| {
                let deciding = self.deciding(position)?;
                let push = Happening::Push(position, deciding);
                Some((log.event(deciding).time, 2, push))
            }));
            let of = log.tables.repositories.get(repository);
            let of_registry = calls.of_registries().filter(|&place| {
                let event = &log.context[place];
                let registry = (log.text(event.recipient), log.text(event.region));
                is_repository && is_of(event, registry, of)
            });
            let beside = calls.beside(repository).chain(of_registry);
            happenings.extend(beside.map(|place| {
                let event = &log.context[place];
                (event.time, stage(event), Happening::Beside(place))
            }));
        }
        // Stable: calls of one second and stage stay in canonical order.
        happenings.sort_by_key(|(time, stage, _)| (*time, *stage));
        let happenings = happenings.into_iter();
        happenings.map(|(_, _, happening)| happening).collect()
    }

    /// The state at the end, in words, and the digest on which the tag or image stands.
    fn ends(&self, is_empty: bool, tags: &[StandingTagRow<'_>]) -> (String, Option<String>) {
        let (what, place) = match self.wanted.target() {
            WantedTarget::Tag(tag) => ("the tag", self.place_of(tag, State::tag)),
            WantedTarget::Digest(digest) => ("the image", self.place_of(digest, State::image)),
            WantedTarget::Repository => return (self.repository_ends(is_empty, tags), None),
        };
        let on = place.digest().map(|digest| self.digest(digest));
        let ends = match (place, &on) {
            (Place::Unknown, _) if is_empty => format!("{what} does not occur in these logs"),
            (Place::Unknown, _) => format!("where {what} is then, these logs do not show"),
            (Place::Nowhere, _) => format!("then {what} is gone"),
            (Place::On(_), Some(on)) if self.is_tag() => format!("then {what} stands on {on}"),
            (Place::On(_), _) => format!("then {what} is still there"),
        };
        (ends, on)
    }

    fn repository_ends(&self, is_empty: bool, tags: &[StandingTagRow<'_>]) -> String {
        let mut repositories = self.wanted.repositories().iter();
        let is_gone = repositories.all(|&id| self.state.is_deleted(id));
        match tags.len() {
            0 if is_empty => "nothing happened to the repository in these logs".to_owned(),
            0 if is_gone => "then the repository is gone".to_owned(),
            0 => "then no tag stands in it that these logs show".to_owned(),
            1 => "then 1 tag stands in it, as far as these logs show".to_owned(),
            n => format!(
                "then {} stand in it, as far as these logs show",
                words::count(n as u64, "tag")
            ),
        }
    }

    /// Where a tag or image is, in the first repository that shows it.
    fn place_of<T: Copy>(
        &self,
        wanted: Option<T>,
        place: impl Fn(&State, RepositoryId, T) -> Place,
    ) -> Place {
        let repositories = self.wanted.repositories().iter();
        let places = repositories.filter_map(|&id| Some(place(&self.state, id, wanted?)));
        let mut places = places.filter(|place| *place != Place::Unknown);
        places.next().unwrap_or(Place::Unknown)
    }

    /// The tags that stand in a repository; those put last come first.
    fn standing_tags(&self) -> Vec<StandingTagRow<'a>> {
        if !matches!(self.wanted.target(), WantedTarget::Repository) {
            return Vec::new();
        }
        let mut standing: Vec<_> = self.state.standing().collect();
        standing.sort_by_key(|&(_, tag, at)| (Reverse(at.since), self.log.text(tag)));
        let row = |(repository, tag, at): (RepositoryId, TextId, state::TagAt)| {
            let digest = at.place.digest();
            let push = at.put.and_then(|put| self.calls.push_of(put));
            StandingTagRow {
                tag: self.text(tag),
                digest: digest.map(|digest| self.digest(digest)),
                since: words::time(at.since),
                session: push.map(|position| self.report.session_id(position)),
                archived: digest.is_some_and(|one| self.state.is_archived(repository, one)),
            }
        };
        standing.into_iter().map(row).collect()
    }

    fn is_tag(&self) -> bool {
        matches!(self.wanted.target(), WantedTarget::Tag(_))
    }

    /// An entry for a call of a push, with the fields that every entry has.
    fn entry(&self, id: EventId, kind: HistoryKind, message: String) -> HistoryEntryRow<'a> {
        let event: &'a Event = self.log.event(id);
        let code = self.log.error_code(event);
        HistoryEntryRow {
            time: words::time(event.time),
            event_id: parts::id_text(self.log, id),
            action: Cow::Borrowed(event.action.name()),
            kind,
            session: None,
            status: None,
            group: None,
            who: String::new(),
            behind: None,
            source_ip: None,
            tag: None,
            digest: None,
            from: None,
            tags: Vec::new(),
            digests: Vec::new(),
            error_code: code.map(Cow::Borrowed),
            message,
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

/// What comes first within one second.
fn stage(event: &ContextEvent) -> u8 {
    match event.deed == Deed::CreateRepository {
        true => 0,
        false => 3,
    }
}
