//! LOG + PUSHES -> PULLS: who took which image.
//!
//! Comes in: the reads of the log, the pushes and the coverage. Goes out: one [`Pull`] for each run of a client that took
//! one image, with its login and the digest that its tag stood on at that time. Never: a change of a push, or a guess
//! at where a tag stood when the log does not show it.

mod compose;
mod gather;
mod holder;
mod images;
pub mod stand;

use std::fmt;
use std::ops::Range;

use chrono::{DateTime, Utc};

use crate::event::{
    ClientId, DigestId, EventLog, FailureId, Fetch, IdSet, IdentityId, OrderedMap, RepositoryId,
    TextId,
};
use crate::pull::stand::{Gone, TagHistory};
use crate::session::{Link, PrincipalId, PutState, Session, Sessions};

pub use compose::pulls;
pub use holder::HolderService;

/// A pull's id; it depends on its content, not on its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PullId(pub u64);

impl fmt::Display for PullId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}", self.0 & 0xffff_ffff_ffff)
    }
}

/// How the image of a pull is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NamedBy {
    /// The client asked for its digest.
    Digest,
    /// Its tag stood on it at that time.
    Tag,
    /// Of the images in the repository, only this one has a layer that was taken.
    Layers,
}

/// How a pull ended, as far as its calls show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PullEnd {
    /// Layers were taken.
    Layers,
    /// Only the manifest was: a check, or the client has the layers.
    Manifest,
    /// A call was refused.
    Refused,
    /// The log shows that what was asked for was not there any more, and no layer was taken.
    NotThere,
}

impl PullEnd {
    /// Every end.
    pub const ALL: [Self; 4] = [Self::Layers, Self::Manifest, Self::Refused, Self::NotThere];
}

/// One run of a client that took one image from one repository.
#[derive(Clone, Debug, PartialEq)]
pub struct Pull {
    /// The id.
    pub id: PullId,
    /// The repository; `None` if no call names one.
    pub repository: Option<RepositoryId>,
    /// Who pulled.
    pub identity: IdentityId,
    /// The client that the calls show.
    pub client: ClientId,
    /// The login that was used.
    pub login: Option<Box<Link>>,
    /// The tag that was asked for.
    pub tag: Option<TextId>,
    /// The image; `None` if the log does not show which.
    pub image: Option<DigestId>,
    /// How it is known.
    pub named_by: Option<NamedBy>,
    /// The manifest of one platform, if an index was asked for and only one of its images was taken.
    pub platform: Option<DigestId>,
    /// How it ended.
    pub end: PullEnd,
    /// The refusal.
    pub failure: Option<FailureId>,
    /// Why what was asked for was not there, or no tag of the image stood on it any more.
    pub gone: Option<Gone>,
    /// How many manifests were asked for.
    pub n_manifests: u32,
    /// How many distinct layers were taken.
    pub n_layers: u32,
    /// Time of the first call.
    pub first: DateTime<Utc>,
    /// Time of the last call.
    pub last: DateTime<Utc>,
    /// Its reads, as a range of [`PullSet::reads`].
    reads: Range<u32>,
}

/// Pulls of one image by time, and how many callers come from each on.
#[derive(Clone, Debug, Default)]
struct OfImage {
    pulls: Vec<u32>,
    n_callers_from: Vec<u32>,
}

/// What became of an image after a push of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenSince {
    /// How many pulls.
    pub n_pulls: u64,
    /// How many callers.
    pub n_callers: u64,
    /// The first call of the first one.
    pub first: DateTime<Utc>,
    /// The last call of the last one.
    pub last: DateTime<Utc>,
}

/// All pulls of a log.
#[derive(Clone, Debug, Default)]
pub struct PullSet {
    /// By time of the first call.
    pub pulls: Vec<Pull>,
    /// The reads of each pull, as indexes into the log's, pull after pull.
    reads: Vec<u32>,
    /// Reads that belong to pushes.
    pub n_of_pushes: u64,
    of_image: OrderedMap<(RepositoryId, DigestId), OfImage>,
    /// Where tags stood.
    pub tags: TagHistory,
}

impl PullSet {
    fn index(&mut self, sessions: &Sessions) {
        for (place, pull) in self.pulls.iter().enumerate() {
            let (Some(repository), PullEnd::Layers | PullEnd::Manifest) =
                (pull.repository, pull.end)
            else {
                continue;
            };
            let platform = pull.platform.filter(|_| pull.image != pull.platform);
            for digest in pull.image.into_iter().chain(platform) {
                let of = self.of_image.entry((repository, digest)).or_default();
                of.pulls.push(place as u32);
            }
        }
        for of in self.of_image.values_mut() {
            let mut callers: IdSet<PrincipalId> = IdSet::default();
            let places = of.pulls.iter().rev();
            let mut counts: Vec<u32> = places
                .map(|&place| {
                    let identity = self.pulls[place as usize].identity;
                    callers.insert(sessions.principals.of(identity));
                    callers.len() as u32
                })
                .collect();
            counts.reverse();
            of.n_callers_from = counts;
        }
    }

    /// The reads of a pull, in order.
    pub fn reads_of<'a>(
        &'a self,
        log: &'a EventLog,
        pull: &Pull,
    ) -> impl Iterator<Item = &'a Fetch> + 'a {
        let range = pull.reads.start as usize..pull.reads.end as usize;
        let places = self.reads.get(range).unwrap_or_default().iter();
        let reads = log.reads.as_deref().unwrap_or_default();
        places.filter_map(|&place| reads.get(place as usize))
    }

    /// The pulls of an image, or of a manifest that an index lists, as indexes into the pulls, by time.
    #[must_use]
    pub fn of_image(&self, repository: RepositoryId, digest: DigestId) -> &[u32] {
        let of = self.of_image.get(&(repository, digest));
        of.map_or(&[], |of| &of.pulls)
    }

    /// Who took what a push put, since then; `None` if nobody did.
    ///
    /// # Complexity
    /// O(log p) for p pulls of its image; O(p log p) if platforms were pulled without their index.
    #[must_use]
    pub fn since(&self, session: &Session, sessions: &Sessions) -> Option<TakenSince> {
        let repository = session.repository?;
        let put = session.manifests.iter();
        let put = put.filter(|put| put.state != PutState::Refused);
        let lists: Vec<&OfImage> = put
            .filter_map(|put| self.of_image.get(&(repository, put.digest?)))
            .collect();
        let begins = |place: &u32| self.pulls[*place as usize].first < session.first;
        let taken = |places: &[u32], n_callers: u64| {
            let first = self.pulls[*places.first()? as usize].first;
            let last = places.iter().map(|&place| self.pulls[place as usize].last);
            Some(TakenSince {
                n_pulls: places.len() as u64,
                n_callers,
                first,
                last: last.max().unwrap_or(first),
            })
        };
        if let [only] = &*lists {
            let from = only.pulls.partition_point(begins);
            let n_callers = only.n_callers_from.get(from).copied().unwrap_or(0);
            return taken(&only.pulls[from..], n_callers.into());
        }
        let mut places: Vec<u32> = lists
            .iter()
            .flat_map(|of| &of.pulls[of.pulls.partition_point(begins)..])
            .copied()
            .collect();
        places.sort_unstable();
        places.dedup();
        let callers: IdSet<PrincipalId> = places
            .iter()
            .map(|&place| sessions.principals.of(self.pulls[place as usize].identity))
            .collect();
        taken(&places, callers.len() as u64)
    }
}
