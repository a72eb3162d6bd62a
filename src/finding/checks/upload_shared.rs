//! An `uploadId` that stands in two repositories, or that two principals used.

use crate::event::{EventId, Id, IdMap, IdSet, IdentityId, RepositoryId, UploadId};
use crate::finding::checks::{repository, short_upload};
use crate::finding::{Ask, Check, Code, Context, Run, Severity};
use crate::session::{LayerUpload, Session};
use crate::words;

const CODE: Code = Code {
    code: "upload-shared",
    name: "An upload that two share",
    severity: Severity::Warning,
    doc: "An `uploadId` is made for one upload of one repository and is known to the caller who began \
it. Here it stands in two repositories, or two principals used it: somebody took over an upload that \
was not theirs, or records were forged. Pushes are told apart by repository, so neither is mixed up \
with the other.\n\n\
What to do: compare the records with the log's digest files, and ask both callers.",
};

/// The check.
pub(super) const CHECK: Check = Check {
    codes: &[CODE],
    run: Run::Push(run),
};

const HELP: &str = "compare the records with the log's digest files, and ask both callers";

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    let log = context.log;
    let homes = homes(context);
    Box::new(move |index, session, findings| {
        if let Some((upload, (first, second))) = two_callers(context, session) {
            let who = |id: EventId| words::who(log.tables.identities.get(log.event(id).identity));
            let which = upload.upload.map(|upload| short_upload(log, upload));
            let message = format!(
                "upload {} was used by {} and by {}",
                which.unwrap_or_default(),
                who(first),
                who(second)
            );
            let finding = CODE.of(index, vec![second, first], message);
            findings.push(finding.label(format!("by {}", who(second))).help(HELP));
        }
        for upload in &session.uploads {
            let home = upload.upload.and_then(|id| homes.get(&id).copied());
            let (Some(id), Some((other, earlier)), Some(event)) =
                (upload.upload, home, events(upload).next())
            else {
                continue;
            };
            if session.repository.is_some_and(|here| here != other) {
                let message = format!(
                    "upload {} stands in `{}` too",
                    short_upload(log, id),
                    repository(log, Some(other))
                );
                let finding = CODE.of(index, vec![event, earlier], message);
                findings.push(finding.label("the same uploadId").help(HELP));
            }
        }
    })
}

/// Where each upload that stands in two repositories was seen first, and by which event.
fn homes(context: &Context<'_>) -> IdMap<UploadId, (RepositoryId, EventId)> {
    let mut shared = IdSet::default();
    let mut is_seen = vec![false; context.log.tables.uploads.len()];
    for (upload, _) in context.graph.index.uploads() {
        if std::mem::replace(&mut is_seen[upload.index()], true) {
            shared.insert(upload);
        }
    }
    let mut homes = IdMap::default();
    if shared.is_empty() {
        return homes;
    }
    for session in &context.sessions.sessions {
        for upload in &session.uploads {
            if let (Some(id), Some(home), Some(event)) =
                (upload.upload, session.repository, events(upload).next())
                && shared.contains(&id)
            {
                homes.entry(id).or_insert((home, event));
            }
        }
    }
    homes
}

/// The first upload of a push that two principals used, with an event of each.
fn two_callers<'s>(
    context: &Context<'_>,
    session: &'s Session,
) -> Option<(&'s LayerUpload, (EventId, EventId))> {
    let identity = |id: EventId| context.log.event(id).identity;
    session.uploads.iter().find_map(|upload| {
        let one = identity(events(upload).next()?);
        if events(upload).all(|id| identity(id) == one) {
            return None;
        }
        let mut events: Vec<EventId> = events(upload).collect();
        events.sort_unstable();
        Some((upload, two(context, &events)?))
    })
}

/// The first of some events, and the first of them that another principal made.
///
/// An identity without an arn shows too little to tell: it is the form in which another account
/// sees the caller.
fn two(context: &Context<'_>, events: &[EventId]) -> Option<(EventId, EventId)> {
    let log = context.log;
    let shows = |identity: IdentityId| log.tables.identities.get(identity).arn.is_some();
    let mut named = events
        .iter()
        .map(|&id| (id, log.event(id).identity))
        .filter(|&(_, identity)| shows(identity));
    let (first, one) = named.next()?;
    let one = context.sessions.principals.of(one);
    let (second, _) = named.find(|&(_, other)| context.sessions.principals.of(other) != one)?;
    Some((first, second))
}

fn events(upload: &LayerUpload) -> impl Iterator<Item = EventId> {
    let parts = upload.parts.iter();
    let events = upload.initiate.iter().chain(parts).chain(&upload.complete);
    events.copied()
}
