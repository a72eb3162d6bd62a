//! An accepted manifest with layers that nobody uploaded, although the log would show it.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};

use crate::event::{Deed, DigestId, EventLog, RepositoryId, Stage};
use crate::finding::check::{Ask, Beyond, Check, Code, Context, Runner, Severity};
use crate::finding::checks::{each_push, hole_between, n, span_of};
use crate::session::{PutState, Session, beyond};
use crate::words;

const CODE: Code = Code {
    code: "unseen-layer",
    name: "Layers that nobody uploaded",
    severity: Severity::Warning,
    doc: "The repository was created in this log, the log is whole from then on, and the manifest \
lists layers that nobody uploaded to this registry in it. ECR accepts a manifest only if its layers \
are there. They were mounted from a repository that held them before the log begins, which leaves no \
record; or the records of their uploads are missing; or this one is forged.\n\n\
What to do: ask the registry for the image, and compare the records with the log's digest files.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::PushBeyond(run));

fn run<'c>(context: &'c Context<'c>, beyond: Beyond<'c>) -> Ask<'c> {
    let created = created(context.log);
    if created.is_empty() {
        return each_push(|_, _| None);
    }
    let known = known(context.log, &context.sessions.sessions, &created);
    let elsewhere = move |registry, digest| {
        let answers = beyond.answers.map(|answers| &answers.brought);
        answers.is_some_and(|known| known.contains(&number(context.log, registry, digest)))
    };
    each_push(move |index, session| {
        let repository = session.repository?;
        let since = *created.get(&repository)?;
        // Blobs that ECR brings itself, by replication or through a cache, leave no upload.
        let identity = context.log.tables.identities.get(session.identity);
        if identity.principal.is_service() {
            return None;
        }
        let first = session.sequence.first()?;
        if since > session.first || !is_whole(context, session, since) {
            return None;
        }
        let put = session
            .manifests
            .iter()
            .find(|put| put.state == PutState::Put && put.root)?;
        let blobs = context.log.tables.manifests.get(put.manifest?).blobs();
        let registry = registry(context.log, repository);
        let unseen = blobs
            .filter(|blob| !known.contains(&(registry, blob.digest)))
            .filter(|blob| !elsewhere(registry, blob.digest))
            .count();
        let message = match unseen {
            0 => return None,
            unseen => format!(
                "the manifest lists {} that nobody uploaded since the repository was created at {}",
                words::count(n(unseen), "blob"),
                words::time(since)
            ),
        };
        let finding = CODE.of(index, vec![put.event, *first], message);
        let finding = finding.label("lists what was never uploaded");
        Some(finding.help(
            "ask the registry for this image; a mount from another repository leaves no record",
        ))
    })
}

/// The last creation of each repository that was created in the log.
fn created(log: &EventLog) -> HashMap<RepositoryId, DateTime<Utc>> {
    let calls = log.context.iter();
    let calls = calls.filter(|call| call.deed == Deed::CreateRepository);
    calls
        .filter(|call| call.failure.is_none())
        .filter_map(|call| Some((call.repository?, call.time)))
        .collect()
}

/// The key of a registry.
type Registry<'a> = (&'a str, &'a str);

fn registry(log: &EventLog, repository: RepositoryId) -> Registry<'_> {
    let repository = log.tables.repositories.get(repository);
    (&repository.registry, &repository.region)
}

/// The blobs that were uploaded to each registry, and those in a repository older than the log,
/// which can be mounted.
fn known<'a>(
    log: &'a EventLog,
    sessions: &[Session],
    created: &HashMap<RepositoryId, DateTime<Utc>>,
) -> HashSet<(Registry<'a>, DigestId)> {
    let mut known = HashSet::new();
    for (_, event) in log.iter() {
        if let (Stage::Complete, Some(repository)) = (event.action.stage(), event.repository)
            && log.is_benign(event)
            && let Some(digest) = event.action.completed_digest()
        {
            known.insert((registry(log, repository), digest));
        }
    }
    for session in sessions {
        let older = session.repository.filter(|id| !created.contains_key(id));
        let Some(repository) = older else { continue };
        for manifest in session.manifests.iter().filter_map(|put| put.manifest) {
            let blobs = log.tables.manifests.get(manifest).blobs();
            known.extend(blobs.map(|blob| (registry(log, repository), blob.digest)));
        }
    }
    known
}

/// The blobs that the pushes of a log brought to registries, or found there, and those that their manifests list although
/// nobody brought them there: by number, and whether the log shows the blob.
pub(crate) fn blobs(log: &EventLog, sessions: &[Session]) -> BTreeMap<u64, bool> {
    let created = created(log);
    let known = known(log, sessions, &created);
    let mut blobs = BTreeMap::new();
    for session in sessions {
        let fresh = session.repository.filter(|id| created.contains_key(id));
        let Some(repository) = fresh else { continue };
        let registry = registry(log, repository);
        for manifest in session.manifests.iter().filter_map(|put| put.manifest) {
            let listed = log.tables.manifests.get(manifest).blobs();
            blobs.extend(listed.map(|blob| (number(log, registry, blob.digest), false)));
        }
    }
    // The order of a set of another hash must not show.
    #[expect(clippy::iter_over_hash_type, reason = "what is made of it is sorted")]
    for (registry, digest) in known {
        blobs.insert(number(log, registry, digest), true);
    }
    blobs
}

fn number(log: &EventLog, registry: Registry<'_>, digest: DigestId) -> u64 {
    beyond::brought(registry, beyond::blob(log, digest))
}

/// Whether the log has no hole from an instant to the end of a push.
fn is_whole(context: &Context<'_>, session: &Session, since: DateTime<Utc>) -> bool {
    span_of(context, session).is_some_and(|span| {
        span.interval.from <= since && hole_between(span, since, session.last).is_none()
    })
}
