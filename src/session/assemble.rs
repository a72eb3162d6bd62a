//! Assembly: owned events become sessions with everything known about each.
//!
//! Comes in: the log, its evidence and coverage. Goes out: the sessions by time, and the logins
//! that no session used. Never: a lost event, or one in two sessions.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;

use crate::event::{
    Action, Bytes, CredentialId, DigestId, EventId, EventLog, Field, IdMap, IdSet, IdentityId,
    RepositoryId, Seconds, TextId,
};
use crate::facts::Facts;
use crate::graph::order::Order;
use crate::graph::principals::Principals;
use crate::graph::{EventGraph, Evidence, Strength};
use crate::ingest::Coverage;
use crate::record::fnv1a;
use crate::session::authorize::Tokens;
use crate::session::beyond::number;
use crate::session::own::{self, Owned, OwnedRun, Tolerance};
use crate::session::probe::OfLog;
use crate::session::quiet::Quiet;
use crate::session::status::View;
use crate::session::{
    Alternative, Because, ManifestPut, PutState, RefusedTag, Session, SessionId, Sessions, Status,
    probe, relate, status, upload,
};
use crate::threads;

/// Puts the sessions together; weak evidence joins events only within the inactivity window.
///
/// # Complexity
/// O(n log n) in events and listed blobs.
#[must_use]
pub fn assemble(
    log: &EventLog,
    graph: &EventGraph,
    coverage: &Coverage,
    window: Duration,
    facts: &Facts<'_>,
) -> Sessions {
    let draft = draft(log, graph, coverage, window, facts);
    let probes = draft.probes(log, &graph.principals);
    draft.finish(log, graph, window, &probes, None)
}

/// Sessions of which is not known yet which are probes: that depends on what else their principals pushed.
#[derive(Debug)]
pub struct Draft {
    /// By time of the first event, then by id.
    pub sessions: Vec<Session>,
    contested: Vec<(EventId, EventId, Evidence)>,
}

/// Puts the sessions together, as far as each can be by itself.
///
/// # Complexity
/// O(n log n) in events and listed blobs.
#[must_use]
pub fn draft(
    log: &EventLog,
    graph: &EventGraph,
    coverage: &Coverage,
    window: Duration,
    facts: &Facts<'_>,
) -> Draft {
    let (index, principals) = (&graph.index, &graph.principals);
    let skew = own::skew(&facts.clocks().unwrap_or_else(|| own::clocks(index)));
    let tolerance = Tolerance {
        skew,
        window: i64::try_from(window.as_secs()).map_or(Seconds::MAX, Seconds),
    };
    let (mut ownership, tokens) = threads::both(
        || own::own(log, graph, tolerance),
        || Tokens::new(log, index, principals, facts, skew),
    );
    let view = View {
        coverage,
        quiet: Quiet::new(log, principals, coverage, facts),
        principals,
    };
    let whole = |(run, owned): (&OwnedRun, &[Owned])| {
        let mut session = session(log, graph, run, owned);
        session.status = status::decide(log, &view, window, &session, run.lacks_index);
        let shows_address = session.direct_calls(log).next().is_some();
        session.shows_address = shows_address;
        session.authorization = tokens.link(&session);
        session
    };
    let runs: Vec<(&OwnedRun, &[Owned])> = ownership.by_first_event().collect();
    let mut sessions = threads::map(runs, whole);
    // They come by their first events, so they are in order of time.
    for begun_at_once in sessions.chunk_by_mut(|a, b| a.first == b.first) {
        begun_at_once.sort_by_key(|session| session.id);
    }
    Draft {
        sessions,
        contested: ownership.contested,
    }
}

impl Draft {
    /// The sessions that are probes by what this log shows, in order.
    #[must_use]
    pub fn probes(&self, log: &EventLog, principals: &Principals) -> Vec<usize> {
        let sessions = self.sessions.iter();
        let seen = sessions.map(|session| OfLog {
            log,
            principals,
            session,
        });
        probe::probes(&seen.collect::<Vec<_>>())
    }

    /// The sessions without the probes, which come in order, and with what joins them. How many pushes each login served
    /// is counted, unless it is told.
    #[must_use]
    pub fn finish(
        self,
        log: &EventLog,
        graph: &EventGraph,
        window: Duration,
        probes: &[usize],
        served: Option<BTreeMap<EventId, u64>>,
    ) -> Sessions {
        let Self {
            mut sessions,
            contested,
        } = self;
        let (index, principals) = (&graph.index, &graph.principals);
        let mut unplaced = Vec::new();
        let mut probes = probes.iter().peekable();
        let mut number = 0..;
        sessions.retain(|session| {
            let number = number.next().unwrap_or_default();
            let is_probe = probes.next_if_eq(&&number).is_some();
            if is_probe {
                unplaced.extend(&session.sequence);
            }
            !is_probe
        });
        make_ids_unique(&mut sessions);
        let served = served.unwrap_or_else(|| {
            let links = sessions.iter();
            let links = links.filter_map(|session| session.authorization.as_ref());
            let mut served = BTreeMap::new();
            for link in links {
                *served.entry(link.event).or_default() += 1;
            }
            served
        });
        let logins = index.logins().iter().copied();
        unplaced.extend(logins.filter(|login| !served.contains_key(login)));
        unplaced.sort_unstable();
        let window = TimeDelta::from_std(window).unwrap_or(TimeDelta::MAX);
        relate::relate(log, principals, window, &mut sessions);
        note_alternatives(&mut sessions, &contested);
        Sessions {
            sessions,
            unplaced,
            served,
            principals: principals.clone(),
        }
    }
}

/// The session of a run, whose events come by rank; verdict, login and relations are added later.
fn session(log: &EventLog, graph: &EventGraph, run: &OwnedRun, owned: &[Owned]) -> Session {
    let events: Vec<EventId> = owned.iter().map(|owned| owned.event).collect();
    let Order {
        sequence,
        contradictions,
    } = graph.order(log, &events);
    let because: Vec<Because> = sequence
        .iter()
        .map(|event| {
            let at = owned.binary_search_by_key(event, |owned| owned.event);
            let link = at.ok().and_then(|at| owned[at].link);
            Because {
                with: link.map(|(with, _)| with),
                evidence: link.map(|(_, evidence)| evidence),
            }
        })
        .collect();
    let manifests = manifests(log, &sequence, run.lacks_index);
    let sizes = Sizes::new(log, &manifests);
    let uploads = upload::uploads(log, &sequence, |digest| sizes.of(digest));
    // Events are ranked by time before all else.
    let time = |event: &EventId| log.event(*event).time;
    let first = events.first().map(time).unwrap_or_default();
    Session {
        id: id(log, run.repository, &events),
        repository: run.repository,
        identity: identity(log, &sequence),
        credentials: credentials(log, &sequence),
        authorization: None,
        uploads,
        manifests,
        reused: Vec::new(),
        reused_manifests: Vec::new(),
        because,
        alternatives: Vec::new(),
        contradictions,
        first,
        last: events.last().map_or(first, time),
        status: Status::Unchanged,
        // True until this is known, so that they are looked for.
        shows_address: true,
        confidence: run.doubt.map_or(Strength::Proof, |doubt| doubt.strength),
        doubt: run.doubt.map(|doubt| doubt.event),
        retry_of: None,
        superseded_by: None,
        sequence,
    }
}

/// The sizes that manifests give for their blobs.
struct Sizes(Vec<(DigestId, Bytes)>);

impl Sizes {
    fn new(log: &EventLog, manifests: &[ManifestPut]) -> Self {
        let mut sizes = Vec::new();
        for manifest in manifests.iter().filter_map(|put| put.manifest) {
            let blobs = log.tables.manifests.get(manifest).blobs();
            sizes.extend(blobs.filter_map(|blob| Some((blob.digest, blob.size?))));
        }
        sizes.sort_by_key(|size| size.0);
        Self(sizes)
    }

    /// The size of a blob; if several are given, the last.
    fn of(&self, digest: DigestId) -> Option<Bytes> {
        let after = self.0.partition_point(|size| size.0 <= digest);
        let last = self.0[..after].last()?;
        (last.0 == digest).then_some(last.1)
    }
}

/// The id of a session: a number for its repository and its first event.
fn id(log: &EventLog, repository: Option<RepositoryId>, events: &[EventId]) -> SessionId {
    let first = log.event(events[0]);
    let repository = repository.map(|repository| log.tables.repositories.get(repository));
    let text = first.event_id.text(&log.tables.texts);
    let parts = match repository {
        Some(repository) => [
            repository.service.name(),
            &repository.registry,
            &repository.region,
            &repository.name,
            &text,
        ],
        None => ["", "", "", "", &text],
    };
    SessionId(number(&parts))
}

/// Makes ids distinct if the first events of sessions share an `eventID`, or if their hashes agree
/// in the digits that are shown.
fn make_ids_unique(sessions: &mut [Session]) {
    let mut taken = IdSet::default();
    for session in sessions {
        while !taken.insert(session.id.0 & 0xffff_ffff_ffff) {
            session.id = SessionId(fnv1a(session.id.0, b"again"));
        }
    }
}

/// The fullest form of the principal's identity among some events. Of equally full ones, the
/// greatest by who stands behind it, then the first.
fn identity(log: &EventLog, sequence: &[EventId]) -> IdentityId {
    let fullness = |id: IdentityId| {
        let identity = log.tables.identities.get(id);
        (
            identity.arn.is_some(),
            identity.user_name.is_some(),
            identity.principal_id.is_some(),
            &identity.backing,
        )
    };
    let mut best = log.event(sequence[0]).identity;
    for &event in sequence {
        let other = log.event(event).identity;
        if other != best && fullness(other) > fullness(best) {
            best = other;
        }
    }
    best
}

/// The logins seen, in order of appearance.
fn credentials(log: &EventLog, sequence: &[EventId]) -> Vec<CredentialId> {
    let mut seen: Vec<CredentialId> = Vec::new();
    for &event in sequence {
        let credential = log.event(event).credential;
        if seen.last() != Some(&credential) {
            seen.push(credential);
        }
    }
    if seen.len() > 1 {
        let mut known = IdSet::default();
        seen.retain(|credential| known.insert(*credential));
    }
    seen
}

/// The manifests put, one for each digest, in causal order; the root is the last that no other
/// lists.
fn manifests(log: &EventLog, sequence: &[EventId], lacks_index: bool) -> Vec<ManifestPut> {
    let mut puts: Vec<ManifestPut> = Vec::new();
    let mut of_digest: IdMap<DigestId, usize> = IdMap::default();
    // The accepted tags of each manifest, and the last refusal of each refused tag.
    let mut accepted: IdSet<(usize, TextId)> = IdSet::default();
    let mut refused: IdMap<(usize, TextId), EventId> = IdMap::default();
    for &id in sequence {
        let event = log.event(id);
        let Action::PutImage(put) = &event.action else {
            continue;
        };
        let digest = put.digest.best();
        let state = match (log.is_benign(event), &put.manifest) {
            (false, _) => PutState::Refused,
            (true, Field::Known(_)) => PutState::Put,
            (true, Field::Absent | Field::Omitted { .. } | Field::Unreadable) => PutState::Omitted,
        };
        let manifest = put.manifest.known().copied();
        let known = digest.and_then(|digest| of_digest.get(&digest).copied());
        let at = known.unwrap_or_else(|| {
            puts.push(ManifestPut {
                digest,
                manifest,
                tags: Vec::new(),
                refused: Vec::new(),
                event: id,
                state,
                root: false,
            });
            puts.len() - 1
        });
        if let Some(digest) = digest {
            of_digest.insert(digest, at);
        }
        let row = &mut puts[at];
        // A put that found its image in place says less than one that stored it.
        let found = row.state != PutState::Refused && !row.is_stored(log);
        if row.state == PutState::Refused || (found && event.succeeded()) {
            (row.event, row.state) = (id, state);
        }
        row.manifest = row.manifest.or(manifest);
        let Some(tag) = put.tag else { continue };
        match state {
            PutState::Put | PutState::Omitted => {
                if accepted.insert((at, tag)) {
                    row.tags.push(tag);
                }
            }
            PutState::Refused => {
                row.refused.push(RefusedTag { tag, event: id });
                refused.insert((at, tag), id);
            }
        }
    }
    for (at, row) in puts.iter_mut().enumerate() {
        row.refused.retain(|one| {
            let is_last = refused.get(&(at, one.tag)) == Some(&one.event);
            is_last && !accepted.contains(&(at, one.tag))
        });
    }
    mark_root(log, &mut puts, lacks_index);
    puts
}

fn mark_root(log: &EventLog, puts: &mut [ManifestPut], lacks_index: bool) {
    let children: IdSet<DigestId> = puts
        .iter()
        .filter_map(|put| put.manifest)
        .flat_map(|manifest| log.tables.manifests.get(manifest).children())
        .map(|child| child.digest)
        .collect();
    let free = |put: &ManifestPut| put.digest.is_none_or(|digest| !children.contains(&digest));
    // If another was refused, a put that found its image in place did nothing of what was refused.
    let is_refused = |put: &ManifestPut| put.state == PutState::Refused;
    let any_refused = puts.iter().any(|put| free(put) && is_refused(put));
    let came = |put: &ManifestPut| !is_refused(put) && (!any_refused || put.is_stored(log));
    let root = puts
        .iter()
        .rposition(|put| free(put) && came(put))
        .or_else(|| puts.iter().rposition(|put| free(put) && is_refused(put)))
        .or_else(|| puts.iter().rposition(free));
    if let Some(root) = root.filter(|_| !lacks_index) {
        puts[root].root = true;
    }
}

/// Notes the other sessions that events could belong to.
fn note_alternatives(sessions: &mut [Session], contested: &[(EventId, EventId, Evidence)]) {
    let wanted: IdSet<EventId> = contested
        .iter()
        .flat_map(|&(event, other, _)| [event, other])
        .collect();
    let mut session_of: IdMap<EventId, usize> = IdMap::default();
    for (index, session) in sessions.iter().enumerate() {
        let of_session = session
            .sequence
            .iter()
            .filter(|event| wanted.contains(event));
        session_of.extend(of_session.map(|&event| (event, index)));
    }
    let mut noted: BTreeMap<(usize, EventId, usize), Evidence> = BTreeMap::new();
    for (event, other, evidence) in contested {
        let (Some(&of), Some(&session)) = (session_of.get(event), session_of.get(other)) else {
            continue;
        };
        if of != session {
            noted.entry((of, *event, session)).or_insert(*evidence);
        }
    }
    for ((of, event, session), evidence) in noted {
        sessions[of].alternatives.push(Alternative {
            event,
            session,
            evidence,
        });
    }
}
