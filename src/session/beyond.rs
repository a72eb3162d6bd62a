//! What the pushes of one principal have to know of each other, whatever repository they are in.
//!
//! Comes in: the sessions of a log. Goes out: what each shows to the others, in few bytes, and what all of them together
//! answer. Never: a call, or the name of a repository.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::event::{DigestId, EventId, EventLog, RepositoryId, content};
use crate::graph::principals::Principals;
use crate::record::{FNV_OFFSET, fnv1a};
use crate::session::probe::{self, OfLog, Visit};
use crate::session::{Session, SessionId};

/// What a push shows to the others of its principal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushShown {
    /// Its id.
    pub id: u64,
    /// Time of its earliest event, in microseconds since 1970.
    pub first: i64,
    /// Time of its latest event, likewise.
    pub last: i64,
    /// The registry and the repository, as numbers; none if it names no repository.
    pub place: Option<(u64, u64)>,
    /// The blobs that it checked, if it did nothing else, as numbers.
    pub asks: Vec<u64>,
    /// The blobs that it uploaded, or that its manifests list, as numbers.
    pub brings: Vec<u64>,
    /// The login that it used, as a number.
    pub login: Option<u64>,
    /// The address, the VPC endpoint and the user agent of its client, as far as it shows one.
    pub client: Option<[String; 3]>,
    /// Whether it succeeded and put something that was not there.
    pub has_stored: bool,
}

impl PushShown {
    /// What a session of a log shows.
    #[must_use]
    pub fn of(log: &EventLog, principals: &Principals, session: &Session) -> Self {
        let visit = OfLog {
            log,
            principals,
            session,
        };
        let blobs = |blobs: Vec<DigestId>| {
            let blobs = blobs.into_iter().map(|id| blob(log, id));
            Vec::from_iter(blobs.collect::<BTreeSet<u64>>())
        };
        let client = session.shows_client(log).map(|id| {
            let client = log.tables.clients.get(log.event(id).client);
            let parts = [
                &client.source_ip,
                &client.vpc_endpoint_id,
                &client.user_agent,
            ];
            parts.map(|part| part.as_deref().unwrap_or_default().to_owned())
        });
        Self {
            id: session.id.0,
            first: session.first.timestamp_micros(),
            last: session.last.timestamp_micros(),
            place: session.repository.map(|id| place(log, id)),
            asks: blobs(visit.asks()),
            brings: blobs(visit.brings()),
            login: session
                .authorization
                .as_ref()
                .map(|link| login(log, link.event)),
            client,
            has_stored: session.has_stored(log),
        }
    }
}

impl Visit for PushShown {
    /// All that are compared are of one principal.
    type Who = ();
    type Blob = u64;

    fn who(&self) {}

    fn stay(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let time = |micros| DateTime::from_timestamp_micros(micros).unwrap_or_default();
        (time(self.first), time(self.last))
    }

    fn asks(&self) -> Vec<u64> {
        self.asks.clone()
    }

    fn brings(&self) -> Vec<u64> {
        self.brings.clone()
    }

    fn is_beside(&self, other: &Self) -> bool {
        let registry = |of: &Self| of.place.map(|(registry, _)| registry);
        self.place != other.place && registry(self) == registry(other)
    }
}

/// The pushes of one principal that are probes, in order; they come in order of time.
#[must_use]
pub fn probes(shown: &[PushShown]) -> Vec<usize> {
    probe::probes(shown)
}

/// What all logs together answer to the pushes of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// The sessions that are probes.
    pub probes: BTreeSet<SessionId>,
    /// How many pushes each login served, by its number.
    pub served: BTreeMap<u64, u64>,
    /// What is new about the clients of pushes, in words.
    pub news: BTreeMap<SessionId, String>,
    /// Blobs that were brought to the registry of this log, by [`brought`].
    pub brought: BTreeSet<u64>,
}

impl Answers {
    /// How many pushes the logins of a log served.
    #[must_use]
    pub fn served(&self, log: &EventLog, logins: &[EventId]) -> BTreeMap<EventId, u64> {
        let served = logins.iter().filter_map(|&id| {
            let n_pushes = self.served.get(&login(log, id))?;
            Some((id, *n_pushes))
        });
        served.collect()
    }
}

/// The number of a login: its `eventID` and content.
#[must_use]
pub fn login(log: &EventLog, id: EventId) -> u64 {
    let event = log.event(id);
    let text = event.event_id.text(&log.tables.texts);
    fnv1a(content(event, &log.tables), text.as_bytes())
}

/// The number of a blob in a registry.
#[must_use]
pub fn brought((registry, region): (&str, &str), blob: u64) -> u64 {
    number(&[registry, region, &blob.to_string()])
}

/// The number of a blob.
#[must_use]
pub fn blob(log: &EventLog, id: DigestId) -> u64 {
    number(&[&log.tables.digests.get(id).to_string()])
}

fn place(log: &EventLog, id: RepositoryId) -> (u64, u64) {
    let repository = log.tables.repositories.get(id);
    let registry = [
        repository.service.name(),
        &repository.registry,
        &repository.region,
    ];
    let registry = number(&registry);
    (registry, fnv1a(registry, repository.name.as_bytes()))
}

/// A number for some texts.
#[must_use]
pub fn number(parts: &[&str]) -> u64 {
    parts.iter().fold(FNV_OFFSET, |hash, part| {
        fnv1a(fnv1a(hash, part.as_bytes()), &[0xff])
    })
}
