//! An `uploadId` that occurs in two pushes.

use crate::event::{EventId, Id, IdMap, UploadId};
use crate::finding::check::{Ask, Check, Code, Context, Runner, Severity};
use crate::finding::checks::{n, repository, short_upload};
use crate::session::{LayerUpload, Session};
use crate::words;

const CODE: Code = Code {
    code: "upload-shared",
    name: "An upload that two share",
    severity: Severity::Warning,
    doc: "An `uploadId` is made for one upload of one repository and is known to the caller who began \
it. Here calls of another principal, of another login or in another repository name it: somebody took \
over an upload that was not theirs, or tried to, or records were forged. What each caller did stays in a \
push of its own, so that nobody's calls change whose push the other one is.\n\n\
It is a note where all that the other did was refused, for then it changed nothing.\n\n\
What to do: ask both callers; compare the records with the log's digest files.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Push(run));

const HELP: &str = "ask both callers, and compare the records with the log's digest files";

/// What a push did with an upload that it shares.
struct Holder {
    session: usize,
    n_calls: usize,
    /// The first of the calls.
    named: Vec<EventId>,
    is_refused: bool,
}

/// How many calls of the other push are named, since there may be any number in any number of
/// pushes.
const MOST_NAMED: usize = 8;

fn run<'c>(context: &'c Context<'c>) -> Ask<'c> {
    let log = context.log;
    let holders = holders(context);
    Box::new(move |index, session, findings| {
        if holders.is_empty() {
            return;
        }
        for upload in &session.uploads {
            let shared = upload.upload.and_then(|id| Some((id, holders.get(&id)?)));
            let Some((id, of_upload)) = shared else {
                continue;
            };
            let theirs = of_upload.iter().find(|holder| holder.session != index);
            // Holders are in order of their sessions.
            let own = of_upload.binary_search_by_key(&index, |holder| holder.session);
            let Some((own, theirs)) = own.ok().map(|at| &of_upload[at]).zip(theirs) else {
                continue;
            };
            let others = &context.sessions.sessions[theirs.session];
            let (refused, is_harmless) = match theirs.is_refused {
                true => (", all refused", true),
                false => ("", own.is_refused),
            };
            let which = short_upload(log, id);
            let calls_of = words::count(n(theirs.n_calls), "call");
            let message = format!(
                "upload {which} is also named by {calls_of} of push {}{refused}, {}",
                others.id,
                by(context, session, others)
            );
            let severity = match is_harmless {
                true => Severity::Note,
                false => Severity::Warning,
            };
            let named = own.named.iter().take(1).chain(&theirs.named);
            let finding = CODE.of(index, named.copied().collect(), message);
            findings.push(
                finding
                    .severity(severity)
                    .label("the same uploadId")
                    .help(HELP),
            );
        }
    })
}

/// Who made another push, or where, if this differs from the first.
fn by(context: &Context<'_>, own: &Session, other: &Session) -> String {
    let log = context.log;
    if own.repository != other.repository {
        return format!("in `{}`", repository(log, other.repository));
    }
    let who = words::who(log.tables.identities.get(other.identity));
    let principal = |session: &Session| context.sessions.principals.of(session.identity);
    match principal(own) == principal(other) {
        true => format!("with another login of {who}"),
        false => format!("by {who}"),
    }
}

/// The pushes in which each shared upload occurs, in order.
///
/// # Complexity
/// O(n) in the uploads.
fn holders(context: &Context<'_>) -> IdMap<UploadId, Vec<Holder>> {
    let log = context.log;
    let sessions = context.sessions.sessions.iter().enumerate();
    let ids = sessions.flat_map(|(index, session)| {
        let uploads = session.uploads.iter();
        uploads.filter_map(move |upload| Some((upload.upload?, (index, upload))))
    });
    let mut n_pushes = vec![0_u8; log.tables.uploads.len()];
    for (id, _) in ids.clone() {
        let n = &mut n_pushes[id.index()];
        *n = n.saturating_add(1);
    }
    let mut holders: IdMap<UploadId, Vec<Holder>> = IdMap::default();
    for (id, (session, upload)) in ids.filter(|(id, _)| n_pushes[id.index()] > 1) {
        holders.entry(id).or_default().push(Holder {
            session,
            n_calls: events(upload).count(),
            named: events(upload).take(MOST_NAMED).collect(),
            is_refused: events(upload).all(|id| !log.is_benign(log.event(id))),
        });
    }
    holders
}

fn events(upload: &LayerUpload) -> impl Iterator<Item = EventId> {
    let parts = upload.parts.iter();
    let events = upload.initiate.iter().chain(parts).chain(&upload.complete);
    events.copied()
}
