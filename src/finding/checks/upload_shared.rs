//! An `uploadId` that stands in two pushes.

use crate::event::{EventId, Id, IdMap, UploadId};
use crate::finding::checks::{n, repository, short_upload};
use crate::finding::{Ask, Check, Code, Context, Run, Severity};
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
pub(super) const CHECK: Check = Check {
    codes: &[CODE],
    run: Run::Push(run),
};

const HELP: &str = "ask both callers, and compare the records with the log's digest files";

/// A push that an upload stands in.
type Holder<'s> = (usize, &'s LayerUpload);

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
            let Some(&(other, theirs)) = of_upload.iter().find(|holder| holder.0 != index) else {
                continue;
            };
            let others = &context.sessions.sessions[other];
            let calls: Vec<EventId> = events(theirs).collect();
            let is_refused =
                |upload: &LayerUpload| events(upload).all(|id| !log.is_benign(log.event(id)));
            let (refused, is_harmless) = match is_refused(theirs) {
                true => (", all refused", true),
                false => ("", is_refused(upload)),
            };
            let which = short_upload(log, id);
            let calls_of = words::count(n(calls.len()), "call");
            let message = format!(
                "upload {which} is also named by {calls_of} of push {}{refused}, {}",
                others.id,
                by(context, session, others)
            );
            let severity = match is_harmless {
                true => Severity::Note,
                false => Severity::Warning,
            };
            let own = events(upload).next();
            let finding = CODE.of(index, own.into_iter().chain(calls).collect(), message);
            findings.push(
                finding
                    .severity(severity)
                    .label("the same uploadId")
                    .help(HELP),
            );
        }
    })
}

/// Who made another push, or where, as far as it differs from one.
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

/// The pushes that each upload of more than one stands in, in order.
///
/// # Complexity
/// O(n) in the uploads.
fn holders<'c>(context: &'c Context<'c>) -> IdMap<UploadId, Vec<Holder<'c>>> {
    let sessions = context.sessions.sessions.iter().enumerate();
    let ids = sessions.flat_map(|(index, session)| {
        let uploads = session.uploads.iter();
        uploads.filter_map(move |upload| Some((upload.upload?, (index, upload))))
    });
    let mut n_pushes = vec![0_u8; context.log.tables.uploads.len()];
    for (id, _) in ids.clone() {
        let n = &mut n_pushes[id.index()];
        *n = n.saturating_add(1);
    }
    let mut holders: IdMap<UploadId, Vec<Holder<'c>>> = IdMap::default();
    for (id, holder) in ids.filter(|(id, _)| n_pushes[id.index()] > 1) {
        holders.entry(id).or_default().push(holder);
    }
    holders
}

fn events(upload: &LayerUpload) -> impl Iterator<Item = EventId> {
    let parts = upload.parts.iter();
    let events = upload.initiate.iter().chain(parts).chain(&upload.complete);
    events.copied()
}
