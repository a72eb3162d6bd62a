//! The rows of pulls, and how far an image went.
//!
//! Comes in: the pulls of a log. Goes out: their rows one by one, what each push's image was pulled, and for each image asked
//! for its reach. Never: a row of a pull that the selection leaves out.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::event::{DigestId, EventLog, Fetch, IdSet, RepositoryId};
use crate::pull::stand::{Gone, GoneBy};
use crate::pull::{HolderService, Pull, PullEnd, PullSet};
use crate::report::criterion::{Wanted, WantedTarget};
use crate::report::filter::Filter;
use crate::report::parts::{self, Report, put_by};
use crate::report::row::{
    ClientFrom, ClientRow, LossKind, LossRow, PullRow, PulledRow, ReachPushRow, ReachRow, ShareRow,
    StoodRow, TakerRow, Text,
};
use crate::report::session;
use crate::session::Session;
use crate::words;

/// A layer that this many images of the log have, or fewer, is unusual.
const FEW_IMAGES: usize = 4;

impl<'a> Report<'a> {
    /// Whether pulls were read.
    #[must_use]
    pub fn has_pulls(&self) -> bool {
        self.parts.pulls.is_some()
    }

    /// The selected pulls, by time of the first call; none if pulls were not read.
    ///
    /// With a filter these are the pulls of images that selected pushes put, and of images asked for by name.
    pub fn pulls(&self) -> impl Iterator<Item = PullRow<'a>> + '_ {
        let set = self.parts.pulls;
        let places = self.pull_places();
        places.filter_map(move |place| {
            let set = set?;
            Some(self.pull_row(set, set.pulls.get(place)?))
        })
    }

    /// How many pulls are selected.
    #[must_use]
    pub fn n_pulls(&self) -> u64 {
        self.pull_places().count() as u64
    }

    /// The selected pulls, as indexes.
    fn pull_places(&self) -> impl Iterator<Item = usize> + '_ {
        let n = self.parts.pulls.map_or(0, |set| set.pulls.len());
        (0..n).filter(|place| {
            let chosen = self.pulled.as_ref();
            chosen.is_none_or(|chosen| chosen.binary_search(place).is_ok())
        })
    }

    /// The pulls that a filter selects, if it selects; `selected` are the pushes that it selects.
    pub(super) fn choose_pulls(&self, filter: &Filter, selected: &[usize]) -> Option<Vec<usize>> {
        let set = self.parts.pulls?;
        if filter.is_all() {
            return None;
        }
        let sessions = &self.parts.sessions.sessions;
        let selected = selected
            .iter()
            .filter_map(|&position| sessions.get(position));
        let put: IdSet<(RepositoryId, DigestId)> = selected.flat_map(put_by).collect();
        let asked = filter.images.iter();
        let asked: Vec<Wanted> = asked
            .map(|image| Wanted::find(self.parts.log, image))
            .collect();
        // Also those that failed, which are no pulls of the image otherwise.
        let is_chosen = |pull: &Pull| {
            let digests = [pull.image, pull.platform].into_iter().flatten();
            let mut images = digests.filter_map(|digest| Some((pull.repository?, digest)));
            images.any(|image| put.contains(&image))
                || asked.iter().any(|wanted| is_meant(wanted, pull))
        };
        let pulls = set.pulls.iter().enumerate();
        let chosen = pulls.filter(|(_, pull)| is_chosen(pull));
        Some(chosen.map(|(place, _)| place).collect())
    }

    /// What the log shows of pulls of a push's image; `None` if pulls were not read.
    pub(super) fn pulled(&self, session: &Session) -> Option<PulledRow> {
        let set = self.parts.pulls?;
        let since = set.since(session, self.parts.sessions);
        Some(PulledRow {
            pulls: since.map_or(0, |since| since.n_pulls),
            callers: since.map_or(0, |since| since.n_callers),
            first: since.map(|since| words::time(since.first)),
            last: since.map(|since| words::time(since.last)),
        })
    }

    fn pull_row(&self, set: &'a PullSet, pull: &'a Pull) -> PullRow<'a> {
        let log = self.parts.log;
        let tables = &log.tables;
        let repository = pull.repository.map(|id| tables.repositories.get(id));
        let text = |text: &'a str| (!text.is_empty()).then_some(Cow::Borrowed(text));
        let failure = pull.failure.map(|id| tables.failures.get(id));
        let pushed_by = pull.repository.zip(pull.image).and_then(|image| {
            let put = self.index.put(&self.parts, image);
            let sessions = &self.parts.sessions.sessions;
            let before = put.iter().rev();
            before
                .copied()
                .find(|&position| sessions[position].first <= pull.last)
        });
        PullRow {
            id: pull.id.to_string(),
            end: pull.end,
            registry: repository.and_then(|repository| text(&repository.registry)),
            region: repository.and_then(|repository| text(&repository.region)),
            repository: repository.and_then(|repository| text(&repository.name)),
            tag: pull.tag.map(|tag| Cow::Borrowed(log.text(tag))),
            digest: pull.image.map(|id| tables.digests.get(id).to_string()),
            named_by: pull.named_by,
            platform: pull.platform.map(|id| tables.digests.get(id).to_string()),
            pushed_by: pushed_by.map(|position| self.session_id(position)),
            after: pull.gone.map(|gone| loss(log, gone)),
            error_code: failure.and_then(|failure| text(&failure.code)),
            error_message: failure.and_then(|failure| text(failure.message.as_deref()?)),
            identity: session::identity(tables.identities.get(pull.identity)),
            service: holder(log, pull),
            client: client(log, pull),
            authorization: pull
                .login
                .as_ref()
                .map(|link| session::authorization(log, link)),
            manifests: pull.n_manifests,
            layers: pull.n_layers,
            first: words::time(pull.first),
            last: words::time(pull.last),
            events: events(log, set, pull),
        }
    }

    /// How far each image went that the filter asks for; none if pulls were not read.
    ///
    /// # Complexity
    /// O(n) in the pulls of these images, and in the blobs of the log.
    #[must_use]
    pub fn reach(&self) -> Vec<ReachRow<'a>> {
        let Some(set) = self.parts.pulls else {
            return Vec::new();
        };
        let mut rows = Vec::new();
        for asked in &self.filter.images {
            let wanted = Wanted::find(self.parts.log, asked);
            for (repository, digest) in self.images_meant(set, &wanted) {
                rows.push(self.reach_row(set, asked.text.to_string(), (repository, digest)));
            }
        }
        rows
    }

    /// The images that a reference means: its digest, all that its tag stood on, or all that are in the repository and of
    /// selected pushes.
    fn images_meant(&self, set: &PullSet, wanted: &Wanted) -> Vec<(RepositoryId, DigestId)> {
        if let WantedTarget::Digest(digest) = wanted.target() {
            let repositories = wanted.repositories().iter();
            return repositories
                .filter_map(|&repository| Some((repository, digest?)))
                .collect();
        }
        let sessions = &self.parts.sessions.sessions;
        let selected = self.selected.iter().map(|&position| &sessions[position]);
        let selected = selected.filter(|session| wanted.is_in(session.repository));
        let roots = selected.filter_map(|session| Some((session.repository?, session.root()?)));
        let mut images: Vec<(RepositoryId, DigestId)> = Vec::new();
        let of_pulls = self.pull_places().filter_map(|place| {
            let pull = set.pulls.get(place)?;
            let is_meant = is_meant(wanted, pull);
            Some((pull.repository?, pull.image?)).filter(|_| is_meant)
        });
        let of_pushes = roots.filter_map(|(repository, root)| Some((repository, root.digest?)));
        let mut seen = BTreeSet::new();
        for image in of_pushes.chain(of_pulls) {
            if seen.insert(image) {
                images.push(image);
            }
        }
        images
    }

    fn reach_row(
        &self,
        set: &'a PullSet,
        asked: String,
        (repository, digest): (RepositoryId, DigestId),
    ) -> ReachRow<'a> {
        let log = self.parts.log;
        let sessions = &self.parts.sessions.sessions;
        let put = self.index.put(&self.parts, (repository, digest));
        let pushes = put.iter().map(|&position| {
            let session = &sessions[position];
            ReachPushRow {
                session: self.session_id(position),
                time: words::time(session.first),
                who: words::who(log.tables.identities.get(session.identity)),
                source_ip: session::client(self, session).and_then(|client| client.source_ip),
            }
        });
        let stood = set.tags.stood_on(log, repository, digest).into_iter();
        let stood = stood.map(|stretch| StoodRow {
            tag: Cow::Borrowed(log.text(stretch.tag)),
            from: words::time(stretch.from),
            until: stretch.until.map(words::time),
            ended_by: (stretch.until.zip(stretch.by)).map(|(at, by)| loss(log, Gone { at, by })),
        });
        let pulls: Vec<&'a Pull> = (set.of_image(repository, digest).iter())
            .filter_map(|&place| set.pulls.get(place as usize))
            .collect();
        let takers = takers(self, &pulls);
        ReachRow {
            asked,
            repository: Cow::Borrowed(&log.tables.repositories.get(repository).name),
            digest: log.tables.digests.get(digest).to_string(),
            pushes: pushes.collect(),
            stood: stood.collect(),
            pulled: PulledRow {
                pulls: pulls.len() as u64,
                callers: takers.len() as u64,
                first: pulls.iter().map(|pull| pull.first).min().map(words::time),
                last: pulls.iter().map(|pull| pull.last).max().map(words::time),
            },
            takers,
            shares: self.shares(repository, digest),
        }
    }

    /// The other images that have a layer which few images have.
    fn shares(&self, repository: RepositoryId, digest: DigestId) -> Vec<ShareRow<'a>> {
        let log = self.parts.log;
        let mut of_blob: BTreeMap<DigestId, BTreeSet<(RepositoryId, DigestId)>> = BTreeMap::new();
        let own: BTreeSet<DigestId> = self.blobs((repository, digest)).collect();
        for session in &self.parts.sessions.sessions {
            for image in put_by(session) {
                for blob in self.blobs_put(session, image.1) {
                    if own.contains(&blob) {
                        of_blob.entry(blob).or_default().insert(image);
                    }
                }
            }
        }
        let mut shared: BTreeMap<(RepositoryId, DigestId), u64> = BTreeMap::new();
        for images in of_blob.into_values() {
            if images.len() <= FEW_IMAGES {
                for image in images {
                    *shared.entry(image).or_default() += 1;
                }
            }
        }
        shared.remove(&(repository, digest));
        let rows = shared.into_iter();
        let rows = rows.map(|((repository, digest), layers)| ShareRow {
            repository: Cow::Borrowed(&*log.tables.repositories.get(repository).name),
            digest: log.tables.digests.get(digest).to_string(),
            layers,
        });
        let mut rows: Vec<ShareRow<'a>> = rows.collect();
        rows.sort_by(|a, b| (&a.repository, &a.digest).cmp(&(&b.repository, &b.digest)));
        rows
    }

    /// The layers of an image by the pushes that put it.
    fn blobs(&self, image: (RepositoryId, DigestId)) -> impl Iterator<Item = DigestId> + '_ {
        let put = self.index.put(&self.parts, image).iter();
        let sessions = &self.parts.sessions.sessions;
        put.flat_map(move |&position| self.blobs_put(&sessions[position], image.1))
    }

    /// The layers of one manifest of a push.
    fn blobs_put<'s>(
        &'s self,
        session: &'s Session,
        digest: DigestId,
    ) -> impl Iterator<Item = DigestId> + 's {
        let manifests = &self.parts.log.tables.manifests;
        let puts = session.manifests.iter();
        let puts = puts.filter(move |put| put.digest == Some(digest));
        let puts = puts.filter_map(move |put| Some(manifests.get(put.manifest?)));
        puts.flat_map(|manifest| manifest.blobs().map(|blob| blob.digest))
    }
}

fn is_meant(wanted: &Wanted, pull: &Pull) -> bool {
    let names = match wanted.target() {
        WantedTarget::Tag(tag) => tag.is_some() && pull.tag == tag,
        WantedTarget::Digest(digest) => {
            digest.is_some() && (pull.image == digest || pull.platform == digest)
        }
        WantedTarget::Repository => true,
    };
    names && wanted.is_in(pull.repository)
}

/// The callers of some pulls, those first that came first.
fn takers<'a>(report: &Report<'a>, pulls: &[&'a Pull]) -> Vec<TakerRow<'a>> {
    let log = report.parts.log;
    let mut place_of: BTreeMap<_, usize> = BTreeMap::new();
    let mut rows: Vec<TakerRow<'a>> = Vec::new();
    let mut lasts: Vec<DateTime<Utc>> = Vec::new();
    for pull in pulls {
        let caller = report.parts.sessions.principals.of(pull.identity);
        let place = *place_of.entry(caller).or_insert(rows.len());
        if place == rows.len() {
            let identity = log.tables.identities.get(pull.identity);
            lasts.push(pull.last);
            rows.push(TakerRow {
                who: words::who(identity),
                arn: identity.arn.as_deref().map(Cow::Borrowed),
                service: None,
                source_ips: Vec::new(),
                pulls: 0,
                by_digest: 0,
                after_loss: 0,
                with_layers: 0,
                tags: Vec::new(),
                platforms: Vec::new(),
                first: words::time(pull.first),
                last: words::time(pull.last),
            });
        }
        let (Some(row), Some(last)) = (rows.get_mut(place), lasts.get_mut(place)) else {
            continue;
        };
        row.pulls += 1;
        row.by_digest += u64::from(pull.tag.is_none());
        row.after_loss += u64::from(pull.gone.is_some());
        row.with_layers += u64::from(pull.end == PullEnd::Layers);
        row.service = row.service.or_else(|| holder(log, pull));
        if pull.last > *last {
            *last = pull.last;
            row.last = words::time(pull.last);
        }
        let address = client(log, pull).and_then(|client| client.source_ip);
        add_once(&mut row.source_ips, address);
        add_once(
            &mut row.tags,
            pull.tag.map(|tag| Cow::Borrowed(log.text(tag))),
        );
        let platform = pull
            .platform
            .map(|id| log.tables.digests.get(id).to_string());
        add_once(&mut row.platforms, platform);
    }
    rows
}

/// The most different addresses, tags or platforms that a caller's row lists.
const MOST_OF_TAKER: usize = 20;

fn add_once<T: PartialEq>(list: &mut Vec<T>, one: Option<T>) {
    if let Some(one) = one
        && list.len() < MOST_OF_TAKER
        && !list.contains(&one)
    {
        list.push(one);
    }
}

/// The service that pulled.
pub(super) fn holder(log: &EventLog, pull: &Pull) -> Option<HolderService> {
    let tables = &log.tables;
    let login = pull.login.as_ref().map(|link| log.event(link.event).client);
    let clients = [Some(pull.client), login].into_iter().flatten();
    let clients = clients.map(|id| tables.clients.get(id));
    HolderService::of(tables.identities.get(pull.identity), clients)
}

/// The caller's address: from the pull's own calls, or else from its login.
pub(super) fn client<'a>(log: &'a EventLog, pull: &Pull) -> Option<ClientRow<'a>> {
    let own = log.tables.clients.get(pull.client);
    let login = pull.login.as_ref().map(|link| log.event(link.event).client);
    let login = login.map(|id| log.tables.clients.get(id));
    let (client, from) = match own.is_direct() {
        true => (own, ClientFrom::Call),
        false => (
            login.filter(|client| client.is_direct())?,
            ClientFrom::Authorization,
        ),
    };
    Some(ClientRow {
        source_ip: client.source_ip.as_deref().map(Cow::Borrowed),
        user_agent: client.user_agent.as_deref().map(Cow::Borrowed),
        from,
        // The endpoint that the pull itself came through is the one that counts.
        vpc_endpoint_id: (own.vpc_endpoint_id.as_deref())
            .or(client.vpc_endpoint_id.as_deref())
            .map(Cow::Borrowed),
        vpc_endpoint_account: (own.vpc_endpoint_account.as_deref())
            .or(client.vpc_endpoint_account.as_deref())
            .map(Cow::Borrowed),
        tls_version: client.tls_version.as_deref().map(Cow::Borrowed),
    })
}

/// The `eventID`s of a pull, each once.
fn events<'a>(log: &'a EventLog, set: &'a PullSet, pull: &Pull) -> Vec<Text<'a>> {
    let ids = set.reads_of(log, pull);
    let ids = ids.map(|read: &'a Fetch| read.event_id.text(&log.tables.texts));
    let mut ids: Vec<Text<'a>> = ids.collect();
    ids.dedup();
    ids
}

/// What took an image away.
pub(super) fn loss<'a>(log: &'a EventLog, gone: Gone) -> LossRow<'a> {
    let (kind, place) = match gone.by {
        GoneBy::Replaced(id) => {
            let event = log.event(id);
            return LossRow {
                kind: LossKind::Replaced,
                time: words::time(gone.at),
                event_id: parts::id_text(log, id),
                who: words::who(log.tables.identities.get(event.identity)),
            };
        }
        GoneBy::Deleted(place) => (LossKind::Deleted, place),
        GoneBy::Expired(place) => (LossKind::Expired, place),
        GoneBy::RepositoryDeleted(place) => (LossKind::RepositoryDeleted, place),
        GoneBy::Archived(place) => (LossKind::Archived, place),
    };
    let event = log.context.get(place);
    LossRow {
        kind,
        time: words::time(gone.at),
        event_id: event.map_or(Cow::Borrowed(""), |event| {
            event.event_id.text(&log.tables.texts)
        }),
        who: event.map_or_else(String::new, |event| {
            words::who(log.tables.identities.get(event.identity))
        }),
    }
}
