//! Which reads are one run of a client that takes one image.
//!
//! Comes in: the reads of a log. Goes out: groups of them, each with the image that it is about. Never: reads of two
//! callers, logins or clients in one group.
//!
//! A run asks for a manifest by tag or digest, perhaps twice (`HEAD`, then `GET`); of an index it then asks for the manifest of
//! its platform, and then for the layers that it lacks. A client that has all layers stops after the manifests.

use std::cmp::Ordering;

use chrono::{DateTime, TimeDelta, Utc};

use crate::event::{
    ClientId, Credential, CredentialId, DigestId, EventLog, Fetch, FetchTarget, IdMap, IdSet,
    OrderedMap, RepositoryId, TextId,
};
use crate::pull::images::ImageParts;
use crate::pull::stand::{TagHistory, TagStand};
use crate::pull::{NamedBy, Pull, PullEnd, PullId};
use crate::record::{FNV_OFFSET, fnv1a};
use crate::session::{PrincipalId, Principals, Session, Sessions};

/// How long after one request for a manifest the same request is of the same run: a `HEAD` before its `GET`.
///
/// Inferred from the sources of docker, containerd and crane, which send both at once.
const SAME: TimeDelta = TimeDelta::seconds(2);

/// How long after the last call of a run without layers a manifest by another name may follow.
const NEXT: TimeDelta = TimeDelta::seconds(60);

/// How long after the last call of a run a layer may follow: a client asks for the next address when it has fetched a layer.
const LAYER: TimeDelta = TimeDelta::minutes(10);

/// How many runs of one caller and client may be under way; of more, the oldest are closed.
const MOST_OPEN: usize = 16;

/// How far a push's reads may lie outside its calls.
const AROUND: TimeDelta = TimeDelta::seconds(5);

/// The reads of one run.
#[derive(Clone, Debug)]
pub(super) struct ReadRun {
    repository: Option<RepositoryId>,
    tag: Option<TextId>,
    /// The digest that the tag stood on, if the log shows it.
    stood_on: Option<DigestId>,
    /// The manifests asked for by digest, in order.
    asked: Vec<DigestId>,
    layers: IdSet<DigestId>,
    n_manifests: u32,
    has_layers: bool,
    is_refused: bool,
    first: DateTime<Utc>,
    last: DateTime<Utc>,
    /// The reads, as indexes into the log's, in order.
    pub(super) reads: Vec<u32>,
}

/// What all reads of one run share.
type Key = (Option<RepositoryId>, PrincipalId, CredentialId, ClientId);

/// Groups reads to runs.
///
/// # Complexity
/// O(n log n) in the reads.
pub(super) fn gather(
    log: &EventLog,
    reads: &[Fetch],
    principals: &Principals,
    images: &ImageParts<'_>,
    tags: &TagHistory,
) -> Vec<ReadRun> {
    let mut of_key: OrderedMap<Key, Vec<u32>> = OrderedMap::default();
    for (place, read) in reads.iter().enumerate() {
        let caller = principals.of(read.identity);
        let key = (read.repository, caller, read.credential, read.client);
        of_key.entry(key).or_default().push(place as u32);
    }
    let groups: Vec<Vec<u32>> = of_key.into_values().collect();
    let runs = crate::threads::map(groups, |mut places| {
        places.sort_unstable_by(|&a, &b| {
            let (a, b) = (&reads[a as usize], &reads[b as usize]);
            (a.time.cmp(&b.time)).then_with(|| compare(log, images, a, b))
        });
        let mut runs = Runs {
            images,
            tags,
            open: Vec::new(),
            closed: Vec::new(),
        };
        for place in places {
            runs.take(place, &reads[place as usize]);
        }
        runs.closed.append(&mut runs.open);
        runs.closed
    });
    runs.into_iter().flatten().collect()
}

/// The order of reads within one second: manifests by tag, indexes, images, layers, and by what they name. Ids of events do
/// not matter, but for reads of one thing, which are alike.
fn compare(log: &EventLog, images: &ImageParts<'_>, a: &Fetch, b: &Fetch) -> Ordering {
    let rank = |read: &Fetch| match read.wanted {
        FetchTarget::Image { digest: None, .. } => 0,
        FetchTarget::Image {
            digest: Some(digest),
            ..
        } => match images.manifest(digest) {
            Some(manifest) if !manifest.children().is_empty() => 1,
            Some(_) | None => 2,
        },
        FetchTarget::Layer(_) => 3,
    };
    let name = |read: &Fetch| match read.wanted {
        FetchTarget::Image {
            digest: Some(digest),
            ..
        }
        | FetchTarget::Layer(Some(digest)) => log.tables.digests.get(digest).to_string(),
        FetchTarget::Image { tag, .. } => tag.map_or("", |tag| log.text(tag)).to_owned(),
        FetchTarget::Layer(None) => String::new(),
    };
    (rank(a).cmp(&rank(b)))
        .then_with(|| name(a).cmp(&name(b)))
        .then_with(|| a.failure.is_some().cmp(&b.failure.is_some()))
        .then_with(|| {
            let texts = &log.tables.texts;
            a.event_id.text(texts).cmp(&b.event_id.text(texts))
        })
}

/// The runs of one caller while their reads are taken in.
struct Runs<'r, 'a> {
    images: &'r ImageParts<'a>,
    tags: &'r TagHistory,
    /// By their last call; the latest is last.
    open: Vec<ReadRun>,
    closed: Vec<ReadRun>,
}

impl Runs<'_, '_> {
    fn take(&mut self, place: u32, read: &Fetch) {
        let at = match read.wanted {
            FetchTarget::Image { tag, digest } => self.open_for_image(read, tag, digest),
            FetchTarget::Layer(layer) => self.open_for_layer(read, layer),
        };
        let mut run = match at {
            Some(at) => self.open.remove(at),
            None => ReadRun {
                repository: read.repository,
                tag: None,
                stood_on: None,
                asked: Vec::new(),
                layers: IdSet::default(),
                n_manifests: 0,
                has_layers: false,
                is_refused: false,
                first: read.time,
                last: read.time,
                reads: Vec::new(),
            },
        };
        match read.wanted {
            FetchTarget::Image { tag, digest } => {
                if run.tag.is_none()
                    && let (Some(tag), Some(repository)) = (tag, read.repository)
                {
                    run.tag = Some(tag);
                    run.stood_on = match self.tags.tag_at(repository, tag, read.time) {
                        TagStand::On(digest) => Some(digest),
                        TagStand::Unknown | TagStand::Nowhere(_) => None,
                    };
                }
                run.asked
                    .extend(digest.filter(|digest| !run.asked.contains(digest)));
                run.n_manifests = run.n_manifests.saturating_add(1);
            }
            FetchTarget::Layer(layer) => {
                if read.failure.is_none() {
                    run.layers.extend(layer);
                    run.has_layers = true;
                }
            }
        }
        run.is_refused |= read.failure.is_some();
        run.last = run.last.max(read.time);
        run.reads.push(place);
        self.open.push(run);
        if self.open.len() > MOST_OPEN {
            self.closed.push(self.open.remove(0));
        }
    }

    /// The open run that a manifest belongs to; none if it begins one.
    fn open_for_image(
        &self,
        read: &Fetch,
        tag: Option<TextId>,
        digest: Option<DigestId>,
    ) -> Option<usize> {
        let belongs = |run: &ReadRun| {
            let gap = read.time - run.last;
            if run.is_refused != read.failure.is_some() {
                return false;
            }
            let Some(digest) = digest else {
                let is_same = run.tag == tag && run.asked.is_empty() && !run.has_layers;
                return is_same && gap <= SAME;
            };
            let is_known = run.asked.contains(&digest);
            let root = run.root();
            let is_child = root.is_some_and(|root| self.images.is_child(root, digest));
            if is_child && !is_known {
                return gap <= LAYER;
            }
            if run.has_layers {
                return false;
            }
            match (run.tag, run.stood_on) {
                _ if is_known => gap <= SAME,
                (Some(_), Some(stood_on)) => {
                    stood_on == digest && run.asked.is_empty() && gap <= NEXT
                }
                // Where the tag stood is not known: what is asked for next tells.
                (Some(_), None) => run.asked.is_empty() && gap <= SAME,
                (None, _) => false,
            }
        };
        self.open.iter().rposition(belongs)
    }

    /// The open run that a layer belongs to; none if it begins one.
    fn open_for_layer(&self, read: &Fetch, layer: Option<DigestId>) -> Option<usize> {
        let is_near = |run: &ReadRun| read.time - run.last <= LAYER;
        let Some(layer) = layer else {
            return self.open.iter().rposition(is_near);
        };
        let has = |run: &ReadRun| self.images.has(run.root()?, layer);
        let lacks = |run: &ReadRun| !run.layers.contains(&layer);
        let of_image = |run: &ReadRun| is_near(run) && has(run) == Some(true);
        let first = |run: &ReadRun| of_image(run) && lacks(run);
        let unknown = |run: &ReadRun| is_near(run) && has(run).is_none() && lacks(run);
        let again = |run: &ReadRun| is_near(run) && has(run) != Some(false);
        (self.open.iter().rposition(first))
            .or_else(|| self.open.iter().rposition(unknown))
            .or_else(|| self.open.iter().rposition(again))
    }
}

impl ReadRun {
    /// The image or index that the run is about, as far as its manifests show.
    fn root(&self) -> Option<DigestId> {
        match self.tag {
            Some(_) => self.stood_on.or_else(|| self.asked.first().copied()),
            None => self.asked.first().copied(),
        }
    }

    /// The pull that the run is, without its login.
    pub(super) fn pull(
        &self,
        log: &EventLog,
        reads: &[Fetch],
        images: &ImageParts<'_>,
        tags: &TagHistory,
    ) -> Pull {
        let first = &reads[self.reads.first().copied().unwrap_or_default() as usize];
        let (image, named_by) = self.image(images);
        let failure = self.failure(reads);
        let (end, gone) = self.end(log, tags, image, failure.is_some());
        Pull {
            id: self.id(log, reads),
            repository: self.repository,
            identity: first.identity,
            client: first.client,
            login: None,
            tag: self.tag,
            image,
            named_by,
            platform: image.and_then(|image| self.platform(images, image)),
            end,
            failure,
            gone,
            n_manifests: self.n_manifests,
            n_layers: self.layers.len() as u32,
            first: self.first,
            last: self.last,
            reads: 0..0,
        }
    }

    /// The image, and how it is known. Layers that only one image has outweigh a tag, since clocks differ.
    fn image(&self, images: &ImageParts<'_>) -> (Option<DigestId>, Option<NamedBy>) {
        let by_layers = self.repository.and_then(|repository| {
            let mut named: Vec<DigestId> = (self.layers.iter())
                .filter_map(|&layer| images.only_with(repository, layer))
                .collect();
            named.sort_unstable();
            named.dedup();
            let [only] = *named else { return None };
            Some((only, images.only_index_of(repository, only)))
        });
        let names = |image: DigestId| {
            by_layers.is_none_or(|(only, index)| {
                image == only || index == Some(image) || images.is_child(image, only)
            })
        };
        if let Some(stood_on) = self.stood_on.filter(|&digest| names(digest)) {
            let is_exact = self.asked.contains(&stood_on);
            let by = match is_exact {
                true => NamedBy::Digest,
                false => NamedBy::Tag,
            };
            return (Some(stood_on), Some(by));
        }
        if let Some(&asked) = self.asked.first() {
            return (Some(asked), Some(NamedBy::Digest));
        }
        match by_layers {
            // A tag of unknown place led to it, perhaps by its index.
            Some((only, index)) => (Some(index.unwrap_or(only)), Some(NamedBy::Layers)),
            None => (None, None),
        }
    }

    /// The only image of an index that was taken.
    fn platform(&self, images: &ImageParts<'_>, index: DigestId) -> Option<DigestId> {
        let manifest = images.manifest(index)?;
        let children = manifest.children().iter().map(|child| child.digest);
        let asked: Vec<DigestId> = children
            .clone()
            .filter(|child| self.asked.contains(child))
            .collect();
        match *asked {
            [only] => return Some(only),
            [] => {}
            [..] => return None,
        }
        let repository = self.repository?;
        let mut named: Vec<DigestId> = (self.layers.iter())
            .filter_map(|&layer| images.only_with(repository, layer))
            .filter(|only| children.clone().any(|child| child == *only))
            .collect();
        named.sort_unstable();
        named.dedup();
        match *named {
            [only] => Some(only),
            [..] => None,
        }
    }

    /// The last refusal that no later call made good.
    fn failure(&self, reads: &[Fetch]) -> Option<crate::event::FailureId> {
        self.reads.iter().rev().find_map(|&place| {
            let read = &reads[place as usize];
            let is_good = match read.wanted {
                FetchTarget::Layer(Some(layer)) => self.layers.contains(&layer),
                FetchTarget::Layer(None) | FetchTarget::Image { .. } => false,
            };
            read.failure.filter(|_| !is_good)
        })
    }

    fn end(
        &self,
        log: &EventLog,
        tags: &TagHistory,
        image: Option<DigestId>,
        is_refused: bool,
    ) -> (PullEnd, Option<crate::pull::stand::Gone>) {
        let Some(repository) = self.repository else {
            return match (is_refused, self.has_layers) {
                (true, _) => (PullEnd::Refused, None),
                (false, true) => (PullEnd::Layers, None),
                (false, false) => (PullEnd::Manifest, None),
            };
        };
        let stand = match (image, self.tag) {
            (Some(image), _) => tags.image_at(repository, image, self.first),
            (None, Some(tag)) => tags.tag_at(repository, tag, self.first),
            (None, None) => TagStand::Unknown,
        };
        let gone = match stand {
            TagStand::Nowhere(gone) => Some(gone),
            TagStand::On(_) | TagStand::Unknown => None,
        };
        match (is_refused, self.has_layers, gone) {
            (true, _, gone) => (PullEnd::Refused, gone),
            (false, false, Some(gone)) => (PullEnd::NotThere, Some(gone)),
            (false, has_layers, _) => {
                let left =
                    image.and_then(|image| tags.left_by_tags(log, (repository, image), self.first));
                let end = match has_layers {
                    true => PullEnd::Layers,
                    false => PullEnd::Manifest,
                };
                (end, left.filter(|_| self.tag.is_none()))
            }
        }
    }

    fn id(&self, log: &EventLog, reads: &[Fetch]) -> PullId {
        let ids = self.reads.iter().map(|&place| {
            let read = &reads[place as usize];
            read.event_id.text(&log.tables.texts)
        });
        let least = ids.min().unwrap_or_default();
        let hash = fnv1a(FNV_OFFSET, least.as_bytes());
        let first = reads.get(self.reads.first().copied().unwrap_or_default() as usize);
        let wanted = match first.map(|read| read.wanted) {
            Some(FetchTarget::Image {
                digest: Some(digest),
                ..
            })
            | Some(FetchTarget::Layer(Some(digest))) => log.tables.digests.get(digest).to_string(),
            Some(FetchTarget::Image { tag, .. }) => tag.map_or("", |tag| log.text(tag)).to_owned(),
            Some(FetchTarget::Layer(None)) | None => String::new(),
        };
        PullId(fnv1a(hash, wanted.as_bytes()))
    }
}

/// A stretch of time in which a push read manifests itself.
struct PushSpan {
    first: DateTime<Utc>,
    /// The last instant of this span and of all before it.
    until: DateTime<Utc>,
    last: DateTime<Utc>,
    session: usize,
}

/// When each caller pushed to each repository.
pub(super) struct PushSpans<'a> {
    sessions: &'a Sessions,
    spans: IdMap<(RepositoryId, PrincipalId), Vec<PushSpan>>,
}

impl<'a> PushSpans<'a> {
    pub(super) fn new(_: &EventLog, sessions: &'a Sessions) -> Self {
        let mut spans: IdMap<(RepositoryId, PrincipalId), Vec<PushSpan>> = IdMap::default();
        for (place, session) in sessions.sessions.iter().enumerate() {
            let Some(repository) = session.repository else {
                continue;
            };
            let caller = sessions.principals.of(session.identity);
            let of = spans.entry((repository, caller)).or_default();
            let before = of.last().map(|span| span.until);
            of.push(PushSpan {
                first: session.first,
                last: session.last,
                until: before.map_or(session.last, |before| before.max(session.last)),
                session: place,
            });
        }
        Self { sessions, spans }
    }

    /// Whether a run is the reading of a push: by its caller and login, without layers, within it or at its edge.
    pub(super) fn holds(&self, log: &EventLog, reads: &[Fetch], run: &ReadRun) -> bool {
        let (Some(repository), false, Some(&first)) =
            (run.repository, run.has_layers, run.reads.first())
        else {
            return false;
        };
        let read = &reads[first as usize];
        let caller = self.sessions.principals.of(read.identity);
        let Some(spans) = self.spans.get(&(repository, caller)) else {
            return false;
        };
        let (begin, end) = (run.first - AROUND, run.last + AROUND);
        let n = spans.partition_point(|span| span.first <= end);
        let before = spans[..n].iter().rev();
        let near = before
            .take_while(|span| span.until >= begin)
            .take(MOST_OPEN);
        let mut near = near.filter(|span| span.last >= begin);
        near.any(|span| {
            let session = self.sessions.sessions.get(span.session);
            session.is_some_and(|session| is_of_login(log, session, read.credential))
        })
    }
}

/// Whether a login may be one of a push's: no key that both show differs.
fn is_of_login(log: &EventLog, session: &Session, login: CredentialId) -> bool {
    let of = |id: CredentialId| log.tables.credentials.get(id);
    let key = |of: &Credential| of.access_key_id.clone();
    let own = key(of(login));
    let mut keys = session.credentials.iter().map(|&id| key(of(id)));
    own.is_none() || session.credentials.is_empty() || keys.any(|key| key.is_none() || key == own)
}
