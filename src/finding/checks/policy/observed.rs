//! What the log shows of a push that a policy can ask about.
//!
//! Comes in: a log and a push. Goes out: its writing calls, the calls that show a client, its caller's names, and what
//! else is about its image. Never: a value that no record shows.

use chrono::{DateTime, Utc};

use crate::event::{Client, Digest, DigestId, Event, EventId, EventLog, Identity, ManifestKind};
use crate::event::{IdMap, IdSet, Manifest, RepositoryId, Stage, nature};
use crate::pattern::Matching;
use crate::policy::{Allowed, PolicyRule, caller_names, name_in_account};
use crate::session::{ManifestPut, PutState, Session};

/// The calls of a push by which something was written: granted, and no checks.
pub(crate) fn writes<'a>(
    log: &'a EventLog,
    session: &'a Session,
) -> impl Iterator<Item = EventId> + 'a {
    let calls = session.sequence.iter().copied();
    calls.filter(|&id| {
        let event = log.event(id);
        event.succeeded() && event.action.stage() >= Stage::Initiate
    })
}

/// The account whose registry a push went to; empty if no field names it.
pub(crate) fn registry<'a>(log: &'a EventLog, session: &Session) -> &'a str {
    let repository = session.repository.map(|id| log.tables.repositories.get(id));
    let owner = repository.map_or("", |repository| &repository.registry);
    match session.sequence.first() {
        Some(&first) if owner.is_empty() => log.text(log.event(first).recipient),
        Some(_) | None => owner,
    }
}

/// The region that a push went to; empty if no field names it.
pub(crate) fn region<'a>(log: &'a EventLog, session: &Session) -> &'a str {
    let first = session.sequence.first();
    first.map_or("", |&first| log.text(log.event(first).region))
}

/// The client of a call.
pub(crate) fn client(log: &EventLog, id: EventId) -> &Client {
    log.tables.clients.get(log.event(id).client)
}

/// The granted calls of a push whose client shows something, one for each run of calls of one client.
pub(crate) fn shown(
    log: &EventLog,
    session: &Session,
    shows: impl Fn(&Client) -> bool,
) -> Vec<EventId> {
    let (mut found, mut last) = (Vec::new(), None);
    for &id in &session.sequence {
        let event: &Event = log.event(id);
        let is_news = last != Some(event.client);
        if is_news && log.is_benign(event) {
            last = Some(event.client);
            if shows(client(log, id)) {
                found.push(id);
            }
        }
    }
    found
}

/// Whether a client shows its program: the registry's front end shows its own instead.
pub(crate) fn shows_program(client: &Client) -> bool {
    client.is_direct() && client.user_agent.is_some()
}

/// Whether a client shows through which endpoint it came, or that it came through none.
pub(crate) fn shows_endpoint(client: &Client) -> bool {
    client.is_direct() || client.vpc_endpoint_id.is_some()
}

/// Whether a caller is among those allowed; `None` if the log does not name it well enough.
///
/// A name such as `role/ci` means a caller of the registry's own account, unless the rule names the accounts of callers:
/// anybody can give that name to a role of his own.
pub(crate) fn allows(
    rule: &PolicyRule,
    allowed: &Allowed,
    identity: &Identity,
    registry: &str,
) -> Option<bool> {
    let mut names = caller_names(identity);
    let account = identity.account.as_deref();
    let own = name_in_account(identity);
    let is_home = account.is_some_and(|account| !account.is_empty() && account == registry);
    let is_unsure = own.is_some() && account.is_none_or(|_| registry.is_empty());
    if is_home || rule.accounts.is_some() {
        names.extend(own.clone());
    }
    match allowed.allows(Matching::Names, &names) {
        true => Some(true),
        // The name would do if it were known to be of this account.
        false if is_unsure && allowed.allows(Matching::Names, &[own.unwrap_or_default()]) => None,
        false if names.is_empty() => None,
        false => Some(false),
    }
}

/// What is about an image and is no image itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Companion {
    Attestation,
    Signature,
}

/// An image of a repository.
type ImageKey = (RepositoryId, DigestId);

/// Accepted manifests that are about others, and the manifests that accepted indexes list.
#[derive(Default)]
pub(crate) struct Companions {
    about: IdMap<ImageKey, Vec<(Companion, DateTime<Utc>)>>,
    listed: IdSet<ImageKey>,
}

impl Companions {
    /// # Complexity
    /// O(m) in the manifests that were put.
    pub(crate) fn new(log: &EventLog, sessions: &[Session]) -> Self {
        let mut found = Self::default();
        for session in sessions {
            let Some(repository) = session.repository else {
                continue;
            };
            let accepted = session.manifests.iter();
            for put in accepted.filter(|put| put.state != PutState::Refused) {
                let time = log.event(put.event).time;
                let mut add = |what: &str, of: DigestId| {
                    let companion = match what {
                        nature::SIGNATURE => Companion::Signature,
                        nature::ATTESTATION => Companion::Attestation,
                        _ => return,
                    };
                    let about = found.about.entry((repository, of)).or_default();
                    about.push((companion, time));
                };
                for tag in &put.tags {
                    if let Some((what, of)) = nature::of_tag(log.text(*tag))
                        && let Some(of) = log.tables.digests.find(&of)
                    {
                        add(what, of);
                    }
                }
                let Some(manifest) = put.manifest.map(|id| log.tables.manifests.get(id)) else {
                    continue;
                };
                if let Some(subject) = manifest.subject() {
                    add(manifest.what(), subject.digest);
                }
                let children = manifest.children().iter();
                let children = children.map(|child| (repository, child.digest));
                found.listed.extend(children);
            }
        }
        found
    }

    /// When the first of a kind about an image was put.
    pub(crate) fn first(
        &self,
        companion: Companion,
        of: (RepositoryId, DigestId),
    ) -> Option<DateTime<Utc>> {
        let about = self.about.get(&of)?.iter();
        let about = about.filter(|(kind, _)| *kind == companion);
        about.map(|(_, time)| *time).min()
    }

    /// Whether an accepted index lists a manifest.
    pub(crate) fn is_listed(&self, of: (RepositoryId, DigestId)) -> bool {
        self.listed.contains(&of)
    }
}

/// The image that a push stored and that a rule about images is about: no signature, attestation or list that stands
/// under a tag that tools derive or under none, and no platform of an index that was put by itself.
///
/// What has a tag of its own is meant to be run, whatever its manifest says it is.
pub(crate) fn image<'s>(
    log: &EventLog,
    session: &'s Session,
    companions: &Companions,
) -> Option<&'s ManifestPut> {
    let root = session.root().filter(|root| root.is_stored(log))?;
    let is_derived = |tag| -> Option<(&str, Digest)> { nature::of_tag(log.text(tag)) };
    let mut tags = root.tags.iter();
    if !root.tags.is_empty() {
        return (!tags.all(|&tag| is_derived(tag).is_some())).then_some(root);
    }
    let manifest = root.manifest.map(|id| log.tables.manifests.get(id));
    let is_about_another = manifest.is_some_and(|manifest| manifest.subject().is_some());
    let place = session.repository.zip(root.digest);
    let is_part = place.is_some_and(|place| companions.is_listed(place));
    (!is_about_another && !is_part).then_some(root)
}

/// Whether a manifest is an index; `None` if it was left out of the log.
pub(crate) fn is_index(log: &EventLog, put: &ManifestPut) -> Option<bool> {
    let manifest = log.tables.manifests.get(put.manifest?);
    Some(manifest.kind() == ManifestKind::Index)
}

/// Whether an index lists an attestation beside each of its images.
pub(crate) fn attests_itself(log: &EventLog, put: &ManifestPut) -> bool {
    let manifest: Option<&Manifest> = put.manifest.map(|id| log.tables.manifests.get(id));
    manifest.is_some_and(|manifest| {
        let attested = manifest.attested();
        let is_met = |digest: DigestId| {
            let mut attested = attested.iter();
            attested.any(|pair| pair.by == digest || pair.of == digest)
        };
        let mut children = manifest.children().iter();
        !attested.is_empty() && children.all(|child| is_met(child.digest))
    })
}
