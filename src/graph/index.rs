//! The calls of pushes by repository, caller and upload: the table that rules and ownership share.
//!
//! Comes in: the event log. Goes out: its calls in that order, its logins and its puts. Never: a
//! table of pairs; every table is linear in the log.

use crate::event::{
    Action, CredentialId, DigestId, Event, EventId, EventLog, FailureId, Id, RepositoryId, Second,
    Speaker, Stage, UploadId,
};
use crate::graph::buckets::Buckets;
use crate::graph::principals::{PrincipalId, Principals};
use crate::threads;

/// The fields of an event that the rules and the assignment need first, in few bytes.
///
/// The calls of a repository are spread over the log, and a large log is larger than any cache, so
/// looking each up would mean waiting for each. Here they are next to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushCall {
    /// The event.
    pub event: EventId,
    /// `eventTime`.
    pub second: Second,
    /// The stage of a push that the call belongs to.
    pub stage: Stage,
    /// The first byte of an `UploadLayerPart`; 0 of others.
    pub first_byte: u64,
    /// The repository.
    pub repository: Option<RepositoryId>,
    /// The upload that the call names.
    pub upload: Option<UploadId>,
    /// The digest that an upload ended in or claims, or the one that a check asks for; `None` if the
    /// check asks for several.
    pub digest: Option<DigestId>,
    /// Who called.
    pub principal: PrincipalId,
    /// The login used.
    pub credential: CredentialId,
    /// The kind of program that called.
    pub speaker: Speaker,
    /// Why it was refused.
    pub failure: Option<FailureId>,
}

impl PushCall {
    /// The fields of an event that are needed first, and who made the call.
    #[must_use]
    pub fn of(id: EventId, event: &Event, (principal, speaker): Party) -> Self {
        let asked = match &event.action {
            Action::BatchCheckLayerAvailability { digests, .. } => &**digests,
            Action::GetAuthorizationToken
            | Action::InitiateLayerUpload { .. }
            | Action::UploadLayerPart { .. }
            | Action::CompleteLayerUpload { .. }
            | Action::PutImage(_) => &[],
        };
        let digest = match asked {
            [only] => Some(*only),
            _ => event.action.completed_digest(),
        };
        Self {
            event: id,
            second: event.time.into(),
            stage: event.action.stage(),
            first_byte: first_byte(event),
            repository: event.repository,
            upload: event.action.upload(),
            digest,
            principal,
            credential: event.credential,
            speaker,
            failure: event.failure,
        }
    }

    /// Who called.
    #[must_use]
    pub fn party(&self) -> Party {
        (self.principal, self.speaker)
    }

    /// The order of the call if nothing else orders it: time, then stage, then bytes, then `eventID`.
    #[must_use]
    pub fn rank(&self) -> Rank {
        Rank {
            second: self.second,
            stage: self.stage,
            first_byte: self.first_byte,
            event: self.event,
        }
    }
}

/// A principal and a kind of program. A direct call of the CLI and a registry client's call never
/// belong to one run, though both may use one key at once.
pub type Party = (PrincipalId, Speaker);

/// The order of events that nothing else orders: second, stage, first byte, then the order of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// `eventTime`.
    pub second: Second,
    /// The stage of a push that the call belongs to.
    pub stage: Stage,
    /// The first byte of an `UploadLayerPart`; 0 of others.
    pub first_byte: u64,
    /// The event.
    pub event: EventId,
}

impl Rank {
    /// The rank of an event.
    #[must_use]
    pub fn of(log: &EventLog, id: EventId) -> Self {
        let event = log.event(id);
        Self {
            second: event.time.into(),
            stage: event.action.stage(),
            first_byte: first_byte(event),
            event: id,
        }
    }
}

/// The first byte of an `UploadLayerPart`; 0 of others.
fn first_byte(event: &Event) -> u64 {
    event.action.range().map_or(0, |range| range.first)
}

/// How many events or uploads a thread takes at a time.
pub(super) const PORTION: usize = 1 << 14;

/// Events by repository, party and upload.
#[derive(Clone, Debug, Default)]
pub struct CallIndex {
    /// The logins, in canonical order.
    logins: Vec<EventId>,
    /// The `PutImage`s, in canonical order.
    puts: Vec<EventId>,
    /// Every call except logins, by repository (calls without one first), then by party, then by upload
    /// (calls without one first), then by stage, then by rank.
    calls: Buckets<PushCall>,
}

impl CallIndex {
    /// Builds the tables.
    ///
    /// # Complexity
    /// O(n log m) in the events, m of them in one repository.
    #[must_use]
    pub fn new(log: &EventLog, principals: &Principals) -> Self {
        let clients = log.tables.clients.iter();
        let speakers: Vec<Speaker> = clients.map(|(_, client)| client.speaker()).collect();
        let portions = threads::map(log.portions(PORTION).collect(), |events| {
            let mut calls = Vec::with_capacity(PORTION);
            let (mut logins, mut puts) = (Vec::new(), Vec::new());
            for (id, event) in events {
                match event.action.stage() {
                    Stage::Authorization => {
                        logins.push(id);
                        continue;
                    }
                    Stage::Manifest => puts.push(id),
                    Stage::Check | Stage::Initiate | Stage::Part | Stage::Complete => {}
                }
                let speaker = speakers[event.client.index()];
                calls.push(PushCall::of(
                    id,
                    event,
                    (principals.of(event.identity), speaker),
                ));
            }
            (calls, logins, puts)
        });
        let calls = portions.iter().flat_map(|(calls, ..)| calls).copied();
        let n_repositories = log.tables.repositories.len() + 1;
        let number = |call: &PushCall| call.repository.map_or(0, |id| id.index() + 1);
        let mut calls = Buckets::new(calls, n_repositories, number);
        threads::map(calls.groups_mut().collect(), |calls: &mut [PushCall]| {
            calls.sort_unstable_by_key(|call| (call.party(), call.upload, call.stage, call.rank()));
        });
        let logins = portions.iter().flat_map(|(_, logins, _)| logins);
        let puts = portions.iter().flat_map(|(.., puts)| puts);
        Self {
            logins: logins.copied().collect(),
            puts: puts.copied().collect(),
            calls,
        }
    }

    /// The logins, in canonical order.
    #[must_use]
    pub fn logins(&self) -> &[EventId] {
        &self.logins
    }

    /// The `PutImage`s, in canonical order.
    #[must_use]
    pub fn puts(&self) -> &[EventId] {
        &self.puts
    }

    /// The calls of each party at each repository, by upload; calls that name no upload come first.
    /// Calls of no repository come before all others; logins are left out.
    ///
    /// What one principal does says nothing about what another did, so no later step needs two parties
    /// at once to decide who owns a call.
    pub fn parties(&self) -> impl Iterator<Item = &[PushCall]> + '_ {
        let by_party = |calls| <[PushCall]>::chunk_by(calls, |a, b| a.party() == b.party());
        self.calls.groups().flat_map(by_party)
    }

    /// The uploads of each party at each repository.
    pub fn uploads(&self) -> impl Iterator<Item = Upload<'_>> + '_ {
        let wholes = self.parties().flat_map(wholes);
        wholes.filter_map(|calls| Some((calls[0].upload?, calls)))
    }
}

/// An upload of a party, and its calls by stage, then by rank.
pub type Upload<'a> = (UploadId, &'a [PushCall]);

/// The proven units among the calls of a party at a repository: all calls that name one upload, and
/// every other call by itself.
pub fn wholes(of_party: &[PushCall]) -> impl Iterator<Item = &[PushCall]> {
    of_party.chunk_by(|a, b| a.upload.is_some() && a.upload == b.upload)
}
