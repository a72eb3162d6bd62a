//! One push by two principals: layers from one, the manifest from the other.

use std::collections::BTreeMap;

use crate::finding::check::{Check, Code, Context, Finding, Runner, Severity};
use crate::session::{IncompleteKind, Session, Status, UploadState};
use crate::words;

const CODE: Code = Code {
    code: "two-principals",
    name: "A push by two principals",
    severity: Severity::Warning,
    doc: "One principal uploaded layers and put no manifest, and another put the manifest that lists \
all of them, without an upload of its own. One hands work to the other, as a build and a release step \
may; or one goes on with what is not its own. The report has two pushes of it, for a push is the run \
of one client.\n\n\
What to do: ask whether the two belong together.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Log(run));

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let (log, sessions) = (context.log, &context.sessions.sessions);
    for (index, session) in sessions.iter().enumerate() {
        let Some(root) = session.root().filter(|_| session.uploads.is_empty()) else {
            continue;
        };
        let principal = context.sessions.principals.of(session.identity);
        let mut used: BTreeMap<usize, usize> = BTreeMap::new();
        for uploader in session.reused.iter().filter_map(|blob| blob.uploaded_by) {
            *used.entry(uploader).or_default() += 1;
        }
        let left = used.into_iter().find(|&(other, n_used)| {
            let other = &sessions[other];
            is_left_at(other, n_used) && context.sessions.principals.of(other.identity) != principal
        });
        let Some((other, _)) = left else { continue };
        let who = |session: &Session| words::who(log.tables.identities.get(session.identity));
        let message = format!(
            "{} put the manifest of layers that {} uploaded in push {}",
            who(session),
            who(&sessions[other]),
            sessions[other].id
        );
        let last = sessions[other].sequence.last().copied();
        let events = [root.event].into_iter().chain(last).collect();
        let finding = CODE.of(index, events, message);
        let finding = finding.label("of another principal's layers");
        findings.push(finding.help("ask whether the two belong together"));
    }
}

/// Whether a push ended before its manifest, after finishing this many uploads.
fn is_left_at(session: &Session, n_uploads: usize) -> bool {
    let finished = session.uploads.iter();
    let finished = finished.filter(|upload| upload.state == UploadState::Complete);
    let left = matches!(
        session.status,
        Status::Incomplete {
            kind: IncompleteKind::NoPutImage,
            ..
        }
    );
    left && finished.count() == n_uploads
}
